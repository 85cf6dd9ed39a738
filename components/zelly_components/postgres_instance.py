"""A private PostgreSQL instance on RDS that refuses every connection without TLS."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from zelly_components.base import Component, derived
from zelly_components.hosts import rds_authorities
from zelly_components.limits.allowed_values import LOG_RETENTION_DAYS
from zelly_components.limits.postgresql import (
    check_connections,
    check_retention,
    check_storage,
    major_version,
    storage_performance,
)
from zelly_components.limits.windows import SHORTEST_DATABASE_WINDOW, check_windows
from zelly_components.security_group import SecurityGroup, SecurityGroupArgs

PORT = 5432

CA_BUNDLE_URL = rds_authorities.CA_BUNDLE_URL
CA_BUNDLE_PATH = rds_authorities.CA_BUNDLE_PATH

_EXPORTED_LOGS = ("postgresql", "upgrade")

_CA_CERTIFICATE = "rds-ca-rsa2048-g1"
"""Valid until 2061. Stated, because the account's default may change."""

_STATIC = frozenset({"max_connections"})
"""Those parameters that take effect with a restart alone."""

_PARAMETERS: Mapping[str, str] = {
    # Refuses every connection without TLS. The default from version 15 on, stated, so that nobody depends on it.
    "rds.force_ssl": "1",
    # Milliseconds: statements that take a second or more are logged …
    "log_min_duration_statement": "1000",
    # … without the values of their parameters, which are customers' data. -1, the default, logs them whole.
    "log_parameter_max_length": "0",
    # A session that waits for a lock for longer than deadlock_timeout, a second.
    "log_lock_waits": "1",
    # On by default since 15: how often, and how long each took.
    "log_checkpoints": "1",
    # Kilobytes: sorts and joins that did not fit into work_mem and wrote a large file instead.
    "log_temp_files": "10240",
    # Milliseconds: vacuums that take long, before transaction ids run out.
    "log_autovacuum_min_duration": "10000",
    # Milliseconds: a transaction that a client forgot keeps vacuums from cleaning up behind it. RDS's own is a day.
    "idle_in_transaction_session_timeout": "600000",
}


@dataclass(frozen=True, kw_only=True)
class PostgresInstanceArgs:
    """Arguments of a PostgreSQL instance."""

    instance_identifier: str
    """Its name in RDS: at most 57 lower-case letters, digits and single hyphens; its final snapshot adds to it. Another
    name renames the instance, which restarts it, and its host name follows."""
    vpc_id: pulumi.Input[str]
    """The VPC of the instance's security group, the one that the subnets are in. Another VPC replaces the group."""
    subnet_ids: Sequence[pulumi.Input[str]]
    """Private subnets in two zones or more."""
    engine_version: str
    """The version in full, e.g. ``16.11``, so that no run picks another one."""
    allow_major_version_upgrade: bool
    """Let a change of ``engine_version`` be one of the major version. For that one change: there is no way back but a
    restoration."""
    instance_class: str
    """The class of the instance, e.g. ``db.t4g.medium``; its processor is seldom a database's limit, its memory is."""
    multi_az: bool
    """Keep a standby in a second zone, which takes over by itself within a minute or two; it doubles the price."""
    storage_gib: int
    """The size of the gp3 storage in GiB, 20 to 65,536. It grows and never shrinks."""
    maximum_storage_gib: int
    """The size in GiB up to which RDS enlarges it by itself, at least a tenth more."""
    iops: int | None
    """The I/O operations a second in all, 12,000 to 64,000, where more are paid for than gp3 has anyway; only from 400
    GiB on. None: those of gp3."""
    throughput_mibps: int | None
    """The MiB a second in all, 500 to 4,000 and a quarter of ``iops`` at most, where more are paid for than gp3 has
    anyway; only from 400 GiB on. None: those of gp3."""
    database_name: str
    """The database that clients use: lower-case letters, digits and underscores. Another one replaces the instance."""
    master_username: str
    """The name of the user that owns everything. Another name replaces the instance."""
    max_connections: int
    """The connections that the server takes. A new number takes effect when the instance is restarted by hand."""
    backup_retention_days: int
    """7 to 35: how far back the instance can be restored to any second."""
    backup_window: str
    """Daily, UTC, at least 30 minutes: ``hh:mm-hh:mm``. Must not touch the maintenance window."""
    maintenance_window: str
    """Weekly, UTC, at least 30 minutes: ``ddd:hh:mm-ddd:hh:mm``."""
    deletion_protection: bool
    """Refuse to delete or replace the instance, in AWS and in Pulumi; when it is deleted after all, take a final
    snapshot and keep its continuous backups for their time. Off means that deleting it deletes its data."""
    log_retention_days: int
    """Days for which CloudWatch keeps the log."""
    performance_insights: bool
    """Keep 7 days of statistics for Database Insights' standard mode, free of charge."""
    apply_immediately: bool
    """Make changes at once, otherwise in the maintenance window."""


