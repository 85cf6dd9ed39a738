"""Rules for Aurora and Redis."""

from collections.abc import Iterator

from workbench.review.rules.model import (
    Resource,
    Rule,
    Severity,
    Stack,
    all_of,
    is_unknown,
    requires,
    requires_at_least,
    requires_set,
    shown,
)

CLUSTER = "aws:rds/cluster:Cluster"
CLUSTER_INSTANCE = "aws:rds/clusterInstance:ClusterInstance"
CLUSTER_PARAMETERS = "aws:rds/clusterParameterGroup:ClusterParameterGroup"
REPLICATION_GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"

_DEFAULT_ADMINISTRATORS = ("admin", "postgres")


def _audit_log(cluster: Resource) -> Iterator[str]:
    exports = cluster.value("enabledCloudwatchLogsExports")
    if not is_unknown(exports) and "audit" not in (exports or []):
        yield f"enabledCloudwatchLogsExports: {shown(exports)}; required among them: audit"


def _administrator(cluster: Resource) -> Iterator[str]:
    name = cluster.value("masterUsername")
    if name in (*_DEFAULT_ADMINISTRATORS, None):
        yield f"masterUsername: {shown(name)}; allowed: another than the engine's own"


def _port(cluster: Resource) -> Iterator[str]:
    port = cluster.value("port")
    if port in (3306, None):
        yield f"port: {shown(port)}; allowed: another than the engine's own"


def _zones(cluster: Resource, stack: Stack) -> Iterator[str]:
    instances = stack.using(cluster, CLUSTER_INSTANCE)
    if len(instances) < 2:
        yield f"{len(instances)} instance; required: 2, for a second zone to take over"


def _parameters_want_tls(group: Resource) -> Iterator[str]:
    if is_unknown(group.value("parameters")):
        return
    found = {parameter.get("name"): parameter.get("value") for parameter in group.items("parameters")}
    value = found.get("require_secure_transport")
    if value not in ("ON", "1") and not is_unknown(value):
        yield f"parameters.require_secure_transport: {shown(value)}; allowed: ON"


def _subnet_group(group: Resource) -> Iterator[str]:
    name = group.value("subnetGroupName")
    if name in (None, "default"):
        yield f"subnetGroupName: {shown(name)}; allowed: a group of the program's own"


_AURORA = (
    Rule(
        id="aurora-encrypted",
        title="Aurora is encrypted",
        controls=("RDS.27", "CIS 2.3.1"),
        severity=Severity.HIGH,
        remediation="Set storage_encrypted when it is made; later it takes a snapshot and a new cluster.",
        types=(CLUSTER,),
        check=requires("storageEncrypted", True),
    ),
    Rule(
        id="aurora-tls-only",
        title="Aurora takes connections over TLS alone",
        controls=(),
        severity=Severity.HIGH,
        remediation="Set require_secure_transport to ON in the cluster's parameter group.",
        types=(CLUSTER_PARAMETERS,),
        check=_parameters_want_tls,
    ),
    Rule(
        id="aurora-private",
        title="Aurora is not reachable from the internet",
        controls=("RDS.2", "CIS 2.3.3"),
        severity=Severity.CRITICAL,
        remediation="Leave publicly_accessible off.",
        types=(CLUSTER_INSTANCE,),
        check=requires("publiclyAccessible", False, None),
    ),
    Rule(
        id="aurora-deletion-protection",
        title="Aurora is protected from deletion",
        controls=("RDS.7",),
        severity=Severity.MEDIUM,
        remediation="Set deletion_protection.",
        types=(CLUSTER,),
        check=requires("deletionProtection", True),
    ),
    Rule(
        id="aurora-final-snapshot",
        title="Aurora leaves a snapshot behind when it is deleted",
        controls=(),
        severity=Severity.HIGH,
        remediation="Set skip_final_snapshot to False and name the final snapshot.",
        types=(CLUSTER,),
        check=all_of(requires("skipFinalSnapshot", False, None), requires_set("finalSnapshotIdentifier")),
    ),
    Rule(
        id="aurora-backup-retention",
        title="Aurora's backups are kept for seven days or more",
        controls=("RDS.50",),
        severity=Severity.MEDIUM,
        remediation="Set backup_retention_period to 7 or more.",
        types=(CLUSTER,),
        check=requires_at_least("backupRetentionPeriod", 7),
    ),
    Rule(
        id="aurora-audit-log",
        title="Aurora publishes its audit log",
        controls=("RDS.34", "RDS.45"),
        severity=Severity.MEDIUM,
        remediation="Export audit, and set server_audit_logging and server_audit_events in the parameter group.",
        types=(CLUSTER,),
        check=_audit_log,
    ),
    Rule(
        id="aurora-iam-authentication",
        title="Aurora takes IAM's tokens in place of passwords",
        controls=("RDS.12",),
        severity=Severity.MEDIUM,
        remediation="Set iam_database_authentication_enabled, and let the applications log in with tokens.",
        types=(CLUSTER,),
        check=requires("iamDatabaseAuthenticationEnabled", True),
    ),
    Rule(
        id="aurora-tags-snapshots",
        title="Aurora's tags go along to its snapshots",
        controls=("RDS.16",),
        severity=Severity.LOW,
        remediation="Set copy_tags_to_snapshot.",
        types=(CLUSTER,),
        check=requires("copyTagsToSnapshot", True),
    ),
    Rule(
        id="aurora-administrator-name",
        title="Aurora's administrator has another name than the engine's default",
        controls=("RDS.24",),
        severity=Severity.MEDIUM,
        remediation="Set master_username.",
        types=(CLUSTER,),
        check=_administrator,
    ),
    Rule(
        id="aurora-port",
        title="Aurora listens on another port than the engine's default",
        controls=("RDS.23",),
        severity=Severity.LOW,
        remediation="Set port, and tell it to every client.",
        types=(CLUSTER,),
        check=_port,
    ),
    Rule(
        id="aurora-several-zones",
        title="Aurora has an instance in a second zone",
        controls=("RDS.15",),
        severity=Severity.MEDIUM,
        remediation="Add a reader instance.",
        types=(CLUSTER,),
        check_in_stack=_zones,
    ),
    Rule(
        id="aurora-minor-upgrades",
        title="Aurora takes minor versions by itself",
        controls=("RDS.13", "RDS.35", "CIS 2.3.2"),
        severity=Severity.HIGH,
        remediation="Set auto_minor_version_upgrade.",
        types=(CLUSTER_INSTANCE,),
        check=requires("autoMinorVersionUpgrade", True, None),
    ),
    Rule(
        id="aurora-enhanced-monitoring",
        title="Aurora reports what the operating system does",
        controls=("RDS.6",),
        severity=Severity.LOW,
        remediation="Set monitoring_interval and monitoring_role_arn.",
        types=(CLUSTER_INSTANCE,),
        check=requires_at_least("monitoringInterval", 1),
    ),
)

