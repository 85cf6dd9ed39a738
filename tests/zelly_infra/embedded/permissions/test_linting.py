"""Every policy of both environments passes parliament, but for what is accepted here with its reason."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.zelly_infra.embedded.environment import Environment
from tests.zelly_infra.embedded.permissions.documents import Policy, policies_of
from tests.zelly_infra.embedded.permissions.linting import Finding, findings
from zelly_infra.catalog import SERVICES


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """A finding that is left as it is."""

    policies: tuple[str, ...]
    """Logical names; ``{stack}`` in one stands for each environment."""
    sid: str
    issue: str
    what: tuple[str, ...]
    why: str

    def in_stack(self, stack: str) -> set[Finding]:
        """Return the findings of one environment that this accepts."""
        return {
            Finding(policy=name.replace("{stack}", stack), sid=self.sid, issue=self.issue, what=self.what)
            for name in self.policies
            if name.replace("{stack}", stack).startswith(f"zelly-{stack}-")
        }


GITHUB_ROLE = ("zelly-production-github-github-role",)
DEPLOY = ("zelly-{stack}-github-zelly-{stack}-deploy",)
KEY = ("zelly-{stack}-monitoring-alarms-key",)

ACCEPTED = (
    Accepted(
        policies=tuple(
            f"zelly-{{stack}}-{service.name}-execution-policy" for service in SERVICES if service.repositories
        ),
        sid="LogInToRegistry",
        issue="CREDENTIALS_EXPOSURE",
        what=("ecr:GetAuthorizationToken",),
        why="Fargate logs in to the registry with it. The token opens only what PullImages names.",
    ),
    Accepted(
        policies=("zelly-production-registry-zelly-production-push-images",),
        sid="LogIn",
        issue="CREDENTIALS_EXPOSURE",
        what=("ecr:GetAuthorizationToken",),
        why="docker login of the pipelines. The token opens only what PushAndPull names.",
    ),
    Accepted(
        policies=("zelly-{stack}-storefront-task-policy",),
        sid="MountCaddyData",
        issue="MISMATCHED_TYPE_BUT_USABLE",
        what=("Type mismatch: StringEquals requires a value of type String but given Arn",),
        why="AWS's own examples for EFS write it so; the access point is one exact ARN, without any wildcard.",
    ),
    Accepted(
        policies=GITHUB_ROLE,
        sid="GithubActions",
        issue="UNKNOWN_FEDERATION_SOURCE",
        what=("arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",),
        why="parliament knows SAML providers and the built-in ones, not OpenID Connect providers of the account.",
    ),
    *(
        Accepted(
            policies=GITHUB_ROLE,
            sid="GithubActions",
            issue="UNKNOWN_CONDITION_FOR_ACTION",
            what=(
                f"Unknown condition token.actions.githubusercontent.com:{claim} "
                "for action sts:AssumeRoleWithWebIdentity",
            ),
            why="The claims of a provider are condition keys under its host name; no reference can list them.",
        )
        for claim in ("aud", "sub")
    ),
    Accepted(
        policies=DEPLOY,
        sid="PassTaskRoles",
        issue="PERMISSIONS_MANAGEMENT_ACTIONS",
        what=("iam:PassRole",),
        why="A task definition names its roles. The ten roles are listed, and only ECS tasks may get them.",
    ),
    Accepted(
        policies=DEPLOY,
        sid="WatchTasks",
        issue="RESOURCE_STAR",
        what=("ecs:DescribeTasks", "ecs:ListTasks"),
        why="ListTasks knows no task as resource; the condition holds both to one cluster.",
    ),
    Accepted(
        policies=KEY,
        sid="Account",
        issue="RESOURCE_STAR",
        what=("kms:*",),
        why='In a key policy "*" is the key itself ("Key policies in AWS KMS").',
    ),
    Accepted(
        policies=KEY,
        sid="Account",
        issue="PERMISSIONS_MANAGEMENT_ACTIONS",
        what=("kms:*",),
        why="Without it nobody could manage or delete the key; it gives the account's IAM policies their effect.",
    ),
    *(
        Accepted(
            policies=KEY,
            sid=sid,
            issue="RESOURCE_STAR",
            what=("kms:Decrypt", "kms:GenerateDataKey*"),
            why='In a key policy "*" is the key itself ("Key policies in AWS KMS").',
        )
        for sid in ("Alarms", "DatabaseEvents")
    ),
    Accepted(
        policies=("zelly-{stack}-cache-events-policy",),
        sid="CacheEvents",
        issue="UNKNOWN_CONDITION_FOR_ACTION",
        what=("Unknown condition aws:SourceOwner for action sns:Publish",),
        why="A key of SNS's own that IAM's reference does not list, and the one that ElastiCache's guide asks for.",
    ),
)


def test_policies_have_no_finding_but_the_accepted_ones(environment: Environment) -> None:
    found = {finding for policy in policies_of(environment) for finding in findings(policy)}
    accepted = {finding for each in ACCEPTED for finding in each.in_stack(environment.stack)}
    assert sorted(found - accepted) == []
    # One that is accepted and no longer found would hide the next of its kind.
    assert sorted(accepted - found) == []


def test_no_finding_is_accepted_twice_or_in_no_environment() -> None:
    accepted = [sorted(each.in_stack(stack)) for each in ACCEPTED for stack in ("production", "staging")]
    flat = [finding for findings_of_one in accepted for finding in findings_of_one]
    assert len(set(flat)) == len(flat)
    assert all(each.in_stack("production") | each.in_stack("staging") for each in ACCEPTED)


# The linter itself.


def linted(kind: Any = "identity", **elements: Any) -> set[tuple[str, str, tuple[str, ...]]]:
    statement = {"Sid": "One", "Effect": "Allow", "Action": ["s3:GetObject"], **elements}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    policy = Policy(name="shop", kind=kind, arn="arn:aws:iam::111122223333:role/shop", document=document)
    return {(finding.sid, finding.issue, finding.what) for finding in findings(policy)}


OBJECT = "arn:aws:s3:::shop/*"


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({"Resource": OBJECT}, set[Any]()),
        ({"Resource": "*"}, {("One", "RESOURCE_STAR", ("s3:GetObject",))}),
        (
            {"Resource": OBJECT, "Action": ["s3:GetObjects"]},
            {("One", "UNKNOWN_ACTION", ("Unknown action s3:GetObjects",))},
        ),
        ({"Resource": "arn:aws:s3:::shop"}, {("One", "RESOURCE_MISMATCH", ("s3:GetObject",))}),
        (
            {"Resource": OBJECT, "Condition": {"StringEquals": {"ecs:cluster": "shop"}}},
            {("One", "UNKNOWN_CONDITION_FOR_ACTION", ("Unknown condition ecs:cluster for action s3:GetObject",))},
        ),
        (
            {"Resource": OBJECT, "Condition": {"StringSame": {"aws:SourceAccount": "111122223333"}}},
            {("One", "UNKNOWN_OPERATOR", ("StringSame",))},
        ),
    ],
)
def test_finding_names_its_statement_and_what_is_meant(elements: dict[str, Any], expected: set[Any]) -> None:
    assert linted(**elements) == expected


def test_trust_policy_is_linted_on_the_role_that_it_belongs_to() -> None:
    principal = {"Service": "ec2.amazonaws.com"}
    assert linted("trust", Action=["sts:AssumeRole"], Principal=principal) == set()
    assert linted("trust", Action=["sts:AssumeRoles"], Principal=principal) == {
        ("One", "UNKNOWN_ACTION", ("Unknown action sts:AssumeRoles",))
    }


def test_finding_of_the_whole_policy_has_no_statement() -> None:
    statement = {"Sid": "One", "Effect": "Allow", "Action": "s3:GetObject", "Resource": OBJECT}
    document = {"Version": "2012-10-17", "Statement": [statement, statement]}
    (found,) = findings(Policy(name="shop", kind="identity", arn="arn", document=document))
    assert (found.sid, found.issue) == ("", "DUPLICATE_SID")
