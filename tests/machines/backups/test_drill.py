import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.machines.backups.backup_host import DATABASE, BackupHost
from tests.machines.backups.conftest import MakeHost
from tests.machines.backups.failures import DUMP, MANIFEST
from tests.support.postgresql import RunningPostgres

DRILL = f"{DUMP}.drill.json"


@pytest.fixture
def kept(host: MakeHost, one_backup: Path) -> BackupHost:
    """Return a host whose bucket has one backup."""
    made = host()
    shutil.copytree(one_backup, made.directory / "bucket", dirs_exist_ok=True)
    for path in (made.directory / "bucket").rglob("*"):
        path.chmod(0o777)
    return made


def _the(kept: BackupHost, ending: str) -> Path:
    (path,) = (path for path in (kept.directory / "bucket").rglob("*") if str(path).endswith(ending))
    return path


def test_drill_restores_the_newest_backup_and_tells_what_came_of_it(kept: BackupHost) -> None:
    ended = kept.run("drill")
    assert ended.told == (0, "done", "compare", "")
    assert [stage["name"] for stage in ended.answer["stages"]] == ["fetch", "restore", "compare"]
    assert kept.kept() == [DUMP, DRILL, MANIFEST]
    result = json.loads(_the(kept, ".drill.json").read_text("utf-8"))
    assert (result["outcome"], result["reason"]) == ("restored", None)
    assert kept.metrics().items() >= {("DrillFailed", 0), ("DrillAgeSeconds", 0)}
    assert kept.metrics()["DrillSeconds"] > 0
    assert kept.left() == []


@pytest.mark.parametrize(
    ("ending", "content", "stage", "reason"),
    [
        (".dump", b"nothing", "fetch", "has the SHA-256 "),
        (".manifest.json", b"{", "fetch", " is not JSON"),
    ],
)
def test_backup_that_was_changed_in_the_bucket_fails_its_drill(
    kept: BackupHost, ending: str, content: bytes, stage: str, reason: str
) -> None:
    _the(kept, ending).write_bytes(content)
    ended = kept.run("drill")
    assert ended.told[:3] == (1, "failed", stage)
    assert reason in ended.told[3]
    assert json.loads(_the(kept, ".drill.json").read_text("utf-8"))["reason"] == ended.told[3]
    assert kept.metrics()["DrillFailed"] == 1
    assert kept.run("report").answer["metrics"]["DrillFailed"] == 1


def test_manifest_of_another_database_fails_the_comparison(kept: BackupHost) -> None:
    path = _the(kept, ".manifest.json")
    manifest = json.loads(path.read_text("utf-8"))
    manifest["rows"]["public.customers"] += 1
    manifest["newest_migration"] = "20261201120000_other"
    path.write_text(json.dumps(manifest), encoding="utf-8")
    assert kept.run("drill").told == (
        *(1, "failed", "compare"),
        "the restored copy differs: rows: public.customers has 500 instead of 501; "
        "newest migration: 20261115120000_invoices instead of 20261201120000_other",
    )


def test_dump_whose_manifest_is_missing_is_no_verified_one(kept: BackupHost) -> None:
    _the(kept, ".manifest.json").unlink()
    assert kept.run("drill").told[:3] == (1, "failed", "fetch")
    assert "VerifiedAgeSeconds" not in kept.run("report").answer["metrics"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("drill", "--backup", "daily/shop-prod-20200101-020000.dump"), "the bucket has no daily/shop-prod-20200101"),
        (("drill", "--backup", "../secret"), "../secret: a backup is named as daily/…-YYYYmmdd-HHMMSS.dump"),
        (("restore", "--into", "Shop"), "Shop: a database's name has lower-case letters, digits and underscores"),
        (("restore", "--into", DATABASE), "the database shop is there already; nothing that is there is restored into"),
    ],
)
def test_what_is_not_meant_is_refused(kept: BackupHost, arguments: tuple[str, ...], reason: str) -> None:
    status, outcome, _, said = kept.run(*arguments).told
    assert (status, outcome) == (2, "refused")
    assert said.startswith(reason)
    assert kept.kept() == [DUMP, MANIFEST]


def test_bucket_without_a_backup_is_told(host: MakeHost) -> None:
    made = host()
    assert made.run("drill").told[::3] == (2, "the bucket has no backup")
    # Silence is what rings.
    assert made.run("report").answer["metrics"] == {}
    assert made.metrics() == {}


def test_report_tells_the_ages_that_the_bucket_has(kept: BackupHost) -> None:
    bucket = kept.directory / "bucket"
    for name in ("daily/shop-prod-20200101-020000.dump", "daily/shop-prod-20200101-020000.dump.manifest.json"):
        (bucket / name).write_text("{}", encoding="utf-8")
    drill = {"at": "2020-01-02T02:00:00Z", "outcome": "restored"}
    (bucket / "daily/shop-prod-20200101-020000.dump.drill.json").write_text(json.dumps(drill), encoding="utf-8")
    metrics = kept.run("report").answer["metrics"]
    assert 0 < metrics["VerifiedAgeSeconds"] < 600
    assert metrics["DrillAgeSeconds"] > 5 * 365 * 24 * 3600
    assert kept.metrics().keys() >= metrics.keys()


@pytest.fixture
def restored(database: RunningPostgres) -> Iterator[str]:
    yield "shop_restored_1"
    database.ask("DROP DATABASE IF EXISTS shop_restored_1")


def test_backup_is_restored_beside_the_live_database(
    kept: BackupHost, database: RunningPostgres, restored: str
) -> None:
    ended = kept.run("restore", "--into", restored)
    assert ended.told == (0, "done", "compare", "")
    assert database.ask("SELECT count(*) FROM customers", database=restored) == "500"
    assert database.ask("SELECT count(*) FROM customers", database=DATABASE) == "500"


def test_restoration_that_fails_leaves_no_database(kept: BackupHost, database: RunningPostgres, restored: str) -> None:
    manifest = _the(kept, ".manifest.json")
    manifest.write_text(
        manifest.read_text("utf-8").replace('"public.customers": 500', '"public.customers": 1'), "utf-8"
    )
    assert kept.run("restore", "--into", restored).told == (
        *(1, "failed", "compare"),
        "the restored copy differs: rows: public.customers has 500 instead of 1",
    )
    assert restored not in database.ask("SELECT datname FROM pg_database").splitlines()
