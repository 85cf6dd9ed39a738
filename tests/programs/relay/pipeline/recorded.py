"""The pipelines and jobs, recorded by Jenkins' own Groovy: one start of Java for all of them."""

import functools
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from tests.support.programs import require_program, unavailable

ROOT = Path(__file__).parents[4]
RELAY = ROOT / "programs" / "relay"
JENKINS = RELAY / "jenkins"
JENKINSFILE = RELAY / "Jenkinsfile"
PROMOTION = JENKINS / "jobs" / "promotion.Jenkinsfile"
JOBS = JENKINS / "jobs" / "jobs.groovy"
LABELS = JENKINS / "init" / "labels.groovy"

_GROOVY = ROOT / ".engine" / "groovy"
_HERE = Path(__file__).parent
REPOSITORY = "relay-example/relay"

MISTAKEN: Mapping[str, str] = {
    "a bracket": "pipeline {\n    agent none\n    stages {\n        stage('Build' {\n        }\n    }\n}\n",
    "one line": "pipeline {\n    stages {\n        stage('a') { agent { label 'x' } steps { sh 'y' } }\n    }\n}\n",
}
"""Pipelines with a mistake, recorded along."""


@dataclass(frozen=True)
class Call:
    """One call of a pipeline: a block, an option or a step."""

    name: str
    named: Mapping[str, Any]
    values: Sequence[Any]
    children: "tuple[Call, ...] | None"

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Call":
        children = document.get("children")
        return cls(
            document["name"],
            {name: _argument(value) for name, value in document["named"].items()},
            [_argument(value) for value in document["values"]],
            None if children is None else tuple(map(cls.of, children)),
        )

    @property
    def value(self) -> Any:
        """The only argument."""
        (value,) = self.values
        return value

    def all(self, name: str) -> "list[Call]":
        """Return the calls of a name that stand directly in this block."""
        return [child for child in self.children or () if child.name == name]

    def the(self, name: str) -> "Call":
        """Return the one call of a name in this block."""
        (found,) = self.all(name)
        return found

    def find(self, name: str) -> "Call | None":
        """Return the call of a name in this block, if there is one."""
        return next(iter(self.all(name)), None)

    def walk(self) -> "Iterator[Call]":
        """Yield this call and everything in it, arguments too."""
        yield self
        for inner in (*self.named.values(), *self.values, *(self.children or ())):
            many = cast(list[Any], inner) if isinstance(inner, list) else [inner]
            for one in many:
                if isinstance(one, Call):
                    yield from one.walk()


@dataclass(frozen=True)
class Reference:
    """What a pipeline refers to by name, and only a build knows."""

    name: str


def _argument(value: Any) -> Any:
    if isinstance(value, list):
        return [_argument(each) for each in cast(list[Any], value)]
    if isinstance(value, dict):
        document = cast(dict[str, Any], value)
        if "reference" in document:
            return Reference(document["reference"])
        if document.keys() >= {"name", "named", "values"}:
            return Call.of(document)
    return cast(Any, value)


def groovy(script: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
    """Run a Groovy script and return what it prints."""
    java = require_program("java", package="openjdk-17-jre-headless")
    if not (_GROOVY / "fetched-from").exists():
        unavailable("Groovy is not there (make groovy, which needs Java and Maven)")
    (jar,) = _GROOVY.glob("groovy-all-*.jar")
    # One short run: without the second compiler and without threads that collect garbage it takes half the time.
    quick = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"]
    ran = subprocess.run(
        [java, *quick, "-cp", str(jar), "groovy.ui.GroovyMain", str(script), *arguments],
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@functools.cache
def _everything() -> Mapping[str, Mapping[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        mistaken = {name: Path(folder) / f"mistaken{number}.groovy" for number, name in enumerate(MISTAKEN)}
        for name, path in mistaken.items():
            path.write_text(MISTAKEN[name], encoding="utf-8")
        paths = {"pipeline": JENKINSFILE, "promotion": PROMOTION, "jobs": JOBS, **mistaken}
        said = groovy(
            _HERE / "record.groovy",
            *map(str, paths.values()),
            environment={"JOBS_FOLDER": str(JOBS.parent), "GITHUB_REPOSITORY": REPOSITORY},
        )
        recorded = json.loads(said)
        return {name: recorded[str(path)] for name, path in paths.items()}


def calls(name: str) -> tuple[Call, ...]:
    """Return what one of the files calls: ``pipeline``, ``promotion`` or ``jobs``."""
    recorded = _everything()[name]
    assert "mistake" not in recorded, f"{name}: {recorded['mistake']}"
    return tuple(map(Call.of, recorded["calls"]))


def pipeline(name: str) -> Call:
    """Return the one block of a pipeline."""
    (found,) = calls(name)
    assert found.name == "pipeline"
    return found


def mistake(name: str) -> Mapping[str, Any]:
    """Return where the mistake of a mistaken pipeline is."""
    return _everything()[name]["mistake"]


def stages(block: Call) -> Iterator[Call]:
    """Yield the stages that do something, in order; those that only hold others stand for them."""
    for stage in block.the("stages").all("stage"):
        if stage.find("stages") is not None:
            yield from stages(stage)
        else:
            yield stage