class PostgresInstance(Component):
    """An encrypted PostgreSQL instance on RDS in private subnets, restorable to any second of its last days.

    **The master password** is random, and stands in the state, encrypted. The alternative, a secret that RDS itself
    manages, is replaced every seven days under applications that read it once, when they start.

    **Nothing upgrades by itself**: the version is pinned in full, minor upgrades are off, and a major one is asked for
    in words. The parameter group carries its family in its name and stays when it is no longer used: a major upgrade
    needs both groups at once, and snapshots go on naming the old one.

    **The identifier is fixed**, as a guard: whatever would replace the instance stops at a name that is taken, with the
    data untouched. The state knows the instance by its resource id, ``db-…``, whatever it is called.

    Example::

        from zelly_components.postgres_instance import PostgresInstance, PostgresInstanceArgs

        database = PostgresInstance(
            "shop-postgresql",
            PostgresInstanceArgs(
                instance_identifier="shop-postgresql",
                vpc_id="vpc-1",
                subnet_ids=["subnet-1", "subnet-2"],
                engine_version="16.11",
                allow_major_version_upgrade=False,
                instance_class="db.t4g.medium",
                multi_az=False,
                storage_gib=50,
                maximum_storage_gib=200,
                iops=None,
                throughput_mibps=None,
                database_name="shop",
                master_username="shop",
                max_connections=300,
                backup_retention_days=14,
                backup_window="20:00-20:30",
                maintenance_window="sun:21:00-sun:21:30",
                deletion_protection=True,
                log_retention_days=30,
                performance_insights=True,
                apply_immediately=False,
            ),
        )
        database.allow_from("api", "sg-1")
    """

    instance_identifier: pulumi.Output[str]
    """The instance's name in RDS, by which alarms find it."""
    resource_id: pulumi.Output[str]
    """The id that the instance keeps for its whole life, ``db-…``; what the state calls its id."""
    instance_arn: pulumi.Output[str]
    """The instance's ARN."""
    endpoint: pulumi.Output[str]
    """The host name, for which the certificate is good."""
    port: int
    """The port of the endpoint."""
    database_name: str
    """The database that clients use."""
    security_group_id: pulumi.Output[str]
    """The instance's security group, which ``allow_from`` opens."""
    ports: list[int]
    """The ports that ``allow_from`` opens."""
    master_username: str
    """The name of the user that owns everything."""
    master_password: pulumi.Output[str]
    """The password of that user, letters and digits only. It is secret."""
    connection_url: pulumi.Output[str]
    """The connection as libpq reads it: with TLS, and the certificate compared with the host name. It is secret."""

    def __init__(self, name: str, args: PostgresInstanceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(args)
        super().__init__(name, opts)
        self._name = name
        self.port = PORT
        self.database_name = args.database_name
        self.master_username = args.master_username
        self._security_group = SecurityGroup(
            f"{name}-sg", SecurityGroupArgs(vpc_id=args.vpc_id, description="PostgreSQL instance"), opts=self.child()
        )
        self.security_group_id = self._security_group.security_group_id
        self.master_password = self._master_password(args)
        instance = self._instance(args, self._subnet_group(args), self._parameter_group(args), self._log_groups(args))
        self.instance_identifier = instance.identifier
        self.resource_id = instance.resource_id
        self.instance_arn = instance.arn
        self.endpoint = instance.address
        self.connection_url = pulumi.Output.secret(derived(self._known(), lambda known: _url(args, *known)))
        self.ports = [PORT]
        self.register_annotated_outputs()

    def allow_from(self, peer: str, security_group_id: pulumi.Input[str]) -> None:
        """Let the members of another security group connect; ``peer`` names them in the rules."""
        self._security_group.allow_from(peer, security_group_id, port=self.port)

    def _known(self) -> pulumi.Output[tuple[str, str]]:
        """Return host and password; no value where mocks that only echo inputs give one of them none."""
        both: pulumi.Output[list[Any]] = pulumi.Output.all(self.endpoint, self.master_password)
        return both.apply(lambda values: cast("tuple[str, str]", None if None in values else tuple(values)))

    def _master_password(self, args: PostgresInstanceArgs) -> pulumi.Output[str]:
        return random.RandomPassword(
            f"{self._name}-master-password",
            # RDS takes 8 to 128 characters for PostgreSQL. Letters and digits alone also pass through a URL or a shell
            # unquoted; 40 of them hold 238 bits.
            length=40,
            special=False,
            # A replaced password is a changed one at once, for which no client is prepared.
            opts=self.child_with(pulumi.ResourceOptions(protect=args.deletion_protection)),
        ).result

    def _subnet_group(self, args: PostgresInstanceArgs) -> aws.rds.SubnetGroup:
        return aws.rds.SubnetGroup(
            f"{self._name}-subnets", subnet_ids=args.subnet_ids, description="PostgreSQL instance", opts=self.child()
        )

    def _parameter_group(self, args: PostgresInstanceArgs) -> aws.rds.ParameterGroup:
        family = parameter_group_family(args.engine_version)
        return aws.rds.ParameterGroup(
            # The family is in the name: with the next one comes a second group, and the first one stays.
            f"{self._name}-parameters-{family}",
            family=family,
            description="TLS only, slow statements, lock waits",
            parameters=[
                aws.rds.ParameterGroupParameterArgs(
                    name=name, value=value, apply_method="pending-reboot" if name in _STATIC else "immediate"
                )
                for name, value in parameters(args.max_connections).items()
            ],
            skip_destroy=True,
            opts=self.child(),
        )

    def _log_groups(self, args: PostgresInstanceArgs) -> list[aws.cloudwatch.LogGroup]:
        # Under the names that RDS writes to. Where they are missing RDS makes them, and keeps their logs for ever.
        return [
            aws.cloudwatch.LogGroup(
                f"{self._name}-{log}-log",
                name=f"/aws/rds/instance/{args.instance_identifier}/{log}",
                retention_in_days=args.log_retention_days,
                opts=self.child(),
            )
            for log in _EXPORTED_LOGS
        ]

    def _instance(
        self,
        args: PostgresInstanceArgs,
        subnet_group: aws.rds.SubnetGroup,
        parameter_group: aws.rds.ParameterGroup,
        log_groups: Sequence[aws.cloudwatch.LogGroup],
    ) -> aws.rds.Instance:
        iops, throughput = storage_performance(args.storage_gib, iops=args.iops, throughput_mibps=args.throughput_mibps)
        return aws.rds.Instance(
            f"{self._name}-instance",
            identifier=args.instance_identifier,
            engine="postgres",
            engine_version=args.engine_version,
            # On by default, when any other change may carry an upgrade along that no preview shows.
            auto_minor_version_upgrade=False,
            allow_major_version_upgrade=args.allow_major_version_upgrade,
            instance_class=args.instance_class,
            multi_az=args.multi_az,
            storage_type="gp3",
            allocated_storage=args.storage_gib,
            max_allocated_storage=args.maximum_storage_gib,
            iops=iops,
            storage_throughput=throughput,
            storage_encrypted=True,
            port=self.port,
            db_name=args.database_name,
            username=args.master_username,
            password=self.master_password,
            db_subnet_group_name=subnet_group.name,
            parameter_group_name=parameter_group.name,
            vpc_security_group_ids=[self.security_group_id],
            publicly_accessible=False,
            ca_cert_identifier=_CA_CERTIFICATE,
            backup_retention_period=args.backup_retention_days,
            backup_window=args.backup_window,
            maintenance_window=args.maintenance_window,
            copy_tags_to_snapshot=True,
            delete_automated_backups=not args.deletion_protection,
            enabled_cloudwatch_logs_exports=list(_EXPORTED_LOGS),
            performance_insights_enabled=args.performance_insights,
            performance_insights_retention_period=7 if args.performance_insights else None,
            deletion_protection=args.deletion_protection,
            skip_final_snapshot=not args.deletion_protection,
            final_snapshot_identifier=f"{args.instance_identifier}-final" if args.deletion_protection else None,
            apply_immediately=args.apply_immediately,
            opts=self.child_with(pulumi.ResourceOptions(protect=args.deletion_protection, depends_on=log_groups)),
        )


def _url(args: PostgresInstanceArgs, host: str, password: str) -> str:
    return connection_url(host=host, user=args.master_username, password=password, database=args.database_name)


def connection_url(
    *, host: str, user: str, password: str, database: str, port: int = PORT, ca_bundle: str = CA_BUNDLE_PATH
) -> str:
    """Return a connection string with TLS in which the server has to prove its name, by one of RDS's authorities."""
    return (
        f"postgresql://{quote(user, safe='')}:{quote(password, safe='')}@{host}:{port}/{database}"
        f"?sslmode=verify-full&sslrootcert={ca_bundle}"
    )


def parameters(max_connections: int) -> Mapping[str, str]:
    """Return the parameters of the instance that differ from RDS's own, or are not left to them."""
    return {**_PARAMETERS, "max_connections": str(max_connections)}


def parameter_group_family(engine_version: str) -> str:
    """Return the parameter group family of a full engine version: ``postgres16`` for ``16.11``.

    Raises:
        LimitError: when the version is not in full.
    """
    return f"postgres{major_version(engine_version)}"


def _check(args: PostgresInstanceArgs) -> None:
    if len(args.instance_identifier) > 57 or not re.fullmatch(r"[a-z](-?[a-z0-9])*", args.instance_identifier):
        raise ValueError(
            f"instance_identifier: came {args.instance_identifier}; allowed at most 57 lower-case letters, digits and "
            "single hyphens, starting with a letter"
        )
    for field, value in (("database_name", args.database_name), ("master_username", args.master_username)):
        if re.fullmatch(r"[a-z][a-z0-9_]{0,62}", value) is None:
            raise ValueError(f"{field}: came {value}; allowed lower-case letters, digits and underscores")
    LOG_RETENTION_DAYS.check("log_retention_days", args.log_retention_days)
    check_retention(args.backup_retention_days)
    check_storage(args.storage_gib, args.maximum_storage_gib)
    check_connections(args.max_connections, args.instance_class)
    check_windows("backup_window", args.backup_window, args.maintenance_window, shortest=SHORTEST_DATABASE_WINDOW)
