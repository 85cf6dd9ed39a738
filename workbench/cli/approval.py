"""``approval ask | give | refuse | list``: who lets an image into a stack that takes only what was approved."""

from typing import Annotated

import typer
from rich.table import Table

from workbench.aws.elastic_load_balancing import ElasticLoadBalancing
from workbench.cli.service.approvals import approvals_of, caller
from workbench.cli.service.arguments import OptionalServiceArgument, ServiceArgument
from workbench.cli.service.rollout import deployed, rollout_aws, stacks_of_promotion
from workbench.cli.shared.acting import DryRunOption, approved, report
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, data_console, print_json, talk
from workbench.cli.shared.environment import open_environment
from workbench.errors import OperatorError
from workbench.operations.approvals.plans import ApprovalPlan, plan_ask, plan_give, plan_refuse
from workbench.operations.approvals.record import SHOWN_CHARACTERS, Approval, Record
from workbench.operations.approvals.use import current_time
from workbench.operations.times import utc
from workbench.words import command

app = App()

FromOption = Annotated[
    str | None, typer.Option("--from", metavar="STACK", help="Where the image runs; else as the program says.")
]
ToOption = Annotated[
    str | None, typer.Option("--to", metavar="STACK", help="Where it is to run; else as the program says.")
]
CommitOption = Annotated[
    str, typer.Option("--commit", metavar="SHA", help="The commit that is meant, seven of its characters at least.")
]
ByOption = Annotated[
    str | None,
    typer.Option("--by", metavar="NAME", help="Who says so; without it whoever the credentials are."),
]
ReasonOption = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why, in a line.")]

_LONGEST_TEXT = 300
"""Several of them fit into a parameter's 4 KB."""


@app.command()
def ask(
    service: ServiceArgument,
    commit: Annotated[
        str | None,
        typer.Option("--commit", metavar="SHA", help="The commit that has to run there; else whichever does."),
    ] = None,
    build: Annotated[str | None, typer.Option("--build", metavar="URL", help="The pipeline's build that asks.")] = None,
    minutes: Annotated[
        int | None,
        typer.Option("--minutes", metavar="N", help="How long it may wait; else as long as the stack allows."),
    ] = None,
    source: FromOption = None,
    target: ToOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Ask for an approval of what is healthy in one stack now, to promote it to another.

    A newer wish takes the place of one that waits; the same one of the same build asks for nothing new.
    """
    from_, to = stacks_of_promotion(source, target)
    origin, destination = open_environment(from_), open_environment(to)
    plan = plan_ask(
        deployed(origin, service),
        approvals_of(destination, service, source=from_),
        source_aws=rollout_aws(origin),
        balancers=ElasticLoadBalancing(origin.aws),
        commit=commit,
        build=_text("--build", build),
        minutes=minutes,
        by=caller(destination),
    )
    _carry_out(plan, dry_run=dry_run, json=json)


@app.command()
def give(
    service: ServiceArgument,
    commit: CommitOption,
    by: ByOption = None,
    source: FromOption = None,
    target: ToOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Approve what waits, for one promotion until its time is over."""
    from_, to = stacks_of_promotion(source, target)
    destination = open_environment(to)
    who = _text("--by", by) or caller(destination)
    plan = plan_give(approvals_of(destination, service, source=from_), commit=commit, by=who)
    _carry_out(plan, dry_run=dry_run, json=json)


@app.command()
def refuse(
    service: ServiceArgument,
    commit: CommitOption,
    by: ByOption = None,
    reason: ReasonOption = None,
    source: FromOption = None,
    target: ToOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Refuse what waits, or take an approval back that no promotion used yet."""
    from_, to = stacks_of_promotion(source, target)
    destination = open_environment(to)
    plan = plan_refuse(
        approvals_of(destination, service, source=from_),
        commit=commit,
        by=_text("--by", by) or caller(destination),
        reason=_text("--reason", reason),
    )
    _carry_out(plan, dry_run=dry_run, json=json)


@app.command("list")
def list_them(
    service: OptionalServiceArgument = None,
    source: FromOption = None,
    target: ToOption = None,
    json: JsonOption = False,
) -> None:
    """List the approvals as they stand; of one service its whole record, the newest first."""
    from_, to = stacks_of_promotion(source, target)
    environment = open_environment(to)
    described = environment.program.services
    names = [one.name for one in described if one.repositories and service in {None, one.name}]
    records = {name: approvals_of(environment, name, source=from_).read() for name in names}
    rows = [
        (name, approval) for name, record in records.items() for approval in _shown(record, whole=service is not None)
    ]
    now = current_time()
    if json:
        listed = [
            {**approval.document(), "service": name, "state": str(approval.state_at(now))} for name, approval in rows
        ]
        print_json({"stack": environment.stack, "approvals": listed})
        return
    if not rows:
        talk(f"Nobody asked for an approval yet; `{command('approval ask', service or 'SERVICE')}` does.")
        return
    table = Table("service", "commit", "state", "asked", "until", "decided by", "promoted by", "reason", box=None)
    for name, approval in rows:
        table.add_row(
            name,
            approval.commit[:SHOWN_CHARACTERS],
            str(approval.state_at(now)),
            utc(approval.asked_at),
            utc(approval.expires_at),
            approval.by or "-",
            approval.promoted_by or "-",
            approval.reason or "-",
        )
    data_console().print(table)


def _shown(record: Record, *, whole: bool) -> list[Approval]:
    entries = [entry.approval for entry in reversed(record.entries)]
    return entries if whole else entries[:1]


def _carry_out(plan: ApprovalPlan, *, dry_run: bool, json: bool) -> None:
    if approved(plan, dry_run=dry_run, json=json, yes=True):
        plan.execute()
        found = plan.approval
        report(plan.document(), json=json, lines=[f"{found.commit} {found.state} until {utc(found.expires_at)}"])


def _text(option: str, given: str | None) -> str | None:
    """Return a text that goes into the record.

    Raises:
        OperatorError: for one that the record cannot hold.
    """
    if given is None:
        return None
    if not given.strip() or len(given) > _LONGEST_TEXT or not given.isprintable():
        raise OperatorError(f"{option}: came {given!r}; allowed: 1 to {_LONGEST_TEXT} printable characters")
    # Parameter Store takes them for a reference to another parameter ("PutParameter", Systems Manager API reference).
    if "{{" in given or "}}" in given:
        raise OperatorError(f"{option}: came {given!r}; allowed: a text without double braces")
    return given
