"""Typed arguments of an Application Load Balancer, and what AWS holds them to, checked before anything is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from zelly_components.base import counted
from zelly_components.dns_record import check_hostname
from zelly_components.limits.allowed_values import TLS_POLICIES

_CERTIFICATES_LIMIT = 26
"""The default one and 25 more ("Quotas for your Application Load Balancers"); the quota can be raised."""

_CONDITION_VALUES_LIMIT = 5
"""Of one rule, over all its conditions ("Quotas for your Application Load Balancers": match values per rule)."""


@dataclass(frozen=True, kw_only=True)
class BalancedServiceArgs:
    """A service behind the balancer."""

    name: str
    """Its short name, the key of its outputs. With a ``hostname`` also part of logical names: its target group's, its
    rule's and its certificate's."""
    hostname: str | None = None
    """Requests for this name, and for no other, reach it. Without one, and without ``paths`` and
    ``source_cidr_blocks``, it answers every request that no other service takes; at most one service of a balancer can
    do so."""
    certificate_arn: pulumi.Input[str]
    """An issued certificate of the same region; AWS refuses one that still waits for its validation."""
    target_port: int
    """The port that the targets listen on with plain HTTP."""
    health_check_path: str
    """The path that is asked with GET on the target port; only status 200 is healthy."""
    alternate_targets: bool = False
    """Whether it has a second target group, into which ECS deploys beside the first one. ECS then changes the weights
    of its rules with each deployment, so that the program only sets them at first. It needs a ``hostname``: the weights
    are those of a rule, and a listener's default action is none."""
    paths: Sequence[str] = ()
    """The paths that reach it, also with ``*``; any other is answered with 404. Empty: all."""
    source_cidr_blocks: Sequence[str] = ()
    """The ranges whose requests reach it; empty: any that the balancer lets in."""

    @property
    def answers_the_rest(self) -> bool:
        """Whether every request that no other service takes is its own."""
        return self.hostname is None and not self.paths and not self.source_cidr_blocks


@dataclass(frozen=True, kw_only=True)
class TestListenerArgs:
    """A second HTTPS listener, on port 8443, that reaches new tasks before clients do."""

    allowed_cidrs: Mapping[str, pulumi.Input[str]]
    """The ranges from which it is reached, by a short name of each. Empty: nobody reaches it."""


@dataclass(frozen=True, kw_only=True)
class ApplicationLoadBalancerArgs:
    """Arguments of an Application Load Balancer."""

    load_balancer_name: str
    """Its name in AWS, at most 32 letters, digits and hyphens."""
    vpc_id: pulumi.Input[str]
    """The VPC of the balancer's security group and of its target groups, the one that the subnets are in. Another VPC
    replaces them."""
    subnet_ids: Sequence[pulumi.Input[str]]
    """Public subnets in two zones or more, or private ones for an internal balancer."""
    services: Sequence[BalancedServiceArgs]
    """The services behind it, one or more. A client that names no host in its TLS handshake (SNI) is shown the first
    one's certificate."""
    access_log_bucket: pulumi.Input[str]
    """A bucket that already lets this balancer write."""
    access_log_prefix: str
    """The balancer's folder in the bucket, without slashes at either end."""
    tls_policy: str
    """The clients' TLS versions and ciphers, e.g. ``ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09``."""
    deletion_protection: bool
    """Whether AWS and Pulumi refuse to delete the balancer."""
    idle_timeout_seconds: int = 60
    """The seconds without a byte after which a connection is closed. Targets must keep theirs longer, or clients see a
    502. Left out, 60."""
    test_listener: TestListenerArgs | None = None
    """The listener that reaches new tasks of services with ``alternate_targets`` before clients do. None: there is
    none."""
    deregistration_delay_seconds: int = 30
    """The time in which a leaving target may finish its requests. It also lengthens every deployment. Left out, 30."""
    internal: bool = False
    """Whether it has private addresses alone: then it is reached by whom ``allow_from`` names, on 443. Left out, it has
    public ones."""
    allowed_cidr_blocks: Mapping[str, str] | None = None
    """The ranges that may reach 443, by a short name. Left out, anybody reaches 80 and 443, unless it is internal."""


def rule_conditions(service: BalancedServiceArgs) -> list[aws.lb.ListenerRuleConditionArgs]:
    """Return the conditions of the rule that leads to a service."""
    conditions: list[aws.lb.ListenerRuleConditionArgs] = []
    if service.hostname is not None:
        names = aws.lb.ListenerRuleConditionHostHeaderArgs(values=[service.hostname])
        conditions.append(aws.lb.ListenerRuleConditionArgs(host_header=names))
    if service.paths:
        paths = aws.lb.ListenerRuleConditionPathPatternArgs(values=list(service.paths))
        conditions.append(aws.lb.ListenerRuleConditionArgs(path_pattern=paths))
    if service.source_cidr_blocks:
        ranges = aws.lb.ListenerRuleConditionSourceIpArgs(values=list(service.source_cidr_blocks))
        conditions.append(aws.lb.ListenerRuleConditionArgs(source_ip=ranges))
    return conditions


def check_balancer(args: ApplicationLoadBalancerArgs) -> None:
    """Check everything that is known before the balancer's resources are."""
    if len(counted("subnet_ids", args.subnet_ids)) < 2:
        raise ValueError(f"subnet_ids: came {len(args.subnet_ids)}; allowed two or more, in different zones")
    TLS_POLICIES.check("tls_policy", args.tls_policy)
    prefix = args.access_log_prefix
    if not prefix or prefix != prefix.strip("/") or "AWSLogs" in prefix:
        raise ValueError(f"access_log_prefix: came {prefix!r}; allowed a folder without outer slashes or 'AWSLogs'")
    if not 1 <= args.idle_timeout_seconds <= 4000:
        raise ValueError(f"idle_timeout_seconds: came {args.idle_timeout_seconds}; allowed 1 to 4000")
    if not 0 <= args.deregistration_delay_seconds <= 3600:
        raise ValueError(f"deregistration_delay_seconds: came {args.deregistration_delay_seconds}; allowed 0 to 3600")
    if not 1 <= len(args.services) <= _CERTIFICATES_LIMIT:
        raise ValueError(f"services: came {len(args.services)}; allowed 1 to {_CERTIFICATES_LIMIT}")
    _check_services(args.services)


def _check_services(services: Sequence[BalancedServiceArgs]) -> None:
    for field, values in (
        ("name", [service.name for service in services]),
        # Two without a hostname would both be the one that answers every other name.
        ("hostname", [service.hostname or "none" for service in services]),
    ):
        if len(set(values)) != len(values):
            raise ValueError(f"services.{field}: came {', '.join(values)}; allowed each once")
    for service in services:
        if service.hostname is not None:
            check_hostname("hostname", service.hostname)
        elif service.alternate_targets:
            raise ValueError("alternate_targets: came True without a hostname; allowed for a service that has one")
        _check_conditions(service)
        if not 1 <= service.target_port <= 65535:
            raise ValueError(f"target_port: came {service.target_port}; allowed 1 to 65535")
        if not service.health_check_path.startswith("/"):
            raise ValueError(
                f"health_check_path: came {service.health_check_path!r}; allowed a path that begins with /"
            )


def _check_conditions(service: BalancedServiceArgs) -> None:
    values = [*([] if service.hostname is None else [service.hostname]), *service.paths, *service.source_cidr_blocks]
    if len(values) > _CONDITION_VALUES_LIMIT:
        raise ValueError(
            f"hostname, paths, source_cidr_blocks: came {len(values)}; allowed {_CONDITION_VALUES_LIMIT} together"
        )
