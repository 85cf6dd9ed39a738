"""What every role may do, statement by statement; secrets by their names."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.zelly_infra.embedded.environment import ACCOUNT_ID, REGISTRY_REGION, Environment, only
from zelly_infra.catalog import SERVICES

Statements = dict[str, Mapping[str, Any]]
"""By ``Sid``."""

SECRETS = {
    service.name: sorted({variable.secret for container in service.containers for variable in container.secrets})
    for service in SERVICES
}
"""The secrets that each service's containers read."""

REPOSITORIES = {service.name: list(service.repositories) for service in SERVICES}
"""The repositories that each service's images come from; the tools' images are a third party's."""

WITH_VOLUME = {service.name for service in SERVICES for container in service.containers if container.data_path}

CHANNELS = [
    f"ssmmessages:{action}"
    for action in ("CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel")
]
"""What an agent needs that takes sessions; the actions know no resource."""

DEPLOYED = [service for service, repositories in REPOSITORIES.items() if repositories]


def allow(
    actions: Sequence[str], resources: Sequence[str], condition: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return an allowing statement without its ``Sid``, lists sorted."""
    statement = {"Effect": "Allow", "Action": sorted(actions), "Resource": sorted(resources)}
    return statement if condition is None else {**statement, "Condition": condition}


def repository_arns(names: Sequence[str]) -> list[str]:
    """Return the ARNs of repositories in the registry's region."""
    return [f"arn:aws:ecr:{REGISTRY_REGION}:{ACCOUNT_ID}:repository/{name}" for name in names]


def execution_role(environment: Environment, service: str) -> Statements:
    """Return what ECS itself may do to start a service's tasks."""
    logs = f"arn:aws:logs:{environment.region}:{ACCOUNT_ID}:log-group:/zelly/ecs/{service}:*"
    statements: Statements = {"WriteLogs": allow(["logs:CreateLogStream", "logs:PutLogEvents"], [logs])}
    if REPOSITORIES[service]:
        pull = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        statements["LogInToRegistry"] = allow(["ecr:GetAuthorizationToken"], ["*"])
        statements["PullImages"] = allow(pull, repository_arns(REPOSITORIES[service]))
    if SECRETS[service]:
        statements["ReadSecrets"] = allow(["secretsmanager:GetSecretValue"], SECRETS[service])
    return statements


def task_role(environment: Environment, service: str) -> Statements:
    """Return what the containers of a service may do: ECS Exec, and Caddy its volume."""
    statements: Statements = {"OpenExecChannels": allow(CHANNELS, ["*"])}
    if service in WITH_VOLUME:
        prefix = f"arn:aws:elasticfilesystem:{environment.region}:{ACCOUNT_ID}"
        access_point = only(environment.client("efs").describe_access_points()["AccessPoints"])
        statements["MountCaddyData"] = allow(
            ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
            [f"{prefix}:file-system/{environment.outputs.certificate_file_system_id}"],
            {
                "StringEquals": {
                    "elasticfilesystem:AccessPointArn": f"{prefix}:access-point/{access_point['AccessPointId']}"
                }
            },
        )
    return statements


def host_role(environment: Environment, host: str) -> Statements:
    """Return what a host may do: sessions, its logs and metrics, its own secret and its own parameter."""
    secret_sid, secret, parameter_sid, parameter = {
        "bastion": ("ReadServerKey", "zelly/wireguard/server", "ReadPeers", "wireguard/peers"),
        "clickhouse": ("ReadCredentials", "zelly/clickhouse/credentials", "ReadConfiguration", "clickhouse/config"),
    }[host]
    logs = f"arn:aws:logs:{environment.region}:{ACCOUNT_ID}:log-group:/zelly/{host}"
    path = f"parameter/zelly/{environment.stack}/{parameter}"
    return {
        "OpenSessions": allow(["ssm:UpdateInstanceInformation", *CHANNELS], ["*"]),
        "WriteLogs": allow(
            ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"], [logs, f"{logs}:log-stream:*"]
        ),
        "PublishMetrics": allow(
            ["cloudwatch:PutMetricData"], ["*"], {"StringEquals": {"cloudwatch:namespace": "CWAgent"}}
        ),
        secret_sid: allow(["secretsmanager:GetSecretValue"], [secret]),
        parameter_sid: allow(["ssm:GetParameter"], [f"arn:aws:ssm:{environment.region}:{ACCOUNT_ID}:{path}"]),
    }


def flow_logs_role(environment: Environment) -> Statements:
    """Return what VPC flow logs may do: write into their one group."""
    flow_log = only(environment.listed("ec2", "describe_flow_logs", "FlowLogs"))
    group = f"arn:aws:logs:{environment.region}:{ACCOUNT_ID}:log-group:{flow_log['LogGroupName']}:*"
    write = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    return {"WriteFlowLogs": allow(write, [group]), "FindLogGroup": allow(["logs:DescribeLogGroups"], ["*"])}


def github_push() -> Statements:
    """Return what GitHub Actions may do in the registry."""
    push = [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:CompleteLayerUpload",
        "ecr:DescribeImages",
        "ecr:DescribeRepositories",
        "ecr:GetDownloadUrlForLayer",
        "ecr:GetLifecyclePolicy",
        "ecr:InitiateLayerUpload",
        "ecr:PutImage",
        "ecr:UploadLayerPart",
    ]
    names = [name for repositories in REPOSITORIES.values() for name in repositories]
    region = {"StringEquals": {"aws:RequestedRegion": REGISTRY_REGION}}
    return {
        "LogIn": allow(["ecr:GetAuthorizationToken"], ["*"], region),
        "PushAndPull": allow(push, repository_arns(names)),
    }


def github_deploy(environment: Environment) -> Statements:
    """Return what GitHub Actions may do to one environment's services."""
    stack, region = environment.stack, environment.region
    ecs = f"arn:aws:ecs:{region}:{ACCOUNT_ID}"
    families = [f"{ecs}:task-definition/zelly-{stack}-{service}:*" for service in DEPLOYED]
    services = [f"{ecs}:service/zelly-{stack}/zelly-{stack}-{service}" for service in DEPLOYED]
    roles = [
        f"arn:aws:iam::{ACCOUNT_ID}:role/zelly-{stack}-{service}-{kind}"
        for service in DEPLOYED
        for kind in ("execution", "task")
    ]
    images = [f"arn:aws:ssm:{region}:{ACCOUNT_ID}:parameter/zelly/{stack}/images/*"]
    logs = [f"arn:aws:logs:{region}:{ACCOUNT_ID}:log-group:/zelly/ecs/*:*"]
    return {
        "ReadTaskDefinitions": allow(
            ["ecs:DescribeTaskDefinition"],
            ["*"],
            {"StringEquals": {"aws:RequestedRegion": region}},
        ),
        "RegisterTaskDefinitions": allow(["ecs:RegisterTaskDefinition"], families),
        "TagWhatIsRegistered": allow(
            ["ecs:TagResource"],
            [f"{ecs}:task-definition/*"],
            {"StringEquals": {"ecs:CreateAction": "RegisterTaskDefinition"}},
        ),
        "UpdateServices": allow(["ecs:DescribeServices", "ecs:UpdateService"], services),
        "WatchTasks": allow(
            ["ecs:DescribeTasks", "ecs:ListTasks"],
            ["*"],
            {"ArnEquals": {"ecs:cluster": f"{ecs}:cluster/zelly-{stack}"}},
        ),
        "PassTaskRoles": allow(
            ["iam:PassRole"], roles, {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
        ),
        "RecordDeployedImages": allow(["ssm:GetParameterHistory", "ssm:PutParameter"], images),
        "ReadLogs": allow(["logs:GetLogEvents"], logs),
    }
