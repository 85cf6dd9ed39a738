"""Changes of secrets: what becomes of each key, what is refused, and what is written."""

import pytest

from sample_infra.program import PROGRAM
from tests.workbench.operations.failing import failed, failure, refused
from tests.workbench.operations.secrets.stored import AT, FIRST, NAME, OTHER, OTHERS_FIRST, SECOND, Stored, versions
from workbench.aws.secrets_manager.versions import LARGEST_BYTES
from workbench.aws.shared.errors import Reason
from workbench.operations.secrets.changes import change_secrets, check_names, plan_changes


def test_plan_says_what_becomes_of_each_key_and_writes_what_differs() -> None:
    stored = Stored(
        {
            NAME: {FIRST: "same", SECOND: " ", "more": "1", "again": "2"},
            OTHER: {OTHERS_FIRST: None, "x": 1, "kept": "k"},
        }
    )
    given = {NAME: {FIRST: "same"}, OTHER: {OTHERS_FIRST: "now", "x": "1", "y": "2"}}
    plan = plan_changes(PROGRAM, given, versions(stored), new_keys=True)
    assert plan.lines() == [
        f"{NAME}:",
        f"  {FIRST}: unchanged",
        "  others that stay as they are: 3",
        f"{OTHER}:",
        f"  {OTHERS_FIRST}: filled",
        "  x: changed",
        "  y: added",
        "  others that stay as they are: 1",
    ]
    assert plan.document()["secrets"] == [
        {"secret": NAME, "keys": {FIRST: "unchanged"}},
        {"secret": OTHER, "keys": {OTHERS_FIRST: "filled", "x": "changed", "y": "added"}},
    ]
    assert [change.name for change in plan.pending] == [OTHER]
    change_secrets(plan, versions(stored))
    # What is written takes the place of the whole secret: keys that are not given are in it too.
    assert stored.written == [(OTHER, {OTHERS_FIRST: "now", "x": "1", "kept": "k", "y": "2"}, "v1")]


def test_key_that_held_white_space_is_filled() -> None:
    plan = plan_changes(PROGRAM, {NAME: {SECOND: "now"}}, versions(Stored({NAME: {SECOND: " "}})))
    assert [state.value for state in plan.secrets[0].keys.values()] == ["filled"]


def test_what_somebody_else_changed_meanwhile_is_not_written_and_the_rest_is_named() -> None:
    stored = Stored({NAME: {}, OTHER: {}})
    plan = plan_changes(PROGRAM, {NAME: {FIRST: "a"}, OTHER: {OTHERS_FIRST: "b"}}, versions(stored))
    stored.is_current = False
    assert failed(change_secrets, plan, versions(stored)) == [
        f"secret {NAME}: somebody else changed it in the meantime; theirs stays, yours was not written",
        f"Written: none. Not written: {NAME}, {OTHER}.",
        "Run the same command again: it writes only what differs by then.",
    ]


def test_secret_that_cannot_be_written_ends_it_and_what_was_written_is_named() -> None:
    stored = Stored({NAME: {}, OTHER: {}})
    plan = plan_changes(PROGRAM, {NAME: {FIRST: "a"}, OTHER: {OTHERS_FIRST: "b"}}, versions(stored))
    stored.refusal = failure("secretsmanager:PutSecretValue", Reason.REFUSED)
    assert failed(change_secrets, plan, versions(stored)) == [
        "secretsmanager:PutSecretValue, it: Code: no",
        f"Written: {NAME}. Not written: {OTHER}.",
        "Run the same command again: it writes only what differs by then.",
    ]


@pytest.mark.parametrize(
    ("stored", "line"),
    [
        (Stored({}), f"secret {NAME}: not there; `pulumi up` makes it"),
        (Stored({NAME: {}}, on=AT), f"secret {NAME}: to be deleted; `zelly secrets restore {NAME}` keeps it"),
        (Stored({NAME: None}), f"secret {NAME}: made, but not filled; `pulumi up` has to end first"),
    ],
)
def test_secret_that_cannot_be_written_is_refused(stored: Stored, line: str) -> None:
    assert refused(plan_changes, PROGRAM, {NAME: {FIRST: "a"}}, versions(stored)) == [line]


def test_secret_is_as_large_as_aws_takes_and_no_larger() -> None:
    room = LARGEST_BYTES - len(f'{{"{FIRST}": ""}}')
    assert plan_changes(PROGRAM, {NAME: {FIRST: "x" * room}}, versions(Stored({NAME: {}}))).pending
    assert refused(plan_changes, PROGRAM, {NAME: {FIRST: "x" * (room + 1)}}, versions(Stored({NAME: {}}))) == [
        f"secret {NAME}: would have {LARGEST_BYTES + 1} bytes; allowed: {LARGEST_BYTES}"
    ]


@pytest.mark.parametrize(("value", "came"), [("", "nothing"), ("  ", "white space alone")])
def test_empty_value_is_refused(value: str, came: str) -> None:
    assert refused(plan_changes, PROGRAM, {NAME: {FIRST: value}}, versions(Stored({NAME: {}}))) == [
        f"secret {NAME}: {FIRST}: came {came}; a value is required"
    ]


def test_names_that_are_not_the_operators_are_refused_and_not_repeated() -> None:
    wrong = FIRST[:-1] + ("x" if FIRST[-1] != "x" else "y")
    allowed = f"allowed: {', '.join(PROGRAM.secrets.application[NAME])}"
    new = "--new-key adds one that the catalog does not know"
    lines = check_names(PROGRAM, NAME, [FIRST, "a:b", wrong, "q" * 40], new_keys=False)
    assert lines[0] == f"secret {NAME}: a key is no name of an environment variable (letters, digits and _)"
    assert lines[1].startswith(f"secret {NAME}: unknown key; {allowed} (did you mean ")
    assert lines[2:] == [f"secret {NAME}: unknown key; {allowed}; {new}"]
    assert check_names(PROGRAM, NAME, ["NEW_ONE"], new_keys=True) == []
    assert check_names(PROGRAM, "q" * 40, [], new_keys=False) == [
        f"secret: unknown; allowed: {', '.join(PROGRAM.secrets.application)}"
    ]
