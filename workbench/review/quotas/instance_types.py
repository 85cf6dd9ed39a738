"""The vCPUs of an EC2 instance type and the quota that they count against, read off its name."""

import re

from zelly_components.limits.instance_type import INSTANCE_TYPE_PATTERN

_STANDARD_FAMILIES = frozenset("acdhimrtz")
"""The families that the quota of Standard instances is named for."""
_OTHER_QUOTAS = frozenset({"dl", "hpc", "inf", "trn"})
"""Families that begin like a Standard one and have a quota of their own ("Amazon EC2 endpoints and quotas")."""

_NAMED_SIZES = {"nano": 2, "micro": 2, "small": 2, "medium": 2, "large": 2, "xlarge": 4}
"""Of the burstable T3, T3a and T4g ("Specifications for Amazon EC2 general purpose instances")."""
_OTHER_SIZES = {"medium": 1, "large": 2, "xlarge": 4}
_IRREGULAR = {
    "c1.medium": 2,
    "c1.xlarge": 8,
    "c4.8xlarge": 36,
    "d2.8xlarge": 36,
    "m2.xlarge": 2,
    "m2.2xlarge": 4,
    "m2.4xlarge": 8,
    "t1.micro": 1,
}
_T2_SIZES = {"nano": 1, "micro": 1, "small": 1, "medium": 2, "large": 2, "xlarge": 4}


def standard_vcpus(instance_type: str) -> int | None:
    """Return the vCPUs that an instance takes of the quota of Standard instances.

    None: one of another quota, or one whose name does not tell (a whole machine, ``metal``).
    """
    parts = re.fullmatch(INSTANCE_TYPE_PATTERN, instance_type)
    if parts is None or parts["family"][0] not in _STANDARD_FAMILIES or parts["family"] in _OTHER_QUOTAS:
        return None
    if instance_type in _IRREGULAR:
        return _IRREGULAR[instance_type]
    size = instance_type.partition(".")[2]
    if (multiple := re.fullmatch(r"(\d+)xlarge", size)) is not None:
        return 4 * int(multiple[1])
    if parts["family"] == "t":
        return (_T2_SIZES if parts["generation"] == "2" else _NAMED_SIZES).get(size)
    return _OTHER_SIZES.get(size)
