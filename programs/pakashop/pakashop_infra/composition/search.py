"""Meilisearch, and what watches it."""

from collections.abc import Sequence
from dataclasses import dataclass

from pakashop_infra import catalog
from pakashop_infra.composition.releases import Releases
from pakashop_infra.composition.scope import Scope
from pakashop_infra.names import SEARCH_LOG_GROUP
from zelly_components.alarms.alarm import Alarm
from zelly_components.alarms.search import SearchHostTarget, search_host_alarms
from zelly_components.search_host import SearchHost, SearchHostArgs
from zelly_components.vpc import Vpc


@dataclass(frozen=True, kw_only=True)
class Search:
    """The host and what watches the server on it."""

    host: SearchHost
    alarms: Sequence[Alarm]


def build_search(scope: Scope, *, network: Vpc, releases: Releases) -> Search:
    """Make the host, in the private subnet of its volume's zone."""
    environment = scope.environment
    search = environment.search
    zone = environment.network.availability_zones.index(search.availability_zone)
    host = SearchHost(
        scope.name("search"),
        SearchHostArgs(
            region=environment.region,
            account_id=environment.aws_account_id,
            vpc_id=network.vpc_id,
            subnet_id=network.private_subnet_ids[zone],
            availability_zone=search.availability_zone,
            instance_type=search.instance_type,
            cpu_credits=search.cpu_credits,
            instance_memory_mib=search.instance_memory_mib,
            ami_id=search.ami_id,
            volume_gib=search.volume_gib,
            version=search.version,
            binary_sha256=search.binary_sha256,
            bucket_name=scope.names.release_bucket(environment.aws_account_id),
            bucket=releases.bucket.bucket_name,
            dump_bucket_name=scope.names.backup_bucket(environment.aws_account_id),
            # Kept as long as the nightly dumps of the database.
            dump_prefix="daily/search/",
            service_secret_name=catalog.SEARCH_SECRET,
            server_secret_name=catalog.SEARCH_SERVER_SECRET,
            recovery_window_days=environment.secrets.recovery_window_days,
            config_parameter_name=scope.names.parameter("search/configuration"),
            document_name=scope.names.search_document,
            log_group_name=SEARCH_LOG_GROUP,
            log_retention_days=search.log_retention_days,
            snapshot_retention_count=search.snapshots_kept,
            protect=environment.deletion_protection,
        ),
        scope.options,
    )
    target = SearchHostTarget(label="search", host_name=host.host_name)
    return Search(host=host, alarms=search_host_alarms(target, backup_hours=search.backup_alarm_hours))
