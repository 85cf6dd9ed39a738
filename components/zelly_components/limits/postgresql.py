"""Limits of RDS for PostgreSQL by version, instance class and storage, as pure functions."""

import re

from zelly_components.limits.errors import LimitError

SMALLEST_STORAGE_GIB, LARGEST_STORAGE_GIB = 20, 65_536
"""Of gp3 ("General Purpose SSD storage", RDS User Guide)."""

STRIPING_GIB = 400
"""From here on RDS stripes a gp3 volume: only then are IOPS and throughput to be given (same page, and the API's own
refusal: "You can't specify IOPS or storage throughput for engine postgres and a storage size less than 400",
hashicorp/terraform-provider-aws#28271)."""
BASELINE_IOPS, LARGEST_IOPS = 12_000, 64_000
BASELINE_THROUGHPUT_MIBPS, LARGEST_THROUGHPUT_MIBPS = 500, 4_000

_AUTOSCALING_PERCENT = 110
"""The least that a maximum has to be above the storage. From memory; RDS advises 126 ("Managing capacity automatically
with Amazon RDS storage autoscaling")."""

_BYTES_PER_CONNECTION = 9_531_392
_LARGEST_CONNECTIONS = 5_000
_FEWEST_CONNECTIONS = 20

_BURSTABLE_GIB = {"micro": 1.0, "small": 2.0, "medium": 4.0, "large": 8.0, "xlarge": 16.0, "2xlarge": 32.0}
_LARGE_GIB = {"m6g": 8.0, "m6i": 8.0, "m7g": 8.0, "m7i": 8.0, "r6g": 16.0, "r6i": 16.0, "r7g": 16.0, "r7i": 16.0}
_TIMES_LARGE = {"large": 1, "xlarge": 2, "2xlarge": 4, "4xlarge": 8, "8xlarge": 16, "12xlarge": 24, "16xlarge": 32}

_CLASSES = {
    **{f"db.{family}.{size}": gib for family in ("t3", "t4g") for size, gib in _BURSTABLE_GIB.items()},
    **{f"db.{family}.{size}": gib * n for family, gib in _LARGE_GIB.items() for size, n in _TIMES_LARGE.items()},
}
"""Memory in GiB by instance class ("Hardware specifications for DB instance classes", RDS User Guide): those of the
EC2 instance types of the same names."""


def class_memory_gib(instance_class: str) -> float:
    """Return the memory of an instance class, of which RDS's own processes take a part.

    Raises:
        LimitError: for a class that is not known here.
    """
    if instance_class not in _CLASSES:
        allowed = "db.t3, db.t4g (micro to 2xlarge), db.m6g to m7i, db.r6g to r7i (large to 16xlarge)"
        raise LimitError("instance_class", instance_class, f"a class of {allowed}, e.g. db.t4g.medium")
    return _CLASSES[instance_class]


def check_connections(max_connections: int, instance_class: str) -> None:
    """Check a number of connections against RDS's own default, which a class's memory is good for.

    The default is ``LEAST({DBInstanceClassMemory/9531392}, 5000)`` ("max_connections", AWS Prescriptive Guidance),
    where the memory is a little less than the class's: the bound here is the largest that it can be.

    Raises:
        LimitError: with the field, what came and what is allowed.
    """
    most = min(int(class_memory_gib(instance_class) * 1024**3) // _BYTES_PER_CONNECTION, _LARGEST_CONNECTIONS)
    if not _FEWEST_CONNECTIONS <= max_connections <= most:
        raise LimitError(
            "max_connections", f"{max_connections} with {instance_class}", f"{_FEWEST_CONNECTIONS} to {most}"
        )


def storage_performance(
    storage_gib: int, *, iops: int | None, throughput_mibps: int | None
) -> tuple[int | None, int | None]:
    """Return the IOPS and the throughput to ask for with gp3 storage of a size.

    Below 400 GiB there are 3,000 and 125 MiB/s, and asking for any is an error; from 400 on there are at least 12,000
    and 500 MiB/s, and they are asked for even where nobody wants more, since leaving them out of a change is an error.

    Raises:
        LimitError: with the field, what came and what is allowed.
    """
    if storage_gib < STRIPING_GIB:
        for field, given in (("iops", iops), ("throughput_mibps", throughput_mibps)):
            if given is not None:
                allowed = f"null below {STRIPING_GIB} GiB, where gp3 has 3000 IOPS and 125 MiB/s"
                raise LimitError(field, f"{given} with {storage_gib} GiB", allowed)
        return None, None
    chosen_iops = BASELINE_IOPS if iops is None else iops
    throughput = BASELINE_THROUGHPUT_MIBPS if throughput_mibps is None else throughput_mibps
    _check_within("iops", chosen_iops, BASELINE_IOPS, LARGEST_IOPS)
    # A quarter of a MiB/s for each of them, at most.
    most = min(LARGEST_THROUGHPUT_MIBPS, chosen_iops // 4)
    _check_within("throughput_mibps", throughput, BASELINE_THROUGHPUT_MIBPS, most)
    return chosen_iops, throughput


def check_storage(storage_gib: int, maximum_storage_gib: int) -> None:
    """Check a size and the one up to which it may grow by itself.

    Raises:
        LimitError: with the field, what came and what is allowed.
    """
    _check_within("storage_gib", storage_gib, SMALLEST_STORAGE_GIB, LARGEST_STORAGE_GIB)
    least = -(-storage_gib * _AUTOSCALING_PERCENT // 100)
    _check_within("maximum_storage_gib", maximum_storage_gib, least, LARGEST_STORAGE_GIB)


def check_retention(backup_retention_days: int) -> None:
    """Check how long the instance can be restored to any second: RDS has at most 35 days, fewer than 7 are too few.

    Raises:
        LimitError: with the field, what came and what is allowed.
    """
    _check_within("backup_retention_days", backup_retention_days, 7, 35)


def major_version(engine_version: str) -> str:
    """Return the major version of a full one: ``16`` for ``16.11``.

    Raises:
        LimitError: when the version is not in full.
    """
    match = re.fullmatch(r"(1[3-9]|[2-9]\d)\.(\d{1,2})", engine_version)
    if match is None:
        raise LimitError("engine_version", engine_version, "a full version such as 16.11")
    return match[1]


def _check_within(field: str, value: int, smallest: int, largest: int) -> None:
    if not smallest <= value <= largest:
        raise LimitError(field, value, f"{smallest} to {largest}")
