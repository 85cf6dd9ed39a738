"""A Jenkins controller: one task on Fargate, its home on EFS, and two ways to it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import pulumi

from zelly_components.application_load_balancer import (
    ApplicationLoadBalancer,
    ApplicationLoadBalancerArgs,
    BalancedServiceArgs,
)
from zelly_components.base import Component
from zelly_components.ecs_service import (
    CapacityProviderArgs,
    ContainerArgs,
    EcsService,
    EcsServiceArgs,
    EfsVolumeArgs,
    MountArgs,
    SecretVariableArgs,
    TargetArgs,
)
from zelly_components.identity.iam import Statement
from zelly_components.shared_directory import SharedDirectory, SharedDirectoryArgs
from zelly_components.storage.restores import backup_role, make_restore_tests

HTTP_PORT = 8080
HOME = "/var/jenkins_home"
WEBHOOK_PATH = "/github-webhook/"
"""Of Jenkins' GitHub plugin; the slash at the end belongs to it."""

AUTOMATIC_VAULT = "aws/efs/automatic-backup-vault"
"""The vault of EFS's own daily plan ("Backing up EFS file systems", EFS User Guide)."""

_HEALTH_PATH = "/login"
_USER_ID = 1000
"""The user ``jenkins`` of Jenkins' own image (jenkinsci/docker, Dockerfile)."""

_START_SECONDS = 600
"""A controller loads its plugins and reads its jobs from EFS before it answers; ended before, it never starts."""

_IDLE_TIMEOUT_SECONDS = 300
"""Jenkins' pages follow a build's log over one connection that may be silent for minutes."""

_STOP_TIMEOUT_SECONDS = 120
"""What Fargate allows at most: running pipelines write where they are."""

_BOOT = (Path(__file__).parent / "jenkins" / "controller-boot.sh").read_text(encoding="utf-8")


@dataclass(frozen=True, kw_only=True)
class AgentPoolArgs:
    """A pool of build agents that the controller asks for instances."""

    group_name: pulumi.Input[str]
    """Of its Auto Scaling group. Should resolve only once the group exists: a controller whose configuration names one
    that does not may not start."""
    group_arn: pulumi.Input[str]
    maximum_agents: int
    """As of the group, whose own the controller's plugin overwrites."""


@dataclass(frozen=True, kw_only=True)
class WebhookArgs:
    """The one path that is public."""

    certificate_arn: pulumi.Input[str]
    source_cidr_blocks: Mapping[str, str]
    """The ranges that GitHub's webhooks come from (``hooks`` of https://api.github.com/meta), by a short name; at most
    four."""


@dataclass(frozen=True, kw_only=True)
class JenkinsControllerArgs:
    """Arguments of a Jenkins controller."""

    region: str
    account_id: str
    cluster_arn: pulumi.Input[str]
    cluster_name: pulumi.Input[str]
    service_name: str
    """Also the beginning of the balancers' names: at most 24 characters."""
    vpc_id: pulumi.Input[str]
    public_subnet_ids: Sequence[pulumi.Input[str]]
    """Of the webhook's balancer; two or more."""
    private_subnet_ids: Sequence[pulumi.Input[str]]
    """Of the task, the home and the balancer for people; two or more, in a fixed order."""
    image: pulumi.Input[str]
    """With its digest. It holds Jenkins' own image with pinned plugins and its configuration as code; the latter makes
    a controller without executors and reads what differs from its environment."""
    repository_arns: Sequence[pulumi.Input[str]]
    cpu_units: int
    memory_mib: int
    architecture: Literal["X86_64", "ARM64"]
    hostname: str
    """By which people reach it."""
    certificate_arn: pulumi.Input[str]
    webhook: WebhookArgs
    tls_policy: str
    access_log_bucket: pulumi.Input[str]
    agents: Mapping[str, AgentPoolArgs]
    """By the label that builds name, such as ``build``."""
    environment: Mapping[str, pulumi.Input[str]]
    """Beside what the component sets."""
    secrets: Sequence[SecretVariableArgs]
    home_directory: str
    """The home's path on the file system. A restored one is switched to by its own path."""
    home_may_be_empty_until: date | None
    """The last day, in UTC, on which a controller that finds an empty home begins in it. None: never."""
    restore_test_schedule: str
    """When AWS Backup restores the newest backup of the home into a file system of its own and deletes that again, e.g.
    ``cron(0 12 ? * SUN *)``; UTC."""
    log_group_name: str
    log_retention_days: int
    execution_role_name: str
    task_role_name: str
    deletion_protection: bool
    """Whether AWS and Pulumi refuse to delete the balancers. The home is protected in any case."""


