import json
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from tests.support.examples import example_program
from workbench.evaluate import Backend, Created, Evaluation, Invocation, Registration, SymbolicBackend, evaluate
from zelly_components.clickhouse_host import ClickHouseHost, ClickHouseHostArgs
from zelly_components.hosts import clickhouse_boot

INSTANCE = "aws:ec2/instance:Instance"
VOLUME = "aws:ebs/volume:Volume"
PASSWORD = "random:index/randomPassword:RandomPassword"
SECRET_VERSION = "aws:secretsmanager/secretVersion:SecretVersion"
PARAMETER = "aws:ssm/parameter:Parameter"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"

PROTECTED = ClickHouseHostArgs(
    region="eu-west-1",
    account_id="123456789012",
    vpc_id="vpc-1",
    subnet_id="subnet-1",
    availability_zone="eu-west-1a",
    instance_type="t3.medium",
    cpu_credits="standard",
    instance_memory_mib=4096,
    ami_id="ami-0123456789abcdef0",
    volume_gib=50,
    image="clickhouse/clickhouse-server:24.3",
    username="shop",
    credentials_secret_name="shop/clickhouse/credentials",
    recovery_window_days=30,
    config_parameter_name="/shop/clickhouse/config",
    log_group_name="/shop/clickhouse",
    log_retention_days=30,
    snapshot_retention_count=7,
    protect=True,
)


def record(args: ClickHouseHostArgs = PROTECTED, *, backend: Backend | None = None) -> Evaluation:
    def program() -> None:
        host = ClickHouseHost("shop-clickhouse", args)
        host.allow_from("consumer", "sg-consumer")
        pulumi.export("secret_arn", host.credentials_secret_arn)

    return evaluate(program, backend=backend)


class RealIds:
    """Answers with a volume id and a password of the real shapes."""

    PASSWORD = "hunter2hunter2"
    VOLUME_ID = "vol-0123456789abcdef0"

    def __init__(self) -> None:
        self._symbolic = SymbolicBackend()

    def create(self, registration: Registration) -> Created:
        created = self._symbolic.create(registration)
        if registration.type == VOLUME:
            return replace(created, id=self.VOLUME_ID)
        if registration.type == PASSWORD:
            return replace(created, outputs={**created.outputs, "result": self.PASSWORD})
        return created

    def invoke(self, invocation: Invocation) -> Any:
        return self._symbolic.invoke(invocation)


def test_data_volume_is_encrypted_protected_and_in_the_zone_of_the_arguments() -> None:
    volume = record().one(VOLUME)
    assert volume.inputs == {
        "availabilityZone": "eu-west-1a",
        "size": 50,
        "type": "gp3",
        "encrypted": True,
        "finalSnapshot": True,
        "tags": {"Name": "shop-clickhouse-data", "SnapshotPolicy": "shop-clickhouse"},
    }
    assert volume.protect


def test_unprotected_host_can_be_taken_down() -> None:
    evaluation = record(replace(PROTECTED, protect=False))
    assert not evaluation.one(VOLUME).protect
    assert evaluation.one(VOLUME).inputs["finalSnapshot"] is False
    assert evaluation.one(INSTANCE).inputs["disableApiTermination"] is False


def test_volume_leaves_the_old_host_before_it_joins_the_new_one() -> None:
    attachment = record().one("aws:ec2/volumeAttachment:VolumeAttachment")
    assert attachment.inputs == {
        "instanceId": "${shop-clickhouse-instance.id}",
        "volumeId": "${shop-clickhouse-data.id}",
        "deviceName": "/dev/sdf",
        "stopInstanceBeforeDetaching": True,
    }
    assert attachment.delete_before_replace


