"""Load balancers, target groups and listeners."""

from collections.abc import Callable, Mapping
from typing import Any

from workbench.sandbox.errors import UnmappedInputError
from workbench.sandbox.making.making import Existing, Made, Making
from workbench.sandbox.making.mapping import FLATTENED
from workbench.sandbox.making.table import AutoName, Delete, Parameters, ResourceRow, Row, Tags, Update

_NAME_LIMIT = 32


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _balancer_attribute(key: str) -> Callable[[Made, Any], None]:
    def modify(made: Made, value: Any) -> None:
        attributes = [{"Key": key, "Value": _text(value)}]
        made.call("modify_load_balancer_attributes", LoadBalancerArn=made.id, Attributes=attributes)

    return modify


def _target_group_attribute(key: str) -> Callable[[Made, Any], None]:
    def modify(made: Made, value: Any) -> None:
        attributes = [{"Key": key, "Value": _text(value)}]
        made.call("modify_target_group_attributes", TargetGroupArn=made.id, Attributes=attributes)

    return modify


def _access_logs(made: Made, logs: Any) -> None:
    attributes = [{"Key": f"access_logs.s3.{key}", "Value": _text(value)} for key, value in logs.items()]
    made.call("modify_load_balancer_attributes", LoadBalancerArn=made.id, Attributes=attributes)


def _change_access_logs(existing: Existing, logs: Any) -> None:
    _access_logs(existing, {"enabled": False} if logs is None else logs)


def _change_subnets(existing: Existing, _: Any) -> None:
    inputs = existing.inputs
    if "subnetMappings" in inputs:
        mappings = [
            {key[0].upper() + key[1:]: value for key, value in mapping.items()} for mapping in inputs["subnetMappings"]
        ]
        existing.call("set_subnets", LoadBalancerArn=existing.id, SubnetMappings=mappings)
    else:
        existing.call("set_subnets", LoadBalancerArn=existing.id, Subnets=inputs["subnets"])


def _scheme(_: Making, internal: Any) -> Parameters:
    return {"Scheme": "internal" if internal else "internet-facing"}


def _certificate(_: Making, arn: Any) -> Parameters:
    return {"Certificates": [{"CertificateArn": arn}]}


def _arn_suffix(made: Made) -> str:
    """Return what CloudWatch calls the balancer: the ARN's last part without its first word."""
    return made.id.partition(":loadbalancer/")[2]


def _target_group_arn_suffix(made: Made) -> str:
    return made.id.rpartition(":")[2]


def _rules_place(making: Making, listener_arn: Any) -> Parameters:
    """Return the rule's listener and its priority: without one it is the next, as the provider has it."""
    rules = making.call("describe_rules", ListenerArn=listener_arn)["Rules"]
    taken = [int(rule["Priority"]) for rule in rules if not rule["IsDefault"]]
    return {"ListenerArn": listener_arn, "Priority": making.inputs.get("priority", max(taken, default=0) + 1)}


def _conditions(_: Making, conditions: Any) -> Parameters:
    return {"Conditions": [_condition(*pair) for condition in conditions for pair in condition.items()]}


def _condition(subject: str, found: Mapping[str, Any]) -> Parameters:
    if subject not in CONDITION_FIELDS or list(found) != ["values"]:
        path = f"conditions.{subject}.{'.'.join(sorted(found))}"
        raise UnmappedInputError(path, "create_rule", [f"{known}.values" for known in CONDITION_FIELDS])
    config = f"{subject[0].upper()}{subject[1:]}Config"
    return {"Field": CONDITION_FIELDS[subject], config: {"Values": found["values"]}}


def _take_certificate_away(existing: Existing) -> None:
    existing.call(
        "remove_listener_certificates",
        ListenerArn=existing.inputs["listenerArn"],
        Certificates=[{"CertificateArn": existing.inputs["certificateArn"]}],
    )


_LISTENER_INPUTS = ("port", "protocol", "sslPolicy", "certificateArn", "alpnPolicy", "defaultActions")

_MODIFY_LISTENER = Update(
    operation="modify_listener", parameters={"ListenerArn": "id"}, always=("port", "protocol", "defaultActions")
)

CONDITION_FIELDS: Mapping[str, str] = {
    "hostHeader": "host-header",
    "httpRequestMethod": "http-request-method",
    "pathPattern": "path-pattern",
    "sourceIp": "source-ip",
}
"""Part of a request that a condition looks at -> the API's ``Field``; each has a list of values."""


def _action_renames(actions: str) -> Mapping[str, str]:
    return {
        f"{actions}.fixedResponse": "FixedResponseConfig",
        f"{actions}.forward": "ForwardConfig",
        f"{actions}.forward.stickiness": "TargetGroupStickinessConfig",
        f"{actions}.forward.stickiness.duration": "DurationSeconds",
        f"{actions}.forward.targetGroups.arn": "TargetGroupArn",
        f"{actions}.redirect": "RedirectConfig",
    }


_MODIFY_RULE = Update(operation="modify_rule", parameters={"RuleArn": "id"}, always=("actions", "conditions"))

