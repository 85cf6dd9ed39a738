"""The reviews of several stacks as one comment of a pull request."""

from collections.abc import Sequence

from workbench.review.difference.fitting import fit
from workbench.review.difference.markdown import LIMIT
from workbench.words import command

_BETWEEN = "\n\n"
_FOOT = "\n\n<sub>Evaluated offline, in no account. What AWS has by now, `pulumi preview` says in the same run.</sub>\n"


def marker() -> str:
    """Return the comment's first line, which nobody sees, and by which the next run finds it."""
    return f"<!-- {command('review')} -->"


def comment_of(sections: Sequence[str]) -> str:
    """Return the comment, with each stack's part; as long as GitHub takes."""
    head = f"{marker()}\n\n"
    room = LIMIT - len(head) - len(_FOOT) - len(_BETWEEN) * (len(sections) - 1)
    return head + _BETWEEN.join(fit([section.strip() for section in sections], room)) + _FOOT


def section_without_plan(stack: str, lines: Sequence[str]) -> str:
    """Return the part of a stack that cannot be planned, with the reason."""
    # A fence that is longer than any that the text may have.
    fence = "``````"
    reason = "\n".join(lines).strip() or "no reason given"
    return f"## 🛑 {stack}: no plan\n\n{fence}text\n{reason}\n{fence}"
