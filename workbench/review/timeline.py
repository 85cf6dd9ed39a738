"""Timeline of a first ``pulumi up``: the begin and end of each resource, and the chain that decides how long it takes.

A resource begins as soon as all that it waits for is there: what its inputs are made from, what it names in
``depends_on``, its parent and its provider. Nothing else holds it back here; the engine also limits how many it makes
at once (``--parallel``), which matters little where a few slow resources decide.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter

from workbench.evaluate import Evaluation, RecordedResource
from workbench.providers.creation_times import CreationTime, creation_time
from workbench.review.tree import is_made

Dependencies = Mapping[str, Collection[str]]
"""By URN, the URNs that must be there first."""


SLOW_SECONDS = 10
"""The time from which a resource is shown with a bar."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """The making of one resource, in seconds from the beginning."""

    resource: RecordedResource
    start: float
    time: CreationTime
    critical: bool
    """Whether it is on the chain that decides how long everything takes."""

    @property
    def end(self) -> float:
        """The moment at which it is there."""
        return self.start + self.time.seconds


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """A first ``up``, resource by resource."""

    steps: tuple[Step, ...]
    """The steps, in order of beginning, then of name."""
    seconds: float
    """The length of the critical path: how long the whole takes at least."""
    seconds_in_sequence: float
    """The time of all steps one after the other."""

    @property
    def critical_path(self) -> tuple[Step, ...]:
        """The chain that decides, in its order."""
        return tuple(step for step in self.steps if step.critical)


def timeline(evaluation: Evaluation) -> Timeline:
    """Return the timeline of everything that an evaluation recorded."""
    by_urn = {resource.urn: resource for resource in evaluation.resources}
    times = {urn: creation_time(resource) for urn, resource in by_urn.items()}
    dependencies = _dependencies(by_urn)
    ends = _ends(dependencies, times)
    critical = _critical(dependencies, ends)
    steps = [
        Step(resource=resource, start=ends[urn] - times[urn].seconds, time=times[urn], critical=urn in critical)
        for urn, resource in by_urn.items()
        if is_made(resource)
    ]
    return Timeline(
        steps=tuple(sorted(steps, key=lambda step: (step.start, step.end, step.resource.name))),
        seconds=max(ends.values(), default=0),
        seconds_in_sequence=sum(time.seconds for time in times.values()),
    )


def duration(seconds: float) -> str:
    """Return seconds as an operator says them: ``8 min 6 s``."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def in_words(when: Timeline, slowest: Step | None) -> str:
    """Return how long a first ``up`` takes, against what takes the longest by itself."""
    if slowest is None:
        return "Nothing is made."
    return (
        f"A first up takes {duration(when.seconds)} at least ({when.seconds:g} s): its critical path. The slowest "
        f"single chain, up to {slowest.resource.name}, takes {slowest.end:g} s of that. "
        f"One after the other, everything would take {duration(when.seconds_in_sequence)}."
    )


def slowest_chain(evaluation: Evaluation) -> Step | None:
    """Return the making of what takes the longest by itself, begun as soon as its references allow; None of nothing.

    That is the floor: however the rest is ordered, the whole cannot be quicker.
    """
    by_urn = {resource.urn: resource for resource in evaluation.resources}
    times = {urn: creation_time(resource) for urn, resource in by_urn.items()}
    ends = _ends(_dependencies(by_urn, explicit=False), times)
    made = [urn for urn, resource in by_urn.items() if is_made(resource)]
    slowest = max(made, key=lambda urn: (times[urn].seconds, ends[urn], urn), default=None)
    if slowest is None:
        return None
    start = ends[slowest] - times[slowest].seconds
    return Step(resource=by_urn[slowest], start=start, time=times[slowest], critical=True)


def _dependencies(by_urn: Mapping[str, RecordedResource], *, explicit: bool = True) -> dict[str, frozenset[str]]:
    return {urn: _needed(resource, explicit=explicit) & by_urn.keys() for urn, resource in by_urn.items()}


def _needed(resource: RecordedResource, *, explicit: bool) -> frozenset[str]:
    of_inputs = {urn for urns in resource.property_dependencies.values() for urn in urns}
    named = set(resource.depends_on) if explicit else set[str]()
    around = {urn for urn in (resource.parent, resource.provider) if urn is not None}
    return frozenset(of_inputs | named | around)


def _ends(dependencies: Dependencies, times: Mapping[str, CreationTime]) -> dict[str, float]:
    ends: dict[str, float] = {}
    for urn in TopologicalSorter(dependencies).static_order():
        ends[urn] = max((ends[other] for other in dependencies[urn]), default=0) + times[urn].seconds
    return ends


def _critical(dependencies: Dependencies, ends: Mapping[str, float]) -> set[str]:
    """Walk back from what ends last, each time to what it waited for the longest."""
    chain: set[str] = set()
    waiting = [max(ends, key=lambda urn: (ends[urn], urn))] if ends else []
    while waiting:
        urn = waiting.pop()
        chain.add(urn)
        if dependencies[urn]:
            waiting.append(max(dependencies[urn], key=lambda other: (ends[other], other)))
    return chain
