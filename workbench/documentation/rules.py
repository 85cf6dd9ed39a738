"""The rules and the exceptions as tables, between the markers in docs/policy.md."""

import json
from collections.abc import Iterable, Iterator

from workbench.documentation.project import DOCS, ROOT
from workbench.review.rules.exceptions import EXCEPTIONS_FILE, RuleException, read_exceptions
from workbench.review.rules.model import Rule
from workbench.review.rules.table import RULES, SECTIONS

DOCUMENT = DOCS / "policy.md"
CHECKOV_EXCEPTIONS_FILE = EXCEPTIONS_FILE.with_name("checkov.toml")
BEGIN = "<!-- from the table of rules and the exceptions; written by make docs -->"
END = "<!-- end of what is written -->"


def written_into(page: str) -> str:
    """Return the page with what is between its markers replaced."""
    before, _, rest = page.partition(BEGIN)
    tables = "\n".join(_lines())
    return f"{before}{BEGIN}\n\n{tables}\n\n{END}{rest.partition(END)[2]}"


def _lines() -> Iterator[str]:
    answering = sum(bool(rule.controls) for rule in RULES)
    yield "## The rules"
    yield ""
    yield f"{len(RULES)}, of which {answering} answer a control; the others are this platform's own."
    for section, rules in SECTIONS.items():
        yield from ("", f"### {section}", "", "| rule | | severity | answers | way out |", "|---|---|---|---|---|")
        yield from map(_rule, rules)
    files = {"Exceptions": EXCEPTIONS_FILE, "Exceptions from checkov's checks": CHECKOV_EXCEPTIONS_FILE}
    for heading, file in files.items():
        yield from ("", f"## {heading}", "", f"From [{file}](../{file}).", "")
        yield from _exceptions(read_exceptions(ROOT / file))


def _rule(rule: Rule) -> str:
    controls = ", ".join(rule.controls)
    return f"| `{rule.id}` | {_cell(rule.title)} | {rule.severity} | {controls} | {_cell(rule.remediation)} |"


def _exceptions(exceptions: Iterable[RuleException]) -> Iterator[str]:
    yield "| rule | resources | where | until | reason |"
    yield "|---|---|---|---|---|"
    for each in exceptions:
        yield f"| `{each.rule}` | `{each.resources}` | {_where(each)} | {each.expires} | {_cell(each.reason)} |"


def _where(exception: RuleException) -> str:
    values = [f"`{path}: {json.dumps(value)}`" for path, value in exception.where.items()]
    return ", ".join([*(exception.stacks or []), *values])


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*").replace("_", "\\_").replace("<", "&lt;")
