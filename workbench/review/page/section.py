"""What others than the page itself put into it: a heading, a sentence and a table."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Section:
    """One part of the page. All of it is plain text, which the page escapes; none of it may be secret."""

    title: str
    """Gives the anchor too, in lower case with hyphens."""
    summary: str = ""
    """What a reader should know before the table, e.g. a sum."""
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    """Each as long as ``columns``."""
    numbers: frozenset[int] = frozenset()
    """Which columns are set to the right."""
    minor: frozenset[int] = frozenset()
    """Which columns a telephone has no room for."""
    emphasised: frozenset[int] = frozenset()
    """Which rows a reader should see first, e.g. broken rules."""

    @property
    def anchor(self) -> str:
        """The id of its heading."""
        return "-".join(self.title.lower().split())
