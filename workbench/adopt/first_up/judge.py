"""The first update after an import, property by property: what it replaces, changes, makes, and what is harmless."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from workbench.adopt.first_up.input_only import ACTING, INPUT_ONLY
from workbench.adopt.first_up.known import Known
from workbench.adopt.first_up.masked import masked
from workbench.adopt.first_up.translated import autonamed, found_inputs, wanted_inputs
from workbench.adopt.model import Matching, Pair
from workbench.review.danger.assessment import Assessed, ExitCode, Severity, assess, reasons
from workbench.review.danger.stakes import HARMLESS
from workbench.review.difference.comparison import Action, Comparison, PropertyChange, compare
from workbench.review.difference.following import Unknown
from workbench.review.plan_document import PlanDocument, PlannedResource, Secret

REVISIONS = frozenset(
    {
        "aws:ecs/taskDefinition:TaskDefinition",
        "aws:secretsmanager/secretVersion:SecretVersion",
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        "aws:acm/certificateValidation:CertificateValidation",
    }
)
"""Types of which AWS keeps the old one, or has none: whatever changes in them is a new revision."""

_ANEW = "(a name that Pulumi makes anew)"
_WRITTEN_BACK = "only tells the provider what to do: an update without a call to AWS, once"


class Fate(StrEnum):
    """The fate of a resource. In order, the worst first."""

    REPLACED = "replaced"
    REFUSED = "refused"
    CHANGED = "changed"
    CREATED = "created"
    HARMLESS = "harmless"


@dataclass(frozen=True, kw_only=True)
class KeptName:
    """A name that the program leaves to Pulumi and that the resource has already."""

    pair: Pair
    property: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One resource that the first update does not leave as it is."""

    fate: Fate
    resource: PlannedResource
    address: str | None
    """Terraform's; None for a resource that is made."""
    properties: tuple[PropertyChange, ...]
    """Those that differ; of a resource that is made none."""
    why: str
    """In words: what replaces it, why it is harmless, what else is to be known."""

    @property
    def replacing(self) -> tuple[str, ...]:
        """The inputs whose difference replaces it, each once."""
        return tuple(dict.fromkeys(change.top for change in self.properties if change.replaces))


@dataclass(frozen=True, kw_only=True)
class FirstUp:
    """What the first ``pulumi up`` does once everything that is proved has been imported."""

    comparison: Comparison
    """The state as the old side, the plan as the new one."""
    judged: tuple[Judged, ...]
    """The worst first."""
    kept_names: tuple[KeptName, ...]
    """Kept only by the edit of ``__defaults``; without it each of them is replaced."""

    def of(self, fate: Fate) -> tuple[Judged, ...]:
        """Return the resources of one fate."""
        return tuple(each for each in self.judged if each.fate is fate)

    @property
    def unchanged(self) -> int:
        """The number of imported resources that stay as they are."""
        return self.comparison.unchanged

    @property
    def exit_code(self) -> ExitCode:
        """4 when something is replaced or refused, 3 when anything else differs, else 0."""
        if self.of(Fate.REPLACED) or self.of(Fate.REFUSED):
            return ExitCode.DESTRUCTIVE
        return ExitCode.CHANGES if self.judged else ExitCode.SAME

    def as_json(self) -> dict[str, Any]:
        """Return it as a JSON object, every secret masked."""
        return {
            "exit_code": int(self.exit_code),
            "counts": {**{fate.value: len(self.of(fate)) for fate in Fate}, "same": self.unchanged},
            **{fate.value: [_judged_json(each) for each in self.of(fate)] for fate in Fate},
            "kept_names": [
                {
                    "name": kept.pair.resource.name,
                    "type": kept.pair.resource.type,
                    "address": kept.pair.found.instance.address,
                    "property": kept.property,
                    "value": kept.value,
                }
                for kept in self.kept_names
            ],
        }


def judge_first_up(
    matching: Matching,
    plan: PlanDocument,
    *,
    plain: Mapping[str, Mapping[str, Any]] | None = None,
    defaults_edited: bool = True,
) -> FirstUp:
    """Judge the first update of a matching's pairs.

    ``plain`` has the inputs with their secrets, by URN, as an evaluation knows them; a secret is otherwise never known
    to be the same. ``defaults_edited`` tells whether the edit of ``__defaults`` is made before.
    """
    known = Known(matching.matched, {resource.name for resource in plan.resources})
    old: list[PlannedResource] = [resource for resource in plan.resources if _is_about(resource)]
    new: list[PlannedResource] = []
    pairs = {pair.resource.urn: pair for pair in matching.matched}
    for resource in plan.resources:
        pair = pairs.get(resource.urn)
        inputs = (plain or {}).get(resource.urn, resource.inputs)
        provider = plan.by_urn.get(resource.provider or "")
        wanted = wanted_inputs(resource, inputs, provider) if pair is not None else inputs
        new.append(_wanting(resource, wanted, renamed=pair is not None and not defaults_edited))
        if pair is not None:
            old.append(_found(pair, wanted, known, with_name=not defaults_edited))
    comparison = compare(_with(plan, old), _with(plan, new), base="the Terraform state")
    maybe_there = {ambiguity.resource.urn: ambiguity.why for ambiguity in matching.ambiguous}
    judged = [_judged(each, pairs, maybe_there) for each in assess(comparison).changes]
    return FirstUp(
        comparison=comparison,
        judged=tuple(sorted(judged, key=lambda each: (tuple(Fate).index(each.fate), each.resource.urn))),
        kept_names=tuple(kept_names(matching.matched)),
    )


