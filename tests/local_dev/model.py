"""The resolved model of a compose file, as compose's own loader prints it, with what Docker does where it is silent."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

_OBEYED = {
    "command",
    "configs",
    "depends_on",
    "entrypoint",
    "environment",
    "extra_hosts",
    "healthcheck",
    "image",
    "init",
    "networks",
    "ports",
    "restart",
    "secrets",
    "stop_grace_period",
    "stop_signal",
    "user",
    "volumes",
    "working_dir",
}
_NEEDS_DOCKER = {"build", "develop", "logging", "mem_limit", "platform", "profiles", "ulimits"}
"""Means nothing to a process, or is what no process can show."""
_RESOLVED = {"env_file"}
"""The loader has put it into the environment."""


class Condition(StrEnum):
    """What a service waits for at another one."""

    STARTED = "service_started"
    HEALTHY = "service_healthy"
    COMPLETED = "service_completed_successfully"


@dataclass(frozen=True, kw_only=True)
class HealthCheck:
    """A command that tells whether a service can be used; times in seconds."""

    test: tuple[str, ...]
    interval: float
    timeout: float
    start_period: float
    retries: int

    @property
    def patience(self) -> float:
        """Return how long after its start a service may go without a first success.

        Failures in the start period do not count, and then so many in a row, one an interval, make it unhealthy
        (Dockerfile reference, "HEALTHCHECK").
        """
        return self.start_period + self.retries * self.interval


@dataclass(frozen=True, kw_only=True)
class Mount:
    """A file or folder that a service finds at a path of its own."""

    source: Path | None
    """None: an empty one that goes with the service."""
    target: str
    read_only: bool = False
    content: str | None = None
    """The text of a config that has no file."""
    is_volume: bool = False
    """A named one, which at first belongs to whom the image's folder in its place belongs to."""


@dataclass(frozen=True, kw_only=True)
class Port:
    """A port of a service that the developer's machine passes on."""

    host_address: str
    published: int
    target: int


@dataclass(frozen=True, kw_only=True)
class Service:
    """One service of the model."""

    name: str
    image: str | None
    """None: built from a folder."""
    entrypoint: tuple[str, ...] | None = None
    command: tuple[str, ...] | None = None
    working_directory: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    waits_for: Mapping[str, Condition] = field(default_factory=dict[str, Condition])
    health_check: HealthCheck | None = None
    mounts: tuple[Mount, ...] = ()
    ports: tuple[Port, ...] = ()
    aliases: tuple[str, ...] = ()
    """Names beside its own under which others reach it."""
    extra_hosts: Mapping[str, str] = field(default_factory=dict[str, str])
    init: bool = False
    user: str | None = None
    """None: the image's."""
    restarts: int = 0
    """How often it starts again when it fails."""
    stop_signal: str = "SIGTERM"
    stop_seconds: float = 10
    """How long it may take to end after that; then it is killed (compose specification, "stop_grace_period")."""


def read(document: Mapping[str, Any], volumes: Path) -> dict[str, Service]:
    """Return the services of a model whose named volumes are folders in ``volumes``.

    Raises:
        ValueError: for what this runner would silently not do.
    """
    return {name: _service(name, entry, document, volumes) for name, entry in document["services"].items()}


def seconds(duration: str) -> float:
    """Return the length of a duration as Go prints it, e.g. ``1m30s``."""
    units = {"h": "hours", "m": "minutes", "s": "seconds", "ms": "milliseconds"}
    parts: list[tuple[str, str]] = re.findall(r"([\d.]+)(ms|h|m|s)", duration)
    if "".join(number + unit for number, unit in parts) != duration:
        raise ValueError(f"{duration}: not a duration")
    return sum(timedelta(**{units[unit]: float(number)}).total_seconds() for number, unit in parts)


def _service(name: str, entry: Mapping[str, Any], document: Mapping[str, Any], volumes: Path) -> Service:
    given = {key for key, value in entry.items() if value not in (None, [], {})}
    if unknown := sorted(given - _OBEYED - _NEEDS_DOCKER - _RESOLVED):
        raise ValueError(f"{name}: {', '.join(unknown)}: this runner does not know what to do with it")
    check = entry.get("healthcheck")
    networks: Mapping[str, Mapping[str, Any] | None] = entry.get("networks", {})
    return Service(
        name=name,
        image=None if entry.get("build") else entry["image"],
        entrypoint=_words(entry.get("entrypoint")),
        command=_words(entry.get("command")),
        working_directory=entry.get("working_dir"),
        environment={key: value or "" for key, value in entry.get("environment", {}).items()},
        waits_for={other: Condition(how["condition"]) for other, how in entry.get("depends_on", {}).items()},
        health_check=None if check is None or check.get("disable") else _health_check(check),
        mounts=(
            *(_volume(volume, volumes) for volume in entry.get("volumes", [])),
            *_files(entry.get("secrets", []), document.get("secrets", {}), "/run/secrets/"),
            *_files(entry.get("configs", []), document.get("configs", {}), "/"),
        ),
        ports=tuple(
            Port(host_address=port.get("host_ip", "0.0.0.0"), published=int(port["published"]), target=port["target"])  # noqa: S104
            for port in entry.get("ports", [])
        ),
        aliases=tuple(alias for network in networks.values() if network for alias in network.get("aliases", ())),
        extra_hosts=dict(host.split("=", 1) for host in entry.get("extra_hosts", [])),
        init=entry.get("init", False),
        user=entry.get("user"),
        restarts=_restarts(entry.get("restart", "no")),
        stop_signal=entry.get("stop_signal", "SIGTERM"),
        stop_seconds=seconds(entry.get("stop_grace_period", "10s")),
    )


def _restarts(policy: str) -> int:
    name, _, most = policy.partition(":")
    if policy != "no" and not (name == "on-failure" and most.isdigit()):
        raise ValueError(f"restart: {policy}: this runner does not know what to do with it")
    return int(most or 0)


def _words(words: list[str] | None) -> tuple[str, ...] | None:
    return None if words is None else tuple(words)


def _health_check(check: Mapping[str, Any]) -> HealthCheck:
    # Docker's own values (Dockerfile reference, "HEALTHCHECK").
    return HealthCheck(
        test=tuple(check["test"]),
        interval=seconds(check.get("interval", "30s")),
        timeout=seconds(check.get("timeout", "30s")),
        start_period=seconds(check.get("start_period", "0s")),
        retries=check.get("retries", 3),
    )


def _volume(volume: Mapping[str, Any], volumes: Path) -> Mount:
    sources = {"bind": Path(volume.get("source", "")), "volume": volumes / volume.get("source", ""), "tmpfs": None}
    return Mount(
        source=sources[volume["type"]],
        target=volume["target"],
        read_only=volume.get("read_only", False),
        is_volume=volume["type"] == "volume",
    )


def _files(entries: list[Mapping[str, Any]], defined: Mapping[str, Any], folder: str) -> list[Mount]:
    """Return the mounts of secrets or configs, which nobody in the container may write."""
    found: list[Mount] = []
    for entry in entries:
        target = entry.get("target", entry["source"])
        source = defined[entry["source"]]
        found.append(
            Mount(
                source=Path(source["file"]) if "file" in source else None,
                target=target if target.startswith("/") else folder + target,
                read_only=True,
                content=source.get("content"),
            )
        )
    return found
