"""The list of secrets: the state of each and of its keys."""

from collections.abc import Mapping
from typing import Any

from sample_infra.program import PROGRAM
from tests.workbench.operations.secrets.stored import AT, FIRST, NAME, OTHER, SECOND, Stored, versions
from workbench.aws.secrets_manager.versions import NoObjectError
from workbench.operations.secrets.inventory import KeyState, inventory


def test_inventory_tells_each_state_of_a_secret_and_of_a_key() -> None:
    held = {FIRST: "x", SECOND: "", "strange": "1"}
    values: dict[str, Mapping[str, Any] | Exception | None] = {NAME: held, OTHER: NoObjectError("no"), "sample/x": None}
    rows = {row.name: row for row in inventory(PROGRAM, versions(Stored(values)))}
    of_first = rows[NAME]
    assert (of_first.state, of_first.owner) == ("present", "operators")
    assert (of_first.keys[FIRST], of_first.keys[SECOND]) == (KeyState.PRESENT, KeyState.EMPTY)
    assert list(of_first.keys.items())[-1] == ("strange", KeyState.UNEXPECTED)
    assert rows[OTHER].state == "no JSON object"
    assert set(rows[OTHER].keys.values()) == {KeyState.MISSING}
    assert (rows["sample/x"].state, rows["sample/x"].owner) == ("without value", None)
    assert {row.state for name, row in rows.items() if name not in values} == {"absent"}
    document = of_first.document()
    assert (document["changed_at"], document["deleted_on"], document["keys"][SECOND]) == (
        "2026-05-04T12:00:00Z",
        None,
        "empty",
    )
    going = next(row for row in inventory(PROGRAM, versions(Stored({NAME: held}, on=AT))) if row.name == NAME)
    assert (going.state, going.keys, going.document()["deleted_on"]) == ("to be deleted", {}, "2026-05-04T12:00:00Z")


def test_number_in_a_secret_is_no_text() -> None:
    (row, *_) = [row for row in inventory(PROGRAM, versions(Stored({NAME: {FIRST: 1}}))) if row.name == NAME]
    assert row.keys[FIRST] is KeyState.NOT_TEXT
