from dataclasses import replace
from typing import Any

import pytest

from tests.support.examples import example_program
from workbench.evaluate import Evaluation, evaluate
from zelly_components.limits.redis_engines import ENGINE_VERSIONS, Engine, parameter_group_family
from zelly_components.redis_node import RedisNode, RedisNodeArgs

GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
PARAMETERS = "aws:elasticache/parameterGroup:ParameterGroup"
PASSWORD = "random:index/randomPassword:RandomPassword"

PROTECTED = RedisNodeArgs(
    vpc_id="vpc-1",
    subnet_ids=["subnet-1", "subnet-2"],
    node_type="cache.t4g.small",
    engine_version="7.1",
    snapshot_retention_days=7,
    snapshot_window="20:00-21:00",
    maintenance_window="sun:21:30-sun:22:30",
    protect=True,
    apply_immediately=False,
)


def record(args: RedisNodeArgs, name: str = "shop-redis") -> Evaluation:
    def program() -> None:
        RedisNode(name, args)

    return evaluate(program)


def test_protected_node_has_exactly_these_inputs_and_no_id_of_its_own() -> None:
    assert record(PROTECTED).one(GROUP).inputs == {
        "description": "Redis with one node",
        "engine": "redis",
        "engineVersion": "7.1",
        "nodeType": "cache.t4g.small",
        "numCacheClusters": 1,
        "automaticFailoverEnabled": False,
        "multiAzEnabled": False,
        "port": 6379,
        "parameterGroupName": "${shop-redis-parameters.name}",
        "subnetGroupName": "${shop-redis-subnets.name}",
        "securityGroupIds": ["${shop-redis-sg.id}"],
        "transitEncryptionEnabled": True,
        "transitEncryptionMode": "required",
        "atRestEncryptionEnabled": True,
        "authToken": "[secret]",
        "authTokenUpdateStrategy": "ROTATE",
        "autoMinorVersionUpgrade": False,
        "snapshotRetentionLimit": 7,
        "snapshotWindow": "20:00-21:00",
        "finalSnapshotIdentifier": "shop-redis-final",
        "maintenanceWindow": "sun:21:30-sun:22:30",
        "applyImmediately": False,
        "tags": {"Name": "shop-redis"},
    }


def test_node_of_a_snapshot_differs_in_its_name_alone() -> None:
    inputs = record(replace(PROTECTED, snapshot_name="before-migration")).one(GROUP).inputs
    assert inputs == record(PROTECTED).one(GROUP).inputs | {"snapshotName": "before-migration"}


def test_node_with_a_topic_for_its_events_differs_in_that_alone() -> None:
    topic = "arn:aws:sns:eu-west-1:123456789012:shop-cache-events"
    inputs = record(replace(PROTECTED, event_topic_arn=topic)).one(GROUP).inputs
    assert inputs == record(PROTECTED).one(GROUP).inputs | {"notificationTopicArn": topic}


def test_unprotected_node_differs_in_the_final_snapshot_alone() -> None:
    protected = record(PROTECTED).one(GROUP).inputs
    unprotected = record(replace(PROTECTED, protect=False)).one(GROUP).inputs
    assert protected == unprotected | {"finalSnapshotIdentifier": "shop-redis-final"}
    assert "finalSnapshotIdentifier" not in unprotected


@pytest.mark.parametrize(("protect", "expected"), [(True, {GROUP, PASSWORD}), (False, set[str]())])
def test_node_and_token_are_protected_together(protect: bool, expected: set[str]) -> None:
    evaluation = record(replace(PROTECTED, protect=protect))
    assert {resource.type for resource in evaluation.resources if resource.protect} == expected


def test_adopted_node_without_a_password_can_demand_one_at_once() -> None:
    adopting = replace(PROTECTED, auth_token_update_strategy="SET")
    assert record(adopting).one(GROUP).inputs["authTokenUpdateStrategy"] == "SET"


def test_token_is_random_legal_for_elasticache_and_never_in_plain_text() -> None:
    evaluation = record(PROTECTED)
    # 16 to 128 printable characters, of the special ones only ! & # $ ^ < > and -.
    assert evaluation.one(PASSWORD).inputs == {"length": 64, "special": False}
    group = evaluation.one(GROUP)
    assert group.plain_inputs["authToken"] == "${shop-redis-auth-token.result}"
    assert group.inputs["authToken"] == "[secret]"


def test_nothing_is_ever_evicted() -> None:
    group = record(PROTECTED).one("aws:elasticache/parameterGroup:ParameterGroup")
    assert group.inputs == {
        "family": "redis7",
        "description": "Never evict",
        "parameters": [{"name": "maxmemory-policy", "value": "noeviction"}],
    }


def test_subnet_group_spans_the_given_subnets() -> None:
    group = record(PROTECTED).one("aws:elasticache/subnetGroup:SubnetGroup")
    assert group.inputs == {"subnetIds": ["subnet-1", "subnet-2"], "description": "Redis node"}


def test_every_name_is_left_to_pulumi_so_that_a_replacement_comes_first() -> None:
    named = {
        (resource.type, key)
        for resource in record(PROTECTED).custom()
        for key in resource.inputs
        if key in ("name", "replicationGroupId")
    }
    assert named == set()


