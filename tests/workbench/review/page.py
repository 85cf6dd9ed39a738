"""The example in docs/review.md: ``python -m tests.workbench.review.page`` writes it anew."""

import functools
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.zelly_infra.evaluations import evaluated, evaluation_of
from tests.zelly_infra.stack_files import ROOT, environment_of, with_changes, write_stack_file
from workbench.cli.plan.against import Base
from workbench.cli.plan.cost_section import cost_section
from workbench.cli.plan.rules_view import rules_markdown
from workbench.evaluate import Evaluation
from workbench.review.danger.assessment import Assessment, assess
from workbench.review.difference.comparison import compare
from workbench.review.difference.markdown import comment
from workbench.review.plan_document import PlanDocument, document
from workbench.review.rules.recorded import report_on
from zelly_infra.stack_file import read_stack_file

PAGE = ROOT / "docs" / "review.md"
BEGIN = "<!-- written by python -m tests.workbench.review.page -->"
END = "<!-- end of what is written -->"

STACK = "production"
CHANGE = {
    "redis/node_type": "cache.t4g.medium",
    "aurora/engine_version": "8.0.mysql_aurora.3.12.0",
    "clickhouse/volume_gib": 25,
}


DAY = date(2026, 11, 30)
LABEL = "origin/main... (80dd690)"


@functools.cache
def changed() -> tuple[Evaluation, str]:
    """Return production with the example's change, and its region."""
    with TemporaryDirectory() as folder:
        write_stack_file(Path(folder), STACK, with_changes(environment_of(STACK), CHANGE))
        file = read_stack_file(STACK, Path(folder))
    return evaluated(file), file.environment.region


def plans() -> tuple[PlanDocument, PlanDocument]:
    """Return production's plan, and the one of the example's change of it."""
    evaluation, region = changed()
    return document(evaluation_of(STACK), region), document(evaluation, region)


def assessment() -> Assessment:
    """Return what there is to know of the example's change."""
    before, after = plans()
    return assess(compare(before, after, base=LABEL))


def example() -> str:
    """Return the comment that ``zelly plan --against --markdown`` prints for it."""
    before, after = plans()
    cost = cost_section(Base(label=LABEL, plan=before), after, ROOT)
    # The day counts: an exception that ends soon is listed.
    rules = rules_markdown(report_on(changed()[0], ROOT, today=DAY))
    return comment(assess(compare(before, after, base=LABEL)), [cost, rules])


def written_into(page: str) -> str:
    """Return the page with the example between its markers replaced."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n\n````markdown\n{example()}````\n\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(written_into(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
