"""What a search host does at boot, every five minutes and every night, driven by Meilisearch's own client."""

import ast
import json

import pytest
from meilisearch.errors import MeilisearchApiError

from tests.support.host_scripts import TEMPLATES
from tests.support.search_host import MASTER_KEY, SearchHost
from zelly_components.alarms.alarm import Metric
from zelly_components.alarms.search import SearchHostTarget, search_host_alarms


@pytest.mark.parametrize("name", ["search_host.py", "search_server.py", "search_upgrade.py"])
def test_program_is_of_the_python_that_amazon_linux_has(name: str) -> None:
    ast.parse((TEMPLATES / "search" / name).read_text(encoding="utf-8"), feature_version=(3, 9))


def test_first_run_takes_the_wanted_version_and_makes_the_keys_that_services_were_told(host: SearchHost) -> None:
    ran = host.run("search-host", "apply")
    assert (ran.status, ran.lines) == (
        0,
        [
            "1.7.6 begins with an empty database",
            "configuration changed",
            "made the key search",
            "made the key documents",
        ],
    )
    assert host.client().get_version()["pkgVersion"] == "1.7.6"
    host.fill()
    searching = host.client(host.key("search"))
    assert searching.index("products").search("lamp 2")["hits"] == [{"id": 2, "name": "lamp 2"}]
    with pytest.raises(MeilisearchApiError, match="invalid"):
        searching.index("products").add_documents([{"id": 9}])
    for name in ("search", "documents"):
        with pytest.raises(MeilisearchApiError, match="invalid"):
            host.client(host.key(name)).create_dump()
    assert oct((host.root / "run/search-host/environment").stat().st_mode)[-3:] == "600"

    again = host.run("search-host", "apply")
    assert (again.status, again.lines) == (0, [])


def test_key_that_may_do_something_else_is_made_anew(host: SearchHost) -> None:
    host.run("search-host", "apply")
    path = host.root / "etc/search-host/configuration.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["keys"][0]["actions"] = ["search", "documents.get"]
    path.write_text(json.dumps(document), encoding="utf-8")
    assert host.run("search-host", "apply").lines == ["made the key search"]
    host.fill()
    assert host.client(host.key("search")).index("products").get_documents().total == 3


def test_another_version_is_not_started_on_the_database(host: SearchHost) -> None:
    host.run("search-host", "apply")
    host.configure("1.13.0")
    ran = host.run("search-host", "apply")
    assert (ran.status, ran.lines) == (
        0,
        ["1.7.6 goes on serving: 1.13.0, which the configuration names, comes by an upgrade"],
    )
    assert host.client().get_version()["pkgVersion"] == "1.7.6"


@pytest.mark.parametrize(
    ("binary", "said", "line"),
    [
        (b"something else", None, "sha256"),
        (None, "1.7.5", "calls itself meilisearch 1.7.5; the configuration says 1.7.6"),
    ],
)
def test_binary_that_is_not_the_named_one_is_not_run(
    host: SearchHost, binary: bytes | None, said: str | None, line: str
) -> None:
    host.configure("1.7.6", binary=binary, said=said)
    ran = host.run("search-host", "apply")
    assert (ran.status, line in ran.lines[-1]) == (1, True)
    assert not (host.root / "var/lib/meilisearch/current").exists()


def test_binary_that_is_missing_is_said_and_the_next_run_goes_on(host: SearchHost) -> None:
    (stored,) = (host.folder / "s3/bucket/binaries").iterdir()
    content = stored.read_bytes()
    stored.unlink()
    ran = host.run("search-host", "apply")
    assert (ran.status, ran.lines[-1]) == (
        1,
        "aws s3 cp: fatal error: An error occurred (404) when calling the HeadObject operation: Key does not exist",
    )
    stored.write_bytes(content)
    assert host.run("search-host", "apply").status == 0


def test_secret_that_holds_nothing_is_refused_and_not_shown(host: SearchHost) -> None:
    (host.folder / "secret.json").write_text(json.dumps({"MEILI_MASTER_KEY": MASTER_KEY}), encoding="utf-8")
    ran = host.run("search-host", "apply")
    assert (ran.status, ran.lines) == (1, ["shop/search/server holds no master key and certificate"])


def test_metrics_are_those_that_the_alarms_read(host: SearchHost) -> None:
    host.run("search-host", "apply")
    host.fill()
    client = host.client(host.key("documents"))
    # A document without an id: the task fails, and nobody is told but who asks.
    client.wait_for_task(client.index("products").add_documents([{"name": "no id"}]).task_uid)
    assert host.run("search-host", "observe").status == 0
    published = _published(host)
    assert published == {"FailedTasks": 1, "HoursSinceBackup": 0.0}
    alarms = search_host_alarms(SearchHostTarget(label="search", host_name="shop-search"), backup_hours=26)
    measures = [alarm.measure for alarm in alarms if isinstance(alarm.measure, Metric)]
    assert {measure.name for measure in measures} == set(published)
    assert all(dict(measure.dimensions) == {"Host": "shop-search"} for measure in measures)

    assert host.run("search-host", "observe").status == 0
    assert _published(host)["FailedTasks"] == 0


def test_server_that_does_not_answer_publishes_nothing(host: SearchHost) -> None:
    host.run("search-host", "apply")
    host.kill()
    host.calls("cloudwatch")
    assert host.run("search-host", "observe").status == 1
    assert host.calls("cloudwatch") == []


def test_backup_is_in_the_bucket_and_two_dumps_stay(host: SearchHost) -> None:
    host.run("search-host", "apply")
    host.fill()
    for _ in range(3):
        ran = host.run("search-host", "back-up")
        assert ran.status == 0, ran.lines
    stored = list((host.folder / "s3/backups/search").iterdir())
    assert all(path.name.endswith("-1.7.6.dump") for path in stored)
    assert len(json.loads(stored[0].read_text(encoding="utf-8"))["indexes"]["products"]["documents"]) == 3
    assert len(list((host.root / "var/lib/meilisearch/dumps").glob("*.dump"))) == 2


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        ("dump-fails", "dumpCreation failed: No space left on device"),
        ("empty-dump", "is missing or empty, though its task succeeded"),
    ],
)
def test_backup_that_fails_puts_nothing_into_the_bucket_and_grows_older(
    host: SearchHost, fault: str, line: str
) -> None:
    host.configure("1.7.6", [fault])
    host.run("search-host", "apply")
    ran = host.run("search-host", "back-up")
    assert (ran.status, line in ran.lines[-1]) == (1, True)
    assert not (host.folder / "s3/backups").exists()
    assert (
        "backup_at" not in (host.root / "var/lib/meilisearch/state.json").read_text("utf-8")
        if (host.root / "var/lib/meilisearch/state.json").exists()
        else True
    )


def _published(host: SearchHost) -> dict[str, float]:
    (call,) = host.calls("cloudwatch")
    assert call[:5] == ["cloudwatch", "put-metric-data", "--namespace", "SearchHost", "--metric-data"]
    metrics = json.loads(call[5])
    assert all(metric["Dimensions"] == [{"Name": "Host", "Value": "shop-search"}] for metric in metrics)
    return {metric["MetricName"]: metric["Value"] for metric in metrics}
