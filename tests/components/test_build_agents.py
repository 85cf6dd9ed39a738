import base64
import json
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from workbench.evaluate import Evaluation, evaluate
from zelly_components.build_agents import AwsProfile, BuildAgents, BuildAgentsArgs

GROUP = "aws:autoscaling/group:Group"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
DEPLOY_ROLE = "arn:aws:iam::123456789012:role/shop-deploy"

ARGS = BuildAgentsArgs(
    region="eu-west-1",
    account_id="123456789012",
    group_name="shop-builders",
    role_name="shop-ci-build",
    vpc_id="vpc-1",
    subnet_ids=["subnet-1", "subnet-2"],
    instance_types=["m7a.large", "m6a.large"],
    spot=True,
    ami_id="ami-0123456789abcdef0",
    root_volume_gib=50,
    maximum_agents=4,
    longest_build_minutes=120,
    public_key="ssh-ed25519 AAAA controller",
    log_group_name="/shop/agents/build",
    log_retention_days=30,
)


def record(**changes: Any) -> Evaluation:
    def program() -> None:
        agents = BuildAgents("shop-builders", replace(ARGS, **changes))
        agents.allow_from("controller", "sg-controller")
        pulumi.export("group", agents.group_name)

    return evaluate(program)


def statements(evaluation: Evaluation) -> dict[str, Any]:
    policy = json.loads(evaluation.one("aws:iam/rolePolicy:RolePolicy").inputs["policy"])
    return {statement["Sid"]: statement for statement in policy["Statement"]}


def test_group_has_no_instance_until_somebody_asks_and_nobody_is_protected() -> None:
    group = record().one(GROUP)
    assert group.inputs == {
        "name": "shop-builders",
        "minSize": 0,
        "maxSize": 4,
        "vpcZoneIdentifiers": ["subnet-1", "subnet-2"],
        "mixedInstancesPolicy": {
            "instancesDistribution": {
                "onDemandBaseCapacity": 0,
                "onDemandPercentageAboveBaseCapacity": 0,
                "spotAllocationStrategy": "price-capacity-optimized",
            },
            "launchTemplate": {
                "launchTemplateSpecification": {
                    "launchTemplateId": "${shop-builders-template.id}",
                    "version": "$Latest",
                },
                "overrides": [{"instanceType": "m7a.large"}, {"instanceType": "m6a.large"}],
            },
        },
        "protectFromScaleIn": False,
        "suspendedProcesses": ["AZRebalance"],
        "maxInstanceLifetime": 86400,
        "forceDelete": True,
        "waitForCapacityTimeout": "0",
    }
    # The controller sets both; a later run must not end a build.
    assert group.ignore_changes == ("desiredCapacity", "protectFromScaleIn")


def test_spot_is_for_work_that_can_be_done_again() -> None:
    distribution = record(spot=False).one(GROUP).inputs["mixedInstancesPolicy"]["instancesDistribution"]
    assert distribution["onDemandPercentageAboveBaseCapacity"] == 100


def test_instances_have_a_role_and_no_key_and_containers_not_even_that() -> None:
    inputs = record().one(TEMPLATE).inputs
    assert "keyName" not in inputs
    assert inputs["metadataOptions"] == {
        "httpEndpoint": "enabled",
        "httpTokens": "required",
        "httpPutResponseHopLimit": 1,
    }
    assert inputs["iamInstanceProfile"] == {"name": "${shop-builders-profile.name}"}
    assert inputs["blockDeviceMappings"][0]["ebs"]["encrypted"] == "true"
    assert inputs["instanceInitiatedShutdownBehavior"] == "terminate"
    document = base64.b64decode(inputs["userData"]).decode()
    assert "ssh-ed25519 AAAA controller" in document
    assert "LONGEST_BUILD_SECONDS=7200" in document


def test_ssh_comes_from_the_controller_alone_and_only_https_goes_out() -> None:
    evaluation = record()
    ingress = evaluation.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    assert [(rule.inputs["referencedSecurityGroupId"], rule.inputs["fromPort"]) for rule in ingress] == [
        ("sg-controller", 22)
    ]
    out = [
        rule.inputs["fromPort"]
        for rule in evaluation.of_type("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
        if rule.inputs["securityGroupId"] == "${shop-builders-sg.id}"
    ]
    assert out == [443]


def test_an_agent_ends_those_of_its_own_group_and_takes_on_named_roles_alone() -> None:
    assert statements(record())["EndItself"]["Resource"] == [
        "arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:*:autoScalingGroupName/shop-builders"
    ]
    assert "TakeOnRoles" not in statements(record())
    with_role = record(profiles={"shop": AwsProfile(role_arn=DEPLOY_ROLE, region="eu-west-1")})
    assert statements(with_role)["TakeOnRoles"]["Resource"] == [DEPLOY_ROLE]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"instance_types": []}, "instance_types: came none; allowed one or more, each once"),
        (
            {"instance_types": ["m7a.large", "m7g.large"]},
            "instance_types: came m7a.large, m7g.large; allowed those of one architecture, as the image is",
        ),
        ({"maximum_agents": 0}, "maximum_agents: came 0; allowed 1 or more"),
        ({"longest_build_minutes": 1440}, "longest_build_minutes: came 1440; allowed 1 to 1380"),
    ],
)
def test_what_aws_would_refuse_or_nobody_would_end_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        record(**changes)
