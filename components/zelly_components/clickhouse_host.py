"""ClickHouse in a container on a private EC2 instance, with its data on a volume of its own."""

import re
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from zelly_components.base import Component
from zelly_components.host import Host, HostArgs
from zelly_components.hosts import clickhouse_boot
from zelly_components.hosts.clickhouse_boot import HTTP_PORT, NATIVE_PORT
from zelly_components.hosts.data_volume import DataVolumeArgs, attach, check_snapshots, data_volume
from zelly_components.identity.iam import Statement
from zelly_components.limits.instance_type import CpuCredits
from zelly_components.security_group import SecurityGroup, SecurityGroupArgs

CREDENTIALS_KEYS = ("CLICKHOUSE_HOST", "CLICKHOUSE_PORT", "CLICKHOUSE_USER", "CLICKHOUSE_PASSWORD")

_ROOT_VOLUME_GIB = 12
"""The image of 8 GiB, ClickHouse's of 1 GiB twice during an upgrade, and the journal."""


@dataclass(frozen=True, kw_only=True)
class ClickHouseHostArgs:
    """Arguments of a ClickHouse host."""

    region: str
    """The region that it stands in, e.g. ``eu-west-1``: its programs ask AWS there. Another one replaces the host."""
    account_id: str
    """The account that it stands in, twelve digits: its volume is snapshotted for this account alone."""
    vpc_id: pulumi.Input[str]
    """The VPC of the host's security group, the one that the subnets are in. Another VPC replaces the group."""
    subnet_id: pulumi.Input[str]
    """A private subnet in ``availability_zone``."""
    availability_zone: str
    """The zone of the volume. Another zone replaces the volume, which then is empty."""
    instance_type: str
    """A Nitro type, e.g. ``t3.medium``. Changing it stops and starts the host."""
    cpu_credits: CpuCredits | None
    """The behaviour of a burstable (T) type that has spent its CPU credits: ``standard`` slows it down, ``unlimited``
    charges for more. None for every other type."""
    instance_memory_mib: int
    """The instance type's memory, at least 2048. ClickHouse gets all but a quarter, or all but 640 MiB if that is
    more."""
    ami_id: str
    """Amazon Linux 2023 for the type's architecture. Only read when the instance is made."""
    volume_gib: int
    """Size of the data volume. It grows in place, file system included; EBS never shrinks one."""
    image: str
    """E.g. ``clickhouse/clickhouse-server:24.3``. A new one reaches the running host within five minutes."""
    username: str
    """ClickHouse's only user. Lower-case letters, digits and underscores; not ``default``, which is removed."""
    credentials_secret_name: str
    """Path of the secret with the keys of ``credentials_keys``."""
    recovery_window_days: int
    """Days in which the deleted secret can be restored and its name stays taken: 0 (gone at once) or 7 to 30."""
    config_parameter_name: str
    """SSM parameter with ClickHouse's configuration, which the host fetches every five minutes."""
    log_group_name: str
    """The name of the host's log group in CloudWatch, which is made here, e.g. ``/shop/clickhouse``. Another name
    replaces the group, and the host, whose programs write to it."""
    log_retention_days: int
    """Days for which CloudWatch keeps the log events: one of the periods that it knows, such as 7, 30, 90 or 365."""
    snapshot_retention_count: int
    """The number of daily snapshots of the volume that are kept."""
    protect: bool
    """Refuse to delete the volume, and to terminate or replace the instance; take a last snapshot of a volume that is
    deleted after all."""
    snapshot_time_utc: str = "20:00"
    """The time of the daily snapshot, ``hh:mm`` in UTC. Left out, it is 20:00."""


