"""A store whose newest point is too old says so."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.workbench.operations.environments import DESCRIPTION, REDIS
from tests.workbench.operations.stores.places import STORES
from tests.workbench.operations.stores.test_aurora import LIVE, FakeRds
from tests.workbench.operations.stores.test_efs import FILE_SYSTEM, FakeBackup, FakeEfs
from tests.workbench.operations.stores.test_host_volume import Volumes
from tests.workbench.operations.stores.test_redis import FakeRedis
from workbench.aws.backup import RecoveryPoint
from workbench.aws.ec2.volumes import VolumeSnapshot
from workbench.aws.efs.file_systems import FileSystem
from workbench.aws.elasticache.snapshots import RedisSnapshot
from workbench.aws.shared.wrappers import Wrappers
from workbench.operations.stores.points import StorePoints, words
from workbench.operations.stores.restoring import restore_points
from workbench.operations.times import utc
from workbench.stores import Store

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def redis_snapshot(age: timedelta, status: str = "available") -> RedisSnapshot:
    return RedisSnapshot(name="s", group_id="shop-redis-1", status=status, source="automated", taken_at=NOW - age)


def volume_snapshot(age: timedelta, state: str = "completed") -> VolumeSnapshot:
    return VolumeSnapshot(
        id="snap-1", volume_id="vol-1", state=state, begun_at=NOW - age, size_gib=50, is_encrypted=True
    )


def recovery_point(age: timedelta, **other: Any) -> RecoveryPoint:
    point = RecoveryPoint(
        arn="arn:point",
        file_system_arn=FILE_SYSTEM.arn,
        file_system_name="shop-certificates",
        status="COMPLETED",
        created_at=NOW - age,
        size_bytes=1,
    )
    return replace(point, **other)


def found(*, late: timedelta = timedelta(), file_system: FileSystem | None = FILE_SYSTEM) -> list[StorePoints]:
    rds = FakeRds()
    latest = NOW - timedelta(minutes=15) - late
    rds.clusters[LIVE.identifier] = replace(LIVE, restorable_until=latest)
    return points_of(
        rds,
        FakeRedis(redis_snapshot(timedelta(hours=26) + late)),
        Volumes(volume_snapshot(timedelta(hours=26) + late)),
        FakeEfs(file_system),
        FakeBackup(recovery_point(timedelta(hours=34) + late)),
    )


class Known(Wrappers):
    """These wrappers, each for the class that it is made of."""

    def __init__(self, *wrappers: Any) -> None:
        self._wrappers = wrappers

    def of(self, wrapper: Any) -> Any:
        return next(one for one in self._wrappers if isinstance(one, wrapper))


def points_of(*wrappers: Any, stores: tuple[Store, ...] = STORES) -> list[StorePoints]:
    return restore_points(replace(DESCRIPTION, stores=stores), Known(*wrappers), now=NOW)


def problems(stores: list[StorePoints]) -> list[tuple[str, str]]:
    return [(store.store, problem) for store in stores for problem in store.problems]


def test_nothing_is_wrong_until_a_schedule_is_overdue() -> None:
    assert problems(found()) == []
    assert problems(found(late=timedelta(seconds=1))) == [
        ("aurora", "THE NEWEST POINT IS 15 minutes OLD; its schedule allows 15 minutes"),
        ("redis", "THE NEWEST POINT IS 26 hours OLD; its schedule allows 26 hours"),
        ("clickhouse", "THE NEWEST POINT IS 26 hours OLD; its schedule allows 26 hours"),
        ("efs", "THE NEWEST POINT IS 34 hours OLD; its schedule allows 34 hours"),
    ]


def test_backups_that_are_off_are_told() -> None:
    assert problems(found(file_system=replace(FILE_SYSTEM, is_backed_up=False))) == [
        ("efs", "its automatic backups are off")
    ]
    assert problems(found(file_system=None)) == [("efs", "the file system is not in EFS")]


def test_what_is_not_complete_does_not_count() -> None:
    rds = FakeRds()
    rds.clusters.clear()
    stores = points_of(
        rds,
        FakeRedis(redis_snapshot(timedelta(), "creating")),
        Volumes(volume_snapshot(timedelta(), "pending")),
        FakeEfs(FILE_SYSTEM),
        FakeBackup(
            recovery_point(timedelta(), status="PARTIAL"),
            recovery_point(timedelta(), file_system_arn="arn:file-system/fs-2", file_system_name="another"),
        ),
    )
    nothing = "THERE IS NOTHING TO RESTORE"
    assert problems(stores) == [
        ("aurora", "the cluster is not in RDS"),
        ("aurora", nothing),
        ("redis", nothing),
        ("clickhouse", nothing),
        ("efs", nothing),
    ]


def test_several_stores_of_a_kind_are_told_apart() -> None:
    queues = replace(REDIS, label="Queues")
    found = points_of(FakeRedis(redis_snapshot(timedelta())), stores=(REDIS, queues))
    assert [store.store for store in found] == ["redis Redis", "redis Queues"]


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(seconds=-3), "0 minutes"),
        (timedelta(seconds=119), "1 minute"),
        (timedelta(minutes=119), "119 minutes"),
        (timedelta(minutes=120), "2 hours"),
        (timedelta(hours=47), "47 hours"),
        (timedelta(hours=48), "2 days"),
    ],
)
def test_ages_are_in_words(age: timedelta, said: str) -> None:
    assert words(age) == said


def test_document_has_the_ages_and_a_point_of_the_future_has_none() -> None:
    (aurora, *_) = found()
    later = replace(aurora, points=(replace(aurora.points[0], moment=NOW + timedelta(seconds=9)), *aurora.points[1:]))
    for store, age in ((aurora, 900), (later, 0)):
        document = store.document(NOW)
        newest = document["points"][0]
        assert (document["store"], document["name"], document["problems"]) == ("aurora", LIVE.identifier, [])
        assert newest == {
            "id": store.points[0].id,
            "moment": utc(store.points[0].moment),
            "kind": store.points[0].kind,
            "age_seconds": age,
        }
