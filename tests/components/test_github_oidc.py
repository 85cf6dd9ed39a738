import dataclasses
import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from workbench.evaluate import Evaluation, Invocation, SymbolicBackend, evaluate
from zelly_components.github_oidc import DeployGrantArgs, GithubOidc, GithubOidcArgs

ARGS = GithubOidcArgs(
    create=True,
    role_name="shop-github-actions",
    subjects=["repo:shop/worker:environment:production", "repo:shop/api:ref:refs/heads/main"],
)
ACCOUNT = "123456789012"
CLUSTER = f"arn:aws:ecs:eu-west-1:{ACCOUNT}:cluster/shop"
ROLES = [f"arn:aws:iam::{ACCOUNT}:role/api-execution", f"arn:aws:iam::{ACCOUNT}:role/api-task"]
PARAMETERS = [f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/shop/api/images"]
GRANT = DeployGrantArgs(
    region="eu-west-1",
    account_id=ACCOUNT,
    cluster_arn=CLUSTER,
    cluster_name="shop",
    service_names=["shop-api", "shop-worker"],
    task_families=["shop-api", "shop-worker"],
    pass_role_arns=ROLES,
    image_parameter_arns=PARAMETERS,
    log_group_names=["/shop/ecs/api", "/shop/ecs/worker"],
)


class InvocationLog(SymbolicBackend):
    def __init__(self) -> None:
        self.invocations: list[tuple[str, Mapping[str, Any]]] = []

    def invoke(self, invocation: Invocation) -> Mapping[str, Any]:
        self.invocations.append((invocation.token, invocation.args))
        return super().invoke(invocation)


def record(
    args: GithubOidcArgs = ARGS, grant: DeployGrantArgs = GRANT, backend: SymbolicBackend | None = None
) -> Evaluation:
    return evaluate(lambda: GithubOidc("shop", args).grant_deploy("shop-deploy", grant), backend=backend)


def test_provider_is_githubs_for_awss_audience_without_thumbprints() -> None:
    provider = record().one("aws:iam/openIdConnectProvider:OpenIdConnectProvider")
    assert provider.inputs == {
        "url": "https://token.actions.githubusercontent.com",
        "clientIdLists": ["sts.amazonaws.com"],
    }


def test_role_is_assumed_by_exact_subjects_only() -> None:
    role = record().one("aws:iam/role:Role").inputs
    assert (role["name"], role["maxSessionDuration"]) == ("shop-github-actions", 3600)
    assert json.loads(role["assumeRolePolicy"]) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "GithubActions",
                "Effect": "Allow",
                "Action": ["sts:AssumeRoleWithWebIdentity"],
                "Principal": {"Federated": "${shop-github.arn}"},
                "Condition": {
                    "StringEquals": {
                        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                        "token.actions.githubusercontent.com:sub": [
                            "repo:shop/api:ref:refs/heads/main",
                            "repo:shop/worker:environment:production",
                        ],
                    }
                },
            }
        ],
    }


@pytest.mark.parametrize(
    "subject",
    [
        "repo:shop/api:ref:refs/heads/main",
        "repo:shop/api:ref:refs/heads/release/2.x",
        "repo:shop/api:ref:refs/tags/v1.0",
        "repo:shop/api:environment:production",
        "repo:shop@1/api@2:ref:refs/heads/main",
    ],
)
def test_subject_of_a_branch_tag_or_environment_is_allowed(subject: str) -> None:
    assert (
        subject
        in record(dataclasses.replace(ARGS, subjects=[subject])).one("aws:iam/role:Role").inputs["assumeRolePolicy"]
    )


@pytest.mark.parametrize(
    "subject",
    [
        "*",
        "repo:*",
        "repo:shop/*",
        "repo:shop/*:ref:refs/heads/main",
        "repo:shop/api:*",
        "repo:shop/api:ref:refs/heads/*",
        "repo:shop/api:ref:refs/heads/mai?",
        "repo:shop/api:ref:refs/heads/",
        "repo:shop/api:pull_request",
        "repo:shop/api:ref:refs/pull/7/merge",
        "repo:shop/api",
        "repository_owner:shop",
        "repo:shop/api:ref:refs/heads/main ",
        "repo:shop@*/api@2:ref:refs/heads/main",
        "repo:shop@1/api@?:ref:refs/heads/main",
        "repo:shop@1/api:ref:refs/heads/main",
        "repo:shop/api@2:ref:refs/heads/main",
        "repo:shop@x/api@y:ref:refs/heads/main",
        "",
    ],
)
def test_subject_that_lets_in_more_than_a_named_branch_is_refused(subject: str) -> None:
    with pytest.raises(
        ValueError,
        match=f"^subjects: came {re.escape(subject)}; allowed: repo:OWNER/REPOSITORY: or repo:OWNER@ID/REPOSITORY@ID: ",
    ):
        record(dataclasses.replace(ARGS, subjects=[subject]))


