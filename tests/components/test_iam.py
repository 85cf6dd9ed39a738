import json
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from workbench.evaluate import evaluate
from zelly_components.identity.iam import SOURCE_ARNS, Statement, instance_trust, policy, policy_text, service_trust

LIMIT = 2048
"""Characters of a trust policy ("IAM and AWS STS quotas", IAM User Guide)."""


def rendered(document: pulumi.Output[str]) -> str:
    def program() -> None:
        aws.iam.Role("role", assume_role_policy=document)

    return evaluate(program).one("aws:iam/role:Role").inputs["assumeRolePolicy"]


def statement(document: pulumi.Output[str]) -> dict[str, Any]:
    (only,) = json.loads(rendered(document))["Statement"]
    return only


@pytest.mark.parametrize("service", SOURCE_ARNS)
def test_service_assumes_a_role_for_its_own_resources_of_one_account_and_region_alone(service: str) -> None:
    found = statement(service_trust(service, region="eu-west-1", account_id="123456789012"))
    assert found["Principal"] == {"Service": service}
    assert found["Condition"]["StringEquals"] == {"aws:SourceAccount": "123456789012"}
    (source,) = found["Condition"]["ArnLike"].values()
    # Scheduler's group and ECS's tasks have a service of their own in the ARN; flow logs are EC2's.
    assert source.split(":")[3:5] == ["eu-west-1", "123456789012"]


def test_instances_assume_a_role_without_a_condition_that_ec2_is_not_known_to_meet() -> None:
    assert statement(instance_trust()) == {
        "Sid": "AssumeRole",
        "Effect": "Allow",
        "Action": ["sts:AssumeRole"],
        "Principal": {"Service": "ec2.amazonaws.com"},
    }


def test_longest_trust_policy_is_far_below_the_limit() -> None:
    documents = [service_trust(name, region="ap-southeast-1", account_id="1" * 12) for name in SOURCE_ARNS]
    assert max(len(rendered(document)) for document in documents) < LIMIT / 4


@pytest.mark.parametrize("service", ["ec2.amazonaws.com", "lambda.amazonaws.com"])
def test_service_that_is_not_known_to_say_for_whom_it_acts_is_refused(service: str) -> None:
    with pytest.raises(ValueError, match=rf"^service: came {service}; allowed dlm\.amazonaws\.com, ecs-tasks\."):
        service_trust(service, region="eu-west-1", account_id="123456789012")


@pytest.mark.parametrize("account_id", ["12345678901", "1234567890123", "", "*"])
def test_account_of_a_trust_policy_has_twelve_digits(account_id: str) -> None:
    with pytest.raises(ValueError, match=r"^account_id: came '.*'; allowed twelve digits$"):
        service_trust("dlm.amazonaws.com", region="eu-west-1", account_id=account_id)


def test_text_that_is_measured_is_the_one_that_is_rendered() -> None:
    statements = [
        Statement(
            sid="Read", actions=["s3:ListBucket", "s3:GetObject"], resources=["arn:aws:s3:::b", "arn:aws:s3:::a"]
        ),
        Statement(
            sid="Refuse",
            effect="Deny",
            actions=["s3:*"],
            resources=["*"],
            principals={"AWS": "*"},
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        ),
    ]
    assert policy_text(statements) == rendered(policy(statements))
    assert policy_text(statements[:1]) == (
        '{"Statement": [{"Action": ["s3:GetObject", "s3:ListBucket"], "Effect": "Allow", '
        '"Resource": ["arn:aws:s3:::b", "arn:aws:s3:::a"], "Sid": "Read"}], "Version": "2012-10-17"}'
    )
