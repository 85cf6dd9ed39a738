"""``docs/architecture.md`` and its pictures: what stands where, who may talk to whom, how long a first up takes."""

from workbench.cli.shared.program import current_program
from workbench.config.stack_file import read_stack_file
from workbench.documentation.evaluations import STACKS, evaluated
from workbench.documentation.permissions import whose
from workbench.documentation.project import ROOT
from workbench.review.architecture.connections import INTERNET
from workbench.review.architecture.model import Architecture, architecture
from workbench.review.picture.mermaid import mermaid
from workbench.review.picture.svg import svg
from workbench.review.timeline import in_words, slowest_chain, timeline
from workbench.words import command, named

_INTRODUCTION = """\
# The architecture

<!-- written by make docs from what the program makes -->

Drawn from the evaluated program, not by hand: `PROGRAM diagram STACK` writes each picture, `--format mermaid` the chart
below, and `PROGRAM plan STACK --html FILE` puts it all on one page with the plan itself. An arrow stands for what the
security groups let through: out of its source and into its target.
"""


def files() -> dict[str, str]:
    """Return the page and its pictures, by their paths below ``docs``."""
    evaluations = {stack: evaluated(stack) for stack in STACKS}
    drawn = {stack: architecture(each, _region(stack)) for stack, each in evaluations.items()}
    pictures = {f"architecture/{stack}.svg": svg(each) for stack, each in drawn.items()}
    parts = [named(_INTRODUCTION)]
    for stack, each in drawn.items():
        evaluation, shown_by = evaluations[stack], command("plan", stack, "--timeline")
        parts += [
            f"## {stack.capitalize()}\n",
            f"![{stack} in {each.region}](architecture/{stack}.svg)\n",
            f"{in_words(timeline(evaluation), slowest_chain(evaluation))} `{shown_by}` shows how.\n",
        ]
    first, shown = next(iter(drawn.items()))
    parts += [f"## {first.capitalize()} as a chart\n", f"```mermaid\n{mermaid(shown)}```\n"]
    parts += ["## Who may talk to whom\n", *_talks(drawn)]
    return {"architecture.md": "\n".join(parts), **pictures}


def _talks(drawn: dict[str, Architecture]) -> list[str]:
    """Return one table for all stacks; a line that only some of them have names these."""
    lines = {
        (talk.source, talk.target, ", ".join(talk.ports_text)) for each in drawn.values() for talk in each.connections
    }
    rows = ["| from | to | ports | stacks |", "|---|---|---|---|"]
    # The internet first, as the pictures have it on top.
    for line in sorted(lines, key=lambda line: (line[0] != INTERNET, line)):
        stacks = [
            stack
            for stack, each in drawn.items()
            if line in {(talk.source, talk.target, ", ".join(talk.ports_text)) for talk in each.connections}
        ]
        rows.append(f"| {' | '.join(line)} | {whose(stacks, drawn)} |")
    return [*rows, ""]


def _region(stack: str) -> str:
    return read_stack_file(current_program(), stack, ROOT).environment.region
