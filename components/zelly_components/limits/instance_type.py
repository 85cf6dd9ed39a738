"""Facts in the name of an EC2 instance type, as pure functions."""

import re
from typing import Literal, TypeAlias

from zelly_components.limits.allowed_values import INSTANCE_TYPES
from zelly_components.limits.errors import LimitError

INSTANCE_TYPE_PATTERN = r"^(?P<family>[a-z]+)(?P<generation>[0-9]+)(?P<attributes>[a-z]*)(-[a-z0-9]+)?\.[a-z0-9-]+$"
"""The form of a type's name ("Naming conventions", EC2 Instance Types guide); ``u-6tb1`` and its like are not hosts."""


CpuCredits: TypeAlias = Literal["standard", "unlimited"]
"""The behaviour of a burstable instance without CPU credits: slow down to its baseline, or go on for money."""


def check_cpu_credits(instance_type: str, cpu_credits: CpuCredits | None) -> None:
    """Check that a burstable instance has a value for its CPU credits, and another type has none.

    Raises:
        LimitError: with the field, what came and what is allowed.
    """
    # trn1 and trn2 begin with a t as well, and are no T types ("Burstable performance instances", EC2 User Guide).
    burstable = re.match(r"t\d", instance_type) is not None
    if burstable and cpu_credits is None:
        raise LimitError("cpu_credits", f"null with {instance_type}", "standard or unlimited")
    if not burstable and cpu_credits is not None:
        raise LimitError("cpu_credits", f"{cpu_credits} with {instance_type}", "null, as it has no CPU credits")


def architecture(instance_type: str) -> Literal["arm64", "x86_64"]:
    """Return the processor architecture of an instance type, in EC2's words.

    A ``g`` among the attributes after the generation is a Graviton processor, e.g. ``t4g.small``; ``a1`` is one, too
    ("Naming conventions", EC2 Instance Types guide).

    Raises:
        ValueError: for what is no instance type, or not named that way.
    """
    INSTANCE_TYPES.check("instance_type", instance_type)
    parts = re.fullmatch(INSTANCE_TYPE_PATTERN, instance_type)
    assert parts is not None  # noqa: S101 (every type on the list is named that way)
    graviton = "g" in parts["attributes"] or parts["family"] + parts["generation"] == "a1"
    return "arm64" if graviton else "x86_64"