class ClickHouseHost(Component):
    """One private EC2 instance that runs ClickHouse in Docker, on a data volume of its own.

    The host brings itself to what is wanted at boot and every five minutes: it waits for its volume, formats it if it
    is blank, fetches configuration and credentials, and restarts the container when one of them changed. If that
    fails, ``clickhouse-apply.service`` is in the state *failed*, the reason is in the log group and on the instance's
    console, and the next run tries again. A new image, other memory settings and another password therefore need no
    new host.

    A replaced host takes the volume over: the old one is stopped, the volume moves, the new one mounts it. It comes up
    with another address, which the secret then holds; clients read it when they start.

    The password stands in Secrets Manager and, encrypted, in the state. It reaches the host at run time and is kept
    there as a hash.

    Example::

        from zelly_components.clickhouse_host import ClickHouseHost, ClickHouseHostArgs

        analytics = ClickHouseHost(
            "shop-clickhouse",
            ClickHouseHostArgs(
                region="eu-west-1",
                account_id="123456789012",
                vpc_id="vpc-1",
                subnet_id="subnet-private-a",
                availability_zone="eu-west-1a",
                instance_type="t3.medium",
                cpu_credits="standard",
                instance_memory_mib=4096,
                ami_id="ami-0123456789abcdef0",
                volume_gib=50,
                image="clickhouse/clickhouse-server:24.3",
                username="shop",
                credentials_secret_name="shop/clickhouse/credentials",
                recovery_window_days=30,
                config_parameter_name="/shop/clickhouse/config",
                log_group_name="/shop/clickhouse",
                log_retention_days=30,
                snapshot_retention_count=7,
                protect=True,
            ),
        )
        analytics.allow_from("consumer", "sg-consumer")
    """

    instance_id: pulumi.Output[str]
    """The id of the EC2 instance, for alarms and sessions."""
    private_ip: pulumi.Output[str]
    """The private address of the instance, by which others in the VPC reach it."""
    volume_id: pulumi.Output[str]
    """The data volume, which outlives the instance."""
    security_group_id: pulumi.Output[str]
    """The host's security group, which ``allow_from`` opens."""
    ports: list[int]
    """The ports that ``allow_from`` opens."""
    credentials_secret_arn: pulumi.Output[str]
    """The secret with user and password. It resolves once it has a value, which holds the instance's address."""
    credentials_secret_name: str
    """The name of the secret with user and password."""
    credentials_keys: tuple[str, ...]
    """The keys of that secret."""
    http_port: int
    """The port of the HTTP interface."""
    native_port: int
    """The port of the native protocol."""
    failed_units_metric: str
    """The metric that counts the host's failed systemd units, in CloudWatch's namespace ``FailedUnits``; it is sent
    only when one failed."""
    mount_points: dict[str, str]
    """The file systems whose use is published, each path by a short name."""

    def __init__(self, name: str, args: ClickHouseHostArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(args)
        configuration = clickhouse_boot.configuration(image=args.image, instance_memory_mib=args.instance_memory_mib)
        super().__init__(name, opts)
        self._name = name
        self._security_group = SecurityGroup(
            f"{name}-sg",
            SecurityGroupArgs(vpc_id=args.vpc_id, description=f"ClickHouse {name}", internet_egress_ports=[443]),
            opts=self.child(),
        )
        volume = data_volume(self, name, _volume(args))
        # The secret before the host, which names it in its policy; its value after the host, whose address it holds.
        secret = self._secret(args)
        parameter = self._parameter(args, configuration)
        host = self._host(args, volume, secret, parameter)
        attach(self, name, volume, host)
        credentials = self._credentials(args, secret, host)

        self.instance_id = host.instance_id
        self.private_ip = host.private_ip
        self.volume_id = volume.id
        self.security_group_id = self._security_group.security_group_id
        # The version's own input: known in a preview in which only the value changes.
        self.credentials_secret_arn = credentials.secret_id
        self.credentials_secret_name = args.credentials_secret_name
        self.credentials_keys = CREDENTIALS_KEYS
        self.http_port = HTTP_PORT
        self.native_port = NATIVE_PORT
        self.failed_units_metric = host.failed_units_metric
        self.mount_points = clickhouse_boot.MOUNT_POINTS
        self.ports = [HTTP_PORT, NATIVE_PORT]
        self.register_annotated_outputs()

    def allow_from(self, peer: str, security_group_id: pulumi.Input[str]) -> None:
        """Let the members of another group reach ClickHouse over HTTP and over its native protocol."""
        for port in self.ports:
            self._security_group.allow_from(peer, security_group_id, port=port)

    def _secret(self, args: ClickHouseHostArgs) -> aws.secretsmanager.Secret:
        return aws.secretsmanager.Secret(
            f"{self._name}-credentials",
            name=args.credentials_secret_name,
            description=f"How to reach ClickHouse {self._name}",
            recovery_window_in_days=args.recovery_window_days,
            opts=self.child(),
        )

    def _parameter(self, args: ClickHouseHostArgs, configuration: str) -> aws.ssm.Parameter:
        return aws.ssm.Parameter(
            f"{self._name}-config",
            name=args.config_parameter_name,
            type="String",
            # "Insecure" only says that a preview shows it: a reviewer sees which setting changes.
            insecure_value=configuration,
            description=f"Configuration files of ClickHouse {self._name}, by path",
            opts=self.child(),
        )

    def _host(
        self,
        args: ClickHouseHostArgs,
        volume: aws.ebs.Volume,
        secret: aws.secretsmanager.Secret,
        parameter: aws.ssm.Parameter,
    ) -> Host:
        identity: dict[str, pulumi.Input[str]] = {
            "region": args.region,
            "volume_id": volume.id,
            "config_parameter_name": args.config_parameter_name,
            "credentials_secret_name": args.credentials_secret_name,
            "log_group_name": args.log_group_name,
        }
        statements = [
            Statement(sid="ReadCredentials", actions=["secretsmanager:GetSecretValue"], resources=[secret.arn]),
            Statement(sid="ReadConfiguration", actions=["ssm:GetParameter"], resources=[parameter.arn]),
        ]
        return Host(
            self._name,
            HostArgs(
                subnet_id=args.subnet_id,
                security_group_ids=[self._security_group.security_group_id],
                instance_type=args.instance_type,
                cpu_credits=args.cpu_credits,
                ami_id=args.ami_id,
                root_volume_gib=_ROOT_VOLUME_GIB,
                user_data=pulumi.Output.all(**identity).apply(lambda values: clickhouse_boot.user_data(**values)),
                identity=identity,
                log_group_name=args.log_group_name,
                log_retention_days=args.log_retention_days,
                statements=statements,
                termination_protection=args.protect,
                private=True,
            ),
            opts=self.child(),
        )

    def _credentials(
        self, args: ClickHouseHostArgs, secret: aws.secretsmanager.Secret, host: Host
    ) -> aws.secretsmanager.SecretVersion:
        # Letters and digits: they need no escaping in a connection string.
        password = random.RandomPassword(f"{self._name}-password", length=32, special=False, opts=self.child())
        values = (host.private_ip, str(HTTP_PORT), args.username, password.result)
        return aws.secretsmanager.SecretVersion(
            f"{self._name}-credentials-version",
            secret_id=secret.arn,
            secret_string=pulumi.Output.secret(
                pulumi.Output.json_dumps(dict(zip(CREDENTIALS_KEYS, values, strict=True)), sort_keys=True)
            ),
            opts=self.child(),
        )


def _volume(args: ClickHouseHostArgs) -> DataVolumeArgs:
    return DataVolumeArgs(
        region=args.region,
        account_id=args.account_id,
        availability_zone=args.availability_zone,
        size_gib=args.volume_gib,
        snapshot_retention_count=args.snapshot_retention_count,
        snapshot_time_utc=args.snapshot_time_utc,
        protect=args.protect,
    )


def _check(args: ClickHouseHostArgs) -> None:
    if args.username == "default" or re.fullmatch(r"[a-z_][a-z0-9_]*", args.username) is None:
        raise ValueError(
            f"username: came {args.username!r}; allowed lower-case letters, digits and underscores, but not 'default'"
        )
    check_snapshots(snapshot_retention_count=args.snapshot_retention_count, snapshot_time_utc=args.snapshot_time_utc)
