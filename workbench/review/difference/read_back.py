"""The difference between a plan and what was read of it in AWS, as the typed difference of two plans."""

import copy
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from workbench.review.difference.comparison import Comparison, compare
from workbench.review.plan_document import PlanDocument


def read_back(
    plan: PlanDocument,
    absent: Collection[str],
    differing: Mapping[str, Mapping[str, Any]],
    *,
    unchanged: int,
    base: str,
) -> Comparison:
    """Return what the plan changes in what AWS has.

    ``absent`` are the URNs that AWS lacks, ``differing`` what it has in the place of a resource's inputs. Everything
    else was found as it is planned, or not looked at: ``unchanged`` counts what was found.
    """
    present = [
        resource.model_copy(update={"inputs": {**copy.deepcopy(resource.inputs), **differing.get(resource.urn, {})}})
        for resource in plan.resources
        if resource.urn not in absent
    ]
    found = compare(plan.model_copy(update={"resources": present}), plan, base=base)
    changes = tuple(change for change in found.changes if change.urn in absent or change.urn in differing)
    # What Pulumi ignores in AWS is no drift, and a component that AWS lacks is listed whole.
    return replace(found, changes=changes, unchanged=unchanged, outputs=(), new_components=(), ignored=())
