"""What AWS refuses for its size is refused by the embedded AWS, with count and limit, and its largest is taken."""

import base64
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.workbench.sandbox.conftest import Sandbox
from workbench.sandbox.errors import SandboxError
from workbench.sandbox.services import supplements
from zelly_components.limits import sizes as limits

ROLE = "aws:iam/role:Role"
PRINCIPAL = {"Service": "ec2.amazonaws.com"}


def policy(size: int, *, white_space: int = 0) -> str:
    """Return a policy document of exactly so many characters, and more of white space."""
    document = json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::x"}]},
        separators=(",", ":"),
    )
    return document.replace(":::x", f":::{'x' * (size - len(document) + 1)}") + " " * white_space


def trust(size: int) -> str:
    document = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "S",
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"Service": "ec2.amazonaws.com"},
                }
            ],
        },
        separators=(",", ":"),
    )
    return document.replace('"Sid":"S"', f'"Sid":"{"S" * (size - len(document) + 1)}"')


def test_roles_trust_policy_is_measured_when_made_and_when_changed(sandbox: Sandbox) -> None:
    iam = sandbox.client("iam")
    iam.create_role(RoleName="largest-trust", AssumeRolePolicyDocument=trust(2048))
    refusal = r"ACLSizePerRole: 2048 \(came 2049 characters; allowed 2048\)"
    with pytest.raises(ClientError, match=refusal):
        iam.create_role(RoleName="too-large", AssumeRolePolicyDocument=trust(2049))
    with pytest.raises(ClientError, match=refusal):
        iam.update_assume_role_policy(RoleName="largest-trust", PolicyDocument=trust(2049))


def test_inline_policies_of_a_role_are_measured_together_without_white_space(sandbox: Sandbox) -> None:
    iam = sandbox.client("iam")
    iam.create_role(RoleName="full", AssumeRolePolicyDocument=trust(300))
    iam.put_role_policy(RoleName="full", PolicyName="one", PolicyDocument=policy(6000, white_space=900))
    iam.put_role_policy(RoleName="full", PolicyName="two", PolicyDocument=policy(4240))
    with pytest.raises(ClientError, match=r"role full \(came 10241 characters; allowed 10240\)"):
        iam.put_role_policy(RoleName="full", PolicyName="two", PolicyDocument=policy(4241))
    iam.put_role_policy(RoleName="full", PolicyName="one", PolicyDocument=policy(5999))


def lifecycle(size: int) -> str:
    rule = {
        "rulePriority": 1,
        "description": "",
        "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 1},
        "action": {"type": "expire"},
    }
    document = json.dumps({"rules": [rule]})
    return document.replace('"description": ""', f'"description": "{"x" * (size - len(document))}"')


