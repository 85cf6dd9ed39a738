"""The stores that are restored, and where."""

from workbench.operations.stores.plan import Place
from workbench.stores import AuroraCluster, ClickHouseHost, FileSystem, RedisNode

PLACE = Place(program="zelly", stack="production", region="ap-south-1")

AURORA = AuroraCluster(
    label="Aurora",
    identifier="zelly-production-aurora",
    version="8.0.mysql_aurora.3.10.2",
    version_setting="aurora.engine_version",
    allowed_cidrs=None,
)
REDIS = RedisNode(
    label="Redis",
    prefix="zelly-production-redis-",
    copy_prefix="zelly-production-restored-",
    engine="redis",
    engine_setting="redis.engine",
    version="7.1",
    version_setting="redis.engine_version",
    secret="zelly/redis/auth",
)
CLICKHOUSE = ClickHouseHost(
    label="ClickHouse",
    host="zelly-production-clickhouse",
    volume="zelly-production-clickhouse-data",
    zone="ap-south-1a",
    volume_gib=50,
    image="clickhouse/clickhouse-server:24.3",
    image_setting="clickhouse.image",
    secret="zelly/clickhouse/credentials",
)
CERTIFICATES = FileSystem(
    label="Caddy's certificates", name="zelly-production-caddy", restoring_role="zelly-production-backup-restore"
)
STORES = (AURORA, REDIS, CLICKHOUSE, CERTIFICATES)
