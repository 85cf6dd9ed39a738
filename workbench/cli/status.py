"""``status``: an environment on one screen."""

import gc
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.live import Live
from rich.text import Text

from workbench.aws.acm import Acm
from workbench.aws.cloudwatch import CloudWatch
from workbench.aws.ec2.instances import Ec2
from workbench.aws.elastic_load_balancing import ElasticLoadBalancing
from workbench.aws.shared.wrappers import Wrappers
from workbench.cli.backup import backup_bucket
from workbench.cli.release.place import release_host
from workbench.cli.service.rollout import rollout_aws
from workbench.cli.shared.app import App
from workbench.cli.shared.console import (
    INTERRUPTED,
    JsonOption,
    data_console,
    print_json,
    print_json_line,
    report_columns,
    talk,
)
from workbench.cli.shared.environment import Environment, open_environment
from workbench.cli.shared.stack import StackOption
from workbench.errors import OperatorError
from workbench.operations.deploys.environment import deployed_services
from workbench.operations.status.facts import StatusAws, read_facts
from workbench.operations.status.rows import screen

if TYPE_CHECKING:
    from workbench.operations.status.screen import Screen

app = App()


_DEFAULT_INTERVAL_SECONDS = 10.0
_SHORTEST_INTERVAL_SECONDS = 2.0
"""Each reading takes some fifty calls, and everybody's calls in an account share its rates."""

_STYLES = {"ok": "green", "changing": "yellow", "broken": "bold red", "unread": "magenta"}
"""Beside the words, which say the same."""


@app.command()
def status(
    stack: StackOption = None,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Again and again, until Ctrl-C.")] = False,
    interval: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            min=_SHORTEST_INTERVAL_SECONDS,
            help=f"With --watch: how long to wait in between; without it {_DEFAULT_INTERVAL_SECONDS:g}.",
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Show how everything stands: services, balancers, stores, hosts, certificates, alarms.

    It exits with 1 when something is broken or could not be read. What is changing by itself, as a rollout or a backup
    does, is well. It reads with some fifty calls, none of which changes anything.
    """
    if interval is not None and not watch:
        raise OperatorError(f"--interval: came {interval:g} without --watch; allowed: both")
    environment = open_environment(stack)
    aws = status_aws(environment)
    if watch:
        _watch(environment, aws, seconds=interval or _DEFAULT_INTERVAL_SECONDS, json=json)
        return
    screen = _read(environment, aws)
    if json:
        print_json(screen.document())
    else:
        _print(screen)
    if not screen.is_well:
        raise typer.Exit(1)


def status_aws(environment: Environment) -> StatusAws:
    """Return the AWS wrappers that an environment is read with."""
    connection = environment.aws
    return StatusAws(
        rollouts=rollout_aws(environment),
        balancers=ElasticLoadBalancing(connection),
        ec2=Ec2(connection),
        acm=Acm(connection),
        cloudwatch=CloudWatch(connection),
        releases=None if environment.description.releases is None else release_host(environment),
        backups=None if environment.description.backups is None else backup_bucket(environment),
        stores=Wrappers(connection),
    )


def _read(environment: Environment, aws: StatusAws) -> "Screen":
    description, services = environment.description, deployed_services(environment.program, environment.description)
    facts = read_facts(description, services, aws)
    units = [unit.name for unit in environment.program.units]
    return screen(description, services, facts, at=datetime.now(UTC), units=units)


def _watch(environment: Environment, aws: StatusAws, *, seconds: float, json: bool) -> None:
    # What a short command does without is needed by one that stays for hours.
    gc.freeze()
    gc.enable()
    console = data_console()
    try:
        if json or not console.is_terminal:
            _watch_lines(environment, aws, seconds=seconds, json=json)
        else:
            _watch_live(environment, aws, seconds=seconds)
    except KeyboardInterrupt:
        # The terminal shows ^C; the rest of the line is left to it.
        talk("")
        raise typer.Exit(INTERRUPTED) from None


def _watch_lines(environment: Environment, aws: StatusAws, *, seconds: float, json: bool) -> None:
    """Print what was read once per interval: one JSON object a line, or a screen and an empty line."""
    while True:
        screen = _read(environment, aws)
        if json:
            print_json_line(screen.document())
        else:
            _print(screen)
            typer.echo("")
        time.sleep(seconds)


def _watch_live(environment: Environment, aws: StatusAws, *, seconds: float) -> None:
    # On a screen of its own: it is drawn over itself, and what stood on the terminal comes back afterwards.
    with Live(console=data_console(), screen=True, auto_refresh=False) as live:
        while True:
            live.update(_text(_read(environment, aws)), refresh=True)
            time.sleep(seconds)


def _print(screen: "Screen") -> None:
    data_console().print(_text(screen))


def _text(screen: "Screen") -> Text:
    text = Text(no_wrap=True, overflow="ellipsis")
    lines = screen.lines(report_columns())
    for position, (line, state) in enumerate(lines):
        if state is None:
            text.append(line, style="bold")
        else:
            before, word, after = line.partition(state.value)
            text.append(before).append(word, style=_STYLES[state.value]).append(after)
        if position < len(lines) - 1:
            text.append("\n")
    return text
