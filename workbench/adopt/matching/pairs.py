"""The pairs that were found so far, and what a value of the program is by them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum

from workbench.adopt.matching.estate import Estate
from workbench.adopt.matching.program import Program, Target
from workbench.adopt.matching.values import scalar
from workbench.placeholders import holds_placeholder
from workbench.review.plan_document import PlannedResource

_ANY = re.compile(r"\$\{[^${}]+\}")


class Strength(IntEnum):
    """The strength of a proof: a weaker one falls when something speaks against it."""

    SUPPOSED = 1
    """The only one that it can be."""
    FOLLOWED = 2
    """What a pair refers to on both sides."""
    IDENTICAL = 3
    """There can't be two in AWS, or a person said so."""


@dataclass(frozen=True)
class Proof:
    """Why a resource and an instance are the same."""

    item: int
    strength: Strength
    words: str
    by_name: bool = False
    """Whether the program itself writes out what makes it the same, or a person said so."""


@dataclass
class Pairs:
    """The pairs, by the resource's URN."""

    program: Program
    estate: Estate
    proofs: dict[str, Proof] = field(default_factory=dict[str, Proof])
    _taken: dict[int, str] = field(default_factory=dict[int, str])

    def add(self, urn: str, proof: Proof) -> None:
        """Note a pair."""
        self.proofs[urn] = proof
        self._taken[proof.item] = urn

    def owner(self, item: int) -> str | None:
        """Return the URN of the resource that an instance belongs to."""
        return self._taken.get(item)

    def item(self, urn: str) -> int | None:
        """Return the instance of a resource."""
        proof = self.proofs.get(urn)
        return None if proof is None else proof.item

    def expected(self, target: Target) -> str | None:
        """Return the value in the state of what a placeholder stands for; None where that is not known."""
        item = self.item(target.urn)
        return None if item is None else self.estate.value(item, target.output)

    def value(self, of: PlannedResource, value: object) -> str | None:
        """Return an input's scalar with its placeholders filled; None where one is not known."""
        if not holds_placeholder(value):
            return scalar(value)
        text = str(value)
        for placeholder in set(_ANY.findall(text)):
            target = self.program.target(placeholder, of)
            known = None if target is None else self.expected(target)
            if known is None:
                return None
            text = text.replace(placeholder, known)
        return text

    def of_type(self, type_token: str) -> Iterator[PlannedResource]:
        """Yield the resources of a type that have no pair."""
        return (each for each in self.program.by_type.get(type_token, ()) if each.urn not in self.proofs)

    def free(self, type_token: str) -> Iterator[int]:
        """Yield the instances of a type that have no pair."""
        return (item for item in self.estate.by_type.get(type_token, ()) if item not in self._taken)