_REDIS = (
    Rule(
        id="redis-encrypted",
        title="Redis is encrypted at rest",
        controls=("ElastiCache.4",),
        severity=Severity.MEDIUM,
        remediation="Set at_rest_encryption_enabled when it is made.",
        types=(REPLICATION_GROUP,),
        check=requires("atRestEncryptionEnabled", True),
    ),
    Rule(
        id="redis-tls-only",
        title="Redis takes connections over TLS alone",
        controls=("ElastiCache.5",),
        severity=Severity.MEDIUM,
        remediation='Set transit_encryption_enabled, and transit_encryption_mode "required".',
        types=(REPLICATION_GROUP,),
        check=all_of(requires("transitEncryptionEnabled", True), requires("transitEncryptionMode", "required")),
    ),
    Rule(
        id="redis-authenticates",
        title="Redis wants a password",
        controls=("ElastiCache.6",),
        severity=Severity.MEDIUM,
        remediation="Set auth_token.",
        types=(REPLICATION_GROUP,),
        check=requires_set("authToken"),
    ),
    Rule(
        id="redis-backup",
        title="Redis is backed up",
        controls=("ElastiCache.1",),
        severity=Severity.HIGH,
        remediation="Set snapshot_retention_limit to 1 or more.",
        types=(REPLICATION_GROUP,),
        check=requires_at_least("snapshotRetentionLimit", 1),
    ),
    Rule(
        id="redis-minor-upgrades",
        title="Redis takes minor versions by itself",
        controls=("ElastiCache.2",),
        severity=Severity.HIGH,
        remediation="Set auto_minor_version_upgrade.",
        types=(REPLICATION_GROUP,),
        check=requires("autoMinorVersionUpgrade", True, None),
    ),
    Rule(
        id="redis-failover",
        title="Redis has a second node that takes over",
        controls=("ElastiCache.3",),
        severity=Severity.MEDIUM,
        remediation="Set automatic_failover_enabled, with two nodes or more.",
        types=(REPLICATION_GROUP,),
        check=requires("automaticFailoverEnabled", True),
    ),
    Rule(
        id="redis-subnet-group",
        title="Redis is in a subnet group of the program's own",
        controls=("ElastiCache.7",),
        severity=Severity.HIGH,
        remediation="Set subnet_group_name.",
        types=(REPLICATION_GROUP,),
        check=_subnet_group,
    ),
)

RULES = (*_AURORA, *_REDIS)
