"""The number of a service's tasks."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from workbench.aws.application_auto_scaling import ApplicationAutoScaling, ScalingRange
from workbench.aws.ecs.services import Ecs
from workbench.counting import counted
from workbench.errors import OperatorError


@dataclass(frozen=True, kw_only=True)
class ScalePlan:
    """A change of the number of a service's tasks."""

    service: str
    """ECS's name of it."""
    before: int
    after: int
    range: ScalingRange | None
    """Between what it is scaled automatically; None: not at all."""

    def lines(self) -> list[str]:
        """Return the plan as lines."""
        lines = [
            f"{self.service}: {counted(self.before, 'task')} wanted now, {counted(self.after, 'task')} from then on"
        ]
        if self.after == 0:
            lines.append("With 0 tasks it answers nobody, and automatic scaling leaves it at that.")
        elif self.range is not None:
            lines.append(
                f"Automatic scaling goes on between {self.range.minimum} and {self.range.maximum}, "
                "so that the number may change again by itself."
            )
        return lines

    def document(self) -> Mapping[str, Any]:
        """Return the plan as a JSON object."""
        return asdict(self)


def plan_scale(service: str, tasks: int, *, maximum: int, ecs: Ecs, scaling: ApplicationAutoScaling) -> ScalePlan:
    """Plan another number of tasks for a service, given by its name in ECS.

    ``maximum``, from the stack file, limits services that are not scaled automatically. Zero is allowed for every
    service: Application Auto Scaling does not scale in or out of it by itself (ECS Developer Guide,
    "Automatically scale your Amazon ECS service").

    Raises:
        OperatorError: when there is no such service, or it may not have that many tasks.
    """
    found = ecs.services([service]).get(service)
    if found is None or found.status != "ACTIVE":
        raise OperatorError(f"service: {service} is not in ECS; `pulumi up` makes it")
    scaled = scaling.range_of(service)
    least, most = (scaled.minimum, scaled.maximum) if scaled is not None else (1, maximum)
    if tasks != 0 and not least <= tasks <= most:
        raise OperatorError(
            f"--tasks: came {tasks}; allowed for {service}: 0 or {least} to {most}, as its stack file says"
        )
    return ScalePlan(service=service, before=found.desired_count, after=tasks, range=scaled)


def scale(plan: ScalePlan, *, ecs: Ecs) -> None:
    """Set the number of tasks. ECS starts and stops them by itself."""
    ecs.set_desired_count(plan.service, plan.after)
