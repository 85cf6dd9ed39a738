"""The service that a command is for."""

from typing import Annotated

import typer

from workbench.cli.shared.program import current_program
from workbench.errors import OperatorError


def _complete_service(incomplete: str) -> list[str]:
    return [name for name in current_program().service_names if name.startswith(incomplete)]


def _known_service(name: str | None) -> str | None:
    known = current_program().service_names
    if name is not None and name not in known:
        raise OperatorError(f"service: {name}; allowed: {', '.join(known)}")
    return name


ServiceArgument = Annotated[
    str,
    typer.Argument(
        metavar="SERVICE",
        help="The service, e.g. api.",
        autocompletion=_complete_service,
        callback=_known_service,
    ),
]
OptionalServiceArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[SERVICE]",
        help="The service, e.g. api; all of them without one.",
        autocompletion=_complete_service,
        callback=_known_service,
    ),
]
