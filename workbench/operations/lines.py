"""Lines of a report that fit a width, with nothing cut off."""

import textwrap

COLUMNS = 100
"""How wide a report is where no terminal says so."""

SCREEN_LINES = 24
"""How many lines even a small terminal shows."""


def wrapped(beginning: str, text: str, *, columns: int, hanging: int | None = None) -> list[str]:
    """Return a text behind its beginning, in as many lines as it takes; words stay whole.

    Further lines are indented by ``hanging``, else to where the text began.
    """
    indentation = " " * (len(beginning) if hanging is None else hanging)
    return textwrap.wrap(
        text,
        width=max(columns, len(indentation) + 20),
        initial_indent=beginning,
        subsequent_indent=indentation,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [beginning.rstrip()]
