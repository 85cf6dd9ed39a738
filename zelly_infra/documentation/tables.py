"""Tables in Markdown, and the words in their cells."""

from collections.abc import Iterable, Sequence


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; a bar within a cell stays a bar."""
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    lines += [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def code(items: Iterable[object], *, none: str = "none") -> str:
    """Return items as code, with commas between them."""
    return ", ".join(f"`{item}`" for item in items) or none


def link(service: str) -> str:
    """Return a link to a service's section on the page of services."""
    return f"[{service}](services.md#{service})"
