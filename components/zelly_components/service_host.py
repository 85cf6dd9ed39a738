"""A host on which services run under systemd, behind Cloudflare: units, configuration, releases, Run Command."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import pulumi
import pulumi_aws as aws

from zelly_components.base import Component
from zelly_components.host import Host, HostArgs
from zelly_components.hosts.cloud_config import HostFile
from zelly_components.hosts.services import configuration as documents
from zelly_components.hosts.services.args import HTTPS_PORT, NginxArgs, ReleaseArgs, ServicesArgs, ServiceUnitArgs
from zelly_components.hosts.services.parts import HostBackupArgs, HostPartsArgs, host_parts
from zelly_components.identity.iam import Statement
from zelly_components.limits.instance_type import CpuCredits
from zelly_components.security_group import SecurityGroup, SecurityGroupArgs
from zelly_components.storage.host_configuration import write_configuration

__all__ = [
    "HostBackupArgs",
    "HostFile",
    "HostPartsArgs",
    "NginxArgs",
    "ReleaseArgs",
    "ServiceHost",
    "ServiceHostArgs",
    "ServiceUnitArgs",
]


@dataclass(frozen=True, kw_only=True)
class ServiceHostArgs:
    """Arguments of a service host."""

    platform: str
    """The beginning of the names of units and users, and of paths on the host; lower-case letters, digits, hyphens."""
    environment: str
    """The environment's name, e.g. ``production``; with the platform's it begins the names of database snapshots."""
    region: str
    """The region that it stands in, e.g. ``eu-west-1``: its programs ask AWS there. Another one replaces the host."""
    account_id: str
    """The account that it stands in, twelve digits: the secrets and the database that the host may reach are this
    account's."""
    vpc_id: pulumi.Input[str]
    """The VPC of the host's security group, the one that the subnets are in. Another VPC replaces the group."""
    subnet_id: pulumi.Input[str]
    """A public subnet of the VPC: it gets an Elastic IP. Another one replaces the host."""
    instance_type: str
    """A Nitro type, e.g. ``m7i.xlarge``. Changing it stops and starts the host, or replaces it: see ``HostArgs``."""
    cpu_credits: CpuCredits | None
    """The behaviour of a burstable (T) type that has spent its CPU credits: ``standard`` slows it down, ``unlimited``
    charges for more. None for every other type."""
    ami_id: str
    """Amazon Linux 2023 for the type's architecture. Only read when the instance is made."""
    root_volume_gib: int
    """The image of 8 GiB, the releases that are kept, logs and the journal."""
    units: Sequence[ServiceUnitArgs]
    """The services that run on it, whose names and ports differ."""
    packages: Sequence[str]
    """Packages of Amazon Linux 2023, e.g. the runtimes ``nodejs20`` and ``python3.12``."""
    release: ReleaseArgs
    """How releases of the services come to the host."""
    nginx: NginxArgs | None
    """The nginx that takes requests from outside. None: nothing on the host listens to the outside."""
    bucket_name: str
    """The physical name of the bucket with configurations (``host/``), manifests and artefacts."""
    bucket: pulumi.Input[str]
    """The same bucket, resolving when it can be written to."""
    configuration_parameter_name: str
    """SSM parameter that names the host's configuration, which the host looks at every five minutes."""
    internet_egress_ports: Sequence[int]
    """TCP ports of the internet that services may reach. 443 is among them: AWS, and packages."""
    log_group_name: str
    """The name of the host's own log group in CloudWatch, which is made here, e.g. ``/shop/host``."""
    services_log_group_name: str
    """The name of the services' log group in CloudWatch, which is made here, with a stream ``<service>/<instance id>``
    for each, and one for nginx. Not the host's own."""
    log_retention_days: int
    """Days for which CloudWatch keeps the log events: one of the periods that it knows, such as 7, 30, 90 or 365."""
    protect: bool
    """Refuse to terminate or replace the instance. Its address outlives it either way."""
    files: Sequence[HostFile] = ()
    """Files that other parts of the platform put onto the host. Left out, there are none but those of ``parts``."""
    timers: Sequence[str] = ()
    """Timers and other units among them that are enabled and started. Left out, there are none but those of
    ``parts``."""
    downloads: Mapping[str, str] | None = None
    """Files, by path below /etc, that the host fetches once from ``https://`` addresses. Left out, there are none."""
    statements: Sequence[Statement] = ()
    """Permissions of the host that those parts need. Left out, there are none but those of ``parts``."""
    parts: HostPartsArgs | None = None
    """Ready-made parts, which bring their own files, timers, packages, downloads and permissions. Left out, there are
    none but what the fields before say."""


