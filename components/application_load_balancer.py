"""An internet-facing Application Load Balancer for one service: HTTPS, and HTTP redirected to it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.base import Component, resolved_after
from components.naming import load_balancer_name, name_prefix
from components.security_group import ANYWHERE, SecurityGroup, SecurityGroupArgs

_TARGET_GROUP_PREFIX_LIMIT = 6


@dataclass(frozen=True, kw_only=True)
class ApplicationLoadBalancerArgs:
    """What an Application Load Balancer needs."""

    load_balancer_name: str
    """Its name in AWS, at most 32 letters, digits and hyphens."""
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    """Public subnets in at least two zones."""
    certificate_arn: pulumi.Input[str]
    """An issued certificate of the same region; AWS refuses one that still waits for its validation."""
    target_port: int
    """The port that the targets listen on with plain HTTP."""
    health_check_path: str
    """Asked with GET on the target port; only status 200 is healthy."""
    access_log_bucket: pulumi.Input[str]
    """A bucket that already lets this balancer write."""
    access_log_prefix: str
    """The balancer's folder in the bucket, without slashes at either end."""
    tls_policy: str
    """Which TLS versions and ciphers clients may use, e.g. ``ELBSecurityPolicy-TLS13-1-2-2021-06``."""
    deletion_protection: bool
    """Whether AWS and Pulumi refuse to delete the balancer."""
    idle_timeout_seconds: int = 60
    """A connection without a byte for so long is closed. Targets must keep theirs longer, or clients see a 502."""
    deregistration_delay_seconds: int = 30
    """How long a leaving target may finish its requests. It also lengthens every deployment."""


