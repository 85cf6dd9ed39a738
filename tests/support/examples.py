"""The examples in the components' docstrings, as programs that run."""

import inspect
import textwrap
from collections.abc import Callable


def example_program(component: type) -> Callable[[], None]:
    """Return the code below ``Example::`` in a component's docstring as a program for ``evaluate``."""
    _, found, code = (inspect.getdoc(component) or "").partition("Example::\n")
    assert found, f"{component.__name__} has no example"

    def program() -> None:
        exec(textwrap.dedent(code), {})  # noqa: S102 (the code is this repository's own documentation)

    return program
