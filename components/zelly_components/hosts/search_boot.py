"""The boot document of a search host, and the configuration that it fetches later, as pure functions."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from zelly_components.alarms.host_metrics import ROOT_MOUNT_POINTS
from zelly_components.alarms.search import METRICS_NAMESPACE
from zelly_components.hosts.cloud_config import HostFile, cloud_config, host_files, script, unit
from zelly_components.hosts.configuration_object import Configuration, named_by_its_hash
from zelly_components.hosts.data_volume import device_path
from zelly_components.hosts.search_keys import SearchKey

PORT = 7700

MOUNT_POINTS = {**ROOT_MOUNT_POINTS, "data": "/var/lib/meilisearch"}
"""By a short name, the file systems whose use is published."""

MINIMUM_INSTANCE_MEMORY_MIB = 1024
SNAPSHOT_INTERVAL_SECONDS = 24 * 60 * 60

_SBIN = "/usr/local/sbin"
_MIB = 1024 * 1024

_SYSUSERS = "u meilisearch - Meilisearch\n"
"""A user of the system's, without a home or a shell (sysusers.d)."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a host is to run."""

    version: str
    """A full version, e.g. ``1.13.0``."""
    binary_sha256: str
    """Of the binary, which lies in the bucket under ``binaries/`` by this hash."""
    instance_memory_mib: int
    """Meilisearch may take half of it for indexing; what is searched is in the kernel's cache."""
    keys: Sequence[SearchKey]
    dumps: str | None
    """``bucket/prefix/`` to which each night's dump is copied."""


def user_data(
    *,
    host_name: str,
    region: str,
    volume_id: str,
    config_parameter_name: str,
    server_secret_name: str,
    bucket_name: str,
    log_group_name: str,
) -> str:
    """Return the host's cloud-config: what fetches the configuration, and nothing of it.

    Raises:
        ValueError: when the document is larger than EC2 accepts.
    """
    shared = host_files(
        environment={
            "AWS_REGION": region,
            "DATA_DEVICE": device_path(volume_id),
            "CONFIGURATION_PARAMETER": config_parameter_name,
            "RELEASE_BUCKET": bucket_name,
            "SERVER_SECRET": server_secret_name,
            "METRICS_NAMESPACE": METRICS_NAMESPACE,
            "HOST_NAME": host_name,
        },
        log_group_name=log_group_name,
        mount_points=list(MOUNT_POINTS.values()),
    )
    return cloud_config(
        [*shared, *_fetching_files()],
        [["systemctl", "daemon-reload"], ["systemctl", "enable", "--now", "host-apply.timer"]],
    )


def configuration(wanted: Wanted) -> Configuration:
    """Return the configuration: the host's programs and units, and what Meilisearch is to be.

    Raises:
        ValueError: when a version or a hash has another form, or the instance is too small.
    """
    _check(wanted)
    files = [
        # As in the boot document, so that a mistake in it can be mended on a running host.
        *map(_trimmed, _fetching_files()),
        script("host/data-volume.sh", f"{_SBIN}/data-volume"),
        script("search/search_host.py", f"{_SBIN}/search-host"),
        script("search/search_upgrade.py", f"{_SBIN}/search-upgrade"),
        HostFile(path=f"{_SBIN}/search_server.py", content=script("search/search_server.py", "").content),
        HostFile(path="/etc/search-host/configuration.json", content=_document(wanted)),
        HostFile(path="/etc/sysusers.d/meilisearch.conf", content=_SYSUSERS),
        unit("search/meilisearch.service"),
        *(unit(f"search/search-{part}.{kind}") for part in _PARTS for kind in ("service", "timer")),
    ]
    document = {
        "files": {file.path: {"content": file.content, "mode": file.permissions} for file in files},
        "downloads": {},
        "packages": ["xfsprogs"],
        "units": [f"search-{part}.timer" for part in _PARTS],
    }
    return named_by_its_hash(document)


_PARTS = ("apply", "observe", "back-up")


def _fetching_files() -> tuple[HostFile, ...]:
    return (
        script("services/host_apply.py", f"{_SBIN}/host-apply"),
        unit("services/host-apply.service"),
        unit("services/host-apply.timer"),
    )


def _trimmed(file: HostFile) -> HostFile:
    # As cloud-init has written it: or the first run would change what it has just read.
    return HostFile(path=file.path, content=file.content.strip() + "\n", permissions=file.permissions)


def _document(wanted: Wanted) -> str:
    document = {
        "version": wanted.version,
        "sha256": wanted.binary_sha256,
        "keys": [key.document for key in wanted.keys],
        "indexing_memory_bytes": wanted.instance_memory_mib // 2 * _MIB,
        "snapshot_interval_seconds": SNAPSHOT_INTERVAL_SECONDS,
        "dumps": wanted.dumps,
    }
    return json.dumps(document, sort_keys=True, indent=1) + "\n"


def _check(wanted: Wanted) -> None:
    if re.fullmatch(r"\d{1,3}\.\d{1,3}\.\d{1,3}", wanted.version) is None:
        raise ValueError(f"version: came {wanted.version}; allowed a full one such as 1.13.0")
    if re.fullmatch(r"[0-9a-f]{64}", wanted.binary_sha256) is None:
        raise ValueError(f"binary_sha256: came {wanted.binary_sha256}; allowed 64 hexadecimal digits")
    if wanted.instance_memory_mib < MINIMUM_INSTANCE_MEMORY_MIB:
        raise ValueError(
            f"instance_memory_mib: came {wanted.instance_memory_mib}; allowed {MINIMUM_INSTANCE_MEMORY_MIB} or more"
        )
    if wanted.dumps is not None and not wanted.dumps.endswith("/"):
        raise ValueError(f"dumps: came {wanted.dumps}; allowed a bucket and a prefix that ends with a slash")
