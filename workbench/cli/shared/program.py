"""The program that a command is for, and the folder of its project."""

import functools
import itertools
import re
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from workbench import words
from workbench.errors import OperatorError
from workbench.program import Program

_GROUP = "workbench.programs"
"""The entry points of the programs, by the names of their Pulumi projects, which are the words that are typed, too."""

_PROJECT_FILE = "Pulumi.yaml"
_PROGRAMS = "programs"
"""The folder that holds the programs beside the one at the root."""

# Pulumi takes letters, digits, hyphens, underscores and periods ("Project file reference", Pulumi's documentation).
_NAME = re.compile(r"""(?m)^name:[ \t]*["']?([\w.-]+)""")

_given: list[Path] = []


@functools.cache
def installed() -> Mapping[str, EntryPoint]:
    """Return the programs that are installed, by name."""
    return {point.name: point for point in entry_points(group=_GROUP)}


def use_project(folder: Path) -> None:
    """Take the project in a folder, wherever the command was typed.

    Raises:
        OperatorError: when the folder holds no project, or another than the program's that was typed.
    """
    folder = Path.cwd() / folder
    if not _is_project(folder):
        raise OperatorError(f"--project: came {folder}; allowed: a folder with a {_PROJECT_FILE}")
    wanted, name = _wanted(), project_name(folder)
    if wanted is not None and name != wanted:
        raise OperatorError(f"--project: came {folder} of the project {name}; allowed: the project {wanted}")
    _given[:] = [folder]


def project_root() -> Path:
    """Return the folder of the Pulumi project.

    It is that of ``--project``, else the nearest one upwards. A program's own command takes only that program's:
    upwards, then in the folders of programs there.

    Raises:
        OperatorError: when there is none.
    """
    if _given:
        return _given[0]
    here, wanted = Path.cwd(), _wanted()
    upwards = [folder for folder in (here, *here.parents) if _is_project(folder)]
    candidates = itertools.chain(upwards, _programs_below(here) if wanted else ())
    found = next((folder for folder in candidates if wanted in {None, project_name(folder)}), None)
    if found is not None:
        return found
    if not upwards:
        raise OperatorError(f"no {_PROJECT_FILE} in {here} or above it: run {words.word()} inside the project")
    raise OperatorError(
        f"{upwards[0] / _PROJECT_FILE}: came the project {project_name(upwards[0])}; allowed: {wanted}, "
        "in a folder above or that of --project"
    )


def project_name(folder: Path) -> str | None:
    """Return the name of the project in a folder; None where its file says none."""
    found = _NAME.search((folder / _PROJECT_FILE).read_text(encoding="utf-8", errors="replace"))
    return None if found is None else found[1]


def program_of(folder: Path) -> Program[Any] | None:
    """Return the contract of the project in a folder; None where it fills in none."""
    point = installed().get(project_name(folder) or "")
    return None if point is None else point.load()


def known_program() -> Program[Any] | None:
    """Return the contract of the program that the command is for; None outside of projects that fill in one."""
    if (wanted := _wanted()) is not None:
        return installed()[wanted].load()
    try:
        return program_of(project_root())
    except OperatorError:
        return None


def current_program() -> Program[Any]:
    """Return the contract of the program that the command is for.

    Raises:
        OperatorError: when the project fills in none.
    """
    if (wanted := _wanted()) is not None:
        return installed()[wanted].load()
    root = project_root()
    program = program_of(root)
    if program is None:
        raise OperatorError(
            f"{root / _PROJECT_FILE}: the project {project_name(root)} describes nothing to operate; "
            f"allowed: {', '.join(sorted(installed())) or 'none is installed'}"
        )
    return program


def _wanted() -> str | None:
    """Return the program whose own command was typed; None for the command of any."""
    return words.word() if words.word() in installed() else None


def _is_project(folder: Path) -> bool:
    return (folder / _PROJECT_FILE).is_file()


def _programs_below(here: Path) -> Iterator[Path]:
    for above in (here, *here.parents):
        yield from (folder for folder in sorted((above / _PROGRAMS).glob("*")) if _is_project(folder))


def _typed() -> str:
    """Return the word that was typed; one that is none of ours, as under ``python -c``, gives the folder's program."""
    typed = Path(sys.argv[0]).stem
    if typed == words.WORKBENCH or typed in installed():
        return typed
    try:
        program = program_of(project_root())
    except (OperatorError, OSError):
        program = None
    return words.WORKBENCH if program is None else program.name


# Before any text that names a command: options and their help are made while modules are imported.
if not words.is_called():
    words.call_by(_typed())
