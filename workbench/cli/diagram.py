"""``zelly diagram``: the architecture of a stack, drawn from what its program makes."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.plan.command import planned
from workbench.cli.plan.pictures import write_text
from workbench.cli.shared.environment import StackOption, selected_stack
from workbench.cli.shared.program import current_program, project_root
from workbench.errors import OperatorError

app = typer.Typer()


class Format(StrEnum):
    """What a picture is written as."""

    SVG = "svg"
    MERMAID = "mermaid"


FormatOption = Annotated[
    Format, typer.Option("--format", help="svg for browsers and documents, mermaid for Markdown on GitHub.")
]
OutputOption = Annotated[Path | None, typer.Option("--output", metavar="FILE", help="Where to; without it stdout.")]


@app.command()
def diagram(stack: StackOption = None, form: FormatOption = Format.SVG, output: OutputOption = None) -> None:
    """Draw a stack's architecture: zones, subnets, what stands in them, and who may talk to whom on which ports.

    Everything comes from what the program makes: the arrows from the security groups' rules.
    """
    from workbench.config.stack_file import read_stack_file  # noqa: PLC0415

    root = project_root()
    stack = selected_stack(stack, root)
    file = read_stack_file(current_program(), stack, root)
    evaluation = planned(file, root)
    from workbench.review.architecture.model import architecture  # noqa: PLC0415
    from workbench.review.picture.mermaid import mermaid  # noqa: PLC0415
    from workbench.review.picture.svg import svg  # noqa: PLC0415

    try:
        drawn = architecture(evaluation, file.region)
    except LookupError as error:
        raise OperatorError(f"{stack}: cannot be drawn: {error}; exactly one VPC is needed") from None
    text = mermaid(drawn) if form is Format.MERMAID else svg(drawn)
    if output is None:
        typer.echo(text, nl=False)
    else:
        write_text(output, text, option="--output")
