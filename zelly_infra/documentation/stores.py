"""``platform/queues.md`` and ``platform/schemas.md``: what the stores hold, and for whom."""

from zelly_infra.documentation.tables import link, table
from zelly_infra.surroundings import QUEUES, SCHEMAS

_QUEUES = """\
# Queues

<!-- written by make docs from zelly_infra/surroundings.py -->

BullMQ's queues in Redis. Redis never drops a job for lack of room (`maxmemory-policy noeviction`): when it is full, it
refuses writes, and an alarm rings long before. The dashboards of [internal-tools](services.md#internal-tools) show
depths, states and retries over the VPN.
"""

_SCHEMAS = """\
# Schemas

<!-- written by make docs from zelly_infra/surroundings.py -->

The schemas of the Aurora cluster. The migrations of the first service make them; nothing here does. Migrations run in a
task of the service's own: [`zelly service run`](../reference/cli.md#zelly-service-run). ClickHouse's tables are made
from `store-events-consumer/docker/clickhouse/init/` by
[`zelly clickhouse init`](../reference/cli.md#zelly-clickhouse-init).
"""


def queues_page() -> str:
    """Return the page of the queues."""
    rows = [(f"`{each.name}`", link(each.producer), link(each.consumer), each.purpose) for each in QUEUES]
    return f"{_QUEUES}\n{table(('queue', 'producer', 'consumer', 'purpose'), rows)}"


def schemas_page() -> str:
    """Return the page of the schemas."""
    rows = [(f"`{each.name}`", each.contents, ", ".join(map(link, each.used_by))) for each in SCHEMAS]
    return f"{_SCHEMAS}\n{table(('schema', 'contents', 'used by'), rows)}"
