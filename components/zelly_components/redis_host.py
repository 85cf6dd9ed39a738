"""Redis on a private EC2 instance, with its data on a volume of its own."""

import base64
import hashlib
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from zelly_components.alarms.redis_host import METRICS_NAMESPACE
from zelly_components.base import Component
from zelly_components.host import Host, HostArgs
from zelly_components.hosts import redis_boot
from zelly_components.hosts.certificates import HostCertificate, host_certificate
from zelly_components.hosts.data_volume import DataVolumeArgs, attach, check_snapshots, data_volume
from zelly_components.hosts.host_secret import HostSecret, Values, certificate_seeds, computed, host_secret
from zelly_components.hosts.redis_boot import PORT
from zelly_components.identity.iam import Statement
from zelly_components.limits.instance_type import CpuCredits
from zelly_components.limits.secret_recovery import check_recovery_window
from zelly_components.security_group import SecurityGroup, SecurityGroupArgs

AUTH_KEYS = ("REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD", "REDIS_CA_BASE64")
SERVER_KEYS = ("REDIS_PASSWORD_SHA256", "TLS_CERTIFICATE", "TLS_PRIVATE_KEY")

_ROOT_VOLUME_GIB = 8
"""Amazon Linux's own size: Valkey takes some MB."""


@dataclass(frozen=True, kw_only=True)
class RedisHostArgs:
    """Arguments of a Redis host."""

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
    """A Nitro type, e.g. ``t4g.small``. Changing it stops and starts the host."""
    cpu_credits: CpuCredits | None
    """The behaviour of a burstable (T) type that has spent its CPU credits: ``standard`` slows it down, ``unlimited``
    charges for more. None for every other type."""
    instance_memory_mib: int
    """The instance type's memory, at least 1024. Redis may hold six tenths of it."""
    ami_id: str
    """Amazon Linux 2023 for the type's architecture. Only read when the instance is made."""
    volume_gib: int
    """Size of the data volume: two or three times the memory, since the log of writes is rewritten beside the old one.
    It grows in place, file system included; EBS never shrinks one."""
    auth_secret_name: str
    """Path of the secret with the keys of ``auth_keys``, which clients are told."""
    server_secret_name: str
    """Path of the secret that the host alone reads: its certificate with the key, and the password's hash."""
    recovery_window_days: int
    """Days in which the deleted secrets can be restored and their names stay taken: 0 (gone at once) or 7 to 30."""
    config_parameter_name: str
    """SSM parameter with Redis's configuration, which the host fetches every five minutes."""
    log_group_name: str
    """The name of the host's log group in CloudWatch, which is made here, e.g. ``/shop/redis``. Another name replaces
    the group, and the host, whose programs write to it."""
    log_retention_days: int
    """Days for which CloudWatch keeps the log events: one of the periods that it knows, such as 7, 30, 90 or 365."""
    snapshot_retention_count: int
    """The number of daily snapshots of the volume that are kept."""
    protect: bool
    """Refuse to delete the volume, and to terminate or replace the instance; take a last snapshot of a volume that is
    deleted after all."""
    snapshot_time_utc: str = "20:00"
    """The time of the daily snapshot, ``hh:mm`` in UTC. Left out, it is 20:00."""


