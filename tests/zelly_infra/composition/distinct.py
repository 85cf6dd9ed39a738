"""Staging with another value of every number, window and image, no two alike, so that each is told from the rest."""

from collections.abc import Mapping
from typing import Any

from zelly_infra.catalog import SERVICES

_SIZES = (
    (4096, 9216, 2, 31, 51),
    (2048, 6144, 3, 32, 52),
    (1024, 3072, 4, 33, 53),
    (512, 2048, 5, 34, 54),
    (8192, 20480, 6, 35, 55),
    (256, 1024, 7, 36, 56),
    (16384, 40960, 8, 37, 57),
)
"""Of one service after the other; Fargate has seven numbers of CPU units."""

DISTINCT: Mapping[str, Any] = {
    "network/nat_instance": {
        "instance_type": "t4g.micro",
        "cpu_credits": "unlimited",
        "ami_id": "ami-0000000000000000a",
        "log_retention_days": 1,
    },
    "network/flow_log_retention_days": 3,
    "containers/log_retention_days": 5,
    "containers/capacity_providers": [
        {"name": "FARGATE", "weight": 11, "base": 12},
        {"name": "FARGATE_SPOT", "weight": 13, "base": 0},
    ],
    **{
        f"services/{service.name}/{key}": value
        for service, size in zip(SERVICES, _SIZES, strict=False)
        for key, value in zip(
            ("cpu_units", "memory_mib", "minimum_tasks", "maximum_tasks", "cpu_target_percent"), size, strict=True
        )
    },
    "load_balancing/access_log_retention_days": 41,
    "storefront/load_balancer_zones": 2,
    "storefront/user_id": 1001,
    "storefront/group_id": 1002,
    "aurora/minimum_capacity_acu": 2.5,
    "aurora/maximum_capacity_acu": 17.5,
    "aurora/seconds_until_auto_pause": None,
    "aurora/instances": 3,
    "aurora/backup_retention_days": 8,
    "aurora/backup_window": "01:00-02:00",
    "aurora/maintenance_window": "mon:03:00-mon:04:00",
    "aurora/log_retention_days": 7,
    "redis/node_type": "cache.t4g.medium",
    "redis/snapshot_retention_days": 9,
    "redis/snapshot_window": "05:00-06:00",
    "redis/maintenance_window": "tue:07:00-tue:08:00",
    "clickhouse/instance_type": "t3.large",
    "clickhouse/instance_memory_mib": 8192,
    "clickhouse/ami_id": "ami-0000000000000000b",
    "clickhouse/availability_zone": "ap-southeast-1b",
    "clickhouse/volume_gib": 42,
    "clickhouse/snapshots_kept": 10,
    "clickhouse/log_retention_days": 14,
    "bastion/instance_type": "t3.medium",
    "bastion/ami_id": "ami-0000000000000000c",
    "bastion/wireguard_port": 51821,
    "bastion/log_retention_days": 60,
    "registry/create": True,
    "registry/images_kept_per_prefix": 43,
    "registry/deployed_images_kept_per_prefix": 44,
    "registry/untagged_retention_days": 45,
    "dns/ttl_seconds": 301,
    "secrets/recovery_window_days": 15,
    "alarms/http_5xx_percent": 61,
    "alarms/minimum_requests": 62,
    "alarms/cpu_percent": 63,
    "alarms/memory_percent": 64,
    "alarms/aurora_capacity_percent": 65,
    "alarms/redis_memory_percent": 66,
    "alarms/host_memory_percent": 67,
    "alarms/disk_percent": 68,
}
