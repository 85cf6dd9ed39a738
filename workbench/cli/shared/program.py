"""The program that a command is for."""

import functools
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from workbench.errors import OperatorError
from workbench.program import Program

_GROUP = "workbench.programs"
"""The entry points of the programs, by the word that is typed: the attribute that holds their contract."""


@functools.cache
def current_program() -> Program[Any]:
    """Return the program whose command was typed; where the word is none of them, the only one that is installed.

    Raises:
        OperatorError: when several are installed and none was named.
    """
    programs = {point.name: point for point in entry_points(group=_GROUP)}
    word = Path(sys.argv[0]).stem
    name = word if word in programs else next(iter(programs)) if len(programs) == 1 else None
    if name is None:
        raise OperatorError(f"{word}: names no program; allowed: {', '.join(sorted(programs)) or 'none is installed'}")
    return programs[name].load()
