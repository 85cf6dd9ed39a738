"""What the image of Caddy is made from, and what the task definition hands to it."""

import json
import re
from pathlib import Path
from typing import Any, cast

from dockerfile_parse import DockerfileParser

from tests.zelly_infra.evaluations import evaluation_of
from tests.zelly_infra.stack_files import ROOT

CONTEXT = ROOT / "images" / "caddy"
CADDYFILE = CONTEXT / "Caddyfile"
TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"


def instructions() -> list[tuple[str, str]]:
    """Return the Dockerfile's instructions with their arguments, in order."""
    parsed = DockerfileParser(str(CONTEXT / "Dockerfile")).structure
    return [(str(line["instruction"]), str(line["value"])) for line in parsed if line["instruction"] != "COMMENT"]


def command() -> list[str]:
    """Return what the image runs."""
    (argument,) = [value for instruction, value in instructions() if instruction == "CMD"]
    return cast("list[str]", json.loads(argument))


def pinned_version() -> str:
    """Return the version of Caddy that the tests run."""
    go_mod = (ROOT / "tools" / "edge" / "caddy" / "go.mod").read_text(encoding="utf-8")
    (version,) = re.findall(r"github.com/caddyserver/caddy/v2 v(\S+)", go_mod)
    return str(version)


def variables(caddyfile: Path = CADDYFILE) -> dict[str, set[str | None]]:
    """Return the environment variables that a Caddyfile reads, with their defaults; None: there is none."""
    found: dict[str, set[str | None]] = {}
    for name, separator, default in re.findall(r"{\$(\w+)(:?)([^}]*)}", caddyfile.read_text(encoding="utf-8")):
        found.setdefault(name, set()).add(default if separator else None)
    return found


def task_container(stack: str) -> dict[str, Any]:
    """Return the container of Caddy as a stack's task definition has it."""
    (container,) = (
        container
        for resource in evaluation_of(stack).of_type(TASK_DEFINITION)
        for container in json.loads(resource.inputs["containerDefinitions"])
        if container["name"] == "caddy"
    )
    return cast("dict[str, Any]", container)
