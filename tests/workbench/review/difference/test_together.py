"""The reviews of several stacks as one comment."""

import pytest

from workbench.review.difference.markdown import LIMIT
from workbench.review.difference.together import comment_of, marker, section_without_plan

FOOT = "\n\n<sub>Evaluated offline, in no account. What AWS has by now, `pulumi preview` says in the same run.</sub>\n"


def test_each_stacks_part_stands_below_one_marker() -> None:
    assert comment_of(["## production\n", "## staging\n"]) == f"{marker()}\n\n## production\n\n## staging{FOOT}"


def test_the_reason_stands_in_the_place_of_a_plan() -> None:
    assert section_without_plan("staging", ["one", "two"]) == ("## 🛑 staging: no plan\n\n``````text\none\ntwo\n``````")


@pytest.mark.parametrize("count", [1, 3])
def test_parts_that_fill_the_comment_exactly_stay_whole_and_one_letter_more_is_cut(count: int) -> None:
    room = LIMIT - len(f"{marker()}\n\n") - len(FOOT) - len("\n\n") * (count - 1)
    parts = ["x\n" + "y" * (room // count - 2)] * (count - 1)
    last = "x\n" + "y" * (room - sum(map(len, parts)) - 2)
    assert len(comment_of([*parts, last])) == LIMIT
    assert "Left out for length" not in comment_of([*parts, last])
    assert "Left out for length" in comment_of([*parts, last + "y"])


def test_reason_that_nobody_gave_is_said_to_be_missing() -> None:
    assert "\nno reason given\n" in section_without_plan("staging", [" ", ""])


def test_two_plans_that_are_too_long_are_cut_so_that_github_takes_them() -> None:
    block = "<details><summary>one</summary>\n\n" + "x" * 500 + "\n\n</details>"
    long = "\n\n".join(["## 🛑 production: the danger", *[block] * 120])
    found = comment_of([long, "## ✅ staging: no change", long])
    assert LIMIT - 1500 < len(found) <= LIMIT
    assert found.startswith(f"{marker()}\n\n## 🛑 production: the danger\n")
    assert "\n\n## ✅ staging: no change\n\n" in found
    assert found.endswith(FOOT)
    assert found.count("<details>") == found.count("</details>")
