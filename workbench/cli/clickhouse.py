"""``clickhouse init``: SQL files, applied to the analytics database over HTTP."""

import getpass
import socket
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from workbench.aws.secrets_manager.secrets import SecretsManager
from workbench.cli.dev.platform import current_platform
from workbench.cli.shared.acting import DryRunOption, YesOption, approved, report
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, talk
from workbench.cli.shared.environment import open_environment
from workbench.cli.shared.program import current_program
from workbench.cli.shared.stack import StackOption, StoreOption
from workbench.clickhouse.init import init as carry_out
from workbench.clickhouse.init import plan_init
from workbench.clickhouse.ledger import Ledger
from workbench.clickhouse.server import ClickHouseServer, UnreachableError
from workbench.clickhouse.statements import Statement, read_statements
from workbench.errors import OperatorError
from workbench.operations.local_dev.clickhouse import local_clickhouse
from workbench.operations.stores.choice import chosen_store
from workbench.operations.stores.clickhouse.server import clickhouse_server
from workbench.stores import ClickHouseHost
from workbench.words import command

app = App()

_POSITION = "FILE:NUMBER"

DirectoryArgument = Annotated[
    Path,
    typer.Argument(
        metavar="DIR",
        help="The SQL files, e.g. store-events-consumer/docker/clickhouse/init.",
        # The reading of the files refuses them in one line.
        readable=False,
    ),
]


@app.command()
def init(
    directory: DirectoryArgument,
    stack: StackOption = None,
    store: StoreOption = None,
    url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Where it is reached; without it the host's own address, over the VPN."),
    ] = None,
    applied: Annotated[
        list[str] | None,
        typer.Option(metavar=_POSITION, help="A statement that was begun and is known to have been carried out."),
    ] = None,
    again: Annotated[
        list[str] | None,
        typer.Option(metavar=_POSITION, help="A statement that was begun and is known not to have been carried out."),
    ] = None,
    local: Annotated[
        bool, typer.Option("--local", help="To the one on this machine, of `PROGRAM dev up`; nothing is asked of AWS.")
    ] = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Apply the SQL files of a directory in the order of their names, each statement once.

    What was applied stands in a table on the server, so that the command can be run again at any time: after a new
    file was added, and after a failure. Credentials come from Secrets Manager; with --local, from this machine's own
    files.
    """
    statements = read_statements(directory)
    target = _on_this_machine(stack, store, url) if local else _of_a_stack(stack, store, url)
    server = target.server
    operator = f"{getpass.getuser()}@{socket.gethostname()}"
    ledger = Ledger(server, program=current_program().name, operator=operator)
    with _telling_the_way(target):
        plan = plan_init(
            statements,
            server=server,
            ledger=ledger,
            applied=_positions("--applied", applied),
            again=_positions("--again", again),
        )
    question = f"Apply them to ClickHouse of {target.name}?" if plan.pending or plan.settled else None
    if approved(plan, dry_run=dry_run, json=json, yes=yes, question=question):
        result = carry_out(plan, server=server, ledger=ledger, progress=_say_applied)
        lines = [f"ClickHouse of {target.name} is as {directory} wants it: {result['applied']} applied now."]
        report({"stack": target.stack, "url": plan.url, **result}, json=json, lines=lines)


@dataclass(frozen=True, kw_only=True)
class _Target:
    server: ClickHouseServer
    stack: str | None
    way: str
    """How it is reached."""

    @property
    def name(self) -> str:
        return "this machine" if self.stack is None else self.stack


def _of_a_stack(stack: str | None, store: str | None, url: str | None) -> _Target:
    environment = open_environment(stack)
    host = chosen_store(environment.description, ClickHouseHost, store)
    return _Target(
        server=clickhouse_server(host, SecretsManager(environment.aws), url),
        stack=environment.stack,
        way=f"It is reached over the VPN (`{command('vpn config PEER')}`), or with --url through a forwarded port.",
    )


def _on_this_machine(stack: str | None, store: str | None, url: str | None) -> _Target:
    if stack is not None or store is not None:
        raise OperatorError("--local: came --stack or --store, too; allowed: one of them")
    platform, root = current_platform()
    return _Target(
        server=local_clickhouse(platform, root, url),
        stack=None,
        way=f"It is started by `{command('dev up')}`.",
    )


@contextmanager
def _telling_the_way(target: _Target) -> Generator[None]:
    """Add to the error of an unreachable server the ways in which it is reached."""
    try:
        yield
    except UnreachableError as error:
        raise OperatorError(str(error), target.way) from None


def _say_applied(statement: Statement) -> None:
    talk(f"applied {statement.place}")


def _positions(option: str, values: list[str] | None) -> set[tuple[str, int]]:
    positions: set[tuple[str, int]] = set()
    for value in values or ():
        file, _, number = value.rpartition(":")
        if not file or not number.isdigit():
            raise OperatorError(f"{option}: came {value}; allowed: {_POSITION}, e.g. 001_tables.sql:3")
        positions.add((file, int(number)))
    return positions
