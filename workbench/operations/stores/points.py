"""What each store can be restored to, and whether that is as recent as its schedule promises."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from workbench.aws.backup import Backup
from workbench.aws.ec2.volumes import Ec2Volumes
from workbench.aws.efs.file_systems import EfsFileSystems
from workbench.aws.elasticache.snapshots import ElastiCacheSnapshots
from workbench.aws.rds.restore import RdsRestore
from workbench.counting import counted
from workbench.names import Names
from workbench.operations.stores.clickhouse import SNAPSHOT_TAG
from workbench.operations.stores.efs import of_file_system
from workbench.operations.stores.names import aurora_cluster, clickhouse_host, file_system, redis_prefix
from workbench.operations.times import utc

AURORA, REDIS, CLICKHOUSE, EFS = "aurora", "redis", "clickhouse", "efs"

OLDEST_ALLOWED: Mapping[str, timedelta] = {
    # "Typically within five minutes" ("LatestRestorableTime", RDS API reference); a quarter of an hour is not typical.
    AURORA: timedelta(minutes=15),
    # Daily, in a window of at least an hour ("Scheduling automatic backups", ElastiCache User Guide).
    REDIS: timedelta(hours=26),
    # Daily, begun within the hour after its time ("Create Amazon DLM policy for EBS snapshots", EBS User Guide).
    CLICKHOUSE: timedelta(hours=26),
    # Daily, begun within the eight hours that a window has by default ("Backup plan options", AWS Backup Guide).
    EFS: timedelta(hours=34),
}
"""How old the newest point may be while all is well."""


@dataclass(frozen=True, kw_only=True)
class Point:
    """One moment that a store can be restored to."""

    id: str
    moment: datetime
    kind: str

    def document(self, now: datetime) -> Mapping[str, Any]:
        """Return it for ``--json``."""
        return {
            "id": self.id,
            "moment": utc(self.moment),
            "kind": self.kind,
            "age_seconds": max(0, int((now - self.moment).total_seconds())),
        }


@dataclass(frozen=True, kw_only=True)
class StorePoints:
    """What one store can be restored to."""

    store: str
    """As the command that restores it is called."""
    name: str
    """AWS's name of what is backed up."""
    points: tuple[Point, ...]
    """The newest first. A continuous backup has two: its end and its beginning."""
    problems: tuple[str, ...]

    def document(self, now: datetime) -> Mapping[str, Any]:
        """Return it for ``--json``."""
        return {
            "store": self.store,
            "name": self.name,
            "points": [point.document(now) for point in self.points],
            "problems": list(self.problems),
        }


def restore_points(
    names: Names,
    *,
    now: datetime,
    rds: RdsRestore,
    redis: ElastiCacheSnapshots,
    ec2: Ec2Volumes,
    efs: EfsFileSystems,
    backup: Backup,
) -> list[StorePoints]:
    """Return what the four stores can be restored to, with what is wrong about it."""
    return [
        _aurora(names, now, rds),
        _redis(names, now, redis),
        _clickhouse(names, now, ec2),
        _efs(names, now, efs, backup),
    ]


def words(age: timedelta) -> str:
    """Return an age as operators read it: minutes, hours or days, rounded down."""
    minutes = max(0, int(age.total_seconds() // 60))
    for size, unit in ((24 * 60, "days"), (60, "hours")):
        if minutes >= 2 * size:
            return f"{minutes // size} {unit}"
    return counted(minutes, "minute")


def _aurora(names: Names, now: datetime, rds: RdsRestore) -> StorePoints:
    name = aurora_cluster(names)
    cluster = rds.cluster(name)
    ends = () if cluster is None else (("latest", cluster.restorable_until), ("earliest", cluster.restorable_from))
    points = [Point(id=end, moment=moment, kind="continuous") for end, moment in ends if moment is not None]
    return _store(AURORA, name, points, now, ["the cluster is not in RDS"] if cluster is None else [])


def _redis(names: Names, now: datetime, redis: ElastiCacheSnapshots) -> StorePoints:
    prefix = redis_prefix(names)
    points = [
        Point(id=snapshot.name, moment=snapshot.taken_at, kind=snapshot.source)
        for snapshot in redis.snapshots(prefix)
        if snapshot.status == "available" and snapshot.taken_at is not None
    ]
    return _store(REDIS, prefix.removesuffix("-"), points, now, [])


def _clickhouse(names: Names, now: datetime, ec2: Ec2Volumes) -> StorePoints:
    name = clickhouse_host(names)
    points = [
        Point(id=snapshot.id, moment=snapshot.begun_at, kind=f"of {snapshot.volume_id}")
        for snapshot in ec2.snapshots(SNAPSHOT_TAG, name)
        if snapshot.state == "completed"
    ]
    return _store(CLICKHOUSE, name, points, now, [])


def _efs(names: Names, now: datetime, efs: EfsFileSystems, backup: Backup) -> StorePoints:
    name = file_system(names)
    live = efs.named(name)
    problems = ["the file system is not in EFS"] if live is None else []
    if live is not None and not live.is_backed_up:
        problems.append("its automatic backups are off")
    points = [
        Point(id=point.arn, moment=point.created_at, kind=f"of {point.file_system_arn.rpartition('/')[2]}")
        for point in of_file_system(backup.recovery_points(), name, live)
    ]
    return _store(EFS, name, points, now, problems)


def _store(store: str, name: str, points: Sequence[Point], now: datetime, problems: list[str]) -> StorePoints:
    allowed = OLDEST_ALLOWED[store]
    if not points:
        problems.append("THERE IS NOTHING TO RESTORE")
    elif now - points[0].moment > allowed:
        age = words(now - points[0].moment)
        problems.append(f"THE NEWEST POINT IS {age} OLD; its schedule allows {words(allowed)}")
    return StorePoints(store=store, name=name, points=tuple(points), problems=tuple(problems))
