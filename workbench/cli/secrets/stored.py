"""``secrets list | check | restore``: the secrets that are stored."""

from typing import Annotated

import typer
from rich.table import Table

from workbench.aws.ecs.services import Ecs
from workbench.aws.ecs.task_definitions import TaskDefinitions
from workbench.aws.secrets_manager.versions import SecretVersions
from workbench.cli.shared.acting import DryRunOption, approved, report
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, data_console, print_json
from workbench.cli.shared.environment import open_environment
from workbench.cli.shared.stack import StackOption
from workbench.operations.secrets.check import check_secrets
from workbench.operations.secrets.inventory import inventory, timestamp
from workbench.operations.secrets.restore import plan_restore
from workbench.operations.secrets.restore import restore as carry_out

app = App()


@app.command("list")
def list_secrets(stack: StackOption = None, json: JsonOption = False) -> None:
    """List the secrets: whose the values are, which keys have one, who needs them."""
    environment = open_environment(stack)
    rows = inventory(
        environment.program,
        SecretVersions(environment.aws),
        is_owner=environment.description.shared.is_owner,
    )
    if json:
        print_json({"stack": environment.stack, "secrets": [row.document() for row in rows]})
        return
    table = Table("secret", "key", "state", "values of", "changed", "needed by", box=None)
    for row in rows:
        # One on its way out shows when it goes in the place of when it changed.
        when = f"gone on {timestamp(row.deleted_on)}" if row.deleted_on else timestamp(row.changed_at)
        needed = ", ".join(row.needed_by)
        table.add_row(row.name, "", row.state, row.owner or "unknown", when or "-", needed or "-")
        for key, state in row.keys.items():
            table.add_row("", key, state.value, "", "", "")
    data_console().print(table)


@app.command()
def check(stack: StackOption = None, json: JsonOption = False) -> None:
    """Compare every key that a service is given with what is stored; exit 1 when one has no value."""
    environment = open_environment(stack)
    result = check_secrets(
        {name: environment.names.name(name) for name in environment.program.service_names},
        units=environment.program.units,
        ecs=Ecs(environment.aws, environment.names.prefix),
        task_definitions=TaskDefinitions(environment.aws),
        secrets=SecretVersions(environment.aws),
    )
    if json:
        print_json(
            {
                "stack": environment.stack,
                "checked_keys": result.checked,
                "lacks": [lack.document() for lack in result.lacks],
                "absent_services": list(result.absent_services),
            }
        )
    else:
        lines = [lack.line for lack in result.lacks]
        lines += [f"{service}: no task definition yet; `pulumi up` makes it" for service in result.absent_services]
        typer.echo("\n".join(lines) or f"All {result.checked} keys that {result.referred_by} have values.")
    if not result.passed:
        raise typer.Exit(1)


@app.command()
def restore(
    secret: Annotated[str, typer.Argument(metavar="SECRET", help="Its path, as `PROGRAM secrets list` shows it.")],
    stack: StackOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Keep a secret that is scheduled for deletion."""
    environment = open_environment(stack)
    secrets = SecretVersions(environment.aws)
    plan = plan_restore(secret, secrets)
    if approved(plan, dry_run=dry_run, json=json, yes=True):
        carry_out(plan, secrets)
        lines = [
            f"{plan.secret} stays, with everything in it.",
            "If its stack has deleted it, `pulumi up` does not know it any more: `pulumi import` it first.",
        ]
        report({"stack": environment.stack, **plan.document()}, json=json, lines=lines)
