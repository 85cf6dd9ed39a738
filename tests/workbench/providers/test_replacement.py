"""Which changes replace a resource, as the providers' own source has it."""

import json
from pathlib import Path
from typing import Any

import pytest

from workbench.providers import replacement
from workbench.providers.replacement import judge, rules

CLUSTER = "aws:rds/cluster:Cluster"
REDIS = "aws:elasticache/replicationGroup:ReplicationGroup"
INSTANCE = "aws:ec2/instance:Instance"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
PASSWORD = "random:index/randomPassword:RandomPassword"
SERVICE = "aws:ecs/service:Service"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
PARAMETER = "aws:ssm/parameter:Parameter"
VPC = "aws:ec2/vpc:Vpc"
NETWORK = {"loadBalancerType": "network"}
MAPPING = "subnetMappings"
A, B = {"subnetId": "a"}, {"subnetId": "b"}
ADDRESSES = "secondaryIpsAutoAssignedPerSubnet"


def planned(type_token: str, old: dict[str, Any], new: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Return the paths that change, and those that replace."""
    verdict = judge(type_token, old=old, new=new)
    assert verdict is not None
    return (
        [change.property_path for change in verdict.changes],
        [change.property_path for change in verdict.replacing],
    )


REPLACED: list[tuple[str, dict[str, Any], dict[str, Any], list[str]]] = [
    (VPC, {"cidrBlock": "10.0.0.0/16"}, {"cidrBlock": "10.1.0.0/16"}, ["cidrBlock"]),
    (VPC, {"region": "a"}, {"region": "b"}, ["region"]),
    (VPC, {"instanceTenancy": "default"}, {"instanceTenancy": "dedicated"}, ["instanceTenancy"]),
    (VPC, {"instanceTenancy": "dedicated"}, {"instanceTenancy": "default"}, []),
    (VPC, {"enableDnsHostnames": True}, {"enableDnsHostnames": False}, []),
    # Below a structure that forces, everything does; of one that does not, only what is named.
    (TASK, {"volumes": [{"name": "a"}]}, {"volumes": [{"name": "b"}]}, ["volumes[0].name"]),
    (
        TASK,
        {"requiresCompatibilities": ["EC2"]},
        {"requiresCompatibilities": ["FARGATE"]},
        ["requiresCompatibilities[0]"],
    ),
    (TASK, {"trackLatest": True}, {"trackLatest": False}, []),
    (
        SERVICE,
        {"deploymentConfiguration": {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": "5"}},
        {"deploymentConfiguration": {"strategy": "ROLLING"}, "deploymentCircuitBreaker": {"enable": True}},
        [],
    ),
    (SERVICE, {"alarms": {"alarmNames": ["a"]}}, {"alarms": {"alarmNames": ["b"]}}, []),
    (SERVICE, {"loadBalancers": [{"targetGroupArn": "blue"}]}, {"loadBalancers": [{"targetGroupArn": "green"}]}, []),
    (
        INSTANCE,
        {"rootBlockDevice": {"encrypted": False, "volumeSize": 8}},
        {"rootBlockDevice": {"encrypted": True, "volumeSize": 9}},
        ["rootBlockDevice.encrypted"],
    ),
    (INSTANCE, {}, {"networkInterfaces": [{"deviceIndex": 0}]}, ["networkInterfaces[0].deviceIndex"]),
    (INSTANCE, {}, {"ebsBlockDevices": [{"tags": {"a": "b"}}]}, ["ebsBlockDevices[0].tags.a"]),
    (REDIS, {}, {"snapshotName": "before-migration"}, ["snapshotName"]),
    (REDIS, {"snapshotName": "before-migration"}, {}, ["snapshotName"]),
    (INSTANCE, {"userData": "a"}, {"userData": "b"}, []),
    (INSTANCE, {"userData": "a"}, {"userData": "b", "userDataReplaceOnChange": True}, ["userData"]),
    (INSTANCE, {"instanceType": "t3.small"}, {"instanceType": "m7i.large"}, []),
    (INSTANCE, {"instanceType": "t3.small"}, {"instanceType": "t4g.small"}, ["instanceType"]),
    (INSTANCE, {"instanceType": "m7gd.large"}, {"instanceType": "c7gn.large"}, []),
    (INSTANCE, {"instanceType": "g5.xlarge"}, {"instanceType": "g4dn.xlarge"}, []),
    (CLUSTER, {"engine": "aurora-mysql", "storageType": "a"}, {"engine": "aurora-mysql", "storageType": "b"}, []),
    (CLUSTER, {"engine": "mysql", "storageType": "io1"}, {"engine": "mysql", "storageType": "io2"}, ["storageType"]),
    (CLUSTER, {}, {"snapshotIdentifier": "s"}, ["snapshotIdentifier"]),
    (CLUSTER, {"engineVersion": "8.0.1"}, {"engineVersion": "8.0.2"}, []),
    (
        CLUSTER,
        {"serverlessv2ScalingConfiguration": {"maxCapacity": 2}},
        {"serverlessv2ScalingConfiguration": {"maxCapacity": 4}},
        [],
    ),
    (REDIS, {"engineVersion": "7.1"}, {"engineVersion": "7.2"}, []),
    (REDIS, {"engineVersion": "7.1"}, {"engineVersion": "7.0"}, ["engineVersion"]),
    (REDIS, {"engineVersion": "6.x"}, {"engineVersion": "6.2"}, []),
    (REDIS, {"engine": "redis"}, {"engine": "valkey"}, []),
    (REDIS, {"engine": "valkey"}, {"engine": "redis"}, ["engine"]),
    (
        REDIS,
        {"engineVersion": "6.2", "transitEncryptionEnabled": False},
        {"engineVersion": "6.2", "transitEncryptionEnabled": True},
        ["transitEncryptionEnabled"],
    ),
    (
        REDIS,
        {"engineVersion": "7.1", "transitEncryptionEnabled": False},
        {"engineVersion": "7.1", "transitEncryptionEnabled": True},
        [],
    ),
    (BALANCER, {"subnets": ["a", "b"]}, {"subnets": ["a", "c"]}, []),
    (BALANCER, {**NETWORK, "subnets": ["a", "b"]}, {**NETWORK, "subnets": ["a", "c"]}, ["subnets[1]"]),
    (BALANCER, {**NETWORK, "subnets": ["a"]}, {**NETWORK, "subnets": ["a", "c"]}, []),
    (BALANCER, {**NETWORK, "subnets": ["a"]}, {**NETWORK, "subnets": "not known yet"}, ["subnets", "subnets[0]"]),
    (BALANCER, {**NETWORK, "subnetMappings": [A, B]}, {**NETWORK, "subnetMappings": [A]}, [f"{MAPPING}[1].subnetId"]),
    (BALANCER, {**NETWORK, "subnetMappings": [A]}, {**NETWORK, "subnetMappings": [A, B]}, []),
    (BALANCER, {**NETWORK, "subnetMappings": [A]}, {**NETWORK, "subnetMappings": [B]}, [f"{MAPPING}[0].subnetId"]),
    (BALANCER, {"subnetMappings": [A]}, {"subnetMappings": [B]}, [f"{MAPPING}[0].subnetId"]),
    (BALANCER, {"subnetMappings": [A, B]}, {"subnetMappings": [A]}, []),
    (
        BALANCER,
        {"subnetMappings": [A]},
        {"subnetMappings": "not known yet"},
        ["subnetMappings", f"{MAPPING}[0].subnetId"],
    ),
    (BALANCER, {**NETWORK, ADDRESSES: 2}, {**NETWORK, ADDRESSES: 1}, [ADDRESSES]),
    (BALANCER, {**NETWORK, ADDRESSES: 1}, {**NETWORK, ADDRESSES: 2}, []),
    (BALANCER, {**NETWORK}, {**NETWORK, "securityGroups": ["a"]}, ["securityGroups[0]"]),
    (BALANCER, {**NETWORK, "securityGroups": ["b"]}, {**NETWORK, "securityGroups": ["a"]}, []),
    (BALANCER, {}, {"securityGroups": ["a"]}, []),
    (ENDPOINT, {"vpcEndpointType": "Interface"}, {"vpcEndpointType": "Interface", "privateDnsEnabled": True}, []),
    (ENDPOINT, {}, {"privateDnsEnabled": True}, ["privateDnsEnabled"]),
    (
        "aws:ec2/subnet:Subnet",
        {"assignIpv6AddressOnCreation": True, "ipv6CidrBlock": "a"},
        {"assignIpv6AddressOnCreation": True, "ipv6CidrBlock": "b"},
        ["ipv6CidrBlock"],
    ),
    ("aws:ec2/subnet:Subnet", {"ipv6CidrBlock": "a"}, {"ipv6CidrBlock": "b"}, []),
    (INGRESS, {"cidrIpv4": "10.0.0.0/8"}, {"cidrIpv4": "10.0.0.0/16"}, []),
    (
        INGRESS,
        {"cidrIpv4": "10.0.0.0/8"},
        {"referencedSecurityGroupId": "sg-1"},
        ["cidrIpv4", "referencedSecurityGroupId"],
    ),
    ("aws:acm/certificate:Certificate", {"domainName": "a"}, {"domainName": "b"}, ["domainName"]),
    ("aws:secretsmanager/secretVersion:SecretVersion", {"secretString": "a"}, {"secretString": "b"}, ["secretString"]),
    ("cloudflare:index/dnsRecord:DnsRecord", {"type": "A", "name": "a"}, {"type": "CNAME", "name": "b"}, ["type"]),
    (PASSWORD, {"keepers": {"a": "1"}}, {"keepers": {"a": "2"}}, ["keepers.a"]),
    (PARAMETER, {"name": "/a", "value": "1"}, {"name": "/b", "value": "2"}, ["name"]),
    (PARAMETER, {"tier": "Advanced"}, {"tier": "Standard"}, ["tier"]),
    (PARAMETER, {"tier": "Standard"}, {"tier": "Advanced"}, []),
    ("aws:sns/topicSubscription:TopicSubscription", {"topic": "a"}, {"topic": "b"}, ["topic"]),
    ("aws:sns/topic:Topic", {"kmsMasterKeyId": "a"}, {"kmsMasterKeyId": "b"}, []),
    (
        "aws:dlm/lifecyclePolicy:LifecyclePolicy",
        {"policyDetails": {"schedules": [{"copyTags": True, "name": "a"}]}},
        {"policyDetails": {"schedules": [{"copyTags": False, "name": "b"}]}},
        ["policyDetails.schedules[0].copyTags"],
    ),
    (PASSWORD, {"length": 20}, {"length": 24}, ["length"]),
]


@pytest.mark.parametrize(("type_token", "old", "new", "replacing"), REPLACED)
def test_what_replaces(type_token: str, old: dict[str, Any], new: dict[str, Any], replacing: list[str]) -> None:
    paths, found = planned(type_token, old, new)
    assert found == replacing
    assert paths


@pytest.mark.parametrize(
    ("type_token", "old", "new"),
    [
        # The provider keeps a value that it knows and the program does not give any more.
        (CLUSTER, {"masterUsername": "root", "availabilityZones": ["a", "b"]}, {}),
        (CLUSTER, {"snapshotIdentifier": "s"}, {}),
        (CLUSTER, {"engineMode": "provisioned"}, {}),
        (CLUSTER, {"serverlessv2ScalingConfiguration": {"maxCapacity": 4}}, {}),
        (REDIS, {"port": 6379}, {}),
        (PARAMETER, {"tier": "Standard"}, {"tier": "Intelligent-Tiering"}),
        (PASSWORD, {"overrideSpecial": ""}, {}),
        (
            "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
            {"url": "https://token.actions.githubusercontent.com"},
            {"url": "token.actions.githubusercontent.com"},
        ),
    ],
)
def test_what_the_provider_takes_for_no_change(type_token: str, old: dict[str, Any], new: dict[str, Any]) -> None:
    assert planned(type_token, old, new) == ([], [])


def test_a_list_that_gets_shorter_is_not_one_that_is_left_out() -> None:
    old, new = {"availabilityZones": ["a", "b"]}, {"availabilityZones": ["a"]}
    assert planned(CLUSTER, old, new) == (["availabilityZones[1]"], ["availabilityZones[1]"])


@pytest.mark.parametrize(
    ("type_token", "inputs", "expected"),
    [
        (GROUP, {"name": "web"}, True),
        (GROUP, {"description": "web"}, False),
        ("aws:s3/bucket:Bucket", {"bucket": "logs"}, True),
        ("aws:efs/mountTarget:MountTarget", {}, True),
        ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", {}, True),
        # Not one that Pulumi could name by itself.
        (CLUSTER, {"clusterIdentifier": "shop"}, False),
    ],
)
def test_the_old_one_goes_first_where_the_new_one_could_not_have_its_name(
    type_token: str, inputs: dict[str, Any], expected: bool
) -> None:
    verdict = judge(type_token, old={}, new=inputs)
    assert verdict is not None
    assert verdict.delete_before_replace is expected


def test_a_type_that_is_not_in_the_table_is_unknown() -> None:
    assert judge("aws:sqs/queue:Queue", old={"name": "a"}, new={"name": "b"}) is None


def test_every_type_says_where_its_rule_was_read() -> None:
    table: dict[str, Any] = json.loads(Path(replacement.__file__).with_suffix(".json").read_text(encoding="utf-8"))
    sources = {token: entry["source"] for token, entry in table.items() if token != "_meta"}
    assert sources.keys() == rules().keys()
    assert len(sources) == 109
    assert all("@" in source for source in sources.values())


def test_what_is_marked_to_be_deleted_first_is_what_the_table_says() -> None:
    assert {token for token, rule in rules().items() if rule.always_deletes_first} == {
        "aws:ec2/securityGroupRule:SecurityGroupRule",
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        "aws:efs/mountTarget:MountTarget",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    }
    assert {rule.autonamed_property for rule in rules().values()} == {
        None,
        "bucket",
        "creationToken",
        "keyName",
        "name",
        "replicationGroupId",
    }
