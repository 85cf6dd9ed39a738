"""Permissions that hosts have, as pure data."""

import pulumi

from zelly_components.alarms.backup_metrics import NAMESPACE as BACKUP_NAMESPACE
from zelly_components.alarms.host_metrics import AGENT_NAMESPACE
from zelly_components.identity.iam import Statement


def session_manager_statement() -> Statement:
    """Return the permission to be reached through Session Manager."""
    return Statement(
        sid="OpenSessions",
        # What AWS's own policy for sessions alone grants (AWSCloud9SSMInstanceProfile); no resource is known here.
        # AmazonSSMManagedInstanceCore would let the host read every parameter of the account.
        actions=[
            "ssm:UpdateInstanceInformation",
            "ssmmessages:CreateControlChannel",
            "ssmmessages:CreateDataChannel",
            "ssmmessages:OpenControlChannel",
            "ssmmessages:OpenDataChannel",
        ],
        resources=["*"],
    )


def run_command_statement() -> Statement:
    """Return the permission to take commands of SSM documents, beside that of Session Manager."""
    return Statement(
        sid="TakeCommands",
        # What AmazonSSMManagedInstanceCore has for commands beyond the five above, without its ssm:GetParameter. The
        # agent asks on ssmmessages' channel, and on ec2messages' where that is not to be had ("Reference: ec2messages,
        # ssmmessages, and other API operations", Systems Manager User Guide); none of the latter takes a resource.
        actions=[
            "ssm:GetDocument",
            "ec2messages:AcknowledgeMessage",
            "ec2messages:DeleteMessage",
            "ec2messages:FailMessage",
            "ec2messages:GetEndpoint",
            "ec2messages:GetMessages",
            "ec2messages:SendReply",
        ],
        resources=["*"],
    )


def observability_statements(log_group_arn: pulumi.Input[str]) -> list[Statement]:
    """Return the permissions to write into a log group, and to publish the agent's metrics."""
    return [
        Statement(
            sid="WriteLogs",
            # No CreateLogGroup: a writer that may create its group brings a deleted one back, without a retention.
            actions=["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            resources=[log_group_arn, pulumi.Output.format("{0}:log-stream:*", log_group_arn)],
        ),
        Statement(
            sid="PublishMetrics",
            actions=["cloudwatch:PutMetricData"],
            resources=["*"],
            conditions={"StringEquals": {"cloudwatch:namespace": AGENT_NAMESPACE}},
        ),
    ]


def database_backup_statements(bucket_arn: pulumi.Input[str], secret_arn: pulumi.Input[str]) -> list[Statement]:
    """Return the statements of a host that backs a database up into a bucket."""
    objects = pulumi.Output.format("{0}/*", bucket_arn)
    return [
        Statement(sid="ReadDatabaseSecret", actions=["secretsmanager:GetSecretValue"], resources=[secret_arn]),
        # A dump of 8 MiB or more is written in parts, and an upload that failed lets them go.
        Statement(sid="WriteBackups", actions=["s3:PutObject", "s3:AbortMultipartUpload"], resources=[objects]),
        Statement(sid="ReadBackups", actions=["s3:GetObject"], resources=[objects]),
        Statement(sid="ListBackups", actions=["s3:ListBucket"], resources=[bucket_arn]),
        Statement(
            sid="PublishBackupMetrics",
            actions=["cloudwatch:PutMetricData"],
            # Takes no resource (Service Authorization Reference, "Amazon CloudWatch").
            resources=["*"],
            conditions={"StringEquals": {"cloudwatch:namespace": BACKUP_NAMESPACE}},
        ),
    ]
