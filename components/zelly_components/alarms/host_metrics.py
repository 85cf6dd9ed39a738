"""Names of a host's metrics in CloudWatch, written by its log group and its agent, read by its alarms and its role."""

AGENT_NAMESPACE = "CWAgent"
"""The namespace in which a host's CloudWatch agent publishes ``mem_used_percent`` and ``disk_used_percent``."""

FAILED_UNITS_NAMESPACE = "FailedUnits"
"""The namespace of failed systemd units, with one metric for each host."""

UNIT_FAILED = ": Failed with result '"
"""The text in systemd's log of a unit that fails, between the unit's name and the reason: a service that could not
start, one that crashed, a mount. (``unit_log_failure`` in systemd's ``src/core/unit.c``.)"""

FAILED_UNITS_PATTERN = f'"{UNIT_FAILED}"'
"""Matches the events that hold exactly this text; quoted, as a term with more than letters and digits has to be.

("Filter and pattern syntax", CloudWatch Logs User Guide.)
"""

ROOT_MOUNT_POINTS = {"root": "/"}
"""The file system that every host has."""

FILE_SYSTEM = "xfs"
"""Amazon Linux 2023's own, and that of every data volume here; the agent tells file systems apart by it."""
