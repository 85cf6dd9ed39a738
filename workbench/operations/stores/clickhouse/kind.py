"""ClickHouse on hosts, as a kind of store."""

from collections.abc import Callable, Sequence

from workbench.aws.secrets_manager.secrets import SecretsManager
from workbench.operations.doctor.facts import Refused
from workbench.operations.doctor.report import Judgement, broken, cannot_tell, done, to_do, unread
from workbench.operations.readings import Unclear, Unread
from workbench.operations.stores.clickhouse import versions
from workbench.operations.stores.clickhouse.facts import ClickHouseFacts, read_ledger
from workbench.operations.stores.clickhouse.server import clickhouse_server
from workbench.operations.stores.host_volume.kind import VolumeKind, backup, start_snapshot
from workbench.operations.stores.kind import Examination, StoreCheck, StoreReading, Topic
from workbench.program import Release
from workbench.stores import ClickHouseHost
from workbench.words import command

_PATIENCE_SECONDS = 2.0
"""Over the VPN it answers in milliseconds."""


class ClickHouse(VolumeKind[ClickHouseHost, ClickHouseFacts]):
    """Hosts of ClickHouse."""

    verb = "clickhouse"
    ends = versions.ENDS

    def start_examination(self, store: ClickHouseHost, reading: StoreReading) -> Callable[[], ClickHouseFacts]:
        """Begin to read the newest snapshot and, where hosts are reached, the ledger."""
        pool, secrets = reading.pool, reading.wrappers.of(SecretsManager)
        snapshot = start_snapshot(store, reading)
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
            backup(),
        )

    def releases(self, store: ClickHouseHost) -> Sequence[Release]:
        """Return the release of the image."""
        return [versions.release(store)]


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


KIND = ClickHouse()
