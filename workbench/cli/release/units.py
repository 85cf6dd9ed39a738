"""``service list`` and ``logs`` of services under systemd."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from workbench.aws.logs.events import LogLine, Logs
from workbench.cli.release.place import UnitArgument, release_target
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, data_console, print_json, print_json_line, talk
from workbench.cli.shared.durations import parse_duration
from workbench.cli.shared.environment import open_environment
from workbench.cli.shared.following import FollowOption, JsonLinesOption, show_lines
from workbench.cli.shared.program import current_program
from workbench.cli.shared.stack import StackOption
from workbench.operations.tasks.log_lines import LogReader, LogSelection
from workbench.operations.times import utc

app = App()


@app.command("list")
def list_services(json: JsonOption = False) -> None:
    """List the services: their units, ports and languages, and the waves in which they start. Nothing asks AWS."""
    units = current_program().units
    if json:
        rows = [
            {"name": each.name, "unit": each.unit, "port": each.port, "language": each.language, "wave": each.wave}
            for each in units
        ]
        print_json({"services": rows})
        return
    table = Table("service", "unit", "port", "language", "wave", box=None)
    for each in units:
        table.add_row(each.name, each.unit, str(each.port), each.language, str(each.wave))
    data_console().print(table)


@app.command()
def logs(
    service: UnitArgument,
    since: Annotated[str, typer.Option(metavar="DURATION", help="How far back, e.g. 90s, 15m, 2h, 1d.")] = "15m",
    follow: FollowOption = False,
    pattern: Annotated[
        str,
        typer.Option("--filter", metavar="PATTERN", help="A filter pattern of CloudWatch Logs, e.g. '?ERROR ?WARN'."),
    ] = "",
    stack: StackOption = None,
    json: JsonLinesOption = False,
) -> None:
    """Print what a service logged, the newest last."""
    begin = datetime.now(UTC) - parse_duration("--since", since)
    environment = open_environment(stack)
    selection = LogSelection(
        group=release_target(environment).log_group, stream_prefixes=(f"{service}/",), pattern=pattern
    )
    reader = LogReader(Logs(environment.aws), selection, since=begin)

    def show(line: LogLine) -> None:
        if json:
            time = line.time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            print_json_line({"time": time, "service": service, "message": line.message})
        else:
            typer.echo(f"{utc(line.time)} {line.message}")

    if not show_lines(reader.new_lines, show, follow=follow):
        talk(f"No such line of {service} since {utc(begin)}.")
