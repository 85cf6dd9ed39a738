"""The container that a command is for."""

from collections.abc import Sequence
from typing import Annotated

import typer

from workbench.cli.shared.program import current_program
from workbench.errors import OperatorError


def _complete_container(context: typer.Context, incomplete: str) -> list[str]:
    names = containers_of(str(context.params.get("service") or ""))
    return [name for name in names if name.startswith(incomplete)]


ContainerOption = Annotated[
    str | None,
    typer.Option(
        metavar="CONTAINER",
        help="The container; may be left out where the service has only one.",
        autocompletion=_complete_container,
    ),
]


def containers_of(service: str) -> tuple[str, ...]:
    """Return the names of a service's containers; none for a service that is not in the catalog."""
    return tuple(
        container.name
        for entry in current_program().services
        if entry.name == service
        for container in entry.containers
    )


def chosen_container(service: str, container: str | None, allowed: Sequence[str] | None = None) -> str:
    """Return the container that was named, or a service's only one.

    ``allowed`` limits the choice; without it, all containers of the service are allowed.

    Raises:
        OperatorError: when none of several was named, or one that is not allowed.
    """
    names = containers_of(service) if allowed is None else allowed
    if container is None and len(names) == 1:
        return names[0]
    if container is None or container not in names:
        raise OperatorError(
            f"--container: {'missing' if container is None else f'came {container}'}; "
            f"allowed for {service}: {', '.join(names)}"
        )
    return container
