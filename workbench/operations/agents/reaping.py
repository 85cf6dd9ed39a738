"""Ending the build agents that no build can be on: what would go, and then its going."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.aws.auto_scaling import AutoScaling
from workbench.aws.ec2.instances import Ec2
from workbench.aws.shared.errors import AwsError
from workbench.errors import OperationFailedError
from workbench.operations.agents.listing import Agent, Pool


@dataclass(frozen=True, kw_only=True)
class ReapPlan:
    """The agents that go."""

    ending: tuple[Agent, ...]
    staying: int

    def lines(self) -> list[str]:
        """Return what is going to happen, for the operator to read."""
        if not self.ending:
            return [
                f"Nothing to end: a build may be on each of {self.staying} agents." if self.staying else "No agent."
            ]
        return [*map(_line, self.ending), *([f"Others that stay: {self.staying}."] if self.staying else [])]

    def document(self) -> Mapping[str, Any]:
        """Return the same for ``--json``."""
        return {"ending": [_document(agent) for agent in self.ending], "staying": self.staying}


def plan_reaping(pools: Sequence[Pool]) -> ReapPlan:
    """Plan to end every agent that no build can be on, protected from scale-in or not."""
    agents = [agent for pool in pools for agent in pool.agents]
    ending = tuple(agent for agent in agents if agent.orphaned_because is not None)
    return ReapPlan(ending=ending, staying=len(agents) - len(ending))


def reap(plan: ReapPlan, auto_scaling: AutoScaling, ec2: Ec2) -> list[Mapping[str, Any]]:
    """End the plan's agents and return them; a group wants one less for each of its own.

    Raises:
        OperationFailedError: with those that were ended before one could not be.
    """
    ended: list[Agent] = []
    for agent in plan.ending:
        try:
            if agent.is_member:
                auto_scaling.end(agent.instance_id)
            else:
                ec2.terminate(agent.instance_id)
        except AwsError as error:
            done = ", ".join(each.instance_id for each in ended) or "none"
            raise OperationFailedError(
                *error.lines, f"Ended before: {done}. What is still there is ended by the same command."
            ) from error
        ended.append(agent)
    return [_document(agent) for agent in ended]


def _line(agent: Agent) -> str:
    protected = ", protected from scale-in" if agent.is_protected else ""
    return f"{agent.instance_id} of {agent.label} ({agent.lifecycle}{protected}) ends: {agent.orphaned_because}"


def _document(agent: Agent) -> Mapping[str, Any]:
    return {
        "instance": agent.instance_id,
        "label": agent.label,
        "group": agent.group,
        "lifecycle": agent.lifecycle,
        "protected": agent.is_protected,
        "because": agent.orphaned_because,
    }
