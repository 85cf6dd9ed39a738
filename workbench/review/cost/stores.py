"""Aurora, PostgreSQL, Redis, EFS, secrets and keys."""

from collections.abc import Iterator
from decimal import Decimal

from workbench.review.cost.plan import Charge, Finding, Plan, Resource, Unknown
from workbench.review.cost.quantity import HOURS, Quantity

_CLUSTER = "aws:rds/cluster:Cluster"
_FREE_INSIGHTS_DAYS = 7
"""Database Insights, standard mode ("Turning Performance Insights on and off for Aurora", Aurora User Guide)."""
_FREE_SNAPSHOTS = 1
"""Of each cache ("Amazon ElastiCache pricing", backup storage)."""
_INCLUDED_IOPS, _INCLUDED_THROUGHPUT = 12_000, 500
"""With gp3 storage of 400 GiB and more; with less there are fewer, and none can be bought ("gp3", RDS User Guide)."""
_MOST_PRICED_ROTATIONS = Decimal(2)
"""AWS KMS pricing: the first and the second rotation of a key add to its price, no later one does."""


def aurora_cluster(cluster: Resource, plan: Plan) -> Iterator[Finding]:
    """Price a cluster's storage, its reads and writes, and the backups that go beyond what is free."""
    if cluster.inputs.get("engine") != "aurora-mysql":
        yield Unknown(f"engine {cluster.inputs.get('engine')}")
        return
    usage = plan.usage.aurora
    optimized = _is_io_optimized(cluster)
    item = "aurora.storage.gb_month.io_optimized" if optimized else "aurora.storage.gb_month"
    yield Charge(what="Aurora storage", item=item, quantity=usage.storage_gb.quantity)
    if not optimized:
        requests = usage.io_million_per_month.quantity
        yield Charge(what="Aurora reads and writes", item="aurora.io.million", quantity=requests)
    backups = usage.backup_gb_charged.quantity
    yield Charge(what="Aurora backups beyond the free size", item="aurora.backup.gb_month", quantity=backups)


def aurora_instance(instance: Resource, plan: Plan) -> Iterator[Finding]:
    """Price an instance's ACU-hours, and the address of one that the internet reaches.

    Where the minimum is 0 ACU, only the hours in which it is not paused count.
    """
    cluster = plan.referred(instance.inputs["clusterIdentifier"], _CLUSTER)
    kind = str(instance.inputs.get("instanceClass"))
    if kind != "db.serverless":
        yield Charge(what=f"Aurora {kind}", item=f"aurora.mysql.{kind}.hour", quantity=HOURS)
    elif cluster is None or "serverlessv2ScalingConfiguration" not in cluster.inputs:
        yield Unknown("its cluster's capacity is not in the plan")
    else:
        yield _capacity(cluster, plan)
    if int(instance.inputs.get("performanceInsightsRetentionPeriod", _FREE_INSIGHTS_DAYS)) > _FREE_INSIGHTS_DAYS:
        yield Unknown("Database Insights kept for longer than the free 7 days")
    if instance.inputs.get("publiclyAccessible"):
        yield Charge(what="its public IPv4 address", item="ipv4.public.hour", quantity=HOURS)


def _capacity(cluster: Resource, plan: Plan) -> Charge:
    usage = plan.usage.aurora
    scaling = cluster.inputs["serverlessv2ScalingConfiguration"]
    least, most = (Decimal(str(scaling[bound])) for bound in ("minCapacity", "maxCapacity"))
    hours = usage.running_hours_per_month.quantity
    if least == 0:
        active = usage.active_hours_per_month.quantity
        hours = Quantity(
            low=min(active.low, hours.low),
            expected=min(active.expected, hours.expected),
            high=min(active.high, hours.high),
        )
    capacity = usage.average_acu.quantity.within(least, most)
    item = "aurora.mysql.serverless_v2.acu_hour"
    item = f"{item}.io_optimized" if _is_io_optimized(cluster) else item
    average = f"{capacity.expected.normalize():f}"
    return Charge(what=f"Aurora capacity, {average} ACU on average", item=item, quantity=capacity.times(hours))


def _is_io_optimized(cluster: Resource) -> bool:
    return cluster.inputs.get("storageType") == "aurora-iopt1"


def database_instance(instance: Resource, plan: Plan) -> Iterator[Finding]:
    """Price a PostgreSQL instance's hours and its storage, each twice as dear with a standby.

    Backups are free up to the size of the storage ("Amazon RDS for PostgreSQL pricing"), and here they stay below it.
    """
    del plan
    engine, kind = instance.inputs.get("engine"), instance.inputs.get("instanceClass")
    if engine != "postgres":
        yield Unknown(f"engine {engine}")
        return
    deployment = "multi_az" if instance.inputs.get("multiAz") else "single_az"
    standby = ", with a standby" if deployment == "multi_az" else ""
    yield Charge(what=f"PostgreSQL {kind}{standby}", item=f"rds.postgresql.{deployment}.{kind}.hour", quantity=HOURS)
    storage = str(instance.inputs.get("storageType", "gp2"))
    size = instance.inputs.get("allocatedStorage")
    if storage != "gp3" or size is None:
        yield Unknown(f"{storage} storage")
        return
    stored = Quantity.fixed(Decimal(str(size)))
    yield Charge(what=f"its storage{standby}", item=f"rds.postgresql.{deployment}.gp3.gb_month", quantity=stored)
    if int(instance.inputs.get("iops", _INCLUDED_IOPS)) > _INCLUDED_IOPS:
        yield Unknown(f"IOPS beyond the {_INCLUDED_IOPS} that are included")
    if int(instance.inputs.get("storageThroughput", _INCLUDED_THROUGHPUT)) > _INCLUDED_THROUGHPUT:
        yield Unknown(f"throughput beyond the {_INCLUDED_THROUGHPUT} MiB/s that are included")
    if int(instance.inputs.get("performanceInsightsRetentionPeriod", _FREE_INSIGHTS_DAYS)) > _FREE_INSIGHTS_DAYS:
        yield Unknown("Database Insights kept for longer than the free 7 days")


