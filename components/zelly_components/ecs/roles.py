"""Permissions of the two roles of an ECS task, as pure data."""

import re
from collections.abc import Sequence

import pulumi

from zelly_components.base import counted
from zelly_components.ecs.task_definition import ContainerArgs, EfsVolumeArgs
from zelly_components.identity.iam import Statement

TASKS_SERVICE = "ecs-tasks.amazonaws.com"
"""The principal that assumes both roles."""


def execution_role_statements(
    *,
    repository_arns: Sequence[pulumi.Input[str]],
    log_group_arn: pulumi.Input[str],
    secret_arns: Sequence[pulumi.Input[str]],
) -> list[Statement]:
    """Return the statements with which ECS starts a task: pull from repositories, write logs, read secrets.

    Without repositories or without secrets there is no statement about them.
    """
    statements = [
        Statement(
            sid="WriteLogs",
            # No CreateLogGroup: a writer that may create its group brings a deleted one back for ever.
            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[pulumi.Output.format("{0}:*", log_group_arn)],
        )
    ]
    if counted("repository_arns", repository_arns):
        statements += [
            # The one registry action that knows no resource (Service Authorization Reference, Amazon ECR).
            Statement(sid="LogInToRegistry", actions=["ecr:GetAuthorizationToken"], resources=["*"]),
            Statement(
                sid="PullImages",
                actions=["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                resources=repository_arns,
            ),
        ]
    if secret_arns:
        statements.append(
            Statement(sid="ReadSecrets", actions=["secretsmanager:GetSecretValue"], resources=secret_arns)
        )
    return statements


def task_role_statements(
    *,
    enable_execute_command: bool,
    volumes: Sequence[EfsVolumeArgs],
    own: Sequence[Statement],
) -> list[Statement]:
    """Return the statements of the containers themselves, often none; ``own`` are the application's."""
    execute_command = Statement(
        sid="OpenExecChannels",
        # "IAM permissions required for ECS Exec" (ECS Developer Guide); they know no resource.
        actions=[
            "ssmmessages:CreateControlChannel",
            "ssmmessages:CreateDataChannel",
            "ssmmessages:OpenControlChannel",
            "ssmmessages:OpenDataChannel",
        ],
        resources=["*"],
    )
    return [
        *([execute_command] if enable_execute_command else []),
        *(_mount_statement(volume) for volume in sorted(volumes, key=lambda volume: volume.name)),
        *own,
    ]


def secret_arns_of(containers: Sequence[ContainerArgs]) -> list[pulumi.Input[str]]:
    """Return the ARNs of the secrets that the containers read, each once, in an order that only depends on names.

    Two Outputs count as one secret when they are the same object.
    """
    return list(
        dict.fromkeys(
            secret.secret_arn
            for container in sorted(containers, key=lambda container: container.name)
            for secret in sorted(container.secrets, key=lambda secret: secret.name)
        )
    )


def _mount_statement(volume: EfsVolumeArgs) -> Statement:
    return Statement(
        # A Sid takes letters and digits only.
        sid="Mount" + "".join(word.capitalize() for word in re.findall(r"[A-Za-z0-9]+", volume.name)),
        actions=["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
        resources=[volume.file_system_arn],
        # Without it the role could mount the root of the file system past the access point.
        conditions={"StringEquals": {"elasticfilesystem:AccessPointArn": volume.access_point_arn}},
    )
