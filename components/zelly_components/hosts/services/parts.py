"""Ready-made parts of a service host, as data: the files, timers, packages and permissions that each brings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from zelly_components.edge import expiry
from zelly_components.hosts import backups
from zelly_components.hosts.cloud_config import HostFile
from zelly_components.hosts.permissions import database_backup_statements
from zelly_components.hosts.rds_authorities import CA_BUNDLE_PATH, CA_BUNDLE_URL
from zelly_components.hosts.release_agent import release_agent
from zelly_components.hosts.services.paths import unit_name
from zelly_components.identity.iam import Statement


@dataclass(frozen=True, kw_only=True)
class HostBackupArgs:
    """A PostgreSQL database that the host dumps every night, once the dump was restored on the host itself."""

    bucket_name: str
    """The bucket of the dumps: the ``bucket_name`` that its backup vault was given."""
    bucket_arn: pulumi.Input[str]
    """The same bucket: the vault's output ``bucket_arn``."""
    secret_name: str
    """The secret with ``DB_HOST``, ``DB_PORT``, ``DB_NAME``, ``DB_USER`` and ``DB_PASSWORD``."""
    secret_arn: pulumi.Input[str]
    """The same secret, which the host may read."""
    dump_name: str
    """The beginning of the names of dumps, before ``-YYYYmmdd-HHMMSS.dump``: lower-case letters, digits, hyphens."""
    metrics_database: str
    """The value of the metrics' dimension ``Database``, by which alarms find them."""
    postgresql_version: int
    """The major version of the server, e.g. 16: of the programs that are installed to dump and to restore."""
    ca_bundle: str | None
    """The file with the authorities of the server's certificate, e.g. ``/etc/ssl/certs/rds-global-bundle.pem``. None: a
    connection without TLS, for a server that has none."""
    minimum_bytes: int = 1024
    """A smaller dump is taken for a failed one. Left out, 1024: a dump of an empty database has some 1,000 bytes."""


@dataclass(frozen=True, kw_only=True)
class HostPartsArgs:
    """Ready-made parts of a service host."""

    release_agent: bool = False
    """Whether releases come to the host by the release agent, which a release document calls. Left out, they do not,
    unless ``files`` has the agent."""
    certificate_expiry_secret_name: str | None = None
    """The secret of an origin certificate that the host looks at every day; thirty days before its end a unit fails,
    on which the host's alarm rings. Left out, it looks at none."""
    rds_authorities: bool = False
    """Whether the host fetches the authorities of RDS's certificates, as ``/etc/ssl/certs/rds-global-bundle.pem``. Left
    out, it does not."""
    database_backup: HostBackupArgs | None = None
    """The database that the host backs up. Left out, it backs none up."""


@dataclass(frozen=True, kw_only=True)
class HostParts:
    """What the parts bring, for the arguments of a service host."""

    files: Sequence[HostFile] = ()
    timers: Sequence[str] = ()
    packages: Sequence[str] = ()
    downloads: Mapping[str, str] = field(default_factory=dict[str, str])
    statements: Sequence[Statement] = ()


def host_parts(
    args: HostPartsArgs, *, platform: str, environment: str, region: str, services: Sequence[str]
) -> HostParts:
    """Return what the parts bring to the host of a platform's environment with these services.

    Raises:
        ValueError: naming the argument, what came and what is allowed.
    """
    files: list[HostFile] = []
    timers: list[str] = []
    if args.release_agent:
        units = [f"{unit_name(platform, service)}.service" for service in services]
        agent = release_agent(platform=platform, service_units=units)
        files += agent.files
        timers += agent.units
    if args.certificate_expiry_secret_name is not None:
        files += expiry.expiry_files(args.certificate_expiry_secret_name)
        timers.append(expiry.TIMER)
    backup = args.database_backup
    if backup is not None:
        files += _backup_files(backup, platform=platform, environment=environment, region=region)
        timers += backups.TIMERS
    return HostParts(
        files=files,
        timers=timers,
        packages=() if backup is None else backups.backup_packages(backup.postgresql_version),
        downloads={CA_BUNDLE_PATH: CA_BUNDLE_URL} if args.rds_authorities else {},
        statements=() if backup is None else database_backup_statements(backup.bucket_arn, backup.secret_arn),
    )


def _backup_files(backup: HostBackupArgs, *, platform: str, environment: str, region: str) -> Sequence[HostFile]:
    return backups.backup_files(
        backups.DatabaseBackupArgs(
            platform=platform,
            environment=environment,
            region=region,
            bucket_name=backup.bucket_name,
            dump_name=backup.dump_name,
            secret_name=backup.secret_name,
            ca_bundle=backup.ca_bundle,
            metrics_database=backup.metrics_database,
            minimum_bytes=backup.minimum_bytes,
        )
    )