RESOURCES: Mapping[str, ResourceRow] = {
    "aws:lb/loadBalancer:LoadBalancer": Row(
        service="elbv2",
        operation="create_load_balancer",
        id="LoadBalancers[0].LoadBalancerArn",
        result="LoadBalancers[0]",
        renames={"loadBalancerType": "Type"},
        into={"internal": _scheme},
        then={
            "accessLogs": _access_logs,
            "desyncMitigationMode": _balancer_attribute("routing.http.desync_mitigation_mode"),
            "dropInvalidHeaderFields": _balancer_attribute("routing.http.drop_invalid_header_fields.enabled"),
            "enableCrossZoneLoadBalancing": _balancer_attribute("load_balancing.cross_zone.enabled"),
            "enableDeletionProtection": _balancer_attribute("deletion_protection.enabled"),
            "enableHttp2": _balancer_attribute("routing.http2.enabled"),
            "idleTimeout": _balancer_attribute("idle_timeout.timeout_seconds"),
        },
        name=AutoName(limit=_NAME_LIMIT),
        tags=Tags(),
        outputs={
            "arn": "LoadBalancerArn",
            "arnSuffix": _arn_suffix,
            "zoneId": "CanonicalHostedZoneId",
        },
        delete=Delete(operation="delete_load_balancer", parameters={"LoadBalancerArn": "id"}),
        update={
            "accessLogs": _change_access_logs,
            "ipAddressType": Update(operation="set_ip_address_type", parameters={"LoadBalancerArn": "id"}),
            "securityGroups": Update(operation="set_security_groups", parameters={"LoadBalancerArn": "id"}),
            "subnetMappings": _change_subnets,
            "subnets": _change_subnets,
        },
        not_emulated=(
            "Nothing listens behind a load balancer's name: no request is forwarded, no certificate shown.",
            "Every load balancer's ARN says app; AWS writes net for a network load balancer.",
        ),
    ),
    "aws:lb/targetGroup:TargetGroup": Row(
        service="elbv2",
        operation="create_target_group",
        id="TargetGroups[0].TargetGroupArn",
        result="TargetGroups[0]",
        renames={
            "healthCheck": FLATTENED,
            "healthCheck.enabled": "HealthCheckEnabled",
            "healthCheck.healthyThreshold": "HealthyThresholdCount",
            "healthCheck.interval": "HealthCheckIntervalSeconds",
            "healthCheck.matcher": "Matcher.HttpCode",
            "healthCheck.path": "HealthCheckPath",
            "healthCheck.port": "HealthCheckPort",
            "healthCheck.protocol": "HealthCheckProtocol",
            "healthCheck.timeout": "HealthCheckTimeoutSeconds",
            "healthCheck.unhealthyThreshold": "UnhealthyThresholdCount",
        },
        then={
            "connectionTermination": _target_group_attribute("deregistration_delay.connection_termination.enabled"),
            "deregistrationDelay": _target_group_attribute("deregistration_delay.timeout_seconds"),
            "loadBalancingAlgorithmType": _target_group_attribute("load_balancing.algorithm.type"),
            "preserveClientIp": _target_group_attribute("preserve_client_ip.enabled"),
            "proxyProtocolV2": _target_group_attribute("proxy_protocol_v2.enabled"),
            "slowStart": _target_group_attribute("slow_start.duration_seconds"),
        },
        name=AutoName(limit=_NAME_LIMIT),
        tags=Tags(),
        outputs={"arn": "TargetGroupArn", "arnSuffix": _target_group_arn_suffix},
        delete=Delete(operation="delete_target_group", parameters={"TargetGroupArn": "id"}),
        update={"healthCheck": Update(operation="modify_target_group", parameters={"TargetGroupArn": "id"})},
        not_emulated=(
            "Targets are never health-checked: a service's tasks are as healthy as their images say, others always.",
        ),
    ),
    "aws:lb/listener:Listener": Row(
        service="elbv2",
        operation="create_listener",
        id="Listeners[0].ListenerArn",
        result="Listeners[0]",
        renames=_action_renames("defaultActions"),
        into={"certificateArn": _certificate},
        tags=Tags(),
        outputs={"arn": "ListenerArn"},
        delete=Delete(operation="delete_listener", parameters={"ListenerArn": "id"}),
        update=dict.fromkeys(_LISTENER_INPUTS, _MODIFY_LISTENER),
    ),
    "aws:lb/listenerCertificate:ListenerCertificate": Row(
        service="elbv2",
        operation="add_listener_certificates",
        id=lambda made: f"{made.inputs['listenerArn']}_{made.inputs['certificateArn']}",
        into={"certificateArn": _certificate},
        delete=_take_certificate_away,
    ),
    "aws:lb/listenerRule:ListenerRule": Row(
        service="elbv2",
        operation="create_rule",
        id="Rules[0].RuleArn",
        result="Rules[0]",
        renames=_action_renames("actions"),
        into={"listenerArn": _rules_place, "conditions": _conditions},
        tags=Tags(),
        outputs={"arn": "RuleArn", "priority": lambda made: int(made.result["Priority"])},
        delete=Delete(operation="delete_rule", parameters={"RuleArn": "id"}),
        update=dict.fromkeys(("actions", "conditions"), _MODIFY_RULE),
    ),
}
