"""Files that only their owner may read, there whole or not at all."""

import os
import secrets
from pathlib import Path

from workbench.errors import OperatorError

_MODE = 0o600


def write_private(path: Path, text: str, *, replace: bool, otherwise: str) -> None:
    """Write a file of mode 0600; the text never lies in one that others may read, nor half of it under its name.

    ``otherwise`` is what can be done where the file is there and is not to be replaced.

    Raises:
        OperatorError: when the file is there and is not to be replaced, or cannot be written.
    """
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            if replace:
                partial.replace(path)
            else:
                # Unlike a rename, this fails when there is one.
                path.hardlink_to(partial)
        finally:
            partial.unlink(missing_ok=True)
    except FileExistsError:
        raise OperatorError(f"{path}: there already; {otherwise}") from None
    except OSError as error:
        raise OperatorError(f"{path}: {error.strerror}; a file that can be written is required") from None
