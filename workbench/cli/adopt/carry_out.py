"""``adopt defaults`` and ``adopt verify``: the steps of an adoption that Pulumi's own command line has no word for."""

import json as json_
from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.adopt.folder.defaults import edited, edits_from_json, missing
from workbench.adopt.folder.files import (
    DEFAULTS_FILE,
    EDITED_FILE,
    EXPORTED_FILE,
    IMPORT_FILE,
    PLAN_FILE,
    REST_FILE,
)
from workbench.adopt.folder.rest import rest
from workbench.adopt.folder.verification import plan_from_json, verify
from workbench.adopt.folder.writing import as_json, read_folder, read_json
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, print_json, talk
from workbench.cli.shared.program import project_root
from workbench.cli.shared.stack import StackOption, selected_stack
from workbench.counting import counted
from workbench.errors import OperatorError
from workbench.operations.private_files import write_private
from workbench.operations.pulumi_command import find_pulumi, run_pulumi

app = App()

FolderOption = Annotated[
    Path, typer.Option("--folder", metavar="DIR", help="The folder that `PROGRAM adopt --output` wrote.")
]
StateOption = Annotated[
    Path | None,
    typer.Option(
        "--state",
        metavar="FILE",
        help="What `pulumi stack export` wrote; without it Pulumi is asked.",
    ),
]


@app.command()
def defaults(folder: FolderOption, stack: StackOption = None) -> None:
    """Note in an exported state which names are Pulumi's own, so that it keeps them.

    Reads DIR/exported.json and writes DIR/edited.json, for `pulumi stack import`. Nothing else is changed, and what is
    noted already stays.
    """
    name = selected_stack(stack, project_root())
    read_folder(folder, name)
    edits = edits_from_json(read_json(folder / DEFAULTS_FILE))
    source = folder / EXPORTED_FILE
    exported = read_json(source)
    left = missing(exported, edits, source=str(source))
    document = edited(exported, edits, source=str(source))
    write_private(folder / EDITED_FILE, as_json(document), replace=True, otherwise="")
    talk(
        f"{folder / EDITED_FILE}: {counted(len(left), 'name')} noted, {len(edits) - len(left)} were already; "
        f"`pulumi stack import --stack {name} --file {folder / EDITED_FILE}` takes it"
    )


@app.command("rest")
def rest_(folder: FolderOption, state: StateOption = None, stack: StackOption = None) -> None:
    """Write the import file of what is not imported yet, for an import that stopped half-way.

    Reads DIR/import.json and the Pulumi state, and writes DIR/rest.json for `pulumi import`.
    """
    root = project_root()
    name = selected_stack(stack, root)
    read_folder(folder, name)
    source = "pulumi stack export" if state is None else str(state)
    exported = _exported(name, root) if state is None else read_json(state)
    left = rest(read_json(folder / IMPORT_FILE), exported, source=source)
    if not left["resources"]:
        talk(f"{name}: everything is imported")
        return
    file = folder / REST_FILE
    write_private(file, as_json(left), replace=True, otherwise="")
    options = "--generate-code=false --protect --yes"
    talk(
        f"{file}: {counted(len(left['resources']), 'entry')} left: "
        f"`pulumi import --file {file} --stack {name} {options}` imports them"
    )


@app.command("verify")
def verify_(
    folder: FolderOption, state: StateOption = None, stack: StackOption = None, json: JsonOption = False
) -> None:
    """Hold the Pulumi state against an adoption, before and after the first `pulumi up`.

    Every proved pair has to be imported with its id, and nothing else; protected until the first update, and as the
    program wants it afterwards; with the names that it has; and after the update with its dependencies.

    Exits with 1 while something is missing or wrong.
    """
    root = project_root()
    name = selected_stack(stack, root)
    read_folder(folder, name)
    plan = plan_from_json(read_json(folder / PLAN_FILE))
    edits = edits_from_json(read_json(folder / DEFAULTS_FILE))
    exported = _exported(name, root) if state is None else read_json(state)
    found = verify(exported, plan, edits, source="pulumi stack export" if state is None else str(state))
    if json:
        print_json(found.as_json())
    else:
        typer.echo(f"{name}: {found.phase.value}: {found.imported} of {counted(found.expected, 'resource')}")
        for problem in found.problems:
            typer.echo(f"  {problem}")
        if not found.problems:
            typer.echo("  Nothing is missing or wrong.")
    raise typer.Exit(1 if found.problems else 0)


def _exported(stack: str, root: Path) -> Any:
    """Return what Pulumi has of the stack; secrets stay encrypted."""
    pulumi = find_pulumi()
    if pulumi is None:
        raise OperatorError("pulumi: not on PATH; --state FILE takes what `pulumi stack export` wrote elsewhere")
    completed = run_pulumi(pulumi, ["stack", "export", "--stack", stack, "--non-interactive"], root)
    if completed.returncode != 0:
        said = [line for line in completed.stderr.splitlines() if line.startswith("error:")]
        reason = said[0].removeprefix("error:").strip() if said else f"it ended with {completed.returncode}"
        raise OperatorError(f"pulumi stack export --stack {stack}: {reason}")
    try:
        return json_.loads(completed.stdout)
    except ValueError:
        raise OperatorError(f"pulumi stack export --stack {stack}: it answered with no JSON") from None
