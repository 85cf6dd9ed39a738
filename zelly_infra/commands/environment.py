"""``zelly environment``: another environment from the files of an existing one."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.shared.acting import DryRunOption, approved, report
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, checked_region, complete_stack
from workbench.cli.shared.program import project_root
from workbench.errors import OperatorError
from workbench.operations.stack_files.file_changes import write_together
from workbench.review.cost.prices import read_prices
from zelly_infra.new_environment import NewEnvironmentPlan, Wanted, plan_environment
from zelly_infra.other_stacks import owns_registry
from zelly_infra.stack_file import other_stacks

app = App()


@app.command()
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The new stack's name, e.g. preproduction.")],
    source: Annotated[
        str,
        typer.Option("--from", metavar="STACK", help="The stack whose values it takes.", autocompletion=complete_stack),
    ],
    region: Annotated[
        str | None, typer.Option(metavar="REGION", help="Its region; an account has one environment in each.")
    ] = None,
    account: Annotated[
        str | None, typer.Option(metavar="ACCOUNT", help="Its account's twelve digits; else that of --from.")
    ] = None,
    cidr: Annotated[
        str | None, typer.Option(metavar="RANGE", help="Its VPC's range; else the first of the same size that is free.")
    ] = None,
    tag_prefix: Annotated[
        str | None, typer.Option(metavar="PREFIX", help="The start of its images' tags; else its name's letters.")
    ] = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Write the files of another environment, and say what is left to fill in.

    They are copies of another stack's, comments included, with names, range, zones and tags of its own; the other stack
    files get what they have to know of it. Nothing is made in AWS.
    """
    root = project_root()
    wanted = Wanted(name=name, source=source, region=region, account_id=account, cidr=cidr, tag_prefix=tag_prefix)
    if region is None and account is None:
        raise OperatorError(f"--region: missing; required: one without an environment ({_taken(root)} are taken)")
    if region is not None:
        checked_region(region)
    plan = plan_environment(wanted, root)
    if not approved(plan, dry_run=dry_run, json=json, yes=True):
        return
    write_together(plan.changes)
    report(plan.document(), json=json, lines=_what_is_left(plan, root))


def _taken(root: Path) -> str:
    return ", ".join(sorted({str(stack.value("region")) for stack in other_stacks(root)}))


def _what_is_left(plan: NewEnvironmentPlan, root: Path) -> list[str]:
    owner = next((stack.name for stack in other_stacks(root) if owns_registry(stack)), plan.name)
    has_prices = plan.region in read_prices().regions
    stack = f"Pulumi.{plan.name}.yaml"
    lines = [f"Written: {', '.join(change.name for change in plan.changes)}."]
    if plan.to_fill_in:
        lines += [f"To fill in, in {stack}; until then `pulumi` refuses it:", *(each.line for each in plan.to_fill_in)]
    lines += ["To look through, since it is copied or derived:", *(each.line for each in plan.to_look_through)]
    return [
        *lines,
        "What to type next:",
        f"  zelly plan {plan.name} --check",
        f"  zelly cost {plan.name}" + ("" if has_prices else f"  # the table has no prices of {plan.region} yet"),
        "  zelly state bootstrap  # prints the line that makes the stack, with its key",
        f"  pulumi config set --secret cloudflare:apiToken --stack {plan.name}",
        *([f"  pulumi up --stack {owner}  # the registry learns its tags"] if owner != plan.name else []),
        f"  pulumi up --stack {plan.name}",
        f"  zelly doctor {plan.name}",
        'Pipelines list their stacks by hand: docs/pipeline.md, "Another environment".',
    ]
