import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.workbench.sandbox.conftest import Sandbox, tags_of
from tests.workbench.sandbox.network import Network, make_network
from workbench.evaluate import Created
from workbench.sandbox.elasticache.supplement import region_code
from workbench.sandbox.errors import AwsRefusalError, InputTypeError

TOKEN = "n3Wf" * 16
GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"
PARAMETER_GROUP = "aws:elasticache/parameterGroup:ParameterGroup"


@pytest.fixture(scope="module")
def network(sandbox: Sandbox) -> Network:
    return make_network(sandbox)


@pytest.fixture(scope="module")
def subnet_group(sandbox: Sandbox, network: Network) -> Created:
    return sandbox.create(
        "aws:elasticache/subnetGroup:SubnetGroup", "shop", subnetIds=network.subnet_ids, description="Redis node"
    )


@pytest.fixture(scope="module")
def parameter_group(sandbox: Sandbox) -> Created:
    return sandbox.create(
        PARAMETER_GROUP,
        "shop",
        family="redis7",
        description="Never evict",
        parameters=[{"name": "maxmemory-policy", "value": "noeviction"}],
        tags={"Name": "shop"},
    )


@pytest.fixture(scope="module")
def group(sandbox: Sandbox, network: Network, subnet_group: Created, parameter_group: Created) -> Created:
    return sandbox.create(
        GROUP,
        "shop-redis",
        description="Redis with one node",
        engine="redis",
        engineVersion="7.1",
        nodeType="cache.t4g.small",
        numCacheClusters=1,
        automaticFailoverEnabled=False,
        multiAzEnabled=False,
        port=6379,
        parameterGroupName=parameter_group.id,
        subnetGroupName=subnet_group.id,
        securityGroupIds=[network.security_group_id],
        transitEncryptionEnabled=True,
        transitEncryptionMode="required",
        atRestEncryptionEnabled="true",
        authToken=TOKEN,
        authTokenUpdateStrategy="SET",
        autoMinorVersionUpgrade="false",
        snapshotRetentionLimit=7,
        snapshotWindow="20:00-21:00",
        maintenanceWindow="sun:21:30-sun:22:30",
        finalSnapshotIdentifier="shop-redis-final",
        applyImmediately=False,
        tags={"Name": "shop-redis"},
    )


def test_subnet_group_spans_its_subnets(sandbox: Sandbox, network: Network, subnet_group: Created) -> None:
    client = sandbox.client("elasticache")
    (found,) = client.describe_cache_subnet_groups(CacheSubnetGroupName=subnet_group.id)["CacheSubnetGroups"]
    assert {subnet["SubnetIdentifier"] for subnet in found["Subnets"]} == set(network.subnet_ids)
    assert (found["CacheSubnetGroupDescription"], found["VpcId"]) == ("Redis node", network.vpc_id)
    assert subnet_group.outputs["arn"] == f"arn:aws:elasticache:eu-west-1:123456789012:subnetgroup:{subnet_group.id}"


def test_parameter_group_holds_its_parameters_and_tags(sandbox: Sandbox, parameter_group: Created) -> None:
    client = sandbox.client("elasticache")
    arn = f"arn:aws:elasticache:eu-west-1:123456789012:parametergroup:{parameter_group.id}"
    assert client.describe_cache_parameter_groups(CacheParameterGroupName=parameter_group.id)[
        "CacheParameterGroups"
    ] == [
        {
            "CacheParameterGroupName": parameter_group.id,
            "CacheParameterGroupFamily": "redis7",
            "Description": "Never evict",
            "IsGlobal": False,
            "ARN": arn,
        }
    ]
    parameters = client.describe_cache_parameters(CacheParameterGroupName=parameter_group.id)["Parameters"]
    assert [(item["ParameterName"], item["ParameterValue"], item["Source"]) for item in parameters] == [
        ("maxmemory-policy", "noeviction", "user")
    ]
    tags = client.list_tags_for_resource(ResourceName=arn)["TagList"]
    assert tags_of(tags) == {"Project": "shop", "Name": "shop"}
    assert parameter_group.outputs["arn"] == arn


