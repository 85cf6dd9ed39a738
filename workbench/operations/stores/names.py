"""What is restored, and what the copies are called."""

from datetime import UTC, datetime

from workbench.names import Names


def restored_from(names: Names) -> str:
    """Return the tag that tells a copy from what is live."""
    return f"{names.platform}:restored-from"


def stamp(moment: datetime) -> str:
    """Return a moment as it stands in names: UTC, to the second, e.g. ``20261125t101500``."""
    return f"{moment.astimezone(UTC):%Y%m%dt%H%M%S}"


def aurora_cluster(names: Names) -> str:
    """Return the live cluster's identifier, which the program fixes."""
    return names.name("aurora")


def restored_cluster(names: Names, moment: datetime) -> str:
    """Return the identifier of a restored cluster: at most 60 characters, since its instances add to it."""
    return f"{aurora_cluster(names)}-restored-{stamp(moment)}"


def redis_prefix(names: Names) -> str:
    """Return how the ids of the live node and of its predecessors begin; Pulumi ends them."""
    return f"{names.name('redis')}-"


def restored_redis(names: Names, moment: datetime) -> str:
    """Return the id of a restored node: at most 40 characters, hence to the minute and without the century.

    It does not begin like the live one's, which is looked for by that beginning.
    """
    return f"{names.prefix}-restored-{moment.astimezone(UTC):%y%m%d%H%M}"


def clickhouse_host(names: Names) -> str:
    """Return the host's ``Name``, which its volume's snapshots carry as ``SnapshotPolicy``."""
    return names.name("clickhouse")


def clickhouse_volume(names: Names) -> str:
    """Return the live volume's ``Name``."""
    return f"{clickhouse_host(names)}-data"


def restored_volume(names: Names, moment: datetime) -> str:
    """Return the ``Name`` of a restored volume."""
    return f"{clickhouse_volume(names)}-restored-{stamp(moment)}"


def file_system(names: Names) -> str:
    """Return the file system's ``Name``."""
    return names.name("caddy")


def restoring_role(names: Names) -> str:
    """Return the role that AWS Backup restores with."""
    return names.name("backup-restore")
