"""The committed files of a platform, compared with what is there, and written."""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from workbench.errors import OperatorError
from workbench.files import write_whole
from workbench.local_dev.checks import check_platform
from workbench.local_dev.files import files, mark
from workbench.local_dev.model import FOLDER, PRIVATE, LocalPlatform


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A file that is not as it is written."""

    path: str
    """Within the repository."""
    what: str
    """``missing``, ``other`` (it has another text) or ``left over`` (nothing writes it any more)."""
    text: str | None
    """What it should hold; None: it should not be there."""


def differences(platform: LocalPlatform, root: Path) -> tuple[Difference, ...]:
    """Return the files below ``root`` that are not as they are written, in their order.

    Raises:
        OperatorError: for a platform with mistakes, or a file that cannot be read.
    """
    check_platform(platform)
    return tuple(_differences(platform, root / FOLDER))


def _differences(platform: LocalPlatform, folder: Path) -> Iterator[Difference]:
    wanted = files(platform)
    for name, text in wanted.items():
        present = _text(folder / name)
        if present != text:
            what = "missing" if present is None else "other"
            yield Difference(path=f"{FOLDER}/{name}", what=what, text=text)
    for name in sorted(_marked(platform, folder) - set(wanted)):
        yield Difference(path=f"{FOLDER}/{name}", what="left over", text=None)


def _marked(platform: LocalPlatform, folder: Path) -> set[str]:
    """Return the files that say of themselves that they are written.

    What a developer made for one machine is none of them, also where it was copied from a file that is one.
    """
    names = [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]
    own = [name for name in names if not any(fnmatch(name, pattern) for pattern in PRIVATE)]
    return {name for name in own if mark(platform) in (_text(folder / name) or "").partition("\n")[0]}


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OperatorError(f"{path}: {error.strerror}; a file that can be read is required") from None


def write(found: tuple[Difference, ...], root: Path) -> None:
    """Write what is missing or other, and delete what is left over.

    Raises:
        OSError: when one cannot be written. Those before it are done; writing again does the rest.
    """
    for difference in found:
        path = root / difference.path
        if difference.text is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, difference.text)
