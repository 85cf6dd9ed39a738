"""The ground of the pairs: what the program calls by its name in AWS, and all that hangs together with it.

Two programs of the same shape have much in common that only one of each has: a database, a cache. Without a name that
is this program's own, they are alike and not the same.
"""

from collections.abc import Iterator

from workbench.adopt.matching.following import claims, strands_of
from workbench.adopt.matching.pairs import Pairs, Strength


def ungrounded(pairs: Pairs) -> Iterator[tuple[str, int]]:
    """Yield the pairs that no reference, however indirect, ties to one that is the same by its name."""
    tied: dict[str, set[str]] = {}
    for one, other in _ties(pairs):
        tied.setdefault(one, set()).add(other)
        tied.setdefault(other, set()).add(one)
    waiting = [urn for urn, proof in pairs.proofs.items() if proof.by_name]
    reached = set(waiting)
    while waiting:
        found = tied.get(waiting.pop(), set()) - reached
        reached |= found
        waiting += found
    for urn, proof in pairs.proofs.items():
        if urn not in reached and proof.strength is not Strength.IDENTICAL:
            yield urn, proof.item


def _ties(pairs: Pairs) -> Iterator[tuple[str, str]]:
    """Yield the pairs of which one refers to the other on both sides."""
    for urn, proof in pairs.proofs.items():
        for strand in strands_of(pairs, pairs.program.by_urn[urn], proof.item):
            for target in strand.targets:
                if not strand.is_secret and pairs.expected(target) in strand.values:
                    yield urn, target.urn
    for claim in claims(pairs):
        if pairs.item(claim.urn) == claim.item:
            yield claim.by.urn, claim.urn
