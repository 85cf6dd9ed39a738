"""AWS holds what was recorded: each made resource is read back, and its inputs are looked for in what is described.

By name, as the provider's inputs and the API's members are spelt alike but for their case; ``named`` holds the others.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import jmespath

from workbench.evaluate import Backend, Created, Invocation, Registration
from workbench.sandbox.clients import Clients
from workbench.sandbox.services import RESOURCES
from workbench.sandbox.stored import Stored


class Remembering:
    """A backend that keeps what it has made, as a state does."""

    def __init__(self, backend: Backend) -> None:
        self.made: list[Stored] = []
        self._backend = backend

    def create(self, registration: Registration) -> Created:
        created = self._backend.create(registration)
        if registration.type in RESOURCES:
            self.made.append(Stored.just_made(registration, created))
        return created

    def invoke(self, invocation: Invocation) -> Mapping[str, Any]:
        return self._backend.invoke(invocation)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a type is read back."""

    operation: str
    parameters: Mapping[str, str]
    """Parameter -> ``id``, or a property of the state; a name in brackets where the API wants a list."""
    at: str
    """JMESPath of the described resource in the answer."""
    named: Mapping[str, str] = field(default_factory=dict[str, str])
    """Input -> JMESPath in the described resource, where that has another name than the input."""
    service: str | None = None
    """boto3's name of it, where it is not the row's."""


_APART = ""
"""As a path: what is described says it in no way that can be compared."""


def _of_ec2(thing: str, parameter: str, **named: str) -> Reading:
    return Reading(
        operation=f"describe_{thing}",
        parameters={parameter: "[id]"},
        at=f"*[] | [?{parameter[:-1]}] | [0]",
        named=named,
    )


_RULE = _of_ec2(
    "security_group_rules",
    "SecurityGroupRuleIds",
    referencedSecurityGroupId="ReferencedGroupInfo.GroupId",
    securityGroupId="GroupId",
)

