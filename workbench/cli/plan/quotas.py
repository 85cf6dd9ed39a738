"""Needs of a plan against the account's quotas: shown by ``plan``, and asked of it by ``doctor``."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from workbench.cli.shared.console import print_json
from workbench.review.quotas.needs import needs
from workbench.review.quotas.wording import all_lines, short_lines

if TYPE_CHECKING:
    from workbench.evaluate import Evaluation


def quota_view(evaluation: "Evaluation", region: str) -> Sequence[str]:
    """Return what the readable plan says of quotas: only those that it exceeds or comes near."""
    lines = short_lines(needs(evaluation.resources))
    return ["", f"Quotas of {region}", *(f"  {line}" for line in lines)] if lines else []


def show_quotas(evaluation: "Evaluation", region: str, *, json: bool) -> None:
    """Print what a plan needs of every quota."""
    found = needs(evaluation.resources)
    if json:
        print_json({"stack": evaluation.stack, "region": region, **found.document()})
    else:
        typer.echo("\n".join(all_lines(found, region)))
