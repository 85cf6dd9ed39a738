"""What every Application Load Balancer here is made of, whether it serves one name or several."""

from collections.abc import Sequence
from typing import Protocol

import pulumi
import pulumi_aws as aws

from zelly_components.limits.allowed_values import TLS_POLICIES
from zelly_components.naming import load_balancer_name, name_prefix
from zelly_components.security_group import ANYWHERE, SecurityGroup, SecurityGroupArgs

_TARGET_GROUP_PREFIX_LIMIT = 6


class BalancerArgs(Protocol):
    """The arguments that the parts read."""

    @property
    def load_balancer_name(self) -> str:
        """Its name in AWS."""
        ...

    @property
    def vpc_id(self) -> pulumi.Input[str]:
        """Where it stands."""
        ...

    @property
    def subnet_ids(self) -> Sequence[pulumi.Input[str]]:
        """Public subnets in at least two zones."""
        ...

    @property
    def access_log_bucket(self) -> pulumi.Input[str]:
        """Where it writes its access logs."""
        ...

    @property
    def access_log_prefix(self) -> str:
        """Its folder in that bucket."""
        ...

    @property
    def deletion_protection(self) -> bool:
        """Whether AWS refuses to delete it."""
        ...

    @property
    def tls_policy(self) -> str:
        """Which TLS versions and ciphers clients may use."""
        ...

    @property
    def idle_timeout_seconds(self) -> int:
        """How long a connection may be silent."""
        ...

    @property
    def deregistration_delay_seconds(self) -> int:
        """How long a leaving target may finish its requests."""
        ...


def security_group(name: str, args: BalancerArgs, opts: pulumi.ResourceOptions) -> SecurityGroup:
    """Make a balancer's security group: 80 and 443 in from anywhere, nothing out."""
    group = SecurityGroup(
        f"{name}-sg", SecurityGroupArgs(vpc_id=args.vpc_id, description="Application Load Balancer"), opts=opts
    )
    for port in (80, 443):
        group.allow_from_cidr("internet", ANYWHERE, port=port)
    return group


def load_balancer(
    name: str, args: BalancerArgs, security_group_id: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> aws.lb.LoadBalancer:
    """Make the balancer itself; ``opts`` say whether Pulumi protects it."""
    return aws.lb.LoadBalancer(
        name,
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
        opts=opts,
    )


def target_group(
    balancer: str, part: str, args: BalancerArgs, *, port: int, health_check_path: str, opts: pulumi.ResourceOptions
) -> aws.lb.TargetGroup:
    """Make a group of IP targets that speak plain HTTP on ``port``; only status 200 on the path is healthy.

    Its logical name is that of the balancer, and then ``part``.
    """
    name = f"{balancer}-{part}"
    return aws.lb.TargetGroup(
        name,
        # A fixed name would be deleted before its successor exists, which a listener in use forbids.
        name_prefix=name_prefix(balancer, limit=_TARGET_GROUP_PREFIX_LIMIT),
        target_type="ip",
        protocol="HTTP",
        port=port,
        vpc_id=args.vpc_id,
        deregistration_delay=args.deregistration_delay_seconds,
        health_check=aws.lb.TargetGroupHealthCheckArgs(
            enabled=True,
            protocol="HTTP",
            port="traffic-port",
            path=health_check_path,
            matcher="200",
            interval=15,
            timeout=5,
            healthy_threshold=2,
            unhealthy_threshold=3,
        ),
        tags={"Name": name},
        opts=opts,
    )


def http_redirect(name: str, load_balancer_arn: pulumi.Input[str], opts: pulumi.ResourceOptions) -> None:
    """Redirect HTTP to HTTPS for good."""
    aws.lb.Listener(
        f"{name}-http",
        load_balancer_arn=load_balancer_arn,
        port=80,
        protocol="HTTP",
        default_actions=[
            aws.lb.ListenerDefaultActionArgs(
                type="redirect",
                redirect=aws.lb.ListenerDefaultActionRedirectArgs(protocol="HTTPS", port="443", status_code="HTTP_301"),
            )
        ],
        opts=opts,
    )


def check_balancer(args: BalancerArgs) -> None:
    """Refuse what AWS would refuse.

    Raises:
        ValueError: naming the argument, in one line.
    """
    if len(args.subnet_ids) < 2:
        raise ValueError(f"subnet_ids: came {len(args.subnet_ids)}; allowed two or more, in different zones")
    TLS_POLICIES.check("tls_policy", args.tls_policy)
    prefix = args.access_log_prefix
    if not prefix or prefix != prefix.strip("/") or "AWSLogs" in prefix:
        raise ValueError(f"access_log_prefix: came {prefix!r}; allowed a folder without outer slashes or 'AWSLogs'")
    if not 1 <= args.idle_timeout_seconds <= 4000:
        raise ValueError(f"idle_timeout_seconds: came {args.idle_timeout_seconds}; allowed 1 to 4000")
    if not 0 <= args.deregistration_delay_seconds <= 3600:
        raise ValueError(f"deregistration_delay_seconds: came {args.deregistration_delay_seconds}; allowed 0 to 3600")


def check_target(port: int, health_check_path: str) -> None:
    """Refuse a target that nothing can listen as.

    Raises:
        ValueError: naming the argument, in one line.
    """
    if not 1 <= port <= 65535:
        raise ValueError(f"target_port: came {port}; allowed 1 to 65535")
    if not health_check_path.startswith("/"):
        raise ValueError(f"health_check_path: came {health_check_path!r}; allowed a path that begins with /")
