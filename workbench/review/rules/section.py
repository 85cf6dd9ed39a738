"""The rules' report as a part of the plan's page."""

from collections.abc import Sequence

from workbench.review.page.section import Section
from workbench.review.rules.model import Rule
from workbench.review.rules.report import Excepted, Report
from workbench.review.rules.wording import summary


def section(report: Report, rules: Sequence[Rule]) -> Section:
    """Return what is broken, expired or stale before what is excepted."""
    titles = {rule.id: rule.title for rule in rules}
    to_do = [
        *(
            (finding.severity, f"{titles[finding.rule]} ({finding.rule})", finding.name, finding.message)
            for finding in report.broken
        ),
        *(
            ("expired", exception.rule, exception.resources, f"the exception ended on {exception.expires}")
            for exception in report.expired
        ),
        *(
            ("stale", exception.rule, exception.resources, "the exception excepts nothing; take it out")
            for exception in report.stale
        ),
    ]
    excepted = [
        ("excepted", each.exception.rule, _covered(each), f"until {each.exception.expires}: {each.exception.reason}")
        for each in report.excepted
    ]
    return Section(
        title="Rules",
        summary=summary(report),
        columns=("state", "rule", "resource", "what"),
        rows=[*to_do, *excepted],
        emphasised=frozenset(range(len(to_do))),
    )


def _covered(excepted: Excepted) -> str:
    """Return the one resource, or the pattern of their names and how many they are."""
    names = {finding.name for finding in excepted.findings}
    return min(names) if len(names) == 1 else f"{excepted.exception.resources}, {len(names)} of them"