class ServiceHost(Component):
    """One host in a public subnet that runs services under systemd, with an Elastic IP as the origin of a CDN.

    It boots with the name of a parameter and little else, and brings itself to what that names at boot and every five
    minutes: units, sockets, users, packages, nginx's site. So whatever changes in the program reaches the running host
    without a new one; a running service is not restarted by it, which is left to a release or an operator. If a run
    fails, ``host-apply.service`` or ``nginx-apply.service`` is in the state *failed*, the reason is in the log group
    and on the instance's console, and the next run tries again.

    Nothing runs until something is released: the release agent, which comes with ``files``, writes for each service
    which release it runs. Services start when those that they wait for answer; a socket of systemd's holds the port of
    each, so that a restart refuses nobody. Each runs as a user of its own and reads its own secrets, which are in
    memory only. The host keeps no state: a new one takes the address over, and the last release is deployed to it.

    Nobody reaches the host over SSH. In comes what a verb lets in: HTTPS from listed ranges; and documents of Run
    Command, from whoever may send them.

    Example::

        from zelly_components.service_host import NginxArgs, ReleaseArgs, ServiceHost, ServiceHostArgs, ServiceUnitArgs

        host = ServiceHost(
            "shop-host",
            ServiceHostArgs(
                platform="shop",
                environment="production",
                region="eu-west-1",
                account_id="123456789012",
                vpc_id="vpc-1",
                subnet_id="subnet-public-a",
                instance_type="m7i.large",
                cpu_credits=None,
                ami_id="ami-0123456789abcdef0",
                root_volume_gib=30,
                units=[
                    ServiceUnitArgs(name="flags", port=3085, after=[], secrets={}, memory_mib=256),
                    ServiceUnitArgs(
                        name="web", port=8000, after=["flags"], secrets={"shop/web/env": ["TOKEN"]}, memory_mib=512
                    ),
                ],
                packages=["nodejs20"],
                release=ReleaseArgs(
                    migrations_secrets={"shop/db": ["DATABASE_URL"]},
                    database_instance="shop-db",
                    snapshot_before_release=True,
                ),
                nginx=NginxArgs(secret_name="shop/origin/tls", upstream="web", trusted_proxies=["198.51.100.0/24"]),
                bucket_name="shop-releases-123456789012",
                bucket="shop-releases-123456789012",
                configuration_parameter_name="/shop/production/host/configuration",
                internet_egress_ports=[443],
                log_group_name="/shop/host",
                services_log_group_name="/shop/services",
                log_retention_days=30,
                protect=True,
            ),
        )
        host.allow_https_from_prefix_list("cloudflare", "pl-0123456789abcdef0")
    """

    public_ip: pulumi.Output[str]
    """The Elastic IP; it outlives the instance."""
    private_ip: pulumi.Output[str]
    """The private address of the instance, by which others in the VPC reach it."""
    instance_id: pulumi.Output[str]
    """The id of the EC2 instance, for alarms and sessions."""
    security_group_id: pulumi.Output[str]
    """The host's security group: stores let its members in."""
    ports: list[int]
    """The port that ``allow_https_from_prefix_list`` opens."""
    role_arn: pulumi.Output[str]
    """The host's role."""
    role_name: pulumi.Output[str]
    """The name of the same role, for grants."""
    configuration_key: str
    """The object of the bucket that the host is to apply."""
    log_group_name: str
    """The log group of the host itself."""
    services_log_group_name: str
    """The log group of the services."""
    failed_units_metric: str
    """The metric that counts the host's failed systemd units, in CloudWatch's namespace ``FailedUnits``; it is sent
    only when one failed."""
    mount_points: dict[str, str]
    """The file systems whose use is published, each path by a short name."""

    def __init__(self, name: str, args: ServiceHostArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        args = _with_parts(args)
        configuration = documents.configuration(_services(args), files=args.files, timers=args.timers)
        _check(args)
        super().__init__(name, opts)
        self._name = name
        self._security_group = SecurityGroup(
            f"{name}-sg",
            SecurityGroupArgs(
                vpc_id=args.vpc_id,
                description=f"Service host {name}",
                internet_egress_ports=sorted({HTTPS_PORT, *args.internet_egress_ports}),
            ),
            opts=self.child(),
        )
        services_log_group = aws.cloudwatch.LogGroup(
            f"{name}-services-logs",
            name=args.services_log_group_name,
            retention_in_days=args.log_retention_days,
            opts=self.child(),
        )
        parameter = write_configuration(
            self,
            name,
            configuration,
            bucket=args.bucket,
            bucket_name=args.bucket_name,
            parameter_name=args.configuration_parameter_name,
        )
        host = self._host(args, parameter, services_log_group)
        address = self._elastic_ip(host)

        self.public_ip = address.public_ip
        self.private_ip = host.private_ip
        self.instance_id = host.instance_id
        self.security_group_id = self._security_group.security_group_id
        self.role_arn = host.role_arn
        self.role_name = host.role_name
        self.configuration_key = configuration.key
        self.log_group_name = args.log_group_name
        self.services_log_group_name = args.services_log_group_name
        self.failed_units_metric = host.failed_units_metric
        self.mount_points = documents.MOUNT_POINTS
        self.ports = [HTTPS_PORT]
        self.register_annotated_outputs()

    def allow_https_from_prefix_list(self, peer: str, prefix_list_id: pulumi.Input[str]) -> None:
        """Let the ranges of a managed prefix list reach nginx. ``peer`` names their owner in a word."""
        self._security_group.allow_from_prefix_list(peer, prefix_list_id, port=HTTPS_PORT)

    def _host(
        self, args: ServiceHostArgs, parameter: aws.ssm.Parameter, services_log_group: aws.cloudwatch.LogGroup
    ) -> Host:
        identity: dict[str, pulumi.Input[str]] = {
            "region": args.region,
            "configuration_parameter_name": args.configuration_parameter_name,
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
                root_volume_gib=args.root_volume_gib,
                user_data=documents.user_data(
                    region=args.region,
                    configuration_parameter_name=args.configuration_parameter_name,
                    bucket_name=args.bucket_name,
                    log_group_name=args.log_group_name,
                ),
                identity=identity,
                log_group_name=args.log_group_name,
                log_retention_days=args.log_retention_days,
                statements=[
                    *_reading(args, parameter),
                    *_snapshots(args),
                    _service_logs(services_log_group),
                    *args.statements,
                ],
                termination_protection=args.protect,
                private=False,
                run_command=True,
            ),
            opts=self.child(),
        )

    def _elastic_ip(self, host: Host) -> aws.ec2.Eip:
        address = aws.ec2.Eip(f"{self._name}-eip", domain="vpc", tags={"Name": self._name}, opts=self.child())
        aws.ec2.EipAssociation(
            f"{self._name}-eip-association",
            allocation_id=address.id,
            instance_id=host.instance_id,
            # The address moves from a replaced host to its successor in one step.
            allow_reassociation=True,
            opts=self.child(),
        )
        return address


