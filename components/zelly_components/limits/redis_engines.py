"""The engines and versions of a node, as data; imports nothing, so that a config can be checked without the SDK."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from zelly_components.limits.errors import LimitError

Engine: TypeAlias = Literal["redis", "valkey"]

ENGINE_VERSIONS: Mapping[Engine, Mapping[str, str]] = {
    "redis": {"7.0": "redis7", "7.1": "redis7"},
    "valkey": {
        "7.2": "valkey7",
        "8.0": "valkey8",
        "8.1": "valkey8",
        "8.2": "valkey8",
        "9.0": "valkey9",
        "9.1": "valkey9",
    },
}
"""Engine and version to the family of its parameter groups (ElastiCache User Guide, "Engine versions and upgrading" and
"Engine specific parameters", read 2026-11-30). ElastiCache's Redis ends at 7.1; older ones than 7 have no mode of
in-transit encryption, which can be named from 7.0.5 on. Valkey begins at 7.2."""


PARAMETERS: Mapping[str, str] = {"maxmemory-policy": "noeviction"}
"""The parameters of a node's parameter group: it refuses writes when it is full, and drops nothing."""


def parameter_group_family(engine: Engine, engine_version: str) -> str:
    """Return the family of an engine's parameter groups in a version: ``redis7`` for Redis 7.1.

    Raises:
        LimitError: for a version that ElastiCache does not have of this engine.
    """
    versions = ENGINE_VERSIONS[engine]
    if engine_version not in versions:
        raise LimitError("engine_version", f"{engine_version} with engine {engine}", ", ".join(versions))
    return versions[engine_version]
