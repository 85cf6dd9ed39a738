"""Outputs of other stacks, which only the state knows: each is a placeholder, whatever its name."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pulumi


class _AnyOutput(dict[str, Any]):
    """The outputs of another stack: it has one of every name."""

    def __init__(self, stack: str) -> None:
        super().__init__()
        self._stack = stack

    def __missing__(self, name: str) -> str:
        return f"${{stack {self._stack}.{name}}}"

    def get(self, name: str, default: Any = None) -> Any:
        """Return the placeholder of an output."""
        del default
        return self[name]


class _Outputs:
    """Stands in the place of :attr:`pulumi.StackReference.outputs`."""

    def __get__(self, reference: Any, owner: type) -> Any:
        return reference.name.apply(_AnyOutput)

    def __set__(self, reference: Any, value: Any) -> None:
        """Leave what the SDK would fill in: there is no state to read."""


@contextmanager
def stack_outputs_as_placeholders() -> Generator[None]:
    """Let every stack reference in the block have an output of every name, ``${stack org/project/stack.output}``."""
    reference: Any = pulumi.StackReference
    reference.outputs = _Outputs()
    try:
        yield
    finally:
        del reference.outputs
