"""``restore``: what the stores can be restored to, and a copy of one beside what is live."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from workbench.aws.backup import Backup
from workbench.aws.ec2.volumes import Ec2Volumes
from workbench.aws.efs.file_systems import EfsFileSystems
from workbench.aws.elasticache.snapshots import ElastiCacheSnapshots
from workbench.aws.iam.roles import IamRoles
from workbench.aws.rds.restore import RdsRestore
from workbench.aws.secrets_manager.secrets import SecretsManager
from workbench.cli.shared.acting import DryRunOption, YesOption, approved, report
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, data_console, print_json, talk
from workbench.cli.shared.environment import open_environment
from workbench.cli.shared.stack import StackOption
from workbench.errors import OperatorError
from workbench.operations.stores.aurora import plan_aurora, restore_aurora
from workbench.operations.stores.clickhouse import plan_clickhouse, restore_clickhouse
from workbench.operations.stores.efs import plan_efs, restore_efs
from workbench.operations.stores.names import stamp
from workbench.operations.stores.points import restore_points, words
from workbench.operations.stores.redis import plan_redis, restore_redis
from workbench.operations.stores.waiting import Patience
from workbench.operations.times import utc
from workbench.program import ClickHouseHost, RedisNode

if TYPE_CHECKING:
    from workbench.operations.stores.plan import Restored, RestorePlan

app = App()

LATEST = "latest"

NoWaitOption = Annotated[
    bool, typer.Option("--no-wait", help="Return once AWS has been asked; the same command again goes on.")
]
SnapshotOption = Annotated[str, typer.Option(metavar="SNAPSHOT|latest", help="As `PROGRAM restore points` lists it.")]


@app.command()
def points(stack: StackOption = None, json: JsonOption = False) -> None:
    """List what the four stores can be restored to; exit 1 when that is less than their schedules promise."""
    environment = open_environment(stack)
    aws, now = environment.aws, datetime.now(UTC)
    found = restore_points(
        environment.names,
        now=now,
        rds=RdsRestore(aws),
        redis=ElastiCacheSnapshots(aws),
        ec2=Ec2Volumes(aws),
        efs=EfsFileSystems(aws),
        backup=Backup(aws),
    )
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


@app.command()
def aurora(
    at: Annotated[
        str, typer.Option(metavar="TIME|latest", help="To the second, with its zone, e.g. 2026-11-25T10:15:00Z.")
    ],
    stack: StackOption = None,
    no_wait: NoWaitOption = False,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
    yes: YesOption = False,
) -> None:
    """Make a second Aurora cluster that holds what the live one held at a moment."""
    moment = _moment(at)
    environment = open_environment(stack)
    rds = RdsRestore(environment.aws)
    plan = plan_aurora(environment.names, region=environment.aws.region, at=moment, rds=rds)
    _carry_out(
        plan,
        lambda patience: restore_aurora(plan, rds=rds, patience=patience),
        no_wait=no_wait,
        dry_run=dry_run,
        json=json,
        yes=yes,
    )


@app.command()
def redis(
    snapshot: SnapshotOption,
    stack: StackOption = None,
    no_wait: NoWaitOption = False,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
    yes: YesOption = False,
) -> None:
    """Make a second Redis node that holds what a snapshot holds."""
    environment = open_environment(stack)
    nodes, secrets = ElastiCacheSnapshots(environment.aws), SecretsManager(environment.aws)
    plan = plan_redis(
        environment.names,
        region=environment.aws.region,
        snapshot=_named(snapshot),
        secret=environment.description.stores_of(RedisNode)[0].secret,
        redis=nodes,
        secrets=secrets,
    )
    _carry_out(
        plan,
        lambda patience: restore_redis(plan, redis=nodes, secrets=secrets, patience=patience),
        no_wait=no_wait,
        dry_run=dry_run,
        json=json,
        yes=yes,
    )


@app.command()
def clickhouse(
    snapshot: SnapshotOption,
    stack: StackOption = None,
    no_wait: NoWaitOption = False,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
    yes: YesOption = False,
) -> None:
    """Make a second volume of a snapshot of ClickHouse's, in the zone of its host."""
    environment = open_environment(stack)
    store, ec2 = environment.description.stores_of(ClickHouseHost)[0], Ec2Volumes(environment.aws)
    plan = plan_clickhouse(
        environment.names,
        region=environment.aws.region,
        snapshot=_named(snapshot),
        zone=store.zone,
        volume_gib=store.volume_gib,
        ec2=ec2,
    )
    _carry_out(
        plan,
        lambda patience: restore_clickhouse(plan, ec2=ec2, patience=patience),
        no_wait=no_wait,
        dry_run=dry_run,
        json=json,
        yes=yes,
    )


@app.command()
def efs(
    recovery_point: Annotated[str, typer.Option(metavar="ARN|latest", help="As `PROGRAM restore points` lists it.")],
    again: Annotated[
        bool, typer.Option("--again", help="Restore it once more, into another directory, though it was before.")
    ] = False,
    stack: StackOption = None,
    no_wait: NoWaitOption = False,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
    yes: YesOption = False,
) -> None:
    """Restore the file system of Caddy's certificates into a directory beside the live one."""
    environment = open_environment(stack)
    backup, iam = Backup(environment.aws), IamRoles(environment.aws)
    plan = plan_efs(
        environment.names,
        region=environment.aws.region,
        recovery_point=_named(recovery_point),
        efs=EfsFileSystems(environment.aws),
        backup=backup,
        iam=iam,
        again=stamp(datetime.now(UTC)) if again else "",
    )
    _carry_out(
        plan,
        lambda patience: restore_efs(plan, backup=backup, iam=iam, patience=patience),
        no_wait=no_wait,
        dry_run=dry_run,
        json=json,
        yes=yes,
    )


def _carry_out(
    plan: "RestorePlan",
    restore: "Callable[[Patience], Restored]",
    *,
    no_wait: bool,
    dry_run: bool,
    json: bool,
    yes: bool,
) -> None:
    question = f"Make {plan.target} in {plan.stack}? It is paid for until it is deleted."
    if not approved(plan, dry_run=dry_run, json=json, yes=yes, question=question):
        return
    restored = restore(Patience(hear=talk, waits=not no_wait))
    report({"stack": plan.stack, **plan.document(), **restored.document()}, json=json, lines=restored.lines(plan))


def _named(option: str) -> str | None:
    return None if option == LATEST else option


def _moment(at: str) -> datetime | None:
    if at == LATEST:
        return None
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise OperatorError(f"--at: came {at!r}; allowed: latest, or a time with its zone, e.g. 2026-11-25T10:15:00Z")
    return moment.astimezone(UTC).replace(microsecond=0)