class ApplicationLoadBalancer(Component):
    """An Application Load Balancer with one IP target group.

    A new target takes traffic after two good health checks (about 30 s) and loses it after three bad ones (about
    45 s). Its security group lets 80 and 443 in from anywhere and nothing out: the way to the targets is opened by
    the service's own ``allow_from``.

    Example::

        from components.application_load_balancer import ApplicationLoadBalancer, ApplicationLoadBalancerArgs

        entrance = ApplicationLoadBalancer(
            "shop-alb-api",
            ApplicationLoadBalancerArgs(
                load_balancer_name="shop-alb-api",
                vpc_id="vpc-1",
                subnet_ids=["subnet-1", "subnet-2"],
                certificate_arn="arn:aws:acm:eu-west-1:123456789012:certificate/1",
                target_port=3000,
                health_check_path="/health",
                access_log_bucket="shop-access-logs",
                access_log_prefix="alb-api",
                tls_policy="ELBSecurityPolicy-TLS13-1-2-2021-06",
                deletion_protection=True,
            ),
        )
    """

    load_balancer_arn: pulumi.Output[str]
    load_balancer_arn_suffix: pulumi.Output[str]
    """CloudWatch's ``LoadBalancer`` dimension."""
    dns_name: pulumi.Output[str]
    zone_id: pulumi.Output[str]
    """The Route 53 zone of ``dns_name``, for alias records."""
    security_group_id: pulumi.Output[str]
    target_group_arn: pulumi.Output[str]
    """Resolves once the HTTPS listener exists: ECS refuses a target group that no listener forwards to."""
    target_group_arn_suffix: pulumi.Output[str]
    """CloudWatch's ``TargetGroup`` dimension."""

    def __init__(
        self, name: str, args: ApplicationLoadBalancerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, opts)
        self._name = name
        _check(args)

        security_group = self._security_group(args.vpc_id)
        self._load_balancer = self._make_load_balancer(args, security_group.security_group_id)
        target_group = self._target_group(args)
        https_listener = self._https_listener(args, target_group)
        self._http_redirect()

        self.load_balancer_arn = self._load_balancer.arn
        self.load_balancer_arn_suffix = self._load_balancer.arn_suffix
        self.dns_name = self._load_balancer.dns_name
        self.zone_id = self._load_balancer.zone_id
        self.security_group_id = security_group.security_group_id
        self.target_group_arn = resolved_after(target_group.arn, https_listener)
        self.target_group_arn_suffix = target_group.arn_suffix
        self.register_outputs(
            {
                "load_balancer_arn": self.load_balancer_arn,
                "load_balancer_arn_suffix": self.load_balancer_arn_suffix,
                "dns_name": self.dns_name,
                "zone_id": self.zone_id,
                "security_group_id": self.security_group_id,
                "target_group_arn": self.target_group_arn,
                "target_group_arn_suffix": self.target_group_arn_suffix,
            }
        )

    def _security_group(self, vpc_id: pulumi.Input[str]) -> SecurityGroup:
        group = SecurityGroup(
            f"{self._name}-sg",
            SecurityGroupArgs(vpc_id=vpc_id, description="Application Load Balancer"),
            opts=self.child(),
        )
        for port in (80, 443):
            group.allow_from_cidr("internet", ANYWHERE, port=port)
        return group

    def _make_load_balancer(
        self, args: ApplicationLoadBalancerArgs, security_group_id: pulumi.Input[str]
    ) -> aws.lb.LoadBalancer:
        return aws.lb.LoadBalancer(
            self._name,
            name=load_balancer_name(args.load_balancer_name),
            load_balancer_type="application",
            internal=False,
            subnets=list(args.subnet_ids),
            security_groups=[security_group_id],
            idle_timeout=args.idle_timeout_seconds,
            # Header names with other characters than letters, digits and hyphens are how requests are smuggled.
            drop_invalid_header_fields=True,
            # AWS's default, stated so that it never drifts: ambiguous requests pass, but close their connection.
            desync_mitigation_mode="defensive",
            enable_deletion_protection=args.deletion_protection,
            access_logs=aws.lb.LoadBalancerAccessLogsArgs(
                enabled=True, bucket=args.access_log_bucket, prefix=args.access_log_prefix
            ),
            tags={"Name": args.load_balancer_name},
            opts=self.child_with(pulumi.ResourceOptions(protect=args.deletion_protection)),
        )

    def _target_group(self, args: ApplicationLoadBalancerArgs) -> aws.lb.TargetGroup:
        return aws.lb.TargetGroup(
            f"{self._name}-targets",
            # A fixed name would be deleted before its successor exists, which a listener in use forbids.
            name_prefix=name_prefix(self._name, limit=_TARGET_GROUP_PREFIX_LIMIT),
            target_type="ip",
            protocol="HTTP",
            port=args.target_port,
            vpc_id=args.vpc_id,
            deregistration_delay=args.deregistration_delay_seconds,
            health_check=aws.lb.TargetGroupHealthCheckArgs(
                enabled=True,
                protocol="HTTP",
                port="traffic-port",
                path=args.health_check_path,
                matcher="200",
                interval=15,
                timeout=5,
                healthy_threshold=2,
                unhealthy_threshold=3,
            ),
            tags={"Name": f"{self._name}-targets"},
            opts=self.child(),
        )

    def _https_listener(self, args: ApplicationLoadBalancerArgs, target_group: aws.lb.TargetGroup) -> aws.lb.Listener:
        return aws.lb.Listener(
            f"{self._name}-https",
            load_balancer_arn=self._load_balancer.arn,
            port=443,
            protocol="HTTPS",
            ssl_policy=args.tls_policy,
            certificate_arn=args.certificate_arn,
            default_actions=[
                aws.lb.ListenerDefaultActionArgs(type="forward", target_group_arn=target_group.arn),
            ],
            opts=self.child(),
        )

    def _http_redirect(self) -> None:
        aws.lb.Listener(
            f"{self._name}-http",
            load_balancer_arn=self._load_balancer.arn,
            port=80,
            protocol="HTTP",
            default_actions=[
                aws.lb.ListenerDefaultActionArgs(
                    type="redirect",
                    redirect=aws.lb.ListenerDefaultActionRedirectArgs(
                        protocol="HTTPS", port="443", status_code="HTTP_301"
                    ),
                )
            ],
            opts=self.child(),
        )


def _check(args: ApplicationLoadBalancerArgs) -> None:
    if len(args.subnet_ids) < 2:
        raise ValueError(f"subnet_ids: came {len(args.subnet_ids)}; allowed two or more, in different zones")
    if not 1 <= args.target_port <= 65535:
        raise ValueError(f"target_port: came {args.target_port}; allowed 1 to 65535")
    if not args.health_check_path.startswith("/"):
        raise ValueError(f"health_check_path: came {args.health_check_path!r}; allowed a path that begins with /")
    prefix = args.access_log_prefix
    if not prefix or prefix != prefix.strip("/") or "AWSLogs" in prefix:
        raise ValueError(f"access_log_prefix: came {prefix!r}; allowed a folder without outer slashes or 'AWSLogs'")
    if not 1 <= args.idle_timeout_seconds <= 4000:
        raise ValueError(f"idle_timeout_seconds: came {args.idle_timeout_seconds}; allowed 1 to 4000")
    if not 0 <= args.deregistration_delay_seconds <= 3600:
        raise ValueError(f"deregistration_delay_seconds: came {args.deregistration_delay_seconds}; allowed 0 to 3600")