def test_node_lets_nobody_in_by_itself() -> None:
    evaluation = record(PROTECTED)
    assert (evaluation.of_type(INGRESS), evaluation.of_type(EGRESS)) == ([], [])


def test_client_is_let_in_and_let_out_on_the_redis_port() -> None:
    def program() -> None:
        RedisNode("shop-redis", PROTECTED).allow_from("worker", "sg-worker")

    evaluation = evaluate(program)
    port = {"ipProtocol": "tcp", "fromPort": 6379, "toPort": 6379, "description": "worker to shop-redis-sg"}
    assert [rule.inputs for rule in evaluation.of_type(INGRESS)] == [
        {"securityGroupId": "${shop-redis-sg.id}", "referencedSecurityGroupId": "sg-worker", **port}
    ]
    assert [rule.inputs for rule in evaluation.of_type(EGRESS)] == [
        {"securityGroupId": "sg-worker", "referencedSecurityGroupId": "${shop-redis-sg.id}", **port}
    ]


def test_outputs_name_the_node_for_cloudwatch_and_hide_the_token() -> None:
    evaluation = record(PROTECTED)
    assert evaluation.component_outputs[evaluation.one("zelly-components:index:RedisNode").urn] == {
        "replication_group_id": "${shop-redis.id}",
        "cache_cluster_id": "${shop-redis.id}-001",
        "endpoint": "${shop-redis.primaryEndpointAddress}",
        "port": 6379,
        "auth_token": "[secret]",
        "security_group_id": "${shop-redis-sg.id}",
        "ports": [6379],
    }


REFUSED: list[tuple[dict[str, Any], str]] = [
    *(
        ({"engine_version": version}, f"engine_version: came {version} with engine redis; allowed 7.0, 7.1")
        for version in ("7", "7.x", "7.1.0", "6.2", "7.2", "7.9", "8.0")
    ),
    *(
        (
            {"engine": "valkey", "engine_version": version},
            f"engine_version: came {version} with engine valkey; allowed 7.2, 8.0, 8.1, 8.2, 9.0, 9.1",
        )
        for version in ("7.1", "8", "8.3", "10.0")
    ),
    (
        {"node_type": "cache.t4g.smal"},
        "node_type: came cache.t4g.smal; allowed a cache node type such as cache.t4g.small, cache.t3.small or "
        "cache.t2.small",
    ),
    # ElastiCache makes no new nodes of the previous generation.
    (
        {"node_type": "cache.m3.medium"},
        "node_type: came cache.m3.medium; allowed a cache node type such as cache.t3.medium, cache.t2.medium or "
        "cache.t4g.medium",
    ),
    (
        {"snapshot_window": "20:00-20:59"},
        "snapshot_window: came 20:00-20:59; allowed a window of at least 60 minutes",
    ),
    ({"snapshot_window": "8 pm"}, "snapshot_window: came 8 pm; allowed a window in UTC, e.g. 19:00-20:00"),
    ({"snapshot_retention_days": -1}, "snapshot_retention_days: came -1; allowed 0 to 35"),
    ({"snapshot_retention_days": 36}, "snapshot_retention_days: came 36; allowed 0 to 35"),
]


@pytest.mark.parametrize(("changes", "message"), REFUSED)
def test_wrong_argument_is_refused_with_what_came_and_what_is_allowed(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match="came") as refusal:
        record(replace(PROTECTED, **changes))
    assert str(refusal.value) == message


@pytest.mark.parametrize("name", ["r" * 33, "Shop", "7-redis", "shop--redis", "shop-"])
def test_name_that_elasticache_could_not_carry_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="came") as refusal:
        record(PROTECTED, name)
    assert str(refusal.value) == (
        f"name: came {name}; allowed at most 32 lower-case letters, digits and single hyphens, starting with a letter"
    )


def test_longest_name_is_accepted() -> None:
    assert record(PROTECTED, "r" * 32).one(GROUP).name == "r" * 32


@pytest.mark.parametrize(
    ("engine", "version"), [(engine, version) for engine, versions in ENGINE_VERSIONS.items() for version in versions]
)
def test_parameter_group_family_is_the_engine_with_its_major_version(engine: Engine, version: str) -> None:
    assert parameter_group_family(engine, version) == engine + version.split(".", maxsplit=1)[0]


def test_valkey_differs_in_engine_version_family_and_description_alone() -> None:
    redis, valkey = record(PROTECTED), record(replace(PROTECTED, engine="valkey", engine_version="8.2"))
    assert valkey.one(GROUP).inputs == redis.one(GROUP).inputs | {
        "engine": "valkey",
        "engineVersion": "8.2",
        "description": "Valkey with one node",
    }
    assert valkey.one(PARAMETERS).inputs == redis.one(PARAMETERS).inputs | {"family": "valkey8"}
    assert [resource.urn for resource in valkey.resources] == [resource.urn for resource in redis.resources]


def test_docstring_example_runs() -> None:
    assert evaluate(example_program(RedisNode)).one(GROUP).name == "shop-redis"
