"""Reads what doctor judges, all at once."""

import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from workbench.aws.cloudwatch import Alarm
from workbench.aws.ec2.instances import Instance
from workbench.aws.ecs.services import Ecs, Service
from workbench.aws.elastic_load_balancing import LoadBalancer
from workbench.aws.elasticache.replication_groups import ReplicationGroup
from workbench.aws.kms import Kms
from workbench.aws.logs.groups import LogGroups
from workbench.aws.maintenance import CacheNode
from workbench.aws.s3 import S3
from workbench.aws.secrets_manager.versions import SecretVersions
from workbench.aws.shared.errors import AwsError
from workbench.aws.sns import Sns, Subscription
from workbench.clickhouse.ledger import Ledger as LedgerTable
from workbench.clickhouse.ledger import Mark
from workbench.clickhouse.server import ClickHouseServer, LostError, UnreachableError
from workbench.errors import OperatorError
from workbench.operations.account.reading import AccountAws, AccountOutside, start_account
from workbench.operations.deploys.rollback import earlier_images
from workbench.operations.deploys.service import Deployable, Images, RolloutAws, Situation, read_situation
from workbench.operations.doctor.facts import (
    AlarmReading,
    AuroraReading,
    Facts,
    HostReading,
    Ledger,
    RedisReading,
    Refused,
    ServiceImages,
    Unclear,
    Where,
)
from workbench.operations.landscape import Landscape
from workbench.operations.readings import Readers, Reading, Unread, attempt, readers
from workbench.operations.secrets.check import SecretCheck, check_secrets
from workbench.operations.status.facts import StatusAws
from workbench.operations.upkeep.facts import start_upkeep
from workbench.program import AuroraCluster, RedisNode

SNAPSHOT_TAG = "SnapshotPolicy"
"""The tag that ClickHouse's daily snapshots have from their volume (:mod:`zelly_components.clickhouse_host`)."""

Resolver = Callable[[str], Sequence[str]]
"""Returns the addresses of a name; none when there is no such name. Raises OSError when that cannot be told."""


@dataclass(frozen=True, kw_only=True)
class DoctorAws(StatusAws):
    """The wrappers that are read with: those of status, and more."""

    secrets: SecretVersions
    state_bucket: S3
    state_keys: Kms
    sns: Sns
    log_groups: LogGroups
    account: AccountAws


@dataclass(frozen=True, kw_only=True)
class Outside:
    """What is asked beside AWS. None: it is not asked, as nothing of the embedded AWS is reached."""

    resolve: Resolver | None
    clickhouse: Callable[[], ClickHouseServer] | None
    account: AccountOutside


