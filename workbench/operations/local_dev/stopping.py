"""The end of a platform: its containers, and if wanted its data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.counting import counted, listed
from workbench.errors import OperationFailedError
from workbench.local_dev.model import FOLDER
from workbench.operations.local_dev.docker import Compose
from workbench.words import command


@dataclass(frozen=True, kw_only=True)
class DownPlan:
    """What is stopped, and deleted."""

    containers: tuple[str, ...]
    volumes: tuple[str, ...]
    """Those that are deleted; none where the data stays."""
    keeps_data: bool

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to stop or to delete."""
        return not self.containers and not self.volumes

    def lines(self) -> list[str]:
        """Return what is going to happen, for the developer to read."""
        if self.is_empty:
            return ["Nothing runs." if self.keeps_data else "Nothing runs, and there is no data."]
        lines = [f"stop and remove {listed(self.containers)}"] if self.containers else []
        if self.keeps_data:
            return [*lines, "the data stays"]
        return [
            *lines,
            *(f"delete the volume {volume}, with all data in it" for volume in self.volumes),
            f"{FOLDER}/env/ and {FOLDER}/certificates/ stay, and so do images",
        ]

    def document(self) -> Mapping[str, Any]:
        """Return the same for ``--json``."""
        return {"containers": list(self.containers), "volumes": list(self.volumes)}


def plan_down(compose: Compose, *, keeps_data: bool) -> DownPlan:
    """Look what there is to stop, and to delete."""
    return DownPlan(
        containers=tuple(dict.fromkeys(state.service for state in compose.states())),
        volumes=() if keeps_data else compose.volumes(),
        keeps_data=keeps_data,
    )


def down(plan: DownPlan, compose: Compose) -> None:
    """Carry a plan out.

    Raises:
        OperationFailedError: when compose fails; it says what is left.
    """
    if plan.is_empty:
        return
    code = compose.run("down", "--remove-orphans", *([] if plan.keeps_data else ["--volumes"]))
    if code != 0:
        left = [state.service for state in compose.states()]
        volumes = "" if plan.keeps_data else f" and {counted(len(compose.volumes()), 'volume')}"
        raise OperationFailedError(
            f"docker compose down ended with exit code {code}. Left: {listed(left)}{volumes}. "
            f"To go on, run the same command again, or look: {command('dev doctor')}"
        )
