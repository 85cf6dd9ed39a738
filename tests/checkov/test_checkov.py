"""What the well-known open scanner finds in the same resources, as the reference for the rules."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.checkov.scanner import Scan, scan
from tests.checkov.terraform_json import TYPES, configuration
from tests.zelly_infra.evaluations import STACKS, evaluation_of
from tests.zelly_infra.stack_files import ROOT
from tests.zelly_infra.switches import NAT_INSTANCE, with_switch
from workbench.evaluate import Evaluation
from workbench.review.rules.exceptions import RuleException, read_exceptions
from workbench.review.rules.recorded import stack_of
from workbench.review.rules.report import weigh

EXCEPTIONS = ROOT / "policy" / "checkov.toml"


DAMAGES: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("aws:ec2/instance:Instance", "zelly-production-clickhouse-instance"): {
        "metadataOptions": {"httpEndpoint": "enabled", "httpTokens": "optional"},
        "rootBlockDevice": {"encrypted": False, "volumeSize": 8},
    },
    ("aws:ec2/flowLog:FlowLog", "zelly-production-network-flow-log"): {"vpcId": "vpc-of-another-program"},
    ("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "zelly-production-network-default-sg"): {
        "ingress": [{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]}]
    },
    ("aws:ecr/repository:Repository", "zelly-production-registry-zelly/caddy"): {
        "imageScanningConfiguration": {"scanOnPush": False},
        "imageTagMutability": "MUTABLE",
    },
    ("aws:ecs/cluster:Cluster", "zelly-production-cluster"): {
        "settings": [{"name": "containerInsights", "value": "disabled"}]
    },
    ("aws:elasticache/replicationGroup:ReplicationGroup", "zelly-production-redis"): {
        "transitEncryptionEnabled": False
    },
    ("aws:kms/key:Key", "zelly-production-monitoring-alarms-key"): {"enableKeyRotation": False},
    ("aws:lb/listener:Listener", "zelly-production-alb-nova-https"): {"sslPolicy": "ELBSecurityPolicy-2016-08"},
    ("aws:rds/cluster:Cluster", "zelly-production-aurora-cluster"): {"storageEncrypted": False},
    ("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "zelly-production-access-logs-public-access-block"): {
        "blockPublicAcls": False
    },
    (
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "zelly-production-bastion-sg-from-vpn-clients-udp-51820",
    ): {
        "fromPort": 22,
        "toPort": 22,
        "ipProtocol": "tcp",
    },
}
"""Resource -> what is made bad in it."""

NOTICED = [
    ("CKV2_AWS_11", "network-vpc"),
    ("CKV2_AWS_12", "network-vpc"),
    ("CKV2_AWS_6", "access-logs"),
    ("CKV2_AWS_74", "alb-nova-https"),
    ("CKV_AWS_103", "alb-nova-https"),
    ("CKV_AWS_163", "registry-zelly/caddy"),
    ("CKV_AWS_24", "bastion-sg-from-vpn-clients-udp-51820"),
    ("CKV_AWS_30", "redis"),
    ("CKV_AWS_31", "redis"),
    ("CKV_AWS_51", "registry-zelly/caddy"),
    ("CKV_AWS_53", "access-logs-public-access-block"),
    ("CKV_AWS_65", "cluster"),
    ("CKV_AWS_7", "monitoring-alarms-key"),
    ("CKV_AWS_79", "clickhouse-instance"),
    ("CKV_AWS_8", "clickhouse-instance"),
    ("CKV_AWS_96", "aurora-cluster"),
]
"""Check and resource, without its prefix: nested blocks, references between resources and plain values, each seen."""


def _scan(evaluation: Evaluation, folder: Path) -> Scan:
    names = [resource.name for resource in evaluation.resources if resource.type.startswith("aws:")]
    return scan(configuration(evaluation), folder, names)


def _concerning(evaluation: Evaluation) -> list[RuleException]:
    stack = stack_of(evaluation)
    return [each for each in read_exceptions(EXCEPTIONS) if each.concerns(stack.name, stack.values)]


@pytest.fixture(scope="module", params=STACKS)
def stack(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def scanned(stack: str, tmp_path_factory: pytest.TempPathFactory) -> Scan:
    return _scan(evaluation_of(stack), tmp_path_factory.mktemp(stack))


def test_checkov_finds_nothing_without_a_reasoned_exception(stack: str, scanned: Scan) -> None:
    today = datetime.now(UTC).date()
    names = {resource.name for resource in evaluation_of(stack).resources}
    report = weigh(
        scanned.failed, _concerning(evaluation_of(stack)), stack=stack, names=names, rules=scanned.checks, today=today
    )
    assert [(finding.rule, finding.name, finding.message) for finding in report.broken] == []
    assert report.expired == ()
    assert [(exception.rule, exception.resources) for exception in report.stale] == []


def test_checkov_finds_nothing_more_in_a_nat_instance(tmp_path: Path) -> None:
    evaluation = with_switch("production", NAT_INSTANCE)
    found = _scan(evaluation, tmp_path).failed
    exceptions = _concerning(evaluation)
    broken = [
        (finding.rule, finding.name)
        for finding in found
        if not any(each.covers(rule=finding.rule, name=finding.name) for each in exceptions)
    ]
    assert broken == []
    assert {finding.rule for finding in found if "-nat-" in finding.name} == {
        "CKV_AWS_126",
        "CKV_AWS_135",
        "CKV_AWS_158",
        "CKV_AWS_338",
    }


def test_checkov_looks_at_the_whole_platform(scanned: Scan) -> None:
    assert len(scanned.passed) > 600
    assert len(scanned.checks) > 100


def test_checkov_sees_what_is_made_bad(tmp_path: Path) -> None:
    clean = evaluation_of("production")
    resources = tuple(
        replace(resource, inputs={**resource.inputs, **DAMAGES.get((resource.type, resource.name), {})})
        for resource in clean.resources
    )
    sound, bad = tmp_path / "sound", tmp_path / "bad"
    sound.mkdir()
    bad.mkdir()
    before = {(finding.rule, finding.name) for finding in _scan(clean, sound).failed}
    after = {(finding.rule, finding.name) for finding in _scan(replace(clean, resources=resources), bad).failed}
    assert sorted((check, name.removeprefix("zelly-production-")) for check, name in after - before) == NOTICED


def test_every_type_in_use_has_its_name_in_terraform() -> None:
    used = {
        resource.type
        for stack in STACKS
        for resource in evaluation_of(stack).resources
        if resource.type.startswith("aws:") and resource.custom
    }
    assert sorted(used) == sorted(TYPES)
