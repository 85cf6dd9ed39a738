"""The boot document of a ClickHouse host, and the configuration that it fetches later, as pure functions."""

import json

from zelly_components.alarms.host_metrics import ROOT_MOUNT_POINTS
from zelly_components.hosts.cloud_config import cloud_config, host_files, render, script, unit
from zelly_components.hosts.data_volume import device_path
from zelly_components.limits.sizes import STANDARD_PARAMETER

HTTP_PORT = 8123
NATIVE_PORT = 9000

MOUNT_POINTS = {**ROOT_MOUNT_POINTS, "data": "/var/lib/clickhouse"}
"""By a short name, the file systems whose use is published."""

MINIMUM_INSTANCE_MEMORY_MIB = 2048

_HOST_MEMORY_MIB = 640
"""Least memory left to the kernel, Docker and the two agents."""

_MIB = 1024 * 1024


def user_data(
    *, region: str, volume_id: str, config_parameter_name: str, credentials_secret_name: str, log_group_name: str
) -> str:
    """Return the host's cloud-config. It names the credentials' secret and holds nothing of it.

    Raises:
        ValueError: when the document is larger than EC2 accepts.
    """
    shared = host_files(
        environment={
            "AWS_REGION": region,
            "DATA_DEVICE": device_path(volume_id),
            "CONFIG_PARAMETER": config_parameter_name,
            "CREDENTIALS_SECRET": credentials_secret_name,
            "LOG_GROUP": log_group_name,
        },
        log_group_name=log_group_name,
        mount_points=list(MOUNT_POINTS.values()),
    )
    own = (
        script("host/data-volume.sh", "/usr/local/sbin/data-volume"),
        script("clickhouse/clickhouse-configure.sh", "/usr/local/sbin/clickhouse-configure"),
        unit("clickhouse/clickhouse.service"),
        unit("clickhouse/clickhouse-apply.service"),
        unit("clickhouse/clickhouse-apply.timer"),
    )
    return cloud_config(
        [*shared, *own], [["systemctl", "daemon-reload"], ["systemctl", "enable", "--now", "clickhouse-apply.timer"]]
    )


def configuration(*, image: str, instance_memory_mib: int) -> str:
    """Return the configuration as JSON: file names below the host's configuration directory to their contents.

    The image is part of it (``container.env``), so that a new ClickHouse version reaches a running host.

    Raises:
        ValueError: when the instance is too small, or the text too long for a standard parameter.
    """
    if instance_memory_mib < MINIMUM_INSTANCE_MEMORY_MIB:
        raise ValueError(
            f"instance_memory_mib: came {instance_memory_mib}; allowed {MINIMUM_INSTANCE_MEMORY_MIB} or more"
        )
    server_memory_mib = instance_memory_mib - max(_HOST_MEMORY_MIB, instance_memory_mib // 4)
    server_memory_bytes = server_memory_mib * _MIB
    files = {
        "container.env": f"CLICKHOUSE_IMAGE={image}\n",
        "config.d/server.xml": render(
            "clickhouse/server.xml.j2",
            http_port=HTTP_PORT,
            native_port=NATIVE_PORT,
            server_memory_bytes=server_memory_bytes,
            # ClickHouse's own default is 5 GiB.
            mark_cache_bytes=server_memory_bytes // 8,
        ),
        "users.d/users.xml": render(
            "clickhouse/users.xml.j2",
            # One query leaves room for the inserts beside it, and sorts and groups on disk before it is refused.
            query_memory_bytes=server_memory_bytes // 2,
            spill_bytes=server_memory_bytes // 4,
        ),
    }
    document = json.dumps(files, sort_keys=True)
    STANDARD_PARAMETER.check("ClickHouse configuration", document)
    return document