def system_resolver(name: str) -> Sequence[str]:
    """Return the IPv4 addresses that this machine's resolver has for a name."""
    try:
        found = socket.getaddrinfo(name, None, family=socket.AF_INET, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno in (socket.EAI_NONAME, socket.EAI_NODATA):
            return ()
        raise
    return sorted({str(entry[4][0]) for entry in found})


def read_facts(where: Where, aws: DoctorAws, outside: Outside) -> Facts:
    """Read everything, with some 80 to 95 calls: most of them four to six for each service, and two for each secret."""
    landscape = where.landscape
    aurora_cluster = landscape.stores_of(AuroraCluster)[0].identifier
    with readers() as pool:
        account = start_account(pool, aws.account, outside.account)
        group = pool.start(aws.elasticache.replication_group, landscape.stores_of(RedisNode)[0].prefix)
        instances = pool.start(aws.ec2.instances, list(landscape.hosts.values()))
        upkeep = start_upkeep(pool, landscape, aws.maintenance, group=group, hosts=instances)
        authorities = pool.start(
            aws.maintenance.certificate_authorities, landscape.stores_of(AuroraCluster)[0].identifier
        )
        services = pool.start(_services, aws.rollouts.ecs, [service.name for service in landscape.services])
        secrets = pool.start(_secrets, landscape.services, aws)
        ledger = pool.start(read_ledger, outside.clickhouse, where.backend.program)
        state_region = pool.start(aws.state_bucket.region)
        state_key = pool.start(aws.state_keys.key_of, where.backend.alias)
        balancers = pool.start(aws.balancers.balancers, landscape.balancers)
        aurora = pool.start(_aurora, aurora_cluster, aws)
        redis = pool.start(_redis, group, aws)
        snapshot = pool.start(aws.ec2.newest_snapshot, SNAPSHOT_TAG, landscape.hosts["clickhouse"])
        hosts = pool.start(_hosts, landscape.hosts, instances, aws)
        certificates = pool.start(aws.acm.of_domains, landscape.certified_hostnames)
        log_groups = pool.start(aws.log_groups.named, landscape.log_group_prefix)
        alarms = pool.start(_alarms, landscape.alarm_prefix, aws)
        cache_events = pool.start(_cache_events, upkeep.node, aws.sns)
        images = _start_images(pool, services.outcome(), landscape.services, aws.rollouts)
        addresses = _start_addresses(pool, outside.resolve, landscape, balancers.outcome(), aurora.outcome())
        return Facts(
            account=account(),
            state_region=state_region.outcome(),
            state_key=state_key.outcome(),
            services=services.outcome(),
            images={name: reading.outcome() for name, reading in images.items()},
            secrets=secrets.outcome(),
            ledger=ledger.outcome(),
            balancers=balancers.outcome(),
            addresses={name: _known(reading.outcome()) for name, reading in addresses.items()},
            certificates=certificates.outcome(),
            aurora=aurora.outcome(),
            redis=redis.outcome(),
            hosts=hosts.outcome(),
            clickhouse_snapshot_at=snapshot.outcome(),
            log_groups=log_groups.outcome(),
            alarms=alarms.outcome(),
            cache_events=cache_events.outcome(),
            upkeep=upkeep.facts(),
            certificate_authorities=authorities.outcome(),
        )


def _secrets(services: Sequence[Deployable], aws: DoctorAws) -> SecretCheck:
    return check_secrets(
        {service.service: service.name for service in services},
        ecs=aws.rollouts.ecs,
        task_definitions=aws.rollouts.task_definitions,
        secrets=aws.secrets,
    )


def _services(ecs: Ecs, names: Sequence[str]) -> Mapping[str, Service]:
    return {name: service for name, service in ecs.services(names).items() if service.status == "ACTIVE"}


def _start_images(
    pool: Readers, present: Mapping[str, Service] | Unread, services: Sequence[Deployable], aws: RolloutAws
) -> Mapping[str, Reading[ServiceImages | Refused]]:
    return {
        service.service: pool.start(_images, service, aws)
        for service in services
        if service.repositories and not isinstance(present, Unread) and service.name in present
    }


def _images(deployable: Deployable, aws: RolloutAws) -> ServiceImages | Refused:
    try:
        situation = read_situation(deployable, aws)
    except AwsError:
        raise
    except OperatorError as error:
        return Refused(error.lines[0])
    images = Images(deployable, aws.ecr)
    template = {container: situation.template.images[container] for container in deployable.repositories}
    rollback = _rollback_images(deployable, situation)
    running: Mapping[str, str] = situation.running_images if situation.service.running_count else {}
    wanted = [*running.items(), *template.items(), *(rollback or {}).items()]
    needed = [*running.items(), *(rollback or {}).items()]
    return ServiceImages(
        running=running,
        template=template,
        rollback=rollback,
        absent=frozenset(image for container, image in wanted if images.find_reference(container, image) is None),
        newest={container: next(iter(images.newest_tags(container, 1)), None) for container in template},
        expiring=_expiring(images, needed),
        unmarked=frozenset(
            image
            for container, image in needed
            if (found := images.find_reference(container, image)) is not None and not images.is_marked(found)
        ),
        is_recorded=situation.unrecorded is None,
    )


def _expiring(images: Images, needed: Sequence[tuple[str, str]]) -> Mapping[str, str] | Unread:
    soon: dict[str, str] = {}
    for container, reference in needed:
        found = images.find_reference(container, reference)
        expiry = None if found is None else images.expiry(container, found)
        if isinstance(expiry, Unread):
            return expiry
        if expiry is not None and expiry.is_soon:
            soon[reference] = str(expiry)
    return soon


def _rollback_images(deployable: Deployable, situation: Situation) -> Mapping[str, str] | None:
    try:
        return earlier_images(deployable, situation)
    except OperatorError:
        return None


def read_ledger(connect: Callable[[], ClickHouseServer] | None, program: str) -> Ledger | Refused | Unclear | None:
    """Return what a program's ledger in ClickHouse says; None when the server has none yet.

    Raises:
        AwsError: when the credentials could not be read.
    """
    if connect is None:
        return Unclear("the embedded AWS has no hosts")
    try:
        table = LedgerTable(connect(), program=program, operator="")
        if not table.exists():
            return None
        marks = [entry.mark for entry in table.entries().values()]
    except AwsError:
        raise
    except (UnreachableError, LostError) as error:
        return Unclear(f"{error.lines[0]}; it is reached over the VPN alone")
    except OperatorError as error:
        return Refused(error.lines[0])
    return Ledger(applied=marks.count(Mark.APPLIED), open=len(marks) - marks.count(Mark.APPLIED))


def _aurora(identifier: str, aws: DoctorAws) -> AuroraReading | None:
    cluster = aws.rds.cluster(identifier)
    if cluster is None:
        return None
    return AuroraReading(cluster=cluster, rules=attempt(aws.ec2.ingress_cidrs, cluster.security_group_ids))


def _redis(reading: Reading[ReplicationGroup | None], aws: DoctorAws) -> RedisReading | Unread | None:
    group = reading.outcome()
    if group is None or isinstance(group, Unread):
        return group
    return RedisReading(group=group, snapshot_at=attempt(aws.elasticache.newest_snapshot, group))


def _hosts(names: Mapping[str, str], reading: Reading[Mapping[str, Instance]], aws: DoctorAws) -> HostReading | Unread:
    instances = reading.outcome()
    if isinstance(instances, Unread):
        return instances
    image_ids = {host: instances[name].image_id for host, name in names.items() if name in instances}
    return HostReading(image_ids=image_ids, images=attempt(aws.ec2.images, {*image_ids.values()}) if image_ids else {})


def _alarms(prefix: str, aws: DoctorAws) -> AlarmReading:
    alarms = aws.cloudwatch.alarms(prefix)
    return AlarmReading(alarms=alarms, subscriptions=attempt(_subscriptions, alarms, aws.sns))


def _subscriptions(alarms: Sequence[Alarm], sns: Sns) -> list[Subscription]:
    topics = {action for alarm in alarms for action in alarm.actions if action.split(":")[2] == "sns"}
    return [subscription for topic in sorted(topics) for subscription in sns.subscriptions(topic)]


def _cache_events(reading: Reading[CacheNode | Unread | None], sns: Sns) -> list[Subscription] | Unread | None:
    node = reading.outcome()
    if node is None or isinstance(node, Unread):
        return node
    return [] if node.event_topic is None else sns.subscriptions(node.event_topic)


def _start_addresses(
    pool: Readers,
    resolve: Resolver | None,
    landscape: Landscape,
    balancers: Mapping[str, LoadBalancer] | Unread,
    aurora: AuroraReading | Unread | None,
) -> Mapping[str, Reading[tuple[str, ...] | Unclear]]:
    if resolve is None:
        return {}
    names = {*landscape.hostnames}
    if not isinstance(balancers, Unread):
        names |= {balancer.dns_name for balancer in balancers.values()}
    if isinstance(aurora, AuroraReading):
        names.add(aurora.cluster.endpoint)
    return {name: pool.start(_resolved, name, resolve) for name in sorted(names)}


def _resolved(name: str, resolve: Resolver) -> tuple[str, ...] | Unclear:
    try:
        return tuple(resolve(name))
    except OSError as error:
        return Unclear(f"{name}: the resolver says: {error.strerror or error}")


def _known(addresses: tuple[str, ...] | Unclear | Unread) -> tuple[str, ...] | Unclear:
    return Unclear(addresses.why) if isinstance(addresses, Unread) else addresses
