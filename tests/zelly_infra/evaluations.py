"""Both stacks, evaluated once for all tests of a process, or with values changed."""

import functools
import shutil
import tempfile
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from tests.zelly_infra.stack_files import ROOT, environment_of, with_changes, write_stack_file
from workbench.config.stack_file import StackFile
from workbench.evaluate import Backend, Evaluation, evaluate_stack
from zelly_infra.config import EnvironmentConfig
from zelly_infra.stack_file import PROJECT, read_stack_file

STACKS = ("production", "staging")


@functools.cache
def config_of(stack: str) -> EnvironmentConfig:
    """Return the config of one of the repository's stacks."""
    return read_stack_file(stack, ROOT).environment


@functools.cache
def evaluation_of(stack: str) -> Evaluation:
    """Return the evaluation of one of the repository's stacks, with placeholders for what AWS would answer."""
    return evaluated(read_stack_file(stack, ROOT))


def evaluated(
    file: StackFile[EnvironmentConfig],
    backend: Backend | None = None,
    *,
    config: Mapping[str, str] | None = None,
    main: Path = ROOT / "__main__.py",
) -> Evaluation:
    """Return the evaluation of a stack file, with ``config`` in the place of the file's."""
    return evaluate_stack(
        main,
        project=PROJECT,
        stack=file.stack,
        config=file.config if config is None else config,
        secret_keys=file.secret_keys,
        backend=backend,
    )


def evaluation_with(stack: str, changes: Mapping[str, Any], backend: Backend | None = None) -> Evaluation:
    """Return the evaluation of one of the repository's stacks, alone in its project, with some values changed."""
    with tempfile.TemporaryDirectory() as folder:
        write_stack_file(Path(folder), stack, with_changes(deepcopy(environment_of(stack)), changes))
        file = read_stack_file(stack, Path(folder))
        return evaluated(file, backend, main=Path(shutil.copy(ROOT / "__main__.py", folder)))
