"""What stands in for AWS's answers, as long as they are."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from workbench.review.sizes.stand_ins import FORMS, StandIns

ACCOUNT = "123456789012"
ID = "0" * 17


@dataclass(frozen=True, kw_only=True)
class Recorded:
    type: str
    name: str = "it"
    inputs: dict[str, Any] = field(default_factory=dict[str, Any])


def filled(text: str, *resources: Recorded) -> str:
    return StandIns(resources, region="eu-west-1", account_id=ACCOUNT).filled(text)


@pytest.mark.parametrize(
    ("type_token", "output", "expected"),
    [
        ("aws:cloudwatch/logGroup:LogGroup", "arn", f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:shop"),
        ("aws:ebs/volume:Volume", "id", f"vol-{ID}"),
        ("aws:ecr/repository:Repository", "arn", f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/shop"),
        ("aws:ecr/repository:Repository", "repositoryUrl", f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/shop"),
        ("aws:ecs/cluster:Cluster", "arn", f"arn:aws:ecs:eu-west-1:{ACCOUNT}:cluster/shop"),
        (
            "aws:efs/accessPoint:AccessPoint",
            "arn",
            f"arn:aws:elasticfilesystem:eu-west-1:{ACCOUNT}:access-point/fsap-{ID}",
        ),
        ("aws:efs/fileSystem:FileSystem", "arn", f"arn:aws:elasticfilesystem:eu-west-1:{ACCOUNT}:file-system/fs-{ID}"),
        ("aws:iam/openIdConnectProvider:OpenIdConnectProvider", "arn", f"arn:aws:iam::{ACCOUNT}:oidc-provider/shop"),
        ("aws:iam/role:Role", "arn", f"arn:aws:iam::{ACCOUNT}:role/shop"),
        ("aws:kms/key:Key", "arn", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{'0' * 36}"),
        ("aws:s3/bucket:Bucket", "arn", "arn:aws:s3:::shop"),
        ("aws:secretsmanager/secret:Secret", "arn", f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:shop-000000"),
        ("aws:sns/topic:Topic", "arn", f"arn:aws:sns:eu-west-1:{ACCOUNT}:shop"),
        ("aws:ssm/parameter:Parameter", "arn", f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/shop"),
    ],
)
def test_form_of_each(type_token: str, output: str, expected: str) -> None:
    assert FORMS[type_token, output]("shop", "eu-west-1", ACCOUNT) == expected
    assert filled(f"<${{it.{output}}}>", Recorded(type=type_token, inputs={"name": "shop"})) == f"<{expected}>"


def test_every_form_is_tried() -> None:
    assert len(FORMS) == 14


@pytest.mark.parametrize(
    ("inputs", "ends"),
    [
        ({"name": "a", "bucket": "b", "url": "c"}, ":a"),
        ({"bucket": "b", "url": "c"}, ":b"),
        ({"url": "c"}, ":c"),
        # Pulumi's hyphen and seven characters.
        ({}, ":it-0000000"),
    ],
)
def test_physical_name(inputs: dict[str, Any], ends: str) -> None:
    bucket = Recorded(type="aws:s3/bucket:Bucket", inputs=inputs)
    assert filled("${it.arn}", bucket) == f"arn:aws:s3::{ends}"


def test_resource_may_have_a_region_of_its_own() -> None:
    topic = Recorded(type="aws:sns/topic:Topic", inputs={"name": "a", "region": "us-east-1"})
    assert filled("${it.arn}", topic) == f"arn:aws:sns:us-east-1:{ACCOUNT}:a"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${repository zelly/caddy.arn}", f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/zelly/caddy"),
        ("${repository zelly/caddy.repositoryUrl}", f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/zelly/caddy"),
        ("${role deploys.arn} ${x.y}", f"arn:aws:iam::{ACCOUNT}:role/deploys ${{x.y}}"),
        ("${openid-connect-provider https://a.b.arn}", f"arn:aws:iam::{ACCOUNT}:oidc-provider/a.b"),
        ("${repository zelly/caddy.id}", "${repository zelly/caddy.id}"),
    ],
)
def test_what_is_looked_up_has_the_form_of_its_type(text: str, expected: str) -> None:
    assert filled(text) == expected


def test_what_is_not_known_is_named() -> None:
    stand_ins = StandIns([Recorded(type="aws:ebs/volume:Volume")], region="eu-west-1", account_id=ACCOUNT)
    assert stand_ins.unknown("${it.id} ${it.arn} ${other.id} ${it.arn}") == {"${it.arn}", "${other.id}"}