def test_parameter_group_is_changed_and_deleted_by_an_operator(sandbox: Sandbox) -> None:
    created = sandbox.create(PARAMETER_GROUP, "passing", name="passing", family="redis7", description="Passing")
    client = sandbox.client("elasticache")
    client.modify_cache_parameter_group(
        CacheParameterGroupName="passing", ParameterNameValues=[{"ParameterName": "timeout", "ParameterValue": "300"}]
    )
    parameters = client.describe_cache_parameters(CacheParameterGroupName="passing")["Parameters"]
    assert [(item["ParameterName"], item["ParameterValue"]) for item in parameters] == [("timeout", "300")]
    client.delete_cache_parameter_group(CacheParameterGroupName=created.id)
    with pytest.raises(client.exceptions.CacheParameterGroupNotFoundFault):
        client.describe_cache_parameter_groups(CacheParameterGroupName="passing")


def test_replication_group_has_everything_that_was_asked_for(sandbox: Sandbox, group: Created) -> None:
    client = sandbox.client("elasticache")
    (found,) = client.describe_replication_groups(ReplicationGroupId=group.id)["ReplicationGroups"]
    expected = {
        "Description": "Redis with one node",
        "Engine": "redis",
        "CacheNodeType": "cache.t4g.small",
        "AutomaticFailover": "disabled",
        "MultiAZ": "disabled",
        "MemberClusters": [f"{group.id}-001"],
        "TransitEncryptionEnabled": True,
        "TransitEncryptionMode": "required",
        "AtRestEncryptionEnabled": True,
        "AuthTokenEnabled": True,
        "AutoMinorVersionUpgrade": False,
        "SnapshotRetentionLimit": 7,
        "SnapshotWindow": "20:00-21:00",
    }
    assert {key: found[key] for key in expected} == expected
    tags = client.list_tags_for_resource(ResourceName=found["ARN"])["TagList"]
    assert tags_of(tags) == {"Project": "shop", "Name": "shop-redis"}


def test_replication_group_lies_in_its_own_region(sandbox: Sandbox, group: Created) -> None:
    client = sandbox.client("elasticache")
    (found,) = client.describe_replication_groups(ReplicationGroupId=group.id)["ReplicationGroups"]
    (nodes,) = found["NodeGroups"]
    master, _, domain = nodes["PrimaryEndpoint"]["Address"].partition(".")
    assert (master, domain.endswith(".euw1.cache.amazonaws.com")) == ("master", True)
    assert nodes["ReaderEndpoint"] == {"Address": f"replica.{domain}", "Port": 6379}
    assert [member["PreferredAvailabilityZone"] for member in nodes["NodeGroupMembers"]] == ["eu-west-1a"]
    assert {
        key: group.outputs[key]
        for key in ("primaryEndpointAddress", "readerEndpointAddress", "configurationEndpointAddress")
    } == {
        "primaryEndpointAddress": f"master.{domain}",
        "readerEndpointAddress": f"replica.{domain}",
        "configurationEndpointAddress": "",
    }


def test_node_of_a_replication_group_is_listed(
    sandbox: Sandbox, network: Network, group: Created, subnet_group: Created, parameter_group: Created
) -> None:
    client = sandbox.client("elasticache")
    (found,) = client.describe_cache_clusters(CacheClusterId=f"{group.id}-001")["CacheClusters"]
    expected = {
        "ReplicationGroupId": group.id,
        "EngineVersion": "7.1",
        "CacheNodeType": "cache.t4g.small",
        "NumCacheNodes": 1,
        "PreferredMaintenanceWindow": "sun:21:30-sun:22:30",
        "CacheParameterGroup": {"CacheParameterGroupName": parameter_group.id, "ParameterApplyStatus": "in-sync"},
        "CacheSubnetGroupName": subnet_group.id,
        "SecurityGroups": [{"SecurityGroupId": network.security_group_id, "Status": "active"}],
        "AuthTokenEnabled": True,
        "TransitEncryptionEnabled": True,
        "AtRestEncryptionEnabled": True,
        "TransitEncryptionMode": "required",
        "SnapshotRetentionLimit": 7,
    }
    assert {key: found[key] for key in expected} == expected
    assert found in client.describe_cache_clusters()["CacheClusters"]
    alone = client.describe_cache_clusters(ShowCacheClustersNotInReplicationGroups=True)["CacheClusters"]
    assert found not in alone
    assert (group.outputs["engineVersionActual"], group.outputs["memberClusters"]) == ("7.1", [f"{group.id}-001"])


