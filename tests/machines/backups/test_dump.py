import json
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.machines.backups.backup_host import DATABASE, BackupHost
from tests.machines.backups.conftest import MakeHost
from tests.machines.backups.failures import DUMP, FAILURES, MANIFEST, MONTHLY, Failure, dump_to
from tests.support.postgresql import RunningPostgres, older_client
from tests.support.programs import require_root


def test_dump_is_restored_compared_and_kept_with_a_manifest(host: MakeHost) -> None:
    made = host()
    ended = made.run("dump", "--prefix", "daily", "--environment", "production")
    assert ended.told == (0, "done", "monthly", "")
    assert [stage["name"] for stage in ended.answer["stages"]] == [
        *("connect", "room", "dump", "check", "restore", "compare", "upload", "monthly")
    ]
    assert made.kept() == [DUMP, MANIFEST, *MONTHLY]
    manifest = json.loads((made.directory / "bucket" / f"{ended.answer['backup']}.manifest.json").read_text("utf-8"))
    dump = made.directory / "bucket" / ended.answer["backup"]
    assert (manifest["bytes"], manifest["backup"]) == (dump.stat().st_size, ended.answer["backup"])
    assert (
        subprocess.run(["sha256sum", dump], capture_output=True, text=True, check=True).stdout[:64]
        == manifest["sha256"]
    )
    assert manifest["server"].startswith("16.")
    assert manifest["newest_migration"] == "20261115120000_invoices"
    assert manifest["rows"] == {
        "public._prisma_migrations": 3,
        "billing.invoices": 300,
        "public.customers": 500,
        "public.visits_2026": 40,
    }
    assert manifest["sequences"] == {
        "billing.invoices_id_seq": 300,
        "public.customers_id_seq": 500,
        "public.unused": 0,
    }
    assert {
        "constraint invoices_customer_fkey on billing.invoices",
        "extension vector",
        "function public.total(integer)",
        "index public.customers_name_key",
        "type public.status",
        "view public.open_invoices",
        "column public.customers.name text not null",
    } <= set(manifest["objects"])
    assert made.metrics().keys() == {"VerifiedAgeSeconds", "DumpBytes", "DumpSeconds"}
    assert made.metrics()["DumpBytes"] == manifest["bytes"]
    assert made.left() == []


def test_second_dump_of_a_month_is_not_kept_for_longer(host: MakeHost) -> None:
    made = host()
    first, second = (made.run("dump", "--prefix", "daily").answer for _ in range(2))
    assert [len(run["kept"]) for run in (first, second)] == [2, 1]


def test_dump_on_demand_goes_elsewhere(host: MakeHost) -> None:
    made = host()
    assert made.run("dump").status == 0
    assert made.kept() == ["production/shop-prod-….dump", "production/shop-prod-….dump.manifest.json"]


def test_what_is_written_meanwhile_is_in_neither_the_dump_nor_the_counts(host: MakeHost) -> None:
    insert = "INSERT INTO customers (name) VALUES ('late'); SELECT nextval('unused');"
    made = host(
        before={"pg_dump": f'[ "$1" = --version ] || "${{real%/*}}/psql" -qc "{insert}" {DATABASE}; exec "$real" "$@"'}
    )
    ended = made.run("dump", "--prefix", "daily")
    made.database.ask("DELETE FROM customers WHERE name = 'late'; SELECT setval('unused', 1, false)", database=DATABASE)
    made.database.ask("SELECT setval('customers_id_seq', 500)", database=DATABASE)
    assert ended.told == (0, "done", "monthly", "")
    # The sequences were used between the counts and the dump: their values lie in between.
    assert (
        json.loads((made.directory / "bucket" / f"{ended.answer['backup']}.manifest.json").read_text("utf-8"))["rows"][
            "public.customers"
        ]
        == 500
    )


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES.keys())
def test_failed_dump_leaves_nothing_under_a_final_name_and_says_why(host: MakeHost, failure: Failure) -> None:
    if "15/bin" in str((failure.settings, failure.before)):
        older_client("pg_dump")
    made = host(before=failure.before, settings=failure.settings)
    if failure.refuse:
        made.write("refuse", failure.refuse)
    if failure.secret is not None:
        made.write("secret", failure.secret)
    ended = made.run("dump", "--prefix", "daily", *failure.arguments)
    assert ended.told == failure.told
    assert failure.told[3] in ended.talk
    assert (made.kept(), made.left()) == (failure.kept, [])
    assert ("VerifiedAgeSeconds" in made.metrics()) is (DUMP in failure.kept)


def test_wrong_password_is_the_servers_word(host: MakeHost) -> None:
    made = host()
    secret = json.loads((made.directory / "secret").read_text("utf-8"))
    made.write("secret", json.dumps({**secret, "DB_PASSWORD": "other"}))
    status, outcome, stage, reason = made.run("dump").told
    assert (status, outcome, stage) == (1, "failed", "connect")
    assert reason.endswith('FATAL:  password authentication failed for user "postgres"')
    assert made.kept() == []


def test_metrics_that_are_refused_take_nothing_back(host: MakeHost) -> None:
    made = host()
    made.write("refuse", "put-metric-data => Unable to locate credentials")
    ended = made.run("dump")
    assert (ended.status, len(made.kept())) == (0, 2)
    assert ended.answer["warning"] == "metrics were not published: aws: Unable to locate credentials"


