"""Upgrades beside the version that serves: both ways, and every way in which one fails and what is left then."""

import fcntl
import threading
import time
from typing import Any

import pytest

from tests.support.search_host import SearchHost

STEPS = ["check", "room", "fetch", "snapshot", "dump", "import", "compare", "switch"]


@pytest.fixture
def serving(host: SearchHost) -> SearchHost:
    """A host that serves 1.7.6 with three documents."""
    assert host.run("search-host", "apply").status == 0
    host.fill()
    return host


def steps(document: Any) -> list[str]:
    return [step["name"] for step in document["steps"]]


def is_as_it_was(host: SearchHost, version: str = "1.7.6", documents: int = 3) -> bool:
    """Tell whether the version serves as before, and nothing of an attempt is left."""
    client = host.client(host.key("documents"))
    return (
        client.get_version()["pkgVersion"] == version
        and client.index("products").get_stats().number_of_documents == documents
        and host.databases() == [version]
    )


def test_upgrade_from_before_1_12_is_by_dump_and_import_and_the_old_database_stays(serving: SearchHost) -> None:
    serving.configure("1.13.0")
    ran = serving.upgrade("1.13.0")
    assert (ran.status, ran.document["outcome"], ran.document["method"]) == (0, "healthy", "dump"), ran.lines
    assert (steps(ran.document), ran.lines[:8]) == (STEPS, STEPS)
    assert ran.document["serving"] == {"answers": True, "documents": {"products": 3}, "version": "1.13.0"}
    assert (ran.document["earlier"], serving.databases()) == (["1.7.6"], ["1.13.0", "1.7.6"])
    # The keys that services have go on to work: the dump holds their ids, and the master key is the same.
    assert serving.client(serving.key("search")).index("products").search("lamp 1")["hits"] == [
        {"id": 1, "name": "lamp 1"}
    ]
    assert serving.run("search-host", "apply").lines == []

    discarded = serving.run("search-upgrade", "discard", "--version", "none", "--late-writes", "refuse")
    assert (discarded.status, discarded.document["earlier"], serving.databases()) == (0, [], ["1.13.0"])


def test_upgrade_from_1_12_upgrades_a_copy_of_the_database(host: SearchHost) -> None:
    host.configure("1.12.0")
    host.run("search-host", "apply")
    host.fill()
    host.configure("1.15.2")
    ran = host.upgrade("1.15.2")
    assert (ran.status, ran.document["method"], steps(ran.document)) == (0, "in place", STEPS), ran.lines
    assert ran.document["serving"]["documents"] == {"products": 3}
    assert host.databases() == ["1.12.0", "1.15.2"]


@pytest.mark.parametrize(
    ("old", "new", "reason", "last"),
    [
        (["snapshot-fails"], [], "snapshotCreation failed: No space left on device", "snapshot"),
        (["dump-fails"], [], "dumpCreation failed: No space left on device", "dump"),
        (["empty-dump"], [], "is missing or empty, though its task succeeded", "dump"),
        ([], ["import-fails"], "it ended; it said: Error: the dump is corrupted", "import"),
        ([], ["never-answers"], "an answer of the new version did not come within 2 s; it said: nothing", "import"),
        ([], ["forgets-a-document"], "documents differ: products: 3 became 2", "compare"),
    ],
)
def test_what_fails_before_the_switch_leaves_everything_as_it_was(
    host: SearchHost, old: list[str], new: list[str], reason: str, last: str
) -> None:
    host.configure("1.7.6", old)
    host.run("search-host", "apply")
    host.fill()
    host.configure("1.13.0", new)
    ran = host.upgrade("1.13.0", SEARCH_HOST_TASK_SECONDS="2")
    assert (ran.status, ran.document["outcome"], steps(ran.document)[-1]) == (1, "undone", last)
    assert reason in ran.document["reason"]
    assert is_as_it_was(host)
    assert ran.document["last_upgrade"]["outcome"] == "undone"


def test_upgrade_in_place_that_fails_leaves_everything_as_it_was(host: SearchHost) -> None:
    host.configure("1.12.0")
    host.run("search-host", "apply")
    host.fill()
    host.configure("1.15.2", ["upgrade-fails"])
    ran = host.upgrade("1.15.2")
    assert (ran.status, ran.document["reason"]) == (
        1,
        "the upgrade of the database did not succeed: corrupted database",
    )
    assert is_as_it_was(host, "1.12.0")


def test_binary_of_another_hash_is_not_run(serving: SearchHost) -> None:
    serving.configure("1.13.0", binary=b"#!/bin/sh\nreboot\n")
    ran = serving.upgrade("1.13.0")
    assert (ran.status, steps(ran.document)[-1]) == (1, "fetch")
    assert ran.document["reason"].endswith(": it is not run")
    assert is_as_it_was(serving)


