"""Migrations that a restored database lacks: those of releases after the moment that it holds."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from workbench.operations.releases.manifest import Artefact, Manifest, Migrations
from workbench.operations.releases.migrations import migrations_after
from workbench.operations.releases.record import Entry

ARTEFACT = Artefact(sha256="0" * 64, size=1)
NAMES = {"first": ("1_init",), "second": ("1_init", "2_orders"), "third": ("1_init", "2_orders", "3_carts", "4_tax")}

ENTRY = Entry(
    release="",
    commit="c" * 40,
    services={},
    at="",
    by="arn",
    source=None,
    action="deploy",
    service=None,
    hotfix=None,
)
RECORD = [
    replace(ENTRY, release=release, at=f"2026-11-2{day}T12:00:00Z")
    for day, release in ((1, "first"), (2, "second"), (3, "third"))
]


def manifest_of(release: str) -> Manifest | None:
    names = NAMES.get(release)
    if names is None:
        return None
    migrations = Migrations(artefact=ARTEFACT, names=names)
    return Manifest(platform="shop", commit="c" * 40, created="", services={}, migrations=migrations)


@pytest.mark.parametrize(
    ("record", "moment", "expected"),
    [
        (RECORD, datetime(2026, 11, 23, 13, tzinfo=UTC), []),
        (RECORD, datetime(2026, 11, 22, 12, tzinfo=UTC), ["3_carts", "4_tax"]),
        (RECORD, datetime(2026, 11, 21, 13, tzinfo=UTC), ["2_orders", "3_carts", "4_tax"]),
        (RECORD, datetime(2026, 11, 20, tzinfo=UTC), ["1_init", "2_orders", "3_carts", "4_tax"]),
        ([], datetime(2026, 11, 22, tzinfo=UTC), None),
        ([replace(RECORD[0], release="gone"), RECORD[1]], datetime(2026, 11, 21, 13, tzinfo=UTC), None),
        ([RECORD[0], replace(RECORD[1], release="gone")], datetime(2026, 11, 21, 13, tzinfo=UTC), None),
    ],
)
def test_those_of_the_newest_release_that_the_one_at_the_moment_had_not(
    record: Sequence[Entry], moment: datetime, expected: list[str] | None
) -> None:
    assert migrations_after(record, manifest_of, moment) == expected
