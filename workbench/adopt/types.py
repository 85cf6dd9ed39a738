"""The table of types: what a Terraform type is in Pulumi, what it is imported by, and what makes two of it the same.

A type of another program costs a row. The import ids are those of the SDK's docstrings, which a test compares.
"""

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Key: TypeAlias = tuple[str, ...]
"""Property paths in the provider's names, whose values together belong to one thing only."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A Terraform type."""

    type: str
    """Pulumi's token."""
    id: str = "{id}"
    """The import id, from the state's attributes: ``{cluster:name}`` is what follows the last slash of ``cluster``;
    of ``{a|b}`` the first that has a value."""
    by_outputs: str = ""
    """Why the import takes the values of the state in the place of a read, where that is so."""
    keys: Sequence[Key] = ()
    """What AWS, or the provider, has only once: whose values are equal is the same."""
    sole: Sequence[Key] = ()
    """What belongs to one thing as a rule: one with these values on each side is taken for the same where all
    references agree."""
    telling: Sequence[str] = ()
    """Create-only properties without which it would be another thing. Where they differ, nothing else proves it."""
    evidence: Sequence[str] = ()
    """Properties that say something for a pair where they are equal."""
    shared: bool = False
    """Whether several may have one in common, where the program makes one for each."""
    certain: bool = False
    """Whether the program always gives a whole key, so that what differs in it is another thing."""
    follow: bool = True
    """Whether a reference says which one it is. Of things that are chosen rather than owned, such as a subnet, not."""
    renames: Mapping[str, str] = field(default_factory=dict[str, str])
    """Attributes whose property has another name than in camel case or plural."""


_NAME: Sequence[Key] = (("name",),)
_NO_READ = "its id would be the secret itself"

_SECURITY_GROUP_RULE: Sequence[Key] = (("securityGroupId", "ipProtocol", "fromPort", "toPort", "peer"),)
"""``peer`` is whichever of the four the rule has (:mod:`workbench.adopt.rules`)."""

_RECORD = Row(
    type="cloudflare:index/dnsRecord:DnsRecord",
    id="{zone_id}/{id}",
    keys=(("zoneId", "type", "name", "content"),),
    sole=(("zoneId", "type", "name"),),
    # Version 4 of the provider has the full name in hostname, and the content in value.
    renames={"hostname": "name", "value": "content"},
)
_LOAD_BALANCER = Row(type="aws:lb/loadBalancer:LoadBalancer", keys=_NAME)
_LISTENER = Row(type="aws:lb/listener:Listener", keys=(("loadBalancerArn", "port"),), telling=("port",))
_TARGET_GROUP = Row(type="aws:lb/targetGroup:TargetGroup", keys=_NAME)

