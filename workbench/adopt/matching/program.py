"""The program's side: its resources, and the references between them."""

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast

from workbench.placeholders import is_placeholder
from workbench.review.plan_document import PlanDocument, PlannedResource

_PROVIDERS = "pulumi:providers:"


class Target(NamedTuple):
    """What a placeholder stands for."""

    urn: str
    output: str
    """The path of an output: ``arn``, ``domainValidationOptions[example.org].resourceRecordName``."""


class Program:
    """The resources of a plan that a provider makes."""

    def __init__(self, plan: PlanDocument) -> None:
        self.resources = [each for each in plan.resources if each.custom and not each.type.startswith(_PROVIDERS)]
        self.by_urn: Mapping[str, PlannedResource] = {each.urn: each for each in self.resources}
        self._named: dict[str, list[str]] = {}
        for each in self.resources:
            self._named.setdefault(each.name, []).append(each.urn)

    @functools.cached_property
    def by_type(self) -> Mapping[str, Sequence[PlannedResource]]:
        """The resources by type token."""
        found: dict[str, list[PlannedResource]] = {}
        for each in self.resources:
            found.setdefault(each.type, []).append(each)
        return found

    def target(self, value: object, of: PlannedResource) -> Target | None:
        """Return what a value that is a placeholder as a whole stands for; None where that is no resource."""
        return self._target(value[2:-1], of) if isinstance(value, str) and is_placeholder(value) else None

    def targets(self, of: PlannedResource) -> Iterator[tuple[str, Target]]:
        """Yield every placeholder in the inputs that is a whole value, with its path without positions."""
        return self._in(of.inputs, "", of)

    def _in(self, value: Any, path: str, of: PlannedResource) -> Iterator[tuple[str, Target]]:
        if isinstance(value, dict):
            for key, member in cast("Mapping[str, Any]", value).items():
                yield from self._in(member, f"{path}.{key}" if path else key, of)
        elif isinstance(value, list):
            for member in cast("list[Any]", value):
                yield from self._in(member, path, of)
        elif (target := self.target(value, of)) is not None:
            yield path, target

    def _target(self, text: str, of: PlannedResource) -> Target | None:
        # Names have dots of their own, and so have the paths of outputs: the longest name that there is.
        end = text.rfind(".")
        while end > 0:
            urns = self._named.get(text[:end], ())
            if urns:
                meant = next((urn for urn in urns if urn in of.depends_on), urns[0])
                return Target(meant, text[end + 1 :])
            end = text.rfind(".", 0, end)
        return None
