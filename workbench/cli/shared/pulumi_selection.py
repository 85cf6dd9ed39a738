"""The stack that Pulumi's own command line has selected."""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError


def selected_in_pulumi(root: Path, project: str) -> str | None:
    """Return the stack that Pulumi would take in a project's folder, without its organisation and project.

    It is that of ``PULUMI_STACK``, else the one that ``pulumi stack select`` chose: Pulumi keeps it below its home in
    ``workspaces/<project>-<SHA-1 of the project file's path>-workspace.json``, since 3.274 for each backend by itself
    (``pkg/workspace/settings.go`` and ``pkg/backend/state/stacks.go`` of pulumi/pulumi).
    """
    if (stack := os.environ.get("PULUMI_STACK")) is not None:
        return _bare(stack)
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    digest = hashlib.sha1(str(root / "Pulumi.yaml").encode(), usedforsecurity=False).hexdigest()
    settings = _json(home / "workspaces" / f"{project}-{digest}-workspace.json")
    by_backend = _mapping(settings.get("stacks"))
    return _bare(by_backend.get(_backend(root, home), "") if by_backend else settings.get("stack", ""))


def _backend(root: Path, home: Path) -> str:
    """Return the address of the current backend, from where Pulumi takes it (``pkg/workspace/creds.go``)."""
    if named := os.environ.get("PULUMI_BACKEND_URL"):
        return named
    try:
        project: Any = YAML(typ="safe", pure=True).load(root / "Pulumi.yaml")  # pyright: ignore[reportUnknownMemberType]
    except (OSError, YAMLError):
        project = None
    own = _mapping(_mapping(project).get("backend")).get("url")
    return str(own or _json(home / "credentials.json").get("current", ""))


def _bare(stack: object) -> str | None:
    return str(stack).rpartition("/")[2] or None


def _json(path: Path) -> Mapping[str, Any]:
    try:
        return _mapping(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError):
        return {}


def _mapping(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}