@pytest.fixture
def small_disk(folder: Path) -> Iterator[Path]:
    require_root("a small file system")
    directory = folder / "disk"
    directory.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300m,mode=0777", "tmpfs", directory], check=True)
    try:
        yield directory
    finally:
        subprocess.run(["umount", directory], check=True)
        directory.rmdir()


FULL = 'head --bytes=1G /dev/zero >"$host/../disk/filler" 2>/dev/null; '


@pytest.mark.parametrize(
    ("before", "told"),
    [
        (
            {"pg_dump": dump_to(f'{FULL}exec "$real" "$@"')},
            (1, "failed", "dump", "pg_dump: error: could not write to output file: No space left on device"),
        ),
        (
            {"initdb": f'{FULL}exec "$real" "$@"'},
            (1, "failed", "restore", "initdb: error: could not write file "),
        ),
    ],
)
def test_disk_that_fills_up_ends_the_dump(
    host: MakeHost, small_disk: Path, before: Mapping[str, str], told: tuple[int, str, str, str]
) -> None:
    made = host(settings={"state": str(small_disk / "state")}, before=before)
    ended = made.run("dump", "--prefix", "daily")
    assert ended.told[:3] == told[:3]
    assert ended.told[3].startswith(told[3])
    assert (made.kept(), (small_disk / "state" / "work").exists()) == ([], False)


def test_disk_without_room_is_left_alone(host: MakeHost, small_disk: Path) -> None:
    (small_disk / "services").write_bytes(bytes(200 * 1024 * 1024))
    ended = host(settings={"state": str(small_disk / "state")}).run("dump")
    assert ended.told[:3] == (2, "refused", "room")
    assert "MiB free and" in ended.told[3]


def _wait_for(path: Path) -> None:
    end = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < end, path
        time.sleep(0.02)


WAITING = 'touch "$host/calls/waiting"; while [ ! -e "$host/calls/go" ]; do sleep 0.05; done; exec "$real" "$@"'


def test_second_run_is_refused_while_the_first_goes_on(host: MakeHost) -> None:
    made = host(before={"pg_dump": dump_to(WAITING)})
    first = made.start("dump", "--prefix", "daily")
    _wait_for(made.directory / "calls" / "waiting")
    status, outcome, _, reason = made.run("drill").told
    assert (status, outcome) == (2, "refused")
    assert reason.startswith("another run is under way: dump, since 20")
    (made.directory / "calls" / "go").touch()
    assert made.end(first).told == (0, "done", "monthly", "")


def test_run_that_is_ended_leaves_nothing(host: MakeHost) -> None:
    made = host(before={"pg_restore": f'[[ $* = *--dbname* ]] || exec "$real" "$@"; {WAITING}'})
    run = made.start("dump", "--prefix", "daily")
    _wait_for(made.directory / "calls" / "waiting")
    run.terminate()
    assert made.end(run).told == (1, "failed", "restore", "ended by SIGTERM")
    assert (made.kept(), made.left(), _servers(made)) == ([], [], [])


def test_run_that_was_killed_is_cleared_away_by_the_next(host: MakeHost) -> None:
    made = host(before={"pg_restore": f'[[ $* = *--dbname* ]] || exec "$real" "$@"; {WAITING}'})
    run = made.start("dump", "--prefix", "daily")
    _wait_for(made.directory / "calls" / "waiting")
    run.kill()
    run.communicate()
    (made.directory / "run" / "pgpass-1").touch()
    assert (made.left(), len(_servers(made))) == (
        ["pgpass-…", "work"],
        1,
    )  # its file is in memory, and its server still runs
    (made.directory / "calls" / "go").touch()
    assert made.run("dump", "--prefix", "daily").told == (0, "done", "monthly", "")
    assert (made.left(), _servers(made)) == ([], [])


def _servers(made: BackupHost) -> list[str]:
    """Return the scratch servers that run in the host's directory."""
    found: list[str] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (process / "cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if b"-D" in arguments and str(made.directory / "state/work/data").encode() in arguments:
            found.append(process.name)
    return found


def test_password_is_in_a_private_file_alone_and_nothing_is_ever_deleted(
    host: MakeHost, database: RunningPostgres
) -> None:
    record = 'tr "\\0" "\\n" </proc/$$/environ >"$host/calls/environ"; echo "$*" >>"$host/calls/arguments"\n'
    look = 'stat --format="%a %U" "$PGPASSFILE" >"$host/calls/mode"; '
    made = host(before={"pg_dump": record + dump_to(f'{look}exec "$real" "$@"')})
    ended = made.run("dump", "--prefix", "daily")
    drilled = made.run("drill")
    assert (ended.status, drilled.status) == (0, 0)
    calls = made.directory / "calls"
    told = [
        ended.talk,
        str(ended.answer),
        *((calls / name).read_text("utf-8") for name in ("environ", "arguments", "aws")),
    ]
    kept = [path.read_bytes().decode("utf-8", "replace") for path in made.directory.glob("bucket/**/*.json")]
    assert not any(secret in text for text in (*told, *kept) for secret in (database.password, "pass\\\\word"))
    assert (calls / "mode").read_text("utf-8").split()[0] == "600"
    # The rights of the writer are these calls' and no others: tests/components/test_backup_vault.py.
    assert {" ".join(call["arguments"][:2]) for call in made.calls()} == {
        "cloudwatch put-metric-data",
        "s3 cp",
        "s3api list-objects-v2",
        "secretsmanager get-secret-value",
    }
    shutil.rmtree(made.directory / "bucket")