def replication_group(group: Resource, plan: Plan) -> Iterator[Finding]:
    """Price the nodes of a Redis or Valkey group, and the snapshots after the free one."""
    kind = group.inputs.get("nodeType")
    if kind is None:
        yield Unknown("no node type of its own")
        return
    engine = str(group.inputs.get("engine", "redis"))
    shards = int(group.inputs.get("numNodeGroups", 1))
    per_shard = int(group.inputs["replicasPerNodeGroup"]) + 1 if "replicasPerNodeGroup" in group.inputs else None
    nodes = shards * per_shard if per_shard is not None else int(group.inputs.get("numCacheClusters", 1))
    yield Charge(what=f"{kind}, {engine}", item=f"elasticache.{engine}.{kind}.hour", quantity=HOURS.times(nodes))
    paid = max(int(group.inputs.get("snapshotRetentionLimit", 0)) - _FREE_SNAPSHOTS, 0)
    if paid:
        stored = plan.usage.storage.redis_snapshot_gb.quantity.times(paid)
        yield Charge(what=f"{paid} snapshots after the free one", item="elasticache.backup.gb_month", quantity=stored)


def file_system(system: Resource, plan: Plan) -> Iterator[Finding]:
    """Price what a file system holds and what is read and written; its backups where a policy asks for them."""
    mode = str(system.inputs.get("throughputMode", "bursting"))
    storage = plan.usage.storage
    if "availabilityZoneName" in system.inputs:
        yield Unknown("One Zone storage")
        return
    yield Charge(what="EFS storage", item="efs.standard.gb_month", quantity=storage.efs_stored_gb.quantity)
    if mode == "elastic":
        read, written = storage.efs_read_gb_per_month.quantity, storage.efs_written_gb_per_month.quantity
        yield Charge(what="EFS reads", item="efs.elastic.read.gb", quantity=read)
        yield Charge(what="EFS writes", item="efs.elastic.write.gb", quantity=written)
    elif mode == "provisioned":
        yield Unknown("provisioned throughput")


def file_system_backups(policy: Resource, plan: Plan) -> Iterator[Finding]:
    """Price the automatic backups of a file system."""
    if policy.inputs["backupPolicy"]["status"] == "ENABLED":
        stored = plan.usage.storage.efs_backup_gb.quantity
        yield Charge(what="EFS backups", item="backup.efs.gb_month", quantity=stored)


def secret(one: Resource, plan: Plan) -> Iterator[Finding]:
    """Price a secret, once in each region that it is replicated to."""
    del plan
    copies = 1 + len(one.inputs.get("replicas", []))
    yield Charge(what="secret", item="secrets.secret_month", quantity=Quantity.fixed(copies))


def key(one: Resource, plan: Plan) -> Iterator[Finding]:
    """Price a KMS key and its rotations."""
    keys = Quantity.fixed(1)
    if one.inputs.get("enableKeyRotation"):
        keys = keys.plus(plan.usage.requests.kms_key_rotations.quantity.within(Decimal(0), _MOST_PRICED_ROTATIONS))
    yield Charge(what="KMS key", item="kms.key_month", quantity=keys)


def parameter(one: Resource, plan: Plan) -> Iterator[Finding]:
    """Price an SSM parameter: free in the standard tier.

    Intelligent tiering makes it an advanced one when its value is longer than 4 KB, which the plan can tell only of
    values that are no secret ("AWS Systems Manager pricing").
    """
    del plan
    value = str(one.inputs.get("insecureValue", one.inputs.get("value", "")))
    tier = str(one.inputs.get("tier", "Standard"))
    if tier == "Advanced" or (tier == "Intelligent-Tiering" and len(value.encode()) > 4096):
        yield Charge(what="advanced parameter", item="ssm.parameter.advanced", quantity=Quantity.fixed(1))


def recovery_points(vault: Resource, plan: Plan) -> Iterator[Finding]:
    """Say that a vault is paid by what is in it, at prices that the table does not have."""
    del vault, plan
    yield Unknown("recovery points: AWS Backup's price by the gigabyte, or RDS's and EBS's own of snapshots")


def restore_tests(tests: Resource, plan: Plan) -> Iterator[Finding]:
    """Say that restore tests are paid by the recovery point, and that what they restore is paid for while it stands."""
    del tests, plan
    yield Unknown("restore tests: AWS Backup's price by the recovery point, and what stands until it is deleted")
