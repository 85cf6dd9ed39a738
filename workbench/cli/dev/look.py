"""``dev logs | shell | sql``: commands that give the terminal to a container."""

import sys
from typing import Annotated

import typer

from workbench.cli.dev.platform import current_platform
from workbench.cli.shared.app import App
from workbench.operations.local_dev.docker import Compose
from workbench.operations.local_dev.looking import (
    check_containers,
    check_running,
    logs_arguments,
    server_of,
    shell_arguments,
    sql_arguments,
)

app = App()


@app.command()
def logs(
    services: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SERVICE]...", help="Whose; without one, everybody's.", show_default=False),
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    lines: Annotated[
        int | None, typer.Option("--lines", "-n", min=0, metavar="N", help="The newest of each; without it, all.")
    ] = None,
) -> None:
    """Show what services have written, also what has ended."""
    platform, root = current_platform()
    check_containers(platform, services or [])
    Compose.find(platform, root).become(*logs_arguments(services or [], follow=follow, lines=lines))


@app.command()
def shell(service: Annotated[str, typer.Argument(metavar="SERVICE", help="Whose container.")]) -> None:
    """Open a shell in a running container."""
    platform, root = current_platform()
    check_containers(platform, [service])
    compose = Compose.find(platform, root)
    check_running(compose, service)
    compose.become(*shell_arguments(service, has_terminal=sys.stdin.isatty()))


@app.command()
def sql(
    schema: Annotated[
        str | None, typer.Argument(metavar="[SCHEMA]", help="The schema to begin in.", show_default=False)
    ] = None,
) -> None:
    """Open MySQL's client as the applications' user, or give it the statements of standard input."""
    platform, root = current_platform()
    server = server_of(platform, schema)
    compose = Compose.find(platform, root)
    check_running(compose, server.name)
    compose.become(*sql_arguments(server, schema, has_terminal=sys.stdin.isatty()))
