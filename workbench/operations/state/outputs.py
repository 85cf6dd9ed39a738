"""A stack's outputs that nothing else knows: from the embedded AWS that the project has running, else from Pulumi."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.errors import OperatorError
from workbench.operations.pulumi_command import find_pulumi, run_pulumi
from workbench.words import command


def stack_output(name: str, *, stack: str, root: Path) -> Any:
    """Return one output of a stack, in plain text if it is a secret.

    ``root`` is the project's folder. Where AWS is the embedded one that this project has running, it kept the outputs
    when the stack was brought up; everywhere else, the practice shell of ``sandbox up --engine`` included, the
    state has them, and Pulumi's command line reads it.

    Raises:
        OperatorError: when the stack has not got it, or Pulumi's command line is missing or fails.
    """
    kept = _kept_by_sandbox(stack, root)
    if kept is None:
        return _from_pulumi(name, stack, root)
    if name not in kept:
        raise OperatorError(f"{stack}: the stack has no output {name}")
    return kept[name]


def _kept_by_sandbox(stack: str, root: Path) -> Mapping[str, Any] | None:
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    if endpoint is None:
        return None
    # The module loads Pulumi's SDK, which a command on the real AWS does without.
    from workbench.sandbox.embedded import STATE_FILE, running  # noqa: PLC0415

    aws = running(root / STATE_FILE)
    if aws is None or aws.endpoint_url != endpoint.rstrip("/"):
        return None
    kept = aws.outputs(stack)
    if kept is None:
        raise OperatorError(
            f"{stack}: not up in the embedded AWS at {endpoint}; `{command('sandbox up', stack)}` brings it up"
        )
    return kept


def _from_pulumi(name: str, stack: str, root: Path) -> Any:
    pulumi = find_pulumi()
    if pulumi is None:
        raise OperatorError(
            f"pulumi: not on PATH; the output {name} of {stack} stands in the state, which only Pulumi reads"
        )
    arguments = ["stack", "output", name, "--show-secrets", "--json", "--stack", stack, "--non-interactive"]
    completed = run_pulumi(pulumi, arguments, root)
    if completed.returncode != 0:
        # Of what it says only the error; never its standard output, which is the secret.
        said = [line for line in completed.stderr.splitlines() if line.startswith("error:")]
        reason = said[0].removeprefix("error:").strip() if said else f"it ended with {completed.returncode}"
        raise OperatorError(f"pulumi stack output {name} --stack {stack}: {reason}")
    try:
        return json.loads(completed.stdout)
    except ValueError:
        raise OperatorError(f"pulumi stack output {name} --stack {stack}: it answered with no JSON") from None
