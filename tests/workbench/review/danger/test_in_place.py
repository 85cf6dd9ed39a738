"""What a change in place does besides changing an input, on both sides of where it does."""

from typing import Any

import pytest

from workbench.review.danger.in_place import EFFECTS, effects

CLUSTER = "aws:rds/cluster:Cluster"
DATABASE = "aws:rds/instance:Instance"
REDIS = "aws:elasticache/replicationGroup:ReplicationGroup"
INSTANCE = "aws:ec2/instance:Instance"
SERVICE = "aws:ecs/service:Service"
VOLUME = "aws:ebs/volume:Volume"
ROUTE = "aws:ec2/route:Route"
LOGS = "aws:cloudwatch/logGroup:LogGroup"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
KEY = "aws:kms/key:Key"
ACU = "serverlessv2ScalingConfiguration"
OPEN = "connections that are open through the old way break and have to be made anew"

CASES: list[tuple[str, str, object, object, str | None]] = [
    (REDIS, "nodeType", "a", "b", "the only node is copied to one of the new size in the next maintenance window,"),
    (REDIS, "snapshotRetentionLimit", 7, 6, "automatic snapshots older than 6 days are deleted"),
    (REDIS, "snapshotRetentionLimit", 1, None, "automatic snapshots older than 0 days are deleted"),
    (REDIS, "snapshotRetentionLimit", 7, 7, None),
    (CLUSTER, "engineVersion", "8.0.mysql_aurora.3.10", "8.0.mysql_aurora.3.10.1", "every instance restarts"),
    (CLUSTER, "engineVersion", "8.0.mysql_aurora.3.10.1", "8.0.mysql_aurora.3.10", "every instance restarts"),
    (CLUSTER, "engineVersion", "8.0.mysql_aurora.3.10", "8.0.mysql_aurora.3.9", "AWS refuses to take a cluster back"),
    (CLUSTER, ACU, {"maxCapacity": 2}, {"maxCapacity": 1.5}, "maxCapacity 2 → 1.5: the instances scale to it at once"),
    (CLUSTER, ACU, None, {"maxCapacity": 1}, "maxCapacity 0 → 1: "),
    (CLUSTER, ACU, {"minCapacity": 0}, {"minCapacity": 1}, None),
    (CLUSTER, "backupRetentionPeriod", 7, 1, "automated backups older than 1 days are deleted"),
    (CLUSTER, "backupRetentionPeriod", 7, 7, None),
    (CLUSTER, "deletionProtection", True, None, "nothing at AWS keeps the cluster from being deleted any more"),
    (CLUSTER, "deletionProtection", None, False, None),
    (CLUSTER, "deletionProtection", True, True, None),
    (
        "aws:rds/clusterInstance:ClusterInstance",
        "instanceClass",
        "a",
        "b",
        "the instance restarts; a writer fails over",
    ),
    (DATABASE, "identifier", "a", "b", "the instance is renamed: it restarts, its host name is another one"),
    (DATABASE, "instanceClass", "a", "b", "the instance is away for minutes; with a standby"),
    (DATABASE, "engineVersion", "16.10", "16.11", "the instance is away while it is upgraded"),
    (DATABASE, "backupRetentionPeriod", 14, 7, "automated backups older than 7 days are deleted"),
    (DATABASE, "deletionProtection", True, False, "nothing at AWS keeps the instance from being deleted any more"),
    (SERVICE, "deploymentConfiguration", {"strategy": "ROLLING"}, {"strategy": "CANARY"}, "deployments are CANARY"),
    (SERVICE, "deploymentConfiguration", {"strategy": "BLUE_GREEN"}, None, "deployments are ROLLING instead of BLUE"),
    (SERVICE, "deploymentConfiguration", None, {"strategy": "ROLLING"}, None),
    (SERVICE, "deploymentConfiguration", {"bakeTimeInMinutes": "5"}, {"bakeTimeInMinutes": "6"}, None),
    (VOLUME, "size", 20, 19, "AWS refuses to make a volume smaller"),
    (VOLUME, "size", 20, 20, None),
    (VOLUME, "size", 20, 21, None),
    (VOLUME, "size", 20, "${size.result}", None),
    (VOLUME, "size", None, 20, None),
    (INSTANCE, "instanceType", "a", "b", "the instance is stopped and started: it is away for minutes"),
    (INSTANCE, "userData", "a", "b", "the instance is stopped and started, and what boots once does not run again"),
    (ROUTE, "natGatewayId", None, "nat-1", OPEN),
    (ROUTE, "natGatewayId", "nat-1", None, None),
    (ROUTE, "networkInterfaceId", None, "eni-1", f"{OPEN}; a host that is made in the same update"),
    (LOGS, "retentionInDays", None, 3653, "log lines older than 3653 days are deleted"),
    (LOGS, "retentionInDays", 0, 7, "log lines older than 7 days are deleted"),
    (LOGS, "retentionInDays", 7, 0, None),
    (
        BALANCER,
        "enableDeletionProtection",
        True,
        False,
        "nothing at AWS keeps the balancer from being deleted any more",
    ),
    (KEY, "isEnabled", True, False, "what is encrypted with it can't be read while it is disabled"),
    (KEY, "isEnabled", False, None, None),
]


@pytest.mark.parametrize(("type_token", "name", "before", "after", "words"), CASES)
def test_effect_of_a_change(type_token: str, name: str, before: object, after: object, words: str | None) -> None:
    old, new = ({} if value is None else {name: value} for value in (before, after))
    found = list(effects(type_token, [name, "tags"], old, new))
    assert [one.words[: len(words or "")] for one in found] == ([] if words is None else [words])
    assert [one.refused for one in found] == ([] if words is None else [words.startswith("AWS refuses")])


def test_every_row_is_tried() -> None:
    # The engine's two are told together in the assessment's own test.
    assert EFFECTS.keys() - {(type_token, name) for type_token, name, *_ in CASES} == {
        (REDIS, "engine"),
        (REDIS, "engineVersion"),
    }


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({}, "the only node"),
        ({"numCacheClusters": 1}, "the only node"),
        ({"numCacheClusters": 2}, "every node"),
        ({"replicasPerNodeGroup": 1}, "every node"),
        ({"replicasPerNodeGroup": 0}, "the only node"),
    ],
)
def test_which_nodes_are_copied(inputs: dict[str, Any], words: str) -> None:
    (found,) = effects(REDIS, ["nodeType"], {"nodeType": "a"}, {"nodeType": "b", **inputs})
    assert found.words.startswith(words)


@pytest.mark.parametrize(
    ("old", "new", "written"),
    [
        ("a", "b", "userData a → b"),
        (1, 2, "userData 1 → 2"),
        ("a" * 40, "b" * 40, f"userData {'a' * 40} → {'b' * 40}"),
        ("a" * 40, "b" * 41, "userData"),
        (["a"], "b", "userData"),
        ("a", None, "userData"),
    ],
)
def test_values_are_named_where_they_are_short(old: Any, new: Any, written: str) -> None:
    (found,) = effects(INSTANCE, ["userData"], {"userData": old}, {"userData": new})
    assert found.property == written
