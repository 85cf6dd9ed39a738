"""Resources that AWS has under a name that the program gives, read one by one, in the properties' own names.

A row per resource type whose reading is one cheap call. ``None`` stands for what is not there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import calling

Properties = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Row:
    """The reading of one resource type."""

    service: str
    """boto3's."""
    action: str
    """IAM's."""
    name: str
    """The input that holds the name."""
    read: Callable[[Any, str], Properties | None]
    """Returns the properties that are compared; gets the client and the name."""
    defaults: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What AWS has where the program says nothing."""
    absent: tuple[str, ...] = ()
    """The error codes that say that it is not there."""


def read_present(row: Row, name: str, connection: Connection) -> Properties | None:
    """Return the compared properties of one resource, None when it is not there.

    Raises:
        AwsError: when AWS does not let it be read.
    """
    client = connection.client(row.service)
    with calling(row.action, name):
        try:
            return row.read(client, name)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in row.absent:
                return None
            raise


def _log_group(logs: Any, name: str) -> Properties | None:
    groups = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    found = next((group for group in groups if group["logGroupName"] == name), None)
    return None if found is None else {"retentionInDays": found.get("retentionInDays")}


def _alarm(cloudwatch: Any, name: str) -> Properties | None:
    alarms = cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm"])["MetricAlarms"]
    if not alarms:
        return None
    return {
        "threshold": alarms[0].get("Threshold"),
        "comparisonOperator": alarms[0].get("ComparisonOperator"),
        "evaluationPeriods": alarms[0].get("EvaluationPeriods"),
        "datapointsToAlarm": alarms[0].get("DatapointsToAlarm"),
        "treatMissingData": alarms[0].get("TreatMissingData"),
        "actionsEnabled": alarms[0].get("ActionsEnabled"),
    }


def _ecs_cluster(ecs: Any, name: str) -> Properties | None:
    clusters = ecs.describe_clusters(clusters=[name], include=["SETTINGS"])["clusters"]
    found = next((cluster for cluster in clusters if cluster["status"] != "INACTIVE"), None)
    return None if found is None else {"settings": found.get("settings")}


def _aurora(rds: Any, name: str) -> Properties:
    (found,) = rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"]
    scaling = found.get("ServerlessV2ScalingConfiguration", {})
    return {
        "engineVersion": found["EngineVersion"],
        "backupRetentionPeriod": found["BackupRetentionPeriod"],
        "preferredBackupWindow": found["PreferredBackupWindow"],
        "preferredMaintenanceWindow": found["PreferredMaintenanceWindow"],
        "deletionProtection": found["DeletionProtection"],
        "serverlessv2ScalingConfiguration": {key[:1].lower() + key[1:]: value for key, value in scaling.items()},
    }


def _secret(secrets: Any, name: str) -> Properties | None:
    found = secrets.describe_secret(SecretId=name)
    return None if found.get("DeletedDate") else {"kmsKeyId": found.get("KmsKeyId")}


def _repository(ecr: Any, name: str) -> Properties:
    (found,) = ecr.describe_repositories(repositoryNames=[name])["repositories"]
    return {"imageTagMutability": found["imageTagMutability"]}


def _role(iam: Any, name: str) -> Properties:
    found = iam.get_role(RoleName=name)["Role"]
    return {"maxSessionDuration": found["MaxSessionDuration"], "description": found.get("Description")}


def _balancer(balancing: Any, name: str) -> Properties:
    (found,) = balancing.describe_load_balancers(Names=[name])["LoadBalancers"]
    kept = balancing.describe_load_balancer_attributes(LoadBalancerArn=found["LoadBalancerArn"])["Attributes"]
    attributes = {one["Key"]: one["Value"] for one in kept}
    return {"enableDeletionProtection": attributes.get("deletion_protection.enabled") == "true"}


def _parameter(ssm: Any, name: str) -> Properties | None:
    filters = [{"Key": "Name", "Option": "Equals", "Values": [name]}]
    return {} if ssm.describe_parameters(ParameterFilters=filters)["Parameters"] else None


ROWS: Mapping[str, Row] = {
    "aws:cloudwatch/logGroup:LogGroup": Row(
        service="logs", action="logs:DescribeLogGroups", name="name", read=_log_group
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Row(
        service="cloudwatch",
        action="cloudwatch:DescribeAlarms",
        name="name",
        read=_alarm,
        defaults={"actionsEnabled": True},
    ),
    "aws:ecs/cluster:Cluster": Row(service="ecs", action="ecs:DescribeClusters", name="name", read=_ecs_cluster),
    "aws:rds/cluster:Cluster": Row(
        service="rds",
        action="rds:DescribeDBClusters",
        name="clusterIdentifier",
        read=_aurora,
        absent=("DBClusterNotFoundFault",),
    ),
    "aws:secretsmanager/secret:Secret": Row(
        service="secretsmanager",
        action="secretsmanager:DescribeSecret",
        name="name",
        read=_secret,
        absent=("ResourceNotFoundException",),
    ),
    "aws:ecr/repository:Repository": Row(
        service="ecr",
        action="ecr:DescribeRepositories",
        name="name",
        read=_repository,
        absent=("RepositoryNotFoundException",),
    ),
    "aws:iam/role:Role": Row(
        service="iam", action="iam:GetRole", name="name", read=_role, absent=("NoSuchEntity", "NoSuchEntityException")
    ),
    "aws:lb/loadBalancer:LoadBalancer": Row(
        service="elbv2",
        action="elasticloadbalancing:DescribeLoadBalancers",
        name="name",
        read=_balancer,
        absent=("LoadBalancerNotFound", "LoadBalancerNotFoundException"),
    ),
    "aws:ssm/parameter:Parameter": Row(service="ssm", action="ssm:DescribeParameters", name="name", read=_parameter),
}
"""By type token."""
