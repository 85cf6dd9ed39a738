"""One host: its first boot, a version that it does not take by itself, upgrades that fail and one that does not, and a
power cut in the middle of one.
"""

import threading
import time
from collections.abc import Iterator

import pytest

from tests.machines.conftest import machines_in, volumes_in
from tests.machines.hosts import PASSWORD, VOLUME_LINK
from tests.machines.machine import wait_for
from tests.machines.search_host.host import APPLY, NEW, OLD, SearchMachine, binary_of, inputs

LINK = f"/dev/disk/by-id/{VOLUME_LINK}"


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchMachine]:
    """A host that serves the old version with three documents."""
    folder = tmp_path_factory.mktemp("search-host")
    with volumes_in(folder) as new_volume, machines_in(folder) as new_machine:
        host = inputs(OLD, binary_of(OLD))
        machine = new_machine(host)
        volume = new_volume()
        # Room for an upgrade; the file is sparse.
        volume.grow(2048)
        machine.attach({VOLUME_LINK: volume.number})
        search = SearchMachine(machine, host)
        search.want(OLD)
        assert search.boot() == "success", machine.journal(APPLY)
        search.fill(1, 2, 3)
        yield search


def test_first_boot_serves_over_tls_with_the_keys_that_services_were_told(search: SearchMachine) -> None:
    assert search.machine.journal(APPLY) == [
        f"formatted {LINK}",
        f"mounted {LINK} at /var/lib/meilisearch",
        f"{OLD} begins with an empty database",
        "configuration changed",
        "made the key search",
        "made the key documents",
    ]
    assert search.hits("lamp 2") == [2]
    assert search.ask("/keys")["code"] == "invalid_api_key"
    assert "status" not in search.machine.run("curl", "--silent", "http://127.0.0.1:7700/health", check=False).stdout


def test_master_key_is_in_memory_alone(search: SearchMachine) -> None:
    assert search.fetch() == "success"
    assert search.machine.mentions(PASSWORD) == []
    shown = search.machine.run("ps", "--no-headers", "-eo", "args").stdout
    assert ("current/meilisearch" in shown, PASSWORD in shown) == (True, False)
    owners = search.machine.run(
        "stat", "--format", "%n %A %U", "/run/search-host/environment", "/run/search-host/private-key.pem"
    ).stdout.splitlines()
    assert owners == [
        "/run/search-host/environment -rw------- root",
        "/run/search-host/private-key.pem -r-------- meilisearch",
    ]


def test_metrics_and_the_nightly_dump_are_published_and_copied(search: SearchMachine) -> None:
    search.machine.calls()
    assert search.machine.start("search-observe.service") == "success"
    (call,) = search.machine.commands("aws")
    assert '"MetricName": "FailedTasks", "Unit": "Count", "Value": 0' in call
    assert search.machine.start("search-back-up.service") == "success"
    (copied,) = search.machine.commands("aws")
    assert "s3://shop-backups-123456789012/daily/search/" in copied
    assert copied.endswith(f"-{OLD}.dump")


def test_version_of_the_stack_file_alone_changes_nothing_that_serves(search: SearchMachine) -> None:
    search.want(NEW)
    assert search.fetch() == "success"
    assert search.machine.journal(APPLY)[-1] == (
        f"{OLD} goes on serving: {NEW}, which the configuration names, comes by an upgrade"
    )
    # And had it been started on the old database, it would have refused it, as the documentation says.
    binary = "/root/meilisearch-new"
    (search.machine.root / binary[1:]).write_bytes(binary_of(NEW))
    refused = search.machine.run(
        "env", "MEILI_DB_PATH=/var/lib/meilisearch/current/data.ms", "python3", binary, check=False
    )
    assert (refused.returncode, refused.stderr.splitlines()[0]) == (
        1,
        f"Error: Your database version ({OLD}) is incompatible with your current engine version ({NEW}).",
    )
    assert search.hits("lamp") == [1, 2, 3]


@pytest.mark.parametrize(
    ("fault", "step"),
    [("import-fails", "import"), ("forgets-a-document", "compare"), ("serving-never-answers", "switch")],
)
def test_upgrade_that_fails_leaves_the_old_version_serving(search: SearchMachine, fault: str, step: str) -> None:
    search.want(NEW, [fault])
    assert search.fetch() == "success"
    waits = "SEARCH_HOST_WAIT_SECONDS=3"
    ran = search.machine.run(
        "env",
        waits,
        "/usr/local/sbin/search-upgrade",
        "upgrade",
        "--version",
        NEW,
        "--late-writes",
        "refuse",
        check=False,
    )
    assert ran.returncode == 1, ran.stderr
    assert f'"name": "{step}"' in ran.stdout.rsplit('"steps"', 1)[1]
    assert '"outcome": "undone"' in ran.stdout
    assert search.hits("lamp") == [1, 2, 3]
    assert sorted(path.name for path in (search.data / "databases").iterdir()) == [OLD]


def test_power_cut_in_the_middle_leaves_the_old_version_and_the_next_attempt_succeeds(search: SearchMachine) -> None:
    search.want(NEW, ["slow-import"])
    assert search.fetch() == "success"
    sent = threading.Thread(target=_ignoring_the_end, args=(search,))
    sent.start()
    wait_for((search.data / f"databases/{NEW}.new/import.log").exists, "the import")
    time.sleep(0.2)
    search.machine.cut_power()
    sent.join()
    assert search.boot() == "success", search.machine.journal(APPLY)
    assert search.hits("lamp") == [1, 2, 3]

    status, answer = search.send("upgrade", NEW)
    assert (status, answer["outcome"], answer["method"]) == (0, "healthy", "dump"), answer
    assert answer["serving"] == {"answers": True, "documents": {"products": 3}, "version": NEW}
    assert (search.hits("lamp"), answer["earlier"]) == ([1, 2, 3], [OLD])
    assert search.ask("/version")["pkgVersion"] == NEW
    status, answer = search.send("discard")
    assert (status, answer["earlier"]) == (0, [])


def _ignoring_the_end(search: SearchMachine) -> None:
    search.machine.run(
        "/usr/local/sbin/search-upgrade", "upgrade", "--version", NEW, "--late-writes", "refuse", check=False
    )