def _with_parts(args: ServiceHostArgs) -> ServiceHostArgs:
    if args.parts is None:
        return args
    parts = host_parts(
        args.parts,
        platform=args.platform,
        environment=args.environment,
        region=args.region,
        services=[unit.name for unit in args.units],
    )
    return replace(
        args,
        files=[*parts.files, *args.files],
        timers=[*parts.timers, *args.timers],
        packages=[*args.packages, *parts.packages],
        downloads={**parts.downloads, **(args.downloads or {})},
        statements=[*parts.statements, *args.statements],
    )


def _services(args: ServiceHostArgs) -> ServicesArgs:
    return ServicesArgs(
        platform=args.platform,
        environment=args.environment,
        region=args.region,
        bucket_name=args.bucket_name,
        units=args.units,
        release=args.release,
        nginx=args.nginx,
        packages=args.packages,
        downloads=args.downloads or {},
        log_group_name=args.log_group_name,
        services_log_group_name=args.services_log_group_name,
    )


def _reading(args: ServiceHostArgs, parameter: aws.ssm.Parameter) -> Iterable[Statement]:
    bucket = f"arn:aws:s3:::{args.bucket_name}"
    yield Statement(sid="ReadConfiguration", actions=["ssm:GetParameter"], resources=[parameter.arn])
    yield Statement(
        sid="ReadReleases",
        actions=["s3:GetObject"],
        resources=[f"{bucket}/{prefix}/*" for prefix in ("artefacts", "host", "releases")],
    )
    # Without it S3 answers 403 for what is not there ("GetObject", S3 API reference).
    yield Statement(sid="ListReleases", actions=["s3:ListBucket"], resources=[bucket])
    if secrets := sorted(_secret_names(args)):
        arn = f"arn:aws:secretsmanager:{args.region}:{args.account_id}:secret"
        yield Statement(
            sid="ReadSecrets",
            actions=["secretsmanager:GetSecretValue"],
            # Six characters of AWS's own follow the name ("Identity-based policies", Secrets Manager User Guide). Named
            # and not looked up: the host waits for its secrets, and their makers need not wait for the host.
            resources=[f"{arn}:{name}-??????" for name in secrets],
        )


