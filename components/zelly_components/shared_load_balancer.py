"""One internet-facing Application Load Balancer for several services, told apart by the name that a client asks for."""

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
from zelly_components.dns_record import check_hostname

_CERTIFICATES_LIMIT = 26
"""The default one and 25 more ("Quotas for your Application Load Balancers"); the quota can be raised."""


@dataclass(frozen=True, kw_only=True)
class HostedServiceArgs:
    """One of the services behind the balancer."""

    name: str
    """Its short name; part of the logical names of its target group and rule."""
    hostname: str
    """Requests for this name, and for no other, reach it."""
    certificate_arn: pulumi.Input[str]
    """An issued certificate of the same region for the name; AWS refuses one that still waits for its validation."""
    target_port: int
    """The port that its targets listen on with plain HTTP."""
    health_check_path: str
    """Asked with GET on the target port; only status 200 is healthy."""


@dataclass(frozen=True, kw_only=True)
class SharedLoadBalancerArgs:
    """What a shared Application Load Balancer needs."""

    load_balancer_name: str
    """Its name in AWS, at most 32 letters, digits and hyphens."""
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    """Public subnets in at least two zones."""
    services: Sequence[HostedServiceArgs]
    """One or more. A client that names no host in its TLS handshake (SNI) is shown the first one's certificate."""
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


class SharedLoadBalancer(Component):
    """An Application Load Balancer with a certificate, a rule and an IP target group per service.

    A request for a name that no service has is answered with 404 and reaches nobody. Each service keeps a certificate
    of its own, so that one that joins or leaves does not touch the others' names.

    What the services share: its capacity, its security group, and its failure. Apart from that it is as
    ``ApplicationLoadBalancer``: 80 and 443 in from anywhere, nothing out but what ``allow_from`` of a service opens.

    Example::

        from zelly_components.shared_load_balancer import HostedServiceArgs, SharedLoadBalancer, SharedLoadBalancerArgs

        entrance = SharedLoadBalancer(
            "shop-alb",
            SharedLoadBalancerArgs(
                load_balancer_name="shop-alb",
                vpc_id="vpc-1",
                subnet_ids=["subnet-1", "subnet-2"],
                services=[
                    HostedServiceArgs(
                        name="api",
                        hostname="api.shop.example",
                        certificate_arn="arn:aws:acm:eu-west-1:123456789012:certificate/1",
                        target_port=3000,
                        health_check_path="/health",
                    ),
                    HostedServiceArgs(
                        name="admin",
                        hostname="admin.shop.example",
                        certificate_arn="arn:aws:acm:eu-west-1:123456789012:certificate/2",
                        target_port=4000,
                        health_check_path="/health",
                    ),
                ],
                access_log_bucket="shop-access-logs",
                access_log_prefix="alb",
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
    target_group_arns: dict[str, pulumi.Output[str]]
    """By service. Each resolves once its rule exists: ECS refuses a target group that nothing forwards to."""
    target_group_arn_suffixes: dict[str, pulumi.Output[str]]
    """By service: CloudWatch's ``TargetGroup`` dimensions."""

    def __init__(self, name: str, args: SharedLoadBalancerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._name = name
        _check(args)

        group = security_group(name, args, self.child())
        protected = self.child_with(pulumi.ResourceOptions(protect=args.deletion_protection))
        self._load_balancer = load_balancer(name, args, group.security_group_id, protected)
        self._listener = self._https_listener(args)
        http_redirect(name, self._load_balancer.arn, self.child())
        target_groups = {service.name: self._target_group(args, service) for service in args.services}
        rules = {service.name: self._rule(service, target_groups[service.name]) for service in args.services}

        self.load_balancer_arn = self._load_balancer.arn
        self.load_balancer_arn_suffix = self._load_balancer.arn_suffix
        self.dns_name = self._load_balancer.dns_name
        self.zone_id = self._load_balancer.zone_id
        self.security_group_id = group.security_group_id
        self.target_group_arns = {
            service: resolved_after(targets.arn, rules[service]) for service, targets in target_groups.items()
        }
        self.target_group_arn_suffixes = {service: targets.arn_suffix for service, targets in target_groups.items()}
        self.register_annotated_outputs()

    def _https_listener(self, args: SharedLoadBalancerArgs) -> aws.lb.Listener:
        first, *others = args.services
        listener = aws.lb.Listener(
            f"{self._name}-https",
            load_balancer_arn=self._load_balancer.arn,
            port=443,
            protocol="HTTPS",
            ssl_policy=args.tls_policy,
            certificate_arn=first.certificate_arn,
            default_actions=[
                aws.lb.ListenerDefaultActionArgs(
                    type="fixed-response",
                    fixed_response=aws.lb.ListenerDefaultActionFixedResponseArgs(
                        content_type="text/plain", message_body="Not found", status_code="404"
                    ),
                )
            ],
            opts=self.child(),
        )
        for service in others:
            aws.lb.ListenerCertificate(
                f"{self._name}-{service.name}-certificate",
                listener_arn=listener.arn,
                certificate_arn=service.certificate_arn,
                opts=self.child(),
            )
        return listener

    def _target_group(self, args: SharedLoadBalancerArgs, service: HostedServiceArgs) -> aws.lb.TargetGroup:
        return target_group(
            self._name,
            f"{service.name}-targets",
            args,
            port=service.target_port,
            health_check_path=service.health_check_path,
            opts=self.child(),
        )

    def _rule(self, service: HostedServiceArgs, targets: aws.lb.TargetGroup) -> aws.lb.ListenerRule:
        return aws.lb.ListenerRule(
            f"{self._name}-{service.name}-rule",
            listener_arn=self._listener.arn,
            # Without a priority of its own: names exclude each other, so that the order says nothing, and a rule whose
            # fixed priority another one still holds could not be made.
            conditions=[
                aws.lb.ListenerRuleConditionArgs(
                    host_header=aws.lb.ListenerRuleConditionHostHeaderArgs(values=[service.hostname])
                )
            ],
            actions=[aws.lb.ListenerRuleActionArgs(type="forward", target_group_arn=targets.arn)],
            opts=self.child(),
        )


def _check(args: SharedLoadBalancerArgs) -> None:
    check_balancer(args)
    if not 1 <= len(args.services) <= _CERTIFICATES_LIMIT:
        raise ValueError(f"services: came {len(args.services)}; allowed 1 to {_CERTIFICATES_LIMIT}")
    for field, values in (
        ("name", [service.name for service in args.services]),
        ("hostname", [service.hostname for service in args.services]),
    ):
        if len(set(values)) != len(values):
            raise ValueError(f"services.{field}: came {', '.join(values)}; allowed each once")
    for service in args.services:
        check_hostname("hostname", service.hostname)
        check_target(service.target_port, service.health_check_path)
