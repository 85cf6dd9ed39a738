"""``plan --quotas``: the needs of a plan, beside the account's quotas."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from workbench.cli.shared.console import print_json
from workbench.review.quotas.needs import needs
from workbench.review.quotas.wording import all_lines, short_lines

if TYPE_CHECKING:
    from workbench.evaluate import Evaluation


def quota_view(evaluation: "Evaluation", region: str) -> Sequence[str]:
    """Return the lines about the quotas that a plan exceeds or comes near."""
    lines = short_lines(needs(evaluation.resources))
    return ["", f"Quotas of {region}", *(f"  {line}" for line in lines)] if lines else []


def show_quotas(evaluation: "Evaluation", region: str, *, json: bool) -> None:
    """Print the needs of a plan for every quota."""
    found = needs(evaluation.resources)
    if json:
        print_json({"stack": evaluation.stack, "region": region, **found.document()})
    else:
        typer.echo("\n".join(all_lines(found, region)))
