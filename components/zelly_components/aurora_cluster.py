"""An Aurora MySQL cluster on Serverless v2, private unless address ranges are let in."""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from zelly_components.base import Component, resolved_after
from zelly_components.limits.allowed_values import LOG_RETENTION_DAYS
from zelly_components.limits.aurora_capacity import aurora_version, check_capacity, check_insights
from zelly_components.limits.aurora_parameters import cluster_parameters
from zelly_components.limits.public_access import check_public_access
from zelly_components.limits.windows import SHORTEST_DATABASE_WINDOW, check_windows
from zelly_components.security_group import SecurityGroup, SecurityGroupArgs

PORT = 3306

_EXPORTED_LOGS = ("error", "slowquery")

_CA_CERTIFICATE = "rds-ca-rsa2048-g1"
"""Valid until 2061. Stated, because the account's default may change between two instances of one cluster."""


@dataclass(frozen=True, kw_only=True)
class AuroraClusterArgs:
    """Arguments of an Aurora cluster."""

    cluster_identifier: str
    """Its name in RDS: at most 60 lower-case letters, digits and single hyphens. Instances add a number to it."""
    vpc_id: pulumi.Input[str]
    """The VPC of the cluster's security group, the one that the subnets are in. Another VPC replaces the group."""
    subnet_ids: Sequence[pulumi.Input[str]]
    """Subnets in two zones or more: private ones, or public ones for a publicly accessible cluster."""
    publicly_accessible: bool
    """Give the instances public addresses. Needs ``allowed_cidr_blocks``."""
    allowed_cidr_blocks: Mapping[str, str]
    """IPv4 ranges that may connect over the internet, by a short name. Empty for a private cluster."""
    engine_version: str
    """The version in full, e.g. ``8.0.mysql_aurora.3.10.5``, so that no run picks another one."""
    minimum_capacity_acu: float
    """The capacity that the cluster keeps, in ACU of about 2 GiB of memory, in steps of 0.5. 0 lets it pause when
    nobody is connected."""
    maximum_capacity_acu: float
    """The capacity that it grows to, in ACU of about 2 GiB of memory, in steps of 0.5, from 1 to 256.
    ``max_connections`` follows a new one only when the instances are rebooted."""
    seconds_until_auto_pause: int | None
    """Idle time before the cluster pauses, 300 to 86,400. None: 300 where the minimum is 0, never otherwise."""
    instance_count: int
    """The number of instances, 1 to 16: one writer, the others readers."""
    master_username: str
    """The name of the user with all rights. Another name replaces the cluster."""
    backup_retention_days: int
    """1 to 35: how far back the cluster can be restored to any second."""
    backup_window: str
    """Daily, UTC, at least 30 minutes: ``hh:mm-hh:mm``. Must not touch the maintenance window."""
    maintenance_window: str
    """Weekly, UTC, at least 30 minutes: ``ddd:hh:mm-ddd:hh:mm``."""
    deletion_protection: bool
    """Refuse to delete or replace the cluster, in AWS and in Pulumi, and take a final snapshot when it is deleted
    after all. Off means that deleting the cluster deletes its data: take a snapshot before turning it off."""
    log_retention_days: int
    """Days for which CloudWatch keeps the error log and the slow query log."""
    performance_insights: bool
    """Keep 7 days of statistics for Database Insights' standard mode, free of charge. Needs a minimum of 2 ACU."""
    apply_immediately: bool
    """Make changes at once, otherwise in the maintenance window."""