READINGS: Mapping[str, Reading] = {
    "aws:ec2/vpc:Vpc": _of_ec2("vpcs", "VpcIds"),
    "aws:ec2/subnet:Subnet": _of_ec2("subnets", "SubnetIds"),
    "aws:ebs/volume:Volume": _of_ec2("volumes", "VolumeIds", type="VolumeType"),
    "aws:ec2/instance:Instance": Reading(
        operation="describe_instances",
        parameters={"InstanceIds": "[id]"},
        at="Reservations[0].Instances[0]",
        # The profile is described by its ARN alone.
        named={"ami": "ImageId", "vpcSecurityGroupIds": "SecurityGroups[].GroupId", "iamInstanceProfile": _APART},
    ),
    "aws:ec2/securityGroup:SecurityGroup": Reading(
        operation="describe_security_groups", parameters={"GroupIds": "[id]"}, at="SecurityGroups[0]"
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _RULE,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _RULE,
    "aws:cloudwatch/metricAlarm:MetricAlarm": Reading(
        operation="describe_alarms",
        parameters={"AlarmNames": "[id]"},
        at="MetricAlarms[0]",
        named={"name": "AlarmName", "dimensions": "Dimensions"},
    ),
    "aws:cloudwatch/logGroup:LogGroup": Reading(
        service="logs",
        operation="describe_log_groups",
        parameters={"logGroupNamePrefix": "id"},
        at="logGroups[0]",
        named={"name": "logGroupName"},
    ),
    "aws:ecr/repository:Repository": Reading(
        operation="describe_repositories", parameters={"repositoryNames": "[id]"}, at="repositories[0]"
    ),
    "aws:ecs/service:Service": Reading(
        operation="describe_services",
        parameters={"services": "[id]", "cluster": "cluster"},
        at="services[0]",
        named={"name": "serviceName", "cluster": "clusterArn"},
    ),
    "aws:ecs/taskDefinition:TaskDefinition": Reading(
        operation="describe_task_definition", parameters={"taskDefinition": "arn"}, at="taskDefinition"
    ),
    "aws:efs/fileSystem:FileSystem": Reading(
        operation="describe_file_systems", parameters={"FileSystemId": "id"}, at="FileSystems[0]"
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup": Reading(
        operation="describe_replication_groups",
        parameters={"ReplicationGroupId": "id"},
        at="ReplicationGroups[0]",
        named={"nodeType": "CacheNodeType"},
    ),
    "aws:iam/role:Role": Reading(
        operation="get_role",
        parameters={"RoleName": "id"},
        at="Role",
        named={"name": "RoleName", "assumeRolePolicy": "AssumeRolePolicyDocument"},
    ),
    "aws:iam/rolePolicy:RolePolicy": Reading(
        operation="get_role_policy",
        parameters={"RoleName": "role", "PolicyName": "name"},
        at="@",
        named={"name": "PolicyName", "role": "RoleName", "policy": "PolicyDocument"},
    ),
    "aws:lb/loadBalancer:LoadBalancer": Reading(
        operation="describe_load_balancers",
        parameters={"LoadBalancerArns": "[id]"},
        at="LoadBalancers[0]",
        named={
            "name": "LoadBalancerName",
            "loadBalancerType": "Type",
            "securityGroups": "SecurityGroups",
            "subnets": "AvailabilityZones[].SubnetId",
        },
    ),
    "aws:lb/targetGroup:TargetGroup": Reading(
        operation="describe_target_groups",
        parameters={"TargetGroupArns": "[id]"},
        at="TargetGroups[0]",
        named={"name": "TargetGroupName"},
    ),
    "aws:lb/listener:Listener": Reading(
        operation="describe_listeners", parameters={"ListenerArns": "[id]"}, at="Listeners[0]"
    ),
    "aws:rds/cluster:Cluster": Reading(
        operation="describe_db_clusters",
        parameters={"DBClusterIdentifier": "id"},
        at="DBClusters[0]",
        named={
            "clusterIdentifier": "DBClusterIdentifier",
            "dbSubnetGroupName": "DBSubnetGroup",
            "vpcSecurityGroupIds": "VpcSecurityGroups[].VpcSecurityGroupId",
        },
    ),
    "aws:rds/clusterInstance:ClusterInstance": Reading(
        operation="describe_db_instances",
        parameters={"DBInstanceIdentifier": "id"},
        at="DBInstances[0]",
        named={"identifier": "DBInstanceIdentifier", "clusterIdentifier": "DBClusterIdentifier"},
    ),
    "aws:secretsmanager/secret:Secret": Reading(
        operation="describe_secret", parameters={"SecretId": "id"}, at="@", named={"kmsKeyId": "KmsKeyId"}
    ),
    "aws:sns/topicPolicy:TopicPolicy": Reading(
        operation="get_topic_attributes",
        parameters={"TopicArn": "id"},
        at="Attributes",
        named={"arn": "TopicArn"},
    ),
    "aws:sns/topicSubscription:TopicSubscription": Reading(
        operation="get_subscription_attributes",
        parameters={"SubscriptionArn": "id"},
        at="Attributes",
        named={"topic": "TopicArn"},
    ),
    "aws:acm/certificate:Certificate": Reading(
        operation="describe_certificate", parameters={"CertificateArn": "id"}, at="Certificate"
    ),
    "aws:cloudwatch/dashboard:Dashboard": Reading(
        operation="get_dashboard", parameters={"DashboardName": "id"}, at="@"
    ),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": Reading(
        service="logs",
        operation="describe_metric_filters",
        parameters={"logGroupName": "logGroupName", "filterNamePrefix": "id"},
        at="metricFilters[0]",
        named={"name": "filterName", "pattern": "filterPattern"},
    ),
    "aws:dlm/lifecyclePolicy:LifecyclePolicy": Reading(
        operation="get_lifecycle_policy", parameters={"PolicyId": "id"}, at="Policy"
    ),
    "aws:ec2/flowLog:FlowLog": Reading(
        operation="describe_flow_logs",
        parameters={"FlowLogIds": "[id]"},
        at="FlowLogs[0]",
        named={"vpcId": "ResourceId", "iamRoleArn": "DeliverLogsPermissionArn"},
    ),
    "aws:ec2/natGateway:NatGateway": Reading(
        operation="describe_nat_gateways",
        parameters={"NatGatewayIds": "[id]"},
        at="NatGateways[0]",
        named={"allocationId": "NatGatewayAddresses[0].AllocationId"},
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": _of_ec2("vpc_endpoints", "VpcEndpointIds"),
    "aws:efs/accessPoint:AccessPoint": Reading(
        operation="describe_access_points", parameters={"AccessPointId": "id"}, at="AccessPoints[0]"
    ),
    "aws:efs/mountTarget:MountTarget": Reading(
        operation="describe_mount_targets", parameters={"MountTargetId": "id"}, at="MountTargets[0]"
    ),
    "aws:elasticache/subnetGroup:SubnetGroup": Reading(
        operation="describe_cache_subnet_groups",
        parameters={"CacheSubnetGroupName": "id"},
        at="CacheSubnetGroups[0]",
        named={"subnetIds": "Subnets[].SubnetIdentifier"},
    ),
    "aws:iam/instanceProfile:InstanceProfile": Reading(
        operation="get_instance_profile",
        parameters={"InstanceProfileName": "id"},
        at="InstanceProfile",
        named={"role": "Roles[0].RoleName"},
    ),
    "aws:kms/key:Key": Reading(operation="describe_key", parameters={"KeyId": "id"}, at="KeyMetadata"),
    "aws:rds/eventSubscription:EventSubscription": Reading(
        operation="describe_event_subscriptions",
        parameters={"SubscriptionName": "name"},
        at="EventSubscriptionsList[0]",
        named={"name": "CustSubscriptionId", "snsTopic": "SnsTopicArn", "eventCategories": "EventCategoriesList"},
    ),
    "aws:rds/subnetGroup:SubnetGroup": Reading(
        operation="describe_db_subnet_groups",
        parameters={"DBSubnetGroupName": "id"},
        at="DBSubnetGroups[0]",
        named={"subnetIds": "Subnets[].SubnetIdentifier"},
    ),
    "aws:s3/bucketPolicy:BucketPolicy": Reading(operation="get_bucket_policy", parameters={"Bucket": "id"}, at="@"),
    "aws:secretsmanager/secretVersion:SecretVersion": Reading(
        operation="get_secret_value",
        parameters={"SecretId": "secretId"},
        at="@",
        named={"secretId": "ARN", "versionStages": _APART},
    ),
    "aws:appautoscaling/target:Target": Reading(
        operation="describe_scalable_targets",
        parameters={"ResourceIds": "[resourceId]", "ServiceNamespace": "serviceNamespace"},
        at="ScalableTargets[0]",
    ),
    "aws:appautoscaling/policy:Policy": Reading(
        operation="describe_scaling_policies",
        parameters={"PolicyNames": "[name]", "ResourceId": "resourceId", "ServiceNamespace": "serviceNamespace"},
        at="ScalingPolicies[0]",
        named={"name": "PolicyName"},
    ),
    "aws:ssm/parameter:Parameter": Reading(
        operation="get_parameter", parameters={"Name": "id"}, at="Parameter", named={}
    ),
}


def differences(clients: Clients, made: Iterable[Stored]) -> Iterator[tuple[str, str, str]]:
    """Return type, name and input wherever AWS holds another value; ``nothing compared`` where no name was found."""
    for stored in made:
        if (reading := READINGS.get(stored.type)) is not None:
            yield from ((stored.type, stored.name, name) for name in _differences(clients, stored, reading))


def _differences(clients: Clients, stored: Stored, reading: Reading) -> Iterator[str]:
    service = reading.service or RESOURCES[stored.type].service or ""
    client = clients.get(service, stored.outputs["region"])
    answer = getattr(client, reading.operation)(
        **{parameter: _source(stored, source) for parameter, source in reading.parameters.items()}
    )
    described: Mapping[str, Any] = jmespath.search(reading.at, answer) or {}
    by_name = {member.casefold(): value for member, value in described.items()}
    compared = 0
    for name, value in stored.inputs.items():
        if reading.named.get(name) == _APART:
            continue
        if name in reading.named:
            found = jmespath.search(reading.named[name], described)
        elif name.casefold() in by_name and _is_plain(value):
            found = by_name[name.casefold()]
        else:
            continue
        compared += 1
        if not _holds(_comparable(found), _comparable(value)):
            yield name
    if not compared:
        yield "nothing compared"


def _holds(found: Any, recorded: Any) -> bool:
    """Tell whether what was recorded is there, and maybe more: what AWS adds by itself."""
    if isinstance(recorded, dict) and isinstance(found, dict):
        held = cast("dict[str, Any]", found)
        return all(_holds(held.get(key), value) for key, value in cast("dict[str, Any]", recorded).items())
    if isinstance(recorded, list) and isinstance(found, list):
        both = zip(cast("list[Any]", found), cast("list[Any]", recorded), strict=False)
        return len(cast("list[Any]", found)) == len(cast("list[Any]", recorded)) and all(_holds(*pair) for pair in both)
    return found == recorded or (not found and not recorded)


def _source(stored: Stored, source: str) -> Any:
    name = source.strip("[]")
    value = stored.id if name == "id" else stored.outputs[name]
    return [value] if source != name else value


def _is_plain(value: object) -> bool:
    scalars = (str, int, float, bool)
    return isinstance(value, scalars) or (
        isinstance(value, list) and all(isinstance(item, scalars) for item in cast("list[object]", value))
    )


def _comparable(value: Any) -> Any:
    """Return a value so that the provider's and the API's spelling of it are equal."""
    if isinstance(value, str) and value.startswith(("{", "[")):
        return _comparable(json.loads(value))
    if isinstance(value, Mapping):
        return {key: _comparable(item) for key, item in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list):
        items = cast("list[Any]", value)
        if items and all(isinstance(item, Mapping) and {*item} == {"Name", "Value"} for item in items):
            return {item["Name"]: _comparable(item["Value"]) for item in items}
        compared = [_comparable(item) for item in items]
        return compared if any(isinstance(item, dict | list) for item in compared) else sorted(compared)
    if isinstance(value, bool):
        return f"{value}".lower()
    return f"{float(value)}" if isinstance(value, int | float) else f"{value}"
