"""``dev write``: the files of ``local-dev/``, written or compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from workbench.cli.dev.platform import current_platform
from workbench.cli.shared.acting import DryRunOption, approved, report
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, print_json
from workbench.counting import counted
from workbench.local_dev.model import FOLDER
from workbench.local_dev.writing import Difference, differences
from workbench.local_dev.writing import write as carry_out
from workbench.words import command

app = App()


@dataclass(frozen=True, kw_only=True)
class _WritePlan:
    found: tuple[Difference, ...]

    def lines(self) -> list[str]:
        if not self.found:
            return [f"{FOLDER}/: every file is as it is written."]
        actions = {"missing": "is written", "other": "is written anew", "left over": "is deleted"}
        return [f"{difference.path}: {actions[difference.what]}" for difference in self.found]

    def document(self) -> Mapping[str, Any]:
        return {"differences": {difference.path: difference.what for difference in self.found}}


@app.command()
def write(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 when a file is not as it is written.")
    ] = False,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Write the files of local-dev/ from what the program says of its services; nobody edits them.

    A file that nothing writes any more, since its service is gone, is deleted. What only this machine has (values,
    certificates, compose.override.yaml) is left alone.
    """
    platform, root = current_platform()
    found = differences(platform, root)
    plan = _WritePlan(found=found)
    if check:
        _tell(plan, json=json)
        return
    if approved(plan, dry_run=dry_run, json=json, yes=True):
        carry_out(found, root)
        report(plan.document(), json=json, lines=[f"{FOLDER}/: {counted(len(found), 'file')} changed."])


def _tell(plan: _WritePlan, *, json: bool) -> None:
    if json:
        print_json(plan.document())
    else:
        states = {"missing": "missing", "other": "not as it is written", "left over": "left over: nothing writes it"}
        lines = [f"{difference.path}: {states[difference.what]}" for difference in plan.found]
        typer.echo("\n".join([*lines, f"next: {command('dev write')}"] if lines else plan.lines()))
    if plan.found:
        raise typer.Exit(1)
