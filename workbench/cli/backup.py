"""``backup``: the dumps of an environment's database, and what its host is asked about them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from workbench.aws.ec2.instances import Ec2
from workbench.aws.run_command import RunCommand
from workbench.aws.s3_objects import S3Objects
from workbench.backups import BackupTarget
from workbench.cli.shared.acting import DryRunOption, YesOption, approved, report
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, data_console, print_json, talk
from workbench.cli.shared.environment import Environment, open_environment
from workbench.cli.shared.stack import StackOption
from workbench.errors import OperationInterruptedError, OperatorError
from workbench.operations import clock as clocks
from workbench.operations.backups.host import NEWEST, NONE, BackupAnswer, BackupHost
from workbench.operations.backups.judging import problems
from workbench.operations.backups.listing import read_backups
from workbench.operations.backups.plans import BackupPlan, chosen, newest, plan_restoration
from workbench.words import command

app = App()

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="As `backup list` shows it, with or without its prefix.")
]


@app.command("list")
def list_them(
    stack: StackOption = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, the newest first.")] = 20,
    json: JsonOption = False,
) -> None:
    """List the dumps, the newest first: age, size, whether verified and drilled; exit 1 when that is not enough."""
    environment = open_environment(stack)
    backups = read_backups(backup_bucket(environment), limit=limit)
    now = datetime.now(UTC)
    found = problems(backups, now=now)
    if json:
        listed = [backup.document(now) for backup in backups]
        print_json({"stack": environment.stack, "backups": listed, "problems": found})
    elif backups:
        table = Table("backup", "age", "size", "verified", "drill", box=None)
        for backup in backups:
            drill = backup.drill
            told = "-" if drill is None else drill.at if drill.is_restored else f"FAILED {drill.at}: {drill.reason}"
            table.add_row(backup.key, backup.age(now), _size(backup.size), "yes" if backup.is_verified else "NO", told)
        data_console().print(table)
    if found:
        talk(*found)
        raise typer.Exit(1)


@app.command()
def now(
    stack: StackOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Have the host make a dump now, which is restored before it is kept below production/."""
    environment = open_environment(stack)
    target = _target(environment)
    plan = BackupPlan(stack=environment.stack, host=target.host, action="dump", backup=None)
    _carry_out(environment, plan, dry_run=dry_run, json=json, yes=True, told=_kept)


@app.command()
def drill(
    stack: StackOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Have the host restore the newest dump out of the bucket, and compare it with its manifest."""
    environment = open_environment(stack)
    _drill(environment, newest(read_backups(backup_bucket(environment), limit=1)).key, dry_run=dry_run, json=json)


@app.command()
def verify(
    name: NameArgument,
    stack: StackOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Have the host restore one dump out of the bucket, and compare it with its manifest."""
    environment = open_environment(stack)
    _drill(environment, chosen(read_backups(backup_bucket(environment)), name).key, dry_run=dry_run, json=json)


@app.command()
def restore(
    name: NameArgument,
    into: Annotated[
        str | None,
        typer.Option("--into", metavar="DATABASE", help="A name that is free; without, one made of the dump's time."),
    ] = None,
    stack: StackOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
    yes: YesOption = False,
) -> None:
    """Restore a dump into a new database beside the live one, to look into it. Nothing that is there is touched."""
    environment = open_environment(stack)
    backup = chosen(read_backups(backup_bucket(environment)), name)
    plan = plan_restoration(_target(environment), environment.stack, backup, into)
    question = f"Make the database {plan.into} in {plan.stack}? It takes room on the live server until it is dropped."
    _carry_out(environment, plan, dry_run=dry_run, json=json, yes=yes, told=_restored, question=question)


def _drill(environment: Environment, key: str, *, dry_run: bool, json: bool) -> None:
    plan = BackupPlan(stack=environment.stack, host=_target(environment).host, action="drill", backup=key)
    _carry_out(environment, plan, dry_run=dry_run, json=json, yes=True, told=_drilled)


def _carry_out(
    environment: Environment,
    plan: BackupPlan,
    *,
    dry_run: bool,
    json: bool,
    yes: bool,
    told: Callable[[BackupAnswer], list[str]],
    question: str | None = None,
) -> None:
    if not approved(plan, dry_run=dry_run, json=json, yes=yes, question=question):
        return
    host = BackupHost(
        target=_target(environment),
        environment=environment.stack,
        ec2=Ec2(environment.aws),
        run_command=RunCommand(environment.aws),
        clock=clocks.CLOCK,
        say=talk,
    )
    try:
        answer = host.ask(plan.action, backup=plan.backup or NEWEST, into=plan.into or NONE)
    except KeyboardInterrupt:
        raise OperationInterruptedError(
            f"Interrupted; {plan.host} goes on with it.",
            f"{command('backup list', '--stack', plan.stack)} shows the end.",
        ) from None
    if answer.warning is not None:
        talk(answer.warning)
    report({"stack": plan.stack, **answer.document()}, json=json, lines=told(answer))


def _kept(answer: BackupAnswer) -> list[str]:
    return [f"{answer.backup}: {_size(answer.size or 0)}, restored, compared and kept after {answer.seconds:.0f} s"]


def _drilled(answer: BackupAnswer) -> list[str]:
    return [f"{answer.backup}: restored after {answer.seconds:.0f} s; it is what its manifest says"]


def _restored(answer: BackupAnswer) -> list[str]:
    return [
        f"{answer.backup}: restored into {answer.database} after {answer.seconds:.0f} s; it is what its manifest says",
        f"Once looked into: DROP DATABASE {answer.database};",
    ]


def _size(count: int) -> str:
    for unit, size in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} B"


def _target(environment: Environment) -> BackupTarget:
    target = environment.description.backups
    if target is None:
        raise OperatorError(f"{environment.stack}: no host backs a database up there")
    return target


def backup_bucket(environment: Environment) -> S3Objects:
    """Return the bucket of an environment's dumps."""
    return S3Objects(environment.aws, _target(environment).bucket, environment.config.aws_account_id)
