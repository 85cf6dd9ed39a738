"""The commands of a module, made as every command is."""

from collections.abc import Callable
from typing import Any, TypeVar

import typer

from workbench.cli.shared.interrupted import telling_interrupts
from workbench.cli.shared.stack_argument import accepting_a_stack

Command = TypeVar("Command", bound=Callable[..., Any])


class App(typer.Typer):
    """Commands that take their stack as an argument, where they have no other, and say in a line that Ctrl-C came."""

    def __init__(self) -> None:
        super().__init__(rich_markup_mode="markdown")

    def command(self, name: str | None = None, **given: Any) -> Callable[[Command], Command]:
        """Register a function as a command; the function itself stays as it is."""
        register = super().command(name, **given)

        def registered(function: Command) -> Command:
            register(telling_interrupts(accepting_a_stack(function)))
            return function

        return registered
