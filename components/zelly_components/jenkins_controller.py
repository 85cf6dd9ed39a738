"""A Jenkins controller: one task on Fargate, its home on EFS, and two ways to it."""

import pulumi

from zelly_components.application_load_balancer import (
    ApplicationLoadBalancer,
    ApplicationLoadBalancerArgs,
    BalancedServiceArgs,
)
from zelly_components.base import Component
from zelly_components.ecs_service import EcsService, EfsVolumeArgs, TargetArgs
from zelly_components.jenkins.arguments import AgentPoolArgs, JenkinsControllerArgs, WebhookArgs, check_controller
from zelly_components.jenkins.task import HTTP_PORT, SERVICE, USER_ID, service_args
from zelly_components.shared_directory import SharedDirectory, SharedDirectoryArgs
from zelly_components.storage.restores import backup_role, make_restore_tests

__all__ = ["AgentPoolArgs", "JenkinsController", "JenkinsControllerArgs", "WebhookArgs"]

WEBHOOK_PATH = "/github-webhook/"
"""Of Jenkins' GitHub plugin; the slash at the end belongs to it."""

AUTOMATIC_VAULT = "aws/efs/automatic-backup-vault"
"""The vault of EFS's own daily plan ("Backing up EFS file systems", EFS User Guide)."""

_HEALTH_PATH = "/login"

_IDLE_TIMEOUT_SECONDS = 300
"""Jenkins' pages follow a build's log over one connection that may be silent for minutes."""


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
                home_may_be_empty_until="2026-12-31",
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
    """The service's name in ECS, by which alarms find it."""
    dns_name: pulumi.Output[str]
    """The name of the balancer for people, at which a record points; it has private addresses."""
    webhook_dns_name: pulumi.Output[str]
    """The name of the webhook's balancer, at which a record points."""
    load_balancer_arn_suffix: pulumi.Output[str]
    """The balancer for people in CloudWatch's dimension ``LoadBalancer``, for alarms."""
    target_group_arn_suffix: pulumi.Output[str]
    """The target group of the same balancer in CloudWatch's dimension ``TargetGroup``, for alarms."""
    security_group_id: pulumi.Output[str]
    """The controller's: what agents let in."""
    entrance_security_group_id: pulumi.Output[str]
    """The security group of the balancer for people, which ``allow_from`` opens."""
    ports: list[int]
    """The ports that ``allow_from`` opens."""
    task_role_arn: pulumi.Output[str]
    """The role that the controller has in AWS."""
    execution_role_arn: pulumi.Output[str]
    """The role with which ECS starts the controller."""
    file_system_id: pulumi.Output[str]
    """The file system of the home."""
    file_system_name: str
    """The tag ``Name`` of the same file system."""
    backup_vault_name: str
    """The vault of AWS Backup that EFS backs the home up into, for alarms."""

    def __init__(self, name: str, args: JenkinsControllerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_controller(args)
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
        self.target_group_arn_suffix = self._entrance.target_group_arn_suffixes[SERVICE]
        self.security_group_id = service.security_group_id
        self.entrance_security_group_id = self._entrance.security_group_id
        self.ports = self._entrance.ports
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
                uid=USER_ID,
                gid=USER_ID,
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
                        name=SERVICE,
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
                        name=SERVICE,
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
        targets = [
            TargetArgs(
                target_group_arn=balancer.target_group_arns[SERVICE],
                container_name=SERVICE,
                container_port=HTTP_PORT,
            )
            for balancer in (self._entrance, webhook)
        ]
        return EcsService(self._name, service_args(args, volume, targets), opts=self.child())

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
