"""Rules for database instances of RDS, of any engine that it runs for itself."""

from collections.abc import Iterator, Mapping

from workbench.review.rules.model import (
    Resource,
    Rule,
    Severity,
    all_of,
    is_unknown,
    requires,
    requires_at_least,
    requires_set,
    shown,
)

INSTANCE = "aws:rds/instance:Instance"
PARAMETERS = "aws:rds/parameterGroup:ParameterGroup"

_DEFAULT_ADMINISTRATORS = ("admin", "administrator", "postgres", "root")
_DEFAULT_PORTS: Mapping[str, int] = {"mariadb": 3306, "mysql": 3306, "postgres": 5432}
_TLS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "mariadb": ("require_secure_transport", ("1", "ON")),
    "mysql": ("require_secure_transport", ("1", "ON")),
    "postgres": ("rds.force_ssl", ("1",)),
}
"""By how the family begins: the parameter that refuses connections without TLS, and its values."""


def _parameters_want_tls(group: Resource) -> Iterator[str]:
    family = group.value("family")
    found = next((wanted for engine, wanted in _TLS.items() if f"{family}".startswith(engine)), None)
    if found is None or is_unknown(family) or is_unknown(group.value("parameters")):
        return
    name, allowed = found
    given = {parameter.get("name"): parameter.get("value") for parameter in group.items("parameters")}.get(name)
    if not is_unknown(given) and given not in allowed:
        yield f"parameters.{name}: {shown(given)}; allowed: {allowed[0]}"


def _logs(instance: Resource) -> Iterator[str]:
    exports = instance.value("enabledCloudwatchLogsExports")
    if not is_unknown(exports) and not exports:
        yield f"enabledCloudwatchLogsExports: {shown(exports)}; one log or more is required"


def _administrator(instance: Resource) -> Iterator[str]:
    name = instance.value("username")
    if name in (*_DEFAULT_ADMINISTRATORS, None):
        yield f"username: {shown(name)}; allowed: another than the engines' own"


def _port(instance: Resource) -> Iterator[str]:
    port, engine = instance.value("port"), instance.value("engine")
    if port is None or (port == _DEFAULT_PORTS.get(f"{engine}") and not is_unknown(port)):
        yield f"port: {shown(port)}; allowed: another than the engine's own"


RULES = (
    Rule(
        id="database-encrypted",
        title="A database instance is encrypted",
        controls=("RDS.3", "CIS 2.3.1"),
        severity=Severity.HIGH,
        remediation="Set storage_encrypted when it is made; later it takes a snapshot and a new instance.",
        types=(INSTANCE,),
        check=requires("storageEncrypted", True),
    ),
    Rule(
        id="database-tls-only",
        title="A database instance takes connections over TLS alone",
        controls=(),
        severity=Severity.HIGH,
        remediation="Set rds.force_ssl (PostgreSQL) or require_secure_transport (MySQL, MariaDB) to 1.",
        types=(PARAMETERS,),
        check=_parameters_want_tls,
    ),
    Rule(
        id="database-private",
        title="A database instance is not reachable from the internet",
        controls=("RDS.2", "CIS 2.3.3"),
        severity=Severity.CRITICAL,
        remediation="Leave publicly_accessible off.",
        types=(INSTANCE,),
        check=requires("publiclyAccessible", False, None),
    ),
    Rule(
        id="database-deletion-protection",
        title="A database instance is protected from deletion",
        controls=("RDS.8",),
        severity=Severity.MEDIUM,
        remediation="Set deletion_protection.",
        types=(INSTANCE,),
        check=requires("deletionProtection", True),
    ),
    Rule(
        id="database-final-snapshot",
        title="A database instance leaves a snapshot behind when it is deleted",
        controls=(),
        severity=Severity.HIGH,
        remediation="Set skip_final_snapshot to False and name the final snapshot.",
        types=(INSTANCE,),
        check=all_of(requires("skipFinalSnapshot", False, None), requires_set("finalSnapshotIdentifier")),
    ),
    Rule(
        id="database-backup-retention",
        title="A database instance's backups are kept for seven days or more",
        controls=("RDS.11",),
        severity=Severity.MEDIUM,
        remediation="Set backup_retention_period to 7 or more.",
        types=(INSTANCE,),
        check=requires_at_least("backupRetentionPeriod", 7),
    ),
    Rule(
        id="database-logs",
        title="A database instance publishes its logs",
        controls=("RDS.9", "RDS.36"),
        severity=Severity.MEDIUM,
        remediation="Set enabled_cloudwatch_logs_exports.",
        types=(INSTANCE,),
        check=_logs,
    ),
    Rule(
        id="database-iam-authentication",
        title="A database instance takes IAM's tokens in place of passwords",
        controls=("RDS.10",),
        severity=Severity.MEDIUM,
        remediation="Set iam_database_authentication_enabled, and let the applications log in with tokens.",
        types=(INSTANCE,),
        check=requires("iamDatabaseAuthenticationEnabled", True),
    ),
    Rule(
        id="database-tags-snapshots",
        title="A database instance's tags go along to its snapshots",
        controls=("RDS.17",),
        severity=Severity.LOW,
        remediation="Set copy_tags_to_snapshot.",
        types=(INSTANCE,),
        check=requires("copyTagsToSnapshot", True),
    ),
    Rule(
        id="database-administrator-name",
        title="A database instance's administrator has another name than the engine's default",
        controls=("RDS.25",),
        severity=Severity.MEDIUM,
        remediation="Set username.",
        types=(INSTANCE,),
        check=_administrator,
    ),
    Rule(
        id="database-port",
        title="A database instance listens on another port than the engine's default",
        controls=("RDS.23",),
        severity=Severity.LOW,
        remediation="Set port, and tell it to every client.",
        types=(INSTANCE,),
        check=_port,
    ),
    Rule(
        id="database-several-zones",
        title="A database instance has a standby in a second zone",
        controls=("RDS.5",),
        severity=Severity.MEDIUM,
        remediation="Set multi_az.",
        types=(INSTANCE,),
        check=requires("multiAz", True),
    ),
    Rule(
        id="database-minor-upgrades",
        title="A database instance takes minor versions by itself",
        controls=("RDS.13", "CIS 2.3.2"),
        severity=Severity.HIGH,
        remediation="Set auto_minor_version_upgrade.",
        types=(INSTANCE,),
        check=requires("autoMinorVersionUpgrade", True, None),
    ),
    Rule(
        id="database-enhanced-monitoring",
        title="A database instance reports what the operating system does",
        controls=("RDS.6",),
        severity=Severity.LOW,
        remediation="Set monitoring_interval and monitoring_role_arn.",
        types=(INSTANCE,),
        check=requires_at_least("monitoringInterval", 1),
    ),
)
