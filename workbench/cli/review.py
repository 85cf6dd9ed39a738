"""``review``: what a change does to several stacks, for people who read it and programs that go on from it."""

import io
import json
import traceback
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from workbench.cli.cost.view import difference_view
from workbench.cli.plan.against import base_plans
from workbench.cli.plan.cost_section import cost_difference
from workbench.cli.plan.difference import Difference, differing
from workbench.cli.plan.evaluation import examined, planned, read_any_stack_file
from workbench.cli.plan.pictures import write_page
from workbench.cli.plan.rules_view import RulesOption
from workbench.cli.shared.app import App
from workbench.cli.shared.console import complete_stack, talk
from workbench.cli.shared.program import project_root
from workbench.cli.shared.writing import write_text
from workbench.errors import OperationFailedError, OperatorError
from workbench.review.architecture.model import architecture
from workbench.review.cost.document import difference_document
from workbench.review.difference.together import comment_of, section_without_plan
from workbench.review.picture.svg import svg
from workbench.review.plan_document import PlanDocument, document
from workbench.words import command

if TYPE_CHECKING:
    from workbench.evaluate import Evaluation
    from workbench.review.rules.report import Report

app = App()


StacksArgument = Annotated[
    list[str], typer.Argument(metavar="STACK…", help="The stacks.", autocompletion=complete_stack, show_default=False)
]
ReferenceOption = Annotated[
    str, typer.Option("--against", metavar="REF", help="A git ref; REF... is where this branch left it.")
]
FolderOption = Annotated[
    Path, typer.Option("--output", metavar="DIR", help="The folder to write into; made if need be.")
]
FullOption = Annotated[bool, typer.Option("--full", help="Show all that a new component holds.")]

_RULES_BROKEN = 1
_COLUMNS = 120


@dataclass(frozen=True, kw_only=True)
class Reviewed:
    """The review of one stack."""

    stack: str
    exit_code: int
    """As of ``plan --against --check``."""
    comment: str
    errors: tuple[str, ...] = ()
    """Why there is no plan; empty where there is one."""

    def as_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {"stack": self.stack, "exit_code": self.exit_code, "errors": list(self.errors)}


@app.command()
def review(
    stacks: StacksArgument,
    against: ReferenceOption,
    output: FolderOption,
    rules: RulesOption = False,
    full: FullOption = False,
) -> None:
    """Review a change: write a pull request's comment, and of each stack a page, a picture and the cost.

    Each tree is evaluated once per stack, the two trees side by side. DIR then has comment.md, review.json and, for
    each stack, STACK.html, STACK.svg, STACK.cost.txt and STACK.cost.json.

    The exit code is the worst of the stacks': 0 the same, 3 changes, 4 something is destroyed or would be refused, 1 a
    program cannot be planned or breaks a rule, 2 a mistake in a stack file.
    """
    root = project_root()
    stacks = list(dict.fromkeys(stacks))
    _make(output)
    found: list[Reviewed] = []
    for stack, difference in _differences(stacks, against, root).items():
        if isinstance(difference, OperatorError):
            found.append(_without_plan(stack, difference))
        else:
            found.append(_written(difference, output, every_exception=rules, full=full))
    write_text(output / "comment.md", comment_of([one.comment for one in found]), option="--output")
    document = {
        "format": command("review"),
        "version": 1,
        "against": against,
        "stacks": [one.as_json() for one in found],
    }
    write_text(output / "review.json", json.dumps(document, indent=2) + "\n", option="--output")
    raise typer.Exit(_worst([one.exit_code for one in found]))


def _worst(exit_codes: Sequence[int]) -> int:
    failures = [code for code in (OperatorError.exit_code, OperationFailedError.exit_code) if code in exit_codes]
    return failures[0] if failures else max(exit_codes)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OperatorError(f"--output: {folder}: {error.strerror}") from None


def _differences(stacks: Sequence[str], against: str, root: Path) -> Mapping[str, Difference | OperatorError]:
    """Evaluate this tree while the other one is evaluated beside it; a stack's failure leaves the others theirs."""
    own: dict[str, _Planned] = {}
    found: dict[str, Difference | OperatorError] = {}
    with base_plans(against, stacks, root) as base:
        for stack in stacks:
            with _failing(found, stack):
                own[stack] = _planned(stack, root)
        for stack, plan in own.items():
            with _failing(found, stack):
                found[stack] = differing(base(stack), plan.plan, plan.evaluation, plan.report, root)
    return {stack: found[stack] for stack in stacks}


@contextmanager
def _failing(found: dict[str, Difference | OperatorError], stack: str) -> Generator[None]:
    try:
        yield
    except OperatorError as error:
        talk(*error.lines)
        found[stack] = error
    except Exception as error:
        # A mistake in the program that is reviewed: the comment says so, and the other stacks have their review.
        traceback.print_exc()
        found[stack] = OperationFailedError(f"{stack}: its program fails: {type(error).__name__}: {error}")


@dataclass(frozen=True, kw_only=True)
class _Planned:
    evaluation: "Evaluation"
    plan: PlanDocument
    report: "Report"


def _planned(stack: str, root: Path) -> _Planned:
    file = read_any_stack_file(stack, root)
    evaluation = planned(file, root)
    plan = document(evaluation, file.region)
    return _Planned(evaluation=evaluation, plan=plan, report=examined(evaluation, file, root))


def _without_plan(stack: str, error: OperatorError) -> Reviewed:
    comment = section_without_plan(stack, error.lines)
    return Reviewed(stack=stack, exit_code=error.exit_code, comment=comment, errors=error.lines)


def _written(found: Difference, folder: Path, *, every_exception: bool, full: bool) -> Reviewed:
    stack = found.plan.stack
    write_page(found.evaluation, found.plan.region, found.report, folder / f"{stack}.html", found, option="--output")
    _write_picture(found, folder / f"{stack}.svg")
    _write_cost(found, folder / f"{stack}.cost")
    exit_code = int(found.assessment.exit_code) if found.report.passes else _RULES_BROKEN
    comment = found.markdown(every_exception=every_exception, full=full)
    return Reviewed(stack=stack, exit_code=exit_code, comment=comment)


def _write_picture(found: Difference, path: Path) -> None:
    try:
        drawn = architecture(found.evaluation, found.plan.region)
    except LookupError as error:
        talk(f"{found.plan.stack}: cannot be drawn: {error}")
        return
    write_text(path, svg(drawn), option="--output")


def _write_cost(found: Difference, path: Path) -> None:
    try:
        cost = cost_difference(found.base, found.plan, found.root)
    except OperatorError as error:
        talk(*(f"{found.plan.stack}: cost not estimated: {line}" for line in error.lines))
        return
    text = io.StringIO()
    console = Console(width=_COLUMNS, file=text, highlight=False, markup=False, emoji=False)
    for part in difference_view(cost):
        console.print(part)
    write_text(path.with_suffix(".cost.txt"), text.getvalue(), option="--output")
    document = json.dumps(difference_document(cost), indent=2, ensure_ascii=False) + "\n"
    write_text(path.with_suffix(".cost.json"), document, option="--output")