TYPES: Mapping[str, Row] = {
    "aws_acm_certificate": Row(
        type="aws:acm/certificate:Certificate", sole=(("domainName",),), telling=("domainName",)
    ),
    "aws_acm_certificate_validation": Row(
        type="aws:acm/certificateValidation:CertificateValidation",
        by_outputs="the provider has no import for it; it is a wait, and nothing in AWS",
        keys=(("certificateArn",),),
    ),
    "aws_alb": _LOAD_BALANCER,
    "aws_alb_listener": _LISTENER,
    "aws_alb_target_group": _TARGET_GROUP,
    "aws_appautoscaling_policy": Row(
        type="aws:appautoscaling/policy:Policy",
        id="{service_namespace}/{resource_id}/{scalable_dimension}/{name}",
        keys=(("serviceNamespace", "resourceId", "scalableDimension", "name"),),
        sole=(("serviceNamespace", "resourceId", "scalableDimension"),),
    ),
    "aws_appautoscaling_target": Row(
        type="aws:appautoscaling/target:Target",
        id="{service_namespace}/{resource_id}/{scalable_dimension}",
        keys=(("serviceNamespace", "resourceId", "scalableDimension"),),
    ),
    "aws_cloudwatch_dashboard": Row(
        type="aws:cloudwatch/dashboard:Dashboard", id="{dashboard_name}", keys=(("dashboardName",),)
    ),
    "aws_cloudwatch_log_group": Row(type="aws:cloudwatch/logGroup:LogGroup", id="{name}", keys=_NAME),
    "aws_cloudwatch_log_metric_filter": Row(
        type="aws:cloudwatch/logMetricFilter:LogMetricFilter",
        id="{log_group_name}:{name}",
        keys=(("logGroupName", "name"),),
    ),
    "aws_cloudwatch_metric_alarm": Row(
        type="aws:cloudwatch/metricAlarm:MetricAlarm",
        id="{alarm_name}",
        keys=_NAME,
        renames={"alarm_name": "name"},
    ),
    "aws_db_event_subscription": Row(type="aws:rds/eventSubscription:EventSubscription", id="{name}", keys=_NAME),
    "aws_db_subnet_group": Row(type="aws:rds/subnetGroup:SubnetGroup", id="{name}", keys=_NAME),
    "aws_default_security_group": Row(type="aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", keys=(("vpcId",),)),
    "aws_dlm_lifecycle_policy": Row(type="aws:dlm/lifecyclePolicy:LifecyclePolicy"),
    "aws_ebs_volume": Row(type="aws:ebs/volume:Volume", telling=("availabilityZone",)),
    "aws_ecr_lifecycle_policy": Row(
        type="aws:ecr/lifecyclePolicy:LifecyclePolicy", id="{repository}", keys=(("repository",),)
    ),
    "aws_ecr_repository": Row(type="aws:ecr/repository:Repository", id="{name}", keys=_NAME),
    "aws_ecs_cluster": Row(type="aws:ecs/cluster:Cluster", id="{name}", keys=_NAME),
    "aws_ecs_cluster_capacity_providers": Row(
        type="aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
        id="{cluster_name}",
        keys=(("clusterName",),),
    ),
    "aws_ecs_service": Row(type="aws:ecs/service:Service", id="{cluster:name}/{name}", keys=(("cluster", "name"),)),
    "aws_ecs_task_definition": Row(type="aws:ecs/taskDefinition:TaskDefinition", id="{arn}", keys=(("family",),)),
    "aws_efs_access_point": Row(type="aws:efs/accessPoint:AccessPoint", sole=(("fileSystemId", "rootDirectory.path"),)),
    "aws_efs_backup_policy": Row(type="aws:efs/backupPolicy:BackupPolicy", keys=(("fileSystemId",),)),
    "aws_efs_file_system": Row(type="aws:efs/fileSystem:FileSystem"),
    "aws_efs_file_system_policy": Row(type="aws:efs/fileSystemPolicy:FileSystemPolicy", keys=(("fileSystemId",),)),
    "aws_efs_mount_target": Row(type="aws:efs/mountTarget:MountTarget", keys=(("fileSystemId", "subnetId"),)),
    "aws_eip": Row(type="aws:ec2/eip:Eip"),
    "aws_eip_association": Row(
        type="aws:ec2/eipAssociation:EipAssociation", keys=(("allocationId",),), sole=(("instanceId",),)
    ),
    "aws_elasticache_parameter_group": Row(
        type="aws:elasticache/parameterGroup:ParameterGroup", id="{name}", keys=_NAME
    ),
    "aws_elasticache_replication_group": Row(
        type="aws:elasticache/replicationGroup:ReplicationGroup", keys=(("replicationGroupId",),)
    ),
    "aws_elasticache_subnet_group": Row(type="aws:elasticache/subnetGroup:SubnetGroup", id="{name}", keys=_NAME),
    "aws_flow_log": Row(type="aws:ec2/flowLog:FlowLog", sole=(("vpcId", "logDestination"),)),
    "aws_iam_instance_profile": Row(
        type="aws:iam/instanceProfile:InstanceProfile", id="{name}", keys=_NAME, sole=(("role",),), shared=True
    ),
    "aws_iam_openid_connect_provider": Row(
        type="aws:iam/openIdConnectProvider:OpenIdConnectProvider", keys=(("url",),)
    ),
    "aws_iam_role": Row(type="aws:iam/role:Role", id="{name}", keys=_NAME, shared=True),
    "aws_iam_role_policy": Row(
        type="aws:iam/rolePolicy:RolePolicy", id="{role}:{name}", keys=(("role", "name"),), sole=(("role",),)
    ),
    "aws_iam_role_policy_attachment": Row(
        type="aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        id="{role}/{policy_arn}",
        keys=(("role", "policyArn"),),
    ),
    "aws_instance": Row(type="aws:ec2/instance:Instance", telling=("availabilityZone",)),
    "aws_internet_gateway": Row(type="aws:ec2/internetGateway:InternetGateway", keys=(("vpcId",),)),
    "aws_key_pair": Row(
        type="aws:ec2/keyPair:KeyPair", id="{key_name}", keys=(("keyName",),), sole=(("publicKey",),), shared=True
    ),
    "aws_kms_key": Row(type="aws:kms/key:Key", shared=True),
    "aws_lb": _LOAD_BALANCER,
    "aws_lb_listener": _LISTENER,
    "aws_lb_target_group": _TARGET_GROUP,
    "aws_nat_gateway": Row(type="aws:ec2/natGateway:NatGateway", keys=(("allocationId",),), sole=(("subnetId",),)),
    "aws_rds_cluster": Row(type="aws:rds/cluster:Cluster", id="{cluster_identifier}", keys=(("clusterIdentifier",),)),
    "aws_rds_cluster_instance": Row(
        type="aws:rds/clusterInstance:ClusterInstance",
        id="{identifier}",
        keys=(("identifier",),),
        sole=(("clusterIdentifier",),),
    ),
    "aws_rds_cluster_parameter_group": Row(
        type="aws:rds/clusterParameterGroup:ClusterParameterGroup", id="{name}", keys=_NAME
    ),
    "aws_route": Row(
        type="aws:ec2/route:Route",
        id="{route_table_id}_{destination_cidr_block|destination_ipv6_cidr_block|destination_prefix_list_id}",
        keys=(
            ("routeTableId", "destinationCidrBlock"),
            ("routeTableId", "destinationIpv6CidrBlock"),
            ("routeTableId", "destinationPrefixListId"),
        ),
    ),
    "aws_route_table": Row(type="aws:ec2/routeTable:RouteTable", shared=True),
    "aws_route_table_association": Row(
        type="aws:ec2/routeTableAssociation:RouteTableAssociation",
        id="{subnet_id|gateway_id}/{route_table_id}",
        keys=(("subnetId",),),
    ),
    "aws_s3_bucket": Row(type="aws:s3/bucket:Bucket", keys=(("bucket",),)),
    "aws_s3_bucket_lifecycle_configuration": Row(
        type="aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", keys=(("bucket",),)
    ),
    "aws_s3_bucket_ownership_controls": Row(
        type="aws:s3/bucketOwnershipControls:BucketOwnershipControls", keys=(("bucket",),)
    ),
    "aws_s3_bucket_policy": Row(type="aws:s3/bucketPolicy:BucketPolicy", keys=(("bucket",),)),
    "aws_s3_bucket_public_access_block": Row(
        type="aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", keys=(("bucket",),)
    ),
    "aws_s3_bucket_server_side_encryption_configuration": Row(
        type="aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        keys=(("bucket",),),
    ),
    "aws_s3_bucket_versioning": Row(type="aws:s3/bucketVersioning:BucketVersioning", keys=(("bucket",),)),
    "aws_secretsmanager_secret": Row(type="aws:secretsmanager/secret:Secret", keys=_NAME),
    "aws_secretsmanager_secret_version": Row(
        type="aws:secretsmanager/secretVersion:SecretVersion", id="{secret_id}|{version_id}", sole=(("secretId",),)
    ),
    "aws_security_group": Row(type="aws:ec2/securityGroup:SecurityGroup", keys=(("vpcId", "name"),), shared=True),
    "aws_sns_topic": Row(type="aws:sns/topic:Topic", keys=_NAME, shared=True),
    "aws_sns_topic_policy": Row(type="aws:sns/topicPolicy:TopicPolicy", keys=(("arn",),)),
    "aws_sns_topic_subscription": Row(
        type="aws:sns/topicSubscription:TopicSubscription",
        keys=(("topic", "protocol", "endpoint"),),
        renames={"topic_arn": "topic"},
    ),
    "aws_ssm_parameter": Row(type="aws:ssm/parameter:Parameter", id="{name}", keys=_NAME),
    "aws_subnet": Row(
        type="aws:ec2/subnet:Subnet",
        keys=(("vpcId", "cidrBlock"),),
        sole=(("vpcId", "availabilityZone", "kind"),),
        telling=("availabilityZone",),
        follow=False,
    ),
    "aws_volume_attachment": Row(
        type="aws:ec2/volumeAttachment:VolumeAttachment",
        id="{device_name}:{volume_id}:{instance_id}",
        keys=(("volumeId", "instanceId"),),
        telling=("deviceName",),
    ),
    "aws_vpc": Row(type="aws:ec2/vpc:Vpc", evidence=("cidrBlock",)),
    "aws_vpc_endpoint": Row(type="aws:ec2/vpcEndpoint:VpcEndpoint", sole=(("vpcId", "serviceName"),)),
    "aws_vpc_security_group_egress_rule": Row(
        type="aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", keys=_SECURITY_GROUP_RULE, certain=True
    ),
    "aws_vpc_security_group_ingress_rule": Row(
        type="aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", keys=_SECURITY_GROUP_RULE, certain=True
    ),
    "cloudflare_dns_record": _RECORD,
    "cloudflare_record": _RECORD,
    "random_bytes": Row(type="random:index/randomBytes:RandomBytes", id="none", by_outputs=_NO_READ),
    "random_password": Row(type="random:index/randomPassword:RandomPassword", id="none", by_outputs=_NO_READ),
}
"""By Terraform type."""

NOT_TAKEN: Mapping[str, str] = {
    "aws_security_group_rule": "held as the single rules that AWS makes of it, which only a listing of them names",
}
"""Terraform types that something else stands for, and what."""


@functools.cache
def row_of(token: str) -> Row | None:
    """Return the row of a Pulumi type; None for a type that no row leads to."""
    return next((row for row in TYPES.values() if row.type == token), None)


_FIELD = re.compile(r"\{([\w|]+)(?::(name))?\}")


def import_id(row: Row, attributes: Mapping[str, Any]) -> str | None:
    """Return what the provider imports an instance by; None where the state lacks a part of it."""
    missing = False

    def value(match: "re.Match[str]") -> str:
        nonlocal missing
        found = next((str(attributes[name]) for name in match[1].split("|") if attributes.get(name)), None)
        missing = missing or found is None
        return (found or "").rpartition("/")[2] if match[2] else found or ""

    made = _FIELD.sub(value, row.id)
    return None if missing else made
