"""Amazon RDS: the Aurora cluster."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import AwsError, calling

if TYPE_CHECKING:
    from mypy_boto3_rds import RDSClient


@dataclass(frozen=True, kw_only=True)
class DatabaseInstance:
    """One instance of a cluster."""

    identifier: str
    status: str
    is_publicly_accessible: bool
    is_writer: bool


@dataclass(frozen=True, kw_only=True)
class DatabaseCluster:
    """An Aurora Serverless v2 cluster."""

    identifier: str
    status: str
    engine_version: str
    endpoint: str
    minimum_capacity_acu: float
    maximum_capacity_acu: float
    security_group_ids: tuple[str, ...]
    restorable_until: datetime | None
    """The latest moment that it can be restored to."""
    instances: tuple[DatabaseInstance, ...]


class Rds:
    """The calls of Amazon RDS that are used."""

    def __init__(self, connection: Connection) -> None:
        self._client: RDSClient = connection.client("rds")

    def cluster(self, identifier: str) -> DatabaseCluster | None:
        """Return a cluster with its instances; None when there is none of that name."""
        try:
            with calling("rds:DescribeDBClusters", f"cluster {identifier}"):
                answer = self._client.describe_db_clusters(DBClusterIdentifier=identifier)
        except AwsError as error:
            if error.code == "DBClusterNotFoundFault":
                return None
            raise
        (described,) = answer["DBClusters"]
        scaling = described.get("ServerlessV2ScalingConfiguration", {})
        writers = {
            member["DBInstanceIdentifier"]: member["IsClusterWriter"] for member in described["DBClusterMembers"]
        }
        return DatabaseCluster(
            identifier=identifier,
            status=described["Status"],
            engine_version=described["EngineVersion"],
            endpoint=described["Endpoint"],
            minimum_capacity_acu=scaling.get("MinCapacity", 0),
            maximum_capacity_acu=scaling.get("MaxCapacity", 0),
            security_group_ids=tuple(group["VpcSecurityGroupId"] for group in described["VpcSecurityGroups"]),
            restorable_until=described.get("LatestRestorableTime"),
            instances=self._instances(identifier, writers),
        )

    def _instances(self, cluster: str, writers: dict[str, bool]) -> tuple[DatabaseInstance, ...]:
        with calling("rds:DescribeDBInstances", f"cluster {cluster}"):
            answer = self._client.describe_db_instances(Filters=[{"Name": "db-cluster-id", "Values": [cluster]}])
        return tuple(
            DatabaseInstance(
                identifier=described["DBInstanceIdentifier"],
                status=described["DBInstanceStatus"],
                is_publicly_accessible=described["PubliclyAccessible"],
                is_writer=writers.get(described["DBInstanceIdentifier"], False),
            )
            for described in answer["DBInstances"]
        )
