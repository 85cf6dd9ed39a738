"""The examples in the components' docstrings, as programs that run."""

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from workbench.evaluate import evaluate
from zelly_components.base import Component
from zelly_components.package.descriptions import example


def example_program(component: type) -> Callable[[], None]:
    """Return the code below ``Example::`` in a component's docstring as a program for ``evaluate``."""
    code = example(component)
    assert code, f"{component.__name__} has no example"

    def program() -> None:
        exec(code, {})  # noqa: S102 (the code is this repository's own documentation)

    return program


def constructed_by_example(component: type[Component]) -> tuple[str, Any]:
    """Run a component's example, and return the name and the arguments that its first one is constructed with."""
    given: list[tuple[str, Any]] = []
    # Every component's constructor also takes arguments, which the base class knows nothing of.
    constructor: Callable[..., None] = component.__init__

    def construct(self: Any, name: str, args: Any, opts: pulumi.ResourceOptions | None = None) -> None:
        given.append((name, args))
        constructor(self, name, args, opts)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(component, "__init__", construct)
        evaluate(example_program(component))
    return given[0]