class RedisHost(Component):
    """One private EC2 instance that runs Valkey 8, which speaks Redis 7's protocol, on a data volume of its own.

    Amazon Linux 2023 has Redis 6 and Valkey 8, and will have no later Redis (amazonlinux/amazon-linux-2023#932);
    Valkey goes on from Redis 7.2 with its commands, files and configuration.

    Clients connect over TLS alone, with a password, and verify the host by the authority in ``REDIS_CA_BASE64`` (its
    certificate in PEM, in base64: one line). They may do everything but administer the server and empty it. A full
    server refuses writes rather than drop keys; at most a second of writes is lost with the host.

    The host brings itself to what is wanted at boot and every five minutes: it waits for its volume, formats it if it
    is blank, fetches configuration, certificate and password, and restarts the server when one of them changed; for
    another password alone nobody is disconnected. If that fails, ``redis-apply.service`` is in the state *failed*, the
    reason is in the log group and on the instance's console, and the next run tries again.

    A replaced host takes the volume over: the old one is stopped, the volume moves, the new one mounts it. It comes up
    with another address, which the secret then holds; clients read it when they start.

    The password stands in Secrets Manager and, encrypted, in the state. The host knows its hash alone.

    Example::

        from zelly_components.redis_host import RedisHost, RedisHostArgs

        queues = RedisHost(
            "shop-redis",
            RedisHostArgs(
                region="eu-west-1",
                account_id="123456789012",
                vpc_id="vpc-1",
                subnet_id="subnet-private-a",
                availability_zone="eu-west-1a",
                instance_type="t4g.small",
                cpu_credits="standard",
                instance_memory_mib=2048,
                ami_id="ami-0123456789abcdef0",
                volume_gib=8,
                auth_secret_name="shop/redis/auth",
                server_secret_name="shop/redis/server",
                recovery_window_days=30,
                config_parameter_name="/shop/redis/config",
                log_group_name="/shop/redis",
                log_retention_days=30,
                snapshot_retention_count=7,
                protect=True,
            ),
        )
        queues.allow_from("worker", "sg-worker")
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
    auth_secret_arn: pulumi.Output[str]
    """The secret with address and password. It resolves once it has a value, which holds the instance's address."""
    auth_secret_name: str
    """The name of the secret with address and password."""
    auth_keys: tuple[str, ...]
    """The keys of that secret."""
    port: int
    """The port, which speaks TLS alone."""
    host_name: str
    """The name under which it publishes its own metrics, in the namespace ``RedisHost``."""
    failed_units_metric: str
    """The metric that counts the host's failed systemd units, in CloudWatch's namespace ``FailedUnits``; it is sent
    only when one failed."""
    mount_points: dict[str, str]
    """The file systems whose use is published, each path by a short name."""

    def __init__(self, name: str, args: RedisHostArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(args)
        configuration = redis_boot.configuration(instance_memory_mib=args.instance_memory_mib)
        super().__init__(name, opts)
        self._name = name
        self._security_group = SecurityGroup(
            f"{name}-sg",
            SecurityGroupArgs(vpc_id=args.vpc_id, description=f"Redis {name}", internet_egress_ports=[443]),
            opts=self.child(),
        )
        volume = data_volume(self, name, _volume(args))
        # The secret before the host, which names it in its policy; its value after the host, whose address it holds.
        server = host_secret(
            self,
            f"{name}-server",
            secret_name=args.server_secret_name,
            description=f"Certificate of Redis {name}, and its password's hash",
            recovery_window_days=args.recovery_window_days,
        )
        parameter = self._parameter(args, configuration)
        host = self._host(args, volume, server, parameter)
        attach(self, name, volume, host)
        auth = self._secrets(args, server, host)

        self.instance_id = host.instance_id
        self.private_ip = host.private_ip
        self.volume_id = volume.id
        self.security_group_id = self._security_group.security_group_id
        self.auth_secret_arn = auth
        self.auth_secret_name = args.auth_secret_name
        self.auth_keys = AUTH_KEYS
        self.port = PORT
        self.host_name = name
        self.failed_units_metric = host.failed_units_metric
        self.mount_points = redis_boot.MOUNT_POINTS
        self.ports = [PORT]
        self.register_annotated_outputs()

    def allow_from(self, peer: str, security_group_id: pulumi.Input[str]) -> None:
        """Let the members of another group reach Redis."""
        self._security_group.allow_from(peer, security_group_id, port=PORT)

    def _parameter(self, args: RedisHostArgs, configuration: str) -> aws.ssm.Parameter:
        return aws.ssm.Parameter(
            f"{self._name}-config",
            name=args.config_parameter_name,
            type="String",
            # "Insecure" only says that a preview shows it: a reviewer sees which setting changes.
            insecure_value=configuration,
            description=f"Configuration files of Redis {self._name}, by path",
            opts=self.child(),
        )

    def _host(
        self, args: RedisHostArgs, volume: aws.ebs.Volume, server: HostSecret, parameter: aws.ssm.Parameter
    ) -> Host:
        identity: dict[str, pulumi.Input[str]] = {
            "host_name": self._name,
            "region": args.region,
            "volume_id": volume.id,
            "config_parameter_name": args.config_parameter_name,
            "server_secret_name": args.server_secret_name,
            "log_group_name": args.log_group_name,
        }
        statements = [
            Statement(sid="ReadServerSecret", actions=["secretsmanager:GetSecretValue"], resources=[server.arn]),
            Statement(sid="ReadConfiguration", actions=["ssm:GetParameter"], resources=[parameter.arn]),
            Statement(
                sid="PublishServerMetrics",
                actions=["cloudwatch:PutMetricData"],
                resources=["*"],
                conditions={"StringEquals": {"cloudwatch:namespace": METRICS_NAMESPACE}},
            ),
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
                user_data=pulumi.Output.all(**identity).apply(lambda values: redis_boot.user_data(**values)),
                identity=identity,
                log_group_name=args.log_group_name,
                log_retention_days=args.log_retention_days,
                statements=statements,
                termination_protection=args.protect,
                private=True,
            ),
            opts=self.child(),
        )

    def _secrets(self, args: RedisHostArgs, server: HostSecret, host: Host) -> pulumi.Output[str]:
        # Letters and digits: they need no escaping in a connection string.
        password = random.RandomPassword(f"{self._name}-password", length=48, special=False, opts=self.child())
        name = self._name
        given = {**certificate_seeds(self, name), "password": password.result, "address": host.private_ip}
        server.fill(computed(given, lambda values: _server_values(name, values)))
        auth = host_secret(
            self,
            f"{name}-auth",
            secret_name=args.auth_secret_name,
            description=f"How to reach Redis {name}",
            recovery_window_days=args.recovery_window_days,
        )
        return auth.fill(computed(given, lambda values: _auth_values(name, values)))


