import dataclasses
import json
from typing import Any

import pulumi_aws as aws

from tests.components.ecs_arguments import (
    DATABASE_SECRET,
    FULL,
    SESSION_SECRET,
    SMALL,
    VOLUME,
    WEB,
    WORKER,
    record_service,
)
from workbench.evaluate import Evaluation, evaluate
from zelly_components.ecs_service import EcsService, SecretVariableArgs

ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/rolePolicy:RolePolicy"

WRITE_LOGS = {
    "Sid": "WriteLogs",
    "Effect": "Allow",
    "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
    "Resource": ["${shop-logs.arn}:*"],
}
OPEN_EXEC_CHANNELS = {
    "Sid": "OpenExecChannels",
    "Effect": "Allow",
    "Action": [
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
    ],
    "Resource": ["*"],
}


def document(statements: list[dict[str, Any]]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": statements}


def policies(recorded: Evaluation) -> dict[str, Any]:
    return {resource.inputs["role"]: json.loads(resource.inputs["policy"]) for resource in recorded.of_type(POLICY)}


def test_execution_role_pulls_these_images_writes_these_logs_and_reads_these_secrets() -> None:
    assert policies(record_service(FULL))["shop-web-execution"] == document(
        [
            WRITE_LOGS,
            {
                "Sid": "LogInToRegistry",
                "Effect": "Allow",
                "Action": ["ecr:GetAuthorizationToken"],
                "Resource": ["*"],
            },
            {
                "Sid": "PullImages",
                "Effect": "Allow",
                "Action": [
                    "ecr:BatchCheckLayerAvailability",
                    "ecr:BatchGetImage",
                    "ecr:GetDownloadUrlForLayer",
                ],
                "Resource": ["arn:aws:ecr:eu-west-1:123456789012:repository/shop/web"],
            },
            {
                "Sid": "ReadSecrets",
                "Effect": "Allow",
                "Action": ["secretsmanager:GetSecretValue"],
                "Resource": [DATABASE_SECRET, SESSION_SECRET],
            },
        ]
    )


def test_service_without_own_images_and_secrets_may_only_write_logs() -> None:
    assert policies(record_service(SMALL)) == {"shop-worker-execution": document([WRITE_LOGS])}


def test_containers_may_open_exec_channels_mount_through_the_access_point_and_do_their_own() -> None:
    assert policies(record_service(FULL))["shop-web-task"] == document(
        [
            OPEN_EXEC_CHANNELS,
            {
                "Sid": "MountProxyData",
                "Effect": "Allow",
                "Action": ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
                "Resource": [VOLUME.file_system_arn],
                "Condition": {"StringEquals": {"elasticfilesystem:AccessPointArn": VOLUME.access_point_arn}},
            },
            {
                "Sid": "SendMail",
                "Effect": "Allow",
                "Action": ["ses:SendEmail"],
                "Resource": ["arn:aws:ses:eu-west-1:123456789012:identity/*"],
            },
        ]
    )


def test_exec_is_granted_only_where_it_is_enabled() -> None:
    with_exec = dataclasses.replace(SMALL, enable_execute_command=True)
    assert policies(record_service(with_exec))["shop-worker-task"] == document([OPEN_EXEC_CHANNELS])
    assert "shop-worker-task" not in policies(record_service(SMALL))


def test_only_ecs_tasks_of_the_own_account_and_region_assume_the_two_roles() -> None:
    trust = document(
        [
            {
                "Sid": "AssumeRole",
                "Effect": "Allow",
                "Action": ["sts:AssumeRole"],
                "Principal": {"Service": "ecs-tasks.amazonaws.com"},
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": "123456789012"},
                    "ArnLike": {"aws:SourceArn": "arn:aws:ecs:eu-west-1:123456789012:*"},
                },
            }
        ]
    )
    roles = record_service(SMALL).of_type(ROLE)
    assert {role.inputs["name"]: json.loads(role.inputs["assumeRolePolicy"]) for role in roles} == {
        "shop-worker-execution": trust,
        "shop-worker-task": trust,
    }


def test_secret_read_by_several_variables_is_named_once() -> None:
    def program() -> None:
        session = aws.secretsmanager.Secret("session")
        variables = [SecretVariableArgs(name=name, secret_arn=session.arn, key=name) for name in ("KEY", "SALT")]
        database = SecretVariableArgs(name="DB_USER", secret_arn=DATABASE_SECRET, key="username")
        containers = [
            dataclasses.replace(WEB, secrets=[*variables, database]),
            dataclasses.replace(WORKER, secrets=variables),
        ]
        EcsService(
            "shop", dataclasses.replace(FULL, containers=containers, targets=[], health_check_grace_period_seconds=None)
        )

    [*_, read_secrets] = policies(evaluate(program))["shop-web-execution"]["Statement"]
    assert read_secrets["Sid"] == "ReadSecrets"
    assert read_secrets["Resource"] == [DATABASE_SECRET, "${session.arn}"]
