"""What each service's artefact holds, by the language that it is written in."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from workbench.errors import OperationFailedError, OperatorError
from workbench.program import Unit

NOT_SHIPPED = shutil.ignore_patterns("node_modules", ".venv", "venv", "__pycache__", ".git", "bin", "tests", "test")

MIGRATIONS = "migrations"
MIGRATE = "migrate"
"""The program in that folder that the host runs: ``migrate status`` and ``migrate deploy``."""
_SQL = "migration.sql"
NAMES_FILE = "migrations.txt"


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a service of one language is built."""

    copied: bool
    """Whether the service's folder is what runs; else only what the commands make."""
    commands: Sequence[Sequence[str]]
    """Run in the service's folder of the artefact, or of the source where nothing is copied; ``{output}`` is the
    artefact's folder."""
    scripts: Mapping[str, str]
    """Programs of the artefact, unless the service brings its own of that name."""
    environment: Mapping[str, str] = field(default_factory=dict[str, str])


def recipes(python: str) -> Mapping[str, Recipe]:
    """Return the recipes by language. The host has the runtimes and no compiler, and reaches no package index."""
    return {
        "node": Recipe(
            copied=True,
            commands=[["npm", "ci", "--omit=dev", "--no-audit", "--no-fund"]],
            scripts={"start": "#!/bin/sh\nexec node server.js\n"},
        ),
        "go": Recipe(
            copied=False,
            commands=[["go", "build", "-trimpath", "-buildvcs=false", "-o", "{output}/start", "./src"]],
            scripts={},
            # One file that runs on any Linux, whatever its C library.
            environment={"CGO_ENABLED": "0"},
        ),
        "python": Recipe(
            copied=True,
            commands=[["pip", "wheel", "--quiet", "--requirement", "requirements.txt", "--wheel-dir", "wheels"]],
            scripts={
                # A virtual environment can't be moved, so that the host makes it where it stays.
                "prepare": (
                    f"#!/bin/sh\nset -e\npython{python} -m venv venv\n"
                    "venv/bin/pip install --quiet --no-index --find-links wheels --requirement requirements.txt\n"
                ),
                "start": "#!/bin/sh\nexec venv/bin/python main.py\n",
            },
        ),
    }


def build_service(unit: Unit, source: Path, output: Path, *, python: str) -> None:
    """Build one service into a folder of its own.

    Raises:
        OperatorError: when its folder is missing.
        OperationFailedError: when a command fails; what it said is on standard error.
    """
    if not source.is_dir():
        raise OperatorError(f"{source}: missing; service {unit.name} is built from it")
    recipe = recipes(python)[unit.language]
    if recipe.copied:
        shutil.copytree(source, output, ignore=NOT_SHIPPED, symlinks=True)
    else:
        output.mkdir(parents=True)
    for command in recipe.commands:
        words = [word.format(output=output.absolute()) for word in command]
        _run(words, output if recipe.copied else source, recipe.environment, what=unit.name)
    for name, text in recipe.scripts.items():
        _script(output / name, text)


def build_migrations(source: Path, output: Path) -> list[str]:
    """Build the migrations with the command line that applies them, pinned by their own lock file; return their names.

    Raises:
        OperatorError: when there is no program that applies them.
    """
    if not os.access(source / MIGRATE, os.X_OK):
        raise OperatorError(f"{source / MIGRATE}: missing, or not executable; it applies the migrations on the host")
    shutil.copytree(source, output, ignore=NOT_SHIPPED, symlinks=True)
    _run(["npm", "ci", "--omit=dev", "--no-audit", "--no-fund"], output, {}, what=MIGRATIONS)
    # Migrations of packages are none of ours.
    return sorted(found.parent.name for found in source.rglob(_SQL) if "node_modules" not in found.parts)


def _run(command: Sequence[str], folder: Path, environment: Mapping[str, str], *, what: str) -> None:
    program = shutil.which(command[0])
    if program is None:
        raise OperatorError(f"{command[0]}: not on PATH; {what} is built with it")
    ran = subprocess.run(  # noqa: S603 (commands of the recipes)
        [program, *command[1:]], cwd=folder, env={**os.environ, **environment}, check=False
    )
    if ran.returncode != 0:
        raise OperationFailedError(f"{what}: `{' '.join(command)}` ended with {ran.returncode}")


def _script(path: Path, text: str) -> None:
    if not path.exists():
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)
