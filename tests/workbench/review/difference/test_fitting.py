"""Texts cut to a length at a place where the Markdown is still whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.review.difference.fitting import cut, fit

NOTE = "\n\n*Left out for length: {} characters; the run has them.*"


def test_text_that_fits_stays_as_it_is() -> None:
    assert cut("twelve chars", 12) == "twelve chars"


def test_folded_blocks_are_left_out_from_the_end() -> None:
    blocks = [f"<details>{letter * 100}</details>" for letter in "abc"]
    text = "\n\n".join(["## top", *blocks])
    assert cut(text, 300) == "\n\n".join(["## top", blocks[0]]) + NOTE.format(2 * len(f"\n\n{blocks[0]}"))


def test_block_within_a_block_is_no_place_to_cut() -> None:
    inner = "\n\n<details>" + "x" * 200 + "</details>"
    assert cut(f"## top\n\n<details>{inner}{inner}</details>", 350) == "## top" + NOTE.format(
        2 * len(inner) + len("\n\n<details></details>")
    )


def test_text_without_folds_loses_its_last_lines() -> None:
    assert cut("\n".join(["line"] * 100), 200) == "\n".join(["line"] * 28) + NOTE.format(360)


@pytest.mark.parametrize(
    ("room", "left"),
    [(14, "line\nline"), (10, "line\nline"), (9, "line"), (5, "line"), (4, ""), (0, ""), (-40, "")],
)
def test_a_line_is_left_whole_or_not_at_all(room: int, left: str) -> None:
    text = "\n".join(["line"] * 30)
    assert cut(text, len(NOTE.format(len(text))) + room) == left + NOTE.format(len(text) - len(left))


def test_short_texts_stay_whole_and_leave_their_room_to_the_long_ones() -> None:
    long = "\n".join(["line"] * 1000)
    first, second, third = fit([long, "short", long], 1005)
    assert second == "short"
    assert (len(first), len(third)) == (len(cut(long, 500)), len(cut(long, 500)))


@given(st.lists(st.text(alphabet="ab\n", max_size=400), min_size=1, max_size=5), st.integers(1000, 1500))
def test_together_they_never_have_more_than_the_limit(texts: list[str], limit: int) -> None:
    fitted = fit(texts, limit)
    assert sum(map(len, fitted)) <= limit
    assert fitted == texts or sum(map(len, texts)) > limit
