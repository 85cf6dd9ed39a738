"""``diagram``: the architecture of a stack, drawn from what its program makes."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.plan.evaluation import planned, read_any_stack_file
from workbench.cli.shared.app import App
from workbench.cli.shared.program import project_root
from workbench.cli.shared.stack import StackOption, selected_stack
from workbench.cli.shared.writing import write_text
from workbench.errors import OperatorError
from workbench.review.architecture.model import architecture
from workbench.review.picture.mermaid import mermaid
from workbench.review.picture.svg import svg

app = App()


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
    root = project_root()
    stack = selected_stack(stack, root)
    file = read_any_stack_file(stack, root)
    evaluation = planned(file, root)
    try:
        drawn = architecture(evaluation, file.region)
    except LookupError as error:
        raise OperatorError(f"{stack}: cannot be drawn: {error}; exactly one VPC is needed") from None
    text = mermaid(drawn) if form is Format.MERMAID else svg(drawn)
    if output is None:
        typer.echo(text, nl=False)
    else:
        write_text(output, text, option="--output")
