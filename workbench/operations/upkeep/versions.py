"""Engine versions: what runs against what the stack file pins. Pure functions."""

import re
from dataclasses import dataclass
from enum import StrEnum

from workbench.operations.landscape import Landscape
from workbench.program import AuroraCluster, RedisNode

_AURORA = re.compile(r"(?P<mysql>[\d.]+)\.mysql_aurora\.(?P<aurora>[\d.]+)")


class Difference(StrEnum):
    """The relation of a version that runs to the pinned one."""

    AHEAD = "ahead"
    """AWS upgraded it."""
    BEHIND = "behind"
    """An upgrade was written down and not carried out yet."""
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class VersionDifference:
    """A store that runs another version than the stack file pins."""

    store: str
    running: str
    pinned: str
    setting: str
    """Key and value that pin what runs, as the stack file takes them."""
    difference: Difference
    downgrade: str
    """What becomes of a downgrade, as part of a sentence."""

    @property
    def consequence(self) -> str:
        """What an ``up`` would come to that knows what runs."""
        return {
            Difference.AHEAD: "the next `up` that reads what AWS has (--refresh) asks for a downgrade, "
            f"{self.downgrade}",
            Difference.BEHIND: "an upgrade waits for `up`, or for the maintenance window",
            Difference.OTHER: "the next `up` that reads what AWS has (--refresh) asks for the pinned one",
        }[self.difference]

    @property
    def line(self) -> str:
        """What is the matter, in one line."""
        return f"{self.store} runs {self.running}, the stack file pins {self.pinned}: {self.consequence}"

    @property
    def short(self) -> str:
        """The same for a screen."""
        running, pinned = (version.rpartition("mysql_aurora.")[2] for version in (self.running, self.pinned))
        said = {
            Difference.AHEAD: "the next `up --refresh` asks for a downgrade",
            Difference.BEHIND: "an upgrade waits",
            Difference.OTHER: "the next `up --refresh` changes it",
        }[self.difference]
        return f"{running} runs, {pinned} is pinned: {said}"


def aurora_difference(landscape: Landscape, running: str) -> VersionDifference | None:
    """Compare the version that Aurora runs; None: it is the pinned one."""
    pinned = landscape.stores_of(AuroraCluster)[0].version
    if running == pinned:
        return None
    return VersionDifference(
        store="Aurora",
        running=running,
        pinned=pinned,
        setting=f"aurora.engine_version: {running}",
        difference=_difference(_aurora_numbers(running), _aurora_numbers(pinned)),
        downgrade="which RDS refuses",
    )


def redis_difference(landscape: Landscape, running: str) -> VersionDifference | None:
    """Compare what ElastiCache runs, e.g. ``redis 7.1.0``, whose patches are AWS's own; None: it is the pinned one."""
    engine, _, version = running.partition(" ")
    node = landscape.stores_of(RedisNode)[0]
    pinned = node.version
    setting = f'redis.engine_version: "{".".join(version.split(".")[: pinned.count(".") + 1])}"'
    if engine != node.engine:
        return VersionDifference(
            store="Redis",
            running=running,
            pinned=f"{node.engine} {pinned}",
            setting=f"redis.engine: {engine} and {setting}",
            difference=Difference.AHEAD if engine == "valkey" else Difference.BEHIND,
            # "Engine versions", ElastiCache User Guide.
            downgrade="and nothing leads back from Valkey",
        )
    if version == pinned or version.startswith(f"{pinned}."):
        return None
    return VersionDifference(
        store="Redis",
        running=version,
        pinned=pinned,
        setting=setting,
        difference=_difference(_numbers(version), _numbers(pinned)),
        # The provider's engine version is "ForceNew" on a downgrade (internal/service/elasticache/engine_version.go).
        downgrade="for which the provider replaces the node, and its data go",
    )


def _difference(running: tuple[int, ...] | None, pinned: tuple[int, ...] | None) -> Difference:
    if running is None or pinned is None or running == pinned:
        return Difference.OTHER
    return Difference.AHEAD if running > pinned else Difference.BEHIND


def _aurora_numbers(version: str) -> tuple[int, ...] | None:
    match = _AURORA.fullmatch(version)
    return None if match is None else (*_split(match["mysql"]), *_split(match["aurora"]))


def _numbers(version: str) -> tuple[int, ...] | None:
    return _split(version) if re.fullmatch(r"\d+(\.\d+)*", version) else None


def _split(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