@pytest.mark.parametrize(
    ("create", "subjects", "allowed"),
    [
        (True, [], "at least one with create, which makes the trust policy"),
        (False, ["repo:shop/api:environment:a"], "none without create"),
        (True, ["repo:shop/api:environment:a"] * 2, "each once"),
    ],
)
def test_subjects_that_are_missing_repeated_or_unused_are_refused(
    create: bool, subjects: list[str], allowed: str
) -> None:
    with pytest.raises(ValueError, match=f"^subjects: came .*; allowed: {allowed}$"):
        record(dataclasses.replace(ARGS, create=create, subjects=subjects))


def test_existing_provider_and_role_are_looked_up_and_only_grants_are_added() -> None:
    log = InvocationLog()
    evaluation = record(dataclasses.replace(ARGS, create=False, subjects=[]), backend=log)
    grant = evaluation.one("aws:iam/rolePolicy:RolePolicy")
    assert list(evaluation.custom()) == [grant]
    assert grant.inputs["role"] == "shop-github-actions"
    assert sorted(log.invocations) == [
        (
            "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider",
            {"url": "https://token.actions.githubusercontent.com"},
        ),
        ("aws:iam/getRole:getRole", {"name": "shop-github-actions"}),
    ]
    assert evaluation.component_outputs[evaluation.one("zelly-components:index:GithubOidc").urn] == {
        "provider_arn": "${openid-connect-provider https://token.actions.githubusercontent.com.arn}",
        "role_arn": "${role shop-github-actions.arn}",
        "role_name": "shop-github-actions",
    }


ECS = f"arn:aws:ecs:eu-west-1:{ACCOUNT}"
DEPLOY: dict[str, tuple[list[str], list[str], dict[str, Any] | None]] = {
    "ReadTaskDefinitions": (
        ["ecs:DescribeTaskDefinition"],
        ["*"],
        {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
    ),
    "RegisterTaskDefinitions": (
        ["ecs:RegisterTaskDefinition"],
        [f"{ECS}:task-definition/shop-api:*", f"{ECS}:task-definition/shop-worker:*"],
        None,
    ),
    "TagWhatIsRegistered": (
        ["ecs:TagResource"],
        [f"{ECS}:task-definition/*"],
        {"StringEquals": {"ecs:CreateAction": "RegisterTaskDefinition"}},
    ),
    "PassTaskRoles": (
        ["iam:PassRole"],
        ROLES,
        {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
    ),
    "UpdateServices": (
        ["ecs:DescribeServices", "ecs:UpdateService"],
        [f"{ECS}:service/shop/shop-api", f"{ECS}:service/shop/shop-worker"],
        None,
    ),
    "WatchTasks": (["ecs:DescribeTasks", "ecs:ListTasks"], ["*"], {"ArnEquals": {"ecs:cluster": CLUSTER}}),
    "RecordDeployedImages": (["ssm:GetParameterHistory", "ssm:PutParameter"], PARAMETERS, None),
    "ReadLogs": (
        ["logs:GetLogEvents"],
        [f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/shop/ecs/{name}:*" for name in ("api", "worker")],
        None,
    ),
}


def test_deploy_grant_is_exactly_what_a_deploy_calls() -> None:
    grant = record().one("aws:iam/rolePolicy:RolePolicy").inputs
    assert (grant["name"], grant["role"]) == ("shop-deploy", "shop-github-actions")
    assert json.loads(grant["policy"])["Statement"] == [
        {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}
        | ({} if conditions is None else {"Condition": conditions})
        for sid, (actions, resources, conditions) in DEPLOY.items()
    ]


@pytest.mark.parametrize(
    "field", ["service_names", "task_families", "pass_role_arns", "image_parameter_arns", "log_group_names"]
)
def test_grant_for_nothing_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match=f"^{field}: came none; allowed: at least one$"):
        record(grant=dataclasses.replace(GRANT, **{field: []}))
