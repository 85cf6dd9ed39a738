from typing import Any

import pytest

from tests.workbench.sandbox.conftest import Sandbox, tags_of
from tests.workbench.sandbox.network import Network, make_network
from workbench.sandbox.errors import AwsRefusalError

SUBNET_GROUP = "aws:elasticache/subnetGroup:SubnetGroup"
PARAMETER_GROUP = "aws:elasticache/parameterGroup:ParameterGroup"
GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"
FAMILIES = ("redis7", "valkey8")


@pytest.fixture(scope="module")
def network(sandbox: Sandbox) -> Network:
    return make_network(sandbox)


def group(identifier: str, **other: Any) -> dict[str, Any]:
    return {
        "replicationGroupId": identifier,
        "description": "Redis",
        "engine": "redis",
        "engineVersion": "7.0",
        "nodeType": "cache.t4g.small",
        "numCacheClusters": 1,
        "transitEncryptionEnabled": True,
        "authToken": "x7Kq" * 16,
        **other,
    }


def found_group(sandbox: Sandbox, identifier: str) -> dict[str, Any]:
    client = sandbox.client("elasticache")
    (found,) = client.describe_replication_groups(ReplicationGroupId=identifier)["ReplicationGroups"]
    return found


def found_node(sandbox: Sandbox, identifier: str) -> dict[str, Any]:
    client = sandbox.client("elasticache")
    (found,) = client.describe_cache_clusters(CacheClusterId=f"{identifier}-001")["CacheClusters"]
    return found


def tags(sandbox: Sandbox, arn: str) -> dict[str, str]:
    return tags_of(sandbox.client("elasticache").list_tags_for_resource(ResourceName=arn)["TagList"])


def test_subnet_group_changes_and_goes(sandbox: Sandbox, network: Network) -> None:
    client = sandbox.client("elasticache")
    name = "cache-changes"
    created = sandbox.create(
        SUBNET_GROUP, name, name=name, description="First", subnetIds=network.subnet_ids[:2], tags={"Name": name}
    )
    sandbox.update(
        SUBNET_GROUP, name, name=name, description="Second", subnetIds=network.subnet_ids[1:], tags={"Name": "other"}
    )
    (found,) = client.describe_cache_subnet_groups(CacheSubnetGroupName=name)["CacheSubnetGroups"]
    assert (found["CacheSubnetGroupDescription"], found["VpcId"]) == ("Second", network.vpc_id)
    assert [subnet["SubnetIdentifier"] for subnet in found["Subnets"]] == network.subnet_ids[1:]
    assert tags(sandbox, created.outputs["arn"]) == {"Project": "shop", "Name": "other"}
    sandbox.delete(SUBNET_GROUP, name)
    sandbox.delete(SUBNET_GROUP, name)
    with pytest.raises(client.exceptions.CacheSubnetGroupNotFoundFault):
        client.describe_cache_subnet_groups(CacheSubnetGroupName=name)


def test_subnet_group_in_use_is_not_deleted(sandbox: Sandbox, network: Network) -> None:
    name = "cache-used"
    sandbox.create(SUBNET_GROUP, name, name=name, subnetIds=network.subnet_ids)
    sandbox.create(GROUP, name, **group(name, subnetGroupName=name))
    with pytest.raises(AwsRefusalError, match="DeleteCacheSubnetGroup failed with CacheSubnetGroupInUse"):
        sandbox.delete(SUBNET_GROUP, name)
    sandbox.delete(GROUP, name)
    sandbox.delete(SUBNET_GROUP, name)


