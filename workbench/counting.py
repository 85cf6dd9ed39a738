"""Numbers of things in words."""


def counted(count: int, thing: str) -> str:
    """Return how many there are of something: ``1 line``, ``2 lines``."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
