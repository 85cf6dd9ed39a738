"""How every command ends when Ctrl-C is pressed, or the end of the input, where it asks something."""

import functools
from collections.abc import Callable
from typing import Any

import typer

from workbench.errors import OperationFailedError, OperationInterruptedError

_DRY_RUN = "dry_run"


def tell_interrupts(app: typer.Typer) -> None:
    """Let every command of an app say in one line that Ctrl-C ended it, where it says nothing better itself."""
    for command in app.registered_commands:
        if command.callback is not None:
            command.callback = _telling(command.callback)
    for group in app.registered_groups:
        if group.typer_instance is not None:
            tell_interrupts(group.typer_instance)


def _telling(callback: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(callback)
    def command(**given: Any) -> Any:
        try:
            return callback(**given)
        except KeyboardInterrupt:
            acts = given.get(_DRY_RUN) is False
            left = "; what was done until then stays, and --dry-run shows what is left" if acts else ""
            raise OperationInterruptedError(f"Interrupted{left}.") from None
        except typer.Abort as abort:
            # Of a prompt: all of them come before anything is done.
            if isinstance(abort.__context__, KeyboardInterrupt):
                raise OperationInterruptedError("Interrupted; nothing was done.") from None
            raise OperationFailedError("Nothing was done.") from None

    return command
