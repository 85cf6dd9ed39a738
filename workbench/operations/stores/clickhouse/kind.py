"""ClickHouse on hosts, as a kind of store."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from workbench.aws.ec2.instances import Ec2
from workbench.aws.ec2.volumes import Ec2Volumes
from workbench.aws.secrets_manager.secrets import SecretsManager
from workbench.aws.shared.wrappers import Wrappers
from workbench.operations.doctor.facts import Refused
from workbench.operations.doctor.report import Judgement, broken, cannot_tell, done, to_do, unread
from workbench.operations.readings import Unclear, Unread
from workbench.operations.stores.clickhouse import versions
from workbench.operations.stores.clickhouse.facts import ClickHouseFacts, read_ledger
from workbench.operations.stores.clickhouse.restore import SNAPSHOT_TAG, plan_clickhouse, restore_clickhouse
from workbench.operations.stores.clickhouse.server import clickhouse_server
from workbench.operations.stores.kind import Examination, Kind, StoreCheck, StoreReading, Topic
from workbench.operations.stores.points import FoundPoints, Point
from workbench.operations.stores.restoration import Place, Restoration, RestoreChoice
from workbench.operations.stores.snapshots import daily_snapshot
from workbench.program import Release
from workbench.stores import ClickHouseHost
from workbench.words import command

_PATIENCE_SECONDS = 2.0
"""Over the VPN it answers in milliseconds."""


class ClickHouse(Kind[ClickHouseHost, ClickHouseFacts]):
    """Hosts of ClickHouse. Of the host itself the status screen has a row among the hosts."""

    oldest_point = timedelta(hours=26)
    """Daily, begun within the hour after its time ("Create Amazon DLM policy for EBS snapshots", EBS User Guide)."""
    ends = versions.ENDS

    def start_examination(self, store: ClickHouseHost, reading: StoreReading) -> Callable[[], ClickHouseFacts]:
        """Begin to read the newest snapshot and, where hosts are reached, the ledger."""
        pool, secrets = reading.pool, reading.wrappers.of(SecretsManager)
        snapshot = pool.start(reading.wrappers.of(Ec2).newest_snapshot, SNAPSHOT_TAG, store.host)
        if not reading.reaches_hosts:
            ledger = Unclear("the embedded AWS has no hosts")
            return lambda: ClickHouseFacts(snapshot_at=snapshot.outcome(), ledger=ledger)
        found = pool.start(
            read_ledger,
            lambda: clickhouse_server(store, secrets, patience_seconds=_PATIENCE_SECONDS),
            reading.program,
        )
        return lambda: ClickHouseFacts(snapshot_at=snapshot.outcome(), ledger=found.outcome())

    def checks(self) -> Sequence[StoreCheck[ClickHouseHost, ClickHouseFacts]]:
        """Return the checks of a host's database."""
        return (
            StoreCheck(topic=Topic.PREPARED, name="{} prepared", check=_prepared),
            StoreCheck(topic=Topic.BACKUP, name="{} backup", check=_backup),
        )

    def releases(self, store: ClickHouseHost) -> Sequence[Release]:
        """Return the release of the image."""
        return [versions.release(store)]

    def points(self, store: ClickHouseHost, wrappers: Wrappers) -> FoundPoints:
        """Return the volume's snapshots that are complete."""
        points = (
            Point(id=snapshot.id, moment=snapshot.begun_at, kind=f"of {snapshot.volume_id}")
            for snapshot in wrappers.of(Ec2Volumes).snapshots(SNAPSHOT_TAG, store.host)
            if snapshot.state == "completed"
        )
        return FoundPoints(name=store.host, points=tuple(points))

    def restoration(
        self, store: ClickHouseHost, place: Place, choice: RestoreChoice, wrappers: Wrappers
    ) -> Restoration:
        """Plan a second volume of a snapshot."""
        ec2 = wrappers.of(Ec2Volumes)
        plan = plan_clickhouse(store, place, snapshot=choice.source, ec2=ec2)
        return Restoration(plan=plan, execute=lambda patience: restore_clickhouse(plan, ec2=ec2, patience=patience))


def _prepared(one: Examination[ClickHouseHost, ClickHouseFacts]) -> Judgement:
    """Check that the ledger has statements, all of them applied."""
    ledger, where = one.facts.ledger, one.where
    then = command("clickhouse init DIR --stack", where.stack)
    if isinstance(ledger, Unread):
        return unread(ledger)
    if isinstance(ledger, Unclear):
        # Of the embedded AWS there is no ClickHouse to prepare.
        return cannot_tell(ledger.why, then=None if where.is_embedded else then)
    if isinstance(ledger, Refused):
        return broken(ledger.why, then=then)
    if ledger is None or (not ledger.applied and not ledger.open):
        return to_do("no statement was applied", then=then)
    if ledger.open:
        return broken(f"{ledger.applied} statements applied, {ledger.open} begun or refused and not applied", then=then)
    return done(f"{ledger.applied} statements applied; whether the files have more, the command tells")


def _backup(one: Examination[ClickHouseHost, ClickHouseFacts]) -> Judgement:
    """Check that the volume has a fresh snapshot."""
    return daily_snapshot(one.where, one.facts.snapshot_at, "aws dlm get-lifecycle-policies")


KIND = ClickHouse()