def _certificate(name: str, values: Values) -> HostCertificate:
    return host_certificate(
        authority_seed=values["authority_seed"], host_seed=values["host_seed"], name=name, address=values["address"]
    )


def _server_values(name: str, values: Values) -> Values:
    certificate = _certificate(name, values)
    hashed = hashlib.sha256(values["password"].encode()).hexdigest()
    return dict(zip(SERVER_KEYS, (hashed, certificate.certificate, certificate.private_key), strict=True))


def _auth_values(name: str, values: Values) -> Values:
    authority = base64.b64encode(_certificate(name, values).authority.encode()).decode()
    return dict(zip(AUTH_KEYS, (values["address"], str(PORT), values["password"], authority), strict=True))


def _volume(args: RedisHostArgs) -> DataVolumeArgs:
    return DataVolumeArgs(
        region=args.region,
        account_id=args.account_id,
        availability_zone=args.availability_zone,
        size_gib=args.volume_gib,
        snapshot_retention_count=args.snapshot_retention_count,
        snapshot_time_utc=args.snapshot_time_utc,
        protect=args.protect,
    )


def _check(args: RedisHostArgs) -> None:
    check_recovery_window(args.recovery_window_days)
    check_snapshots(snapshot_retention_count=args.snapshot_retention_count, snapshot_time_utc=args.snapshot_time_utc)
    if args.volume_gib * 1024 < args.instance_memory_mib * 2:
        raise ValueError(
            f"volume_gib: came {args.volume_gib} with instance_memory_mib {args.instance_memory_mib}; allowed twice "
            "the memory or more"
        )