class AuroraCluster(Component):
    """An encrypted Aurora MySQL Serverless v2 cluster that accepts TLS connections from listed clients.

    **The master password** is random, and stands in the state, encrypted. The alternative, a secret that RDS itself
    manages, is replaced every seven days under applications that read it once, when they start.

    **The identifier is fixed**, as a guard. Pulumi makes a replacement before it deletes the original, so whatever
    would replace the cluster stops at a name that is taken, with the data untouched. Left to chance names, an empty
    cluster would come up and the full one go.

    Example::

        from zelly_components.aurora_cluster import AuroraCluster, AuroraClusterArgs

        database = AuroraCluster(
            "shop-aurora",
            AuroraClusterArgs(
                cluster_identifier="shop-production",
                vpc_id="vpc-1",
                subnet_ids=["subnet-1", "subnet-2"],
                publicly_accessible=False,
                allowed_cidr_blocks={},
                engine_version="8.0.mysql_aurora.3.10.5",
                minimum_capacity_acu=0.5,
                maximum_capacity_acu=8,
                seconds_until_auto_pause=None,
                instance_count=1,
                master_username="root",
                backup_retention_days=7,
                backup_window="20:00-20:30",
                maintenance_window="sun:21:00-sun:21:30",
                deletion_protection=True,
                log_retention_days=30,
                performance_insights=False,
                apply_immediately=False,
            ),
        )
        database.allow_from("api", "sg-1")
    """

    cluster_identifier: pulumi.Output[str]
    """The cluster's name in RDS, by which alarms find it."""
    cluster_arn: pulumi.Output[str]
    """The cluster's ARN."""
    endpoint: pulumi.Output[str]
    """The writer's host name; resolves once there is a writer to answer."""
    reader_endpoint: pulumi.Output[str]
    """The host name that spreads over the readers, or leads to the writer where there are none."""
    port: int
    """The port of both endpoints."""
    security_group_id: pulumi.Output[str]
    """The cluster's security group, which ``allow_from`` opens."""
    ports: list[int]
    """The ports that ``allow_from`` opens."""
    master_username: str
    """The name of the user with all rights."""
    master_password: pulumi.Output[str]
    """The password of that user, letters and digits only. It is secret."""

    def __init__(self, name: str, args: AuroraClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(args)
        super().__init__(name, opts)
        self._name = name
        self.port = PORT
        self.master_username = args.master_username
        self._security_group = self._make_security_group(args)
        self.security_group_id = self._security_group.security_group_id
        self.master_password = self._master_password(args)
        subnet_group = self._subnet_group(args)
        cluster = self._cluster(args, subnet_group, self._parameter_group(args), self._log_groups(args))
        instances = [self._instance(number, args, cluster) for number in range(1, args.instance_count + 1)]

        self.cluster_identifier = cluster.cluster_identifier
        self.cluster_arn = cluster.arn
        # The cluster is there minutes before its first instance; a client that starts in between finds nobody.
        self.endpoint = resolved_after(cluster.endpoint, instances[0])
        self.reader_endpoint = resolved_after(cluster.reader_endpoint, instances[0])
        self.ports = [PORT]
        self.register_annotated_outputs()

    def allow_from(self, peer: str, security_group_id: pulumi.Input[str]) -> None:
        """Let the members of another security group connect; ``peer`` names them in the rules."""
        self._security_group.allow_from(peer, security_group_id, port=self.port)

    def _make_security_group(self, args: AuroraClusterArgs) -> SecurityGroup:
        group = SecurityGroup(
            f"{self._name}-sg",
            SecurityGroupArgs(vpc_id=args.vpc_id, description="Aurora MySQL cluster"),
            opts=self.child(),
        )
        for peer, cidr_block in args.allowed_cidr_blocks.items():
            group.allow_from_cidr(peer, cidr_block, port=self.port)
        return group

    def _master_password(self, args: AuroraClusterArgs) -> pulumi.Output[str]:
        return random.RandomPassword(
            f"{self._name}-master-password",
            # RDS takes 8 to 41 characters. Letters and digits alone also pass through a URL or a shell unquoted;
            # 40 of them hold 238 bits.
            length=40,
            special=False,
            # A replaced password is a changed one at once, for which no client is prepared.
            opts=self.child_with(pulumi.ResourceOptions(protect=args.deletion_protection)),
        ).result

    def _subnet_group(self, args: AuroraClusterArgs) -> aws.rds.SubnetGroup:
        return aws.rds.SubnetGroup(
            f"{self._name}-subnets", subnet_ids=args.subnet_ids, description="Aurora cluster", opts=self.child()
        )

    def _parameter_group(self, args: AuroraClusterArgs) -> aws.rds.ClusterParameterGroup:
        return aws.rds.ClusterParameterGroup(
            f"{self._name}-parameters",
            family=parameter_group_family(args.engine_version),
            description="TLS only, utf8mb4, slow query log",
            parameters=[
                aws.rds.ClusterParameterGroupParameterArgs(name=parameter, value=value)
                for parameter, value in cluster_parameters(pauses=args.minimum_capacity_acu == 0).items()
            ],
            opts=self.child(),
        )

    def _log_groups(self, args: AuroraClusterArgs) -> list[aws.cloudwatch.LogGroup]:
        # Under the names that RDS writes to. Where they are missing RDS makes them, and keeps their logs for ever.
        return [
            aws.cloudwatch.LogGroup(
                f"{self._name}-{log}-log",
                name=f"/aws/rds/cluster/{args.cluster_identifier}/{log}",
                retention_in_days=args.log_retention_days,
                opts=self.child(),
            )
            for log in _EXPORTED_LOGS
        ]

    def _cluster(
        self,
        args: AuroraClusterArgs,
        subnet_group: aws.rds.SubnetGroup,
        parameter_group: aws.rds.ClusterParameterGroup,
        log_groups: Sequence[aws.cloudwatch.LogGroup],
    ) -> aws.rds.Cluster:
        # No availability_zones: AWS always stores three, and listing fewer plans a replacement at every run.
        return aws.rds.Cluster(
            f"{self._name}-cluster",
            cluster_identifier=args.cluster_identifier,
            engine=aws.rds.EngineType.AURORA_MYSQL,
            # Serverless v2 is the provisioned mode with instances of the class db.serverless.
            engine_mode="provisioned",
            engine_version=args.engine_version,
            serverlessv2_scaling_configuration=_scaling(args),
            port=self.port,
            master_username=args.master_username,
            master_password=self.master_password,
            db_subnet_group_name=subnet_group.name,
            db_cluster_parameter_group_name=parameter_group.name,
            vpc_security_group_ids=[self.security_group_id],
            storage_encrypted=True,
            backup_retention_period=args.backup_retention_days,
            preferred_backup_window=args.backup_window,
            preferred_maintenance_window=args.maintenance_window,
            copy_tags_to_snapshot=True,
            enabled_cloudwatch_logs_exports=list(_EXPORTED_LOGS),
            deletion_protection=args.deletion_protection,
            skip_final_snapshot=not args.deletion_protection,
            final_snapshot_identifier=f"{args.cluster_identifier}-final" if args.deletion_protection else None,
            apply_immediately=args.apply_immediately,
            opts=self.child_with(pulumi.ResourceOptions(protect=args.deletion_protection, depends_on=log_groups)),
        )

    def _instance(self, number: int, args: AuroraClusterArgs, cluster: aws.rds.Cluster) -> aws.rds.ClusterInstance:
        return aws.rds.ClusterInstance(
            f"{self._name}-instance-{number}",
            # Fixed like the cluster's: whatever replaces an instance (its cluster, its subnet group) replaces the
            # cluster too, and is to stop there.
            identifier=f"{args.cluster_identifier}-{number}",
            cluster_identifier=cluster.id,
            engine=aws.rds.EngineType.AURORA_MYSQL,
            instance_class="db.serverless",
            db_subnet_group_name=cluster.db_subnet_group_name,
            publicly_accessible=args.publicly_accessible,
            ca_cert_identifier=_CA_CERTIFICATE,
            # On by default, when any other change of the instance may carry an upgrade along that no preview shows.
            auto_minor_version_upgrade=False,
            preferred_maintenance_window=args.maintenance_window,
            performance_insights_enabled=args.performance_insights,
            performance_insights_retention_period=7 if args.performance_insights else None,
            apply_immediately=args.apply_immediately,
            # The version belongs to the cluster, which upgrades its instances; an instance never asks for its own.
            opts=self.child_with(
                pulumi.ResourceOptions(protect=args.deletion_protection, ignore_changes=["engineVersion"])
            ),
        )


def parameter_group_family(engine_version: str) -> str:
    """Return the parameter group family of a full engine version: ``aurora-mysql8.0`` for ``8.0.mysql_aurora.3.10.5``.

    Raises:
        ValueError: when the version is not in full.
    """
    aurora_version(engine_version)
    return f"aurora-mysql{engine_version.partition('.mysql_aurora.')[0]}"


def _check(args: AuroraClusterArgs) -> None:
    if len(args.cluster_identifier) > 60 or not re.fullmatch(r"[a-z](-?[a-z0-9])*", args.cluster_identifier):
        raise ValueError(
            f"cluster_identifier: came {args.cluster_identifier}; allowed at most 60 lower-case letters, digits and "
            "single hyphens, starting with a letter"
        )
    _check_within("instance_count", args.instance_count, 1, 16)
    LOG_RETENTION_DAYS.check("log_retention_days", args.log_retention_days)
    _check_within("backup_retention_days", args.backup_retention_days, 1, 35)
    check_capacity(
        engine_version=args.engine_version,
        minimum_capacity_acu=args.minimum_capacity_acu,
        maximum_capacity_acu=args.maximum_capacity_acu,
        seconds_until_auto_pause=args.seconds_until_auto_pause,
    )
    check_windows("backup_window", args.backup_window, args.maintenance_window, shortest=SHORTEST_DATABASE_WINDOW)
    check_insights(performance_insights=args.performance_insights, minimum_capacity_acu=args.minimum_capacity_acu)
    check_public_access("allowed_cidr_blocks", args.allowed_cidr_blocks, publicly_accessible=args.publicly_accessible)
    for peer, cidr_block in args.allowed_cidr_blocks.items():
        if not _is_limited_range(cidr_block):
            raise ValueError(
                f"allowed_cidr_blocks[{peer}]: came {cidr_block}; allowed an IPv4 range without host bits, smaller "
                "than /0"
            )


def _check_within(field: str, value: int, smallest: int, largest: int) -> None:
    if not smallest <= value <= largest:
        raise ValueError(f"{field}: came {value}; allowed {smallest} to {largest}")


def _is_limited_range(cidr_block: str) -> bool:
    """Tell whether this is an IPv4 range, without host bits, of less than the whole internet."""
    try:
        return ipaddress.IPv4Network(cidr_block).prefixlen > 0
    except ValueError:
        return False


def _scaling(args: AuroraClusterArgs) -> aws.rds.ClusterServerlessv2ScalingConfigurationArgs:
    return aws.rds.ClusterServerlessv2ScalingConfigurationArgs(
        min_capacity=args.minimum_capacity_acu,
        max_capacity=args.maximum_capacity_acu,
        seconds_until_auto_pause=args.seconds_until_auto_pause,
    )
