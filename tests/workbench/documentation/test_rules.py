"""docs/policy.md, whose tables are written from the rules and the exceptions."""

import re

from workbench.documentation.rules import DOCUMENT, written_into
from workbench.review.rules.table import RULES


def test_page_has_a_line_for_every_rule() -> None:
    page = DOCUMENT.read_text(encoding="utf-8")
    rules = page.partition("## The rules")[2].partition("## Exceptions")[0]
    assert re.findall(r"^\| `(.*?)` \|", rules, re.MULTILINE) == [rule.id for rule in RULES]


def test_a_page_is_written_between_its_markers_alone() -> None:
    page = DOCUMENT.read_text(encoding="utf-8")
    damaged = page.replace("| `vpc-flow-log` |", "| `vpc-flow-logs` |", 1)
    assert damaged != page
    assert written_into(f"above\n{damaged}below\n") == f"above\n{page}below\n"
