"""Import hook for the AWS SDK: a service's modules are loaded when a program asks for what they hold.

``pulumi_aws.ec2`` imports its two hundred resources when the first one is asked for. In a short-lived command that is
most of the memory (40 MiB for the platform's services) and a third of the time, so here a service's package loads a
resource's module when the resource is asked for. What is found is the SDK's own, under its own names; it is only loaded
later.
"""

import functools
import importlib
import importlib.abc
import importlib.machinery
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

_SDK = "pulumi_aws"
_NOT_OF_RESOURCES = frozenset({f"{_SDK}.config"})
"""The provider's settings: a package that is more than the sum of its modules."""


def load_sdk_on_demand() -> None:
    """Make the SDK's service packages that are not loaded yet load their modules on demand, in this process."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


@functools.cache
def exported_names(folder: Path) -> Mapping[str, str]:
    """Return the names that a service's package exports, each with the module whose ``__all__`` has it."""
    return {name: path.stem for path in sorted(folder.glob("*.py")) for name in _all_of(path)}


def _all_of(path: Path) -> Sequence[str]:
    """Return a module's ``__all__`` without running it; none for ``outputs``, which the package exports as a module."""
    lines: list[str] = []
    if path.stem in {"__init__", "outputs"}:
        return []
    with path.open(encoding="utf-8") as source:
        for line in source:
            if lines or line.startswith("__all__ = ["):
                lines.append(line)
                if line.rstrip().endswith("]"):
                    # Not ast.literal_eval: Python 3.11 refuses it when a finalizer that reports an exception happens to
                    # run inside (SystemError, "AST constructor recursion depth mismatch").
                    return re.findall(r"""["'](\w+)["']""", "".join(lines))
    return []


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.rpartition(".")[0] != _SDK or fullname in _NOT_OF_RESOURCES:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.submodule_search_locations:
            spec.loader = _Loader(Path(spec.submodule_search_locations[0]))
        return spec


class _Loader(importlib.abc.Loader):
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def exec_module(self, module: ModuleType) -> None:
        def load(name: str) -> Any:
            defined_in = exported_names(self._folder).get(name)
            if defined_in is None:
                raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")
            loaded = importlib.import_module(f"{module.__name__}.{defined_in}")
            # Importing get_vpc puts the module of that name in the place of its function.
            for exported in {name, defined_in} & exported_names(self._folder).keys():
                setattr(module, exported, getattr(loaded, exported))
            return getattr(loaded, name)

        # What Python asks when a module has no such name yet (PEP 562).
        module.__getattr__ = load
