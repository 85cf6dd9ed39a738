"""A recorded stack as Terraform's JSON configuration, which scanners read that do not know Pulumi.

The AWS provider of Pulumi is Terraform's behind a bridge: types and properties correspond, written in another way. What
the bridge names irregularly stands in the tables here; a type that is in none of them is an error.
"""

import re
from collections.abc import Mapping
from typing import Any, cast

from workbench.evaluate import Evaluation, RecordedResource

TYPES: Mapping[str, str] = {
    "aws:acm/certificate:Certificate": "aws_acm_certificate",
    "aws:acm/certificateValidation:CertificateValidation": "aws_acm_certificate_validation",
    "aws:appautoscaling/policy:Policy": "aws_appautoscaling_policy",
    "aws:appautoscaling/target:Target": "aws_appautoscaling_target",
    "aws:cloudwatch/dashboard:Dashboard": "aws_cloudwatch_dashboard",
    "aws:cloudwatch/logGroup:LogGroup": "aws_cloudwatch_log_group",
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": "aws_cloudwatch_log_metric_filter",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "aws_cloudwatch_metric_alarm",
    "aws:dlm/lifecyclePolicy:LifecyclePolicy": "aws_dlm_lifecycle_policy",
    "aws:ebs/volume:Volume": "aws_ebs_volume",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": "aws_default_security_group",
    "aws:ec2/eip:Eip": "aws_eip",
    "aws:ec2/eipAssociation:EipAssociation": "aws_eip_association",
    "aws:ec2/flowLog:FlowLog": "aws_flow_log",
    "aws:ec2/instance:Instance": "aws_instance",
    "aws:ec2/internetGateway:InternetGateway": "aws_internet_gateway",
    "aws:ec2/keyPair:KeyPair": "aws_key_pair",
    "aws:ec2/natGateway:NatGateway": "aws_nat_gateway",
    "aws:ec2/route:Route": "aws_route",
    "aws:ec2/routeTable:RouteTable": "aws_route_table",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": "aws_route_table_association",
    "aws:ec2/securityGroup:SecurityGroup": "aws_security_group",
    "aws:ec2/subnet:Subnet": "aws_subnet",
    "aws:ec2/volumeAttachment:VolumeAttachment": "aws_volume_attachment",
    "aws:ec2/vpc:Vpc": "aws_vpc",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "aws_vpc_endpoint",
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": "aws_ecr_lifecycle_policy",
    "aws:ecr/repository:Repository": "aws_ecr_repository",
    "aws:ecs/cluster:Cluster": "aws_ecs_cluster",
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": "aws_ecs_cluster_capacity_providers",
    "aws:ecs/service:Service": "aws_ecs_service",
    "aws:ecs/taskDefinition:TaskDefinition": "aws_ecs_task_definition",
    "aws:efs/accessPoint:AccessPoint": "aws_efs_access_point",
    "aws:efs/backupPolicy:BackupPolicy": "aws_efs_backup_policy",
    "aws:efs/fileSystem:FileSystem": "aws_efs_file_system",
    "aws:efs/fileSystemPolicy:FileSystemPolicy": "aws_efs_file_system_policy",
    "aws:efs/mountTarget:MountTarget": "aws_efs_mount_target",
    "aws:elasticache/parameterGroup:ParameterGroup": "aws_elasticache_parameter_group",
    "aws:elasticache/replicationGroup:ReplicationGroup": "aws_elasticache_replication_group",
    "aws:elasticache/subnetGroup:SubnetGroup": "aws_elasticache_subnet_group",
    "aws:iam/instanceProfile:InstanceProfile": "aws_iam_instance_profile",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": "aws_iam_openid_connect_provider",
    "aws:iam/role:Role": "aws_iam_role",
    "aws:iam/rolePolicy:RolePolicy": "aws_iam_role_policy",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "aws_iam_role_policy_attachment",
    "aws:kms/key:Key": "aws_kms_key",
    "aws:lb/listener:Listener": "aws_lb_listener",
    "aws:lb/loadBalancer:LoadBalancer": "aws_lb",
    "aws:lb/targetGroup:TargetGroup": "aws_lb_target_group",
    "aws:rds/cluster:Cluster": "aws_rds_cluster",
    "aws:rds/clusterInstance:ClusterInstance": "aws_rds_cluster_instance",
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": "aws_rds_cluster_parameter_group",
    "aws:rds/eventSubscription:EventSubscription": "aws_db_event_subscription",
    "aws:rds/subnetGroup:SubnetGroup": "aws_db_subnet_group",
    "aws:s3/bucket:Bucket": "aws_s3_bucket",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": "aws_s3_bucket_lifecycle_configuration",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": "aws_s3_bucket_ownership_controls",
    "aws:s3/bucketPolicy:BucketPolicy": "aws_s3_bucket_policy",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "aws_s3_bucket_public_access_block",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        "aws_s3_bucket_server_side_encryption_configuration"
    ),
    "aws:secretsmanager/secret:Secret": "aws_secretsmanager_secret",
    "aws:secretsmanager/secretVersion:SecretVersion": "aws_secretsmanager_secret_version",
    "aws:sns/topic:Topic": "aws_sns_topic",
    "aws:sns/topicPolicy:TopicPolicy": "aws_sns_topic_policy",
    "aws:sns/topicSubscription:TopicSubscription": "aws_sns_topic_subscription",
    "aws:ssm/parameter:Parameter": "aws_ssm_parameter",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "aws_vpc_security_group_egress_rule",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "aws_vpc_security_group_ingress_rule",
}

