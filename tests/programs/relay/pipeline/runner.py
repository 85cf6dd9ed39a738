"""A runner of recorded pipelines, as Jenkins runs declarative ones: scripts are executed, and all else is noted.

Stages run in order until one fails; ``post`` runs after its stage or pipeline, whatever became of it; an abort ends
what runs and goes on to ``post``.
"""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.programs.relay.pipeline.declarative import label_of
from tests.programs.relay.pipeline.recorded import RELAY, Call, Reference
from tests.support.programs import require_program

_ORDER = ("always", "aborted", "failure", "success")
"""In which the conditions of ``post`` are looked at ("post", Pipeline Syntax)."""


class StageEndedError(Exception):
    """A step failed, or the build was aborted."""

    def __init__(self, result: str) -> None:
        super().__init__(result)
        self.result = result


@dataclass
class Build:
    """One build: where it runs, what a person answers, and what became of it."""

    workspace: Path
    environment: dict[str, str]
    answer: str | None = None
    """Who approves; None: nobody does in time."""
    abort_when: Callable[[], bool] | None = None
    """Aborts the build once this is so, while a script runs."""
    result: str = "SUCCESS"
    stages: list[str] = field(default_factory=list[str])
    """Those that ran."""
    scripts: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """Every script with the label of the agents that it ran on."""
    exit_codes: list[int] = field(default_factory=list[int])
    """Of the scripts that were not aborted."""
    started: list[tuple[str, Mapping[str, str]]] = field(default_factory=list[tuple[str, Mapping[str, str]]])
    """The jobs that it started, with their parameters."""
    said: str = ""
    _begins_at: str | None = None

    def run(self, pipeline: Call) -> "Build":
        """Run a pipeline to its end."""
        try:
            self._stages(pipeline, label_of(pipeline))
        except StageEndedError as ended:
            self.result = ended.result
        self._post(pipeline, None, self.result)
        return self

    def run_from(self, stage: str, pipeline: Call) -> "Build":
        """Run a pipeline whose stages before one have succeeded."""
        self._begins_at = stage
        self.environment["COMMIT"] = self.environment["GIT_COMMIT"]
        return self.run(pipeline)

    def _stages(self, block: Call, label: str | None) -> None:
        for stage in block.the("stages").all("stage"):
            if not self._chosen(stage) or self._passed(stage):
                continue
            own = label_of(stage) or label
            if stage.find("stages") is None:
                self.stages.append(stage.value)
            result = "SUCCESS"
            try:
                if stage.find("stages") is not None:
                    self._stages(stage, own)
                else:
                    self._steps(stage.the("steps").children or (), own)
            except StageEndedError as ended:
                result = ended.result
                raise
            finally:
                self._post(stage, own, result)

    def _chosen(self, stage: Call) -> bool:
        when = stage.find("when")
        return when is None or when.the("branch").value == self.environment["BRANCH_NAME"]

    def _passed(self, stage: Call) -> bool:
        if self._begins_at == stage.value:
            self._begins_at = None
        return self._begins_at is not None and stage.find("stages") is None

    def _post(self, block: Call, label: str | None, result: str) -> None:
        post = block.find("post")
        if post is None:
            return
        met = {"always", {"SUCCESS": "success", "FAILURE": "failure", "ABORTED": "aborted"}[result]}
        for name in _ORDER:
            condition = post.find(name)
            if condition is not None and name in met:
                # It is not aborted again.
                self.abort_when = None
                self._steps(condition.children or (), label)

    def _steps(self, steps: Sequence[Call], label: str | None) -> None:
        for step in steps:
            match step.name:
                case "sh":
                    assert label is not None, f"{step.value}: on no agent"
                    self._script(step.value, label)
                case "node":
                    self._steps(step.children or (), step.value)
                case "script" | "timeout" | "lock":
                    self._steps(step.children or (), label)
                case "=":
                    name, value = step.values
                    self.environment[name.removeprefix("env.")] = self._value(value)
                case "build":
                    parameters = {
                        one.named["name"]: self._value(one.named["value"]) for one in step.named["parameters"]
                    }
                    self.started.append((step.named["job"], parameters))
                case _:
                    assert step.name in {"checkout", "stash", "unstash", "junit", "archiveArtifacts", "milestone"}

    def _value(self, value: Any) -> str:
        if isinstance(value, Call) and value.name == "input":
            if self.answer is None:
                raise StageEndedError("ABORTED")
            return self.answer
        if isinstance(value, Reference):
            return {"checkout.GIT_COMMIT": self.environment.get("GIT_COMMIT", "")}.get(value.name) or self.environment[
                value.name.partition(".")[2]
            ]
        return str(value)

    def _script(self, script: str, label: str) -> None:
        self.scripts.append((script, label))
        bash = require_program("bash", package="bash")
        with (self.workspace / "said").open("ab") as said:
            # As Jenkins' `sh` does: each command shown, and the first that fails ends it.
            process = subprocess.Popen(
                [bash, "-xe", "-c", script],
                cwd=self.workspace,
                env={"RELAY_CI": str(RELAY / "scripts" / "ci"), **self.environment},
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
            aborted = self._waited(process)
        self.said = (self.workspace / "said").read_text()
        if aborted:
            raise StageEndedError("ABORTED")
        self.exit_codes.append(process.returncode)
        if process.returncode != 0:
            raise StageEndedError("FAILURE")

    def _waited(self, process: "subprocess.Popen[bytes]") -> bool:
        """Wait for a script; True if it was ended, with all that it started, as Jenkins does at an abort."""
        if self.abort_when is None:
            process.wait(timeout=60)
            return False
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            if self.abort_when():
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(timeout=10)
                return True
            time.sleep(0.02)
        return False


def lines(said: str) -> list[str]:
    """Return what the scripts said, without the commands that the shell shows."""
    return [line for line in said.splitlines() if not re.match(r"\++ ", line)]