def test_parameters_are_set_and_reset(sandbox: Sandbox) -> None:
    client = sandbox.client("elasticache")
    shared = {"name": "cache-changes", "family": "redis7", "description": "Never evict"}
    policy = {"name": "maxmemory-policy", "value": "noeviction"}
    sandbox.create(PARAMETER_GROUP, "changed", **shared, parameters=[policy, {"name": "timeout", "value": "60"}])
    sandbox.update(
        PARAMETER_GROUP, "changed", **shared, parameters=[{**policy, "value": "allkeys-lru"}], tags={"Name": "changed"}
    )

    def parameters() -> dict[str, str]:
        found = client.describe_cache_parameters(CacheParameterGroupName="cache-changes")["Parameters"]
        return {parameter["ParameterName"]: parameter["ParameterValue"] for parameter in found}

    assert parameters() == {"maxmemory-policy": "allkeys-lru"}
    (found,) = client.describe_cache_parameter_groups(CacheParameterGroupName="cache-changes")["CacheParameterGroups"]
    assert tags(sandbox, found["ARN"]) == {"Project": "shop", "Name": "changed"}
    sandbox.update(PARAMETER_GROUP, "changed", **shared)
    assert parameters() == {}
    sandbox.delete(PARAMETER_GROUP, "changed")
    sandbox.delete(PARAMETER_GROUP, "changed")
    with pytest.raises(client.exceptions.CacheParameterGroupNotFoundFault):
        client.describe_cache_parameter_groups(CacheParameterGroupName="cache-changes")


def test_replication_group_and_its_node_are_changed_in_place(sandbox: Sandbox, network: Network) -> None:
    name = "cache-changed"
    parameter_group = sandbox.create(PARAMETER_GROUP, name, family="redis7").id
    sandbox.create(GROUP, name, **group(name, snapshotRetentionLimit=1, snapshotWindow="20:00-21:00"))
    before = found_group(sandbox, name)
    sandbox.update(
        GROUP,
        name,
        **group(
            name,
            description="Larger",
            engineVersion="7.1",
            nodeType="cache.t4g.medium",
            autoMinorVersionUpgrade=False,
            maintenanceWindow="sun:21:30-sun:22:30",
            parameterGroupName=parameter_group,
            securityGroupIds=[network.security_group_id],
            snapshotRetentionLimit=7,
            snapshotWindow="22:00-23:00",
            transitEncryptionMode="required",
            tags={"Name": name},
        ),
    )
    found, node = found_group(sandbox, name), found_node(sandbox, name)
    of_group = {
        "Description": "Larger",
        "CacheNodeType": "cache.t4g.medium",
        "SnapshotRetentionLimit": 7,
        "SnapshotWindow": "22:00-23:00",
        "AutoMinorVersionUpgrade": False,
        "TransitEncryptionMode": "required",
        "AuthTokenEnabled": True,
        "AuthTokenLastModifiedDate": before["AuthTokenLastModifiedDate"],
        "NodeGroups": before["NodeGroups"],
    }
    assert {key: found.get(key) for key in of_group} == of_group
    of_node = {
        "EngineVersion": "7.1",
        "CacheNodeType": "cache.t4g.medium",
        "PreferredMaintenanceWindow": "sun:21:30-sun:22:30",
        "CacheParameterGroup": {"CacheParameterGroupName": parameter_group, "ParameterApplyStatus": "in-sync"},
        "SecurityGroups": [{"SecurityGroupId": network.security_group_id, "Status": "active"}],
        "SnapshotWindow": "22:00-23:00",
        "AutoMinorVersionUpgrade": False,
    }
    assert {key: node.get(key) for key in of_node} == of_node
    assert tags(sandbox, found["ARN"]) == {"Project": "shop", "Name": name}


def test_token_is_rotated_and_taken_away(sandbox: Sandbox) -> None:
    name = "cache-token"
    sandbox.create(GROUP, name, **group(name))
    first = found_group(sandbox, name)
    sandbox.update(GROUP, name, **group(name, authToken="n3Wf" * 16))
    second = found_group(sandbox, name)
    assert second["AuthTokenEnabled"] is True
    assert second["AuthTokenLastModifiedDate"] > first["AuthTokenLastModifiedDate"]
    without = group(name)
    del without["authToken"]
    sandbox.update(GROUP, name, **without)
    assert found_group(sandbox, name)["AuthTokenEnabled"] is False


def test_change_to_an_unknown_parameter_group_is_refused(sandbox: Sandbox) -> None:
    name = "cache-refused"
    sandbox.create(GROUP, name, **group(name))
    with pytest.raises(AwsRefusalError, match="ModifyReplicationGroup failed with CacheParameterGroupNotFound"):
        sandbox.update(GROUP, name, **group(name, parameterGroupName="lost"))


