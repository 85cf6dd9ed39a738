"""The switches of Zelly's stack files that save."""

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.config.types import UNCHOSEN_AMI
from workbench.costs import Switch
from zelly_components.limits.redis_engines import ENGINE_VERSIONS


def _graviton(instance_type: str) -> str:
    return instance_type.replace("t3.", "t4g.")


def _valkey(version: str) -> str:
    return version if version in ENGINE_VERSIONS["valkey"] else "8.2"


def _nat_instance(present: Any) -> Any:
    """Return the instance that is configured, or one whose AMI has still to be chosen."""
    return present or {
        "instance_type": "t4g.micro",
        "cpu_credits": "unlimited",
        "ami_id": UNCHOSEN_AMI,
        "log_retention_days": 30,
    }


def _always(hours: int) -> Mapping[str, int]:
    return {"low": hours, "expected": hours, "high": hours}


SWITCHES: Sequence[Switch] = (
    Switch(
        name="services on ARM64",
        config={"services/*/architecture": "ARM64"},
        gives_up="every image has to be built for ARM64",
    ),
    Switch(
        name="hosts on Graviton",
        config={"clickhouse/instance_type": _graviton, "bastion/instance_type": _graviton},
        gives_up="needs an ARM64 AMI (ami_id) too; both hosts are replaced, and ClickHouse is away for minutes",
    ),
    Switch(
        name="one shared application load balancer",
        config={"load_balancing/shared": True},
        gives_up="the HTTPS services share one balancer's capacity and its failure",
    ),
    Switch(
        name="one Elastic IP for the storefront",
        config={"storefront/load_balancer_zones": 1},
        gives_up="the storefront stands in one zone; two of its addresses are released",
    ),
    Switch(
        name="NAT instance instead of the gateway",
        config={"network/nat_gateways": "none", "network/nat_instance": _nat_instance},
        gives_up="one small host carries all traffic to the internet, down for minutes when replaced or when its zone "
        "fails; needs an ARM64 AMI (ami_id)",
    ),
    Switch(
        name="Container Insights off",
        config={"containers/container_insights": "disabled"},
        gives_up="tasks are not counted: the alarm on missing ones rings only when a service runs none",
    ),
    Switch(
        name="Valkey in the place of Redis",
        config={"redis/engine": "valkey", "redis/engine_version": _valkey},
        gives_up="the way back in place; the applications' clients have to be tried with it first",
    ),
    Switch(
        name="Fargate Spot",
        config={"containers/capacity_providers": [{"name": "FARGATE_SPOT", "weight": 1, "base": 0}]},
        gives_up="AWS may stop any task with two minutes' notice, and may have no room for a new one",
        interrupts=True,
    ),
    Switch(
        name="Aurora pauses at 0 ACU",
        config={"aurora/minimum_capacity_acu": 0, "aurora/seconds_until_auto_pause": 300},
        gives_up="the first connection after a pause waits some 15 seconds; an open connection prevents the pause",
        interrupts=True,
    ),
    Switch(
        name="nightly stop, weekends too",
        config={
            "running_hours": {
                "weekdays": ["mon", "tue", "wed", "thu", "fri"],
                "start": "08:00",
                "stop": "20:00",
                "time_zone": "Asia/Kolkata",
            }
        },
        usage={
            # Sixty hours a week; what services need runs half an hour longer a day.
            "services/task_hours_per_month": _always(261),
            "aurora/running_hours_per_month": _always(272),
            "host_hours_per_month": _always(272),
        },
        gives_up="nobody works there at night or at the weekend; Redis, balancers and a NAT gateway run on",
        interrupts=True,
    ),
)
"""The switches that the configuration has, in the order in which they are shown."""
