import json
from dataclasses import replace

import pulumi
import pytest

from workbench.evaluate import Evaluation, RecordedResource, evaluate
from zelly_components.host import Host, HostArgs
from zelly_components.hosts.cloud_config import cloud_config
from zelly_components.identity.iam import Statement
from zelly_components.limits.instance_type import CpuCredits

INSTANCE = "aws:ec2/instance:Instance"

DOCUMENT = cloud_config([], [["true"]])

ARGS = HostArgs(
    subnet_id="subnet-1",
    security_group_ids=["sg-1"],
    instance_type="t3.small",
    cpu_credits="standard",
    ami_id="ami-0123456789abcdef0",
    root_volume_gib=8,
    user_data=DOCUMENT,
    identity={"region": "eu-west-1"},
    log_group_name="/shop/worker",
    log_retention_days=30,
    statements=[Statement(sid="ReadSecret", actions=["secretsmanager:GetSecretValue"], resources=["arn:secret"])],
    termination_protection=True,
    private=True,
)


def record(args: HostArgs = ARGS) -> Evaluation:
    return evaluate(lambda: pulumi.export("id", Host("shop-worker", args).instance_id))


def instance(args: HostArgs = ARGS) -> RecordedResource:
    return record(args).one(INSTANCE)


def test_instance_has_exactly_these_inputs() -> None:
    assert instance().inputs == {
        "ami": "ami-0123456789abcdef0",
        "instanceType": "t3.small",
        "creditSpecification": {"cpuCredits": "standard"},
        "subnetId": "subnet-1",
        "vpcSecurityGroupIds": ["sg-1"],
        "iamInstanceProfile": "${shop-worker-profile.name}",
        "associatePublicIpAddress": False,
        "metadataOptions": {"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 1},
        "rootBlockDevice": {
            "volumeType": "gp3",
            "volumeSize": 8,
            "encrypted": True,
            "tags": {"Name": "shop-worker-root"},
        },
        "maintenanceOptions": {"autoRecovery": "default"},
        "disableApiTermination": True,
        "forceDestroy": True,
        "userData": DOCUMENT,
        "userDataReplaceOnChange": False,
        "tags": {"Name": "shop-worker"},
    }


def test_new_image_or_boot_document_never_touches_a_running_host() -> None:
    # The engine knows properties by the provider's names; these have to be among the instance's own.
    assert instance().ignore_changes == ("ami", "userData")
    assert set(instance().ignore_changes) <= set(instance().inputs)


@pytest.mark.parametrize("protection", [True, False])
def test_protection_refuses_in_the_preview_and_is_lifted_from_the_one_that_goes(protection: bool) -> None:
    host = instance(replace(ARGS, termination_protection=protection))
    assert (host.protect, host.inputs["disableApiTermination"]) == (protection, protection)
    assert host.inputs.get("forceDestroy", False) is protection


def test_host_is_replaced_only_when_what_it_cannot_look_up_changes() -> None:
    assert instance().replacement_trigger == {"region": "eu-west-1", "architecture": "x86_64"}
    other = replace(
        ARGS, instance_type="m7i.large", cpu_credits=None, ami_id="ami-1", user_data=cloud_config([], [["false"]])
    )
    assert instance(other).replacement_trigger == instance().replacement_trigger


def test_host_is_replaced_when_its_image_cannot_run_on_its_new_type() -> None:
    after = instance(replace(ARGS, instance_type="t4g.small"))
    assert after.replacement_trigger == {"region": "eu-west-1", "architecture": "arm64"}


@pytest.mark.parametrize(
    ("instance_type", "cpu_credits", "line"),
    [
        ("t3.small", None, "cpu_credits: came null with t3.small; allowed standard or unlimited"),
        ("m7i.large", "standard", "cpu_credits: came standard with m7i.large; allowed null, as it has no CPU credits"),
    ],
)
def test_credits_are_for_burstable_types_alone(instance_type: str, cpu_credits: CpuCredits | None, line: str) -> None:
    with pytest.raises(ValueError, match="cpu_credits") as refusal:
        instance(replace(ARGS, instance_type=instance_type, cpu_credits=cpu_credits))
    assert str(refusal.value) == line


def test_host_with_an_elastic_ip_leaves_the_public_address_alone() -> None:
    inputs = instance(replace(ARGS, private=False, key_name="shop")).inputs
    assert "associatePublicIpAddress" not in inputs
    assert inputs["keyName"] == "shop"


def test_host_that_passes_packets_on_is_not_checked_for_their_source_and_destination() -> None:
    assert instance(replace(ARGS, source_dest_check=False)).inputs == {**instance().inputs, "sourceDestCheck": False}


def test_host_may_do_no_more_than_its_statements_its_logs_and_its_metrics() -> None:
    evaluation = record()
    assert json.loads(evaluation.one("aws:iam/rolePolicy:RolePolicy").inputs["policy"])["Statement"] == [
        {
            "Sid": "OpenSessions",
            "Effect": "Allow",
            "Action": [
                "ssm:UpdateInstanceInformation",
                "ssmmessages:CreateControlChannel",
                "ssmmessages:CreateDataChannel",
                "ssmmessages:OpenControlChannel",
                "ssmmessages:OpenDataChannel",
            ],
            "Resource": ["*"],
        },
        {
            "Sid": "WriteLogs",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            "Resource": ["${shop-worker-logs.arn}", "${shop-worker-logs.arn}:log-stream:*"],
        },
        {
            "Sid": "PublishMetrics",
            "Effect": "Allow",
            "Action": ["cloudwatch:PutMetricData"],
            "Resource": ["*"],
            "Condition": {"StringEquals": {"cloudwatch:namespace": "CWAgent"}},
        },
        {
            "Sid": "ReadSecret",
            "Effect": "Allow",
            "Action": ["secretsmanager:GetSecretValue"],
            "Resource": ["arn:secret"],
        },
    ]
    # AWS's own policy for Session Manager would let the host read every parameter of the account.
    assert evaluation.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment") == []
    assert evaluation.one("aws:iam/instanceProfile:InstanceProfile").inputs == {"role": "${shop-worker-role.name}"}


def test_failed_units_are_counted_from_the_hosts_own_log_group() -> None:
    evaluation = record()
    assert evaluation.one("aws:cloudwatch/logMetricFilter:LogMetricFilter").inputs == {
        "name": "shop-worker-failed-units",
        "logGroupName": "/shop/worker",
        "pattern": """ ": Failed with result '" """.strip(),
        "metricTransformation": {"namespace": "FailedUnits", "name": "shop-worker-failed-units", "value": "1"},
    }
    outputs = evaluation.component_outputs[evaluation.one("zelly-components:index:Host").urn]
    assert outputs["failed_units_metric"] == "shop-worker-failed-units"


def test_first_boot_finds_the_permissions_in_place() -> None:
    evaluation = record()
    permissions = evaluation.one("aws:iam/rolePolicy:RolePolicy").urn
    assert permissions in evaluation.one(INSTANCE).depends_on


def test_log_group_keeps_its_retention() -> None:
    assert record().one("aws:cloudwatch/logGroup:LogGroup").inputs == {"name": "/shop/worker", "retentionInDays": 30}


def test_documents_can_be_sent_to_a_host_that_says_so_alone() -> None:
    """P14, PF11: the way in is Run Command, and of AWS's own policy for it nothing that reads parameters."""
    policy = record(replace(ARGS, run_command=True)).one("aws:iam/rolePolicy:RolePolicy").inputs["policy"]
    (taking,) = [each for each in json.loads(policy)["Statement"] if each["Sid"] == "TakeCommands"]
    assert taking["Action"] == [
        "ec2messages:AcknowledgeMessage",
        "ec2messages:DeleteMessage",
        "ec2messages:FailMessage",
        "ec2messages:GetEndpoint",
        "ec2messages:GetMessages",
        "ec2messages:SendReply",
        "ssm:GetDocument",
    ]
