"""Changes in place that are worth a line: what they interrupt, what they delete, and what AWS refuses."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from workbench.providers.replacement import Inputs, version

_SHORT = 80


@dataclass(frozen=True, kw_only=True)
class Effect:
    """The side effect of a change in place."""

    words: str
    source: str
    refused: bool = False
    """Whether AWS refuses it, so that the update fails midway."""
    property: str = ""
    """The input that changes, with its values where they are short: ``size 50 → 25``."""


Row: TypeAlias = Callable[[Inputs, Inputs], Effect | None]


def effects(type_token: str, tops: Iterable[str], old: Inputs, new: Inputs) -> Iterator[Effect]:
    """Yield the effects of changing these inputs of a resource in place."""
    for top in tops:
        row = EFFECTS.get((type_token, top))
        effect = None if row is None else row(old, new)
        if effect is not None:
            yield replace(effect, property=_written(top, old.get(top), new.get(top)))


def _written(top: str, old: object, new: object) -> str:
    if isinstance(old, str | int) and isinstance(new, str | int) and len(f"{old}{new}") <= _SHORT:
        return f"{top} {old} → {new}"
    return top


def _when(new: Inputs, window: str) -> str:
    if new.get("applyImmediately"):
        return "at once"
    return f"in the maintenance window ({new[window]} UTC)" if window in new else "in the next maintenance window"


def _redis_node_type(_: Inputs, new: Inputs) -> Effect:
    alone = new.get("numCacheClusters", 1) == 1 and not new.get("replicasPerNodeGroup")
    nodes = "the only node is copied to" if alone else "every node is copied to"
    return Effect(
        words=f"{nodes} one of the new size {_when(new, 'maintenanceWindow')}, minutes in which it is slower; then "
        "connections break, and reads and writes pause for some seconds while DNS follows. The data has to fit",
        source="ElastiCache User Guide, Scaling up single-node clusters for Redis OSS (Cluster Mode Disabled)",
    )


def _redis_engine(old: Inputs, new: Inputs) -> Effect:
    # Any other change of the engine replaces the node.
    before, after = old.get("engine", "redis"), new.get("engine")
    return Effect(
        words=f"{before} becomes {after} {_when(new, 'maintenanceWindow')}, in place: data, endpoint and token stay. "
        f"It can't be undone: {before} again is a new node, of a snapshot that was taken before. The parameter group "
        "of the other engine goes along in the same change",
        source="ElastiCache User Guide, Upgrading engine versions including cross engine upgrades",
    )


def _redis_version(old: Inputs, new: Inputs) -> Effect | None:
    if old.get("engine", "redis") != new.get("engine", "redis"):
        # It has a line of its own.
        return None
    return Effect(
        words=f"the engine is upgraded {_when(new, 'maintenanceWindow')}: connections break; it can't be undone in "
        "place",
        source="ElastiCache User Guide, Version management: upgrades are not reversible",
    )


def _aurora_version(old: Inputs, new: Inputs) -> Effect:
    before, after = f"{old.get('engineVersion')}", f"{new.get('engineVersion')}"
    shared = min(len(version(before)), len(version(after)))
    if version(after)[:shared] < version(before)[:shared]:
        return Effect(
            words="AWS refuses to take a cluster back to an older version, and the update stops there",
            source="Aurora User Guide, Upgrading Amazon Aurora MySQL DB clusters",
            refused=True,
        )
    return Effect(
        words=f"every instance restarts {_when(new, 'preferredMaintenanceWindow')}: the database is away for about "
        "half a minute, longer where long transactions have to end; it can't be undone in place",
        source="Aurora User Guide, Database engine updates for Amazon Aurora MySQL (20 to 30 seconds)",
    )


def _aurora_capacity(old: Inputs, new: Inputs) -> Effect | None:
    before, after = (_maximum_acu(inputs) for inputs in (old, new))
    if before == after:
        return None
    return Effect(
        words=f"maxCapacity {before:g} → {after:g}: the instances scale to it at once, but max_connections, which AWS "
        "reckons from the maximum, stays as it was until each of them is rebooted",
        source="Aurora User Guide, Choosing the maximum Aurora Serverless v2 capacity setting for a cluster",
    )


def _maximum_acu(inputs: Inputs) -> float:
    scaling: Inputs = inputs.get("serverlessv2ScalingConfiguration") or {}
    return float(scaling.get("maxCapacity", 0))


def _volume_size(old: Inputs, new: Inputs) -> Effect | None:
    before, after = old.get("size"), new.get("size")
    if not isinstance(before, int) or not isinstance(after, int) or after >= before:
        return None
    return Effect(
        words="AWS refuses to make a volume smaller, and the update stops there. A smaller one is a new volume, to "
        "which somebody copies the data",
        source="EC2 API Reference, ModifyVolume: the size must be at least the volume's own",
        refused=True,
    )


def _restart(words: str, source: str) -> Row:
    return lambda _old, _new: Effect(words=words, source=source)


def _fewer_days(name: str, lost: str, source: str, *, without: float = 0) -> Row:
    """``without`` is how many days are kept where the input is absent or 0."""

    def effect(old: Inputs, new: Inputs) -> Effect | None:
        before, after = old.get(name) or without, new.get(name) or without
        return Effect(words=f"{lost} older than {after} days are deleted", source=source) if after < before else None

    return effect


def _off(name: str, words: str, source: str) -> Row:
    return lambda old, new: Effect(words=words, source=source) if old.get(name) and not new.get(name) else None


def _other_way_out(name: str, more: str = "") -> Row:
    """``name`` is the input that the new way stands in; a way that only goes has its line with the one that comes."""

    def effect(_: Inputs, new: Inputs) -> Effect | None:
        words = f"connections that are open through the old way break and have to be made anew{more}"
        source = "VPC User Guide, Migrate from a NAT instance to a NAT gateway"
        return Effect(words=words, source=source) if new.get(name) else None

    return effect


def _strategy_of(inputs: Inputs) -> str:
    configuration: Inputs = inputs.get("deploymentConfiguration") or {}
    return configuration.get("strategy", "ROLLING")


def _strategy(old: Inputs, new: Inputs) -> Effect | None:
    before, after = _strategy_of(old), _strategy_of(new)
    if before == after:
        return None
    return Effect(
        words=f"deployments are {after} instead of {before} from now on; ECS refuses the change while a deployment is "
        "going on, and deploys the running revision anew",
        source="ECS Developer Guide, Update the Amazon ECS deployment strategy; force_new_deployment of the program",
    )


_CLUSTER = "aws:rds/cluster:Cluster"
_DATABASE = "aws:rds/instance:Instance"
_REDIS = "aws:elasticache/replicationGroup:ReplicationGroup"
_INSTANCE = "aws:ec2/instance:Instance"
_ROUTE = "aws:ec2/route:Route"

EFFECTS: Mapping[tuple[str, str], Row] = {
    (_REDIS, "nodeType"): _redis_node_type,
    (_REDIS, "engine"): _redis_engine,
    (_REDIS, "engineVersion"): _redis_version,
    (_REDIS, "snapshotRetentionLimit"): _fewer_days(
        "snapshotRetentionLimit", "automatic snapshots", "ElastiCache User Guide, Scheduling automatic backups"
    ),
    (_CLUSTER, "engineVersion"): _aurora_version,
    (_CLUSTER, "serverlessv2ScalingConfiguration"): _aurora_capacity,
    (_CLUSTER, "backupRetentionPeriod"): _fewer_days(
        "backupRetentionPeriod", "automated backups", "Aurora User Guide, Backups: retention"
    ),
    (_CLUSTER, "deletionProtection"): _off(
        "deletionProtection",
        "nothing at AWS keeps the cluster from being deleted any more",
        "RDS API Reference, ModifyDBCluster",
    ),
    ("aws:rds/clusterInstance:ClusterInstance", "instanceClass"): _restart(
        "the instance restarts; a writer fails over, and alone it is away meanwhile",
        "in_place_or_error of replacement.json: rds/cluster_instance.go",
    ),
    (_DATABASE, "identifier"): _restart(
        "the instance is renamed: it restarts, its host name is another one, and clients are told of it anew",
        "RDS API Reference, ModifyDBInstance: NewDBInstanceIdentifier",
    ),
    (_DATABASE, "instanceClass"): _restart(
        "the instance is away for minutes; with a standby, while that one takes over",
        "RDS User Guide, Modifying a DB instance: DB instance class",
    ),
    (_DATABASE, "engineVersion"): _restart(
        "the instance is away while it is upgraded, for a major version longer; back is only by a restoration",
        "RDS User Guide, Upgrades of the RDS for PostgreSQL DB engine",
    ),
    (_DATABASE, "backupRetentionPeriod"): _fewer_days(
        "backupRetentionPeriod", "automated backups", "RDS User Guide, Backup retention period"
    ),
    (_DATABASE, "deletionProtection"): _off(
        "deletionProtection",
        "nothing at AWS keeps the instance from being deleted any more",
        "RDS API Reference, ModifyDBInstance",
    ),
    ("aws:ecs/service:Service", "deploymentConfiguration"): _strategy,
    ("aws:ebs/volume:Volume", "size"): _volume_size,
    (_INSTANCE, "instanceType"): _restart(
        "the instance is stopped and started: it is away for minutes", "EC2 User Guide, Change the instance type"
    ),
    (_INSTANCE, "userData"): _restart(
        "the instance is stopped and started, and what boots once does not run again",
        "conditional of replacement.json: ec2/ec2_instance.go; cloud-init's documentation, boot stages",
    ),
    (_ROUTE, "natGatewayId"): _other_way_out("natGatewayId"),
    (_ROUTE, "networkInterfaceId"): _other_way_out(
        "networkInterfaceId", "; a host that is made in the same update passes nothing on before it has booted"
    ),
    ("aws:cloudwatch/logGroup:LogGroup", "retentionInDays"): _fewer_days(
        "retentionInDays", "log lines", "CloudWatch Logs API Reference, PutRetentionPolicy", without=math.inf
    ),
    ("aws:lb/loadBalancer:LoadBalancer", "enableDeletionProtection"): _off(
        "enableDeletionProtection",
        "nothing at AWS keeps the balancer from being deleted any more",
        "Elastic Load Balancing API Reference, ModifyLoadBalancerAttributes",
    ),
    ("aws:kms/key:Key", "isEnabled"): lambda _, new: (
        Effect(
            words="what is encrypted with it can't be read while it is disabled", source="KMS API Reference, DisableKey"
        )
        if new.get("isEnabled") is False
        else None
    ),
}
"""Type and input -> what changing it does."""