def test_new_version_that_does_not_serve_is_switched_back(serving: SearchHost) -> None:
    # It answers on the port of the import, and not on the one where it has a certificate to read.
    serving.configure("1.13.0", ["serving-never-answers"])
    ran = serving.upgrade("1.13.0", SEARCH_HOST_WAIT_SECONDS="2")
    assert (ran.status, ran.document["outcome"], steps(ran.document)[-1]) == (1, "undone", "switch")
    assert ran.document["reason"] == "an answer of Meilisearch did not come within 2 s"
    assert is_as_it_was(serving)


def test_old_version_that_does_not_come_back_is_said(serving: SearchHost) -> None:
    serving.configure("1.13.0", ["serving-never-answers"])
    old = serving.root / "var/lib/meilisearch/databases/1.7.6/meilisearch"
    old.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    ran = serving.upgrade("1.13.0", SEARCH_HOST_WAIT_SECONDS="1")
    assert (ran.status, ran.document["outcome"]) == (3, "failed")
    assert ran.document["reason"].endswith("then 1.7.6 does not answer")
    assert ran.document["serving"] == {"answers": False, "documents": None, "version": "1.7.6"}


def test_documents_written_meanwhile_are_not_lost_without_a_word(serving: SearchHost) -> None:
    serving.configure("1.13.0", ["slow-import"])
    written = threading.Thread(target=_write_while_importing, args=(serving,))
    written.start()
    ran = serving.upgrade("1.13.0")
    written.join()
    assert (ran.status, ran.document["reason"]) == (
        1,
        "1 tasks came in since the dump, the first a documentAdditionOrUpdate of products; they would be lost",
    )
    assert is_as_it_was(serving, documents=4)


def test_who_writes_them_again_may_say_so(serving: SearchHost) -> None:
    serving.configure("1.13.0", ["slow-import"])
    written = threading.Thread(target=_write_while_importing, args=(serving,))
    written.start()
    ran = serving.upgrade("1.13.0", late_writes="accept")
    written.join()
    assert (ran.status, ran.document["serving"]["documents"]) == (0, {"products": 3})


@pytest.mark.parametrize(
    ("wanted", "asked", "reason"),
    [
        ("1.13.0", "1.14.0", "version: came 1.14.0; the configuration names 1.13.0"),
        ("1.7.6", "1.7.6", "1.7.6 serves already"),
        ("1.7.5", "1.7.5", "version: came 1.7.5; 1.7.6 serves, and no database goes back"),
        ("1.13.0", "1.13", "version: came 1.13; allowed a full one such as 1.13.0"),
    ],
)
def test_refused_upgrade_touches_nothing(serving: SearchHost, wanted: str, asked: str, reason: str) -> None:
    serving.configure(wanted)
    ran = serving.upgrade(asked)
    assert (ran.status, ran.document["outcome"], ran.document["reason"]) == (2, "refused", reason)
    assert is_as_it_was(serving)
    assert not list((serving.root / "var/lib/meilisearch/dumps").iterdir())


def test_volume_without_room_is_refused(serving: SearchHost) -> None:
    serving.configure("1.13.0")
    ran = serving.upgrade("1.13.0", SEARCH_HOST_SPARE_MIB="100000000")
    assert (ran.status, steps(ran.document)) == (2, ["check", "room"])
    assert ran.document["reason"].endswith("MiB needed; the volume grows by the stack file")


def test_second_upgrade_at_the_same_time_is_refused(serving: SearchHost) -> None:
    serving.configure("1.13.0")
    with (serving.root / "run/search-host/lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ran = serving.upgrade("1.13.0")
    assert (ran.status, ran.document["reason"]) == (2, "another upgrade is under way")


def test_what_a_power_cut_left_is_in_nobodys_way(serving: SearchHost) -> None:
    left = serving.root / "var/lib/meilisearch/databases/1.13.0.new/data.ms"
    left.mkdir(parents=True)
    (left / "store.json").write_text("{", encoding="utf-8")
    serving.configure("1.13.0")
    assert serving.upgrade("1.13.0").status == 0
    assert serving.databases() == ["1.13.0", "1.7.6"]


def _write_while_importing(host: SearchHost) -> None:
    deadline = time.monotonic() + 20
    staged = host.root / "var/lib/meilisearch/databases/1.13.0.new/import.log"
    while not staged.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    client = host.client(host.key("documents"))
    client.wait_for_task(client.index("products").add_documents([{"id": 9, "name": "late"}]).task_uid)
