"""Reading the facts that `doctor` judges, all at once."""

import socket
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.aws.cloudwatch import Alarm
from workbench.aws.ec2.instances import Instance
from workbench.aws.ecs.services import Ecs, Service
from workbench.aws.elastic_load_balancing import LoadBalancer
from workbench.aws.kms import Kms
from workbench.aws.logs.groups import LogGroups
from workbench.aws.s3 import S3
from workbench.aws.secrets_manager.versions import SecretVersions
from workbench.aws.shared.errors import AwsError
from workbench.aws.sns import Sns, Subscription
from workbench.errors import OperatorError
from workbench.operations.account.reading import AccountAws, AccountOutside, start_account
from workbench.operations.alerts.topics import topic_arns
from workbench.operations.backups.listing import newest_backups
from workbench.operations.deploys.rollback import earlier_images
from workbench.operations.deploys.service import Deployable, Images, RolloutAws, Situation, read_situation
from workbench.operations.doctor.facts import (
    AlarmReading,
    Facts,
    HostReading,
    Refused,
    ServiceImages,
    Unclear,
    Where,
)
from workbench.operations.readings import Readers, Reading, Unread, attempt, readers
from workbench.operations.releases.reading import start_reading
from workbench.operations.secrets.check import SecretCheck, check_secrets
from workbench.operations.status.facts import StatusAws
from workbench.operations.stores.kind import StoreReading
from workbench.operations.stores.kinds import kind_of, managed
from workbench.operations.upkeep.announced import host_announcements
from workbench.program import Description

_NO_TOPIC = ("NotFound", "NotFoundException")

Resolver = Callable[[str], Sequence[str]]
"""Returns the addresses of a name; none when there is no such name. Raises OSError when that cannot be told."""


@dataclass(frozen=True, kw_only=True)
class DoctorAws(StatusAws):
    """The AWS wrappers of doctor: those of status, and more."""

    secrets: SecretVersions
    state_bucket: S3
    state_keys: Kms
    sns: Sns
    log_groups: LogGroups
    account: AccountAws


@dataclass(frozen=True, kw_only=True)
class Outside:
    """The sources that are asked beside AWS."""

    resolve: Resolver | None
    """None: no name is looked up, as none of the embedded AWS resolves."""
    reaches_hosts: bool
    """False in the embedded AWS, which has none."""
    account: AccountOutside
    published_ranges: Callable[[], frozenset[str] | Unclear] | None = None
    """Asks Cloudflare for its ranges; None: nobody is asked."""


