"""The shop's PostgreSQL instance: the live one as RDS tells of it, and what its copies are called."""

from datetime import UTC, datetime

from workbench.aws.rds.instances import Instance, InstanceSettings
from workbench.stores import PostgresInstance

MOMENT = datetime(2026, 11, 25, 10, 15, tzinfo=UTC)
COPY = "shop-db-restored-20261125t101500"

STORE = PostgresInstance(
    label="PostgreSQL",
    identifier="shop-db",
    copy_prefix="shop-db-restored-",
    version="16.11",
    version_setting="postgresql.engine_version",
    parameter_group="shop-db-parameters-postgres",
    secret="shop/postgresql",
    ca_bundle="/etc/rds.pem",
    restored_setting="postgresql.restored_as",
    page="docs/postgresql.md",
)

SETTINGS = InstanceSettings(
    instance_class="db.t4g.medium",
    has_standby=True,
    storage_gib=50,
    maximum_storage_gib=200,
    storage_type="gp3",
    iops=3000,
    throughput_mibps=125,
    port=5432,
    subnet_group="subnets",
    parameter_group="shop-db-parameters-postgres16-1234567",
    security_group_ids=("sg-1",),
    is_encrypted=True,
    is_publicly_accessible=False,
    ca_certificate="rds-ca-rsa2048-g1",
    backup_retention_days=14,
    backup_window="20:00-20:30",
    maintenance_window="sun:21:00-sun:21:30",
    is_deletion_protected=True,
    copies_tags_to_snapshots=True,
    upgrades_minor_versions=False,
    has_iam_authentication=False,
    performance_insights_days=7,
)

LIVE = Instance(
    identifier="shop-db",
    resource_id="db-LIVE",
    status="available",
    engine_version="16.11",
    endpoint="shop-db.abc.rds.example",
    database="shop",
    master_username="owner",
    parameters_status="in-sync",
    pending=(),
    restorable_until=datetime(2026, 11, 25, 10, 40, 5, 1234, tzinfo=UTC),
    settings=SETTINGS,
    tags={"environment": "production"},
)
