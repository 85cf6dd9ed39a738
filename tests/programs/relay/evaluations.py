"""Both stacks, evaluated once for all tests of a process, or with values changed."""

import functools
import shutil
import tempfile
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from relay_infra.config import EnvironmentConfig
from relay_infra.program import PROGRAM
from workbench.config.stack_file import StackFile, read_stack_file
from workbench.evaluate import Backend, Evaluation, evaluate_stack

ROOT = Path(__file__).parents[3] / "programs" / "relay"
STACKS = ("production", "preproduction")


@functools.cache
def config_of(stack: str) -> EnvironmentConfig:
    """Return the config of one of the program's stacks."""
    return read_stack_file(PROGRAM, stack, ROOT).environment


@functools.cache
def evaluation_of(stack: str) -> Evaluation:
    """Return the evaluation of one of the program's stacks, with placeholders for what AWS would answer."""
    return evaluated(read_stack_file(PROGRAM, stack, ROOT))


def evaluated(
    file: StackFile[EnvironmentConfig], backend: Backend | None = None, *, main: Path = ROOT / "__main__.py"
) -> Evaluation:
    """Return the evaluation of a stack file."""
    return evaluate_stack(
        main,
        project=PROGRAM.name,
        stack=file.stack,
        config=file.config,
        secret_keys=file.secret_keys,
        backend=backend,
    )


def stack_file_with(folder: Path, stack: str, changes: Mapping[str, Any]) -> StackFile[EnvironmentConfig]:
    """Write one of the program's stack files into a folder, with values at dotted paths changed, and read it.

    The file stands alone there: nothing collides with it.
    """
    document: dict[str, Any] = YAML(typ="safe", pure=True).load((ROOT / f"Pulumi.{stack}.yaml").read_text("utf-8"))  # pyright: ignore[reportUnknownMemberType]
    values = deepcopy(document["config"][PROGRAM.config_key])
    for path, value in changes.items():
        *above, last = path.split(".")
        functools.reduce(lambda section, key: section[key], above, values)[last] = value
    text = folder / f"Pulumi.{stack}.yaml"
    with text.open("w", encoding="utf-8") as stream:
        YAML(typ="safe", pure=True).dump({"config": {PROGRAM.config_key: values}}, stream)  # pyright: ignore[reportUnknownMemberType]
    return read_stack_file(PROGRAM, stack, folder)


def evaluation_with(stack: str, changes: Mapping[str, Any], backend: Backend | None = None) -> Evaluation:
    """Return the evaluation of one of the program's stacks, alone in its project, with some values changed."""
    with tempfile.TemporaryDirectory() as folder:
        file = stack_file_with(Path(folder), stack, changes)
        return evaluated(file, backend, main=Path(shutil.copy(ROOT / "__main__.py", folder)))
