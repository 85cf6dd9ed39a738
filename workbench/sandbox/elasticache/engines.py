"""ElastiCache: combinations of engine, version, parameter group and node type, which moto does not check."""

from typing import Any

from workbench.sandbox.server.table import Call, RefusalError
from zelly_components.limits.allowed_values import CACHE_NODE_TYPES
from zelly_components.limits.redis_engines import ENGINE_VERSIONS, Engine


def check_new_group(call: Call) -> None:
    """Refuse what ElastiCache does not have, and a parameter group of another family than the version."""
    engine: Engine = call.parameters.get("Engine", "redis")
    _check_engine(call, engine, call.parameters.get("EngineVersion"))
    _check_node_type(call)


def check_changed_group(call: Call, group: Any) -> None:
    """Refuse what ElastiCache does: a way back, and a parameter group of another family than the engine's version."""
    engine: Engine = call.parameters.get("Engine", group.engine)
    if (group.engine, engine) == ("valkey", "redis"):
        # Upgrading engine versions including cross engine upgrades (ElastiCache User Guide).
        raise RefusalError("InvalidParameterCombination", "A Valkey replication group cannot be changed to redis.")
    changes = {"Engine", "EngineVersion", "CacheParameterGroupName"} & call.parameters.keys()
    if changes:
        version = call.parameters.get("EngineVersion", group.engine_version)
        _check_engine(call, engine, version, present=group.cache_parameter_group_name)
        if group.engine_version and _number(version) < _number(group.engine_version):
            # CreateReplicationGroup, EngineVersion: "you cannot downgrade to an earlier engine version".
            raise RefusalError(
                "InvalidParameterCombination", f"Cannot change from {group.engine_version} back to {version}"
            )
    _check_node_type(call)


def _check_engine(call: Call, engine: Engine, version: str | None, *, present: str | None = None) -> None:
    versions = ENGINE_VERSIONS.get(engine)
    if versions is None:
        raise RefusalError("InvalidParameterValue", f"{engine} is no engine of a replication group")
    if version is None:
        return
    if version not in versions:
        raise RefusalError("InvalidParameterCombination", f"Cannot find version {version} for {engine}")
    parameter_group = call.parameters.get("CacheParameterGroupName", present)
    known = call.kept("parameter groups").get((parameter_group or "").lower())
    if known is not None and known["CacheParameterGroupFamily"] != versions[version]:
        raise RefusalError(
            "InvalidParameterCombination",
            f"Expected a parameter group of family {versions[version]} but found one of family "
            f"{known['CacheParameterGroupFamily']}",
        )


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _check_node_type(call: Call) -> None:
    node_type = call.parameters.get("CacheNodeType")
    if node_type is not None and CACHE_NODE_TYPES.instead_of(node_type) is not None:
        raise RefusalError("InvalidParameterValue", f"Cache node type {node_type} is not supported.")
