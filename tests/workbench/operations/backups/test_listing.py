import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.workbench.operations.releases.small import Bucket
from workbench.backups import BackupTarget
from workbench.errors import OperatorError
from workbench.operations.backups.judging import problems, summary
from workbench.operations.backups.listing import Backup, Drill, newest_backups, read_backups
from workbench.operations.backups.plans import chosen, plan_restoration
from workbench.operations.backups.rows import backup_rows
from workbench.operations.status.screen import State

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
TARGET = BackupTarget(
    host="shop-host", document="shop-backup", bucket="shop-backups", log_group="/shop", restored_prefix="shop_restored_"
)


def bucket(*keys: str, drills: Mapping[str, Mapping[str, Any] | bytes] | None = None) -> Bucket:
    made = Bucket("shop-backups")
    made.objects = dict.fromkeys(keys, b"12345")
    for key, drill in (drills or {}).items():
        content = drill if isinstance(drill, bytes) else json.dumps(drill).encode()
        made.objects[f"{key}.drill.json"] = content
    return made


NEWEST, OLDER = "daily/shop-prod-20261130-020000.dump", "daily/shop-prod-20261129-020000.dump"
ASKED, MONTHLY = "production/shop-prod-20261130-090000.dump", "monthly/shop-prod-20261130-020000.dump"


def test_dumps_are_listed_newest_first_with_what_stands_beside_them() -> None:
    drill = {"at": "2026-11-29T04:00:00Z", "outcome": "failed", "reason": "the restored copy differs"}
    made = bucket(
        *(NEWEST, f"{NEWEST}.manifest.json", OLDER, ASKED, f"{ASKED}.manifest.json", MONTHLY),
        *("daily/notes.txt", "daily/shop-prod-20261128-020000.dump.manifest.json", "other/x-20261130-020000.dump"),
        drills={OLDER: drill},
    )
    found = read_backups(made)
    assert [(each.key, each.is_verified, each.size) for each in found] == [
        (ASKED, True, 5),
        (NEWEST, True, 5),
        # The same dump, kept for longer: here without its manifest.
        (MONTHLY, False, 5),
        (OLDER, False, 5),
    ]
    assert found[-1].drill == Drill(at="2026-11-29T04:00:00Z", is_restored=False, reason="the restored copy differs")
    assert found[1].document(NOW) == {
        "backup": NEWEST,
        "taken_at": "2026-11-30T02:00:00Z",
        "age_seconds": 36000,
        "bytes": 5,
        "verified": True,
        "drill": None,
    }
    assert [each.key for each in read_backups(made, limit=1)] == [ASKED]


def test_result_of_a_drill_that_is_none_is_told() -> None:
    (found,) = read_backups(bucket(NEWEST, drills={NEWEST: b"<html>"}))
    assert found.drill == Drill(at="", is_restored=False, reason="its result can't be read")


def backup(*, hours: float, verified: bool = True, drill: Drill | None = None) -> Backup:
    taken = NOW - timedelta(hours=hours)
    key = f"daily/shop-prod-{taken:%Y%m%d-%H%M%S}.dump"
    return Backup(key=key, taken_at=taken, size=5, is_verified=verified, drill=drill)


def drilled(*, days: float, reason: str | None = None) -> Drill:
    at = f"{NOW - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"
    return Drill(at=at, is_restored=reason is None, reason=reason)


@pytest.mark.parametrize(
    ("backups", "expected"),
    [
        ([], ["THERE IS NO BACKUP"]),
        ([backup(hours=10), backup(hours=34, drill=drilled(days=3))], []),
        ([backup(hours=26, drill=drilled(days=8))], []),
        ([backup(hours=26.1, drill=drilled(days=1))], ["THE NEWEST VERIFIED BACKUP IS 26 hours OLD"]),
        (
            # A newer one that was not verified does not count.
            [backup(hours=1, verified=False), backup(hours=50, drill=drilled(days=1))],
            ["THE NEWEST VERIFIED BACKUP IS 2 days OLD"],
        ),
        ([backup(hours=1, verified=False, drill=drilled(days=1))], ["no backup was restored before it was kept"]),
        ([backup(hours=1)], ["no backup was ever drilled"]),
        ([backup(hours=1, drill=drilled(days=8.1))], ["the last drill is 8 days old"]),
        (
            [backup(hours=1, drill=drilled(days=2)), backup(hours=25, drill=drilled(days=1, reason="no room"))],
            ["the last drill, of daily/shop-prod-20261129-110000.dump, failed: no room"],
        ),
    ],
)
def test_what_is_too_old_or_failed_is_a_problem(backups: Sequence[Backup], expected: list[str]) -> None:
    assert problems(backups, now=NOW) == expected
    (row,) = backup_rows(backups, now=NOW)
    assert (row.state, row.what) == (
        (State.BROKEN, "; ".join(expected)) if expected else (State.WELL, summary(backups, now=NOW))
    )


def test_a_month_of_dumps_tells_how_backups_stand() -> None:
    keys = [f"daily/shop-prod-202610{day:02}-{hour:02}0000.dump" for day in range(1, 29) for hour in (2, 3)]
    assert len(newest_backups(bucket(*keys))) == 40


@pytest.mark.parametrize("name", [OLDER, OLDER.removeprefix("daily/")])
def test_dump_is_named_with_or_without_its_prefix(name: str) -> None:
    assert chosen(read_backups(bucket(NEWEST, OLDER)), name).key == OLDER


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ([NEWEST], f"backup: shop is not in the bucket; the newest is {NEWEST}"),
        ([], "backup: shop is not in the bucket; the bucket has none"),
    ],
)
def test_dump_that_is_not_there_is_refused(keys: list[str], message: str) -> None:
    with pytest.raises(OperatorError) as refused:
        chosen(read_backups(bucket(*keys)), "shop")
    assert str(refused.value) == message


def test_copy_is_called_for_the_moment_that_it_shows() -> None:
    (found,) = read_backups(bucket(NEWEST, f"{NEWEST}.manifest.json"))
    assert plan_restoration(TARGET, "production", found, None).into == "shop_restored_20261130_020000"
    assert plan_restoration(TARGET, "production", found, "look_1").into == "look_1"
    with pytest.raises(OperatorError, match="came Look; allowed: at most 63 lower-case letters"):
        plan_restoration(TARGET, "production", found, "Look")


def test_dump_that_nothing_tells_of_is_not_restored() -> None:
    (found,) = read_backups(bucket(NEWEST))
    with pytest.raises(OperatorError, match="has no manifest beside it"):
        plan_restoration(TARGET, "production", found, None)
