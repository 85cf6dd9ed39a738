"""Who may do what, as a table: the denials first. What a row leaves open it says for every environment.

Add a row here when a policy gains a statement; ``test_widening.py`` says which statement no row watches.
"""

from tests.support.iam_decisions import Decision
from tests.zelly_infra.embedded.expected_policies import SECRETS
from tests.zelly_infra.embedded.permissions.account import GITHUB_PROVIDER
from tests.zelly_infra.embedded.permissions.rows import rows
from tests.zelly_infra.embedded.permissions.trusts import FOREIGN_ROLE, TRUSTS
from zelly_infra.catalog import AURORA_SECRET, REDIS_SECRET

OWN_LOGS = "{log_group}:/zelly/ecs/{service}:log-stream:app/1"
HOST_LOGS = "{log_group}:/zelly/{service}:log-stream:i-1"
IMAGES = "{parameter}/zelly/{stack}/images/storefront"
OWN_SERVICE = "{ecs}:service/zelly-{stack}/zelly-{stack}-storefront"
FAMILY = "{ecs}:task-definition/zelly-{stack}-storefront:7"
TASK = "{ecs}:task/zelly-{stack}/0123456789abcdef"
READ = "secretsmanager:GetSecretValue"


def executions(secret: str, *, read: bool) -> str:
    """Return the execution roles of the services that read a secret, or of those that don't."""
    return " ".join(f"{service}-execution" for service, secrets in SECRETS.items() if (secret in secrets) is read)


