"""Needs of a plan against the account's quotas: shown by ``zelly plan``, and asked of it by ``zelly doctor``."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.shared.console import print_json
from workbench.cli.shared.program import current_program
from workbench.errors import OperatorError

if TYPE_CHECKING:
    from workbench.evaluate import Evaluation
    from workbench.operations.readings import Unclear
    from workbench.review.quotas.needs import Needs

QuotasOption = Annotated[
    bool, typer.Option("--quotas", help="Show what it needs of every quota of the region, and how to ask for more.")
]
_PATIENCE_SECONDS = 60


def check_quota_options(*, quotas: bool, against: str | None, pictures: bool, check: bool) -> None:
    """Refuse what does not go together.

    Raises:
        OperatorError: for quotas beside something else to show.
    """
    others = {"--against": against is not None, "--html or --timeline": pictures, "--check": check}
    if quotas and (given := [option for option, is_given in others.items() if is_given]):
        raise OperatorError(f"--quotas: came with {given[0]}; one of the two is allowed")


def quota_view(evaluation: "Evaluation", region: str) -> Sequence[str]:
    """Return what the readable plan says of quotas: only those that it exceeds or comes near."""
    from workbench.review.quotas.needs import needs  # noqa: PLC0415
    from workbench.review.quotas.wording import short_lines  # noqa: PLC0415

    lines = short_lines(needs(evaluation.resources))
    return ["", f"Quotas of {region}", *(f"  {line}" for line in lines)] if lines else []


def show_quotas(evaluation: "Evaluation", region: str, *, json: bool) -> None:
    """Print what a plan needs of every quota."""
    from workbench.review.quotas.needs import needs  # noqa: PLC0415
    from workbench.review.quotas.wording import all_lines  # noqa: PLC0415

    found = needs(evaluation.resources)
    if json:
        print_json({"stack": evaluation.stack, "region": region, **found.document()})
    else:
        typer.echo("\n".join(all_lines(found, region)))


def planned_needs(stack: str, root: Path) -> "Needs | Unclear":
    """Return what a stack's plan needs, evaluated by a process of its own: operating commands never load the SDK."""
    import json  # noqa: PLC0415

    from workbench.operations.readings import Unclear  # noqa: PLC0415
    from workbench.review.quotas.needs import needs_of  # noqa: PLC0415

    # The word that is typed says which program is meant.
    program = "import sys; del sys.argv[0]; from workbench.cli.main import main; main()"
    try:
        completed = subprocess.run(  # noqa: S603 (this interpreter and this program)
            [sys.executable, "-c", program, current_program().name, "plan", stack, "--quotas", "--json"],
            cwd=root,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Unclear(f"the plan was not there after {_PATIENCE_SECONDS} s")
    if completed.returncode != 0:
        lines = completed.stderr.strip().splitlines() or [f"ended with {completed.returncode}"]
        return Unclear(f"there is no plan of {stack}: {lines[0]}")
    return needs_of(json.loads(completed.stdout))
