"""``restore``: what the stores can be restored to, and a copy of one beside what is live."""

import inspect
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from workbench.aws.s3_objects import S3Objects
from workbench.aws.shared.wrappers import Wrappers
from workbench.aws.ssm import Ssm
from workbench.cli.shared.acting import DryRunOption, YesOption, approved, report
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, data_console, print_json, talk
from workbench.cli.shared.environment import Environment, open_environment
from workbench.cli.shared.stack import StackOption, StoreOption
from workbench.operations.releases.manifest import Manifest, key_of, parsed
from workbench.operations.releases.migrations import migrations_after
from workbench.operations.releases.record import read_record
from workbench.operations.stores.entry import KindEntry
from workbench.operations.stores.kinds import ENTRIES
from workbench.operations.stores.points import words
from workbench.operations.stores.restoration import Restoration, RestoreChoice
from workbench.operations.stores.restoring import plan_restoration, plan_switching, restore_points
from workbench.operations.stores.switching import Readers
from workbench.operations.stores.waiting import Patience
from workbench.operations.times import utc
from workbench.words import command

app = App()

LATEST = "latest"

NoWaitOption = Annotated[
    bool, typer.Option("--no-wait", help="Return once AWS has been asked; the same command again goes on.")
]


@app.command()
def points(stack: StackOption = None, json: JsonOption = False) -> None:
    """List what every store can be restored to; exit 1 when that is less than their schedules promise."""
    environment = open_environment(stack)
    now = datetime.now(UTC)
    found = restore_points(environment.description, Wrappers(environment.aws), now=now)
    if json:
        print_json({"stack": environment.stack, "stores": [store.document(now) for store in found]})
    else:
        table = Table("store", "moment", "age", "kind", "name", box=None)
        for store in found:
            for point in store.points:
                table.add_row(store.store, utc(point.moment), words(now - point.moment), point.kind, point.id)
        data_console().print(table)
    problems = [f"{store.store} ({store.name}): {problem}" for store in found for problem in store.problems]
    if problems:
        talk(*problems)
        raise typer.Exit(1)


def _command_of(entry: KindEntry) -> Callable[..., None]:
    """Return the command that restores a store of a kind."""

    def restore(
        source: Annotated[str, typer.Option(entry.option, metavar=entry.metavar, help=entry.help)],
        again: Annotated[bool, typer.Option("--again", help=entry.again)] = False,
        store: StoreOption = None,
        stack: StackOption = None,
        no_wait: NoWaitOption = False,
        dry_run: DryRunOption = False,
        json: JsonOption = False,
        yes: YesOption = False,
    ) -> None:
        environment = open_environment(stack)
        choice = RestoreChoice(source=None if source == LATEST else source, again=again)
        restoration = plan_restoration(
            environment.description,
            entry,
            store,
            choice,
            program=environment.program.name,
            wrappers=Wrappers(environment.aws),
        )
        _carry_out(restoration, no_wait=no_wait, dry_run=dry_run, json=json, yes=yes)

    if entry.again is None:
        signature = inspect.signature(restore)
        parameters = [parameter for name, parameter in signature.parameters.items() if name != "again"]
        setattr(restore, "__signature__", signature.replace(parameters=parameters))  # noqa: B010
    restore.__doc__ = entry.summary
    return restore


for _entry in ENTRIES:
    app.command(_entry.verb)(_command_of(_entry))


CopyArgument = Annotated[
    str, typer.Argument(metavar="COPY", help="The identifier of a copy, or of the live one, to go back.")
]


@app.command()
def switch(
    copy: CopyArgument,
    store: StoreOption = None,
    stack: StackOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
    yes: YesOption = False,
) -> None:
    """Let a copy take over: services are told of it when they start next. Nothing is deleted.

    For PostgreSQL; how the other stores' copies take over is in the documentation.
    """
    environment = open_environment(stack)
    switching = plan_switching(
        environment.description,
        store,
        copy,
        program=environment.program.name,
        readers=_readers(environment),
        wrappers=Wrappers(environment.aws),
    )
    plan = switching.plan
    question = None if plan.is_done else f"Tell the services of {environment.stack} of {copy}?"
    if approved(plan, dry_run=dry_run, json=json, yes=yes, question=question):
        switching.execute()
        lines = [f"The services of {environment.stack} are told of {copy}.", *plan.next_steps()]
        report({"stack": environment.stack, **plan.document()}, json=json, lines=lines)


def _readers(environment: Environment) -> Readers:
    """Return who reads which secret: the program's services, on ECS or under systemd."""
    program, stack = environment.program, ("--stack", environment.stack)
    read = [
        *(
            (service.name, variable.secret)
            for service in program.services
            for container in service.containers
            for variable in container.secrets
        ),
        *((unit.name, variable.secret) for unit in program.units for variable in unit.secrets),
    ]
    secrets = dict.fromkeys(secret for _, secret in read)
    return Readers(
        services={secret: [*dict.fromkeys(name for name, other in read if other == secret)] for secret in secrets},
        restarts={
            **{service.name: command("service restart", service.name, *stack) for service in program.services},
            **{unit.name: command("restart", *stack) for unit in program.units},
        },
        migrations_after=lambda moment: _migrations_after(environment, moment),
    )


def _migrations_after(environment: Environment, moment: datetime) -> Sequence[str] | None:
    target = environment.description.releases
    if target is None:
        return None
    bucket = S3Objects(environment.aws, target.bucket, environment.config.aws_account_id)

    def manifest_of(release: str) -> Manifest | None:
        content = bucket.get(key_of(release))
        return None if content is None else parsed(content, release=release, where=f"{bucket.bucket}/{key_of(release)}")

    return migrations_after(read_record(Ssm(environment.aws), target.record), manifest_of, moment)


def _carry_out(restoration: Restoration, *, no_wait: bool, dry_run: bool, json: bool, yes: bool) -> None:
    plan = restoration.plan
    question = f"Make {plan.target} in {plan.stack}? It is paid for until it is deleted."
    if not approved(plan, dry_run=dry_run, json=json, yes=yes, question=question):
        return
    restored = restoration.execute(Patience(hear=talk, waits=not no_wait))
    report({"stack": plan.stack, **plan.document(), **restored.document()}, json=json, lines=restored.lines(plan))
