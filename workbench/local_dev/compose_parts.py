"""Pieces of services of a compose file that stores and applications have alike."""

from collections.abc import Iterable, Mapping
from typing import Any

from ruamel.yaml.comments import CommentedMap

from workbench.local_dev.model import (
    AUTHORITY,
    CERTIFICATES,
    MOUNTED_AUTHORITY,
    HealthCheck,
    Part,
    Store,
    environment_file,
)
from workbench.local_dev.yaml_text import OneLine

Service = dict[str, Any]

LOGGING = CommentedMap({"driver": "local", "options": CommentedMap({"max-size": "10m", "max-file": "3"})})
"""Logs that do not fill the disk: compressed, and the oldest deleted ("local file logging driver", Docker's
documentation)."""
LOGGING.yaml_set_anchor("logging", always_dump=True)  # pyright: ignore[reportUnknownMemberType]


def mount(source: str, target: str) -> OneLine:
    """Return a file of this folder in a container, read only.

    One that is missing is refused: with the short form Docker would make a folder of its name.
    """
    return OneLine(
        {
            "type": "bind",
            "source": f"./{source}",
            "target": target,
            "read_only": True,
            "bind": {"create_host_path": False},
        }
    )


def authority_mounts(targets: Iterable[str] = (MOUNTED_AUTHORITY,)) -> list[OneLine]:
    """Return the authority's certificate in a container."""
    return [mount(f"{CERTIFICATES}/{AUTHORITY}.pem", target) for target in targets]


def certificate_mounts(store: Store) -> list[OneLine]:
    """Return a server's certificate and key, with the authority's certificate, in its container."""
    own = [f"{CERTIFICATES}/{store.name}.{ending}" for ending in ("pem", "key")]
    return [*authority_mounts(), *(mount(path, f"/{path}") for path in own)]


def volume(name: str, target: str) -> OneLine:
    """Return a volume of Docker's in a container."""
    return OneLine({"type": "volume", "source": name, "target": target})


def command(*words: str) -> OneLine:
    """Return a command in one line; compose is kept from replacing what the container's shell is to replace."""
    return OneLine([word.replace("$", "$$") for word in words])


def health_check(check: HealthCheck) -> Mapping[str, Any]:
    """Return a health check. It comes every second until it first succeeds, so that nobody waits for nothing."""
    return {
        "test": command(*check.command),
        "interval": f"{check.interval_seconds}s",
        "timeout": f"{check.timeout_seconds}s",
        "retries": check.retries,
        "start_period": f"{check.start_period_seconds}s",
        "start_interval": "1s",
    }


def environment_files(part: Part) -> Mapping[str, Any]:
    """Return the file with a part's variables, if it has any."""
    return {"env_file": [f"./{environment_file(part.name)}"]} if part.variables else {}


def ports(part: Part) -> Mapping[str, Any]:
    """Return a part's published ports, on this machine alone."""
    lines = [f"127.0.0.1:{port.published}:{port.container}" for port in part.ports]
    return {"ports": lines} if lines else {}


def limits(part: Part) -> Mapping[str, Any]:
    """Return the limits that keep one container from taking the machine down."""
    return {"mem_limit": f"{part.memory_mib}m", "logging": LOGGING}
