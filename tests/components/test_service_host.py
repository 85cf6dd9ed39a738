import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from tests.components.services.shop import SHOP
from workbench.evaluate import Evaluation, evaluate
from zelly_components.hosts.services.configuration import user_data
from zelly_components.identity.iam import Statement
from zelly_components.service_host import HostFile, ReleaseArgs, ServiceHost, ServiceHostArgs

INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"

ARGS = ServiceHostArgs(
    platform=SHOP.platform,
    environment=SHOP.environment,
    region=SHOP.region,
    account_id="123456789012",
    vpc_id="vpc-1",
    subnet_id="subnet-public-a",
    instance_type="t3.large",
    cpu_credits="standard",
    ami_id="ami-0123456789abcdef0",
    root_volume_gib=30,
    units=SHOP.units,
    packages=SHOP.packages,
    release=SHOP.release,
    nginx=SHOP.nginx,
    bucket_name=SHOP.bucket_name,
    bucket="the-bucket",
    configuration_parameter_name="/shop/trial/host/configuration",
    internet_egress_ports=[587],
    log_group_name=SHOP.log_group_name,
    services_log_group_name=SHOP.services_log_group_name,
    log_retention_days=30,
    protect=True,
    downloads=SHOP.downloads,
)


def record(args: ServiceHostArgs = ARGS) -> Evaluation:
    def program() -> None:
        host = ServiceHost("shop-host", args)
        host.allow_https_from_prefix_list("cloudflare", "pl-1")
        pulumi.export("public_ip", host.public_ip)

    return evaluate(program)


def statements(args: ServiceHostArgs = ARGS) -> Mapping[str, Any]:
    document = json.loads(record(args).one("aws:iam/rolePolicy:RolePolicy").inputs["policy"])
    return {each["Sid"]: (each["Action"], each["Resource"]) for each in document["Statement"]}


def test_configuration_is_an_object_that_the_parameter_names_by_its_hash() -> None:
    evaluation = record()
    written = evaluation.one("aws:s3/bucketObjectv2:BucketObjectv2").inputs
    digest = hashlib.sha256(written["content"].encode()).hexdigest()
    assert (written["bucket"], written["key"]) == ("the-bucket", f"host/{digest}.json")
    parameter = evaluation.one("aws:ssm/parameter:Parameter").inputs
    assert parameter["name"] == "/shop/trial/host/configuration"
    assert json.loads(parameter["insecureValue"]) == {"key": written["key"], "sha256": digest}


def test_host_boots_with_what_fetches_the_configuration_and_is_not_replaced_by_another_one() -> None:
    agent = HostFile(path="/usr/local/sbin/release-agent", content="#!/bin/sh\n", permissions="0755")
    instances = [
        record(args).one("aws:ec2/instance:Instance")
        for args in (ARGS, replace(ARGS, files=[agent], units=SHOP.units[:2], timers=["release-undo.timer"]))
    ]
    assert instances[0].inputs == instances[1].inputs
    assert instances[0].replacement_trigger == instances[1].replacement_trigger
    assert instances[0].inputs["userData"] == user_data(
        region="eu-west-1",
        configuration_parameter_name="/shop/trial/host/configuration",
        bucket_name="shop-releases",
        log_group_name="/shop/host",
    )
    assert "keyName" not in instances[0].inputs


def test_nobody_comes_in_but_who_is_let_in() -> None:
    """PF11: no SSH, whoever asks."""
    evaluation = record()
    rules = {rule.name: rule.inputs for rule in (*evaluation.of_type(INGRESS), *evaluation.of_type(EGRESS))}
    ports = {name: (rule["fromPort"], rule["toPort"], rule.get("prefixListId")) for name, rule in rules.items()}
    assert ports == {
        "shop-host-sg-from-cloudflare-tcp-443": (443, 443, "pl-1"),
        "shop-host-sg-to-internet-tcp-443": (443, 443, None),
        "shop-host-sg-to-internet-tcp-587": (587, 587, None),
    }


def test_host_reads_its_releases_and_exactly_the_secrets_that_are_named() -> None:
    allowed = statements()
    assert {sid: allowed[sid] for sid in ("ReadReleases", "ListReleases", "ReadConfiguration", "ReadSecrets")} == {
        "ReadReleases": (
            ["s3:GetObject"],
            [f"arn:aws:s3:::shop-releases/{prefix}/*" for prefix in ("artefacts", "host", "releases")],
        ),
        "ListReleases": (["s3:ListBucket"], ["arn:aws:s3:::shop-releases"]),
        "ReadConfiguration": (["ssm:GetParameter"], ["${shop-host-configuration-parameter.arn}"]),
        "ReadSecrets": (
            ["secretsmanager:GetSecretValue"],
            [
                f"arn:aws:secretsmanager:eu-west-1:123456789012:secret:{name}-??????"
                for name in ("shop/db", "shop/origin")
            ],
        ),
    }
    assert "TakeCommands" in allowed


def test_host_takes_snapshots_of_the_named_database_alone() -> None:
    """PF16: no dump leaves the VPC before a release."""
    resources = [
        "arn:aws:rds:eu-west-1:123456789012:db:shop-db",
        "arn:aws:rds:eu-west-1:123456789012:snapshot:shop-trial-release-*",
    ]
    allowed = statements()
    assert allowed["TakeSnapshots"] == (["rds:CreateDBSnapshot"], resources)
    assert allowed["WatchSnapshots"] == (["rds:DescribeDBSnapshots"], resources)
    release = ReleaseArgs(migrations_secrets={}, database_instance=None, snapshot_before_release=False)
    assert not {sid for sid in statements(replace(ARGS, release=release)) if sid.endswith("Snapshots")}


def test_services_write_logs_beside_the_hosts_own() -> None:
    evaluation = record(replace(ARGS, statements=[Statement(sid="Dump", actions=["s3:PutObject"], resources=["arn"])]))
    groups = {group.inputs["name"]: group.inputs["retentionInDays"] for group in evaluation.of_type(LOG_GROUP)}
    assert groups == {"/shop/host": 30, "/shop/services": 30}
    document = json.loads(evaluation.one("aws:iam/rolePolicy:RolePolicy").inputs["policy"])["Statement"]
    assert [each["Sid"] for each in document][-2:] == ["WriteServiceLogs", "Dump"]


LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"


def test_address_outlives_the_host() -> None:
    evaluation = record()
    association = evaluation.one("aws:ec2/eipAssociation:EipAssociation").inputs
    assert association == {
        "allocationId": "${shop-host-eip.id}",
        "instanceId": "${shop-host-instance.id}",
        "allowReassociation": True,
    }
    assert evaluation.outputs["public_ip"] == "${shop-host-eip.publicIp}"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"root_volume_gib": 8}, "root_volume_gib: came 8; allowed 16 or more"),
        (
            {"services_log_group_name": "/shop/host"},
            "services_log_group_name: came /shop/host, the host's own; allowed another one",
        ),
    ],
)
def test_what_no_host_could_be_is_refused(changes: Mapping[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        record(replace(ARGS, **changes))
