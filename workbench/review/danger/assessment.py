"""Assessment of a difference for a reviewer: what is destroyed, refused or interrupted, the worst first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from workbench.providers.replacement import rules
from workbench.review.danger.in_place import effects
from workbench.review.danger.refusals import Refusal, refusals
from workbench.review.danger.stakes import HARMLESS, STATEFUL, guards, of_replacement
from workbench.review.difference.comparison import Action, Comparison, Order, ResourceChange
from workbench.review.difference.new_components import NewComponent


class Severity(StrEnum):
    """The weight of a finding. In order, the worst first."""

    DESTROYS = "destroys"
    """A state that no new resource has is lost."""
    REFUSED = "refused"
    """Pulumi or AWS refuses: the update ends before it is complete."""
    REPLACES = "replaces"
    """Destroyed and made anew; its ids change, and it is away or twice there meanwhile."""
    INTERRUPTS = "interrupts"
    """Changed in place, with a consequence."""
    UNKNOWN = "unknown"
    """It is not known whether the change replaces."""


ORDER = tuple(Severity)
_STEP_GENERATOR = "pulumi/pulumi pkg/resource/deploy/step_generator.go"
_REPLACEMENT_TABLE = "in_place_or_error of replacement.json: what blocks the delete half of a replacement"
_ON_PURPOSE = "on purpose: docs/recovery.md#replacing-what-is-protected"
DESTRUCTIVE = frozenset({Severity.DESTROYS, Severity.REFUSED, Severity.REPLACES})


class ExitCode(IntEnum):
    """The exit codes of ``plan --against``. 1 is an error and 2 the operator's mistake, as everywhere."""

    SAME = 0
    CHANGES = 3
    DESTRUCTIVE = 4


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that a reviewer has to know."""

    severity: Severity
    words: str
    source: str | None = None
    """The source of the words; None for what the change itself shows."""


@dataclass(frozen=True, kw_only=True)
class Assessed:
    """A change and what there is to know of it."""

    change: ResourceChange
    findings: tuple[Finding, ...]
    """The worst first."""
    harmless: str | None
    """The reason why nobody notices the replacement; None where nothing is replaced, or it is not harmless."""
    refusals: tuple[Refusal, ...]
    """Refusals by AWS, because of where its values come from or of the order of a replacement."""

    @property
    def severity(self) -> Severity | None:
        """The worst of its findings."""
        return self.findings[0].severity if self.findings else None

    @property
    def is_consequence(self) -> bool:
        """Whether it is replaced, without anything being lost, only because something else is."""
        causes = [*(one.follows for one in self.change.replacing), *([()] if self.change.asked_to_be_replaced else [])]
        return self.severity is Severity.REPLACES and bool(causes) and all(causes)


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """A difference and what there is to know of it."""

    comparison: Comparison
    changes: tuple[Assessed, ...]
    """In the order of the comparison."""

    @property
    def dangers(self) -> tuple[Assessed, ...]:
        """The changes with findings: the worst first, and what only follows from another one last of its severity."""
        found = [one for one in self.changes if one.severity is not None]
        return tuple(sorted(found, key=lambda one: (ORDER.index(one.findings[0].severity), one.is_consequence)))

    @property
    def exit_code(self) -> ExitCode:
        """4 when something is destroyed that is not harmless to lose, or refused; 3 for any other change; else 0."""
        if any(one.severity in DESTRUCTIVE for one in self.changes):
            return ExitCode.DESTRUCTIVE
        return ExitCode.CHANGES if self.changes or self.comparison.outputs else ExitCode.SAME


def assess(comparison: Comparison) -> Assessment:
    """Return what there is to know of a difference."""
    refused = refusals(comparison)
    return Assessment(
        comparison=comparison,
        changes=tuple(_assessed(change, comparison, refused.get(change.urn, ())) for change in comparison.changes),
    )


def unfolded(assessment: Assessment, folded: Iterable[NewComponent]) -> list[Assessed]:
    """Return the changes that are in none of these components."""
    inside = {urn for component in folded for urn in component.urns}
    return [one for one in assessment.changes if one.change.urn not in inside]


def reasons(change: ResourceChange) -> str:
    """Return why a resource is replaced: ``cidrBlock changed; vpcId follows shop-vpc``; nothing for another change."""
    by_top: dict[str, list[str]] = {}
    for one in change.replacing:
        by_top.setdefault(one.top, []).extend(one.follows)
    own = [option.name for option in change.options if option.replaces]
    own += [top for top, follows in by_top.items() if not follows]
    changed = [f"{', '.join(own)} changed"] if own else []
    return "; ".join([*changed, *(f"{top} follows {names(follows)}" for top, follows in by_top.items() if follows)])


def names(urns: Iterable[str]) -> str:
    """Return the names in URNs, each once."""
    return ", ".join(dict.fromkeys(urn.rpartition("::")[2] for urn in urns))


def _assessed(change: ResourceChange, comparison: Comparison, refused: tuple[Refusal, ...]) -> Assessed:
    harmless = HARMLESS.get(change.type) if change.action is Action.REPLACED and _in_usual_order(change) else None
    found: list[Finding] = []
    if change.action is Action.REPLACED and (harmless is None or change.refused_by_engine):
        found = [_replaced(change)]
        found += _of_this_replacement(change)
    elif change.action is Action.REMOVED:
        found = list(_removed(change, comparison))
    elif change.action is Action.CHANGED:
        found = list(_changed(change))
    if refused:
        # That it would be replaced says less.
        found = [finding for finding in found if finding.severity is not Severity.REPLACES]
        found += [_refused(change, refusal) for refusal in refused]
    found.sort(key=lambda finding: ORDER.index(finding.severity))
    return Assessed(change=change, findings=tuple(found), harmless=None if refused else harmless, refusals=refused)


def _refused(change: ResourceChange, refusal: Refusal) -> Finding:
    why = f"replaced because {reasons(change)}. " if change.action is Action.REPLACED else ""
    words = f"{why}{refusal.property}: {refusal.words}: AWS answers {refusal.error}, and the update stops there"
    return Finding(severity=Severity.REFUSED, words=words, source=refusal.source)


def _in_usual_order(change: ResourceChange) -> bool:
    """Tell whether the new one is there first, or the provider never makes it so: a gap that nobody asked for hurts."""
    return change.order is Order.CREATE_FIRST or rules()[change.type].always_deletes_first


def _replaced(change: ResourceChange) -> Finding:
    order = (
        "the old one is deleted before the new one is made"
        if change.order is Order.DELETE_FIRST
        else "the new one is made before the old one is deleted"
    )
    return _deletion(change, f"replaced because {reasons(change)}: {order}", Severity.REPLACES)


def _of_this_replacement(change: ResourceChange) -> Iterator[Finding]:
    assert change.old is not None  # noqa: S101 (REPLACED has both)
    assert change.new is not None  # noqa: S101
    stake = of_replacement(change.type, change.old.comparable, change.new.comparable)
    if stake is not None:
        yield Finding(severity=Severity.DESTROYS, words=stake.lost, source=stake.source)


def _removed(change: ResourceChange, comparison: Comparison) -> Iterator[Finding]:
    if change.type not in STATEFUL and not change.refused_by_engine:
        return
    words = "removed"
    if similar := [other.name for other in comparison.of(Action.ADDED) if other.type == change.type]:
        words += f" (added of the same type: {', '.join(similar)}; if it is this one renamed, give that an Alias)"
    yield _deletion(change, words, Severity.REPLACES)


def _deletion(change: ResourceChange, words: str, otherwise: Severity) -> Finding:
    """Return the finding for a resource that is deleted; of severity ``otherwise`` when nothing is lost with it."""
    stake = STATEFUL.get(change.type)
    lost = "" if stake is None else f". Lost: {_lost(change)}"
    if change.refused_by_engine:
        refused = f"Pulumi refuses in the preview, since it is protected ({_ON_PURPOSE})"
        return Finding(severity=Severity.REFUSED, words=f"{words}; {refused}{lost}", source=_STEP_GENERATOR)
    if not change.resource.retain_on_delete and (certain := _refusals_of_aws(change)):
        refused = f"{'; '.join(certain)}, and the update ends there, half done ({_ON_PURPOSE})"
        return Finding(severity=Severity.REFUSED, words=f"{words}; {refused}{lost}", source=_REPLACEMENT_TABLE)
    if stake is None or change.resource.retain_on_delete:
        return Finding(severity=otherwise, words=f"{words}{lost}")
    return Finding(severity=Severity.DESTROYS, words=f"{words}{lost}", source=stake.source)


def _lost(change: ResourceChange) -> str:
    assert change.old is not None  # noqa: S101 (only asked of what there was)
    if change.resource.retain_on_delete:
        return "nothing at AWS (retainOnDelete), but Pulumi no longer knows the old one"
    perhaps = [guard.words for guard in guards(change.type, change.old.inputs) if not guard.is_certain]
    return "; ".join([STATEFUL[change.type].lost, *perhaps])


def _refusals_of_aws(change: ResourceChange) -> list[str]:
    """Return why AWS will refuse to delete the old one, which it does only when its turn comes."""
    assert change.old is not None  # noqa: S101 (only asked of what there was)
    return [guard.words for guard in guards(change.type, change.old.inputs) if guard.is_certain]


def _changed(change: ResourceChange) -> Iterator[Finding]:
    assert change.old is not None  # noqa: S101 (CHANGED has both)
    assert change.new is not None  # noqa: S101
    if not change.known and change.properties:
        yield Finding(severity=Severity.UNKNOWN, words="not known whether this changes in place or replaces it")
    if any(option.name == "protect" and not option.new for option in change.options):
        yield Finding(
            severity=Severity.INTERRUPTS, words="no longer protected: a later update may delete or replace it"
        )
    tops = list(dict.fromkeys(one.top for one in change.properties))
    for effect in effects(change.type, tops, change.old.comparable, change.new.comparable):
        severity = Severity.REFUSED if effect.refused else Severity.INTERRUPTS
        yield Finding(severity=severity, words=f"{effect.property}: {effect.words}", source=effect.source)