REQUESTS: list[tuple[str, str, dict[str, Any], str, Any]] = [
    ("iam", "create_policy", {"PolicyName": "p"}, "PolicyDocument", (policy(6145), 6144)),
    ("ssm", "put_parameter", {"Name": "/a", "Type": "String"}, "Value", ("x" * 4097, 4096)),
    ("ssm", "put_parameter", {"Name": "/a", "Type": "String", "Tier": "Advanced"}, "Value", ("x" * 8193, 8192)),
    # Bytes, not characters.
    ("ssm", "put_parameter", {"Name": "/a", "Type": "String"}, "Value", ("é" * 2049, 4096)),
    ("secretsmanager", "create_secret", {"Name": "s"}, "SecretString", ("x" * 65537, 65536)),
    ("kms", "create_key", {}, "Policy", (policy(32769), 32768)),
    ("ecr", "put_lifecycle_policy", {"repositoryName": "shop"}, "lifecyclePolicyText", (lifecycle(30721), 30720)),
    ("ecr", "set_repository_policy", {"repositoryName": "shop"}, "policyText", (policy(10241), 10240)),
    ("s3", "put_bucket_policy", {"Bucket": "measured"}, "Policy", (policy(20481), 20480)),
    (
        "cloudwatch",
        "put_metric_alarm",
        {"AlarmName": "a", "ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1},
        "AlarmDescription",
        ("x" * 1025, 1024),
    ),
    (
        "ec2",
        "run_instances",
        {"ImageId": "ami-1", "InstanceType": "t3.small", "MinCount": 1, "MaxCount": 1},
        "UserData",
        ("x" * 16385, 16384),
    ),
    (
        "ec2",
        "create_launch_template",
        {"LaunchTemplateName": "measured"},
        "LaunchTemplateData",
        ({"UserData": base64.b64encode(b"x" * 16385).decode()}, 16384),
    ),
    (
        "ecs",
        "register_task_definition",
        {"family": "f"},
        "containerDefinitions",
        ([{"name": "a", "image": "i", "environment": [{"name": "A", "value": "x" * 65536}]}], 65536),
    ),
]


@pytest.mark.parametrize("asked", REQUESTS, ids=lambda each: f"{each[0]} {each[3]} {each[4][1]}")
def test_what_is_larger_than_aws_takes_is_refused_with_count_and_limit(
    sandbox: Sandbox, asked: tuple[str, str, dict[str, Any], str, Any]
) -> None:
    service, method, others, member, (value, limit) = asked
    with pytest.raises(ClientError, match=rf"came \d+ (bytes|characters); allowed {limit}"):
        getattr(sandbox.client(service), method)(**others, **{member: value})


def test_the_largest_is_taken(sandbox: Sandbox) -> None:
    sandbox.client("ssm").put_parameter(Name="/largest", Type="String", Value="x" * 4096)
    sandbox.client("ssm").put_parameter(Name="/larger", Type="String", Tier="Advanced", Value="x" * 8192)
    sandbox.client("secretsmanager").create_secret(Name="largest", SecretString="x" * 65536)
    sandbox.client("iam").create_policy(PolicyName="largest", PolicyDocument=policy(6144, white_space=50))
    assert len(base64.b64encode(b"x" * limits.USER_DATA.maximum)) > limits.USER_DATA.maximum


def test_days_that_cloudwatch_logs_does_not_know_are_refused(sandbox: Sandbox) -> None:
    logs = sandbox.client("logs")
    logs.create_log_group(logGroupName="/measured")
    with pytest.raises(ClientError, match="came 31; allowed a number of days that CloudWatch Logs knows such as 30"):
        logs.put_retention_policy(logGroupName="/measured", retentionInDays=31)


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ({f"k{number}": "v" for number in range(50)}, "tags: came 51 tags; allowed 50"),
        ({"aws:owner": "me"}, "tags: came aws:owner; allowed keys that do not begin with aws:"),
        ({"owner": "a<b"}, "tags: came owner=a<b; allowed letters, digits, spaces and"),
        ({"k" * 129: "v"}, "tags: came a key of 129 characters; allowed 1 to 128"),
        ({"owner": "v" * 257}, "tags: owner: came 257 characters; allowed 256"),
    ],
)
def test_tags_that_aws_does_not_take_are_refused(sandbox: Sandbox, tags: dict[str, str], message: str) -> None:
    # The provider's own tag is one of the fifty.
    with pytest.raises(SandboxError, match=message):
        sandbox.create(ROLE, "tagged", assumeRolePolicy=trust(300), tags=tags)


def test_every_check_has_a_request_here_that_it_refuses() -> None:
    apart = {
        ("iam", "CreateRole"),
        ("iam", "PutRolePolicy"),
        ("iam", "UpdateAssumeRolePolicy"),
        ("logs", "PutRetentionPolicy"),
        # The same as another one of their service.
        ("ec2", "CreateLaunchTemplateVersion"),
        ("kms", "PutKeyPolicy"),
        ("secretsmanager", "PutSecretValue"),
        # Its policies are asked of moto nowhere else.
        ("efs", "PutFileSystemPolicy"),
    }
    here = {(service, "".join(word.capitalize() for word in method.split("_"))) for service, method, *_ in REQUESTS}
    assert here | apart == {(limit.service, limit.operation) for each in supplements() for limit in each.limits}
