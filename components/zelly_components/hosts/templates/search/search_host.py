#!/usr/bin/python3 -BsE
"""Look after Meilisearch on its host.

Usage: search-host apply|observe|back-up

``apply`` brings the server to what is wanted, at boot and every five minutes; ``observe`` publishes how it is;
``back-up`` makes a dump and copies it to a bucket.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from search_server import (
    CURRENT,
    DATABASES,
    DUMPS,
    PORT,
    RUN,
    SNAPSHOTS,
    UNIT,
    USER,
    WAIT_SECONDS,
    FailureError,
    configuration,
    current_version,
    ensure_keys,
    fetch_binary,
    iso,
    make_dump,
    moment,
    new_database,
    now,
    own,
    point_at,
    remember,
    remembered,
    run,
    say,
    secret,
    serving,
    settings,
    wait_until,
    write,
)

_DUMPS_KEPT = 2
"""On the volume; the bucket keeps them longer."""


def apply() -> None:
    """Bring the server to what is wanted, but for its version: that is an upgrade's business."""
    wanted, values = configuration(), secret()
    for directory in (DUMPS, SNAPSHOTS):
        directory.mkdir(mode=0o750, exist_ok=True)
        own(directory, USER)
    _begin(wanted)
    RUN.mkdir(mode=0o755, exist_ok=True)
    changed = [
        write(RUN / "authority.pem", values["TLS_AUTHORITY"], 0o644),
        write(RUN / "certificate.pem", values["TLS_CERTIFICATE"], 0o644),
        write(RUN / "private-key.pem", values["TLS_PRIVATE_KEY"], 0o400, USER),
        write(RUN / "environment", _environment(wanted, values["MEILI_MASTER_KEY"]), 0o600),
    ]
    if any(changed):
        say("configuration changed")
        run("systemctl", "restart", UNIT)
    else:
        # An upgrade under way may just restart it.
        run("systemctl", "start", UNIT)
    wait_until(serving().is_healthy, "an answer of Meilisearch", WAIT_SECONDS)
    ensure_keys(serving(), wanted["keys"])


def _begin(wanted: dict[str, Any]) -> None:
    """Take the wanted version where there is none, and say so where there is another one."""
    present, version = current_version(), wanted["version"]
    if present is None:
        fetch_binary(wanted, staged := new_database(version))
        staged.rename(DATABASES / version)
        point_at(version)
        say(f"{version} begins with an empty database")
    elif present != version:
        say(f"{present} goes on serving: {version}, which the configuration names, comes by an upgrade")


def _environment(wanted: dict[str, Any], master_key: str) -> str:
    values: dict[str, object] = {
        "MEILI_DB_PATH": CURRENT / "data.ms",
        "MEILI_DUMP_DIR": DUMPS,
        "MEILI_ENV": "production",
        "MEILI_HTTP_ADDR": f"0.0.0.0:{PORT}",
        "MEILI_LOG_LEVEL": "INFO",
        "MEILI_MASTER_KEY": master_key,
        "MEILI_MAX_INDEXING_MEMORY": wanted["indexing_memory_bytes"],
        "MEILI_NO_ANALYTICS": "true",
        "MEILI_SCHEDULE_SNAPSHOT": wanted["snapshot_interval_seconds"],
        "MEILI_SNAPSHOT_DIR": SNAPSHOTS,
        "MEILI_SSL_CERT_PATH": RUN / "certificate.pem",
        "MEILI_SSL_KEY_PATH": RUN / "private-key.pem",
    }
    return "".join(f"{name}={value}\n" for name, value in values.items())


def observe() -> None:
    """Publish how many tasks have failed since the last time, and how old the last backup is."""
    names, at = settings(), now()
    since = remembered().get("observed_at") or iso(at - timedelta(minutes=10))
    # The host's first hours count as a backup, of nothing.
    backup_at = remembered().get("backup_at") or iso(at)
    remember(backup_at=backup_at)
    metrics = {
        "FailedTasks": serving().number_of_tasks(f"statuses=failed&afterFinishedAt={since}"),
        "HoursSinceBackup": round((at - moment(backup_at)).total_seconds() / 3600, 1),
    }
    data = [
        {
            "MetricName": name,
            "Unit": "Count",
            "Value": value,
            "Dimensions": [{"Name": "Host", "Value": names["HOST_NAME"]}],
        }
        for name, value in metrics.items()
    ]
    namespace = names["METRICS_NAMESPACE"]
    run("aws", "cloudwatch", "put-metric-data", "--namespace", namespace, "--metric-data", json.dumps(data))
    remember(observed_at=iso(at))


def back_up() -> None:
    """Make a dump and copy it to the bucket."""
    destination = configuration()["dumps"]
    _, dump = make_dump(serving())
    if destination is not None:
        name = f"{now():%Y%m%d-%H%M%S}-{current_version()}.dump"
        # A bucket with Object Lock takes nothing without a checksum ("PutObject", S3 API reference).
        checked = ("--only-show-errors", "--checksum-algorithm", "SHA256")
        run("aws", "s3", "cp", *checked, str(dump), f"s3://{destination}{name}")
    for old in sorted(DUMPS.glob("*.dump"), key=lambda path: path.stat().st_mtime)[:-_DUMPS_KEPT]:
        old.unlink()
    remember(backup_at=iso(now()))
    say(f"backed up {dump.name}")


_ACTIONS: dict[str, Callable[[], None]] = {"apply": apply, "observe": observe, "back-up": back_up}


def main(arguments: list[str]) -> int:
    """Carry out one action."""
    if len(arguments) != 1 or arguments[0] not in _ACTIONS:
        say(f"usage: search-host {'|'.join(_ACTIONS)}")
        return 2
    try:
        _ACTIONS[arguments[0]]()
    except (FailureError, OSError) as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
