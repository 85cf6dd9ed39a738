"""The facts that `status` shows, read all at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.aws.acm import Acm, Certificate
from workbench.aws.cloudwatch import Alarm, CloudWatch
from workbench.aws.ec2.instances import Ec2, Instance
from workbench.aws.elastic_load_balancing import ElasticLoadBalancing, LoadBalancer, Target
from workbench.aws.s3_objects import S3Objects
from workbench.aws.shared.errors import AwsError
from workbench.aws.shared.wrappers import Wrappers
from workbench.errors import OperatorError
from workbench.operations.backups.listing import Backup, newest_backups
from workbench.operations.deploys.service import Deployable, RolloutAws
from workbench.operations.readings import Unread, readers
from workbench.operations.releases.answer import Answer
from workbench.operations.releases.host import ReleaseHost
from workbench.operations.releases.reading import NoAnswer, status_of
from workbench.operations.status.service import ServiceStatus, read_status
from workbench.operations.stores.kind import StoreReading
from workbench.operations.stores.kinds import shown
from workbench.program import Description


@dataclass(frozen=True, kw_only=True)
class StatusAws:
    """The AWS wrappers of status."""

    rollouts: RolloutAws
    balancers: ElasticLoadBalancing
    ec2: Ec2
    acm: Acm
    cloudwatch: CloudWatch
    releases: ReleaseHost | None = None
    """The host that releases are brought to; None: there is none."""
    backups: S3Objects | None = None
    """The bucket of a database's dumps; None: no host makes any."""
    stores: Wrappers
    """Those that the kinds of stores take what they need from."""


@dataclass(frozen=True)
class Absent:
    """A service that is not in ECS, or whose records do not make sense."""

    why: str


@dataclass(frozen=True, kw_only=True)
class StatusFacts:
    """The facts of an environment, or the reasons why they were not read."""

    services: Mapping[str, ServiceStatus | Absent | Unread]
    """By the catalog's names, as the others by theirs."""
    balancers: Mapping[str, LoadBalancer] | Unread
    targets: Mapping[str, Mapping[int, list[Target]] | Unread]
    """By balancer and port; nothing for a balancer that is not there."""
    stores: Mapping[str, Any]
    """What was read of each store that has a row, by its label, as its kind has it."""
    hosts: Mapping[str, Instance] | Unread
    """By their ``Name`` tags."""
    certificates: Mapping[str, Certificate] | Unread
    alarms: list[Alarm] | Unread
    released: Answer | NoAnswer | Unread | None = None
    """What the host of releases runs; None: there is none."""
    backups: Sequence[Backup] | Unread | None = None
    """The newest dumps of a database; None: no host makes any."""


def read_facts(description: Description, services: Sequence[Deployable], aws: StatusAws) -> StatusFacts:
    """Read how an environment stands, with some 46 to 56 calls: five to seven for each service, two to a balancer."""
    with readers() as pool:
        running = {deployable.service: pool.start(_service, deployable, aws) for deployable in services}
        balancers = pool.start(aws.balancers.balancers, description.balancers)
        reading = StoreReading(pool=pool, wrappers=aws.stores)
        stores = {store.label: kind.start_status(store, reading) for store, kind in shown(description)}
        hosts = pool.start(aws.ec2.instances, list(description.hosts.values()))
        certificates = pool.start(aws.acm.of_domains, description.certified_hostnames)
        alarms = pool.start(aws.cloudwatch.alarms, description.alarm_prefix)
        backups = None if aws.backups is None else pool.start(newest_backups, aws.backups)
        released = None if aws.releases is None else pool.start(status_of, aws.releases)
        found = balancers.outcome()
        known: Mapping[str, LoadBalancer] = {} if isinstance(found, Unread) else found
        targets = {name: pool.start(_targets, balancer, aws.balancers) for name, balancer in known.items()}
        return StatusFacts(
            services={name: reading.outcome() for name, reading in running.items()},
            balancers=found,
            targets={name: reading.outcome() for name, reading in targets.items()},
            stores={label: facts() for label, facts in stores.items()},
            hosts=hosts.outcome(),
            certificates=certificates.outcome(),
            alarms=alarms.outcome(),
            released=None if released is None else released.outcome(),
            backups=None if backups is None else backups.outcome(),
        )


def _service(deployable: Deployable, aws: StatusAws) -> ServiceStatus | Absent:
    try:
        return read_status(deployable, aws.rollouts, aws.balancers)
    except AwsError:
        raise
    except OperatorError as error:
        return Absent(error.lines[0])


def _targets(balancer: LoadBalancer, balancers: ElasticLoadBalancing) -> Mapping[int, list[Target]]:
    found: dict[int, list[Target]] = {}
    for group in balancers.target_groups(balancer):
        # Behind a shared balancer two services may listen on the same port.
        found.setdefault(group.port, []).extend(balancers.targets(group.arn))
    return found
