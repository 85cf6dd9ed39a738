"""Typed arguments of a Jenkins controller, which :mod:`zelly_components.jenkins_controller` exports as well."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import pulumi

from zelly_components.base import counted
from zelly_components.ecs.task_definition import SecretVariableArgs

_RANGES_LIMIT = 4
"""A rule of a balancer takes five values, and one of them is the path."""


@dataclass(frozen=True, kw_only=True)
class AgentPoolArgs:
    """A pool of build agents that the controller asks for instances."""

    group_name: pulumi.Input[str]
    """The name of the pool's Auto Scaling group. Should resolve only once the group exists: a controller whose
    configuration names one that does not may not start."""
    group_arn: pulumi.Input[str]
    """The ARN of the same group, whose size the controller may change."""
    maximum_agents: int
    """The most agents that the controller asks for, as the group was told: its plugin overwrites the group's own."""


@dataclass(frozen=True, kw_only=True)
class WebhookArgs:
    """The one path that is public."""

    certificate_arn: pulumi.Input[str]
    """An issued certificate of the webhook's name, of the same region."""
    source_cidr_blocks: Mapping[str, str]
    """The ranges that GitHub's webhooks come from (``hooks`` of https://api.github.com/meta), by a short name; at most
    four."""


@dataclass(frozen=True, kw_only=True)
class JenkinsControllerArgs:
    """Arguments of a Jenkins controller."""

    region: str
    """The region that it runs in, e.g. ``eu-west-1``."""
    account_id: str
    """The account that it runs in, twelve digits."""
    cluster_arn: pulumi.Input[str]
    """The ARN of the ECS cluster that it runs in. Another cluster replaces the service."""
    cluster_name: pulumi.Input[str]
    """The name of the same cluster, by which alarms find the service."""
    service_name: str
    """The service's name in ECS, and the beginning of the balancers' names: 1 to 24 lower-case letters, digits and
    hyphens."""
    vpc_id: pulumi.Input[str]
    """The VPC of the subnets, of the balancers and of the security groups. Another VPC replaces them."""
    public_subnet_ids: Sequence[pulumi.Input[str]]
    """The public subnets of the webhook's balancer: two or more, in different zones."""
    private_subnet_ids: Sequence[pulumi.Input[str]]
    """The private subnets of the task, the home and the balancer for people: two or more in different zones, in a fixed
    order."""
    image: pulumi.Input[str]
    """The image with its digest. It holds Jenkins' own image with pinned plugins and its configuration as code; the
    latter makes a controller without executors and reads what differs from its environment."""
    repository_arns: Sequence[pulumi.Input[str]]
    """The ECR repository that the image comes from. Empty: a public image."""
    cpu_units: int
    """The CPU of the task; 1024 units are one vCPU: 256, 512, 1024, 2048, 4096, 8192 or 16384."""
    memory_mib: int
    """The memory of the task in MiB: one of the sizes that Fargate has with these CPU units."""
    architecture: Literal["X86_64", "ARM64"]
    """The processors that the image is built for. ARM64 is Graviton, which costs a fifth less."""
    hostname: str
    """The full name by which people reach it, e.g. ``jenkins.shop.example``."""
    certificate_arn: pulumi.Input[str]
    """An issued certificate of ``hostname``, of the same region."""
    webhook: WebhookArgs
    """The public balancer that takes GitHub's webhooks, and nothing else."""
    tls_policy: str
    """The clients' TLS versions and ciphers on both balancers, e.g. ``ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09``."""
    access_log_bucket: pulumi.Input[str]
    """A bucket that already lets both balancers write their access logs."""
    agents: Mapping[str, AgentPoolArgs]
    """The pools of agents, by the label that builds name, such as ``build``; one or more."""
    environment: Mapping[str, pulumi.Input[str]]
    """Variables of the controller beside what the component sets, without secrets. Empty: none."""
    secrets: Sequence[SecretVariableArgs]
    """Variables of the controller whose values are read from Secrets Manager when it starts. Empty: none."""
    home_directory: str
    """The home's path on the file system. A restored one is switched to by its own path."""
    home_may_be_empty_until: str | None
    """The last day, in UTC, on which a controller that finds an empty home begins in it, as ``2026-12-31``. None:
    never."""
    restore_test_schedule: str
    """When AWS Backup restores the newest backup of the home into a file system of its own and deletes that again, e.g.
    ``cron(0 12 ? * SUN *)``; UTC."""
    log_group_name: str
    """The name of the controller's log group in CloudWatch, which is made here, e.g. ``/shop/jenkins``. Another name
    replaces the group."""
    log_retention_days: int
    """Days for which CloudWatch keeps the log events: one of the periods that it knows, such as 7, 30, 90 or 365."""
    execution_role_name: str
    """The name of the role, which is made here, with which ECS pulls the image, reads secrets and writes logs."""
    task_role_name: str
    """The name of the role, which is made here, that the controller has in AWS."""
    deletion_protection: bool
    """Whether AWS and Pulumi refuse to delete the balancers. The home is protected in any case."""


def check_controller(args: JenkinsControllerArgs) -> None:
    """Check everything that is known before the controller's resources are."""
    if re.fullmatch(r"[a-z][a-z0-9-]{0,23}", args.service_name) is None:
        raise ValueError(
            f"service_name: came {args.service_name}; allowed 1 to 24 lower-case letters, digits and hyphens"
        )
    if args.home_may_be_empty_until is not None:
        _check_date("home_may_be_empty_until", args.home_may_be_empty_until)
    counted("public_subnet_ids", args.public_subnet_ids)
    counted("private_subnet_ids", args.private_subnet_ids)
    counted("environment", args.environment)
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


def _check_date(field: str, text: str) -> None:
    try:
        is_date = date.fromisoformat(text).isoformat() == text
    except ValueError:
        is_date = False
    if not is_date:
        raise ValueError(f"{field}: came {text!r}; allowed a date such as 2026-12-31")
