"""Assumptions of a stack about which nobody has assumed anything: it runs all the time, and nothing uses it."""

import types
from collections.abc import Mapping
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

from workbench.review.cost.quantity import HOURS_PER_MONTH
from workbench.review.cost.usage import FOLDER, Assumption, Hours, Usage


def nothing_assumed(region: str) -> Usage:
    """Return the assumptions by which a stack in ``region`` costs what it costs unused."""
    return Usage.model_validate(_values(Usage, region))


def explanation(stack: str) -> str:
    """Return a line about an estimate that stands on no assumptions."""
    return (
        f"There is no {FOLDER}/{stack}.yaml: everything runs all month and nothing uses it. Traffic, load and stored "
        "data cost more."
    )


def _values(section: type[BaseModel], region: str) -> dict[str, Any]:
    return {
        name: _value(field.annotation, region) for name, field in section.model_fields.items() if field.is_required()
    }


def _value(wanted: Any, region: str) -> Any:
    if get_origin(wanted) in (Union, types.UnionType):
        wanted = get_args(wanted)[0]
    if isinstance(wanted, type) and issubclass(wanted, Hours):
        return dict.fromkeys(("low", "expected", "high"), HOURS_PER_MONTH)
    if isinstance(wanted, type) and issubclass(wanted, Assumption):
        return dict.fromkeys(("low", "expected", "high"), 0)
    if isinstance(wanted, type) and issubclass(wanted, BaseModel):
        return _values(wanted, region)
    if get_origin(wanted) is Mapping:
        return {}
    return region if wanted is str else 0
