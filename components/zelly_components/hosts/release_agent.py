"""The release agent of a host: one program, made of a package's modules, and its unit, as pure functions.

The modules stand in ``templates/release/release_agent/``, written for the host's own Python, which is 3.9 on Amazon
Linux 2023. They reach the host as *one* text: a file is replaced in one step, where an agent that starts between two of
many files would run modules that don't fit together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from zelly_components.hosts.cloud_config import HostFile, render

PROGRAM = "/usr/local/sbin/release-agent"
PACKAGE = "release_agent"
_MODULES = Path(__file__).parent / "templates" / "release" / PACKAGE

_QUOTE = "'''"


@dataclass(frozen=True, kw_only=True)
class ReleaseAgent:
    """What a host needs for releases."""

    files: tuple[HostFile, ...]
    units: tuple[str, ...]
    """The units to enable."""


def release_agent(*, platform: str, service_units: Sequence[str]) -> ReleaseAgent:
    """Return the release agent of a platform's hosts, whose services run as these units.

    Its configuration, ``/etc/<platform>/host.json``, comes from what describes the services.
    """
    recover = f"{platform}-release-recover.service"
    unit = render("release/release-recover.service.j2", platform=platform, units=list(service_units))
    return ReleaseAgent(
        files=(
            HostFile(path=PROGRAM, content=agent_program(platform), permissions="0755"),
            HostFile(path=f"/etc/systemd/system/{recover}", content=unit),
        ),
        units=(recover,),
    )


def agent_program(platform: str) -> str:
    """Return the agent as one Python program: every module as it stands, and what imports it from there."""
    return render(
        "release/release-agent.py.j2",
        modules={name: _literal(text) for name, text in agent_modules().items()},
        configuration=f"/etc/{platform}/host.json",
    )


def agent_modules() -> Mapping[str, str]:
    """Return the agent's modules by their full names, in order."""
    return {
        PACKAGE if path.stem == "__init__" else f"{PACKAGE}.{path.stem}": path.read_text(encoding="utf-8")
        for path in sorted(_MODULES.glob("*.py"))
    }


def _literal(text: str) -> str:
    """Return a text as a raw literal of Python, in which it can be read as it is.

    Raises:
        ValueError: for a text that such a literal can't hold.
    """
    if _QUOTE in text or not text.endswith("\n"):
        raise ValueError(f"a module of the agent may not hold {_QUOTE}, and ends with a line break")
    return f"r{_QUOTE}{text}{_QUOTE}"
