"""How every command ends when Ctrl-C is pressed, or the end of the input, where it asks something."""

import functools
from collections.abc import Callable
from typing import Any

import typer

from workbench.errors import OperationFailedError, OperationInterruptedError

_DRY_RUN = "dry_run"


def telling_interrupts(callback: Callable[..., Any]) -> Callable[..., Any]:
    """Return a command that says in one line that Ctrl-C ended it, where it says nothing better itself."""

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
