"""An internet-facing Application Load Balancer for one service: HTTPS, and HTTP redirected to it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from zelly_components.balancers.parts import (
    check_balancer,
    check_target,
    http_redirect,
    load_balancer,
    security_group,
    target_group,
)
from zelly_components.base import Component, resolved_after


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
    """Which TLS versions and ciphers clients may use, e.g. ``ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09``."""
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

        from zelly_components.application_load_balancer import ApplicationLoadBalancer, ApplicationLoadBalancerArgs

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
                tls_policy="ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
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
        check_balancer(args)
        check_target(args.target_port, args.health_check_path)

        group = security_group(name, args, self.child())
        protected = self.child_with(pulumi.ResourceOptions(protect=args.deletion_protection))
        self._load_balancer = load_balancer(name, args, group.security_group_id, protected)
        targets = target_group(
            name,
            "targets",
            args,
            port=args.target_port,
            health_check_path=args.health_check_path,
            opts=self.child(),
        )
        https_listener = self._https_listener(args, targets)
        http_redirect(name, self._load_balancer.arn, self.child())

        self.load_balancer_arn = self._load_balancer.arn
        self.load_balancer_arn_suffix = self._load_balancer.arn_suffix
        self.dns_name = self._load_balancer.dns_name
        self.zone_id = self._load_balancer.zone_id
        self.security_group_id = group.security_group_id
        self.target_group_arn = resolved_after(targets.arn, https_listener)
        self.target_group_arn_suffix = targets.arn_suffix
        self.register_annotated_outputs()

    def _https_listener(self, args: ApplicationLoadBalancerArgs, targets: aws.lb.TargetGroup) -> aws.lb.Listener:
        return aws.lb.Listener(
            f"{self._name}-https",
            load_balancer_arn=self._load_balancer.arn,
            port=443,
            protocol="HTTPS",
            ssl_policy=args.tls_policy,
            certificate_arn=args.certificate_arn,
            default_actions=[
                aws.lb.ListenerDefaultActionArgs(type="forward", target_group_arn=targets.arn),
            ],
            opts=self.child(),
        )