def test_host_is_private_protected_and_deaf_to_new_images_and_boot_documents() -> None:
    instance = record().one(INSTANCE)
    expected = {
        "ami": "ami-0123456789abcdef0",
        "instanceType": "t3.medium",
        "subnetId": "subnet-1",
        "associatePublicIpAddress": False,
        "disableApiTermination": True,
        "vpcSecurityGroupIds": ["${shop-clickhouse-sg.id}"],
        "metadataOptions": {"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 1},
    }
    assert {key: instance.inputs[key] for key in expected} == expected
    assert "keyName" not in instance.inputs
    assert instance.ignore_changes == ("ami", "userData")


def test_host_is_replaced_when_its_volume_or_a_name_that_it_reads_changes() -> None:
    assert record().one(INSTANCE).replacement_trigger == {
        "region": "eu-west-1",
        "volume_id": "${shop-clickhouse-data.id}",
        "config_parameter_name": "/shop/clickhouse/config",
        "credentials_secret_name": "shop/clickhouse/credentials",
        "log_group_name": "/shop/clickhouse",
        "architecture": "x86_64",
    }


def test_image_size_and_user_change_without_a_new_host() -> None:
    before = record().one(INSTANCE)
    changed = replace(PROTECTED, image="clickhouse:25", instance_memory_mib=8192, username="other", volume_gib=80)
    after = record(changed).one(INSTANCE)
    assert after.inputs == before.inputs
    assert after.replacement_trigger == before.replacement_trigger


def test_boot_document_names_the_volume_and_holds_no_secret() -> None:
    evaluation = record(backend=RealIds())
    user_data = evaluation.one(INSTANCE).inputs["userData"]
    assert user_data == clickhouse_boot.user_data(
        region="eu-west-1",
        volume_id=RealIds.VOLUME_ID,
        config_parameter_name="/shop/clickhouse/config",
        credentials_secret_name="shop/clickhouse/credentials",
        log_group_name="/shop/clickhouse",
    )
    assert RealIds.PASSWORD not in user_data
    assert RealIds.PASSWORD not in evaluation.one(PARAMETER).inputs["insecureValue"]


def test_password_is_in_the_secret_and_nowhere_else() -> None:
    evaluation = record(backend=RealIds())
    holders = [
        resource.name for resource in evaluation.resources if RealIds.PASSWORD in json.dumps(resource.plain_inputs)
    ]
    assert holders == ["shop-clickhouse-credentials-version"]
    version = evaluation.one(SECRET_VERSION)
    assert version.inputs == {"secretId": "${shop-clickhouse-credentials.arn}", "secretString": "[secret]"}
    assert json.loads(version.plain_inputs["secretString"]) == {
        "CLICKHOUSE_HOST": "${shop-clickhouse-instance.privateIp}",
        "CLICKHOUSE_PORT": "8123",
        "CLICKHOUSE_USER": "shop",
        "CLICKHOUSE_PASSWORD": RealIds.PASSWORD,
    }


def test_password_needs_no_escaping() -> None:
    assert record().one(PASSWORD).inputs == {"length": 32, "special": False}


def test_secret_comes_before_the_host_and_its_value_after() -> None:
    evaluation = record()
    secret = evaluation.one("aws:secretsmanager/secret:Secret")
    assert secret.inputs == {
        "name": "shop/clickhouse/credentials",
        "description": "How to reach ClickHouse shop-clickhouse",
        "recoveryWindowInDays": 30,
    }
    policy = evaluation.one("aws:iam/rolePolicy:RolePolicy")
    assert secret.urn in policy.depends_on
    assert policy.urn in evaluation.one(INSTANCE).depends_on
    assert evaluation.one(INSTANCE).urn in evaluation.one(SECRET_VERSION).depends_on


class NoVersion(SymbolicBackend):
    def create(self, registration: Registration) -> Created:
        created = super().create(registration)
        if registration.type == SECRET_VERSION:
            # What is read off the version's input reads as this, and what is read off the secret does not.
            return replace(created, outputs={**created.outputs, "secretId": "read off the version"})
        return created


def test_secret_arn_resolves_once_the_secret_has_a_value() -> None:
    assert record(backend=NoVersion()).outputs == {"secret_arn": "read off the version"}


def test_host_may_read_its_secret_and_its_parameter_and_nothing_else() -> None:
    policies = record().of_type("aws:iam/rolePolicy:RolePolicy")
    assert [policy.name for policy in policies] == ["shop-clickhouse-policy"]
    statements = json.loads(policies[0].inputs["policy"])["Statement"]
    assert {statement["Sid"]: (statement["Action"], statement["Resource"]) for statement in statements} == {
        "OpenSessions": (
            [
                "ssm:UpdateInstanceInformation",
                "ssmmessages:CreateControlChannel",
                "ssmmessages:CreateDataChannel",
                "ssmmessages:OpenControlChannel",
                "ssmmessages:OpenDataChannel",
            ],
            ["*"],
        ),
        "WriteLogs": (
            ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            ["${shop-clickhouse-logs.arn}", "${shop-clickhouse-logs.arn}:log-stream:*"],
        ),
        "PublishMetrics": (["cloudwatch:PutMetricData"], ["*"]),
        "ReadCredentials": (["secretsmanager:GetSecretValue"], ["${shop-clickhouse-credentials.arn}"]),
        "ReadConfiguration": (["ssm:GetParameter"], ["${shop-clickhouse-config.arn}"]),
    }


def test_configuration_stands_in_a_parameter_that_previews_show() -> None:
    assert record().one(PARAMETER).inputs == {
        "name": "/shop/clickhouse/config",
        "type": "String",
        "insecureValue": clickhouse_boot.configuration(
            image="clickhouse/clickhouse-server:24.3", instance_memory_mib=4096
        ),
        "description": "Configuration files of ClickHouse shop-clickhouse, by path",
    }


def test_volume_is_snapshot_daily_by_its_tag() -> None:
    evaluation = record(replace(PROTECTED, snapshot_time_utc="18:30"))
    lifecycle = evaluation.one("aws:dlm/lifecyclePolicy:LifecyclePolicy")
    assert lifecycle.inputs == {
        "description": "Daily snapshots of shop-clickhouse",
        "executionRoleArn": "${shop-clickhouse-snapshots-role.arn}",
        "state": "ENABLED",
        "policyDetails": {
            "resourceTypes": ["VOLUME"],
            "targetTags": {"SnapshotPolicy": "shop-clickhouse"},
            "schedules": [
                {
                    "name": "daily",
                    "createRule": {"interval": 24, "intervalUnit": "HOURS", "times": "18:30"},
                    "retainRule": {"count": 7},
                    "copyTags": True,
                }
            ],
        },
        "tags": {"Name": "shop-clickhouse-snapshots"},
    }
    target = lifecycle.inputs["policyDetails"]["targetTags"]
    assert target.items() <= evaluation.one(VOLUME).inputs["tags"].items()


def test_snapshots_are_made_under_a_role_of_their_own() -> None:
    evaluation = record()
    role = evaluation.one("aws:iam/role:Role", "shop-clickhouse-snapshots-role")
    (trust,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": "dlm.amazonaws.com"}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {"aws:SourceArn": "arn:aws:dlm:eu-west-1:123456789012:policy/*"},
    }
    attachment = evaluation.one("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "shop-clickhouse-snapshots-policy")
    assert attachment.inputs == {
        "role": "${shop-clickhouse-snapshots-role.name}",
        "policyArn": "arn:aws:iam::aws:policy/service-role/AWSDataLifecycleManagerServiceRole",
    }
    # A schedule without permission fails its first run, and says so nowhere but in its state.
    assert attachment.urn in evaluation.one("aws:dlm/lifecyclePolicy:LifecyclePolicy").depends_on


def test_only_callers_reach_the_two_ports_and_the_host_leaves_by_https_alone() -> None:
    evaluation = record()

    def rules(token: str) -> list[tuple[Any, ...]]:
        return sorted(
            (
                rule.inputs["securityGroupId"],
                rule.inputs.get("referencedSecurityGroupId") or rule.inputs["cidrIpv4"],
                rule.inputs["ipProtocol"],
                rule.inputs["fromPort"],
                rule.inputs["toPort"],
            )
            for rule in evaluation.of_type(token)
        )

    assert rules(INGRESS) == [
        ("${shop-clickhouse-sg.id}", "sg-consumer", "tcp", 8123, 8123),
        ("${shop-clickhouse-sg.id}", "sg-consumer", "tcp", 9000, 9000),
    ]
    assert rules(EGRESS) == [
        ("${shop-clickhouse-sg.id}", "0.0.0.0/0", "tcp", 443, 443),
        ("sg-consumer", "${shop-clickhouse-sg.id}", "tcp", 8123, 8123),
        ("sg-consumer", "${shop-clickhouse-sg.id}", "tcp", 9000, 9000),
    ]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (replace(PROTECTED, username="default"), "username: came 'default'; allowed lower-case letters"),
        (replace(PROTECTED, username="<shop>"), "username: came '<shop>'; allowed lower-case letters"),
        (replace(PROTECTED, snapshot_retention_count=0), "snapshot_retention_count: came 0; allowed 1 or more"),
        (replace(PROTECTED, snapshot_time_utc="24:00"), "snapshot_time_utc: came '24:00'; allowed 00:00 to 23:59"),
        (replace(PROTECTED, instance_memory_mib=512), "instance_memory_mib: came 512; allowed 2048 or more"),
    ],
)
def test_wrong_argument_is_refused_in_one_line(args: ClickHouseHostArgs, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        record(args)


def test_example_makes_a_protected_host() -> None:
    assert evaluate(example_program(ClickHouseHost)).one(VOLUME).protect
