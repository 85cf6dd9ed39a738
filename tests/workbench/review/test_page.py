"""docs/review.md shows what a reviewer really gets."""

from tests.workbench.review import page
from workbench.review.danger.assessment import ExitCode, Severity


def test_example_on_the_page_is_what_is_printed() -> None:
    written = page.PAGE.read_text(encoding="utf-8")
    assert page.written_into(written) == written, "run python -m tests.workbench.review.page"


def test_example_has_its_danger_on_top() -> None:
    assessment = page.assessment()
    assert [(one.change.name, one.severity) for one in assessment.dangers] == [
        ("zelly-production-clickhouse-data", Severity.REFUSED),
        ("zelly-production-aurora-cluster", Severity.INTERRUPTS),
        ("zelly-production-redis", Severity.INTERRUPTS),
    ]
    assert len(assessment.changes) == 3
    assert assessment.exit_code is ExitCode.DESTRUCTIVE
