"""The differences of a first update that a setting may settle, and the same matching under another evaluation."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from workbench.adopt.first_up.input_only import is_never_read
from workbench.adopt.first_up.judge import FirstUp
from workbench.adopt.model import Matching
from workbench.adopt.stack_values.candidates import Difference
from workbench.evaluate.secret_values import MASK
from workbench.review.difference.following import Unknown
from workbench.review.plan_document import PlanDocument, Secret


def differences(first_up: FirstUp) -> list[Difference]:
    """Return every property that differs by a plain value: no secret, and none that another resource decides."""
    return [
        Difference(
            urn=judged.resource.urn,
            address=judged.address,
            path=change.path,
            found=change.old,
            wanted=change.new,
        )
        for judged in first_up.judged
        if judged.address is not None
        for change in judged.properties
        if not change.follows and not is_never_read(judged.resource.type, change.top)
        if _is_plain(change.old) and _is_plain(change.new)
    ]


def under(matching: Matching, plan: PlanDocument) -> Matching:
    """Return a matching with the resources of another evaluation; what that does not make is left out."""
    return replace(
        matching,
        matched=[
            replace(pair, resource=plan.by_urn[pair.resource.urn])
            for pair in matching.matched
            if pair.resource.urn in plan.by_urn
        ],
        program_only=[plan.by_urn[one.urn] for one in matching.program_only if one.urn in plan.by_urn],
        ambiguous=[
            replace(one, resource=plan.by_urn[one.resource.urn])
            for one in matching.ambiguous
            if one.resource.urn in plan.by_urn
        ],
    )


def lost(matching: Matching, plan: PlanDocument) -> Sequence[str]:
    """Return the names of matched resources that another evaluation does not make."""
    return [pair.resource.name for pair in matching.matched if pair.resource.urn not in plan.by_urn]


def _is_plain(value: Any) -> bool:
    if isinstance(value, Secret | Unknown):
        return False
    text = json.dumps(value, default=str)
    return "${" not in text and MASK not in text
