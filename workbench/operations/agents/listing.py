"""The build agents that are there, each with what is to be said of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workbench.agents import BuildAgents
from workbench.aws.auto_scaling import AutoScaling, Group
from workbench.aws.ec2.instances import Ec2, Launched
from workbench.errors import OperatorError
from workbench.operations.stores.points import words
from workbench.operations.times import utc

NO_GROUP = "no group"
"""The state of an instance that is called like a pool's, and that the pool's group does not look after."""

_GOING = "Terminating"


@dataclass(frozen=True, kw_only=True)
class Agent:
    """One instance of a pool."""

    label: str
    group: str
    instance_id: str
    type: str
    launched_at: datetime
    lifecycle: str
    """The group's word for its state, or ``no group``."""
    is_protected: bool
    """Whether the group would not choose it when it becomes smaller."""
    orphaned_because: str | None
    """Why no build can be on it; None: one may be."""

    @property
    def is_member(self) -> bool:
        """Whether the group looks after it."""
        return self.lifecycle != NO_GROUP

    def document(self, now: datetime) -> Mapping[str, Any]:
        """Return a JSON object."""
        return {
            "label": self.label,
            "group": self.group,
            "instance": self.instance_id,
            "type": self.type,
            "launched_at": utc(self.launched_at),
            "age_seconds": round((now - self.launched_at).total_seconds()),
            "lifecycle": self.lifecycle,
            "protected": self.is_protected,
            "orphaned": self.orphaned_because,
        }


@dataclass(frozen=True, kw_only=True)
class Pool:
    """One pool of agents, with its group."""

    label: str
    group: Group
    agents: tuple[Agent, ...]
    """The oldest first."""

    def document(self, now: datetime) -> Mapping[str, Any]:
        """Return a JSON object."""
        return {
            "label": self.label,
            "group": self.group.name,
            "wanted": self.group.wanted,
            "maximum": self.group.maximum,
            "agents": [agent.document(now) for agent in self.agents],
        }


def read_pools(described: BuildAgents, auto_scaling: AutoScaling, ec2: Ec2, *, now: datetime) -> list[Pool]:
    """Return the pools with their agents.

    Raises:
        OperatorError: naming the groups that are not there.
    """
    names = list(described.groups.values())
    groups = {group.name: group for group in auto_scaling.groups(names)}
    if missing := [name for name in names if name not in groups]:
        raise OperatorError(f"Auto Scaling group {', '.join(missing)}: not there; `pulumi up` makes it")
    instances = ec2.launched(names)
    return [
        Pool(label=label, group=groups[name], agents=agents_of(label, groups[name], instances, described, now=now))
        for label, name in described.groups.items()
    ]


def agents_of(
    label: str, group: Group, instances: Sequence[Launched], described: BuildAgents, *, now: datetime
) -> tuple[Agent, ...]:
    """Return the agents of one pool among instances: those that its group looks after, and those called like it."""
    members = {member.instance_id: member for member in group.members}
    found: list[Agent] = []
    for instance in instances:
        member = members.get(instance.id)
        if member is None and instance.name != group.name:
            continue
        lifecycle = NO_GROUP if member is None else member.lifecycle
        found.append(
            Agent(
                label=label,
                group=group.name,
                instance_id=instance.id,
                type=instance.type,
                launched_at=instance.launched_at,
                lifecycle=lifecycle,
                is_protected=member is not None and member.is_protected,
                orphaned_because=_orphaned(instance, lifecycle, described, now),
            )
        )
    return tuple(found)


def _orphaned(instance: Launched, lifecycle: str, described: BuildAgents, now: datetime) -> str | None:
    if lifecycle.startswith(_GOING):
        return None
    age = now - instance.launched_at
    if age > described.longest_build:
        return f"{words(age)} old, longer than the longest build ({words(described.longest_build)})"
    if lifecycle == NO_GROUP:
        return "no group looks after it, so that no controller gives it a build"
    return None
