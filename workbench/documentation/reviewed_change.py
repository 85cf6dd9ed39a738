"""The example of docs/review.md: a change of a stack file, and the comment that a reviewer gets.

The marker above the example names the stack, and the values that change.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from workbench.cli.plan.against import Base
from workbench.cli.plan.cost_section import cost_section
from workbench.cli.plan.rules_view import rules_markdown
from workbench.cli.shared.program import current_program
from workbench.config.stack_file import StackFile, read_stack_file
from workbench.documentation.project import DOCS, ROOT
from workbench.evaluate import Evaluation, evaluate_stack
from workbench.review.cost.savings import with_values
from workbench.review.danger.assessment import assess
from workbench.review.difference.comparison import compare
from workbench.review.difference.markdown import comment
from workbench.review.plan_document import document
from workbench.review.rules.recorded import report_on

DOCUMENT = DOCS / "review.md"

_EXAMPLE = re.compile(
    r"(?P<begin><!-- written by make docs, of (?P<stack>\S+) with (?P<values>\{.*\}) -->\n)"
    r".*"
    r"(?P<end><!-- end of what is written -->)",
    flags=re.DOTALL,
)
_LABEL = "origin/main... (80dd690)"
# The day counts: an exception that ends soon is listed.
_DAY = date(2026, 11, 30)


def written_into(page: str) -> str:
    """Return the page with the example between its markers replaced.

    Raises:
        ValueError: when a marker is missing.
    """
    found = _EXAMPLE.search(page)
    if found is None:
        raise ValueError(f"docs/{DOCUMENT.name}: needs the two marker lines around the example")
    example = comment_on(found["stack"], json.loads(found["values"]))
    written = f"{found['begin']}\n````markdown\n{example}````\n\n{found['end']}"
    return page[: found.start()] + written + page[found.end() :]


def comment_on(stack: str, values: Mapping[str, Any]) -> str:
    """Return the comment that ``plan --against --markdown`` prints where these values of a stack file change."""
    file = read_stack_file(current_program(), stack, ROOT)
    key = file.program.config_key
    changed = json.dumps(with_values(json.loads(file.config[key]), values))
    evaluation = _evaluated(replace(file, config={**file.config, key: changed}))
    before, after = (document(one, file.region) for one in (_evaluated(file), evaluation))
    cost = cost_section(Base(label=_LABEL, plan=before), after, ROOT)
    rules = rules_markdown(report_on(evaluation, ROOT, today=_DAY))
    return comment(assess(compare(before, after, base=_LABEL)), [cost, rules])


def _evaluated(file: StackFile[Any]) -> Evaluation:
    return evaluate_stack(
        ROOT / "__main__.py",
        project=file.program.name,
        stack=file.stack,
        config=file.config,
        secret_keys=file.secret_keys,
    )
