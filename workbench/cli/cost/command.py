"""``cost estimate``: the monthly cost of a stack, from its program, a price table and assumptions about use."""

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.cost.view import difference_view, estimate_view, savings_view
from workbench.cli.plan.against import base_plan
from workbench.cli.plan.estimates import is_without_assumptions, usage_of
from workbench.cli.plan.evaluation import AnyStackFile, planned, read_any_stack_file
from workbench.cli.plan.options import AgainstOption
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, data_console, print_json, talk
from workbench.cli.shared.program import project_root
from workbench.cli.shared.stack import StackOption, selected_stack
from workbench.config.stack_file import StackFile, parse_environment
from workbench.errors import OperatorError
from workbench.review.cost.difference import difference
from workbench.review.cost.document import difference_document, estimate_document, savings_document
from workbench.review.cost.documented import Comparison, compare_with_documents
from workbench.review.cost.estimate import Estimate
from workbench.review.cost.estimate import estimate as priced
from workbench.review.cost.nothing_assumed import explanation
from workbench.review.cost.plan import Resource, plan_of
from workbench.review.cost.prices import PriceTable, read_prices
from workbench.review.cost.savings import savings
from workbench.review.cost.usage import Usage

if TYPE_CHECKING:
    from rich.console import RenderableType


app = App()

UsageOption = Annotated[
    Path | None,
    typer.Option(
        "--usage", metavar="FILE", help="What is assumed of traffic, load and storage; else usage/STACK.yaml."
    ),
]
LinesOption = Annotated[
    bool, typer.Option("--lines", help="Show every line with its quantity and price, not only each component's sum.")
]
SavingsOption = Annotated[
    bool, typer.Option("--savings", help="Show what each switch of the configuration would save.")
]


@app.command()
def estimate(
    stack: StackOption = None,
    against: AgainstOption = None,
    usage: UsageOption = None,
    savings: SavingsOption = False,
    lines: LinesOption = False,
    json: JsonOption = False,
) -> None:
    """Estimate what a stack costs a month, without an account or a network.

    Quantities come from the program, prices from the table in the repository, traffic and load from the usage file.
    """
    if lines and (savings or against is not None):
        raise OperatorError(f"--lines: came with {'--savings' if savings else '--against'}; one of the two is allowed")
    if savings and against is not None:
        raise OperatorError("--savings: came with --against; one of the two is allowed")
    root = project_root()
    stack = selected_stack(stack, root)
    file = read_any_stack_file(stack, root)
    assumed = usage_of(stack, file.region, root, usage)
    if usage is None and is_without_assumptions(stack, root):
        talk(explanation(stack))
    pricing = _Pricing(file=file, root=root, prices=read_prices())
    if savings:
        _show(*pricing.savings(assumed), json=json)
    elif against is not None:
        _show(*pricing.difference(against, assumed), json=json)
    else:
        _show(*pricing.estimate(assumed, lines=lines), json=json)


def _show(document: Mapping[str, Any], view: Sequence["RenderableType"], *, json: bool) -> None:
    if json:
        print_json(document)
        return
    console = data_console()
    for part in view:
        # Words stay whole: the console itself would let the terminal break lines anywhere.
        console.print(part, soft_wrap=False)


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Pricing:
    """A stack and the prices. Each method returns a document and the view of it for a terminal."""

    file: AnyStackFile
    root: Path
    prices: PriceTable

    def estimate(self, usage: Usage, *, lines: bool) -> tuple[Mapping[str, Any], Sequence["RenderableType"]]:
        found = self._of(self.file, usage)
        comparison = self._beside_documents(found, usage)
        document = estimate_document(found)
        if comparison is not None:
            document = {**document, "documented": comparison.document()}
        return document, estimate_view(found, comparison, lines=lines, columns=data_console().width)

    def _beside_documents(self, found: Estimate, usage: Usage) -> Comparison | None:
        documented = usage.documented_usd_per_month
        costs = self.file.program.documented_costs if isinstance(self.file, StackFile) else None
        return None if documented is None or costs is None else compare_with_documents(found, documented, costs)

    def difference(self, against: str, usage: Usage) -> tuple[Mapping[str, Any], Sequence["RenderableType"]]:
        with base_plan(against, self.file.stack, self.root) as base:
            after = self._of(self.file, usage)
            plan = base()
        # A stack that is new has no region; its resources are none either.
        before = self._priced(plan.plan.resources, plan.plan.region or self.file.region, usage)
        found = difference(before, after, base=plan.label)
        return difference_document(found), difference_view(found)

    def savings(self, usage: Usage) -> tuple[Mapping[str, Any], Sequence["RenderableType"]]:
        file = self.file
        if not isinstance(file, StackFile):
            # Which switches save something, only a contract can tell.
            raise OperatorError(f"--savings: the project {file.project.name} describes no switches that save")
        key = file.program.config_key

        def price(environment: Mapping[str, Any], assumed: Usage) -> Estimate:
            text = json.dumps(environment)
            changed = dataclasses.replace(
                file,
                config={**file.config, key: text},
                environment=parse_environment(file.program, text, source=file.path.name),
            )
            return self._of(changed, assumed)

        present, found, together = savings(
            json.loads(file.config[key]),
            usage,
            price,
            file.program.switches(),
            interrupting=not file.environment.deletion_protection,
        )
        return savings_document(present, found, together), savings_view(present, found, together)

    def _of(self, file: AnyStackFile, usage: Usage) -> Estimate:
        return self._priced(planned(file, self.root).resources, file.region, usage)

    def _priced(self, recorded: Iterable[Resource], region: str, usage: Usage) -> Estimate:
        return priced(plan_of(self.file.stack, region, recorded, usage), self.prices)