class JenkinsController(Component):
    """A Jenkins controller whose home outlives it, that runs no build and is public in one path.

    One task, and never two: Jenkins does not share a home between controllers, so that the old one ends before the new
    one starts, and a deploy takes the minutes of a start. The home is a directory on EFS, backed up daily by EFS's own
    plan; each week AWS Backup restores the newest backup and deletes what it restored. A controller that finds an empty
    home where there was one refuses to start.

    People reach it through an internal balancer, from where ``allow_from`` lets them. GitHub reaches one path of it
    through a public one, from its own ranges; that a request is really GitHub's the controller knows by its signature
    (HMAC), whose secret its configuration takes from the environment.

    It asks Auto Scaling groups for agents, logs in to them over SSH and may end instances of these groups, and nothing
    else in the account. Its environment names each pool: the label ``build`` gives ``AGENTS_BUILD_GROUP`` and
    ``AGENTS_BUILD_MAXIMUM``. ``JENKINS_URL`` and ``AWS_REGION`` are there, too.

    Example::

        from datetime import date

        from zelly_components.jenkins_controller import (
            AgentPoolArgs,
            JenkinsController,
            JenkinsControllerArgs,
            WebhookArgs,
        )

        jenkins = JenkinsController(
            "shop-jenkins",
            JenkinsControllerArgs(
                region="eu-west-1",
                account_id="123456789012",
                cluster_arn="arn:aws:ecs:eu-west-1:123456789012:cluster/shop-jenkins",
                cluster_name="shop-jenkins",
                service_name="shop-jenkins",
                vpc_id="vpc-1",
                public_subnet_ids=["subnet-1", "subnet-2"],
                private_subnet_ids=["subnet-3", "subnet-4"],
                image="123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/jenkins@sha256:0123",
                repository_arns=["arn:aws:ecr:eu-west-1:123456789012:repository/shop/jenkins"],
                cpu_units=1024,
                memory_mib=4096,
                architecture="X86_64",
                hostname="jenkins.shop.example",
                certificate_arn="arn:aws:acm:eu-west-1:123456789012:certificate/1",
                webhook=WebhookArgs(
                    certificate_arn="arn:aws:acm:eu-west-1:123456789012:certificate/2",
                    source_cidr_blocks={"github-1": "192.30.252.0/22"},
                ),
                tls_policy="ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
                access_log_bucket="shop-access-logs",
                agents={
                    "build": AgentPoolArgs(
                        group_name="shop-builders",
                        group_arn=(
                            "arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:0:"
                            "autoScalingGroupName/shop-builders"
                        ),
                        maximum_agents=4,
                    )
                },
                environment={},
                secrets=[],
                home_directory="/home",
                home_may_be_empty_until=date(2026, 12, 31),
                restore_test_schedule="cron(0 12 ? * SUN *)",
                log_group_name="/shop/jenkins",
                log_retention_days=90,
                execution_role_name="shop-jenkins-execution",
                task_role_name="shop-jenkins-task",
                deletion_protection=True,
            ),
        )
        jenkins.allow_from("vpn", "sg-bastion")
    """

    service_name: pulumi.Output[str]
    dns_name: pulumi.Output[str]
    """Of the balancer for people; it has private addresses."""
    webhook_dns_name: pulumi.Output[str]
    load_balancer_arn_suffix: pulumi.Output[str]
    """CloudWatch's ``LoadBalancer`` dimension of the balancer for people."""
    target_group_arn_suffix: pulumi.Output[str]
    security_group_id: pulumi.Output[str]
    """The controller's: what agents let in."""
    task_role_arn: pulumi.Output[str]
    execution_role_arn: pulumi.Output[str]
    file_system_id: pulumi.Output[str]
    file_system_name: str
    backup_vault_name: str

    def __init__(self, name: str, args: JenkinsControllerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(args)
        super().__init__(name, opts)
        self._name = name
        home = self._home(args)
        self._entrance = self._make_entrance(args)
        webhook = self._webhook(args)
        service = self._service(args, home, webhook)
        home.allow_from("controller", service.security_group_id)
        for peer, balancer in (("people", self._entrance), ("webhook", webhook)):
            service.allow_from(peer, balancer.security_group_id, port=HTTP_PORT)
        self._test_restores(args, home)

        self.service_name = service.service_name
        self.dns_name = self._entrance.dns_name
        self.webhook_dns_name = webhook.dns_name
        self.load_balancer_arn_suffix = self._entrance.load_balancer_arn_suffix
        self.target_group_arn_suffix = self._entrance.target_group_arn_suffixes[_SERVICE]
        self.security_group_id = service.security_group_id
        self.task_role_arn = service.task_role_arn
        self.execution_role_arn = service.execution_role_arn
        self.file_system_id = home.file_system_id
        self.file_system_name = f"{name}-home"
        self.backup_vault_name = AUTOMATIC_VAULT
        self.register_annotated_outputs()

    def allow_from(self, peer: str, security_group_id: pulumi.Input[str]) -> None:
        """Let the members of another security group reach the controller over HTTPS; ``peer`` names them."""
        self._entrance.allow_from(peer, security_group_id)

    def _home(self, args: JenkinsControllerArgs) -> SharedDirectory:
        return SharedDirectory(
            f"{self._name}-home",
            SharedDirectoryArgs(
                vpc_id=args.vpc_id,
                subnet_ids=args.private_subnet_ids,
                directory=args.home_directory,
                uid=_USER_ID,
                gid=_USER_ID,
                # Whatever the stack's own: jobs of other environments and their history are in it, too.
                protect=True,
            ),
            opts=self.child(),
        )

    def _make_entrance(self, args: JenkinsControllerArgs) -> ApplicationLoadBalancer:
        return ApplicationLoadBalancer(
            f"{self._name}-people",
            ApplicationLoadBalancerArgs(
                load_balancer_name=args.service_name,
                vpc_id=args.vpc_id,
                subnet_ids=args.private_subnet_ids,
                services=[
                    BalancedServiceArgs(
                        name=_SERVICE,
                        hostname=args.hostname,
                        certificate_arn=args.certificate_arn,
                        target_port=HTTP_PORT,
                        health_check_path=_HEALTH_PATH,
                    )
                ],
                access_log_bucket=args.access_log_bucket,
                access_log_prefix=args.service_name,
                tls_policy=args.tls_policy,
                deletion_protection=args.deletion_protection,
                idle_timeout_seconds=_IDLE_TIMEOUT_SECONDS,
                internal=True,
            ),
            opts=self.child(),
        )

    def _webhook(self, args: JenkinsControllerArgs) -> ApplicationLoadBalancer:
        name = f"{args.service_name}-webhook"
        return ApplicationLoadBalancer(
            f"{self._name}-webhook",
            ApplicationLoadBalancerArgs(
                load_balancer_name=name,
                vpc_id=args.vpc_id,
                subnet_ids=args.public_subnet_ids,
                services=[
                    BalancedServiceArgs(
                        # Without its host name: a rule takes five values, and the path and GitHub's ranges are five.
                        name=_SERVICE,
                        certificate_arn=args.webhook.certificate_arn,
                        target_port=HTTP_PORT,
                        health_check_path=_HEALTH_PATH,
                        paths=[WEBHOOK_PATH],
                        source_cidr_blocks=list(args.webhook.source_cidr_blocks.values()),
                    )
                ],
                access_log_bucket=args.access_log_bucket,
                access_log_prefix=name,
                tls_policy=args.tls_policy,
                deletion_protection=args.deletion_protection,
                # Twice, in the rule and in the security group: neither is opened by a mistake in the other.
                allowed_cidr_blocks=args.webhook.source_cidr_blocks,
            ),
            opts=self.child(),
        )

    def _service(
        self, args: JenkinsControllerArgs, home: SharedDirectory, webhook: ApplicationLoadBalancer
    ) -> EcsService:
        volume = EfsVolumeArgs(
            name="home",
            file_system_id=home.file_system_id,
            file_system_arn=home.file_system_arn,
            access_point_id=home.access_point_id,
            access_point_arn=home.access_point_arn,
        )
        return EcsService(
            self._name,
            EcsServiceArgs(
                region=args.region,
                account_id=args.account_id,
                cluster_arn=args.cluster_arn,
                cluster_name=args.cluster_name,
                service_name=args.service_name,
                vpc_id=args.vpc_id,
                subnet_ids=args.private_subnet_ids,
                cpu_units=args.cpu_units,
                memory_mib=args.memory_mib,
                architecture=args.architecture,
                containers=[_container(args)],
                volumes=[volume],
                # Not spot: it would end with two minutes' notice, and every running pipeline with it.
                capacity_providers=[CapacityProviderArgs(name="FARGATE", weight=1)],
                minimum_tasks=1,
                scaling=None,
                targets=[
                    TargetArgs(
                        target_group_arn=balancer.target_group_arns[_SERVICE],
                        container_name=_SERVICE,
                        container_port=HTTP_PORT,
                    )
                    for balancer in (self._entrance, webhook)
                ],
                health_check_grace_period_seconds=_START_SECONDS,
                # A shell in the controller reads every credential that it holds.
                enable_execute_command=False,
                log_group_name=args.log_group_name,
                log_retention_days=args.log_retention_days,
                repository_arns=args.repository_arns,
                image_parameter_name=None,
                execution_role_name=args.execution_role_name,
                task_role_name=args.task_role_name,
                task_role_statements=_statements(args),
                runs_alone=True,
            ),
            opts=self.child(),
        )

    def _test_restores(self, args: JenkinsControllerArgs, home: SharedDirectory) -> None:
        make_restore_tests(
            self,
            f"{self._name}-home",
            test_name=f"{args.service_name}-home",
            schedule=args.restore_test_schedule,
            vault_arn=f"arn:aws:backup:{args.region}:{args.account_id}:backup-vault:{AUTOMATIC_VAULT}",
            role=backup_role(self, f"{self._name}-home-restore", policies=("Restores",)),
            tests={"EFS": {}},
            resource_arns=[home.file_system_arn],
        )


_SERVICE = "jenkins"
"""The short name of the one service behind each balancer, and of the container."""


def group_variable(label: str) -> str:
    """Return the variable that names the Auto Scaling group of a label, e.g. ``AGENTS_BUILD_GROUP``."""
    return f"AGENTS_{_shouted(label)}_GROUP"


def maximum_variable(label: str) -> str:
    """Return the variable that says how many agents a label has at most, e.g. ``AGENTS_BUILD_MAXIMUM``."""
    return f"AGENTS_{_shouted(label)}_MAXIMUM"


def _shouted(label: str) -> str:
    return label.upper().replace("-", "_")


def _container(args: JenkinsControllerArgs) -> ContainerArgs:
    pools: dict[str, pulumi.Input[str]] = {}
    for label, pool in args.agents.items():
        pools[group_variable(label)] = pool.group_name
        pools[maximum_variable(label)] = str(pool.maximum_agents)
    until = args.home_may_be_empty_until
    return ContainerArgs(
        name=_SERVICE,
        image=args.image,
        # Its image is the program's own: another one is a change of the stack, reviewed as such.
        deployable=False,
        ports=[HTTP_PORT],
        environment={
            "AWS_REGION": args.region,
            "HOME_MAY_BE_EMPTY_UNTIL": "" if until is None else until.isoformat(),
            "JENKINS_HOME": HOME,
            "JENKINS_URL": f"https://{args.hostname}/",
            **pools,
            **args.environment,
        },
        secrets=args.secrets,
        mounts=[MountArgs(volume="home", container_path=HOME)],
        user=f"{_USER_ID}:{_USER_ID}",
        # Before the image's own entry point, which writes into the home as soon as it starts.
        entry_point=["/usr/bin/tini", "--", "/bin/bash", "-c", _BOOT],
        stop_timeout_seconds=_STOP_TIMEOUT_SECONDS,
    )


def _statements(args: JenkinsControllerArgs) -> list[Statement]:
    """Return what the EC2 Fleet plugin does with Auto Scaling groups (its README, "Add an IAM User or Role").

    It asks for the instances of a group, sets how many there are, ends one, and marks those that it took on.
    """
    pools = [args.agents[label] for label in sorted(args.agents)]
    names = [pool.group_name for pool in pools]
    return [
        Statement(
            sid="LookForAgents",
            # None of them takes a resource.
            actions=[
                "autoscaling:DescribeAutoScalingGroups",
                "ec2:DescribeInstanceStatus",
                "ec2:DescribeInstanceTypes",
                "ec2:DescribeInstances",
                "ec2:DescribeRegions",
            ],
            resources=["*"],
        ),
        Statement(
            sid="AskForAgents",
            actions=["autoscaling:TerminateInstanceInAutoScalingGroup", "autoscaling:UpdateAutoScalingGroup"],
            resources=[pool.group_arn for pool in pools],
        ),
        Statement(
            sid="MarkAgents",
            actions=["ec2:CreateTags"],
            resources=[f"arn:aws:ec2:{args.region}:{args.account_id}:instance/*"],
            conditions={"StringEquals": {"aws:ResourceTag/aws:autoscaling:groupName": names}},
        ),
    ]


def _check(args: JenkinsControllerArgs) -> None:
    if re.fullmatch(r"[a-z][a-z0-9-]{0,23}", args.service_name) is None:
        raise ValueError(
            f"service_name: came {args.service_name}; allowed 1 to 24 lower-case letters, digits and hyphens"
        )
    if not args.agents:
        raise ValueError("agents: came none; allowed one pool or more: the controller itself runs no build")
    for label in args.agents:
        if re.fullmatch(r"[a-z][a-z0-9-]*", label) is None:
            raise ValueError(f"agents: came {label!r}; allowed lower-case letters, digits and hyphens")
    ranges = args.webhook.source_cidr_blocks
    if not 1 <= len(ranges) <= _RANGES_LIMIT:
        raise ValueError(f"webhook.source_cidr_blocks: came {len(ranges)}; allowed 1 to {_RANGES_LIMIT}")
    if any(cidr_block.endswith("/0") for cidr_block in ranges.values()):
        raise ValueError("webhook.source_cidr_blocks: came the whole internet; allowed ranges of the sender")


_RANGES_LIMIT = 4
"""A rule of a balancer takes five values, and one of them is the path."""
