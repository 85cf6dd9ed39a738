"""``dev clone``: the repositories beside this one."""

from typing import Annotated

import typer

from workbench.cli.dev.platform import current_platform
from workbench.cli.shared.acting import DryRunOption, approved, report
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption
from workbench.counting import listed
from workbench.operations.local_dev.repositories import clone as carry_out
from workbench.operations.local_dev.repositories import plan_clone

app = App()


@app.command()
def clone(
    repositories: Annotated[
        list[str] | None,
        typer.Argument(metavar="[REPOSITORY]...", help="Which; without one, all of them.", show_default=False),
    ] = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Clone the repositories that are not beside this one yet; what is there, whatever it is, is not touched."""
    platform, root = current_platform()
    plan = plan_clone(platform, root, repositories or [])
    if approved(plan, dry_run=dry_run, json=json, yes=True):
        done = carry_out(plan)
        report({"cloned": done}, json=json, lines=[f"cloned: {listed(list(done))}"])
