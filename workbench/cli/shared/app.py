"""The class of all modules' commands."""

from collections.abc import Callable
from typing import Any, TypeVar

import typer

from workbench.cli.shared.interrupted import telling_interrupts
from workbench.cli.shared.stack_argument import accepting_a_stack

Command = TypeVar("Command", bound=Callable[..., Any])


class App(typer.Typer):
    """Commands that take their stack as an argument, if they have no other, and answer Ctrl-C with one line."""

    def __init__(self) -> None:
        super().__init__(rich_markup_mode="markdown")

    def command(self, name: str | None = None, **given: Any) -> Callable[[Command], Command]:
        """Register a function as a command. The function itself stays unchanged."""
        register = super().command(name, **given)

        def registered(function: Command) -> Command:
            register(telling_interrupts(accepting_a_stack(function)))
            return function

        return registered
