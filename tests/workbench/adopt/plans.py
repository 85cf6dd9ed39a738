"""Small plans, and what comes of them beside a state."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.workbench.adopt.states import state
from workbench.adopt.matching import Confirmed, match
from workbench.adopt.model import Matching
from workbench.adopt.rules import with_rules
from workbench.adopt.translation import translated
from workbench.review.plan_document import PlanDocument, PlannedResource, plan_format

_STACK = "urn:pulumi:live::shop::"


def urn(token: str, name: str) -> str:
    """Return the URN of a resource."""
    return f"{_STACK}{token}::{name}"


def planned(
    token: str, name: str, inputs: Mapping[str, Any], *, made_of: Mapping[str, Sequence[str]] | None = None
) -> PlannedResource:
    """Return a resource; ``made_of`` has the URNs of what its secrets come from, by input."""
    return PlannedResource(
        urn=urn(token, name),
        type=token,
        name=name,
        parent=None,
        custom=True,
        inputs=dict(inputs),
        secret_digests={},
        depends_on=[],
        property_dependencies={key: list(urns) for key, urns in (made_of or {}).items()},
        aliases=[],
        provider=None,
        protect=False,
        ignore_changes=[],
        replace_on_changes=[],
        replacement_trigger=None,
        retain_on_delete=False,
        delete_before_replace=False,
    )


def plan(*resources: PlannedResource) -> PlanDocument:
    """Return a plan of some resources."""
    return PlanDocument(
        format=plan_format(), version=1, stack="live", region="eu-west-1", resources=list(resources), outputs={}
    )


def matched(
    resources: Sequence[PlannedResource],
    instances: Sequence[Mapping[str, Any]],
    *,
    confirmed: Sequence[Confirmed] = (),
    rules: Sequence[Mapping[str, Any]] = (),
) -> Matching:
    """Return the matching of some resources with some of Terraform's."""
    found = with_rules(state(*instances), rules)
    return match(plan(*resources), [translated(each) for each in found.managed], confirmed)


def addresses(matching: Matching) -> dict[str, str]:
    """Return the address of each resource that is paired, by logical name."""
    return {pair.resource.name: pair.found.instance.address for pair in matching.matched}


def proofs(matching: Matching) -> dict[str, str]:
    """Return the proof of each pair, by logical name."""
    return {pair.resource.name: pair.proof for pair in matching.matched}
