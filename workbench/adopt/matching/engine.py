"""The tiers of matching, one after the other until none finds anything more; what is contradicted falls."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from workbench.adopt.matching.confirmed import Confirmed
from workbench.adopt.matching.estate import Estate
from workbench.adopt.matching.following import (
    Claim,
    agreements,
    claims,
    disagreements,
    has_more_in_common,
    telling_apart,
)
from workbench.adopt.matching.keys import key_of_item, key_of_resource
from workbench.adopt.matching.lists import listed
from workbench.adopt.matching.pairs import Pairs, Proof, Strength
from workbench.adopt.matching.program import Program
from workbench.adopt.matching.words import common_words, words_in, words_of
from workbench.adopt.model import Matching, Translated
from workbench.adopt.types import Key, Row, row_of
from workbench.errors import OperatorError
from workbench.review.plan_document import PlanDocument, PlannedResource


def match(plan: PlanDocument, items: Sequence[Translated], confirmed: Sequence[Confirmed] = ()) -> Matching:
    """Pair the resources of a plan with the instances of a state.

    Raises:
        OperatorError: for a confirmed pair that is wrong or stale, with file and line.
    """
    run = _Run(Program(plan), Estate(items), confirmed)
    pairs = run.pairs()
    return listed(pairs, run.claims_of(pairs), run.common)


class _Run:
    def __init__(self, program: Program, estate: Estate, confirmed: Sequence[Confirmed]) -> None:
        self._program, self._estate, self._confirmed = program, estate, confirmed
        self._banned: set[tuple[str, int]] = set()
        self.common = common_words(program)

    def pairs(self) -> Pairs:
        """Return the pairs that nothing speaks against."""
        while True:
            pairs = Pairs(self._program, self._estate)
            self._confirm(pairs)
            tiers: Sequence[Callable[[Pairs], bool]] = (self._identical, self._followed, self._supposed)
            while any(tier(pairs) for tier in tiers):
                pass
            fallen = self._contradicted(pairs)
            if not fallen:
                return pairs
            self._banned |= fallen

    def claims_of(self, pairs: Pairs) -> dict[int, list[Claim]]:
        """Return what the pairs refer to, by instance."""
        found: dict[int, list[Claim]] = {}
        for claim in claims(pairs):
            found.setdefault(claim.item, []).append(claim)
        return found

    def _confirm(self, pairs: Pairs) -> None:
        for each in self._confirmed:
            resource = next((one for one in self._program.resources if one.name == each.name), None)
            if resource is None:
                raise OperatorError(f"{each.where}: {each.name}: the program makes no such resource")
            item = self._item(each, resource)
            if pairs.item(resource.urn) is not None:
                raise OperatorError(f"{each.where}: {each.name}: confirmed twice")
            if pairs.owner(item) is not None:
                raise OperatorError(f"{each.where}: {each.address}: confirmed twice")
            pairs.add(resource.urn, Proof(item, Strength.IDENTICAL, f"confirmed in {each.where}"))

    def _item(self, confirmed: Confirmed, resource: PlannedResource) -> int:
        found = [
            position
            for position, item in enumerate(self._estate.items)
            if confirmed.address in (item.instance.address, item.instance.part or None)
        ]
        if not found:
            raise OperatorError(f"{confirmed.where}: {confirmed.address}: the state has no such instance")
        fitting = [item for item in found if self._estate.items[item].type == resource.type]
        if not fitting:
            raise OperatorError(
                f"{confirmed.where}: {confirmed.address}: came {self._estate.items[found[0]].instance.type}; "
                f"{confirmed.name} is {resource.type}"
            )
        if len(fitting) > 1:
            raise OperatorError(
                f"{confirmed.where}: {confirmed.address}: stands for {len(fitting)} things; name its id"
            )
        return fitting[0]

    def _identical(self, pairs: Pairs) -> bool:
        """Pair what has the same key."""
        return self._by_keys(pairs, lambda row: row.keys, Strength.IDENTICAL)

    def _followed(self, pairs: Pairs) -> bool:
        """Pair what pairs refer to: one resource and one instance, from whatever side one looks."""
        found = list(claims(pairs))
        resources: dict[int, set[str]] = {}
        items: dict[str, set[int]] = {}
        for claim in found:
            resources.setdefault(claim.item, set()).add(claim.urn)
            items.setdefault(claim.urn, set()).add(claim.item)
        added = False
        for claim in found:
            if pairs.item(claim.urn) is not None or pairs.owner(claim.item) is not None:
                continue
            alone = len(resources[claim.item]) == len(items[claim.urn]) == 1
            if alone and self._may_follow(pairs, claim):
                pairs.add(claim.urn, Proof(claim.item, Strength.FOLLOWED, claim.words))
                added = True
        return added

    def _may_follow(self, pairs: Pairs, claim: Claim) -> bool:
        resource = self._program.by_urn[claim.urn]
        row = row_of(resource.type)
        return (
            row is not None
            and row.follow
            and (claim.urn, claim.item) not in self._banned
            and telling_apart(pairs, resource, claim.item) is None
            and not has_more_in_common(pairs, claim)
        )

    def _supposed(self, pairs: Pairs) -> bool:
        """Pair the only ones: of what belongs together as a rule, then of a type."""
        return self._by_keys(pairs, lambda row: row.sole, Strength.SUPPOSED) or self._only_ones(pairs)

    def _by_keys(self, pairs: Pairs, keys_of: Callable[[Row], Sequence[Key]], strength: Strength) -> bool:
        added = False
        for token in self._program.by_type:
            row = row_of(token)
            for key in keys_of(row) if row is not None else ():
                added |= self._by_key(pairs, token, key, strength)
        return added

    def _by_key(self, pairs: Pairs, token: str, key: Key, strength: Strength) -> bool:
        # Those that are paired count as well: a key that two have proves nothing.
        resources = [(key_of_resource(pairs, each, key), each) for each in self._program.by_type[token]]
        items = [(key_of_item(self._estate, each, key), each) for each in self._estate.by_type.get(token, ())]
        counts = (Counter(values for values, _ in resources), Counter(values for values, _ in items))
        by_key = {values: item for values, item in items if values is not None}
        added = False
        for values, resource in resources:
            item = None if values is None else by_key.get(values)
            if item is None or any(count[values] != 1 for count in counts):
                continue
            if pairs.item(resource.urn) is None and pairs.owner(item) is None:
                words = _words(key, values or ())
                added |= self._add(pairs, resource, Proof(item, strength, words))
        return added

    def _only_ones(self, pairs: Pairs) -> bool:
        added = False
        for token, resources in self._program.by_type.items():
            items = self._estate.by_type.get(token, ())
            if len(resources) != 1 or len(items) != 1 or pairs.item(resources[0].urn) is not None:
                continue
            evidence = self._evidence(pairs, resources[0], items[0])
            if evidence is not None and pairs.owner(items[0]) is None:
                words = f"the only one of its type, {evidence}"
                added |= self._add(pairs, resources[0], Proof(items[0], Strength.SUPPOSED, words))
        return added

    def _add(self, pairs: Pairs, resource: PlannedResource, proof: Proof) -> bool:
        if proof.strength is not Strength.IDENTICAL and self._speaks_against(pairs, resource, proof.item):
            return False
        pairs.add(resource.urn, proof)
        return True

    def _speaks_against(self, pairs: Pairs, resource: PlannedResource, item: int) -> bool:
        return (
            (resource.urn, item) in self._banned
            or telling_apart(pairs, resource, item) is not None
            or any(disagreements(pairs, resource, item))
        )

    def _evidence(self, pairs: Pairs, resource: PlannedResource, item: int) -> str | None:
        """Return what speaks for a pair beyond its being the only one."""
        if (path := next(agreements(pairs, resource, item), None)) is not None:
            return f"and {path} is the same"
        row = row_of(resource.type)
        for name in row.evidence if row is not None else ():
            wanted = pairs.value(resource, resource.inputs.get(name))
            if wanted is not None and wanted == self._estate.value(item, name):
                return f"and {name} is {wanted}"
        # Of the type's own words neither side has any.
        shared = (words_in(resource.name) - self.common) & words_of(self._estate.items[item])
        return f"and both are called {min(shared)}" if shared else None

    def _contradicted(self, pairs: Pairs) -> set[tuple[str, int]]:
        """Return the pairs that another pair's references contradict, or their own."""
        fallen: set[tuple[str, int]] = set()
        for urn, proof in pairs.proofs.items():
            resource = self._program.by_urn[urn]
            if proof.strength is not Strength.IDENTICAL and any(disagreements(pairs, resource, proof.item)):
                fallen.add((urn, proof.item))
        for claim in claims(pairs):
            fallen.update(self._against(pairs, claim))
        return fallen

    def _against(self, pairs: Pairs, claim: Claim) -> Iterator[tuple[str, int]]:
        owner, item = pairs.owner(claim.item), pairs.item(claim.urn)
        row = row_of(self._program.by_urn[claim.urn].type)
        if owner == claim.urn or row is None or not row.follow:
            return
        for urn in {owner, claim.urn if item is not None else None} - {None}:
            proof = pairs.proofs[str(urn)]
            if proof.strength is not Strength.IDENTICAL:
                yield str(urn), proof.item


def _words(key: Key, values: Sequence[str]) -> str:
    named = zip(key, values, strict=True)
    return ", ".join(f"{name} {_shown(value)}" for name, value in named if value)


def _shown(value: str) -> str:
    # The rest of an address, such as that of a webhook, may let in whoever has it.
    return re.sub(r"(\w+://)(?:[^/@]*@)?([^/?#]*)[/?#].+", r"\1\2/...", value)
