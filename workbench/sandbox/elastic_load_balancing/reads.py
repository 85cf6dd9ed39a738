"""The readings of load balancers, target groups and listeners."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from workbench.sandbox.elastic_load_balancing.rows import CONDITION_FIELDS
from workbench.sandbox.making.answers import asked_for_one, name_prefix
from workbench.sandbox.making.making import Existing
from workbench.sandbox.making.table import Read

_TAGS = asked_for_one("describe_tags", "TagDescriptions[0].Tags", "ResourceArns")


def _attributes(existing: Existing, operation: str, member: str) -> Mapping[str, str]:
    listed: Sequence[Mapping[str, str]] = existing.call(operation, **{member: existing.id})["Attributes"]
    return {one["Key"]: one.get("Value", "") for one in listed}


def _balancer_attribute(key: str) -> Callable[[Existing], Any]:
    def read(existing: Existing) -> Any:
        attributes = _attributes(existing, "describe_load_balancer_attributes", "LoadBalancerArn")
        if existing.result["Type"] == "application":
            attributes = {**_OF_AN_APPLICATION_BALANCER, **attributes}
            # Nobody can turn it off for a whole application load balancer, and the provider compares it for no such.
            attributes.pop(_CROSS_ZONE, None)
        return attributes.get(key)

    return read


_OF_AN_APPLICATION_BALANCER = {
    "idle_timeout.timeout_seconds": "60",
    "routing.http.desync_mitigation_mode": "defensive",
    "routing.http.drop_invalid_header_fields.enabled": "false",
    "routing.http2.enabled": "true",
}
"""AWS's own values, of which moto does not know all (the API's reference, ``LoadBalancerAttribute``)."""

_CROSS_ZONE = "load_balancing.cross_zone.enabled"


def _target_group_attribute(key: str) -> Callable[[Existing], Any]:
    return lambda existing: _attributes(existing, "describe_target_group_attributes", "TargetGroupArn").get(key)


_ACCESS_LOGS = "access_logs.s3."


def _access_logs(existing: Existing) -> dict[str, Any] | None:
    attributes = _attributes(existing, "describe_load_balancer_attributes", "LoadBalancerArn")
    logs = {key.removeprefix(_ACCESS_LOGS): value for key, value in attributes.items() if key.startswith(_ACCESS_LOGS)}
    return {**logs, "enabled": logs["enabled"] == "true"} if logs.get("bucket") else None


def _subnet_mappings(existing: Existing) -> list[dict[str, Any]]:
    return [
        {
            "subnetId": zone["SubnetId"],
            **{
                name: address[member]
                for address in zone.get("LoadBalancerAddresses", ())
                for name, member in (("allocationId", "AllocationId"), ("privateIpv4Address", "PrivateIPv4Address"))
                if address.get(member)
            },
        }
        for zone in existing.result.get("AvailabilityZones", ())
    ]


_SUBJECTS = {field: subject for subject, field in CONDITION_FIELDS.items()}


def _conditions(existing: Existing) -> list[dict[str, Any]]:
    return [
        {_SUBJECTS[condition["Field"]]: {"values": _values(condition, _SUBJECTS[condition["Field"]])}}
        for condition in existing.result["Conditions"]
        if condition["Field"] in _SUBJECTS
    ]


def _values(condition: Mapping[str, Any], subject: str) -> Sequence[str]:
    config: Mapping[str, Any] = condition.get(f"{subject[0].upper()}{subject[1:]}Config") or condition
    return config["Values"]


READS: Mapping[str, Read] = {
    "aws:lb/loadBalancer:LoadBalancer": Read(
        operation="describe_load_balancers",
        parameters={"LoadBalancerArns": "id"},
        result="LoadBalancers[0]",
        named={
            "name": "LoadBalancerName",
            "namePrefix": name_prefix("LoadBalancerName"),
            "internal": "Scheme == 'internal'",
            "subnets": "AvailabilityZones[].SubnetId",
            "subnetMappings": _subnet_mappings,
            "accessLogs": _access_logs,
            "desyncMitigationMode": _balancer_attribute("routing.http.desync_mitigation_mode"),
            "dropInvalidHeaderFields": _balancer_attribute("routing.http.drop_invalid_header_fields.enabled"),
            "enableCrossZoneLoadBalancing": _balancer_attribute(_CROSS_ZONE),
            "enableDeletionProtection": _balancer_attribute("deletion_protection.enabled"),
            "enableHttp2": _balancer_attribute("routing.http2.enabled"),
            "idleTimeout": _balancer_attribute("idle_timeout.timeout_seconds"),
        },
        tags=_TAGS,
        defaults={
            "loadBalancerType": "application",
            "desyncMitigationMode": "defensive",
            "enableHttp2": True,
            "idleTimeout": 60,
        },
    ),
    "aws:lb/targetGroup:TargetGroup": Read(
        operation="describe_target_groups",
        parameters={"TargetGroupArns": "id"},
        result="TargetGroups[0]",
        named={
            "name": "TargetGroupName",
            "namePrefix": name_prefix("TargetGroupName"),
            "connectionTermination": _target_group_attribute("deregistration_delay.connection_termination.enabled"),
            "deregistrationDelay": _target_group_attribute("deregistration_delay.timeout_seconds"),
            "loadBalancingAlgorithmType": _target_group_attribute("load_balancing.algorithm.type"),
            "preserveClientIp": _target_group_attribute("preserve_client_ip.enabled"),
            "proxyProtocolV2": _target_group_attribute("proxy_protocol_v2.enabled"),
            "slowStart": _target_group_attribute("slow_start.duration_seconds"),
        },
        tags=_TAGS,
        defaults={"deregistrationDelay": 300, "targetType": "instance"},
    ),
    "aws:lb/listener:Listener": Read(
        operation="describe_listeners",
        parameters={"ListenerArns": "id"},
        result="Listeners[0]",
        named={"certificateArn": "Certificates[0].CertificateArn", "alpnPolicy": "AlpnPolicy[0]"},
        tags=_TAGS,
    ),
    "aws:lb/listenerRule:ListenerRule": Read(
        operation="describe_rules",
        parameters={"RuleArns": "id"},
        result="Rules[0]",
        named={"conditions": _conditions},
        tags=_TAGS,
    ),
}
