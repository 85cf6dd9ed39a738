"""What is watched, by kind, as data: from it follow the alarms and the widgets that each kind has."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from zelly_components.alarms.alarm import Alarm
from zelly_components.alarms.aurora import AuroraTarget, aurora_alarms
from zelly_components.alarms.backups import BackupTarget, backup_alarms, backup_widgets
from zelly_components.alarms.balancers import (
    ApplicationLoadBalancerTarget,
    NetworkLoadBalancerTarget,
    application_load_balancer_alarms,
    application_load_balancer_widgets,
    network_load_balancer_alarms,
)
from zelly_components.alarms.dashboard import Widget
from zelly_components.alarms.hosts import HostTarget, host_alarms
from zelly_components.alarms.jenkins import AgentsTarget, HomeTarget, agent_alarms, home_alarms
from zelly_components.alarms.latency import latency_alarms
from zelly_components.alarms.postgresql import (
    PostgresTarget,
    PostgresThresholds,
    postgresql_alarms,
    postgresql_widgets,
)
from zelly_components.alarms.redis import RedisTarget, redis_alarms, redis_widgets
from zelly_components.alarms.redis_host import RedisHostTarget, redis_host_alarms, redis_host_widgets
from zelly_components.alarms.search import SearchHostTarget, search_host_alarms
from zelly_components.alarms.services import EcsServiceTarget, service_alarms, service_widgets
from zelly_components.alarms.throughput import ThroughputTarget, throughput_alarms, throughput_widgets

_Level = TypeVar("_Level")


@dataclass(frozen=True, kw_only=True)
class Targets:
    """What is watched, by kind."""

    application_load_balancers: Sequence[ApplicationLoadBalancerTarget] = ()
    """The share of errors and unhealthy targets, and latency where the thresholds have one. Takes ``http_5xx_percent``
    and ``minimum_requests``. Left out, none is watched."""
    network_load_balancers: Sequence[NetworkLoadBalancerTarget] = ()
    """Unhealthy targets of each port. Left out, none is watched."""
    services: Sequence[EcsServiceTarget] = ()
    """Running tasks, CPU and memory of ECS services. Takes ``cpu_percent`` and ``memory_percent``. Left out, none is
    watched."""
    throughputs: Sequence[ThroughputTarget] = ()
    """Work that services count themselves. Takes ``minimum_per_minute``. Left out, none is watched."""
    aurora_clusters: Sequence[AuroraTarget] = ()
    """Capacity close to its maximum. Takes ``aurora_capacity_percent``. Left out, none is watched."""
    postgresql_instances: Sequence[PostgresTarget] = ()
    """Storage, connections, CPU, memory and transaction ids. Takes ``postgresql``. Left out, none is watched."""
    redis_nodes: Sequence[RedisTarget] = ()
    """Memory and evicted keys of ElastiCache. Takes ``redis_memory_percent``. Left out, none is watched."""
    redis_hosts: Sequence[RedisHostTarget] = ()
    """Memory, failed saves and refused connections of Redis on a host; the host itself is one of ``hosts``. Takes
    ``redis_memory_percent``. Left out, none is watched."""
    search_hosts: Sequence[SearchHostTarget] = ()
    """Failed tasks and missing dumps of Meilisearch; the host itself is one of ``hosts``. Takes
    ``search_backup_hours``. Left out, none is watched."""
    hosts: Sequence[HostTarget] = ()
    """Status checks, failed units, memory and disks of EC2 instances. Takes ``host_memory_percent`` and
    ``disk_percent``. Left out, none is watched."""
    backups: Sequence[BackupTarget] = ()
    """Dumps of databases that are missing or were not restored, and failed jobs of AWS Backup. Left out, none is
    watched."""
    agent_pools: Sequence[AgentsTarget] = ()
    """Build agents that live too long or did not come up. Left out, none is watched."""
    homes: Sequence[HomeTarget] = ()
    """Backups of Jenkins' home that are missing or failed. Left out, none is watched."""


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """The levels at which alarms ring. One is required as soon as something of a kind that takes it is watched."""

    http_5xx_percent: float | None = None
    """The share of a minute's requests that are answered with a 5xx, in percent. Required for application load
    balancers; left out, none is watched."""
    minimum_requests: int | None = None
    """The requests of a minute below which neither a share of errors nor a latency is computed. Required for
    application load balancers; left out, none is watched."""
    latency_seconds: float | None = None
    """The latency that five percent of the requests to an application load balancer reach or exceed. Left out, no
    alarm is on latency."""
    cpu_percent: int | None = None
    """Percent of the CPU that a service has reserved; above its scaling target, so that the alarm rings where scaling
    no longer helps. Required for services; left out, none is watched."""
    memory_percent: int | None = None
    """Percent of the memory that a service has reserved. Required for services; left out, none is watched."""
    minimum_per_minute: int | None = None
    """The pieces of work a minute below which a service does too little; with 0 nothing rings. Required for
    throughputs; left out, none is watched."""
    aurora_capacity_percent: int | None = None
    """Percent of the cluster's maximum capacity. Required for Aurora clusters; left out, none is watched."""
    postgresql: PostgresThresholds | None = None
    """The levels of PostgreSQL instances. Required for them; left out, none is watched."""
    redis_memory_percent: int | None = None
    """Percent of ``maxmemory``. Required for Redis nodes and hosts; left out, none is watched."""
    search_backup_hours: int | None = None
    """The hours without a successful dump. Required for search hosts; left out, none is watched."""
    host_memory_percent: int | None = None
    """Percent of a host's memory, without what the kernel caches. Required for hosts; left out, none is watched."""
    disk_percent: int | None = None
    """Percent of each of a host's file systems. Required for hosts; left out, none is watched."""