def _secret_names(args: ServiceHostArgs) -> set[str]:
    of_units = {name for unit in args.units for name in unit.secrets}
    of_nginx = () if args.nginx is None else (args.nginx.secret_name,)
    return {*of_units, *of_nginx, *args.release.migrations_secrets}


def _snapshots(args: ServiceHostArgs) -> Iterable[Statement]:
    instance = args.release.database_instance
    if instance is None:
        return
    arn = f"arn:aws:rds:{args.region}:{args.account_id}"
    snapshots = f"{arn}:snapshot:{args.platform}-{args.environment}-release-*"
    # Both the instance and the snapshot have to be allowed ("CreateDBSnapshot", RDS' Service Authorization Reference).
    yield Statement(
        sid="TakeSnapshots", actions=["rds:CreateDBSnapshot"], resources=[f"{arn}:db:{instance}", snapshots]
    )
    yield Statement(
        sid="WatchSnapshots", actions=["rds:DescribeDBSnapshots"], resources=[f"{arn}:db:{instance}", snapshots]
    )


def _service_logs(log_group: aws.cloudwatch.LogGroup) -> Statement:
    return Statement(
        sid="WriteServiceLogs",
        actions=["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        resources=[log_group.arn, pulumi.Output.format("{0}:log-stream:*", log_group.arn)],
    )


def _check(args: ServiceHostArgs) -> None:
    smallest = 16
    if args.root_volume_gib < smallest:
        raise ValueError(f"root_volume_gib: came {args.root_volume_gib}; allowed {smallest} or more")
    if args.log_group_name == args.services_log_group_name:
        raise ValueError(f"services_log_group_name: came {args.log_group_name}, the host's own; allowed another one")
