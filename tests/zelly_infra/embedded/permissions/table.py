"""Who may do what, as a table: the denials first. What a row leaves open it says for every environment.

Add a row here when a policy gains a statement; ``test_widening.py`` says which statement no row watches.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tests.zelly_infra.embedded.permissions.access import Decision, Request
from tests.zelly_infra.embedded.permissions.account import GITHUB_PROVIDER, Place, principal


@dataclass(frozen=True, kw_only=True)
class Row:
    """One answer that AWS has to give.

    Texts are templates of :attr:`Place.names`; ``{other}`` is the other environment's, ``{each}`` the role of
    ``on_roles`` that it is about, and ``{service}`` the service or host whose role asks.
    """

    who: tuple[str, ...]
    """Roles by short name, ``*`` for any text; or an AWS service or GitHub's provider."""
    action: str
    resource: str
    decision: Decision
    context: Mapping[str, str] = field(default_factory=dict[str, str])
    on_roles: str | None = None
    """Which roles ``{each}`` stands for, one after the other."""

    def __str__(self) -> str:
        """Name the row in a test's name."""
        circumstances = [f"{key}={value}" for key, value in self.context.items()]
        return " ".join([",".join(self.who), self.action, self.on_roles or self.resource, *circumstances])

    def requests(self, place: Place, other: Place) -> Iterator[Request]:
        """Iterate over the requests of one environment that the row is about."""
        for name, asking in self._asking(place):
            service = name.removesuffix("-task").removesuffix("-execution")
            for each in place.matching(self.on_roles).values() if self.on_roles else ("",):
                names = {**place.names, "other": Others(other.names), "service": service, "each": each}
                usual = {"aws:RequestedRegion": "{region}", "aws:SecureTransport": "true"}
                context = {key: value.format_map(names) for key, value in {**usual, **self.context}.items() if value}
                resource = self.resource.format_map(names)
                yield Request(principal=principal(asking), action=self.action, resource=resource, context=context)

    def _asking(self, place: Place) -> Iterator[tuple[str, str]]:
        outside = [who for who in self.who if who.endswith(".amazonaws.com") or who.startswith("arn:")]
        yield from ((who, who) for who in outside)
        yield from place.matching(*[who for who in self.who if who not in outside]).items()


class Others:
    """The other environment's names, as ``{other.secret[…]}``."""

    def __init__(self, names: Mapping[str, object]) -> None:
        self._names = names

    def __getattr__(self, name: str) -> object:
        return self._names[name]


def rows(
    decision: Decision, *entries: tuple[str, str, str] | tuple[str, str, str, Mapping[str, str]]
) -> tuple[Row, ...]:
    """Return rows of one answer: who (separated by blanks), action, resource and, if it matters, the circumstances."""
    return tuple(
        Row(
            who=tuple(entry[0].split()),
            action=entry[1],
            resource=entry[2],
            decision=decision,
            context=entry[3] if len(entry) == 4 else {},
        )
        for entry in entries
    )


OWN_LOGS = "{log_group}:/zelly/ecs/{service}:log-stream:app/1"
HOST_LOGS = "{log_group}:/zelly/{service}:log-stream:i-1"
IMAGES = "{parameter}/zelly/{stack}/images/storefront"
OWN_SERVICE = "{ecs}:service/zelly-{stack}/zelly-{stack}-storefront"
FAMILY = "{ecs}:task-definition/zelly-{stack}-storefront:7"
TASK = "{ecs}:task/zelly-{stack}/0123456789abcdef"
READ = "secretsmanager:GetSecretValue"
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
FOREIGN_ROLE = "arn:aws:iam::999999999999:role/stranger"
ELSEWHERE = "arn:aws:ecs:us-east-1:{account}"
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
    ("storefront-execution events-consumer-execution internal-tools-execution", READ, AURORA),
    ("storefront-execution orion-backend-execution", READ, REDIS),
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

SOURCES = {
    "ecs-tasks.amazonaws.com": ("*-task *-execution", "{ecs}:task/zelly-{stack}/0123456789abcdef"),
    "dlm.amazonaws.com": ("clickhouse-snapshots", "arn:aws:dlm:{region}:{account}:policy/policy-1"),
    "vpc-flow-logs.amazonaws.com": ("network-flow-logs", "arn:aws:ec2:{region}:{account}:vpc-flow-log/fl-1"),
    "ec2.amazonaws.com": ("bastion clickhouse", ""),
}
"""By service: the roles that it assumes, and for what it says that it does. EC2 is not known to say anything."""


def _trusts() -> Iterator[Row]:
    for service, (roles, source) in SOURCES.items():
        own = {"aws:SourceAccount": "{account}", "aws:SourceArn": source} if source else {}
        elsewhere = source.replace("{region}", "us-east-1").replace("{ecs}", ELSEWHERE)
        strangers = [own | {"aws:SourceAccount": "999999999999"}, own | {"aws:SourceArn": elsewhere}, {}]
        others = (*(other for other in SOURCES if other != service), "lambda.amazonaws.com", FOREIGN_ROLE)
        for role in roles.split():
            yield _trust((service,), "sts:AssumeRole", role, Decision.ALLOWED, own)
            yield _trust((service,), "sts:TagSession", role, Decision.DENIED, own)
            yield _trust(others, "sts:AssumeRole", role, Decision.DENIED, own)
            for context in strangers if source else ():
                yield _trust((service,), "sts:AssumeRole", role, Decision.DENIED, context)


def _trust(who: tuple[str, ...], action: str, roles: str, decision: Decision, context: Mapping[str, str]) -> Row:
    return Row(who=who, action=action, resource="{each}", on_roles=roles, decision=decision, context=context)


TRUSTS = tuple(_trusts())

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
    ("fastify-nova-execution customer-panel-execution orion-backend-execution", READ, AURORA),
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
