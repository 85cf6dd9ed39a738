"""Options of what shows a plan, and which of them go together."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.errors import OperatorError

AgainstOption = Annotated[
    str | None,
    typer.Option(
        "--against",
        metavar="REF|FILE",
        help="Compare with the program of a git ref (REF... is where this branch left it), or with a saved plan.",
    ),
]
SaveOption = Annotated[
    Path | None,
    typer.Option("--save", metavar="FILE", help="Also write the plan to a file, for --against later."),
]
MarkdownOption = Annotated[
    bool, typer.Option("--markdown", help="Print the difference as a pull request's comment (with --against).")
]
CheckOption = Annotated[
    bool, typer.Option("--check", help="Exit with 1 where a rule is broken, or an exception expired or stale.")
]
FullOption = Annotated[
    bool, typer.Option("--full", help="Show all that a component holds, also one that is new as a whole.")
]
HtmlOption = Annotated[
    Path | None,
    typer.Option(
        "--html", metavar="FILE", help="Write the plan as one page: picture, rules, cost, timeline, tree, outputs."
    ),
]
TimelineOption = Annotated[
    bool, typer.Option("--timeline", help="Show how long a first up takes, and which chain of resources decides that.")
]
QuotasOption = Annotated[
    bool, typer.Option("--quotas", help="Show what it needs of every quota of the region, and how to ask for more.")
]


def check_comparison_options(*, against: str | None, json: bool, markdown: bool) -> None:
    """Refuse what does not go together.

    Raises:
        OperatorError: for a comment without a difference, and for one as JSON.
    """
    if markdown and against is None:
        raise OperatorError("--markdown: missing --against; a comment shows what changes")
    if markdown and json:
        raise OperatorError("--markdown: came with --json; one of the two is allowed")


def check_picture_options(*, html: Path | None, timeline: bool, against: str | None, json: bool) -> None:
    """Refuse what does not go together.

    Raises:
        OperatorError: for a timeline of a difference, and for a page as JSON.
    """
    if timeline and against is not None:
        raise OperatorError("--timeline: came with --against; one of the two is allowed")
    if html is not None and json and not timeline:
        raise OperatorError("--html: came with --json; one of the two is allowed")


def check_quota_options(*, quotas: bool, against: str | None, pictures: bool, check: bool) -> None:
    """Refuse what does not go together.

    Raises:
        OperatorError: for quotas beside something else to show.
    """
    others = {"--against": against is not None, "--html or --timeline": pictures, "--check": check}
    if quotas and (given := [option for option, is_given in others.items() if is_given]):
        raise OperatorError(f"--quotas: came with {given[0]}; one of the two is allowed")
