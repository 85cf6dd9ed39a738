"""Texts cut to the length that GitHub takes, at a place where the Markdown is still whole."""

import re
from collections.abc import Sequence

_FOLDED = re.compile(r"\n+(?=<details)")


def fit(texts: Sequence[str], limit: int) -> list[str]:
    """Return texts that together have at most ``limit`` characters: the shorter ones whole, the longer ones cut.

    What the short ones leave of their share goes to the others.
    """
    fitted: dict[int, str] = {}
    room, waiting = limit, len(texts)
    for position in sorted(range(len(texts)), key=lambda position: len(texts[position])):
        fitted[position] = cut(texts[position], room // waiting)
        room, waiting = room - len(fitted[position]), waiting - 1
    return [fitted[position] for position in range(len(texts))]


def cut(text: str, limit: int) -> str:
    """Return at most ``limit`` characters of a text, and how many are missing.

    Folded blocks are left out from the end; a text that is too long without them loses its last lines.
    """
    if len(text) <= limit:
        return text
    room = limit - len(_left_out(len(text)))
    starts = [match.start() for match in _FOLDED.finditer(text) if match.start() <= room]
    whole = [start for start in starts if _closed(text, start)]
    end = whole[-1] if whole else len(text[: max(room, 0)].rpartition("\n")[0])
    return text[:end] + _left_out(len(text) - end)


def _left_out(characters: int) -> str:
    return f"\n\n*Left out for length: {characters} characters; the run has them.*"


def _closed(text: str, end: int) -> bool:
    """Return whether no folded block is open at ``end``."""
    return text.count("<details", 0, end) == text.count("</details>", 0, end)
