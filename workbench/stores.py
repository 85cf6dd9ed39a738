"""The stores of an environment, as a program describes them to its tools: a class for each kind, as plain data."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Store:
    """A store of an environment. Its class is its kind; ``workbench.operations.stores`` has what commands do with each.

    An environment has none, one or several stores of a kind.
    """

    label: str
    """Its name within a sentence, and its heading on the recovery page. No two stores of an environment share one."""


@dataclass(frozen=True, kw_only=True)
class AuroraCluster(Store):
    """A cluster of Aurora MySQL."""

    identifier: str
    version: str
    """As the stack file pins it, e.g. ``8.0.mysql_aurora.3.08.2``."""
    version_setting: str
    """The key of the stack file that pins it."""
    allowed_cidrs: tuple[str, ...] | None
    """Who may reach it over the internet; None: nobody, it is private."""


@dataclass(frozen=True, kw_only=True)
class PostgresInstance(Store):
    """An instance of RDS for PostgreSQL, which is no member of a cluster."""

    identifier: str
    """Of the live one."""
    copy_prefix: str
    """How the identifiers of restored ones begin; the moment that they hold follows."""
    version: str
    """As the stack file pins it, e.g. ``16.11``."""
    version_setting: str
    """The key of the stack file that pins it."""
    parameter_group: str
    """How the parameter group's name begins; Pulumi ends it."""
    secret: str
    """Holds what the applications are told: ``DB_HOST``, and whatever else names that host, such as a connection
    string."""
    ca_bundle: str
    """The file on the environment's hosts that holds the authorities of its certificate."""
    restored_setting: str
    """The key of the stack file that names the copy that took over."""
    page: str
    """The documentation's page that tells how a copy takes over."""


@dataclass(frozen=True, kw_only=True)
class RedisNode(Store):
    """A replication group of ElastiCache, with Redis or Valkey."""

    prefix: str
    """How the ids of the live one and of its predecessors begin; Pulumi ends them."""
    copy_prefix: str
    """How the ids of restored ones begin: not like the live one's, and with at most 30 characters."""
    engine: str
    """``redis`` or ``valkey``."""
    engine_setting: str
    """The key of the stack file that says which."""
    version: str
    """As the stack file pins it, without the patch: ``7.1``."""
    version_setting: str
    secret: str
    """Holds ``REDIS_HOST``, ``REDIS_PORT`` and ``REDIS_PASSWORD``, which the applications are told."""


@dataclass(frozen=True, kw_only=True)
class VolumeStore(Store):
    """A store on an EC2 instance, with its data on a volume of its own. No kind by itself."""

    host: str
    """The instance's ``Name``; its volume's snapshots carry it as ``SnapshotPolicy``, and its metrics as ``Host``."""
    volume: str
    """The volume's ``Name``."""
    zone: str
    volume_gib: int
    page: str = "docs/recovery.md"
    """The documentation's page that tells how a copy takes over."""


@dataclass(frozen=True, kw_only=True)
class RedisHost(VolumeStore):
    """Redis, or a server that speaks its protocol, on an EC2 instance."""

    secret: str
    """Holds ``REDIS_HOST``, ``REDIS_PORT``, ``REDIS_PASSWORD`` and ``REDIS_CA_BASE64``."""


@dataclass(frozen=True, kw_only=True)
class SearchHost(VolumeStore):
    """Meilisearch on an EC2 instance."""

    version: str
    """As the stack file pins it, in full: ``1.13.0``."""
    version_setting: str
    """The key of the stack file that pins it."""
    secret: str
    """Holds ``MEILI_HOST``, ``MEILI_API_KEY``, ``MEILI_SEARCH_KEY`` and ``MEILI_CA_BASE64``."""
    document: str
    """The SSM document that upgrades it."""
    log_group: str
    """Takes what the document says while it runs."""


@dataclass(frozen=True, kw_only=True)
class ClickHouseHost(VolumeStore):
    """ClickHouse in a container on an EC2 instance, with its data on a volume of its own."""

    image: str
    """With its tag, as the stack file pins it."""
    image_setting: str
    secret: str
    """Holds ``CLICKHOUSE_HOST``, ``CLICKHOUSE_PORT``, ``CLICKHOUSE_USER`` and ``CLICKHOUSE_PASSWORD``."""


@dataclass(frozen=True, kw_only=True)
class FileSystem(Store):
    """A file system of EFS that AWS Backup keeps recovery points of."""

    name: str
    """Its ``Name``."""
    restoring_role: str
    """The role that AWS Backup restores with; made by the first restoration."""
