"""What a pull request changes in each stack: ``zelly plan`` against the base, as one comment.

A plan that destroys something is no failure, since it may be meant: it is a warning, and on top of the comment. A
program that cannot be planned and a broken rule are.
"""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from tools.ci.actions import add_to_summary, annotate, run
from tools.ci.comment import MARKER
from tools.ci.fitting import fit
from tools.ci.github import BODY_LIMIT

ZELLY = Path(sys.executable).parent / "zelly"

_SAME, _CHANGES, _DESTRUCTIVE = 0, 3, 4
_FOOT = "\n\n<sub>Evaluated offline, in no account. What AWS has by now, `pulumi preview` says in the same run.</sub>\n"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What ``zelly plan`` said of one stack."""

    stack: str
    exit_code: int
    markdown: str
    errors: str

    @property
    def failed(self) -> bool:
        """Whether there is no plan, or a rule is broken."""
        return self.exit_code not in (_SAME, _CHANGES, _DESTRUCTIVE)

    @property
    def section(self) -> str:
        """The stack's part of the comment."""
        if self.markdown.strip():
            return self.markdown.strip()
        # A fence that is longer than any that the text may have.
        return f"## 🛑 {self.stack}: no plan\n\n``````text\n{self.errors.strip() or 'no reason given'}\n``````"


def arguments(stack: str, against: str) -> list[str]:
    """Return what ``zelly`` is asked."""
    return ["plan", stack, "--against", against, "--markdown", "--check"]


def plan(stack: str, against: str) -> Plan:
    """Compare one stack with its base."""
    ran = subprocess.run(  # noqa: S603 (this environment's own)
        [str(ZELLY), *arguments(stack, against)], capture_output=True, text=True, check=False
    )
    typer.echo(ran.stderr, err=True, nl=False)
    return Plan(stack=stack, exit_code=ran.returncode, markdown=ran.stdout, errors=ran.stderr)


def comment(plans: list[Plan]) -> str:
    """Return the comment: the marker by which the next run finds it, and each stack's part; as long as GitHub takes."""
    head = f"{MARKER}\n\n"
    between = "\n\n"
    room = BODY_LIMIT - len(head) - len(_FOOT) - len(between) * len(plans)
    return head + between.join(fit([one.section for one in plans], room)) + _FOOT


def review(
    stacks: Annotated[list[str], typer.Argument()],
    against: Annotated[str, typer.Option()],
    output: Annotated[Path, typer.Option()],
) -> None:
    """Write the comment, and exit with 1 where a stack has no plan or breaks a rule."""
    plans = [plan(stack, against) for stack in stacks]
    output.write_text(comment(plans), encoding="utf-8")
    for one in plans:
        add_to_summary(one.section)
        if one.exit_code == _DESTRUCTIVE:
            annotate("warning", one.stack, "The change destroys something, or AWS would refuse it.")
        elif one.failed:
            annotate("error", one.stack, "There is no plan, or a rule is broken; the summary says which.")
    if any(one.failed for one in plans):
        raise typer.Exit(1)


if __name__ == "__main__":
    run(review)
