"""Reports fit a width: words stay whole, with their hyphens, so that a command or a name can be copied."""

import pytest

from workbench.operations.lines import wrapped


@pytest.mark.parametrize(
    ("text", "hanging", "lines"),
    [
        ("one two three four five", None, ["- one two three four", "  five"]),
        ("one two three four five", 4, ["- one two three four", "    five"]),
        ("one two three four-five", None, ["- one two three", "  four-five"]),
        ("a-name-that-is-longer-than-the-line x", None, ["- a-name-that-is-longer-than-the-line", "  x"]),
        ("", None, ["-"]),
    ],
)
def test_text_is_put_behind_its_beginning(text: str, hanging: int | None, lines: list[str]) -> None:
    assert wrapped("- ", text, columns=22, hanging=hanging) == lines


def test_text_has_twenty_columns_however_narrow_the_screen_is() -> None:
    text = " ".join(["12345678"] * 4)
    assert wrapped("---------- ", text, columns=10) == [
        "---------- 12345678 12345678",
        "           12345678 12345678",
    ]
    assert wrapped("", "x " * 30, columns=1, hanging=0)[0] == " ".join(["x"] * 10)
