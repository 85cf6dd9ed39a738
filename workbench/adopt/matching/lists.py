"""The four lists of a matching: each resource and each instance is in exactly one."""

from collections.abc import Iterator, Mapping, Sequence

from workbench.adopt.matching.following import Claim
from workbench.adopt.matching.pairs import Pairs
from workbench.adopt.matching.values import scalar
from workbench.adopt.matching.words import own_words, words_of
from workbench.adopt.model import Ambiguity, Matching, Pair
from workbench.adopt.types import TYPES, import_id, row_of
from workbench.review.plan_document import PlannedResource

_MOST_CANDIDATES = 3


def listed(pairs: Pairs, claims: Mapping[int, Sequence[Claim]], common: frozenset[str]) -> Matching:
    """Return the lists."""
    shared = _shared(pairs, claims)
    free = [item for item in range(len(pairs.estate.items)) if pairs.owner(item) is None]
    likely_of: dict[str, list[int]] = {}
    for item in free:
        if item not in shared:
            likely_of.setdefault(pairs.estate.items[item].type, []).append(item)
    matched = [_pair(pairs, urn) for urn in pairs.proofs]
    # Nothing is imported by half an id.
    ambiguous = [
        Ambiguity(
            resource=each.resource,
            candidates=[each.found],
            why=f"the same by {each.proof}, but the state lacks a part of what it is imported by",
        )
        for each in matched
        if not each.id
    ]
    program_only: list[PlannedResource] = []
    candidates: set[int] = set()
    for resource in pairs.program.resources:
        if resource.urn in pairs.proofs:
            continue
        likely, why = _likely(pairs, resource, likely_of.get(resource.type, ()), claims, common)
        if likely:
            candidates.update(likely)
            items = [pairs.estate.items[item] for item in likely]
            ambiguous.append(Ambiguity(resource=resource, candidates=items, why=why))
        else:
            program_only.append(resource)
    return Matching(
        matched=[pair for pair in matched if pair.id],
        program_only=program_only,
        state_only=[pairs.estate.items[item] for item in free if item not in candidates],
        ambiguous=ambiguous,
        shared={pairs.estate.items[item].instance.address: names for item, names in shared.items()},
    )


def _pair(pairs: Pairs, urn: str) -> Pair:
    proof = pairs.proofs[urn]
    found = pairs.estate.items[proof.item]
    row = TYPES[found.instance.type]
    return Pair(
        resource=pairs.program.by_urn[urn],
        found=found,
        id=import_id(row, found.instance.attributes) or "",
        proof=proof.words,
    )


def _shared(pairs: Pairs, claims: Mapping[int, Sequence[Claim]]) -> dict[int, list[str]]:
    """Return the instances without a pair that several resources would have, by the resources' names."""
    found: dict[int, list[str]] = {}
    for item, made in claims.items():
        names = sorted({pairs.program.by_urn[claim.urn].name for claim in made})
        row = row_of(pairs.estate.items[item].type)
        if pairs.owner(item) is None and len(names) > 1 and row is not None and row.follow:
            found[item] = names
    return found


def _likely(
    pairs: Pairs,
    resource: PlannedResource,
    of_type: Sequence[int],
    claims: Mapping[int, Sequence[Claim]],
    common: frozenset[str],
) -> tuple[Sequence[int], str]:
    """Return the instances that a resource may be, the likeliest first, and what speaks for the first."""
    row = row_of(resource.type)
    if row is None or row.certain:
        return [], ""
    claimed = {item: claim for item in of_type for claim in claims.get(item, ()) if claim.urn == resource.urn}
    like = [each.name for each in pairs.program.by_type[resource.type]]
    own = own_words(resource.name, like, common)
    scored = [(len(own & words_of(pairs.estate.items[item])) + 9 * (item in claimed), item) for item in of_type]
    best = sorted((entry for entry in scored if entry[0]), key=lambda entry: (-entry[0], entry[1]))
    likely = [item for _, item in best[:_MOST_CANDIDATES]]
    if not likely:
        return [], ""
    if likely[0] in claimed:
        return likely, f"{claimed[likely[0]].words} names it, and others may have it in common"
    shared = min(own & words_of(pairs.estate.items[likely[0]]))
    same = list(_same(pairs, resource, likely[0]))
    alike = f", and the same {', '.join(same)}" if same else ""
    return likely, f"both are called {shared}{alike}"


def _same(pairs: Pairs, resource: PlannedResource, item: int) -> Iterator[str]:
    for name, value in sorted(resource.inputs.items()):
        text = pairs.value(resource, value) if not isinstance(value, dict | list | bool) else None
        if text is not None and text == scalar(pairs.estate.items[item].properties.get(name)):
            yield name
