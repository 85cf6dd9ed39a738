"""The service-linked roles that the program's resources need, as data.

AWS makes each of them with the first resource that needs it, asynchronously: in an account that never used a service,
what follows at once is refused because the role was only just made, and the provider does not try again
[terraform-provider-aws#11417, alchemy#1558]. As resources of the program they would fail wherever they exist.
"""

from collections.abc import Mapping
from typing import Any

from workbench.program import Program

ROLES_BY_TYPE: Mapping[str, str] = {
    "aws:appautoscaling/policy:Policy": "ecs.application-autoscaling.amazonaws.com",
    "aws:appautoscaling/target:Target": "ecs.application-autoscaling.amazonaws.com",
    # For a group's Spot instances: with the API, unlike the console, nobody makes it ("Service-linked role for Spot
    # Instance requests", EC2 User Guide).
    "aws:autoscaling/group:Group": "spot.amazonaws.com",
    "aws:ecs/cluster:Cluster": "ecs.amazonaws.com",
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": "ecs.amazonaws.com",
    "aws:ecs/service:Service": "ecs.amazonaws.com",
    "aws:efs/backupPolicy:BackupPolicy": "backup.amazonaws.com",
    "aws:efs/fileSystem:FileSystem": "elasticfilesystem.amazonaws.com",
    "aws:efs/mountTarget:MountTarget": "elasticfilesystem.amazonaws.com",
    "aws:elasticache/replicationGroup:ReplicationGroup": "elasticache.amazonaws.com",
    "aws:lb/loadBalancer:LoadBalancer": "elasticloadbalancing.amazonaws.com",
    "aws:rds/cluster:Cluster": "rds.amazonaws.com",
    "aws:rds/clusterInstance:ClusterInstance": "rds.amazonaws.com",
    "aws:rds/instance:Instance": "rds.amazonaws.com",
}
"""Resource type to the service whose role it needs ("Using service-linked roles" of each service's guide)."""

WITHOUT_ROLE: Mapping[str, str] = {
    "aws:acm": "needs one only for private certificates that another account's authority issues",
    "aws:backup": "takes a role of the program's; its own comes with the first copy to another account or Region",
    "aws:chatbot": "its own comes with the console's first visit; a channel takes a role of the program's",
    "aws:cloudwatch": "needs one only for alarms that act on EC2; these tell a topic",
    "aws:dlm": "takes a role of the program's",
    "aws:ebs": "has none",
    "aws:ec2": "needs one only for regional NAT gateways and fleets; flow logs take a role of the program's",
    "aws:ecr": "needs one only for replication, pull-through caches and templates",
    "aws:iam": "has none",
    "aws:kms": "needs one only for multi-Region keys and custom key stores",
    "aws:route53": "has none",
    "aws:s3": "needs one only for Storage Lens across an organization",
    "aws:scheduler": "takes a role of the program's",
    "aws:secretsmanager": "has none",
    "aws:sns": "has none",
    "aws:ssm": "needs one only for Explorer and OpsCenter; parameters do not",
    "aws:vpc": "security groups' rules have none",
    "cloudflare": "is not AWS",
    "random": "is not AWS",
}
"""Modules whose other resource types need no role, with the reason ("AWS services that work with IAM")."""

SERVICES = tuple(sorted({*ROLES_BY_TYPE.values()}))
"""Every service that is known to need a role."""


def needed_by(program: Program[Any]) -> tuple[str, ...]:
    """Return the services whose roles a program's resources need."""
    return SERVICES if program.linked_services is None else program.linked_services


_NEED_NONE = frozenset(
    {
        "aws:efs/accessPoint:AccessPoint",
        "aws:efs/fileSystemPolicy:FileSystemPolicy",
        "aws:ecs/taskDefinition:TaskDefinition",
        "aws:elasticache/parameterGroup:ParameterGroup",
        "aws:elasticache/subnetGroup:SubnetGroup",
        "aws:lb/listener:Listener",
        "aws:lb/listenerCertificate:ListenerCertificate",
        "aws:lb/listenerRule:ListenerRule",
        "aws:lb/targetGroup:TargetGroup",
        "aws:rds/clusterParameterGroup:ClusterParameterGroup",
        "aws:rds/eventSubscription:EventSubscription",
        "aws:rds/parameterGroup:ParameterGroup",
        "aws:rds/subnetGroup:SubnetGroup",
    }
)
"""Types of the services above that are settings, or parts of what has the role already."""


def is_known(type_token: str) -> bool:
    """Tell whether it is known which role a resource type needs, if any: what is not is looked up and added above."""
    package, _, rest = type_token.partition(":")
    module = f"{package}:{rest.partition('/')[0].partition(':')[0]}"
    return type_token in ROLES_BY_TYPE or type_token in _NEED_NONE or bool({module, package} & {*WITHOUT_ROLE})
