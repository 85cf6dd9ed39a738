"""The rules as policies, asked as the SDK asks them. The real engine asks in tests/zelly_infra/engine."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pulumi_policy
import pytest
from pulumi_policy.proxy import UNKNOWN_BOOLEAN_VALUE, UNKNOWN_STRING_VALUE, unknown_checking_proxy

from workbench.engine.policy_pack import policies
from workbench.review.rules.exceptions import RuleException
from workbench.review.rules.table import RULES

CLUSTER = "aws:rds/cluster:Cluster"
VPC = "aws:ec2/vpc:Vpc"

VALUES: Mapping[str, Mapping[str, Any]] = {"production": {"deletion_protection": True}}


def _options(*, protect: bool = False) -> pulumi_policy.PolicyResourceOptions:
    timeouts = pulumi_policy.PolicyCustomTimeouts(0, 0, 0)
    return pulumi_policy.PolicyResourceOptions(protect, [], None, [], timeouts, [])


def _urn(type_: str, name: str) -> str:
    return f"urn:pulumi:production::shop::{type_}::{name}"


def _asked(
    rule: str,
    type_: str,
    properties: Mapping[str, Any],
    *,
    protect: bool = False,
    exceptions: Sequence[RuleException] = (),
) -> list[tuple[str, str | None]]:
    (policy,) = (policy for policy in policies(RULES, exceptions, VALUES) if policy.name == rule)
    assert isinstance(policy, pulumi_policy.ResourceValidationPolicy)
    said: list[tuple[str, str | None]] = []
    arguments = pulumi_policy.ResourceValidationArgs(
        type_, unknown_checking_proxy(dict(properties)), _urn(type_, "it"), "it", _options(protect=protect), None
    )
    # The SDK leaves it untyped what a policy may await.
    asked: Any = policy

    def report(message: str, urn: str | None = None) -> None:
        said.append((message, urn))

    asked.validate(arguments, report)
    return said


def _resource(type_: str, name: str, properties: Mapping[str, Any]) -> pulumi_policy.PolicyResource:
    proxied = unknown_checking_proxy(dict(properties))
    return pulumi_policy.PolicyResource(type_, proxied, _urn(type_, name), name, _options(), None, None, [], {})


def test_name_that_the_provider_makes_is_none_of_the_program_s() -> None:
    rule, group = "stateful-replaced-in-order", "aws:elasticache/replicationGroup:ReplicationGroup"
    assert _asked(rule, group, {"engine": "redis", "replicationGroupId": "it-cache"}) != []
    # Its own logical name, and what Pulumi puts behind it.
    assert _asked(rule, group, {"engine": "redis", "replicationGroupId": "it-0a1b2c3"}) == []


def test_a_policy_tells_what_its_rule_says_and_the_way_out() -> None:
    assert _asked("aurora-encrypted", CLUSTER, {"storageEncrypted": False}) == [
        (
            "it: storageEncrypted: false; allowed: true. "
            "Set storage_encrypted when it is made; later it takes a snapshot and a new cluster.",
            _urn(CLUSTER, "it"),
        )
    ]


@pytest.mark.parametrize(
    ("rule", "type_", "properties"),
    [
        ("aurora-encrypted", CLUSTER, {"storageEncrypted": True}),
        ("aurora-encrypted", CLUSTER, {"storageEncrypted": UNKNOWN_BOOLEAN_VALUE}),
        ("aurora-encrypted", "aws:rds/clusterInstance:ClusterInstance", {"storageEncrypted": False}),
        (
            "container-read-only",
            "aws:ecs/taskDefinition:TaskDefinition",
            {"containerDefinitions": UNKNOWN_STRING_VALUE},
        ),
        # The protocol has one type for numbers.
        ("aurora-backup-retention", CLUSTER, {"backupRetentionPeriod": 7.0}),
        ("instance-imdsv2", "aws:ec2/instance:Instance", {"metadataOptions": {"httpTokens": UNKNOWN_STRING_VALUE}}),
    ],
)
def test_a_policy_says_nothing_of_what_passes_is_unknown_or_of_another_type(
    rule: str, type_: str, properties: dict[str, Any]
) -> None:
    assert _asked(rule, type_, properties) == []


def test_an_unknown_value_hides_no_other_one() -> None:
    volumes = [{"name": "a", "efsVolumeConfiguration": {"fileSystemId": UNKNOWN_STRING_VALUE}}]
    definition = {"containerDefinitions": UNKNOWN_STRING_VALUE, "volumes": volumes}
    said = _asked("task-file-system-encrypted-in-transit", "aws:ecs/taskDefinition:TaskDefinition", definition)
    assert [message.split(". ")[0] for message, _ in said] == ["it: volume a: transitEncryption not set"]


def test_a_resources_options_are_seen() -> None:
    assert len(_asked("stateful-protected", CLUSTER, {})) == 1
    assert _asked("stateful-protected", CLUSTER, {}, protect=True) == []


@pytest.mark.parametrize(
    ("concerns", "expires", "count"),
    [
        ({"stacks": ["production"]}, date.max, 0),
        ({"stacks": ["staging"]}, date.max, 1),
        ({"where": {"deletion_protection": True}}, date.max, 0),
        ({"where": {"deletion_protection": False}}, date.max, 1),
        ({}, date.max, 0),
        ({}, date(2020, 1, 1), 1),
    ],
)
def test_an_exception_counts_in_its_stacks_until_its_last_day(
    concerns: dict[str, Any], expires: date, count: int
) -> None:
    assert datetime.now(UTC).date() > date(2020, 1, 1)
    exception = RuleException(
        rule="aurora-encrypted", resources="i*", expires=expires, reason="A shop that is only tested.", **concerns
    )
    assert len(_asked("aurora-encrypted", CLUSTER, {}, exceptions=[exception])) == count


def test_a_rule_that_needs_the_stack_is_asked_when_that_is_whole() -> None:
    (policy,) = (policy for policy in policies(RULES, [], {}) if policy.name == "vpc-flow-log")
    assert isinstance(policy, pulumi_policy.StackValidationPolicy)
    logged, other = _resource(VPC, "logged", {}), _resource(VPC, "other", {})
    log = _resource("aws:ec2/flowLog:FlowLog", "log", {"trafficType": "ALL", "vpcId": UNKNOWN_STRING_VALUE})
    log.dependencies.append(logged)
    said: list[str | None] = []
    arguments = pulumi_policy.StackValidationArgs([logged, other, log])
    asked: Any = policy

    def report(message: str, urn: str | None = None) -> None:
        assert message.startswith("other: no aws:ec2/flowLog:FlowLog uses it")
        said.append(urn)

    asked.validate(arguments, report)
    assert said == [_urn(VPC, "other")]


def test_every_rule_is_a_policy_with_its_severity() -> None:
    made = policies(RULES, [], {})
    assert [(policy.name, policy.severity) for policy in made] == [
        (rule.id, pulumi_policy.Severity(rule.severity.value)) for rule in RULES
    ]
    assert [policy.name for policy in made if isinstance(policy, pulumi_policy.StackValidationPolicy)] == [
        rule.id for rule in RULES if rule.check_in_stack is not None
    ]
