"""``deploy | rollback | promote | restart``: what the services run."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from workbench.aws.ssm import Ssm
from workbench.cli.release.place import (
    OptionalUnitArgument,
    ServiceOption,
    release_place,
    release_target,
    who,
)
from workbench.cli.shared.acting import DryRunOption, YesOption, approved, report
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, talk
from workbench.cli.shared.environment import Environment, is_embedded, open_environment
from workbench.cli.shared.program import current_program
from workbench.cli.shared.stack import StackOption
from workbench.errors import OperatorError
from workbench.operations.releases.deploy import plan_deploy
from workbench.operations.releases.execute import carry_out
from workbench.operations.releases.manifest import checked_id
from workbench.operations.releases.promote import copy, plan_promote
from workbench.operations.releases.record import Entry, read_record
from workbench.operations.releases.rollback import plan_restart, plan_rollback, roll_back
from workbench.operations.releases.rollback import restart as carry_out_restart

app = App()

_LOOK_SECONDS = 60.0
"""Two periods of a minute's alarm may begin in it; the host waits several minutes for the confirmation."""

LookOption = Annotated[
    float | None,
    typer.Option(
        "--look",
        metavar="SECONDS",
        min=0,
        help="How long the alarms are looked at before the release is confirmed; without it a minute, in the embedded "
        "AWS not at all.",
    ),
]


@app.command()
def deploy(
    release: Annotated[str, typer.Argument(metavar="RELEASE", help="Its id, as `PROGRAM release list` shows it.")],
    service: ServiceOption = None,
    hotfix: Annotated[
        str | None,
        typer.Option(
            metavar="REASON", help="Why it goes without having been healthy in the stack before; the record tells it."
        ),
    ] = None,
    look: LookOption = None,
    stack: StackOption = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Bring a release to the services: fetched, checked, migrated once, switched wave by wave, and confirmed.

    The host takes it back at the first failure, and by itself when nobody confirms it in time. It exits with 1 when the
    release was taken back, with 2 when it was refused and nothing was touched.
    """
    checked_id("release", release)
    environment = open_environment(stack)
    place = release_place(environment)
    plan = plan_deploy(release, place, service=service, before=_before(environment), hotfix=hotfix)
    if approved(plan, dry_run=dry_run, json=json, yes=yes, question=f"Deploy {release} to {environment.stack}?"):
        entry = carry_out(plan, place, by=who(environment), source=None, look_seconds=_look(look))
        _report(environment, entry, plan.document(), json=json)


@app.command()
def rollback(
    service: ServiceOption = None,
    stack: StackOption = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Go back to what was last healthy, with all services or one; a release that waits to be confirmed is taken back.

    The artefacts are on the host already, so that it takes seconds. Migrations stay as they are: the host refuses when
    the earlier release does not know one of them.
    """
    environment = open_environment(stack)
    place = release_place(environment)
    plan = plan_rollback(place, service=service)
    question = f"Roll {service or 'all services'} in {environment.stack} back?"
    if approved(plan, dry_run=dry_run, json=json, yes=yes, question=question):
        _report(environment, roll_back(plan, place, by=who(environment)), plan.document(), json=json)


@app.command()
def promote(
    release: Annotated[
        str | None, typer.Argument(metavar="[RELEASE]", help="Its id; without it what the first stack runs.")
    ] = None,
    source: Annotated[
        str | None,
        typer.Option("--from", metavar="STACK", help="Where it was healthy; else as the program says."),
    ] = None,
    target: Annotated[
        str | None, typer.Option("--to", metavar="STACK", help="Where it is to run; else as the program says.")
    ] = None,
    look: LookOption = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Bring to one stack the release that is healthy in another: the same bytes, compared by hash, then deployed."""
    if release is not None:
        checked_id("release", release)
    origin, destination = _promoted(source, target)
    first, second = release_place(origin), release_place(destination)
    plan = plan_promote(release, first, second)
    question = f"Promote {plan.deploy.manifest.id} from {origin.stack} to {destination.stack}?"
    if approved(plan, dry_run=dry_run, json=json, yes=yes, question=question):
        copy(plan, first.bucket, second.bucket, talk)
        entry = carry_out(plan.deploy, second, by=who(destination), source=origin.stack, look_seconds=_look(look))
        _report(destination, entry, plan.document(), json=json)


@app.command()
def restart(
    service: OptionalUnitArgument = None,
    stack: StackOption = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Start a service anew, or all of them wave by wave, unchanged: so do new values of secrets reach a service."""
    environment = open_environment(stack)
    place = release_place(environment)
    plan = plan_restart(place, service=service)
    question = f"Restart all services of {environment.stack}?" if service is None else None
    if approved(plan, dry_run=dry_run, json=json, yes=yes, question=question):
        answer = carry_out_restart(plan, place)
        report(
            {"stack": environment.stack, **plan.document(), **answer.document()},
            json=json,
            lines=[f"{service or 'All services'} of {environment.stack} started anew and ready."],
        )


def _before(environment: Environment) -> tuple[str, list[Entry]] | None:
    """Return the stack where releases have to be healthy first, with its record; None: there is none."""
    source, target = environment.program.promotion or (None, None)
    if source is None or target != environment.stack:
        return None
    first = open_environment(source)
    return source, read_record(Ssm(first.aws), release_target(first).record)


def _promoted(source: str | None, target: str | None) -> tuple[Environment, Environment]:
    usual = current_program().promotion or (None, None)
    found = (source or usual[0], target or usual[1])
    if found[0] is None or found[1] is None:
        raise OperatorError(f"{'--from' if found[0] is None else '--to'}: missing; a stack is required")
    if found[0] == found[1]:
        raise OperatorError(f"--from, --to: came {found[0]} twice; allowed: two stacks")
    return open_environment(found[0]), open_environment(found[1])


def _look(look: float | None) -> float:
    if look is not None:
        return look
    return 0.0 if is_embedded() else _LOOK_SECONDS


def _report(environment: Environment, entry: Entry, plan: Mapping[str, Any], *, json: bool) -> None:
    line = f"{environment.stack} runs {entry.release}, all services healthy; recorded."
    if entry.is_mixed:
        others = [f"{name} {each}" for name, each in entry.services.items() if each != entry.release]
        line = f"{environment.stack} runs {entry.release}, but {', '.join(others)}; healthy and recorded."
    report({**plan, "recorded": entry.document()}, json=json, lines=[line])
