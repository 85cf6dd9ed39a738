"""Values of Zelly's catalog and stack files, each with another one that the program takes as well."""

from dataclasses import dataclass

from tests.trials.copies import Edit

_CATALOG = "zelly_infra/catalog.py"
_PRODUCTION = "Pulumi.production.yaml"
_STAGING = "Pulumi.staging.yaml"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One fact with another value, and every place where the program itself states it."""

    name: str
    edits: tuple[Edit, ...]


def _change(name: str, path: str, before: str, after: str) -> Change:
    return Change(name=name, edits=(Edit(path=path, before=before, after=after),))


def _of_service(service: str, path: str, key: str, before: object, after: object) -> Edit:
    """Return the edit of a service's size; the keys before it are those that every stack file has in this order."""
    keys = {
        "fastify-nova": ("1024", "2048", "1", "4" if path == _PRODUCTION else "2"),
        "orion-backend": ("512", "1024", "1", "2"),
    }[service]
    names = ("cpu_units", "memory_mib", "minimum_tasks", "maximum_tasks")
    lines = [f"      {service}:"]
    for name, value in zip(names, keys, strict=True):
        if name == key:
            break
        lines.append(f"        {name}: {value}")
    return Edit(
        path=path,
        before="\n".join([*lines, f"        {key}: {before}\n"]),
        after="\n".join([*lines, f"        {key}: {after}\n"]),
    )


CHANGES: tuple[Change, ...] = (
    Change(
        name="memory of orion-backend in staging: 1024 -> 2048 MiB",
        edits=(_of_service("orion-backend", _STAGING, "memory_mib", 1024, 2048),),
    ),
    Change(
        name="vCPU of orion-backend in production: 512 -> 256 units",
        edits=(_of_service("orion-backend", _PRODUCTION, "cpu_units", 512, 256),),
    ),
    Change(
        name="most tasks of fastify-nova in production: 4 -> 6",
        edits=(_of_service("fastify-nova", _PRODUCTION, "maximum_tasks", 4, 6),),
    ),
    _change("port of customer-panel: 5174 -> 5175", _CATALOG, "port=5174", "port=5175"),
    Change(
        name="health path of the HTTPS services: /health -> /healthz",
        edits=(
            Edit(
                path=_CATALOG,
                before='health_check=_node_health_check(port, "/health")',
                after='health_check=_node_health_check(port, "/healthz")',
            ),
            Edit(
                path=_CATALOG,
                before='port=port, health_check_path="/health"',
                after='port=port, health_check_path="/healthz"',
            ),
        ),
    ),
    Change(
        name="instance type of ClickHouse in staging: t3.small -> t3.large",
        edits=(
            Edit(path=_STAGING, before="instance_type: t3.small", after="instance_type: t3.large"),
            Edit(path=_STAGING, before="instance_memory_mib: 2048", after="instance_memory_mib: 8192"),
        ),
    ),
    _change("node type of Redis in production: small -> medium", _PRODUCTION, "cache.t4g.small", "cache.t4g.medium"),
    _change("most ACU of Aurora in production: 8 -> 12", _PRODUCTION, "capacity_acu: 8", "capacity_acu: 12"),
    _change(
        "days of the services' logs in production: 30 -> 60",
        _PRODUCTION,
        "execute_command: true\n      log_retention_days: 30",
        "execute_command: true\n      log_retention_days: 60",
    ),
    _change(
        "threshold of the CPU alarms in staging: 85 -> 75 %", _STAGING, "      cpu_percent: 85", "      cpu_percent: 75"
    ),
    _change(
        "who may reach Aurora: events-consumer too",
        _CATALOG,
        "stores=frozenset({Store.REDIS, Store.CLICKHOUSE})",
        "stores=frozenset({Store.AURORA, Store.REDIS, Store.CLICKHOUSE})",
    ),
    _change("key of customer-panel's secret: SSO_CLIENT_ID -> SSO_APP_ID", _CATALOG, '"SSO_CLIENT_ID"', '"SSO_APP_ID"'),
    Change(
        name="range of production's VPC: 10.0.0.0/16 -> 10.9.0.0/16",
        edits=(
            Edit(path=_PRODUCTION, before="cidr: 10.0.0.0/16", after="cidr: 10.9.0.0/16"),
            Edit(path=_STAGING, before="production: 10.0.0.0/16", after="production: 10.9.0.0/16"),
        ),
    ),
    _change(
        "host name of customer-panel in staging",
        _STAGING,
        "hostname: account.staging.zelly.in",
        "hostname: panel.staging.zelly.in",
    ),
)
"""Each is one decision; where a file states it twice, or a second value has to fit it, both are changed."""
