"""Meilisearch on a private EC2 instance, with its databases on a volume of its own."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from zelly_components.alarms.search import METRICS_NAMESPACE
from zelly_components.base import Component
from zelly_components.host import Host, HostArgs
from zelly_components.hosts import search_boot, search_keys
from zelly_components.hosts.certificates import HostCertificate, host_certificate
from zelly_components.hosts.command_document import command_content, command_document
from zelly_components.hosts.data_volume import DataVolumeArgs, attach, check_snapshots, data_volume
from zelly_components.hosts.host_secret import HostSecret, Values, certificate_seeds, computed, host_secret
from zelly_components.hosts.search_boot import PORT, Wanted
from zelly_components.hosts.search_keys import DOCUMENTS, SEARCH, api_key
from zelly_components.identity.iam import Statement
from zelly_components.limits.instance_type import CpuCredits
from zelly_components.limits.secret_recovery import check_recovery_window
from zelly_components.security_group import SecurityGroup, SecurityGroupArgs
from zelly_components.storage.host_configuration import write_configuration

SERVICE_KEYS = ("MEILI_HOST", "MEILI_API_KEY", "MEILI_SEARCH_KEY", "MEILI_CA_BASE64")
SERVER_KEYS = ("MEILI_MASTER_KEY", "TLS_AUTHORITY", "TLS_CERTIFICATE", "TLS_PRIVATE_KEY")

PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "action": {
        "type": "String",
        "description": "What is to be done",
        "allowedValues": ["upgrade", "discard", "status"],
    },
    "version": {
        "type": "String",
        "description": "The version, which has to be the configuration's, or none",
        "allowedPattern": r"^([0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}|none)$",
    },
    "lateWrites": {
        "type": "String",
        "description": "Whether what was written since the dump may be lost",
        "allowedValues": ["refuse", "accept"],
    },
}
"""The document's parameters, as Run Command checks them before the host is asked. None holds a character that a shell
reads."""

_TIMEOUT_SECONDS = 2 * 60 * 60
"""As long as an import may take, its dump included."""

_ROOT_VOLUME_GIB = 8


@dataclass(frozen=True, kw_only=True)
class SearchHostArgs:
    """Arguments of a search host."""

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
    """A Nitro type, e.g. ``t4g.medium``. Changing it stops and starts the host."""
    cpu_credits: CpuCredits | None
    """The behaviour of a burstable (T) type that has spent its CPU credits: ``standard`` slows it down, ``unlimited``
    charges for more. None for every other type."""
    instance_memory_mib: int
    """The instance type's memory, at least 1024. Indexing may take half of it."""
    ami_id: str
    """Amazon Linux 2023 for the type's architecture. Only read when the instance is made."""
    volume_gib: int
    """Size of the data volume: four times the database, for an upgrade has a snapshot, a dump and a second database
    beside it. It grows in place, file system included; EBS never shrinks one."""
    version: str
    """A full version, e.g. ``1.13.0``. A host that serves another one goes on with it until it is upgraded."""
    binary_sha256: str
    """The hash of the version's binary for the type's architecture. Nothing else is run."""
    bucket_name: str
    """The physical name of the bucket that has the binary under ``binaries/``, by its hash, and takes the host's
    configuration under ``host/``."""
    bucket: pulumi.Input[str]
    """The same bucket, resolving when it can be written to."""
    dump_bucket_name: str | None
    """The bucket that each night's dump is copied to; None: dumps stay on the volume."""
    dump_prefix: str
    """The beginning of their names there, e.g. ``daily/search/``."""
    service_secret_name: str
    """Path of the secret with the keys of ``service_keys``, which services are told."""
    server_secret_name: str
    """Path of the secret that the host alone reads: the master key, and its certificate with the key."""
    recovery_window_days: int
    """Days in which the deleted secrets can be restored and their names stay taken: 0 (gone at once) or 7 to 30."""
    config_parameter_name: str
    """SSM parameter that names the host's configuration, which the host looks at every five minutes."""
    document_name: str
    """The physical name of the SSM document that upgrades it."""
    log_group_name: str
    """The name of the host's log group in CloudWatch, which is made here, e.g. ``/shop/search``. Another name replaces
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


class SearchHost(Component):
    """One private EC2 instance that runs Meilisearch on a data volume of its own.

    Nothing is downloaded from the internet: the binary lies in the release bucket by its hash. Services connect over
    TLS alone, verify the host by the authority in ``MEILI_CA_BASE64`` (its certificate in PEM, in base64: one line),
    and have two keys: one that searches, one that writes documents, settings and indexes. The master key, which makes
    keys, is told to the host alone. Keys follow from it, so that the program knows them before the host has made them.

    The host brings itself to what is wanted at boot and every five minutes. A new version in ``version`` does not touch
    what serves: its database is of the old one, and Meilisearch opens no other version's. An upgrade, asked for by the
    SSM document, makes a second database beside, compares it, and lets it serve; the old one stays until it is
    discarded. Meilisearch snapshots itself daily for a return to the same version; a nightly dump, which later versions
    read too, is copied to a bucket.

    A replaced host takes the volume over with the version that is on it. It comes up with another address, which the
    secret then holds; clients read it when they start.

    Example::

        from zelly_components.search_host import SearchHost, SearchHostArgs

        search = SearchHost(
            "shop-search",
            SearchHostArgs(
                region="eu-west-1",
                account_id="123456789012",
                vpc_id="vpc-1",
                subnet_id="subnet-private-a",
                availability_zone="eu-west-1a",
                instance_type="t4g.medium",
                cpu_credits="standard",
                instance_memory_mib=4096,
                ami_id="ami-0123456789abcdef0",
                volume_gib=20,
                version="1.13.0",
                binary_sha256="0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                bucket_name="shop-releases-123456789012",
                bucket="shop-releases-123456789012",
                dump_bucket_name="shop-backups-123456789012",
                dump_prefix="daily/search/",
                service_secret_name="shop/search/keys",
                server_secret_name="shop/search/server",
                recovery_window_days=30,
                config_parameter_name="/shop/search/configuration",
                document_name="shop-search",
                log_group_name="/shop/search",
                log_retention_days=30,
                snapshot_retention_count=7,
                protect=True,
            ),
        )
        search.allow_from("api", "sg-api")
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
    service_secret_arn: pulumi.Output[str]
    """The secret with address and keys. It resolves once it has a value, which holds the instance's address."""
    service_secret_name: str
    """The name of the secret with address and keys."""
    service_keys: tuple[str, ...]
    """The keys of that secret."""
    port: int
    """The port of the HTTP interface."""
    host_name: str
    """The name under which it publishes its own metrics, in the namespace ``SearchHost``."""
    document_name: pulumi.Output[str]
    """The name of the document that Run Command sends to the host."""
    failed_units_metric: str
    """The metric that counts the host's failed systemd units, in CloudWatch's namespace ``FailedUnits``; it is sent
    only when one failed."""
    mount_points: dict[str, str]
    """The file systems whose use is published, each path by a short name."""

    def __init__(self, name: str, args: SearchHostArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(args)
        configuration = search_boot.configuration(_wanted(name, args))
        super().__init__(name, opts)
        self._name = name
        self._security_group = SecurityGroup(
            f"{name}-sg",
            SecurityGroupArgs(vpc_id=args.vpc_id, description=f"Search {name}", internet_egress_ports=[443]),
            opts=self.child(),
        )
        volume = data_volume(self, name, _volume(args))
        # The secret before the host, which names it in its policy; its value after the host, whose address it holds.
        server = host_secret(
            self,
            f"{name}-server",
            secret_name=args.server_secret_name,
            description=f"Master key and certificate of search {name}",
            recovery_window_days=args.recovery_window_days,
        )
        parameter = write_configuration(
            self,
            name,
            configuration,
            bucket=args.bucket,
            bucket_name=args.bucket_name,
            parameter_name=args.config_parameter_name,
        )
        host = self._host(args, volume, server, parameter)
        attach(self, name, volume, host)

        self.instance_id = host.instance_id
        self.private_ip = host.private_ip
        self.volume_id = volume.id
        self.security_group_id = self._security_group.security_group_id
        self.service_secret_arn = self._secrets(args, server, host)
        self.service_secret_name = args.service_secret_name
        self.service_keys = SERVICE_KEYS
        self.port = PORT
        self.host_name = name
        self.document_name = command_document(
            self, f"{name}-document", document_name=args.document_name, content=document_content()
        ).name
        self.failed_units_metric = host.failed_units_metric
        self.mount_points = search_boot.MOUNT_POINTS
        self.ports = [PORT]
        self.register_annotated_outputs()

    def allow_from(self, peer: str, security_group_id: pulumi.Input[str]) -> None:
        """Let the members of another group reach Meilisearch."""
        self._security_group.allow_from(peer, security_group_id, port=PORT)

    def _host(
        self, args: SearchHostArgs, volume: aws.ebs.Volume, server: HostSecret, parameter: aws.ssm.Parameter
    ) -> Host:
        identity: dict[str, pulumi.Input[str]] = {
            "host_name": self._name,
            "region": args.region,
            "volume_id": volume.id,
            "config_parameter_name": args.config_parameter_name,
            "server_secret_name": args.server_secret_name,
            "bucket_name": args.bucket_name,
            "log_group_name": args.log_group_name,
        }
        return Host(
            self._name,
            HostArgs(
                subnet_id=args.subnet_id,
                security_group_ids=[self._security_group.security_group_id],
                instance_type=args.instance_type,
                cpu_credits=args.cpu_credits,
                ami_id=args.ami_id,
                root_volume_gib=_ROOT_VOLUME_GIB,
                user_data=pulumi.Output.all(**identity).apply(lambda values: search_boot.user_data(**values)),
                identity=identity,
                log_group_name=args.log_group_name,
                log_retention_days=args.log_retention_days,
                statements=_statements(args, server, parameter),
                termination_protection=args.protect,
                private=True,
                run_command=True,
            ),
            opts=self.child(),
        )

    def _secrets(self, args: SearchHostArgs, server: HostSecret, host: Host) -> pulumi.Output[str]:
        # At least 16 bytes where MEILI_ENV is production ("Configuration reference"). Letters and digits: it is a line
        # of an environment file.
        master_key = random.RandomPassword(f"{self._name}-master-key", length=48, special=False, opts=self.child())
        name = self._name
        given = {**certificate_seeds(self, name), "master_key": master_key.result, "address": host.private_ip}
        server.fill(computed(given, lambda values: _server_values(name, values)))
        services = host_secret(
            self,
            f"{name}-keys",
            secret_name=args.service_secret_name,
            description=f"How to reach search {name}",
            recovery_window_days=args.recovery_window_days,
        )
        return services.fill(computed(given, lambda values: _service_values(name, values)))


def document_content() -> dict[str, Any]:
    """Return the SSM document's content (Systems Manager User Guide, "Command document plugin reference")."""
    call = (
        "exec /usr/local/sbin/search-upgrade '{{ action }}' --version '{{ version }}' --late-writes '{{ lateWrites }}'"
    )
    return command_content(
        description="Asks a search host about its version, or for another one",
        step="search",
        parameters=PARAMETERS,
        call=call,
        timeout_seconds=_TIMEOUT_SECONDS,
    )


def _statements(args: SearchHostArgs, server: HostSecret, parameter: aws.ssm.Parameter) -> list[Statement]:
    bucket = f"arn:aws:s3:::{args.bucket_name}"
    dumps = [] if args.dump_bucket_name is None else [f"arn:aws:s3:::{args.dump_bucket_name}/{args.dump_prefix}*"]
    return [
        Statement(sid="ReadServerSecret", actions=["secretsmanager:GetSecretValue"], resources=[server.arn]),
        Statement(sid="ReadConfiguration", actions=["ssm:GetParameter"], resources=[parameter.arn]),
        Statement(
            sid="ReadBinaries",
            actions=["s3:GetObject"],
            resources=[f"{bucket}/{prefix}/*" for prefix in ("binaries", "host")],
        ),
        # Without it S3 answers 403 for what is not there ("GetObject", S3 API reference).
        Statement(sid="ListBinaries", actions=["s3:ListBucket"], resources=[bucket]),
        # A dump of 8 MiB or more is written in parts, and an upload that failed lets them go.
        *(
            [Statement(sid="WriteDumps", actions=["s3:PutObject", "s3:AbortMultipartUpload"], resources=dumps)]
            if dumps
            else []
        ),
        Statement(
            sid="PublishServerMetrics",
            actions=["cloudwatch:PutMetricData"],
            resources=["*"],
            conditions={"StringEquals": {"cloudwatch:namespace": METRICS_NAMESPACE}},
        ),
    ]


def _certificate(name: str, values: Values) -> HostCertificate:
    return host_certificate(
        authority_seed=values["authority_seed"], host_seed=values["host_seed"], name=name, address=values["address"]
    )


def _server_values(name: str, values: Values) -> Values:
    certificate = _certificate(name, values)
    parts = (values["master_key"], certificate.authority, certificate.certificate, certificate.private_key)
    return dict(zip(SERVER_KEYS, parts, strict=True))


def _service_values(name: str, values: Values) -> Values:
    authority = base64.b64encode(_certificate(name, values).authority.encode()).decode()
    keys = {key.name: api_key(values["master_key"], key) for key in search_keys.search_keys(name)}
    parts = (f"https://{values['address']}:{PORT}", keys[DOCUMENTS], keys[SEARCH], authority)
    return dict(zip(SERVICE_KEYS, parts, strict=True))


def _wanted(name: str, args: SearchHostArgs) -> Wanted:
    return Wanted(
        version=args.version,
        binary_sha256=args.binary_sha256,
        instance_memory_mib=args.instance_memory_mib,
        keys=search_keys.search_keys(name),
        dumps=None if args.dump_bucket_name is None else f"{args.dump_bucket_name}/{args.dump_prefix}",
    )


def _volume(args: SearchHostArgs) -> DataVolumeArgs:
    return DataVolumeArgs(
        region=args.region,
        account_id=args.account_id,
        availability_zone=args.availability_zone,
        size_gib=args.volume_gib,
        snapshot_retention_count=args.snapshot_retention_count,
        snapshot_time_utc=args.snapshot_time_utc,
        protect=args.protect,
    )


def _check(args: SearchHostArgs) -> None:
    check_recovery_window(args.recovery_window_days)
    check_snapshots(snapshot_retention_count=args.snapshot_retention_count, snapshot_time_utc=args.snapshot_time_utc)
