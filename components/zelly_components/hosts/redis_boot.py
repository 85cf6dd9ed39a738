"""The boot document of a Redis host, and the configuration that it fetches later, as pure functions."""

import json

from zelly_components.alarms.host_metrics import ROOT_MOUNT_POINTS
from zelly_components.alarms.redis_host import METRICS_NAMESPACE
from zelly_components.hosts.cloud_config import HostFile, cloud_config, host_files, render, script, unit
from zelly_components.hosts.data_volume import device_path
from zelly_components.limits.sizes import STANDARD_PARAMETER

PORT = 6379

MOUNT_POINTS = {**ROOT_MOUNT_POINTS, "data": "/var/lib/redis"}
"""By a short name, the file systems whose use is published."""

MINIMUM_INSTANCE_MEMORY_MIB = 1024

MEMORY_SHARE = 0.6
"""The most that Redis may hold of the host's memory: a background save copies every page that is written meanwhile."""

_MIB = 1024 * 1024

_SYSCTL = """\
# A background save forks the server. Without this the kernel refuses that to one that holds half of the memory, and
# Redis then refuses every write (MISCONF).
vm.overcommit_memory = 1
"""


def user_data(
    *,
    host_name: str,
    region: str,
    volume_id: str,
    config_parameter_name: str,
    server_secret_name: str,
    log_group_name: str,
) -> str:
    """Return the host's cloud-config. It names the server's secret and holds nothing of it.

    Raises:
        ValueError: when the document is larger than EC2 accepts.
    """
    shared = host_files(
        environment={
            "AWS_REGION": region,
            "DATA_DEVICE": device_path(volume_id),
            "CONFIG_PARAMETER": config_parameter_name,
            "SERVER_SECRET": server_secret_name,
            "METRICS_NAMESPACE": METRICS_NAMESPACE,
            "HOST_NAME": host_name,
        },
        log_group_name=log_group_name,
        mount_points=list(MOUNT_POINTS.values()),
    )
    own = (
        script("host/data-volume.sh", "/usr/local/sbin/data-volume", is_packed=True),
        script("redis/redis-configure.sh", "/usr/local/sbin/redis-configure", is_packed=True),
        script("redis/redis-ask.sh", "/usr/local/sbin/redis-ask"),
        script("redis/redis-observe.sh", "/usr/local/sbin/redis-observe"),
        HostFile(path="/etc/sysctl.d/90-redis.conf", content=_SYSCTL),
        unit("redis/redis.service"),
        unit("redis/redis-apply.service"),
        unit("redis/redis-apply.timer"),
        unit("redis/redis-observe.service"),
        unit("redis/redis-observe.timer"),
    )
    return cloud_config(
        [*shared, *own],
        [
            ["systemctl", "daemon-reload"],
            ["systemctl", "enable", "--now", "redis-apply.timer", "redis-observe.timer"],
        ],
    )


def configuration(*, instance_memory_mib: int) -> str:
    """Return the configuration as JSON: file names below the host's configuration directory to their contents.

    Raises:
        ValueError: when the instance is too small, or the text too long for a standard parameter.
    """
    if instance_memory_mib < MINIMUM_INSTANCE_MEMORY_MIB:
        raise ValueError(
            f"instance_memory_mib: came {instance_memory_mib}; allowed {MINIMUM_INSTANCE_MEMORY_MIB} or more"
        )
    files = {
        "redis.conf": render(
            "redis/redis.conf.j2", port=PORT, maximum_memory_bytes=int(instance_memory_mib * MEMORY_SHARE) * _MIB
        )
    }
    document = json.dumps(files, sort_keys=True)
    STANDARD_PARAMETER.check("Redis configuration", document)
    return document