AURORA = "{secret[zelly/aurora/master]}"
REDIS = "{secret[zelly/redis/auth]}"
MOUNT = "elasticfilesystem:ClientMount"
WRITE = "elasticfilesystem:ClientWrite"
THROUGH_ACCESS_POINT = {
    "elasticfilesystem:AccessPointArn": "{access_point}",
    "elasticfilesystem:AccessedViaMountTarget": "true",
}
CLUSTER = {"ecs:cluster": "{ecs}:cluster/zelly-{stack}"}
TO_ECS = {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
BALANCER_LOGS = "logdelivery.elasticloadbalancing.amazonaws.com"
BALANCER = {"aws:SourceArn": "arn:aws:elasticloadbalancing:{region}:{account}:loadbalancer/app/alb-nova/1"}
LOG_OBJECT = "{bucket}/alb-nova/AWSLogs/{account}/elasticloadbalancing/a.log.gz"
ALARMS = "cloudwatch.amazonaws.com"
OWN_ACCOUNT = {"aws:SourceAccount": "{account}"}
FOREIGN_ACCOUNT = {"aws:SourceAccount": "999999999999"}
DATABASES = "events.rds.amazonaws.com"
OWN_DATABASE = {**OWN_ACCOUNT, "aws:SourceArn": "arn:aws:rds:{region}:{account}:cluster:zelly-{stack}-aurora"}
OWN_CACHE = {"aws:SourceOwner": "{account}"}
WEB_IDENTITY = "sts:AssumeRoleWithWebIdentity"


def token(subject: str | None, audience: str = "sts.amazonaws.com") -> dict[str, str]:
    """Return what a token of GitHub's says; an empty value is left out."""
    issuer = "token.actions.githubusercontent.com"
    return {f"{issuer}:aud": audience, f"{issuer}:sub": subject or ""}


MAIN = "repo:zelly-in/backend-api-fastify-nova:ref:refs/heads/main"

NOBODY = rows(
    Decision.DENIED,
    ("*", "iam:CreateUser", "arn:aws:iam::{account}:user/intruder"),
    ("*", "iam:CreateAccessKey", "arn:aws:iam::{account}:user/intruder"),
    ("*", "iam:PutRolePolicy", "{role[github]}"),
    ("*", "iam:UpdateAssumeRolePolicy", "{role[github]}"),
    ("*", "sts:AssumeRole", "{role[github]}"),
    ("*", "sts:AssumeRole", "{role[storefront-task]}"),
    ("*", "kms:Decrypt", "{key}"),
    ("*", "kms:ScheduleKeyDeletion", "{key}"),
    ("*", "sns:Publish", "{topic}"),
    ("*", "s3:GetObject", LOG_OBJECT),
    ("*", "s3:GetObject", "arn:aws:s3:::zelly-pulumi-state/.pulumi/stacks/zelly-infra/{stack}.json"),
    ("*", "rds:DeleteDBCluster", "arn:aws:rds:{region}:{account}:cluster:zelly-{stack}-aurora"),
    ("*", "secretsmanager:DeleteSecret", AURORA),
    ("*", "secretsmanager:PutSecretValue", REDIS),
    ("*", "secretsmanager:ListSecrets", "*"),
    ("*", "elasticfilesystem:DeleteFileSystem", "{file_system}"),
    ("*", "elasticfilesystem:ClientRootAccess", "{file_system}", THROUGH_ACCESS_POINT),
    # As CloudWatch Logs calls a group that is to be made, and as the reference does.
    ("*", "logs:CreateLogGroup", "{log_group}:/zelly/ecs/{service}:log-stream:"),
    ("*", "logs:CreateLogGroup", "{log_group}:/zelly/{service}"),
    ("*", "logs:CreateLogGroup", "{log_group}:{flow_logs}:log-stream:"),
    ("*", "logs:DeleteLogGroup", "{log_group}:/zelly/ecs/{service}:log-stream:"),
    ("*", "logs:PutRetentionPolicy", "{log_group}:/zelly/{service}:log-stream:"),
    ("*", "ecs:ExecuteCommand", TASK, CLUSTER),
    ("*", "ssm:StartSession", "{instance}"),
    ("*", "ssm:SendCommand", "{instance}"),
    ("*", "ec2:TerminateInstances", "{instance}"),
    ("*", "ssm:GetParametersByPath", "{parameter}/zelly/{stack}"),
)

TASKS = rows(
    Decision.DENIED,
    ("*-task", READ, AURORA),
    ("*-task", READ, REDIS),
    ("*-task", READ, "{secret[zelly/fastify-nova/env]}"),
    ("*-task", READ, "{other.secret[zelly/aurora/master]}"),
    ("*-task", "ssm:GetParameter", IMAGES),
    ("*-task", "ssm:UpdateInstanceInformation", "{instance}"),
    ("*-task", "logs:PutLogEvents", OWN_LOGS),
    ("*-task", "ecr:BatchGetImage", "{repository}/zelly/{service}"),
    ("c*-task e*-task f*-task i*-task o*-task", MOUNT, "{file_system}", THROUGH_ACCESS_POINT),
    ("storefront-task", MOUNT, "{file_system}", {"elasticfilesystem:AccessedViaMountTarget": "true"}),
    (
        "storefront-task",
        WRITE,
        "{file_system}",
        {
            "elasticfilesystem:AccessPointArn": "{access_point}0",
            "elasticfilesystem:AccessedViaMountTarget": "true",
        },
    ),
    ("storefront-task", MOUNT, "{other.file_system}", THROUGH_ACCESS_POINT),
    (
        "storefront-task",
        MOUNT,
        "arn:aws:elasticfilesystem:{region}:{account}:file-system/fs-0123456789abcdef0",
        THROUGH_ACCESS_POINT,
    ),
)

EXECUTIONS = rows(
    Decision.DENIED,
    (executions(AURORA_SECRET, read=False), READ, AURORA),
    (executions(REDIS_SECRET, read=False), READ, REDIS),
    ("*-execution", READ, "{secret[zelly/wireguard/server]}"),
    ("*-execution", READ, "{other.secret[zelly/aurora/master]}"),
    ("*-execution", READ, "{other.secret[zelly/redis/auth]}"),
    ("*-execution", "secretsmanager:DescribeSecret", AURORA),
    ("*-execution", "secretsmanager:DescribeSecret", REDIS),
    ("*-execution", "secretsmanager:DescribeSecret", "{secret[zelly/clickhouse/credentials]}"),
    ("*-execution", "logs:DeleteLogStream", OWN_LOGS),
    ("*-execution", "logs:GetLogEvents", OWN_LOGS),
    ("*-execution", "logs:PutLogEvents", HOST_LOGS),
    ("*-execution", "logs:CreateLogStream", "{log_group}:/aws/rds/cluster/zelly-{stack}-aurora/error:log-stream:a"),
    ("*-execution", "ecr:PutImage", "{repository}/zelly/{service}"),
    ("storefront-execution", "ecr:PutImage", "{repository}/zelly/caddy"),
    ("*-execution", "ecr:BatchGetImage", "{repository}/other"),
    ("customer-panel-execution", "ecr:BatchGetImage", "{repository}/zelly/fastify-nova"),
    ("internal-tools-execution", "ecr:GetAuthorizationToken", "*"),
    ("*-execution", "ecr:DescribeRegistry", "*"),
    ("*-execution", "ssm:GetParameter", IMAGES),
    ("storefront-execution", MOUNT, "{file_system}", THROUGH_ACCESS_POINT),
)

HOSTS = rows(
    Decision.DENIED,
    ("bastion", READ, "{secret[zelly/clickhouse/credentials]}"),
    ("clickhouse", READ, "{secret[zelly/wireguard/server]}"),
    ("bastion clickhouse", READ, AURORA),
    ("bastion", READ, "{other.secret[zelly/wireguard/server]}"),
    ("bastion", "secretsmanager:PutSecretValue", "{secret[zelly/wireguard/server]}"),
    ("clickhouse", "secretsmanager:DescribeSecret", "{secret[zelly/clickhouse/credentials]}"),
    ("bastion", "ssm:GetParameter", "{parameter}/zelly/{stack}/clickhouse/config"),
    ("clickhouse", "ssm:GetParameter", "{parameter}/zelly/{stack}/wireguard/peers"),
    ("bastion clickhouse", "ssm:GetParameters", IMAGES),
    ("bastion", "ssm:PutParameter", "{parameter}/zelly/{stack}/wireguard/peers"),
    ("clickhouse", "ssm:PutParameter", "{parameter}/zelly/{stack}/clickhouse/config"),
    ("bastion clickhouse", "logs:DeleteLogStream", HOST_LOGS),
    ("bastion clickhouse", "logs:PutLogEvents", "{log_group}:/zelly/ecs/storefront:log-stream:a"),
    ("bastion clickhouse", "cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "AWS/ECS"}),
    ("bastion clickhouse", "cloudwatch:DeleteAlarms", "*", {"cloudwatch:namespace": "CWAgent"}),
    ("bastion clickhouse", "ec2:DescribeInstances", "*"),
    ("network-flow-logs", "logs:DeleteLogStream", "{log_group}:{flow_logs}:log-stream:eni"),
    ("network-flow-logs", "logs:PutLogEvents", HOST_LOGS),
    ("network-flow-logs", "logs:DescribeQueries", "*"),
    ("clickhouse-snapshots", "ec2:DeleteVolume", "arn:aws:ec2:{region}:{account}:volume/vol-1"),
    ("clickhouse-snapshots", "ec2:CreateTags", "{instance}"),
    ("clickhouse-snapshots", READ, "{secret[zelly/clickhouse/credentials]}"),
)

GITHUB = rows(
    Decision.DENIED,
    ("github", READ, AURORA),
    ("github", READ, "{secret[zelly/fastify-nova/env]}"),
    ("github", "iam:PassRole", "{role[internal-tools-task]}", TO_ECS),
    ("github", "iam:PassRole", "{role[bastion]}", TO_ECS),
    ("github", "iam:PassRole", "{role[github]}", TO_ECS),
    ("github", "iam:PassRole", "{role[storefront-task]}", {"iam:PassedToService": "ec2.amazonaws.com"}),
    ("github", "iam:PassRole", "{role[storefront-task]}"),
    ("github", "iam:DeleteRole", "{role[storefront-task]}", TO_ECS),
    ("github", "ecs:UpdateService", "{ecs}:service/zelly-{stack}/zelly-{stack}-internal-tools"),
    ("github", "ecs:UpdateService", "{ecs}:service/other/zelly-{stack}-storefront"),
    ("github", "ecs:DeleteService", OWN_SERVICE),
    ("github", "ecs:CreateService", OWN_SERVICE),
    ("github", "ecs:RegisterTaskDefinition", "{ecs}:task-definition/zelly-{stack}-internal-tools:7"),
    ("github", "ecs:RunTask", FAMILY, CLUSTER),
    ("github", "ecs:DeleteTaskDefinitions", FAMILY),
    ("github", "ecs:StopTask", TASK, CLUSTER),
    ("github", "ecs:DescribeTasks", TASK, {"ecs:cluster": "{ecs}:cluster/other"}),
    ("github", "ecs:DeregisterTaskDefinition", "*"),
    ("github", "ecs:DescribeTaskDefinition", "*", {"aws:RequestedRegion": "us-east-1"}),
    ("github", "ecs:TagResource", FAMILY),
    ("github", "ecs:TagResource", FAMILY, {"ecs:CreateAction": "RunTask"}),
    ("github", "ecs:TagResource", OWN_SERVICE, {"ecs:CreateAction": "RegisterTaskDefinition"}),
    ("github", "ecs:UntagResource", FAMILY, {"ecs:CreateAction": "RegisterTaskDefinition"}),
    ("github", "iam:TagRole", FAMILY, {"ecs:CreateAction": "RegisterTaskDefinition"}),
    ("github", "ecr:DeleteRepository", "{repository}/zelly/caddy"),
    ("github", "ecr:BatchDeleteImage", "{repository}/zelly/caddy"),
    ("github", "ecr:PutLifecyclePolicy", "{repository}/zelly/caddy"),
    ("github", "ecr:PutImage", "{repository}/other"),
    ("github", "ecr:GetAuthorizationToken", "*", {"aws:RequestedRegion": "us-east-1"}),
    ("github", "ssm:PutParameter", "{parameter}/zelly/{stack}/clickhouse/config"),
    ("github", "ssm:PutParameter", "{parameter}/zelly/{stack}/wireguard/peers"),
    ("github", "ssm:PutParameter", "{parameter}/zelly/{stack}/images"),
    ("github", "ssm:GetParameterHistory", "{parameter}/zelly/{stack}/wireguard/peers"),
    ("github", "ssm:GetParameter", IMAGES),
    ("github", "logs:GetLogEvents", "{log_group}:/zelly/bastion:log-stream:a"),
    ("github", "logs:DeleteLogStream", "{log_group}:/zelly/ecs/storefront:log-stream:a"),
    ("github", "ssm:DeleteParameter", IMAGES),
)

SUBJECTS = rows(
    Decision.DENIED,
    *(
        (GITHUB_PROVIDER, WEB_IDENTITY, "{role[github]}", token(subject))
        for subject in (
            # Another organisation, also a fork; another repository; other branches; other events.
            "repo:stranger/backend-api-fastify-nova:ref:refs/heads/main",
            "repo:zelly-in/another:ref:refs/heads/main",
            "repo:zelly-in/backend-api-fastify-nova:ref:refs/heads/feature",
            f"{MAIN}-2",
            "repo:zelly-in/backend-api-fastify-nova:ref:refs/tags/main",
            "repo:zelly-in/backend-api-fastify-nova:pull_request",
            "repo:zelly-in/backend-api-fastify-nova:environment:production",
            None,
        )
    ),
    (GITHUB_PROVIDER, WEB_IDENTITY, "{role[github]}", token(MAIN, audience="https://github.com/zelly-in")),
    (GITHUB_PROVIDER, WEB_IDENTITY, "{role[storefront-task]}", token(MAIN)),
    (GITHUB_PROVIDER, "sts:TagSession", "{role[github]}", token(MAIN)),
    ("ecs-tasks.amazonaws.com", WEB_IDENTITY, "{role[github]}", token(MAIN)),
    (FOREIGN_ROLE, "sts:AssumeRole", "{role[github]}"),
)

SERVICES = rows(
    Decision.DENIED,
    (BALANCER_LOGS, "s3:PutObject", LOG_OBJECT),
    (
        BALANCER_LOGS,
        "s3:PutObject",
        LOG_OBJECT,
        {"aws:SourceArn": "arn:aws:elasticloadbalancing:{region}:999999999999:loadbalancer/app/a/1"},
    ),
    (BALANCER_LOGS, "s3:PutObject", "{bucket}/alb-nova/AWSLogs/999999999999/a.log.gz", BALANCER),
    (BALANCER_LOGS, "s3:DeleteObject", LOG_OBJECT, BALANCER),
    ("delivery.logs.amazonaws.com", "s3:PutObject", LOG_OBJECT, BALANCER),
    (ALARMS, "sns:Publish", "{topic}", FOREIGN_ACCOUNT),
    (ALARMS, "sns:Publish", "{topic}"),
    (ALARMS, "sns:Subscribe", "{topic}", OWN_ACCOUNT),
    ("events.amazonaws.com", "sns:Publish", "{topic}", OWN_ACCOUNT),
    (DATABASES, "sns:Publish", "{topic}", {**OWN_DATABASE, **FOREIGN_ACCOUNT}),
    (DATABASES, "sns:Publish", "{topic}", OWN_ACCOUNT),
    (DATABASES, "sns:Publish", "{topic}", {**OWN_DATABASE, "aws:SourceArn": "arn:aws:rds:us-east-1:{account}:db:shop"}),
    (DATABASES, "sns:Subscribe", "{topic}", OWN_DATABASE),
    ("events.amazonaws.com", "sns:Publish", "{topic}", OWN_DATABASE),
    (DATABASES, "kms:Decrypt", "{key}", FOREIGN_ACCOUNT),
    (DATABASES, "kms:PutKeyPolicy", "{key}", OWN_ACCOUNT),
    ("elasticache.amazonaws.com", "sns:Publish", "{cache_topic}", {"aws:SourceOwner": "999999999999"}),
    (FOREIGN_ROLE, "sns:Publish", "{cache_topic}"),
    ("elasticache.amazonaws.com", "sns:Subscribe", "{cache_topic}", OWN_CACHE),
    ("elasticache.amazonaws.com", "sns:Publish", "{topic}", OWN_CACHE),
    (ALARMS, "kms:Decrypt", "{key}", FOREIGN_ACCOUNT),
    (ALARMS, "kms:PutKeyPolicy", "{key}", OWN_ACCOUNT),
    ("events.amazonaws.com", "kms:GenerateDataKey", "{key}", OWN_ACCOUNT),
    (FOREIGN_ROLE, "kms:Decrypt", "{key}"),
    (FOREIGN_ROLE, "kms:Decrypt", "{key}", OWN_ACCOUNT),
)

FORBIDDEN = rows(
    Decision.FORBIDDEN,
    ("storefront-task", MOUNT, "{file_system}", {**THROUGH_ACCESS_POINT, "aws:SecureTransport": "false"}),
    ("storefront-task", WRITE, "{file_system}", {**THROUGH_ACCESS_POINT, "aws:SecureTransport": "false"}),
    (
        "storefront-task",
        MOUNT,
        "{file_system}",
        {"elasticfilesystem:AccessPointArn": "{access_point}", "elasticfilesystem:AccessedViaMountTarget": "false"},
    ),
    ("*", "elasticfilesystem:ClientRootAccess", "{file_system}", {"aws:SecureTransport": "false"}),
    (f"* {FOREIGN_ROLE}", "s3:GetObject", LOG_OBJECT, {"aws:SecureTransport": "false"}),
    ("*", "s3:ListBucket", "{bucket}", {"aws:SecureTransport": "false"}),
    (BALANCER_LOGS, "s3:PutObject", LOG_OBJECT, {**BALANCER, "aws:SecureTransport": "false"}),
)

ALLOWED = rows(
    Decision.ALLOWED,
    (executions(AURORA_SECRET, read=True), READ, AURORA),
    ("fastify-nova-execution", READ, "{secret[zelly/fastify-nova/env]}"),
    ("*-execution", "logs:CreateLogStream", OWN_LOGS),
    ("*-execution", "logs:PutLogEvents", OWN_LOGS),
    ("storefront-execution", "ecr:GetAuthorizationToken", "*"),
    ("storefront-execution", "ecr:BatchGetImage", "{repository}/zelly/caddy"),
    ("storefront-execution", "ecr:GetDownloadUrlForLayer", "{repository}/zelly/astro-storefront"),
    ("*-task bastion clickhouse", "ssmmessages:OpenDataChannel", "*"),
    ("bastion clickhouse", "ssm:UpdateInstanceInformation", "{instance}"),
    ("storefront-task", MOUNT, "{file_system}", THROUGH_ACCESS_POINT),
    ("storefront-task", WRITE, "{file_system}", THROUGH_ACCESS_POINT),
    ("bastion", READ, "{secret[zelly/wireguard/server]}"),
    ("bastion", "ssm:GetParameter", "{parameter}/zelly/{stack}/wireguard/peers"),
    ("clickhouse", READ, "{secret[zelly/clickhouse/credentials]}"),
    ("clickhouse", "ssm:GetParameter", "{parameter}/zelly/{stack}/clickhouse/config"),
    ("bastion clickhouse", "logs:PutLogEvents", HOST_LOGS),
    ("bastion clickhouse", "logs:DescribeLogStreams", "{log_group}:/zelly/{service}"),
    ("bastion clickhouse", "cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "CWAgent"}),
    ("network-flow-logs", "logs:PutLogEvents", "{log_group}:{flow_logs}:log-stream:eni"),
    ("network-flow-logs", "logs:DescribeLogGroups", "{log_group}::log-stream:"),
    ("clickhouse-snapshots", "ec2:CreateSnapshot", "arn:aws:ec2:{region}:{account}:volume/vol-1"),
    ("github", "ecs:RegisterTaskDefinition", FAMILY),
    ("github", "ecs:DescribeTaskDefinition", "*"),
    ("github", "ecs:UpdateService", OWN_SERVICE),
    ("github", "ecs:ListTasks", "*", CLUSTER),
    ("github", "iam:PassRole", "{role[storefront-task]}", TO_ECS),
    ("github", "iam:PassRole", "{role[storefront-execution]}", TO_ECS),
    ("github", "ssm:PutParameter", IMAGES),
    ("github", "ssm:GetParameterHistory", IMAGES),
    ("github", "ecs:TagResource", FAMILY, {"ecs:CreateAction": "RegisterTaskDefinition"}),
    ("github", "logs:GetLogEvents", "{log_group}:/zelly/ecs/storefront:log-stream:a"),
    ("github", "ecr:PutImage", "{repository}/zelly/caddy"),
    ("github", "ecr:DescribeRepositories", "{repository}/zelly/caddy"),
    ("github", "ecr:GetLifecyclePolicy", "{repository}/zelly/caddy"),
    ("github", "ecr:GetAuthorizationToken", "*", {"aws:RequestedRegion": "ap-south-1"}),
    (GITHUB_PROVIDER, WEB_IDENTITY, "{role[github]}", token(MAIN)),
    (GITHUB_PROVIDER, WEB_IDENTITY, "{role[github]}", token(MAIN.replace("main", "staging"))),
    (BALANCER_LOGS, "s3:PutObject", LOG_OBJECT, BALANCER),
    (ALARMS, "sns:Publish", "{topic}", OWN_ACCOUNT),
    (DATABASES, "sns:Publish", "{topic}", OWN_DATABASE),
    ("elasticache.amazonaws.com", "sns:Publish", "{cache_topic}", OWN_CACHE),
    (ALARMS, "kms:Decrypt", "{key}", OWN_ACCOUNT),
    (ALARMS, "kms:GenerateDataKey", "{key}", OWN_ACCOUNT),
    (DATABASES, "kms:Decrypt", "{key}", OWN_ACCOUNT),
    (DATABASES, "kms:GenerateDataKey", "{key}", OWN_ACCOUNT),
)

TABLE = (*NOBODY, *TASKS, *EXECUTIONS, *HOSTS, *GITHUB, *SUBJECTS, *SERVICES, *TRUSTS, *FORBIDDEN, *ALLOWED)
