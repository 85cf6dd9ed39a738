"""Ends of support, as data: until when releases are kept by those who make them.

A date is the first day without fixes that its source names, or that follows from the rule that the source gives. Each
kind of store has those of its own releases; here are those of what is no store.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class End:
    """The end of a release's support."""

    on: date | None
    """None: no day is announced."""
    source: str
    read: date
    """When that was looked up."""


_READ = date(2026, 11, 30)


def end(source: str, on: date | None) -> End:
    """Return an end that was looked up when all of them were."""
    return End(on=on, source=source, read=_READ)


ENDS: Mapping[tuple[str, str], End] = {
    ("Amazon Linux", "2023"): end(
        "AL2023 User Guide, Release cadence: end of the maintenance phase", date(2029, 6, 30)
    ),
    ("Node.js", "20"): end("nodejs/Release, README: end of life", date(2026, 4, 30)),
    ("Node.js", "22"): end("nodejs/Release, README: end of life", date(2027, 4, 30)),
    ("Node.js", "24"): end("nodejs/Release, README: end of life", date(2028, 4, 30)),
    ("Python", "3.12"): end("PEP 693: security fixes until approximately October 2028", date(2028, 10, 31)),
    ("Python", "3.13"): end("PEP 719: security fixes until approximately October 2029", date(2029, 10, 31)),
}
"""By product and release."""
