"""One grammar for the stack: an option of every command, and an argument wherever nothing else is one."""

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any, get_args

import typer
from typer.models import ArgumentInfo

from workbench.cli.shared.console import complete_stack
from workbench.errors import OperatorError

_OPTION = "stack"
_ARGUMENT = "stack_argument"

StackArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="STACK",
        help="The stack, as --stack names it.",
        autocompletion=complete_stack,
        show_default=False,
    ),
]


def one_stack(argument: str | None, option: str | None) -> str | None:
    """Return the stack that was named, in either way.

    Raises:
        OperatorError: when both ways name one, and not the same.
    """
    if argument and option and argument != option:
        raise OperatorError(f"stack: came {argument} and --stack {option}; allowed: one of them")
    return argument or option


def accepting_a_stack(callback: Callable[..., Any]) -> Callable[..., Any]:
    """Return a command that takes its stack as its argument too, if it has the option ``--stack`` and no argument.

    Beside another argument the word would be ambiguous: ``service status staging`` could name a service.
    """
    signature = inspect.signature(callback)
    parameters = signature.parameters
    if _OPTION not in parameters or any(_is_argument(parameter) for parameter in parameters.values()):
        return callback

    @functools.wraps(callback)
    def command(**given: Any) -> Any:
        given[_OPTION] = one_stack(given.pop(_ARGUMENT), given[_OPTION])
        return callback(**given)

    argument = inspect.Parameter(_ARGUMENT, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=StackArgument)
    setattr(command, "__signature__", signature.replace(parameters=_with(parameters, argument)))  # noqa: B010
    command.__annotations__ = {**callback.__annotations__, _ARGUMENT: StackArgument}
    return command


def _with(parameters: Any, argument: inspect.Parameter) -> list[inspect.Parameter]:
    keyword_only = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in parameters.values()]
    return [argument, *keyword_only]


def _is_argument(parameter: inspect.Parameter) -> bool:
    return any(isinstance(part, ArgumentInfo) for part in get_args(parameter.annotation))
