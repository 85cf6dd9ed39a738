"""ECS: what moto forgets of a service."""

from collections.abc import Mapping
from typing import Any

from zelly_infra.sandbox.supplement.table import Forgotten, Missing, members

_FORGOTTEN_MEMBERS = (
    "capacityProviderStrategy",
    "deploymentConfiguration",
    "enableECSManagedTags",
    "enableExecuteCommand",
    "healthCheckGracePeriodSeconds",
)


def _merge(service: dict[str, Any], remembered: Mapping[str, Any]) -> None:
    service.update(remembered)
    strategy = remembered.get("capacityProviderStrategy")
    if strategy:
        # A service has one or the other, and moto says EC2 where nothing was asked for.
        service.pop("launchType", None)
        for deployment in service.get("deployments", []):
            deployment.pop("launchType", None)
            deployment |= {"capacityProviderStrategy": strategy, "platformFamily": "Linux"}


MISSING: tuple[Missing, ...] = ()
FORGOTTEN: tuple[Forgotten, ...] = (
    Forgotten(
        service="ecs",
        writes={"CreateService": "service", "UpdateService": "service"},
        reads={"DescribeServices": "services"},
        key="serviceArn",
        remember=members(*_FORGOTTEN_MEMBERS),
        merge=_merge,
    ),
)
