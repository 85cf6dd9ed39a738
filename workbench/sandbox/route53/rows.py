"""Route 53: health checks."""

import secrets
from collections.abc import Mapping
from typing import Any

from workbench.sandbox.making.making import Existing, Making
from workbench.sandbox.making.table import Delete, Irregular, Outputs, ResourceRow, Update

_MEMBERS: Mapping[str, str] = {
    "type": "Type",
    "fqdn": "FullyQualifiedDomainName",
    "port": "Port",
    "resourcePath": "ResourcePath",
    "requestInterval": "RequestInterval",
    "failureThreshold": "FailureThreshold",
    "measureLatency": "MeasureLatency",
    "enableSni": "EnableSNI",
    "searchString": "SearchString",
    "disabled": "Disabled",
    "invertHealthcheck": "Inverted",
    "regions": "Regions",
}
"""An input -> its member of HealthCheckConfig."""

_FIXED = ("type", "requestInterval", "measureLatency")

_NUMBERS = ("port", "requestInterval", "failureThreshold")


def _health_check(making: Making) -> tuple[str, Outputs]:
    inputs = making.inputs
    config = {
        member: int(inputs[name]) if name in _NUMBERS else inputs[name]
        for name, member in _MEMBERS.items()
        if name in inputs
    }
    # The API makes nothing twice for one reference.
    made = making.call("create_health_check", CallerReference=secrets.token_hex(8), HealthCheckConfig=config)
    identifier: str = made["HealthCheck"]["Id"]
    _put_tags(making, identifier, gone=[])
    return identifier, {"arn": f"arn:aws:route53:::healthcheck/{identifier}"}


def _change_tags(existing: Existing) -> None:
    old: Mapping[str, str] = existing.outputs.get("tagsAll", {})
    _put_tags(existing, existing.id, gone=[key for key in old if key not in existing.tags])


def _put_tags(making: Making, identifier: str, *, gone: list[str]) -> None:
    put = [{"Key": key, "Value": value} for key, value in making.tags.items()]
    changes: dict[str, Any] = {"AddTags": put, "RemoveTagKeys": gone}
    if put or gone:
        making.call(
            "change_tags_for_resource",
            ResourceType="healthcheck",
            ResourceId=identifier,
            **{member: listed for member, listed in changes.items() if listed},
        )


RESOURCES: Mapping[str, ResourceRow] = {
    "aws:route53/healthCheck:HealthCheck": Irregular(
        make=_health_check,
        service="route53",
        handles=frozenset(_MEMBERS),
        taggable=True,
        tag_change=_change_tags,
        delete=Delete(operation="delete_health_check", parameters={"HealthCheckId": "id"}),
        update=dict.fromkeys(
            [name for name in _MEMBERS if name not in _FIXED],
            Update(operation="update_health_check", parameters={"HealthCheckId": "id"}, renames=_MEMBERS),
        ),
        not_emulated=("Health checks ask nothing: they have no status, and no metric.",),
    ),
}
