"""What an environment consists of, by the names under which AWS has it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.operations.deploys.service import Deployable
from workbench.operations.upkeep.releases import pinned_releases
from zelly_infra.catalog import SERVICES, SHARED_LOAD_BALANCER, HttpsIngress
from zelly_infra.names import BASTION_LOG_GROUP, CLICKHOUSE_LOG_GROUP, NAT_LOG_GROUP, Names, log_group_name

if TYPE_CHECKING:
    from zelly_infra.config import EnvironmentConfig
    from zelly_infra.config_sections import RunningHours


@dataclass(frozen=True, kw_only=True)
class Landscape:
    """The parts of one environment. What Pulumi named is given by how its name begins."""

    stack: str
    region: str
    services: tuple[Deployable, ...]
    hostnames: Mapping[str, str]
    """The host names, each with the load balancer that it leads to."""
    dns_zone: str
    """The logical name of the component that the host names' records belong to."""
    certificate_names: Mapping[str, str]
    """The logical names of ACM's certificates, by host name; Caddy issues the storefront's."""
    aurora_cluster: str
    aurora_version: str
    """As the stack file pins it, e.g. ``8.0.mysql_aurora.3.08.2``."""
    redis_engine: str
    """``redis`` or ``valkey``."""
    redis_version: str
    """As the stack file pins it, without the patch: ``7.1``."""
    redis_prefix: str
    hosts: Mapping[str, str]
    """The hosts' ``Name`` tags, by what operators call them."""
    host_images: Mapping[str, str]
    """The AMI that the config names for each host."""
    releases: Mapping[str, str]
    """What is pinned: of each product, the release whose support ends as a whole (:mod:`~.releases`)."""
    alarm_prefix: str
    is_proxied: bool
    """Whether the certified host names lead to Cloudflare's addresses instead of the balancers'."""
    aurora_cidrs: tuple[str, ...] | None
    """Who may reach Aurora over the internet; None: nobody, it is private."""
    alarm_emails: tuple[str, ...]
    running_hours: "RunningHours | None"
    """None: it always runs."""
    log_groups: frozenset[str]
    """The log groups below ``/zelly/`` that the program makes."""

    @property
    def balancers(self) -> tuple[str, ...]:
        """The load balancers, each once: several host names lead to a shared one."""
        return tuple(dict.fromkeys(self.hostnames.values()))

    @property
    def certified_hostnames(self) -> tuple[str, ...]:
        """The host names that have certificates of ACM's."""
        return tuple(self.certificate_names)


def landscape(config: "EnvironmentConfig", services: Sequence[Deployable]) -> Landscape:
    """Return what the program makes of a config."""
    names = Names(config.environment)
    has_nat_instance = config.network.nat_instance is not None
    entrances = {
        hostname: service.ingress
        for service in SERVICES
        if service.ingress is not None and (hostname := config.services[service.name].hostname) is not None
    }
    return Landscape(
        stack=config.environment,
        region=config.region,
        services=tuple(services),
        hostnames={
            hostname: SHARED_LOAD_BALANCER
            if config.load_balancing.shared and isinstance(ingress, HttpsIngress)
            else ingress.load_balancer
            for hostname, ingress in entrances.items()
        },
        dns_zone=names.name("dns"),
        certificate_names={
            # Sharing a balancer changes no certificate.
            hostname: names.name(f"{ingress.load_balancer}-certificate")
            for hostname, ingress in entrances.items()
            if isinstance(ingress, HttpsIngress)
        },
        aurora_cluster=names.name("aurora"),
        aurora_version=config.aurora.engine_version,
        redis_engine=config.redis.engine,
        redis_version=config.redis.engine_version,
        redis_prefix=f"{names.name('redis')}-",
        hosts={
            **{host: names.name(host) for host in ("clickhouse", "bastion")},
            **({"nat": names.name("network-nat")} if has_nat_instance else {}),
        },
        host_images=_host_images(config),
        releases=pinned_releases(config),
        alarm_prefix=f"{names.name('monitoring')}-",
        is_proxied=config.dns.proxied,
        aurora_cidrs=tuple(map(str, config.aurora.allowed_cidrs.values()))
        if config.aurora.publicly_accessible
        else None,
        alarm_emails=tuple(config.alarms.emails),
        running_hours=config.running_hours,
        log_groups=_log_groups(has_nat_instance=has_nat_instance),
    )


def _host_images(config: "EnvironmentConfig") -> Mapping[str, str]:
    nat = config.network.nat_instance
    images = {"clickhouse": config.clickhouse.ami_id, "bastion": config.bastion.ami_id}
    return images if nat is None else {**images, "nat": nat.ami_id}


def _log_groups(*, has_nat_instance: bool) -> frozenset[str]:
    hosts = (BASTION_LOG_GROUP, CLICKHOUSE_LOG_GROUP, *([NAT_LOG_GROUP] if has_nat_instance else []))
    return frozenset({*(log_group_name(service.name) for service in SERVICES), *hosts})
