"""The cluster of ``module.ecs``, and the one pair of roles that all its services share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.adoption.estate.access import MODULE
from tests.adoption.estate.making import Estate, listed
from tests.adoption.estate.roles import document, make_role
from tests.adoption.estate.state_file import Written
from tests.zelly_infra.facts import CLUSTER

_MANAGED_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What all services refer to."""

    cluster: Written
    execution_role: Written
    task_role: Written
    secrets: Mapping[str, Written]


def make_cluster(estate: Estate, secrets: Mapping[str, Written]) -> Shared:
    """Make the cluster and the roles."""
    shared = Shared(
        cluster=_cluster(estate),
        execution_role=_role(estate, "execution", _execution_policy(secrets)),
        task_role=_role(estate, "task", _task_policy()),
        secrets=secrets,
    )
    _attach(estate, shared.execution_role)
    return shared


def _cluster(estate: Estate) -> Written:
    name = CLUSTER.format(environment=estate.options.stack)
    ecs = estate.client("ecs")
    made = ecs.create_cluster(
        clusterName=name,
        settings=[{"name": "containerInsights", "value": "disabled"}],
        tags=listed(estate.tags(name)["tags_all"], key="key", value="value"),
    )["cluster"]
    cluster = estate.add(
        MODULE,
        "aws_ecs_cluster.this",
        {
            "id": made["clusterArn"],
            "arn": made["clusterArn"],
            "name": name,
            "setting": [{"name": "containerInsights", "value": "disabled"}],
            **estate.tags(name),
        },
    )
    strategy = [{"base": 1, "capacity_provider": "FARGATE", "weight": 1}]
    ecs.put_cluster_capacity_providers(
        cluster=name,
        capacityProviders=["FARGATE", "FARGATE_SPOT"],
        defaultCapacityProviderStrategy=[{"base": 1, "capacityProvider": "FARGATE", "weight": 1}],
    )
    estate.add(
        MODULE,
        "aws_ecs_cluster_capacity_providers.this",
        {
            "id": name,
            "capacity_providers": ["FARGATE", "FARGATE_SPOT"],
            "cluster_name": name,
            "default_capacity_provider_strategy": strategy,
        },
        after=[cluster],
    )
    return cluster


def _execution_policy(secrets: Mapping[str, Written]) -> Sequence[Mapping[str, Any]]:
    arns = sorted(secret["arn"] for secret in secrets.values())
    return [{"Action": ["secretsmanager:GetSecretValue"], "Effect": "Allow", "Resource": arns}]


def _task_policy() -> Sequence[Mapping[str, Any]]:
    channels = ("CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel")
    return [{"Action": [f"ssmmessages:{channel}" for channel in channels], "Effect": "Allow", "Resource": "*"}]


def _role(estate: Estate, kind: str, statements: Sequence[Mapping[str, Any]]) -> Written:
    name = estate.name(f"{estate.prefix}-{kind}", limit=64)
    role = make_role(estate, MODULE, f"aws_iam_role.{kind}", name, "ecs-tasks.amazonaws.com")
    policy = document(statements)
    estate.client("iam").put_role_policy(RoleName=name, PolicyName=f"{kind}-policy", PolicyDocument=policy)
    estate.add(
        MODULE,
        f"aws_iam_role_policy.{kind}",
        {
            "id": f"{name}:{kind}-policy",
            "name": f"{kind}-policy",
            "policy": policy,
            "role": name,
        },
        after=[role],
    )
    return role


def _attach(estate: Estate, role: Written) -> None:
    estate.client("iam").attach_role_policy(RoleName=role["name"], PolicyArn=_MANAGED_POLICY)
    estate.add(
        MODULE,
        "aws_iam_role_policy_attachment.execution",
        {
            "id": f"{role['name']}-20240312091622{estate.hexadecimal(12)}",
            "policy_arn": _MANAGED_POLICY,
            "role": role["name"],
        },
        after=[role],
    )
