"""What the pipelines' roles may do, worked out on their policies: first what they may not."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from pakashop_infra.names import Names
from tests.programs.pakashop import facts
from tests.programs.pakashop.evaluations import STACKS, config_of, evaluation_of
from tests.support.iam_decisions import Decision, Document, Principal, Request, decide

ACCOUNT = "123456789012"
SECRET = f"arn:aws:secretsmanager:ap-south-1:{ACCOUNT}:secret:pakashop/postgresql/master-a1b2c3"
BRANCHES = {environment: branch for branch, environment in facts.BRANCHES.items()}


def policies(stack: str, role: str) -> list[Document]:
    """Return the inline policies of a role, with what the program knows of its placeholders put in."""
    names, region = Names(stack), config_of(stack).region
    known = {
        f"${{{names.name('releases')}.arn}}": f"arn:aws:s3:::{names.release_bucket(ACCOUNT)}",
        f"${{{names.name('release')}.arn}}": f"arn:aws:ssm:{region}:{ACCOUNT}:document/{names.release_document}",
        f"${{{names.name('release')}-record.arn}}": f"arn:aws:ssm:{region}:{ACCOUNT}:parameter{names.release_record}",
    }
    found: list[Document] = []
    for policy in evaluation_of(stack).of_type("aws:iam/rolePolicy:RolePolicy"):
        # A role's name comes back as its own input.
        if policy.inputs["role"] in (role, f"${{{_logical(stack, role)}.name}}"):
            text = policy.inputs["policy"]
            for placeholder, value in known.items():
                text = text.replace(placeholder, value)
            assert "${" not in text, text
            found.append(json.loads(text))
    assert found
    return found


def _logical(stack: str, role: str) -> str:
    (found,) = [one.name for one in evaluation_of(stack).of_type("aws:iam/role:Role") if one.inputs.get("name") == role]
    return found


def may(stack: str, role: str, action: str, resource: str, **context: str) -> bool:
    principal = Principal(kind="AWS", name=f"arn:aws:iam::{ACCOUNT}:role/{role}")
    request = Request(
        principal=principal,
        action=action,
        resource=resource,
        context={key.replace("__", ":", 1).replace("__", "/"): value for key, value in context.items()},
    )
    return decide(request, identity=policies(stack, role), resource=[], needs_consent=False) is Decision.ALLOWED


def instance(stack: str) -> str:
    return f"arn:aws:ec2:{config_of(stack).region}:{ACCOUNT}:instance/i-0"


def document(stack: str, name: str) -> str:
    return f"arn:aws:ssm:{config_of(stack).region}:{ACCOUNT}:document/{name}"


def release_bucket(stack: str) -> str:
    return f"arn:aws:s3:::{Names(stack).release_bucket(ACCOUNT)}"


def roles(stack: str) -> dict[str, str]:
    names = Names(stack)
    return {"build": names.build_role, "deploy": names.deploy_role}


OTHER = {"live": "staging", "staging": "live"}


@pytest.mark.parametrize("stack", STACKS)
def test_who_builds_sends_nothing_and_overwrites_nothing_else(stack: str) -> None:
    role = roles(stack)["build"]
    assert not may(stack, role, "ssm:SendCommand", document(stack, Names(stack).release_document))
    assert not may(stack, role, "ssm:SendCommand", instance(stack), ssm__resourceTag__Name=Names(stack).host)
    assert not may(stack, role, "s3:PutObject", f"{release_bucket(stack)}/host/x.json")
    assert not may(stack, role, "s3:DeleteObject", f"{release_bucket(stack)}/releases/x.json")
    assert not may(stack, role, "s3:PutObject", f"{release_bucket(OTHER[stack])}/releases/x.json")
    assert not may(
        stack, role, "secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:x:{ACCOUNT}:secret:pakashop/x"
    )
    assert may(stack, role, "s3:PutObject", f"{release_bucket(stack)}/releases/x.json")
    assert may(stack, role, "s3:PutObject", f"{release_bucket(stack)}/artefacts/x.tar.gz")
    assert may(stack, role, "s3:ListBucket", release_bucket(stack))


@pytest.mark.parametrize("stack", STACKS)
def test_who_deploys_sends_one_document_to_one_host(stack: str) -> None:
    role, host = roles(stack)["deploy"], Names(stack).host
    for name in ("AWS-RunShellScript", Names(stack).name("backup"), Names(OTHER[stack]).release_document):
        assert not may(stack, role, "ssm:SendCommand", document(stack, name))
    for tagged in ({"ssm__resourceTag__Name": Names(OTHER[stack]).host}, {}):
        assert not may(stack, role, "ssm:SendCommand", instance(stack), **tagged)
    assert not may(stack, role, "ssm:SendCommand", instance(OTHER[stack]), ssm__resourceTag__Name=host)
    assert not may(stack, role, "ssm:StartSession", instance(stack))
    assert not may(stack, role, "s3:DeleteObject", f"{release_bucket(stack)}/releases/x.json")
    assert not may(
        stack, role, "secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:x:{ACCOUNT}:secret:pakashop/x"
    )
    assert may(stack, role, "ssm:SendCommand", document(stack, Names(stack).release_document))
    assert may(stack, role, "ssm:SendCommand", instance(stack), ssm__resourceTag__Name=host)
    assert may(stack, role, "ssm:GetCommandInvocation", "*")
    assert may(stack, role, "s3:GetObject", f"{release_bucket(stack)}/releases/x.json")
    assert may(stack, role, "cloudwatch:DescribeAlarms", "*")
    logs = f"arn:aws:logs:{config_of(stack).region}:{ACCOUNT}:log-group:/pakashop/services:log-stream"
    assert may(stack, role, "logs:FilterLogEvents", logs)


def test_only_a_promotion_brings_anything_into_lives_bucket_and_staging_is_only_read() -> None:
    live, staging = Names("live").deploy_role, Names("staging").deploy_role
    assert not may("staging", staging, "s3:PutObject", f"{release_bucket('staging')}/releases/x.json")
    assert not may("staging", staging, "s3:GetObject", f"{release_bucket('live')}/releases/x.json")
    assert not may("live", live, "s3:PutObject", f"{release_bucket('staging')}/releases/x.json")
    record = f"arn:aws:ssm:{config_of('staging').region}:{ACCOUNT}:parameter{Names('staging').release_record}"
    assert not may("live", live, "ssm:PutParameter", record)
    assert may("live", live, "s3:PutObject", f"{release_bucket('live')}/releases/x.json")
    assert may("live", live, "s3:GetObject", f"{release_bucket('staging')}/releases/x.json")
    assert may("live", live, "ssm:GetParameterHistory", record)


def test_who_asks_for_a_backup_asks_for_nothing_else() -> None:
    role, host = Names("live").backup_role, Names("live").host
    assert not may("live", role, "ssm:SendCommand", document("live", Names("live").release_document))
    assert not may("live", role, "ssm:SendCommand", document("live", "AWS-RunShellScript"))
    assert not may("live", role, "ssm:SendCommand", instance("live"))
    assert not may("live", role, "s3:GetObject", "arn:aws:s3:::pakashop-live-backups-123456789012/daily/x.dump")
    assert may("live", role, "ssm:SendCommand", document("live", Names("live").name("backup")))
    assert may("live", role, "ssm:SendCommand", instance("live"), ssm__resourceTag__Name=host)


def trusts() -> Iterator[tuple[str, Any]]:
    for stack in STACKS:
        for role in evaluation_of(stack).of_type("aws:iam/role:Role"):
            (statement,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
            if "Federated" in statement["Principal"]:
                yield role.inputs["name"], statement


def test_roles_are_assumed_from_one_branch_or_one_environment_of_one_repository() -> None:
    conditions = {name: statement["Condition"] for name, statement in trusts()}
    subjects = {
        "pakashop-live-build": f"ref:refs/heads/{BRANCHES['live']}",
        "pakashop-staging-build": f"ref:refs/heads/{BRANCHES['staging']}",
        "pakashop-live-deploy": "environment:live",
        "pakashop-staging-deploy": "environment:staging",
        "pakashop-live-backup": "environment:backups",
    }
    issuer = "token.actions.githubusercontent.com"
    assert conditions == {
        name: {
            "StringEquals": {
                f"{issuer}:aud": "sts.amazonaws.com",
                f"{issuer}:sub": [f"repo:pakashop/pakashop:{subject}"],
            }
        }
        for name, subject in subjects.items()
    }


def test_one_stack_makes_the_accounts_provider_and_the_other_looks_it_up() -> None:
    provider = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
    assert {stack: len(evaluation_of(stack).of_type(provider)) for stack in STACKS} == {"live": 1, "staging": 0}
    principals = {name: statement["Principal"]["Federated"] for name, statement in trusts()}
    made = f"${{{evaluation_of('live').one(provider).name}.arn}}"
    assert {arn == made for name, arn in principals.items() if "live" in name} == {True}
    looked_up = [arn for name, arn in principals.items() if "staging" in name]
    assert looked_up == ["${openid-connect-provider https://token.actions.githubusercontent.com.arn}"] * 2
