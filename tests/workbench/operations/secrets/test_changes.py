"""What is said of secrets without AWS: which keys change, what is refused, what lacks, and the file to fill."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, cast

import pytest

from sample_infra.program import PROGRAM
from tests.workbench.operations.scripted import failure
from workbench.aws.secrets_manager.versions import LARGEST_BYTES, NoObjectError, Secret, SecretVersion, SecretVersions
from workbench.aws.shared.errors import AwsError, Reason
from workbench.errors import OperationFailedError, OperatorError
from workbench.operations.secrets.changes import change_secrets, check_names, plan_changes
from workbench.operations.secrets.check import Lack, Need, SecretCheck
from workbench.operations.secrets.files import all_values, one_value
from workbench.operations.secrets.inventory import KeyState, inventory
from workbench.operations.secrets.template import template, template_text
from workbench.operations.secrets.values import fault

NAME, OTHER = list(PROGRAM.secrets.application)[:2]
FIRST, SECOND, *_ = PROGRAM.secrets.application[NAME]
OTHERS_FIRST = PROGRAM.secrets.application[OTHER][0]
AT = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


class Stored:
    """Secrets Manager, as far as it is asked here: what each secret holds; None: nothing, an error: that is raised."""

    def __init__(self, values: Mapping[str, Mapping[str, Any] | Exception | None], **deleted: datetime) -> None:
        self.values, self.deleted = values, deleted
        self.written: list[tuple[str, Mapping[str, Any], str]] = []
        self.is_current = True
        self.refusal: AwsError | None = None
        """Of every write but the first."""

    def secret(self, name: str) -> Secret | None:
        if name not in self.values:
            return None
        return Secret(name=name, arn=f"arn:{name}", changed_at=AT, deleted_on=self.deleted.get("on"))

    def names(self, prefix: str) -> list[str]:
        return [name for name in self.values if name.startswith(prefix)]

    def current(self, name: str) -> SecretVersion | None:
        found = self.values[name]
        if isinstance(found, Exception):
            raise found
        return None if found is None else SecretVersion(id="v1", values=found)

    def replace(self, name: str, values: Mapping[str, Any], *, instead_of: SecretVersion) -> bool:
        if self.written and self.refusal is not None:
            raise self.refusal
        self.written.append((name, values, instead_of.id))
        return self.is_current


def versions(stored: Stored) -> SecretVersions:
    return cast("SecretVersions", stored)


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
    with pytest.raises(OperationFailedError) as raised:
        change_secrets(plan, versions(stored))
    assert raised.value.lines == (
        f"secret {NAME}: somebody else changed it in the meantime; theirs stays, yours was not written",
        f"Written: none. Not written: {NAME}, {OTHER}.",
        "Run the same command again: it writes only what differs by then.",
    )


def test_secret_that_cannot_be_written_ends_it_and_what_was_written_is_named() -> None:
    stored = Stored({NAME: {}, OTHER: {}})
    plan = plan_changes(PROGRAM, {NAME: {FIRST: "a"}, OTHER: {OTHERS_FIRST: "b"}}, versions(stored))
    stored.refusal = failure("secretsmanager:PutSecretValue", Reason.REFUSED)
    with pytest.raises(OperationFailedError) as raised:
        change_secrets(plan, versions(stored))
    assert raised.value.lines == (
        "secretsmanager:PutSecretValue, it: Code: no",
        f"Written: {NAME}. Not written: {OTHER}.",
        "Run the same command again: it writes only what differs by then.",
    )


@pytest.mark.parametrize(
    ("stored", "line"),
    [
        (Stored({}), f"secret {NAME}: not there; `pulumi up` makes it"),
        (Stored({NAME: {}}, on=AT), f"secret {NAME}: to be deleted; `zelly secrets restore {NAME}` keeps it"),
        (Stored({NAME: None}), f"secret {NAME}: made, but not filled; `pulumi up` has to end first"),
    ],
)
def test_secret_that_cannot_be_written_is_refused(stored: Stored, line: str) -> None:
    with pytest.raises(OperatorError) as raised:
        plan_changes(PROGRAM, {NAME: {FIRST: "a"}}, versions(stored))
    assert raised.value.lines == (line,)


def test_secret_is_as_large_as_aws_takes_and_no_larger() -> None:
    room = LARGEST_BYTES - len(f'{{"{FIRST}": ""}}')
    assert plan_changes(PROGRAM, {NAME: {FIRST: "x" * room}}, versions(Stored({NAME: {}}))).pending
    with pytest.raises(OperatorError) as raised:
        plan_changes(PROGRAM, {NAME: {FIRST: "x" * (room + 1)}}, versions(Stored({NAME: {}})))
    assert raised.value.lines == (f"secret {NAME}: would have {LARGEST_BYTES + 1} bytes; allowed: {LARGEST_BYTES}",)


@pytest.mark.parametrize(("value", "came"), [("", "nothing"), ("  ", "white space alone")])
def test_empty_value_is_refused(value: str, came: str) -> None:
    with pytest.raises(OperatorError) as raised:
        plan_changes(PROGRAM, {NAME: {FIRST: value}}, versions(Stored({NAME: {}})))
    assert raised.value.lines == (f"secret {NAME}: {FIRST}: came {came}; a value is required",)


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


NEED = Need(service="api", revision=7, container="app", variable="TOKEN")


def test_lack_names_who_needs_it() -> None:
    lack = Lack(secret="shop/env", key="TOKEN", problem="empty", needed_by=(NEED, NEED))
    assert lack.line == "shop/env TOKEN: empty; needed by api:7/app/TOKEN, api:7/app/TOKEN"
    whole = Lack(secret="shop/env", key="", problem="there is no such secret", needed_by=(NEED,))
    assert whole.line == "shop/env: there is no such secret; needed by api:7/app/TOKEN"
    assert whole.document() == {
        "secret": "shop/env",
        "key": "",
        "problem": "there is no such secret",
        "needed_by": [{"service": "api", "revision": 7, "container": "app", "variable": "TOKEN"}],
    }


@pytest.mark.parametrize(("lacks", "absent", "passed"), [(0, 0, True), (1, 0, False), (0, 1, False), (1, 1, False)])
def test_check_passes_only_where_nothing_lacks_and_every_service_is_known(
    lacks: int, absent: int, passed: bool
) -> None:
    lack = Lack(secret="s", key="K", problem="empty", needed_by=(NEED,))
    assert SecretCheck(checked=9, lacks=(lack,) * lacks, absent_services=("api",) * absent).passed is passed


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("x", None),
        (" \t", "empty"),
        (True, "not text but a boolean"),
        (1, "not text but a number"),
        (1.5, "not text but a number"),
        ({}, "not text but an object"),
        ([], "not text but a list"),
        (None, "not text but null"),
        (date(2026, 5, 4), "not text but date"),
    ],
)
def test_only_text_reaches_a_container_as_it_was_written(value: object, expected: str | None) -> None:
    assert fault({"K": value}, "K") == expected
    assert fault({"L": value}, "K") == "missing"


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


def test_template_has_every_key_with_its_readers_in_one_column() -> None:
    text = template_text(PROGRAM, "staging")
    for secret, keys in PROGRAM.secrets.application.items():
        block = text.split(f"\n\n{secret}:\n", 1)[1].split("\n\n", 1)[0].splitlines()
        assert [line.split(":")[0].strip() for line in block] == list(keys)
        assert len({line.index("  # read by ") for line in block}) == 1
        longest = max(keys, key=len)
        assert f'  {longest}: ""  # read by ' in text
    assert all(value == "" for keys in template(PROGRAM).values() for value in keys.values())


@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"a", "a"), (b"a\n", "a"), (b"a\r\n", "a"), (b"a\n\n", "a\n"), (b" a ", " a ")],
)
def test_one_newline_behind_a_value_is_not_a_part_of_it(content: bytes, expected: str) -> None:
    assert one_value(content, "stdin") == expected


FORM = 'required: {secret: {KEY: "value"}} in YAML or JSON'


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"a: \xff", "f: byte 4 is not UTF-8; text is required"),
        (b"a: {b: 'c'}\nx: [", f"f: line 2: not YAML; {FORM}"),
        (b"a:\n  b: 'c'\n  b: 'd'\n", f"f: line 3: a key stands there twice; {FORM}"),
        (b"a: \x07", f"f: not YAML; {FORM}"),
        (b"just words", f"f: {FORM}"),
        (b"{}", f"f: {FORM}"),
        (b"1: {b: 'c'}", f"f: {FORM}"),
        (b"a: {}", f"f: {FORM}"),
        (b"a: {b: 1}", "f: a: b: came a number; a text in quotes is required"),
        (b"a: {b: }", "f: a: b: came nothing; a text in quotes is required"),
    ],
)
def test_file_of_another_form_is_refused_without_a_part_of_it(content: bytes, line: str) -> None:
    with pytest.raises(OperatorError) as raised:
        all_values(content, "f")
    assert raised.value.lines == (line,)


def test_file_is_read_as_yaml_and_as_json() -> None:
    assert all_values(b'{"a": {"b": "c"}}', "f") == all_values(b"a:\n  b: 'c'\n", "f") == {"a": {"b": "c"}}
