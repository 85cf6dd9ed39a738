"""The example in docs/review.md: ``python -m tests.zelly_infra.review.page`` writes it anew."""

from pathlib import Path
from tempfile import TemporaryDirectory

from tests.zelly_infra.evaluations import evaluation_of
from tests.zelly_infra.stack_files import ROOT, environment_of, with_changes, write_stack_file
from zelly_infra.evaluate import evaluate_stack
from zelly_infra.review.assessment import Assessment, assess
from zelly_infra.review.comparison import compare
from zelly_infra.review.markdown import comment
from zelly_infra.review.plan_document import document
from zelly_infra.stack_file import PROJECT, read_stack_file

PAGE = ROOT / "docs" / "review.md"
BEGIN = "<!-- written by python -m tests.zelly_infra.review.page -->"
END = "<!-- end of what is written -->"

STACK = "production"
CHANGE = {
    "redis/node_type": "cache.t4g.medium",
    "aurora/engine_version": "8.0.mysql_aurora.3.10.1",
    "clickhouse/volume_gib": 25,
}


def assessment() -> Assessment:
    """Return what there is to know of the example's change of production."""
    with TemporaryDirectory() as folder:
        write_stack_file(Path(folder), STACK, with_changes(environment_of(STACK), CHANGE))
        file = read_stack_file(STACK, Path(folder))
    changed = evaluate_stack(
        ROOT / "__main__.py", project=PROJECT, stack=STACK, config=file.config, secret_keys=file.secret_keys
    )
    region = file.environment.region
    before, after = document(evaluation_of(STACK), region), document(changed, region)
    return assess(compare(before, after, base="origin/main... (80dd690)"))


def written_into(page: str) -> str:
    """Return the page with the example between its markers replaced."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n\n````markdown\n{comment(assessment())}````\n\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(written_into(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
