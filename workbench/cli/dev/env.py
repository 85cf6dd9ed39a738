"""``dev env``: this machine's values of environment variables."""

from typing import Annotated

import typer

from workbench.cli.dev.platform import current_platform
from workbench.cli.shared.acting import DryRunOption, approved, report
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption
from workbench.counting import counted
from workbench.local_dev.model import APPLICATIONS, FOLDER
from workbench.operations.local_dev.chosen import choose, host_address
from workbench.operations.local_dev.environment_files import plan_environment, write_environment, write_for_host

app = App()


@app.command()
def env(
    service: Annotated[
        str | None,
        typer.Argument(
            metavar="[SERVICE]",
            help="Also write its variables as they are outside of a container, and say where.",
            show_default=False,
        ),
    ] = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Make the files of variables that containers need, with passwords and keys of this machine's own.

    A file that is there is only completed: what it says stays, and variables that nobody uses any more are named. No
    value is ever shown, and none is from AWS.
    """
    platform, root = current_platform()
    chosen = None if service is None else choose(platform, [], [APPLICATIONS], [service])
    plan = plan_environment(platform, root)
    if not approved(plan, dry_run=dry_run, json=json, yes=True):
        return
    write_environment(plan, root)
    lines = [f"{counted(len(plan.texts), 'file')} written."]
    document = dict(plan.document())
    for application in () if chosen is None else chosen.on_host:
        document["on_host"] = str(write_for_host(application, root))
        lines += host_address(platform, application, root / FOLDER)
    report(document, json=json, lines=lines)