def test_token_is_in_no_answer(sandbox: Sandbox, group: Created) -> None:
    client = sandbox.client("elasticache")
    answers = (client.describe_replication_groups(), client.describe_cache_clusters(ShowCacheNodeInfo=True))
    assert TOKEN not in f"{answers}{group.outputs}"


def test_name_is_the_providers_own_in_lower_case(sandbox: Sandbox) -> None:
    created = sandbox.create(GROUP, "Shop", description="Redis", engine="redis", nodeType="cache.t4g.micro")
    assert created.id.startswith("shop-")
    assert created.id == created.id.lower() == created.outputs["replicationGroupId"]


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        ({"subnetGroupName": "lost"}, "CacheSubnetGroupNotFoundFault: CacheSubnetGroup lost not found"),
        ({"parameterGroupName": "lost"}, "CacheParameterGroupNotFound: CacheParameterGroup lost not found"),
    ],
)
def test_group_that_refers_to_nothing_is_refused_and_not_made(
    sandbox: Sandbox, inputs: dict[str, Any], reason: str
) -> None:
    with pytest.raises(AwsRefusalError, match=f"CreateReplicationGroup failed with {reason}"):
        sandbox.create(GROUP, "lost", replicationGroupId="lost", description="Lost", **inputs)
    with pytest.raises(ClientError, match="ReplicationGroupNotFound"):
        sandbox.client("elasticache").describe_replication_groups(ReplicationGroupId="lost")


def test_wrongly_typed_token_is_not_told(sandbox: Sandbox) -> None:
    with pytest.raises(InputTypeError, match=r"^input authToken: came list; string is allowed$"):
        sandbox.create(GROUP, "wrong", description="Wrong", authToken=[TOKEN])


@pytest.mark.parametrize(
    ("region", "code"),
    [
        ("ap-south-1", "aps1"),
        ("ap-southeast-1", "apse1"),
        ("us-east-1", "use1"),
        ("eu-central-2", "euc2"),
        ("us-gov-west-1", "usgovw1"),
    ],
)
def test_region_code_is_made_of_initials(region: str, code: str) -> None:
    assert region_code(region) == code


@pytest.mark.parametrize(
    ("key", "encrypted", "status"),
    [
        ("aws:SourceOwner", False, "active"),
        ("aws:SourceAccount", False, "inactive"),
        ("aws:SourceOwner", True, "inactive"),
    ],
)
def test_topic_that_elasticache_cannot_publish_to_is_given_up(
    sandbox: Sandbox, subnet_group: Created, key: str, encrypted: bool, status: str
) -> None:
    name = f"{status}-{key.rpartition(':')[2].lower()}"[:20]
    arn = sandbox.create("aws:sns/topic:Topic", name, **({"kmsMasterKeyId": "alias/aws/sns"} if encrypted else {})).id
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": "sns:Publish",
        "Resource": arn,
        "Condition": {"StringEquals": {key: "123456789012"}},
    }
    sandbox.create("aws:sns/topicPolicy:TopicPolicy", name, arn=arn, policy=json.dumps({"Statement": [statement]}))
    group = sandbox.create(
        GROUP,
        name,
        description="cache",
        engine="redis",
        nodeType="cache.t4g.micro",
        numCacheClusters=1,
        subnetGroupName=subnet_group.id,
        notificationTopicArn=arn,
    )
    nodes = sandbox.client("elasticache").describe_cache_clusters()["CacheClusters"]
    (node,) = [each for each in nodes if each["ReplicationGroupId"] == group.id]
    assert node["NotificationConfiguration"] == {"TopicArn": arn, "TopicStatus": status}
