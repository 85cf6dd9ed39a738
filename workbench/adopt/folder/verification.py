"""A Pulumi state held against what an adoption wants it to have, before and after the first update. Pure functions."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from workbench.adopt.folder.defaults import Edit, missing, name_of, resources_of
from workbench.counting import counted

_PROVIDER_PREFIX = "pulumi:providers:"
_MOST_NAMED = 5

_WITHOUT_IDS = ("random:", "aws:acm/certificateValidation:", _PROVIDER_PREFIX)
"""Types of which several have one id: a word, or a point in time."""
_IDS_OF_PROVIDER = frozenset({"aws:ec2/volumeAttachment:VolumeAttachment", "aws:ec2/route:Route"})
"""Types whose ids the provider computes, in each release in its own way (``internal/service/ec2`` of
hashicorp/terraform-provider-aws, from memory: ``volumeAttachmentID``, ``routeCreateID``)."""
_REVISED = frozenset({"aws:ecs/taskDefinition:TaskDefinition", "aws:secretsmanager/secretVersion:SecretVersion"})
"""Types of which an update makes a new revision, with another id."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """One proved pair, as the folder keeps it."""

    urn: str
    address: str
    ids: tuple[str, ...]
    """What it is imported by, and what Terraform calls it: the provider may answer with either."""
    protect: bool
    """Whether the program protects it."""
    depends: bool
    """Whether the program says that it depends on something."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What an adoption wants in a Pulumi state."""

    pairs: tuple[Expected, ...]
    created: frozenset[str]
    """The URNs that the first update makes."""

    def as_json(self) -> dict[str, Any]:
        """Return it as the folder keeps it; no secret is in it."""
        return {
            "pairs": [{**vars(pair), "ids": list(pair.ids)} for pair in self.pairs],
            "created": sorted(self.created),
        }


def plan_from_json(found: Mapping[str, Any]) -> Plan:
    """Return what a folder keeps."""
    return Plan(
        pairs=tuple(_expected(one) for one in found["pairs"]),
        created=frozenset(found["created"]),
    )


def _expected(found: Mapping[str, Any]) -> Expected:
    return Expected(
        urn=found["urn"],
        address=found["address"],
        ids=tuple(found["ids"]),
        protect=found["protect"],
        depends=found["depends"],
    )


class Phase(StrEnum):
    """How far an adoption is."""

    EMPTY = "nothing imported"
    IMPORTING = "partly imported"
    IMPORTED = "imported"
    EDITED = "imported, names kept"
    UPDATED = "updated"


@dataclass(frozen=True, kw_only=True)
class Verification:
    """How a state stands to an adoption."""

    phase: Phase
    imported: int
    expected: int
    problems: tuple[str, ...]
    """One line each; none: the next step may be made."""

    def as_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {**vars(self), "phase": self.phase.value, "problems": list(self.problems)}


def verify(exported: Mapping[str, Any], plan: Plan, edits: Sequence[Edit], *, source: str) -> Verification:
    """Hold an exported stack against an adoption.

    Raises:
        OperatorError: when it is no exported stack.
    """
    resources = {one["urn"]: one for one in resources_of(exported, source=source)}
    present = [pair for pair in plan.pairs if pair.urn in resources]
    unedited = missing(exported, edits, source=source)
    phase = _phase(resources, plan, len(present), unedited)
    problems = [
        *_absent(plan, resources, phase),
        *_wrong_ids(present, resources, phase),
        *_strangers(plan, resources, phase),
        *_options(present, resources, phase),
        *_edits(unedited, phase),
    ]
    return Verification(phase=phase, imported=len(present), expected=len(plan.pairs), problems=tuple(problems))


def _phase(resources: Mapping[str, Mapping[str, Any]], plan: Plan, present: int, unedited: Sequence[Edit]) -> Phase:
    if not present:
        return Phase.EMPTY
    # An import notes no dependencies, an update does.
    if any(resources[urn].get("dependencies") for urn in resources) or not plan.created.isdisjoint(resources):
        return Phase.UPDATED
    if present < len(plan.pairs):
        return Phase.IMPORTING
    return Phase.IMPORTED if unedited else Phase.EDITED


def _absent(plan: Plan, resources: Mapping[str, Any], phase: Phase) -> Iterator[str]:
    absent = [pair for pair in plan.pairs if pair.urn not in resources]
    if phase is Phase.EMPTY:
        yield f"none of {counted(len(absent), 'resource')} is imported yet"
    elif absent:
        how = "`adopt rest` writes what is left" if phase is Phase.IMPORTING else "it was imported, and is gone"
        yield f"{counted(len(absent), 'resource')} not imported: {_named(name_of(one.urn) for one in absent)}; {how}"


def _wrong_ids(present: Sequence[Expected], resources: Mapping[str, Mapping[str, Any]], phase: Phase) -> Iterator[str]:
    for pair in present:
        found, kind = resources[pair.urn].get("id", ""), resources[pair.urn]["type"]
        if found not in pair.ids and kind not in _IDS_OF_PROVIDER and not (phase is Phase.UPDATED and kind in _REVISED):
            yield f"{name_of(pair.urn)}: has the id {found}; {pair.ids[0]} of {pair.address} is required"
    twice = Counter(
        (one["type"], one.get("id"))
        for one in resources.values()
        if one.get("custom") and not one["type"].startswith(_WITHOUT_IDS)
    )
    for (kind, found), count in twice.items():
        if count > 1:
            yield f"{kind} {found}: in the state {count} times"


def _strangers(plan: Plan, resources: Mapping[str, Mapping[str, Any]], phase: Phase) -> Iterator[str]:
    known = frozenset(pair.urn for pair in plan.pairs) | (plan.created if phase is Phase.UPDATED else frozenset[str]())
    strangers = [
        urn
        for urn, one in resources.items()
        if one.get("custom") and urn not in known and not one["type"].startswith(_PROVIDER_PREFIX)
    ]
    if strangers:
        yield f"{counted(len(strangers), 'resource')} that nobody expects: {_named(map(name_of, strangers))}"


def _options(present: Sequence[Expected], resources: Mapping[str, Mapping[str, Any]], phase: Phase) -> Iterator[str]:
    is_updated = phase is Phase.UPDATED
    for wanted, word in ((True, "not protected"), (False, "still protected, which the program does not want")):
        found = [
            pair
            for pair in present
            if (pair.protect if is_updated else True) is wanted
            and bool(resources[pair.urn].get("protect")) is not wanted
        ]
        if found:
            yield f"{counted(len(found), 'resource')} {word}: {_named(name_of(pair.urn) for pair in found)}"
    if is_updated:
        bare = [pair for pair in present if pair.depends and not resources[pair.urn].get("dependencies")]
        if bare:
            yield (
                f"{counted(len(bare), 'resource')} without dependencies, although the program gives some: "
                f"{_named(name_of(pair.urn) for pair in bare)}; an update that was stopped goes on with `pulumi up`"
            )


def _edits(unedited: Sequence[Edit], phase: Phase) -> Iterator[str]:
    # An update writes them anew; a name that it did not keep is another id.
    if unedited and phase is not Phase.UPDATED:
        many = counted(len(unedited), "resource")
        names = _named(name_of(one.urn) for one in unedited)
        yield f"the edit of `__defaults` is missing for {many}: an update now would replace {names}"


def _named(names: Iterator[str]) -> str:
    found = list(names)
    more = len(found) - _MOST_NAMED
    return ", ".join(found[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
