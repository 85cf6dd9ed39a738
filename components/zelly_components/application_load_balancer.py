"""An Application Load Balancer: HTTPS for one service or several, and HTTP redirected to it."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from zelly_components.base import Component, resolved_after
from zelly_components.naming import load_balancer_name, name_prefix
from zelly_components.network.balancing import (
    ApplicationLoadBalancerArgs,
    BalancedServiceArgs,
    TestListenerArgs,
    check_balancer,
    rule_conditions,
)
from zelly_components.security_group import ANYWHERE, SecurityGroup, SecurityGroupArgs

__all__ = ["ApplicationLoadBalancer", "ApplicationLoadBalancerArgs", "BalancedServiceArgs", "TestListenerArgs"]

_TARGET_GROUP_PREFIX_LIMIT = 6

HTTPS_PORT = 443
"""The port that clients use."""
TEST_PORT = 8443
"""The port of the test listener."""


class ApplicationLoadBalancer(Component):
    """An Application Load Balancer with an IP target group for each of its services.

    Services are told apart by the name that a client asks for. A request for a name that none has goes to the service
    without a ``hostname``; where there is no such service it is answered with 404 and reaches nobody. Each service
    keeps a certificate of its own, so that one that joins or leaves does not touch the others' names. Services of one
    balancer share its capacity, its security group and its failure.

    A new target takes traffic after two good health checks (about 30 s) and loses it after three bad ones (about
    45 s). The balancer's security group lets 80 and 443 in from anywhere, unless it is said from where, and nothing
    out: the way to the targets is opened by each service's own ``allow_from``.

    A service with ``alternate_targets`` can be deployed blue/green, as a canary or in steps. Its rule forwards to both
    of its groups by weight, to the first one alone at the beginning; so does the rule of the test listener, to the
    second one. From then on the weights are ECS's.

    Example::

        from zelly_components.application_load_balancer import (
            ApplicationLoadBalancer,
            ApplicationLoadBalancerArgs,
            BalancedServiceArgs,
        )

        entrance = ApplicationLoadBalancer(
            "shop-alb",
            ApplicationLoadBalancerArgs(
                load_balancer_name="shop-alb",
                vpc_id="vpc-1",
                subnet_ids=["subnet-1", "subnet-2"],
                services=[
                    BalancedServiceArgs(
                        name="web",
                        certificate_arn="arn:aws:acm:eu-west-1:123456789012:certificate/1",
                        target_port=3000,
                        health_check_path="/health",
                    ),
                    BalancedServiceArgs(
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

    former_names = ("SharedLoadBalancer",)

    load_balancer_arn: pulumi.Output[str]
    """The balancer's ARN."""
    load_balancer_arn_suffix: pulumi.Output[str]
    """The balancer in CloudWatch's dimension ``LoadBalancer``, for alarms."""
    dns_name: pulumi.Output[str]
    """The balancer's own name, at which records point."""
    zone_id: pulumi.Output[str]
    """The Route 53 zone of ``dns_name``, for alias records."""
    security_group_id: pulumi.Output[str]
    """The balancer's security group: services let its members reach their ports."""
    ports: list[int]
    """The ports that ``allow_from`` opens."""
    target_group_arns: dict[str, pulumi.Output[str]]
    """The target groups, by service. Each resolves once something forwards to it: ECS refuses a target group that
    nothing forwards to."""
    target_group_arn_suffixes: dict[str, pulumi.Output[str]]
    """The target groups in CloudWatch's dimension ``TargetGroup``, by service, for alarms."""
    alternate_target_group_arns: dict[str, pulumi.Output[str]]
    """The second target groups, by service with alternate targets. Each resolves once something forwards to it."""
    alternate_target_group_arn_suffixes: dict[str, pulumi.Output[str]]
    """The second target groups in CloudWatch's dimension ``TargetGroup``, by service with alternate targets."""
    production_rule_arns: dict[str, pulumi.Output[str]]
    """The rules that clients' requests follow, by service with alternate targets."""
    test_rule_arns: dict[str, pulumi.Output[str]]
    """The rules of the test listener, by service with alternate targets; none without that listener."""

    def __init__(
        self, name: str, args: ApplicationLoadBalancerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, opts)
        self._name = name
        check_balancer(args)

        self._security_group = self._make_security_group(args)
        self._load_balancer = self._make_load_balancer(args, self._security_group)
        target_groups = {service.name: self._target_group(args, service) for service in args.services}
        alternates = {
            service.name: self._target_group(args, service, alternate=True)
            for service in args.services
            if service.alternate_targets
        }
        listener = self._https_listener(args, target_groups)
        self._further_certificates(args, listener)
        if _is_open(args):
            self._http_redirect()
        rules = {
            service.name: self._rule(
                service.name, service, listener, target_groups[service.name], alternates.get(service.name)
            )
            for service in args.services
            if not service.answers_the_rest
        }
        test_rules = self._test_listener(args, self._security_group, target_groups, alternates)

        self.load_balancer_arn = self._load_balancer.arn
        self.load_balancer_arn_suffix = self._load_balancer.arn_suffix
        self.dns_name = self._load_balancer.dns_name
        self.zone_id = self._load_balancer.zone_id
        self.security_group_id = self._security_group.security_group_id
        self.target_group_arns = {
            service: resolved_after(group.arn, rules.get(service, listener)) for service, group in target_groups.items()
        }
        self.target_group_arn_suffixes = {service: group.arn_suffix for service, group in target_groups.items()}
        self.alternate_target_group_arns = {
            service: resolved_after(group.arn, rules[service]) for service, group in alternates.items()
        }
        self.alternate_target_group_arn_suffixes = {service: group.arn_suffix for service, group in alternates.items()}
        self.production_rule_arns = {service: rules[service].arn for service in alternates}
        self.test_rule_arns = {service: rule.arn for service, rule in test_rules.items()}
        self.ports = [HTTPS_PORT]
        self.register_annotated_outputs()

    def allow_from(self, peer: str, security_group_id: pulumi.Input[str]) -> None:
        """Let the members of another security group reach 443; ``peer`` names them in the rules."""
        self._security_group.allow_from(peer, security_group_id, port=HTTPS_PORT)

    def _make_security_group(self, args: ApplicationLoadBalancerArgs) -> SecurityGroup:
        group = SecurityGroup(
            f"{self._name}-sg",
            SecurityGroupArgs(vpc_id=args.vpc_id, description="Application Load Balancer"),
            opts=self.child(),
        )
        for port in (80, 443) if _is_open(args) else ():
            group.allow_from_cidr("internet", ANYWHERE, port=port)
        for who, cidr_block in (args.allowed_cidr_blocks or {}).items():
            group.allow_from_cidr(who, cidr_block, port=443)
        return group

    def _make_load_balancer(
        self, args: ApplicationLoadBalancerArgs, security_group: SecurityGroup
    ) -> aws.lb.LoadBalancer:
        return aws.lb.LoadBalancer(
            self._name,
            name=load_balancer_name(args.load_balancer_name),
            load_balancer_type="application",
            internal=args.internal,
            subnets=list(args.subnet_ids),
            security_groups=[security_group.security_group_id],
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

    def _target_group(
        self, args: ApplicationLoadBalancerArgs, service: BalancedServiceArgs, *, alternate: bool = False
    ) -> aws.lb.TargetGroup:
        name = f"{self._name}-targets" if service.hostname is None else f"{self._name}-{service.name}-targets"
        if alternate:
            name = f"{self._name}-{service.name}-alternate-targets"
        return aws.lb.TargetGroup(
            name,
            # A fixed name would be deleted before its successor exists, which a listener in use forbids.
            name_prefix=name_prefix(self._name, limit=_TARGET_GROUP_PREFIX_LIMIT),
            target_type="ip",
            protocol="HTTP",
            port=service.target_port,
            vpc_id=args.vpc_id,
            deregistration_delay=args.deregistration_delay_seconds,
            health_check=aws.lb.TargetGroupHealthCheckArgs(
                enabled=True,
                protocol="HTTP",
                port="traffic-port",
                path=service.health_check_path,
                matcher="200",
                interval=15,
                timeout=5,
                healthy_threshold=2,
                unhealthy_threshold=3,
            ),
            tags={"Name": name},
            opts=self.child(),
        )

    def _https_listener(
        self, args: ApplicationLoadBalancerArgs, target_groups: dict[str, aws.lb.TargetGroup]
    ) -> aws.lb.Listener:
        return aws.lb.Listener(
            f"{self._name}-https",
            load_balancer_arn=self._load_balancer.arn,
            port=443,
            protocol="HTTPS",
            ssl_policy=args.tls_policy,
            certificate_arn=args.services[0].certificate_arn,
            default_actions=[_default_action(args.services, target_groups)],
            opts=self.child(),
        )

    def _further_certificates(
        self, args: ApplicationLoadBalancerArgs, listener: aws.lb.Listener, *, suffix: str = ""
    ) -> None:
        for service in args.services[1:]:
            aws.lb.ListenerCertificate(
                f"{self._name}-{service.name}-certificate{suffix}",
                listener_arn=listener.arn,
                certificate_arn=service.certificate_arn,
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

    def _test_listener(
        self,
        args: ApplicationLoadBalancerArgs,
        security_group: SecurityGroup,
        target_groups: dict[str, aws.lb.TargetGroup],
        alternates: dict[str, aws.lb.TargetGroup],
    ) -> dict[str, aws.lb.ListenerRule]:
        """Make the test listener, where one is wanted, and return its rules by service."""
        if args.test_listener is None:
            return {}
        for peer, cidr_block in args.test_listener.allowed_cidrs.items():
            security_group.allow_from_cidr(peer, cidr_block, port=TEST_PORT)
        listener = aws.lb.Listener(
            f"{self._name}-test",
            load_balancer_arn=self._load_balancer.arn,
            port=TEST_PORT,
            protocol="HTTPS",
            ssl_policy=args.tls_policy,
            certificate_arn=args.services[0].certificate_arn,
            default_actions=[_not_found()],
            opts=self.child(),
        )
        self._further_certificates(args, listener, suffix="-test")
        return {
            service.name: self._rule(
                f"{service.name}-test",
                service,
                listener,
                # The second group first: new tasks are what the listener is for.
                alternates[service.name],
                target_groups[service.name],
            )
            for service in args.services
            if service.name in alternates
        }

    def _rule(
        self,
        name: str,
        service: BalancedServiceArgs,
        listener: aws.lb.Listener,
        target_group: aws.lb.TargetGroup,
        other: aws.lb.TargetGroup | None,
    ) -> aws.lb.ListenerRule:
        return aws.lb.ListenerRule(
            f"{self._name}-{name}-rule",
            listener_arn=listener.arn,
            # Without a priority of its own: names exclude each other, so that the order says nothing, and a rule whose
            # fixed priority another one still holds could not be made.
            conditions=rule_conditions(service),
            actions=[
                aws.lb.ListenerRuleActionArgs(type="forward", target_group_arn=target_group.arn)
                if other is None
                else _weighted(target_group, other)
            ],
            opts=self.child()
            if other is None
            # The weights are ECS's: to restore the first ones would send the traffic to an empty group.
            else self.child_with(pulumi.ResourceOptions(ignore_changes=["actions"])),
        )


def _is_open(args: ApplicationLoadBalancerArgs) -> bool:
    """Return whether anybody on the internet may come: only they are told, on port 80, that it is HTTPS here."""
    return not args.internal and args.allowed_cidr_blocks is None


def _weighted(serving: aws.lb.TargetGroup, other: aws.lb.TargetGroup) -> aws.lb.ListenerRuleActionArgs:
    return aws.lb.ListenerRuleActionArgs(
        type="forward",
        forward=aws.lb.ListenerRuleActionForwardArgs(
            target_groups=[
                aws.lb.ListenerRuleActionForwardTargetGroupArgs(arn=serving.arn, weight=100),
                aws.lb.ListenerRuleActionForwardTargetGroupArgs(arn=other.arn, weight=0),
            ]
        ),
    )


def _default_action(
    services: Sequence[BalancedServiceArgs], target_groups: dict[str, aws.lb.TargetGroup]
) -> aws.lb.ListenerDefaultActionArgs:
    for service in services:
        if service.answers_the_rest:
            return aws.lb.ListenerDefaultActionArgs(type="forward", target_group_arn=target_groups[service.name].arn)
    return _not_found()


def _not_found() -> aws.lb.ListenerDefaultActionArgs:
    return aws.lb.ListenerDefaultActionArgs(
        type="fixed-response",
        fixed_response=aws.lb.ListenerDefaultActionFixedResponseArgs(
            content_type="text/plain", message_body="Not found", status_code="404"
        ),
    )
