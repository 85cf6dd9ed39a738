"""Facts that status reads, all at once."""

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.aws.acm import Acm, Certificate
from workbench.aws.cloudwatch import Alarm, CloudWatch, Metric
from workbench.aws.ec2.instances import Ec2, Instance
from workbench.aws.elastic_load_balancing import ElasticLoadBalancing, LoadBalancer, Target
from workbench.aws.elasticache.replication_groups import ElastiCache, ReplicationGroup
from workbench.aws.maintenance import Maintenance
from workbench.aws.rds.clusters import DatabaseCluster, Rds
from workbench.aws.shared.errors import AwsError
from workbench.errors import OperatorError
from workbench.operations.deploys.service import Deployable, RolloutAws
from workbench.operations.landscape import Landscape
from workbench.operations.readings import Reading, Unread, attempt, readers
from workbench.operations.status.service import ServiceStatus, read_status
from workbench.operations.upkeep.facts import UpkeepFacts, start_upkeep
from workbench.program import AuroraCluster, RedisNode


@dataclass(frozen=True, kw_only=True)
class StatusAws:
    """The wrappers that are read with."""

    rollouts: RolloutAws
    balancers: ElasticLoadBalancing
    rds: Rds
    elasticache: ElastiCache
    ec2: Ec2
    acm: Acm
    cloudwatch: CloudWatch
    maintenance: Maintenance


@dataclass(frozen=True)
class Absent:
    """A service that is not in ECS, or whose records do not make sense."""

    why: str


@dataclass(frozen=True, kw_only=True)
class RedisReading:
    """The Redis node and its memory."""

    group: ReplicationGroup
    memory_percent: float | Unread | None
    """None: nothing was measured."""


@dataclass(frozen=True, kw_only=True)
class StatusFacts:
    """Everything that was read, or why it was not."""

    services: Mapping[str, ServiceStatus | Absent | Unread]
    """By the catalog's names, as the others by theirs."""
    balancers: Mapping[str, LoadBalancer] | Unread
    targets: Mapping[str, Mapping[int, list[Target]] | Unread]
    """By balancer and port; nothing for a balancer that is not there."""
    aurora: DatabaseCluster | Unread | None
    aurora_acu: float | Unread | None
    redis: RedisReading | Unread | None
    hosts: Mapping[str, Instance] | Unread
    """By their ``Name`` tags."""
    certificates: Mapping[str, Certificate] | Unread
    alarms: list[Alarm] | Unread
    upkeep: UpkeepFacts


def read_facts(landscape: Landscape, aws: StatusAws) -> StatusFacts:
    """Read how an environment stands, with some 46 to 56 calls: five to seven for each service, two to a balancer."""
    with readers() as pool:
        services = {deployable.service: pool.start(_service, deployable, aws) for deployable in landscape.services}
        balancers = pool.start(aws.balancers.balancers, landscape.balancers)
        aurora = pool.start(aws.rds.cluster, landscape.stores_of(AuroraCluster)[0].identifier)
        acu = pool.start(_aurora_acu, landscape.stores_of(AuroraCluster)[0].identifier, aws.cloudwatch)
        group = pool.start(aws.elasticache.replication_group, landscape.stores_of(RedisNode)[0].prefix)
        redis = pool.start(_redis, group, aws)
        hosts = pool.start(aws.ec2.instances, list(landscape.hosts.values()))
        certificates = pool.start(aws.acm.of_domains, landscape.certified_hostnames)
        alarms = pool.start(aws.cloudwatch.alarms, landscape.alarm_prefix)
        upkeep = start_upkeep(pool, landscape, aws.maintenance, group=group, hosts=hosts)
        found = balancers.outcome()
        known: Mapping[str, LoadBalancer] = {} if isinstance(found, Unread) else found
        targets = {name: pool.start(_targets, balancer, aws.balancers) for name, balancer in known.items()}
        return StatusFacts(
            services={name: reading.outcome() for name, reading in services.items()},
            balancers=found,
            targets={name: reading.outcome() for name, reading in targets.items()},
            aurora=aurora.outcome(),
            aurora_acu=acu.outcome(),
            redis=redis.outcome(),
            hosts=hosts.outcome(),
            certificates=certificates.outcome(),
            alarms=alarms.outcome(),
            upkeep=upkeep.facts(),
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


def _aurora_acu(cluster: str, cloudwatch: CloudWatch) -> float | None:
    metric = Metric(
        namespace="AWS/RDS",
        name="ServerlessDatabaseCapacity",
        dimensions={"DBClusterIdentifier": cluster},
        # The fullest instance, as the alarm takes it.
        statistic="Maximum",
    )
    return cloudwatch.latest({"acu": metric}).get("acu")


def _redis(reading: Reading[ReplicationGroup | None], aws: StatusAws) -> RedisReading | Unread | None:
    group = reading.outcome()
    if group is None or isinstance(group, Unread):
        return group
    return RedisReading(group=group, memory_percent=attempt(_redis_memory, group, aws.cloudwatch))


def _redis_memory(group: ReplicationGroup, cloudwatch: CloudWatch) -> float | None:
    metrics = {
        node: Metric(
            namespace="AWS/ElastiCache",
            name="DatabaseMemoryUsagePercentage",
            dimensions={"CacheClusterId": node},
            statistic="Maximum",
        )
        for node in group.node_ids
    }
    return max(cloudwatch.latest(metrics).values(), default=None)