def system_resolver(name: str) -> Sequence[str]:
    """Return the IPv4 addresses of a name from this machine's resolver."""
    try:
        found = socket.getaddrinfo(name, None, family=socket.AF_INET, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno in (socket.EAI_NONAME, socket.EAI_NODATA):
            return ()
        raise
    return sorted({str(entry[4][0]) for entry in found})


def read_facts(where: Where, aws: DoctorAws, outside: Outside) -> Facts:
    """Read everything, with some 80 to 95 calls: most of them four to six for each service, and two for each secret."""
    description, services = where.description, where.services
    with readers() as pool:
        account = start_account(pool, aws.account, outside.account)
        reading = StoreReading(
            pool=pool, wrappers=aws.stores, reaches_hosts=outside.reaches_hosts, program=where.backend.program
        )
        stores = {store.label: kind_of(store).start_examination(store, reading) for store in description.stores}
        instances = pool.start(aws.ec2.instances, list(description.hosts.values()))
        found = pool.start(_services, aws.rollouts.ecs, [service.name for service in services])
        secrets = pool.start(_secrets, where, aws)
        released = None if aws.releases is None else start_reading(pool, aws.releases, aws.rollouts.ssm)
        backups = None if aws.backups is None else pool.start(newest_backups, aws.backups)
        state_region = pool.start(aws.state_bucket.region)
        state_key = pool.start(aws.state_keys.key_of, where.backend.alias)
        balancers = pool.start(aws.balancers.balancers, description.balancers)
        hosts = pool.start(_hosts, description.hosts, instances, aws)
        certificates = pool.start(aws.acm.of_domains, description.certified_hostnames)
        log_groups = pool.start(aws.log_groups.named, description.log_group_prefix)
        alarms = pool.start(_alarms, description, aws)
        images = _start_images(pool, found.outcome(), services, aws.rollouts)
        known = {label: facts() for label, facts in stores.items()}
        names = {
            *_host_names(description),
            *_balancer_names(balancers.outcome()),
            *_store_names(description, known),
        }
        addresses = _start_addresses(pool, outside.resolve, names)
        return Facts(
            account=account(),
            state_region=state_region.outcome(),
            state_key=state_key.outcome(),
            services=found.outcome(),
            images={name: reading.outcome() for name, reading in images.items()},
            secrets=secrets.outcome(),
            balancers=balancers.outcome(),
            addresses={name: _known(reading.outcome()) for name, reading in addresses.items()},
            certificates=certificates.outcome(),
            stores=known,
            hosts=hosts.outcome(),
            log_groups=log_groups.outcome(),
            alarms=alarms.outcome(),
            announced=host_announcements(instances.outcome(), description.region),
            published_ranges=_ranges(description, outside),
            released=None if released is None else released(),
            backups=None if backups is None else backups.outcome(),
        )


def _host_names(description: Description) -> Sequence[str]:
    behind = () if description.edge is None else description.edge.hostnames
    return [*description.hostnames, *behind]


def _ranges(description: Description, outside: Outside) -> frozenset[str] | Unclear | None:
    if description.edge is None or outside.published_ranges is None:
        return None
    return outside.published_ranges()


def _secrets(where: Where, aws: DoctorAws) -> SecretCheck:
    return check_secrets(
        {service.service: service.name for service in where.services},
        units=where.units,
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


def _hosts(names: Mapping[str, str], reading: Reading[Mapping[str, Instance]], aws: DoctorAws) -> HostReading | Unread:
    instances = reading.outcome()
    if isinstance(instances, Unread):
        return instances
    image_ids = {host: instances[name].image_id for host, name in names.items() if name in instances}
    return HostReading(image_ids=image_ids, images=attempt(aws.ec2.images, {*image_ids.values()}) if image_ids else {})


def _alarms(description: Description, aws: DoctorAws) -> AlarmReading:
    alarms = aws.cloudwatch.alarms(description.alarm_prefix)
    return AlarmReading(
        alarms=alarms,
        subscriptions=attempt(_subscriptions, alarms, aws.sns),
        channels=attempt(_channels, description, aws.sns),
    )


def _channels(description: Description, sns: Sns) -> Mapping[str, Sequence[Subscription]]:
    found: dict[str, Sequence[Subscription]] = {}
    for arn in topic_arns(description).values():
        try:
            found[arn] = sns.subscriptions(arn)
        except AwsError as error:
            if error.code not in _NO_TOPIC:
                raise
    return found


def _subscriptions(alarms: Sequence[Alarm], sns: Sns) -> list[Subscription]:
    topics = {action for alarm in alarms for action in alarm.actions if action.split(":")[2] == "sns"}
    return [subscription for topic in sorted(topics) for subscription in sns.subscriptions(topic)]


def _balancer_names(balancers: Mapping[str, LoadBalancer] | Unread) -> Collection[str]:
    return () if isinstance(balancers, Unread) else {balancer.dns_name for balancer in balancers.values()}


def _store_names(description: Description, facts: Mapping[str, Any]) -> Collection[str]:
    return {name for store, kind in managed(description) for name in kind.names(facts[store.label])}


def _start_addresses(
    pool: Readers, resolve: Resolver | None, names: Collection[str]
) -> Mapping[str, Reading[tuple[str, ...] | Unclear]]:
    return {} if resolve is None else {name: pool.start(_resolved, name, resolve) for name in sorted(names)}


def _resolved(name: str, resolve: Resolver) -> tuple[str, ...] | Unclear:
    try:
        return tuple(resolve(name))
    except OSError as error:
        return Unclear(f"{name}: the resolver says: {error.strerror or error}")


def _known(addresses: tuple[str, ...] | Unclear | Unread) -> tuple[str, ...] | Unclear:
    return Unclear(addresses.why) if isinstance(addresses, Unread) else addresses
