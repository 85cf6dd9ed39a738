"""What the pairs refer to on both sides, and what speaks against a pair."""

from collections.abc import Iterator
from dataclasses import dataclass

from workbench.adopt.matching.pairs import Pairs
from workbench.adopt.matching.program import Target
from workbench.adopt.matching.strands import Strand, strands
from workbench.adopt.matching.words import keys_of
from workbench.adopt.types import Row, row_of
from workbench.review.plan_document import PlannedResource

_SECRET_OUTPUTS = ("result", "base64", "hex")
"""The outputs of ``random`` that become passwords and keys."""


@dataclass(frozen=True)
class Claim:
    """A resource that a pair refers to, and the instance that it refers to in the state."""

    urn: str
    item: int
    by: PlannedResource
    strand: Strand

    @property
    def words(self) -> str:
        """The proof."""
        return f"{self.strand.path} of {self.by.name}"


def strands_of(pairs: Pairs, resource: PlannedResource, item: int) -> Iterator[Strand]:
    """Yield the strands of a pair."""
    return strands(pairs, resource, pairs.estate.items[item].properties)


def claims(pairs: Pairs) -> Iterator[Claim]:
    """Yield what each pair refers to, where that is a single thing on both sides.

    Of a list, all but one have to be paired already.
    """
    for urn, proof in pairs.proofs.items():
        resource = pairs.program.by_urn[urn]
        for strand in strands_of(pairs, resource, proof.item):
            yield from _claim(pairs, resource, strand)


def _claim(pairs: Pairs, by: PlannedResource, strand: Strand) -> Iterator[Claim]:
    if len(strand.targets) != len(strand.values):
        return
    left: list[Target] = []
    values = list(strand.values)
    for target in strand.targets:
        known = pairs.expected(target)
        if known is not None and known in values and len(strand.targets) > 1:
            values.remove(known)
        else:
            left.append(target)
    if len(left) != 1:
        return
    (target,) = left
    token = pairs.program.by_urn[target.urn].type
    outputs = _SECRET_OUTPUTS if strand.is_secret else (target.output,)
    found = {item for output in outputs for item in pairs.estate.having(token, output, values[0])}
    if len(found) == 1:
        yield Claim(target.urn, found.pop(), by, strand)


def disagreements(pairs: Pairs, resource: PlannedResource, item: int) -> Iterator[str]:
    """Yield the path of each input whose paired resource is not what the state has there."""
    for strand in strands_of(pairs, resource, item):
        for target in strand.targets:
            known = None if strand.is_secret else pairs.expected(target)
            if known is not None and known not in strand.values:
                yield strand.path


def agreements(pairs: Pairs, resource: PlannedResource, item: int) -> Iterator[str]:
    """Yield the path of each input whose paired resource is what the state has there."""
    for strand in strands_of(pairs, resource, item):
        known = [None if strand.is_secret else pairs.expected(target) for target in strand.targets]
        if all(value is not None and value in strand.values for value in known):
            yield strand.path


def telling_apart(pairs: Pairs, resource: PlannedResource, item: int) -> str | None:
    """Return the property that makes an instance another thing than a resource; None where there is none."""
    row = row_of(resource.type)
    for name in row.telling if row is not None else ():
        wanted, found = pairs.value(resource, resource.inputs.get(name)), pairs.estate.value(item, name)
        if wanted is not None and found is not None and wanted != found:
            return name
    return None


def has_more_in_common(pairs: Pairs, claim: Claim) -> bool:
    """Tell whether others may have the instance in common in the state, where the program makes one for each.

    Those are the resources of the same type that refer to one of their own: each has to be paired, and to refer to
    something else in the state. What has the same key of ``for_each`` as the one that refers to it is its own.
    """
    of_type, path = claim.by.type, claim.strand.path
    at = {each.urn: _targets_at(pairs, each, path) for each in pairs.program.by_type[of_type]}
    if sum(claim.urn in targets for targets in at.values()) != 1:
        return False
    values = list(_values(pairs, claim))
    if any(pairs.estate.pointing(of_type, path, value) > 1 for value in values):
        return True
    row: Row | None = row_of(pairs.program.by_urn[claim.urn].type)
    if row is None or not row.shared or _has_its_key(pairs, claim):
        return False
    return any(pairs.item(urn) is None for urn, targets in at.items() if targets and claim.urn not in targets)


def _has_its_key(pairs: Pairs, claim: Claim) -> bool:
    by = pairs.item(claim.by.urn)
    return by is not None and bool(keys_of(pairs.estate.items[by]) & keys_of(pairs.estate.items[claim.item]))


def _values(pairs: Pairs, claim: Claim) -> Iterator[str]:
    token = pairs.program.by_urn[claim.urn].type
    targets = {target.output for target in claim.strand.targets if target.urn == claim.urn}
    for value in claim.strand.values:
        if any(claim.item in pairs.estate.having(token, output, value) for output in targets):
            yield value


def _targets_at(pairs: Pairs, resource: PlannedResource, path: str) -> set[str]:
    return {target.urn for at, target in pairs.program.targets(resource) if at == path}
