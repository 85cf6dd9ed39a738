"""Files of secret values: what is read of them, and what is said of those of another form."""

import pytest

from tests.workbench.operations.failing import refused
from workbench.operations.secrets.files import all_values, one_value


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
    assert refused(all_values, content, "f") == [line]


def test_file_is_read_as_yaml_and_as_json() -> None:
    assert all_values(b'{"a": {"b": "c"}}', "f") == all_values(b"a:\n  b: 'c'\n", "f") == {"a": {"b": "c"}}
