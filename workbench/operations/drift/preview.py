"""A preview for which Pulumi's engine reads a stack's resources in AWS first. It takes no lock."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.errors import OperationFailedError
from workbench.operations.pulumi_command import run_pulumi

PREVIEW = ("preview", "--refresh", "--json", "--non-interactive", "--color", "never")
"""What AWS has is read first, into memory: a preview writes no state and takes no lock. Unlike ``pulumi refresh
--preview-only`` it leaves out what the program ignores, as what a service's deploy changes."""


def preview(stack: str, root: Path, pulumi: str) -> Mapping[str, Any]:
    """Return what a preview with a refresh plans.

    Raises:
        OperationFailedError: when Pulumi could not tell, with its own errors.
    """
    ran = run_pulumi(pulumi, [*PREVIEW, "--stack", stack], root)
    document = _parsed(ran.stdout)
    if ran.returncode == 0 and document is not None:
        return document
    said = [one["message"] for one in (document or {}).get("diagnostics") or () if one.get("severity") == "error"]
    lines = [line for text in [*said, ran.stderr] for line in text.splitlines() if line.strip()]
    raise OperationFailedError(
        f"{stack}: pulumi preview ended with {ran.returncode}: whether it drifted is not known",
        *(f"  {line}" for line in lines),
    )


def _parsed(text: str) -> Mapping[str, Any] | None:
    try:
        return json.loads(text)
    except ValueError:
        return None
