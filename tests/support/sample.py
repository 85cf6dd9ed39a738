"""The sample program: its folder, its stacks evaluated once, and commands that are for it."""

import functools
import importlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from sample_infra.config import EnvironmentConfig
from sample_infra.program import PROGRAM
from tests.support.changed_values import with_changes
from workbench.cli.shared import program as current
from workbench.config import stack_file
from workbench.config.stack_file import StackFile
from workbench.evaluate import Backend, Evaluation, evaluate_stack
from workbench.names import Names
from workbench.program import Description

ROOT = Path(__file__).parents[2]
"""The repository's."""
FOLDER = ROOT / "tests" / "workbench" / "sample_program"
OWNER, OTHER = "live", "trial"
"""The stack that owns what the account has once, protected, and the one that looks it up."""
STACKS = (OWNER, OTHER)
REGIONS = {OWNER: "ap-south-1", OTHER: "eu-west-1"}

_ENTRY_POINT = f"{PROGRAM.name} = {PROGRAM.module}:PROGRAM"
_GROUP = "workbench.programs"
_OF_THE_PROGRAM = ("workbench.cli.secrets.changes", "workbench.cli.main")
"""Modules that say something of the current program when they are imported: an example, the program's own nouns."""


def environment_of(stack: str) -> dict[str, Any]:
    """Return the structured key of a stack file, the caller's own to change."""
    document: Any = YAML(typ="safe", pure=True).load(FOLDER / f"Pulumi.{stack}.yaml")  # pyright: ignore[reportUnknownMemberType]
    return document["config"][PROGRAM.config_key]


def write_stack_file(folder: Path, stack: str, environment: object) -> Path:
    """Write a stack file whose structured key is ``environment``; in JSON, which is YAML too."""
    path = folder / f"Pulumi.{stack}.yaml"
    path.write_text(json.dumps({"config": {PROGRAM.config_key: environment}}))
    return path


def read_stack_file(stack: str, folder: Path = FOLDER) -> StackFile[EnvironmentConfig]:
    return stack_file.read_stack_file(PROGRAM, stack, folder)


def names_of(stack: str) -> Names:
    return PROGRAM.names(stack)


def blue_green(stack: str) -> dict[str, Any]:
    """Return a stack's structured key with the service behind the balancer deployed blue/green."""
    return with_changes(
        environment_of(stack), {"web_deployment/strategy": "blue_green", "web_deployment/bake_minutes": 5}
    )


@functools.cache
def description_of(stack: str) -> Description:
    return read_stack_file(stack).description


@functools.cache
def evaluation_of(stack: str) -> Evaluation:
    """Return the evaluation of a stack, with placeholders for what AWS would answer."""
    return evaluated(read_stack_file(stack))


def evaluation_with(stack: str, changes: Mapping[str, Any], backend: Backend | None = None) -> Evaluation:
    """Return the evaluation of a stack, alone in its project, with some values changed."""
    with tempfile.TemporaryDirectory() as folder:
        write_stack_file(Path(folder), stack, with_changes(environment_of(stack), changes))
        shutil.copy(FOLDER / "__main__.py", folder)
        return evaluated(read_stack_file(stack, Path(folder)), backend)


def evaluated(file: StackFile[EnvironmentConfig], backend: Backend | None = None) -> Evaluation:
    return evaluate_stack(
        file.path.parent / "__main__.py",
        project=PROGRAM.name,
        stack=file.stack,
        config=file.config,
        secret_keys=file.secret_keys,
        backend=backend,
    )


def copy_project(folder: Path) -> None:
    """Copy what a command reads of the project; the program's package is imported from where it is."""
    for path in (*FOLDER.glob("Pulumi*.yaml"), FOLDER / "__main__.py"):
        shutil.copy(path, folder)
    shutil.copytree(FOLDER / "usage", folder / "usage")


def installed(folder: Path) -> dict[str, str]:
    """Install the program's command in a folder, and return the variables with which other processes find it."""
    site = folder / f"{PROGRAM.name}-1.dist-info"
    site.mkdir(parents=True)
    (site / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {PROGRAM.name}\nVersion: 1\n")
    (site / "entry_points.txt").write_text(f"[{_GROUP}]\n{_ENTRY_POINT}\n")
    script = folder / PROGRAM.name
    script.write_text(f"#!{sys.executable}\nfrom workbench.cli.main import main\n\nmain()\n")
    script.chmod(0o755)
    path = os.pathsep.join([str(folder), os.environ["PATH"]])
    return {"PYTHONPATH": os.pathsep.join([str(folder), str(FOLDER)]), "PATH": path}


@contextmanager
def as_current_program() -> Generator[None]:
    """Let the commands that are run in this process be the sample program's, by the word that all tests type."""
    with pytest.MonkeyPatch.context() as patch:
        name, _, value = _ENTRY_POINT.partition(" = ")
        point = EntryPoint(name=name, value=value, group=_GROUP)

        def entry_points(group: str) -> list[EntryPoint]:
            return [point] if group == _GROUP else []

        patch.setattr(current, "entry_points", entry_points)
        _anew()
        yield
    _anew()


def _anew() -> None:
    current.installed.cache_clear()
    for name in _OF_THE_PROGRAM:
        if name in sys.modules:
            importlib.reload(sys.modules[name])
