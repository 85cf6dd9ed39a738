"""Arguments of an Aurora cluster for tests: one private and protected, one open and short-lived."""

from dataclasses import replace

from workbench.evaluate import Evaluation, evaluate
from zelly_components.aurora_cluster import AuroraCluster, AuroraClusterArgs

CLUSTER = "aws:rds/cluster:Cluster"

ENGINE_VERSION = "8.0.mysql_aurora.3.10.5"

PRIVATE = AuroraClusterArgs(
    cluster_identifier="shop-production",
    vpc_id="vpc-1",
    subnet_ids=["subnet-1", "subnet-2"],
    publicly_accessible=False,
    allowed_cidr_blocks={},
    engine_version=ENGINE_VERSION,
    minimum_capacity_acu=2,
    maximum_capacity_acu=8,
    seconds_until_auto_pause=None,
    instance_count=1,
    master_username="root",
    backup_retention_days=7,
    backup_window="20:00-20:30",
    maintenance_window="sun:21:00-sun:21:30",
    deletion_protection=True,
    log_retention_days=30,
    performance_insights=True,
    apply_immediately=False,
)

OPEN = replace(
    PRIVATE,
    publicly_accessible=True,
    allowed_cidr_blocks={"office": "203.0.113.0/24", "on-call": "198.51.100.7/32"},
    minimum_capacity_acu=0,
    seconds_until_auto_pause=900,
    deletion_protection=False,
    performance_insights=False,
    apply_immediately=True,
)


def record(args: AuroraClusterArgs) -> Evaluation:
    def program() -> None:
        AuroraCluster("shop-aurora", args)

    return evaluate(program)
