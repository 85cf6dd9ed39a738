"""The rules' report in words: lines for a terminal, and Markdown for a pull request's comment."""

import html
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from workbench.counting import counted
from workbench.review.rules.exceptions import RuleException
from workbench.review.rules.model import Rule
from workbench.review.rules.report import Excepted, Finding, Report
from workbench.words import command

_MARKUP = str.maketrans({character: f"&#{ord(character)};" for character in "\\`*_[]|@#"})


def summary(report: Report) -> str:
    """Return one line: how many rules, and what has to be done."""
    excepted = sum(len(each.findings) for each in report.excepted)
    parts = [
        _counted(len({finding.rule for finding in report.broken}), "broken", one="broken"),
        *([_counted(len(report.expired), "expired exceptions", one="expired exception")] if report.expired else []),
        *([_counted(len(report.stale), "stale exceptions", one="stale exception")] if report.stale else []),
        f"{_counted(excepted, 'findings', one='finding')} excepted",
    ]
    return f"{_counted(report.rules, 'rules', one='rule')}: {', '.join(parts)}"


def lines(report: Report, rules: Sequence[Rule], *, every_exception: bool = False) -> Iterator[str]:
    """Yield the report as lines, the summary first: what has to be done, and the exceptions to look at now, or all."""
    by_id = {rule.id: rule for rule in rules}
    yield summary(report)
    for rule_id, found in _by_rule(report.broken):
        rule = by_id[rule_id]
        yield f"  {rule.severity}: {rule.title}{_controls(rule)}: {rule.id}"
        yield from (f"    {finding.name}: {finding.message}" for finding in found)
        yield f"    {rule.remediation}"
    for exception in report.expired:
        yield f"  expired on {exception.expires}: exception from {exception.rule} for {exception.resources}"
    for exception in report.stale:
        yield f"  stale: exception from {exception.rule} for {exception.resources} excepts nothing; take it out"
    shown = _shown(report, every_exception=every_exception)
    for each in shown:
        yield (
            f"  {_state(report, each)} until {each.exception.expires}: {each.exception.rule} for "
            f"{each.exception.resources}, {_counted(len(each.findings), 'findings', one='finding')}: "
            f"{each.exception.reason}"
        )
    if len(shown) < len(report.excepted):
        yield f"  {_folded_exceptions(report, shown)}: --rules lists them"


def _shown(report: Report, *, every_exception: bool) -> list[Excepted]:
    """Return the exceptions to list: what is new, what ends soon, and where all are wanted the others."""
    first = [*report.new, *(each for each in report.ending if each not in report.new)]
    return [*first, *(each for each in report.excepted if each not in first)] if every_exception else first


def _state(report: Report, each: Excepted) -> str:
    if each in report.new:
        return "newly excepted"
    return "excepted, ending soon," if each in report.ending else "excepted"


def _folded_exceptions(report: Report, shown: Sequence[Excepted]) -> str:
    folded = [each for each in report.excepted if each not in shown]
    first = min(each.exception.expires for each in folded)
    exceptions = counted(len(folded), "more exception" if shown else "exception")
    return f"{exceptions}, the first until {first}"


def markdown(report: Report, rules: Sequence[Rule], *, every_exception: bool = False) -> str:
    """Return the section for a pull request's comment, under a heading of the third level."""
    by_id = {rule.id: rule for rule in rules}
    icon = "✅" if report.passes else "🛑"
    return "\n\n".join(
        [
            f"### {icon} {summary(report)}",
            *_listed(_broken_items(report, by_id)),
            *_listed(_exception_items(report)),
            *_table(report, _shown(report, every_exception=every_exception)),
        ]
    )


def _broken_items(report: Report, by_id: dict[str, Rule]) -> Iterator[str]:
    for rule_id, found in _by_rule(report.broken):
        rule = by_id[rule_id]
        yield f"- **{rule.severity}** {_text(rule.title)}{_controls(rule)}: `{rule.id}`. {_text(rule.remediation)}"
        yield from (f"  - {_code(finding.name)}: {_text(finding.message)}" for finding in found)


def _exception_items(report: Report) -> Iterator[str]:
    for exception in report.expired:
        yield f"- **expired** on {exception.expires}: {_exception(exception)}"
    for exception in report.stale:
        yield f"- **stale**: {_exception(exception)} excepts nothing; take it out"


def _table(report: Report, shown: Sequence[Excepted]) -> Iterator[str]:
    if shown:
        rows = [
            f"| {_state(report, each).rstrip(',')} | `{each.exception.rule}` | {_code(each.exception.resources)} "
            f"| {len(each.findings)} | {each.exception.expires} | {_text(each.exception.reason)} |"
            for each in shown
        ]
        yield "\n".join(["| | rule | resources | findings | until | reason |", "|---|---|---|--:|---|---|", *rows])
    if len(shown) < len(report.excepted):
        listing = command("plan", _text(report.stack), "--rules")
        yield f"<sub>{_folded_exceptions(report, shown)}; `{listing}` lists them.</sub>"


def _by_rule(found: Iterable[Finding]) -> Iterator[tuple[str, list[Finding]]]:
    for rule, group in groupby(found, lambda finding: finding.rule):
        yield rule, list(group)


def _listed(items: Iterable[str]) -> Iterator[str]:
    text = "\n".join(items)
    if text:
        yield text


def _exception(exception: RuleException) -> str:
    return f"the exception from `{exception.rule}` for {_code(exception.resources)}"


def _controls(rule: Rule) -> str:
    return f" ({', '.join(rule.controls)})" if rule.controls else ""


def _counted(number: int, many: str, *, one: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _code(text: str) -> str:
    return f"<code>{_text(text)}</code>"


def _text(text: str) -> str:
    """Return text from a plan so that Markdown takes none of it for its own: no mark-up, no mention, no reference."""
    return html.escape(text, quote=False).translate(_MARKUP)
