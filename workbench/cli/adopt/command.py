"""``adopt``: what of a Terraform estate is what of the program, and what the first ``pulumi up`` would do with it."""

from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.adopt.first_up.judge import Fate, FirstUp, judge_first_up
from workbench.adopt.first_up.wording import first_up_lines
from workbench.adopt.report import CostOf, cost_by_name, matching_json, matching_lines
from workbench.cli.adopt.output import write_output
from workbench.cli.adopt.reading import Read, again, read
from workbench.cli.adopt.values import proposal_lines, propose, write_proposal
from workbench.cli.plan.estimates import estimate_of
from workbench.cli.plan.evaluation import read_any_stack_file
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, complete_stack, print_json, talk
from workbench.cli.shared.program import project_root
from workbench.cli.shared.stack import StackOption, selected_stack
from workbench.cli.shared.stack_argument import one_stack
from workbench.errors import OperatorError
from workbench.review.danger.assessment import ExitCode

app = App()

TfstateArgument = Annotated[
    str,
    typer.Argument(
        metavar="TFSTATE",
        help="A Terraform state of version 4, as `terraform state pull` prints it; `-` is standard input.",
        show_default=False,
    ),
]
SecondArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="STACK", help="The stack, as --stack names it.", autocompletion=complete_stack, show_default=False
    ),
]
RulesOption = Annotated[
    Path | None,
    typer.Option(
        "--rules",
        metavar="FILE",
        help="What `aws ec2 describe-security-group-rules` wrote; without it AWS is asked, where the state lacks ids.",
    ),
]
PartialOption = Annotated[
    bool, typer.Option("--partial", help="Go on with a state that has nothing of a module that it depends on.")
]
OutputOption = Annotated[
    Path | None,
    typer.Option(
        "--output",
        metavar="DIR",
        help="Write the import file and the commands to type into a folder, with passwords in it, for its owner alone.",
    ),
]
ReplaceOption = Annotated[
    bool, typer.Option("--replace", help="Write over the folder of another adoption; only with --output.")
]
WriteOption = Annotated[
    bool,
    typer.Option(
        "--write", help="Write what is proposed into Pulumi.STACK.yaml and adopted.STACK.yaml; comments are kept."
    ),
]
FullOption = Annotated[
    bool, typer.Option("--full", help="List every pair, all that is created, and every property that changes.")
]


@app.command()
def estate(
    tfstate: TfstateArgument,
    stack_argument: SecondArgument = None,
    stack: StackOption = None,
    rules: RulesOption = None,
    partial: PartialOption = False,
    output: OutputOption = None,
    replace: ReplaceOption = False,
    write: WriteOption = False,
    full: FullOption = False,
    json: JsonOption = False,
) -> None:
    """Show what of a Terraform estate is what of the program, and what the first `pulumi up` would do.

    Each pair is proved. What nothing proves is only suggested, and counts once a person confirms it in
    matches.STACK.yaml. Nothing is written without --output or --write, and nothing is changed in AWS.

    The exit code tells what the first `pulumi up` after the import does: 0 nothing, 3 changes, 4 something is replaced
    or destroyed, or AWS would refuse it.
    """
    root = project_root()
    file = read_any_stack_file(selected_stack(one_stack(stack_argument, stack), root), root)
    found = read(tfstate, file, root, rules=rules, partial=partial, folder=output)
    first_up = judge_first_up(found.matching, found.plan, plain=found.plain)
    proposal = propose(found, first_up)
    cost = _costs(found)
    if json:
        print_json(_document(found, cost, first_up.as_json(), proposal.as_json()))
    else:
        lines = [
            *matching_lines(found.matching, cost, found.looked_up, full=full),
            "",
            *first_up_lines(first_up, full=full),
        ]
        lines += proposal_lines(proposal, file.stack, full=full)
        typer.echo("\n".join(lines if full else [*lines, "", "--full lists all of it."]))
    changes = write_proposal(proposal, found) if write else []
    for change in changes:
        talk(*change.lines())
    if changes:
        found = again(found)
        first_up = judge_first_up(found.matching, found.plan, plain=found.plain)
        talk(first_up_lines(first_up, full=False)[0])
    if output is not None:
        write_output(found, output, replace=replace)
        _warn(first_up)
    raise typer.Exit(int(first_up.exit_code))


def _warn(first_up: FirstUp) -> None:
    if first_up.exit_code is ExitCode.DESTRUCTIVE:
        count = len(first_up.of(Fate.REPLACED)) + len(first_up.of(Fate.REFUSED))
        talk(f"Import nothing yet: the first update would replace {count} of them. --write keeps what can be kept.")


def _document(found: Read, cost: CostOf, first_up: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    return {**matching_json(found.matching, cost, found.looked_up), "first_up": first_up, "stack_values": values}


def _costs(found: Read) -> CostOf:
    try:
        estimate = estimate_of(found.file.stack, found.file.region, found.evaluation.resources, found.root)
    except OperatorError:
        return cost_by_name(None)
    return cost_by_name(estimate)
