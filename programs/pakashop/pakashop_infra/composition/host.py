"""The host on which all services of an environment run, and the secrets that operators fill for them."""

from collections.abc import Mapping, Sequence

from pakashop_infra import catalog
from pakashop_infra.composition.backups import Backups
from pakashop_infra.composition.releases import Releases
from pakashop_infra.composition.scope import Scope
from pakashop_infra.names import HOST_LOG_GROUP, PLATFORM, SERVICES_LOG_GROUP
from zelly_components.edge.ranges import IPV4_RANGES
from zelly_components.secrets import ApplicationSecret, ApplicationSecretArgs
from zelly_components.service_host import (
    HostPartsArgs,
    NginxArgs,
    ReleaseArgs,
    ServiceHost,
    ServiceHostArgs,
    ServiceUnitArgs,
)
from zelly_components.vpc import Vpc


def build_host(scope: Scope, *, network: Vpc, releases: Releases, backups: Backups) -> ServiceHost:
    """Make the host, in a public subnet: Cloudflare connects to it."""
    environment = scope.environment
    host = environment.host
    _application_secrets(scope)
    return ServiceHost(
        scope.names.host,
        ServiceHostArgs(
            platform=PLATFORM,
            environment=environment.environment,
            region=environment.region,
            account_id=environment.aws_account_id,
            vpc_id=network.vpc_id,
            subnet_id=network.public_subnet_ids[0],
            instance_type=host.instance_type,
            cpu_credits=host.cpu_credits,
            ami_id=host.ami_id,
            root_volume_gib=host.root_volume_gib,
            units=service_units(host.memory_mib),
            packages=[f"nodejs{host.runtimes.node}", f"python{host.runtimes.python}", "openssl"],
            release=_release(scope),
            nginx=NginxArgs(secret_name=catalog.ORIGIN_SECRET, upstream=catalog.GATEWAY, trusted_proxies=IPV4_RANGES),
            bucket_name=scope.names.release_bucket(environment.aws_account_id),
            bucket=releases.bucket.bucket_name,
            configuration_parameter_name=scope.names.parameter("host/configuration"),
            internet_egress_ports=host.internet_egress_ports,
            log_group_name=HOST_LOG_GROUP,
            services_log_group_name=SERVICES_LOG_GROUP,
            log_retention_days=host.log_retention_days,
            protect=environment.deletion_protection,
            parts=HostPartsArgs(
                release_agent=True,
                certificate_expiry_secret_name=catalog.ORIGIN_SECRET,
                # Connection strings name the file: without it no service reaches the database.
                rds_authorities=True,
                database_backup=backups.on_host,
            ),
        ),
        scope.options,
    )


def service_units(memory_mib: Mapping[str, int]) -> Sequence[ServiceUnitArgs]:
    """Return the units of the catalog's services."""
    return [
        ServiceUnitArgs(
            name=service.name,
            port=service.port,
            after=service.after,
            secrets=_secrets(service),
            memory_mib=memory_mib[service.name],
            takes_socket=service.takes_socket,
            overlaps=service.overlaps,
            health_path=service.health_path,
            environment={"NODE_ENV": "production"} if service.language is catalog.Language.NODE else {},
        )
        for service in catalog.SERVICES
    ]


def _secrets(service: catalog.Service) -> Mapping[str, Sequence[str]]:
    of_stores = [catalog.SECRET_BY_STORE[store] for store in catalog.Store if store in service.stores]
    own = {service.secret: service.keys} if service.keys else {}
    return {**{secret: catalog.PROGRAM_SECRETS[secret] for secret in of_stores}, **own}


def _release(scope: Scope) -> ReleaseArgs:
    releases = scope.environment.host.releases
    return ReleaseArgs(
        migrations_secrets={catalog.DATABASE_SECRET: ("DATABASE_URL",)},
        database_instance=scope.database,
        snapshot_before_release=releases.snapshot_before,
        ready_seconds=releases.ready_seconds,
        settle_seconds=releases.settle_seconds,
        confirm_seconds=releases.confirm_seconds,
        releases_kept=releases.kept,
        minimum_free_mib=releases.minimum_free_mib,
    )


def _application_secrets(scope: Scope) -> None:
    for secret, keys in catalog.APPLICATION_SECRETS.items():
        ApplicationSecret(
            scope.name(secret.removeprefix(f"{PLATFORM}/").replace("/", "-")),
            ApplicationSecretArgs(
                secret_name=secret,
                description="Filled by operators; the infrastructure program only made it",
                recovery_window_days=scope.environment.secrets.recovery_window_days,
                keys=keys,
            ),
            scope.options,
        )