def target_alarms(targets: Targets, thresholds: Thresholds) -> list[Alarm]:
    """Return the alarms of everything that is watched.

    Raises:
        ValueError: for a threshold that is missing.
    """
    return [
        *_of_entrances(targets, thresholds),
        *_of_services(targets, thresholds),
        *_of_stores(targets, thresholds),
        *_of_hosts(targets, thresholds),
        *(alarm for pool in targets.agent_pools for alarm in agent_alarms(pool)),
        *(alarm for home in targets.homes for alarm in home_alarms(home.label, vault_name=home.vault_name)),
    ]


def target_widgets(targets: Targets) -> list[Widget]:
    """Return the graphs of everything that is watched and has some."""
    return [
        *(
            each
            for balancer in targets.application_load_balancers
            for each in application_load_balancer_widgets(balancer)
        ),
        *(each for service in targets.services for each in service_widgets(service)),
        *(each for throughput in targets.throughputs for each in throughput_widgets(throughput)),
        *(each for instance in targets.postgresql_instances for each in postgresql_widgets(instance)),
        *(each for node in targets.redis_nodes for each in redis_widgets(node)),
        *(each for host in targets.redis_hosts for each in redis_host_widgets(host)),
        *(each for backup in targets.backups for each in backup_widgets(backup)),
    ]


def _of_entrances(targets: Targets, thresholds: Thresholds) -> Iterator[Alarm]:
    for balancer in targets.application_load_balancers:
        requests = _required("minimum_requests", thresholds.minimum_requests)
        percent = _required("http_5xx_percent", thresholds.http_5xx_percent)
        yield from application_load_balancer_alarms(balancer, http_5xx_percent=percent, minimum_requests=requests)
        if thresholds.latency_seconds is not None:
            yield from latency_alarms(balancer, seconds=thresholds.latency_seconds, minimum_requests=requests)
    for balancer in targets.network_load_balancers:
        yield from network_load_balancer_alarms(balancer)


def _of_services(targets: Targets, thresholds: Thresholds) -> Iterator[Alarm]:
    for service in targets.services:
        yield from service_alarms(
            service,
            cpu_percent=_required("cpu_percent", thresholds.cpu_percent),
            memory_percent=_required("memory_percent", thresholds.memory_percent),
        )
    for throughput in targets.throughputs:
        minimum = _required("minimum_per_minute", thresholds.minimum_per_minute)
        yield from throughput_alarms(throughput, minimum_per_minute=minimum)


def _of_stores(targets: Targets, thresholds: Thresholds) -> Iterator[Alarm]:
    for cluster in targets.aurora_clusters:
        capacity = _required("aurora_capacity_percent", thresholds.aurora_capacity_percent)
        yield from aurora_alarms(cluster, capacity_percent=capacity)
    for instance in targets.postgresql_instances:
        yield from postgresql_alarms(instance, _required("postgresql", thresholds.postgresql))
    for node in targets.redis_nodes:
        memory = _required("redis_memory_percent", thresholds.redis_memory_percent)
        yield from redis_alarms(node, memory_percent=memory)
    for host in targets.redis_hosts:
        memory = _required("redis_memory_percent", thresholds.redis_memory_percent)
        yield from redis_host_alarms(host, memory_percent=memory)
    for host in targets.search_hosts:
        hours = _required("search_backup_hours", thresholds.search_backup_hours)
        yield from search_host_alarms(host, backup_hours=hours)
    for backup in targets.backups:
        yield from backup_alarms(backup)


def _of_hosts(targets: Targets, thresholds: Thresholds) -> Iterator[Alarm]:
    for host in targets.hosts:
        yield from host_alarms(
            host,
            memory_percent=_required("host_memory_percent", thresholds.host_memory_percent),
            disk_percent=_required("disk_percent", thresholds.disk_percent),
        )


def _required(field: str, level: _Level | None) -> _Level:
    if level is None:
        raise ValueError(f"thresholds.{field}: came none; required for what is watched")
    return level
