"""Typed arguments of a Jenkins controller, which :mod:`zelly_components.jenkins_controller` exports as well."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import pulumi

from zelly_components.ecs.task_definition import SecretVariableArgs

_RANGES_LIMIT = 4
"""A rule of a balancer takes five values, and one of them is the path."""


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
    home_may_be_empty_until: str | None
    """The last day, in UTC, on which a controller that finds an empty home begins in it, as ``2026-12-31``. None:
    never."""
    restore_test_schedule: str
    """When AWS Backup restores the newest backup of the home into a file system of its own and deletes that again, e.g.
    ``cron(0 12 ? * SUN *)``; UTC."""
    log_group_name: str
    log_retention_days: int
    execution_role_name: str
    task_role_name: str
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