def kept_names(pairs: Sequence[Pair]) -> list[KeptName]:
    """Return the names that Pulumi would make anew, were it not told that they are its own."""
    return [
        KeptName(pair=pair, property=name, value=f"{value}")
        for pair in pairs
        if (name := autonamed(pair.resource)) is not None and (value := pair.found.properties.get(name))
    ]


def _is_about(resource: PlannedResource) -> bool:
    """Tell whether a resource is none of AWS's: a component, a provider, the stack."""
    return not resource.custom or resource.type.startswith("pulumi:")


def _wanting(resource: PlannedResource, wanted: Mapping[str, Any], *, renamed: bool) -> PlannedResource:
    """Return a resource with what its provider adds; what the program gives is there already, its secrets masked."""
    added = {name: value for name, value in wanted.items() if name == "tags" or name not in resource.inputs}
    if renamed and (name := autonamed(resource)) is not None:
        added[name] = _ANEW
    return copy_of(resource, inputs={**resource.inputs, **added})


def _found(pair: Pair, wanted: Mapping[str, Any], known: Known, *, with_name: bool) -> PlannedResource:
    found = found_inputs(pair, wanted, known)
    if with_name and (name := autonamed(pair.resource)) is not None and name in pair.found.properties:
        found[name] = pair.found.properties[name]
    inputs, digests = masked(pair.resource, wanted, found, pair.found.instance)
    return copy_of(pair.resource, inputs=inputs, secret_digests=digests)


def copy_of(resource: PlannedResource, **update: Any) -> PlannedResource:
    """Return a copy, without what was computed of the original."""
    fields = {name: getattr(resource, name) for name in PlannedResource.model_fields}
    return PlannedResource.model_construct(**{**fields, **update})


def _with(plan: PlanDocument, resources: list[PlannedResource]) -> PlanDocument:
    return PlanDocument(
        format=plan.format,
        version=plan.version,
        stack=plan.stack,
        region=plan.region,
        resources=resources,
        outputs={},
    )


def _judged(assessed: Assessed, pairs: Mapping[str, Pair], maybe_there: Mapping[str, str]) -> Judged:
    change = assessed.change
    pair = pairs.get(change.urn)
    fate, why = _fate(assessed)
    if change.action is Action.ADDED and change.urn in maybe_there:
        why = f"it may be there already: {maybe_there[change.urn]}"
    return Judged(
        fate=fate,
        resource=change.resource,
        address=None if pair is None else pair.found.instance.address,
        properties=change.properties,
        why=why,
    )


def _fate(assessed: Assessed) -> tuple[Fate, str]:
    change = assessed.change
    words = "; ".join(finding.words for finding in assessed.findings)
    if change.action is Action.ADDED:
        return Fate.CREATED, words
    if change.type in REVISIONS:
        return Fate.HARMLESS, HARMLESS[change.type]
    tops = {one.top for one in change.properties}
    if tops and tops <= INPUT_ONLY.get(change.type, frozenset()):
        return Fate.HARMLESS, _WRITTEN_BACK
    if any(finding.severity is Severity.REFUSED for finding in assessed.findings):
        return Fate.REFUSED, words
    if change.action is Action.REPLACED:
        return Fate.REPLACED, words or f"{reasons(change)}: {assessed.harmless}"
    acting = [f"{top}: {ACTING[change.type, top]}" for top in sorted(tops) if (change.type, top) in ACTING]
    return Fate.CHANGED, "; ".join([words, *acting] if words else acting)


def _judged_json(judged: Judged) -> dict[str, Any]:
    return {
        "name": judged.resource.name,
        "type": judged.resource.type,
        "address": judged.address,
        "why": judged.why,
        "properties": [
            {
                "path": change.path,
                "kind": change.kind.name.lower(),
                "old": _shown(change.old),
                "new": _shown(change.new),
                "replaces": change.replaces,
            }
            for change in judged.properties
        ],
    }


def _shown(value: Any) -> Any:
    return f"{value}" if isinstance(value, Secret | Unknown) else value
