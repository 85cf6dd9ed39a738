"""The rule of a database that may be reached over the internet."""

from collections.abc import Collection

from zelly_components.limits.errors import LimitError


def check_public_access(field: str, ranges: Collection[str], *, publicly_accessible: bool) -> None:
    """Check that a public database has ranges to let in, by name, and a private one has none.

    Raises:
        LimitError: with the field, what came and what is allowed.
    """
    if publicly_accessible and not ranges:
        raise LimitError(field, "none with publicly_accessible true", "the ranges that it lets in")
    if ranges and not publicly_accessible:
        raise LimitError(field, f"{', '.join(ranges)} with publicly_accessible false", "none")
