"""What lies in one region of the embedded AWS, listed as an operator would who looks for what was left behind."""

from collections.abc import Callable, Mapping
from typing import Any

import jmespath

_LISTED: Mapping[str, tuple[str, str, str, Mapping[str, Any]]] = {
    "log groups": ("logs", "describe_log_groups", "logGroups[].logGroupName", {}),
    "metric filters": ("logs", "describe_metric_filters", "metricFilters[].filterName", {}),
    "alarms": ("cloudwatch", "describe_alarms", "MetricAlarms[].AlarmName", {}),
    "dashboards": ("cloudwatch", "list_dashboards", "DashboardEntries[].DashboardName", {}),
    "topics": ("sns", "list_topics", "Topics[].TopicArn", {}),
    "subscriptions": ("sns", "list_subscriptions", "Subscriptions[].SubscriptionArn", {}),
    "buckets": ("s3", "list_buckets", "Buckets[].Name", {}),
    "roles": ("iam", "list_roles", "Roles[].RoleName", {}),
    "instance profiles": ("iam", "list_instance_profiles", "InstanceProfiles[].InstanceProfileName", {}),
    "secrets": ("secretsmanager", "list_secrets", "SecretList[].Name", {}),
    "parameters": ("ssm", "describe_parameters", "Parameters[].Name", {}),
    "certificates": ("acm", "list_certificates", "CertificateSummaryList[].CertificateArn", {}),
    "snapshot schedules": ("dlm", "get_lifecycle_policies", "Policies[].PolicyId", {}),
    "scalable targets": (
        "application-autoscaling",
        "describe_scalable_targets",
        "ScalableTargets[].ResourceId",
        {"ServiceNamespace": "ecs"},
    ),
    "scaling policies": (
        "application-autoscaling",
        "describe_scaling_policies",
        "ScalingPolicies[].PolicyName",
        {"ServiceNamespace": "ecs"},
    ),
    "clusters": ("ecs", "list_clusters", "clusterArns[]", {}),
    "task definitions": ("ecs", "list_task_definitions", "taskDefinitionArns[]", {}),
    "load balancers": ("elbv2", "describe_load_balancers", "LoadBalancers[].LoadBalancerArn", {}),
    "target groups": ("elbv2", "describe_target_groups", "TargetGroups[].TargetGroupArn", {}),
    "Aurora clusters": ("rds", "describe_db_clusters", "DBClusters[].DBClusterIdentifier", {}),
    "Aurora instances": ("rds", "describe_db_instances", "DBInstances[].DBInstanceIdentifier", {}),
    "Aurora subnet groups": ("rds", "describe_db_subnet_groups", "DBSubnetGroups[].DBSubnetGroupName", {}),
    "Aurora parameter groups": (
        "rds",
        "describe_db_cluster_parameter_groups",
        "DBClusterParameterGroups[].DBClusterParameterGroupName",
        {},
    ),
    "Redis groups": ("elasticache", "describe_replication_groups", "ReplicationGroups[].ReplicationGroupId", {}),
    "Redis subnet groups": (
        "elasticache",
        "describe_cache_subnet_groups",
        "CacheSubnetGroups[].CacheSubnetGroupName",
        {},
    ),
    "Redis parameter groups": (
        "elasticache",
        "describe_cache_parameter_groups",
        "CacheParameterGroups[].CacheParameterGroupName",
        {},
    ),
    "file systems": ("efs", "describe_file_systems", "FileSystems[].FileSystemId", {}),
    "access points": ("efs", "describe_access_points", "AccessPoints[].AccessPointId", {}),
    "VPCs": ("ec2", "describe_vpcs", "Vpcs[].VpcId", {}),
    "subnets": ("ec2", "describe_subnets", "Subnets[].SubnetId", {}),
    "route tables": ("ec2", "describe_route_tables", "RouteTables[].RouteTableId", {}),
    "internet gateways": ("ec2", "describe_internet_gateways", "InternetGateways[].InternetGatewayId", {}),
    "NAT gateways": ("ec2", "describe_nat_gateways", "NatGateways[?State!='deleted'].NatGatewayId", {}),
    "addresses": ("ec2", "describe_addresses", "Addresses[].AllocationId", {}),
    "security groups": ("ec2", "describe_security_groups", "SecurityGroups[].GroupId", {}),
    "security group rules": ("ec2", "describe_security_group_rules", "SecurityGroupRules[].SecurityGroupRuleId", {}),
    "instances": (
        "ec2",
        "describe_instances",
        "Reservations[].Instances[?State.Name!='terminated'].InstanceId[]",
        {},
    ),
    "volumes": ("ec2", "describe_volumes", "Volumes[].VolumeId", {}),
    "key pairs": ("ec2", "describe_key_pairs", "KeyPairs[].KeyName", {}),
    "flow logs": ("ec2", "describe_flow_logs", "FlowLogs[].FlowLogId", {}),
}


def inventory(client: Callable[[str], Any]) -> dict[str, list[str]]:
    """Return the names or ids of everything that is there, by kind."""
    return {
        kind: sorted(jmespath.search(query, _whole(client(service), operation, parameters)) or [])
        for kind, (service, operation, query, parameters) in _LISTED.items()
    }


def _whole(client: Any, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    if client.can_paginate(operation):
        return client.get_paginator(operation).paginate(**parameters).build_full_result()
    return getattr(client, operation)(**parameters)


KEPT_BY_AWS = frozenset({"task definitions"})
"""Revisions are what a rollback goes back to: the program never deregisters one."""