def test_replication_group_goes_with_its_node_and_leaves_its_last_snapshot(sandbox: Sandbox) -> None:
    name = "cache-gone"
    client = sandbox.client("elasticache")
    sandbox.create(GROUP, name, **group(name, finalSnapshotIdentifier=f"{name}-last"))
    sandbox.delete(GROUP, name)
    sandbox.delete(GROUP, name)
    with pytest.raises(client.exceptions.ReplicationGroupNotFoundFault):
        client.describe_replication_groups(ReplicationGroupId=name)
    with pytest.raises(client.exceptions.CacheClusterNotFoundFault):
        client.describe_cache_clusters(CacheClusterId=f"{name}-001")
    (snapshot,) = client.describe_snapshots(SnapshotName=f"{name}-last")["Snapshots"]
    assert (snapshot["ReplicationGroupId"], snapshot["SnapshotSource"]) == (name, "manual")


def test_new_replication_group_has_nothing_of_a_deleted_one_of_its_name(sandbox: Sandbox, network: Network) -> None:
    name = "cache-again"
    sandbox.create(SUBNET_GROUP, name, name=name, subnetIds=network.subnet_ids[2:])
    sandbox.create(GROUP, name, **group(name, subnetGroupName=name, tags={"Old": "1"}))

    def zone() -> str:
        return found_group(sandbox, name)["NodeGroups"][0]["NodeGroupMembers"][0]["PreferredAvailabilityZone"]

    assert zone() == "eu-west-1c"
    sandbox.delete(GROUP, name)
    sandbox.create(GROUP, name, **group(name))
    assert zone() == "eu-west-1a"
    assert tags(sandbox, found_group(sandbox, name)["ARN"]) == {"Project": "shop"}


def test_redis_becomes_valkey_in_place_and_never_redis_again(sandbox: Sandbox) -> None:
    name = "cache-valkey"
    families = {family: sandbox.create(PARAMETER_GROUP, f"{name}-{family}", family=family).id for family in FAMILIES}
    redis = group(name, engineVersion="7.1", parameterGroupName=families["redis7"])
    sandbox.create(GROUP, name, **redis)
    before = found_group(sandbox, name)
    refused: dict[str, dict[str, Any]] = {
        "Expected a parameter group of family valkey8 but found one of family redis7": {"engineVersion": "8.2"},
        "Cannot find version 7.1 for valkey": {"engineVersion": "7.1"},
    }
    for message, changes in refused.items():
        with pytest.raises(AwsRefusalError, match=message):
            sandbox.update(GROUP, name, **redis | {"engine": "valkey"} | changes)
    valkey = {"engine": "valkey", "engineVersion": "8.2", "parameterGroupName": families["valkey8"]}
    sandbox.update(GROUP, name, **redis | valkey)
    after, node = found_group(sandbox, name), found_node(sandbox, name)
    endpoint = "NodeGroups"
    assert (after["Engine"], after[endpoint]) == ("valkey", before[endpoint])
    assert (node["Engine"], node["EngineVersion"]) == ("valkey", "8.2")
    assert node["CacheParameterGroup"]["CacheParameterGroupName"] == families["valkey8"]
    with pytest.raises(AwsRefusalError, match="cannot be changed to redis"):
        sandbox.update(GROUP, name, **redis)
    with pytest.raises(AwsRefusalError, match=r"Cannot change from 8\.2 back to 8\.1"):
        sandbox.update(GROUP, name, **redis | valkey | {"engineVersion": "8.1"})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"engineVersion": "7.2"}, "Cannot find version 7.2 for redis"),
        ({"engine": "memcached"}, "memcached is no engine of a replication group"),
        ({"nodeType": "cache.t4g.smal"}, "Cache node type cache.t4g.smal is not supported"),
    ],
)
def test_what_elasticache_does_not_have_is_not_made(sandbox: Sandbox, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(AwsRefusalError, match=message):
        sandbox.create(GROUP, "cache-refused", **group("cache-refused", **changes))
