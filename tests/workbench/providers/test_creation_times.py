"""The table of creation times: every number has a range, and says what it stands on."""

import json
from pathlib import Path
from typing import Any

import pytest

from workbench.providers import creation_times

TABLE = json.loads(Path(creation_times.__file__).with_suffix(".json").read_text(encoding="utf-8"))
ENTRIES: list[dict[str, Any]] = TABLE["types"]
NAMES = [f"{entry['type'].rsplit(':', 1)[1]} {entry.get('when', '')}".strip() for entry in ENTRIES]


@pytest.mark.parametrize("entry", ENTRIES, ids=NAMES)
def test_number_lies_in_its_range_and_has_the_samples_that_it_claims(entry: dict[str, Any]) -> None:
    lowest, highest = entry["range"]
    assert lowest <= entry["seconds"] <= highest
    claims = {"log": entry["samples"] >= 3, "log-thin": 1 <= entry["samples"] <= 2}
    assert claims.get(entry["confidence"], entry["samples"] == 0)
    assert bool(entry.get("sources")) == (entry["confidence"] in claims)


def test_special_case_stands_before_the_general_one() -> None:
    general: set[str] = set()
    for entry in ENTRIES:
        assert entry["type"] not in general, f"{entry['type']}: never reached"
        if "when" not in entry:
            general.add(entry["type"])
    assert general == {entry["type"] for entry in ENTRIES}