_IRREGULAR: Mapping[tuple[str, str], str] = {
    ("aws_iam_openid_connect_provider", "clientIdLists"): "client_id_list",
    ("aws_sns_topic_subscription", "topic"): "topic_arn",
}

_FREE = ("tags", "dimensions", "targetTags")
"""Maps whose keys are the program's own."""

_ACCOUNT = "123456789012"


def configuration(evaluation: Evaluation) -> dict[str, Any]:
    """Return the AWS resources of a stack as one configuration.

    Raises:
        KeyError: for a type that no table names.
        ValueError: when two resources have one name, so that a placeholder does not tell which it means.
    """
    resources = [resource for resource in evaluation.resources if resource.type.startswith("aws:") and resource.custom]
    addresses: dict[str, str] = {}
    for resource in resources:
        if resource.name in addresses:
            raise ValueError(f"two resources are named {resource.name}")
        addresses[resource.name] = f"{TYPES[resource.type]}.{local_name(resource.name)}"
    blocks: dict[str, dict[str, Any]] = {}
    for resource in resources:
        blocks.setdefault(TYPES[resource.type], {})[local_name(resource.name)] = _block(resource, addresses)
    return {"resource": blocks}


def local_name(name: str) -> str:
    """Return a resource's name as Terraform takes it."""
    return re.sub(r"[^\w-]", "_", name)


def _block(resource: RecordedResource, addresses: Mapping[str, str]) -> dict[str, Any]:
    type_ = TYPES[resource.type]
    arguments: dict[str, Any] = {
        _IRREGULAR.get((type_, key)) or _argument(key, value): _converted(key, value, addresses)
        for key, value in resource.inputs.items()
    }
    # Pulumi's order unless it is told otherwise, and not Terraform's.
    return arguments | {"lifecycle": {"create_before_destroy": not resource.delete_before_replace}}


def _converted(key: str, value: Any, addresses: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _references(value, addresses)
    if isinstance(value, list):
        return [_converted(key, item, addresses) for item in cast(list[Any], value)]
    if isinstance(value, dict):
        return {
            inner if key in _FREE else _argument(inner, item): _converted(inner, item, addresses)
            for inner, item in cast(dict[str, Any], value).items()
        }
    return value


def _argument(key: str, value: Any) -> str:
    """Return a property's name in Terraform: a block that can be repeated has its singular there."""
    snake = _snake(key)
    blocks = isinstance(value, list) and any(isinstance(item, dict) for item in cast(list[Any], value))
    if not blocks:
        return snake
    if snake.endswith("ss"):
        return snake
    return f"{snake[:-3]}y" if snake.endswith("ies") else snake.removesuffix("s")


def _snake(key: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).lower()


def _references(text: str, addresses: Mapping[str, str]) -> str:
    def reference(match: re.Match[str]) -> str:
        name, _, attribute = match[1].rpartition(".")
        if match[1] == "account":
            return _ACCOUNT
        # What the program only looked up has no block to refer to.
        return f"${{{addresses[name]}.{_snake(attribute)}}}" if name in addresses else re.sub(r"[^\w-]", "_", match[1])

    return re.sub(r"\$\{([^{}]*)\}", reference, text)
