"""A program below ``programs/``: its stacks, evaluated once for all tests of a process, or with values changed."""

import functools
import shutil
import tempfile
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from ruamel.yaml import YAML

from workbench.config.stack_file import StackFile, read_stack_file
from workbench.evaluate import Backend, Evaluation, evaluate_stack
from workbench.program import Program

Config = TypeVar("Config", bound=Any)


# By identity: each program has one, whose evaluations are kept.
@dataclass(frozen=True, kw_only=True, eq=False)
class Project(Generic[Config]):
    """A program and its folder."""

    program: Program[Config]

    @property
    def root(self) -> Path:
        """The folder of its ``Pulumi.yaml``."""
        return Path(__file__).parents[2] / "programs" / self.program.name

    @functools.cache  # noqa: B019 (as long as the process)
    def config_of(self, stack: str) -> Config:
        """Return the config of one of the program's stacks."""
        return read_stack_file(self.program, stack, self.root).environment

    @functools.cache  # noqa: B019 (as above)
    def evaluation_of(self, stack: str) -> Evaluation:
        """Return the evaluation of one of the program's stacks, with placeholders for what AWS would answer."""
        return self.evaluated(read_stack_file(self.program, stack, self.root))

    def evaluated(
        self, file: StackFile[Config], backend: Backend | None = None, *, main: Path | None = None
    ) -> Evaluation:
        """Return the evaluation of a stack file."""
        return evaluate_stack(
            main or self.root / "__main__.py",
            project=self.program.name,
            stack=file.stack,
            config=file.config,
            secret_keys=file.secret_keys,
            backend=backend,
        )

    def stack_file_with(self, folder: Path, stack: str, changes: Mapping[str, Any]) -> StackFile[Config]:
        """Write one of the program's stack files into a folder, with values at dotted paths changed, and read it.

        The file stands alone there: nothing collides with it.
        """
        text = (self.root / f"Pulumi.{stack}.yaml").read_text("utf-8")
        document: dict[str, Any] = YAML(typ="safe", pure=True).load(text)  # pyright: ignore[reportUnknownMemberType]
        values = deepcopy(document["config"][self.program.config_key])
        for path, value in changes.items():
            *above, last = path.split(".")
            functools.reduce(lambda section, key: section[key], above, values)[last] = value
        with (folder / f"Pulumi.{stack}.yaml").open("w", encoding="utf-8") as stream:
            YAML(typ="safe", pure=True).dump({"config": {self.program.config_key: values}}, stream)  # pyright: ignore[reportUnknownMemberType]
        return read_stack_file(self.program, stack, folder)

    def evaluation_with(self, stack: str, changes: Mapping[str, Any], backend: Backend | None = None) -> Evaluation:
        """Return the evaluation of one of the program's stacks, alone in its project, with some values changed."""
        with tempfile.TemporaryDirectory() as folder:
            file = self.stack_file_with(Path(folder), stack, changes)
            return self.evaluated(file, backend, main=Path(shutil.copy(self.root / "__main__.py", folder)))
