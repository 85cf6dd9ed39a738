"""Files that an option names."""

from pathlib import Path

from workbench.cli.shared.console import talk
from workbench.errors import OperatorError
from workbench.files import write_whole


def write_text(path: Path, text: str, *, option: str) -> None:
    """Write what was asked for, and say so.

    Raises:
        OperatorError: when it cannot be written.
    """
    try:
        write_whole(path, text)
    except OSError as error:
        raise OperatorError(f"{option}: {path}: {error.strerror}") from None
    talk(f"Wrote {path}")
