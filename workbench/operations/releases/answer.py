"""The answer of a host's release agent. Pure functions."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast


@dataclass(frozen=True, kw_only=True)
class UnitState:
    """A service on the host."""

    release: str | None
    state: str
    """``ready``, ``failed``, ``stopped`` or ``not released``."""
    restarts: int
    """How often systemd started it anew by itself."""

    @property
    def is_ready(self) -> bool:
        """Tell whether it serves."""
        return self.state == "ready"


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A stage that was gone through."""

    name: str
    seconds: float
    detail: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the agent did, or found."""

    outcome: str
    """``waiting``, ``healthy``, ``undone``, ``refused`` or ``failed``."""
    stage: str
    reason: str | None
    release: str | None
    """The release that the action was about."""
    stages: Sequence[Stage]
    services: Mapping[str, UnitState]
    unconfirmed_until: str | None
    """Until when a release waits to be confirmed; then the host takes it back by itself."""
    history: Sequence[Mapping[str, Any]]

    @property
    def releases(self) -> Mapping[str, str]:
        """The release of each service that has one."""
        return {name: each.release for name, each in self.services.items() if each.release is not None}

    @property
    def unready(self) -> Mapping[str, UnitState]:
        """The services that have a release and do not serve."""
        return {name: each for name, each in self.services.items() if not each.is_ready and each.release is not None}

    def document(self) -> Mapping[str, Any]:
        """Return a JSON object."""
        return {
            "outcome": self.outcome,
            "stage": self.stage,
            "reason": self.reason,
            "stages": [{"name": each.name, "seconds": each.seconds, "detail": each.detail} for each in self.stages],
            "services": {
                name: {"release": each.release, "state": each.state, "restarts": each.restarts}
                for name, each in self.services.items()
            },
            "unconfirmed_until": self.unconfirmed_until,
        }


def parsed(text: str) -> Answer | None:
    """Return the answer in a command's standard output; None when there is none, or only a part of one."""
    try:
        document = cast("Mapping[str, Any]", json.loads(text))
        return Answer(
            outcome=str(document["outcome"]),
            stage=str(document["stage"] or ""),
            reason=document["reason"],
            release=None if document["release"] in {None, "none"} else str(document["release"]),
            stages=[
                Stage(name=str(each["name"]), seconds=float(each["seconds"]), detail=str(each["detail"] or ""))
                for each in document["stages"]
            ],
            services={
                str(name): UnitState(release=each["release"], state=str(each["state"]), restarts=int(each["restarts"]))
                for name, each in cast("Mapping[str, Any]", document["services"]).items()
            },
            unconfirmed_until=document.get("unconfirmed_until"),
            history=document.get("history") or (),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
