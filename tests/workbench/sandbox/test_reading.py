"""What was made is read back: by whom, by which id, and what counts as another value."""

from typing import Any

import pytest

from tests.workbench.sandbox.conftest import DEFAULT_TAGS, REGION, Sandbox
from workbench.sandbox.errors import SandboxError
from workbench.sandbox.making.reading import overlaid, parsed
from workbench.sandbox.services import READS, RESOURCES

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
PROVIDER = {"region": REGION, "defaultTags": {"tags": DEFAULT_TAGS}}


@pytest.mark.parametrize(
    ("form", "identifier", "parts"),
    [
        ("{id}", "vpc-1", {"id": "vpc-1"}),
        ("{cluster}/{name}", "shop/web", {"cluster": "shop", "name": "web"}),
        ("{cluster}/{name}", "web", None),
        ("{role}:{name}", "r:policy:1", {"role": "r", "name": "policy:1"}),
        (
            "{serviceNamespace}/{resourceId...}/{scalableDimension}",
            "ecs/service/shop/web/ecs:service:DesiredCount",
            {
                "serviceNamespace": "ecs",
                "resourceId": "service/shop/web",
                "scalableDimension": "ecs:service:DesiredCount",
            },
        ),
    ],
)
def test_import_id_is_taken_apart(form: str, identifier: str, parts: dict[str, str] | None) -> None:
    assert parsed(form, identifier) == parts


SAME: list[tuple[str, str, Any, Any]] = [
    ("numbers as text", "aws:lb/targetGroup:TargetGroup", {"deregistrationDelay": 30}, {"deregistrationDelay": "30"}),
    ("the order of a set", "aws:rds/subnetGroup:SubnetGroup", {"subnetIds": ["a", "b"]}, {"subnetIds": ["b", "a"]}),
    ("a document's spelling", "aws:iam/role:Role", {"assumeRolePolicy": '{"a":1}'}, {"assumeRolePolicy": '{ "a": 1 }'}),
    (
        "what AWS adds in a structure",
        "aws:lb/targetGroup:TargetGroup",
        {"healthCheck": {"path": "/"}},
        {"healthCheck": {"path": "/", "port": "traffic-port"}},
    ),
    ("what is not read", ALARM, {"threshold": 1}, {}),
]


@pytest.mark.parametrize(("type_token", "old", "described"), [one[1:] for one in SAME], ids=[one[0] for one in SAME])
def test_what_says_the_same_stays_as_the_program_wrote_it(type_token: str, old: Any, described: Any) -> None:
    assert overlaid(type_token, old, described) == old


def test_what_differs_is_what_aws_has_and_nothing_beside_it() -> None:
    old = {"healthCheck": {"path": "/", "interval": 30}, "tags": {"a": "1"}}
    described = {"healthCheck": {"path": "/new", "interval": 30, "timeout": 5}, "tags": {"a": "1", "b": "2"}}
    assert overlaid("aws:lb/targetGroup:TargetGroup", old, described) == {
        "healthCheck": {"path": "/new", "interval": 30},
        # A map is the program's as a whole, other than a structure.
        "tags": {"a": "1", "b": "2"},
    }


def test_one_item_of_many_is_the_one_that_changed() -> None:
    old = {"defaultActions": [{"type": "forward", "order": 1}, {"type": "redirect", "order": 2}]}
    described = {"defaultActions": [{"type": "redirect", "order": 2}, {"type": "fixed-response", "order": 1}]}
    assert overlaid("aws:lb/listener:Listener", old, described) == {
        "defaultActions": [{"type": "fixed-response", "order": 1}, {"type": "redirect", "order": 2}]
    }


def test_change_by_hand_is_seen_where_it_is_and_what_is_gone_is_gone(sandbox: Sandbox) -> None:
    alarm = {"comparisonOperator": "GreaterThanThreshold", "evaluationPeriods": 1, "threshold": 5, "statistic": "Sum"}
    sandbox.create(ALARM, "seen", name="seen", namespace="AWS/ECS", metricName="CPU", period=60, **alarm)
    sandbox.create(LOG_GROUP, "kept", name="/seen/logs", retentionInDays=30)
    assert [sandbox.read(*one) for one in ((ALARM, "seen"), (LOG_GROUP, "kept"))] == [{}, {}]

    sandbox.client("cloudwatch").put_metric_alarm(
        AlarmName="seen",
        Namespace="AWS/ECS",
        MetricName="CPU",
        Period=60,
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        Threshold=9,
        Statistic="Sum",
    )
    logs = sandbox.client("logs")
    logs.delete_retention_policy(logGroupName="/seen/logs")
    logs.tag_log_group(logGroupName="/seen/logs", tags={"by": "hand"})

    assert sandbox.read(ALARM, "seen") == {"threshold": 9.0}
    assert sandbox.read(LOG_GROUP, "kept") == {"retentionInDays": 0, "tags": {"by": "hand"}}
    logs.delete_log_group(logGroupName="/seen/logs")
    assert sandbox.read(LOG_GROUP, "kept") is None


def test_what_somebody_else_made_is_imported_with_what_a_program_has_to_give(sandbox: Sandbox) -> None:
    ec2 = sandbox.client("ec2")
    vpc_id = ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
    tags = [
        {
            "ResourceType": "security-group",
            "Tags": [{"Key": "Name", "Value": "web"}, {"Key": "Project", "Value": "shop"}],
        }
    ]
    group_id = ec2.create_security_group(GroupName="web-tf", Description="d", VpcId=vpc_id, TagSpecifications=tags)[
        "GroupId"
    ]
    permission = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    made = ec2.authorize_security_group_ingress(GroupId=group_id, IpPermissions=[permission])["SecurityGroupRules"]

    backend = sandbox.aws.backend()
    group = backend.read(GROUP, group_id, PROVIDER)
    rule = backend.read(INGRESS, made[0]["SecurityGroupRuleId"], PROVIDER)

    assert group is not None
    assert rule is not None
    # What the provider fills in is in the state alone, and the rules of a group are left alone.
    assert group.inputs == {"name": "web-tf", "tags": {"Name": "web"}}
    assert (group.outputs["vpcId"], group.outputs["description"]) == (vpc_id, "d")
    assert group.outputs["arn"].endswith(f"security-group/{group_id}")
    assert group.outputs["tagsAll"] == {"Name": "web", "Project": "shop"}
    assert rule.inputs == {
        "securityGroupId": group_id,
        "ipProtocol": "tcp",
        "fromPort": 443,
        "toPort": 443,
        "cidrIpv4": "10.0.0.0/8",
    }


def test_id_of_another_form_is_refused_with_the_form(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError) as refused:
        sandbox.aws.backend().read("aws:ecs/service:Service", "web", PROVIDER)
    assert f"{refused.value}" == "import id of a aws:ecs/service:Service: came web; allowed: CLUSTER/NAME"


def test_every_reading_is_of_a_type_that_is_made() -> None:
    assert READS.keys() <= RESOURCES.keys()
