"""What releases are brought to is made under the names that the tools are told."""

import pytest

from pakashop_infra.program import PROGRAM
from tests.programs.pakashop.evaluations import STACKS, config_of, evaluation_of


@pytest.mark.parametrize("stack", STACKS)
def test_bucket_and_document_have_the_names_that_the_tools_are_told(stack: str) -> None:
    target, evaluation = PROGRAM.describe(config_of(stack)).releases, evaluation_of(stack)
    assert target is not None
    bucket = evaluation.one("aws:s3/bucket:Bucket", f"pakashop-{stack}-releases")
    document = evaluation.one("aws:ssm/document:Document", f"pakashop-{stack}-release")
    record = evaluation.one("aws:ssm/parameter:Parameter", f"pakashop-{stack}-release-record")
    made = (bucket.inputs["bucket"], document.inputs["name"], record.inputs["name"])
    assert made == (target.bucket, target.document, target.record)
    assert bucket.protect is (stack == "live")


@pytest.mark.parametrize("stack", STACKS)
def test_hosts_reach_the_bucket_through_the_vpcs_endpoint(stack: str) -> None:
    target = PROGRAM.describe(config_of(stack)).releases
    assert target is not None
    endpoints = evaluation_of(stack).of_type("aws:ec2/vpcEndpoint:VpcEndpoint")
    assert any(target.bucket in str(endpoint.inputs.get("policy")) for endpoint in endpoints)


@pytest.mark.parametrize("stack", STACKS)
def test_no_two_policies_of_a_role_have_one_name(stack: str) -> None:
    """IAM keeps one inline policy under a name: the second would take the place of the first, without a word."""
    policies = evaluation_of(stack).of_type("aws:iam/rolePolicy:RolePolicy")
    named = [(policy.inputs["role"], policy.inputs["name"]) for policy in policies if "name" in policy.inputs]
    assert sorted(named) == sorted({*named})
    assert named
