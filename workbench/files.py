"""Files that are there whole or not at all."""

import os
import secrets
import shutil
import stat
from pathlib import Path


def write_whole(path: Path, text: str, *, mode: int | None = None) -> None:
    """Write a file beside its name and rename it, so that neither a full disk nor a killed process leaves half of it.

    It has ``mode`` from its first byte on; without one, that of the file that it replaces. A pipe or a device, such as
    ``/dev/stdout``, is written to.

    Raises:
        OSError: when it cannot be written; what was there is as it was.
    """
    target = path.resolve()
    if target.exists() and not stat.S_ISREG(target.stat().st_mode):
        path.write_text(text, encoding="utf-8")
        return
    partial = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666 if mode is None else mode)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if mode is None and target.exists():
            shutil.copymode(target, partial)
        partial.replace(target)
    except OSError as error:
        # The name that the caller knows; the one beside it is nobody's.
        raise OSError(error.errno, error.strerror, str(path)) from None
    finally:
        partial.unlink(missing_ok=True)
