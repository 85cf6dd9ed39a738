"""What alarms and dashboards look at: each target with its label and the names CloudWatch files its metrics under."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class EcsServiceTarget:
    """An ECS service to watch."""

    label: str
    """Its short name in alarm names and on the dashboard."""
    cluster_name: pulumi.Input[str]
    service_name: pulumi.Input[str]
    container_insights: bool = True
    """Whether its cluster has Container Insights, which counts tasks. Without it only a service that runs no task at
    all can be told."""


@dataclass(frozen=True, kw_only=True)
class ApplicationLoadBalancerTarget:
    """An application load balancer to watch, with its target group."""

    label: str
    load_balancer_arn_suffix: pulumi.Input[str]
    target_group_arn_suffix: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class SharedLoadBalancerTarget:
    """An application load balancer with several services behind it to watch."""

    label: str
    load_balancer_arn_suffix: pulumi.Input[str]
    target_group_arn_suffixes: Mapping[str, pulumi.Input[str]]
    """By the short name of the service behind each."""


@dataclass(frozen=True, kw_only=True)
class NetworkLoadBalancerTarget:
    """A network load balancer to watch, with the target group behind each of its ports."""

    label: str
    load_balancer_arn_suffix: pulumi.Input[str]
    target_group_arn_suffixes: Mapping[int, pulumi.Input[str]]


@dataclass(frozen=True, kw_only=True)
class AuroraTarget:
    """An Aurora Serverless v2 cluster to watch."""

    label: str
    cluster_identifier: pulumi.Input[str]
    maximum_capacity_acu: float
    """The most it may scale to, in Aurora capacity units of 2 GiB of memory each."""


@dataclass(frozen=True, kw_only=True)
class RedisTarget:
    """A Redis node to watch."""

    label: str
    cache_cluster_id: pulumi.Input[str]
    """The node's own id, not its replication group's: the one CloudWatch files the metrics under."""


@dataclass(frozen=True, kw_only=True)
class HostTarget:
    """An EC2 instance to watch, made by ``Host``."""

    label: str
    instance_id: pulumi.Input[str]
    failed_units_metric: str
    """The metric that counts its failed systemd units."""
    mount_points: Mapping[str, str]
    """By a short name, the file systems whose use its agent publishes."""
    when_down: str | None = None
    """What does not work while it is down and what to do about it, in whole sentences; left out, nothing is added to
    what the alarm says of every host."""


@dataclass(frozen=True, kw_only=True)
class AlarmThresholds:
    """The figures that differ between environments. Each alarm rings at its figure, not only above it."""

    http_5xx_percent: float
    """The share of a balancer's requests, in a minute, that are answered with an error of the server's."""
    minimum_requests: int
    """Requests in a minute below which no share is computed: one error at night is not 100 percent."""
    cpu_percent: int
    """Of what an ECS service has reserved. Above its scaling target, so that it rings where scaling no longer helps."""
    memory_percent: int
    """Of what an ECS service has reserved."""
    aurora_capacity_percent: int
    """Of the cluster's maximum capacity."""
    redis_memory_percent: int
    """Of the node's ``maxmemory``."""
    host_memory_percent: int
    """Of an EC2 instance's memory, without what the kernel caches."""
    disk_percent: int
    """Of each of an EC2 instance's file systems."""
