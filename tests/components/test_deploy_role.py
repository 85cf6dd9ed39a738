import json
from dataclasses import replace
from typing import Any

import pytest

from workbench.evaluate import Evaluation, evaluate
from zelly_components.deploy_role import DeployRole, DeployRoleArgs, SourceArgs
from zelly_components.github_oidc import DeployGrantArgs

ACCOUNT = "123456789012"
REPOSITORY = f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/shop/api"

ARGS = DeployRoleArgs(
    role_name="shop-production-deploy",
    trusted_role_arn=f"arn:aws:iam::{ACCOUNT}:role/shop-ci-deploy",
    deploys=DeployGrantArgs(
        region="eu-west-1",
        account_id=ACCOUNT,
        cluster_arn=f"arn:aws:ecs:eu-west-1:{ACCOUNT}:cluster/shop",
        cluster_name="shop",
        service_names=["shop-api"],
        task_families=["shop-api"],
        pass_role_arns=[f"arn:aws:iam::{ACCOUNT}:role/shop-api-task"],
        image_parameter_arns=[f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/shop/images/api"],
        log_group_names=["/shop/ecs/api"],
    ),
    repository_arns=[REPOSITORY],
    approval_parameter_arns=[],
    source=None,
)
SOURCE = SourceArgs(
    region="eu-west-2",
    cluster_arn=f"arn:aws:ecs:eu-west-2:{ACCOUNT}:cluster/shop-tests",
    cluster_name="shop-tests",
    service_names=["shop-tests-api"],
    image_parameter_arns=[f"arn:aws:ssm:eu-west-2:{ACCOUNT}:parameter/shop/tests/images/api"],
)


def record(**changes: Any) -> Evaluation:
    def program() -> None:
        DeployRole("shop-deploy", replace(ARGS, **changes))

    return evaluate(program)


def statements(evaluation: Evaluation) -> dict[str, Any]:
    policy = json.loads(evaluation.one("aws:iam/rolePolicy:RolePolicy").inputs["policy"])
    return {statement["Sid"]: statement for statement in policy["Statement"]}


def test_one_role_may_take_it_on_also_one_that_does_not_exist_yet() -> None:
    inputs = record().one("aws:iam/role:Role").inputs
    assert json.loads(inputs["assumeRolePolicy"])["Statement"] == [
        {
            "Sid": "AssumeRole",
            "Effect": "Allow",
            "Action": ["sts:AssumeRole"],
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Condition": {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/shop-ci-deploy"}},
        }
    ]
    assert inputs["maxSessionDuration"] == 3600


def test_deployments_are_followed_continued_and_stopped_of_the_named_services_alone() -> None:
    found = statements(record())
    assert found["FollowDeployments"]["Resource"] == [
        f"arn:aws:ecs:eu-west-1:{ACCOUNT}:service-deployment/shop/shop-api/*"
    ]
    assert found["ReadRevisions"]["Resource"] == [f"arn:aws:ecs:eu-west-1:{ACCOUNT}:service-revision/shop/shop-api/*"]
    assert found["TagAsDeployed"]["Action"] == ["ecr:PutImage"]
    assert found["TagAsDeployed"]["Resource"] == [REPOSITORY]
    assert "KeepApprovals" not in found


def test_what_is_promoted_is_looked_at_and_left_alone() -> None:
    assert not [sid for sid in statements(record()) if "Source" in sid]
    found = [statement for sid, statement in statements(record(source=SOURCE)).items() if "Source" in sid]
    actions = {action for statement in found for action in statement["Action"]}
    assert {action.partition(":")[2].startswith(("Describe", "List", "Get")) for action in actions} == {True}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"trusted_role_arn": "arn:aws:iam::123456789012:role/*"}, "trusted_role_arn: came .*; allowed one role"),
        ({"trusted_role_arn": "arn:aws:iam::999999999999:role/ci"}, "trusted_role_arn: came .*; allowed one role"),
        ({"repository_arns": []}, "repository_arns: came none; allowed at least one"),
    ],
)
def test_a_role_for_anybody_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        record(**changes)
