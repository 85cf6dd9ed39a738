"""Surroundings of any Pulumi program in Python: its folder, as Pulumi runs it, and a line about one that fails."""

import contextlib
import os
import sys
import traceback
from collections.abc import Generator
from pathlib import Path

import pulumi

from workbench.errors import OperatorError
from workbench.evaluate.program import EvaluationError

_PACKAGES = "site-packages"


@contextlib.contextmanager
def as_pulumi_runs_it(main: Path, stack: str, virtual_environment: Path | None) -> Generator[None]:
    """Run the block in the program's folder, and forget afterwards what was imported from there.

    The modules of such a program may make resources when they are imported. What it prints goes to standard error:
    standard output is the plan's.

    Raises:
        OperatorError: in one line, when the program raises.
    """
    folder, here, path, arguments = main.parent.resolve(), Path.cwd(), [*sys.path], [*sys.argv]
    before = set(sys.modules)
    os.chdir(folder)
    sys.path[:] = [f"{folder}", *path, *_packages(virtual_environment)]
    sys.argv[:] = [f"{main}"]
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    except (EvaluationError, OperatorError):
        raise
    except (Exception, SystemExit) as error:
        raise OperatorError(in_words(error, folder, stack)) from error
    finally:
        os.chdir(here)
        sys.path[:], sys.argv[:] = path, arguments
        for name in set(sys.modules) - before:
            if _is_in(folder, getattr(sys.modules[name], "__file__", None)):
                del sys.modules[name]


def _packages(virtual_environment: Path | None) -> list[str]:
    """Return where the program's own packages are; what is installed here comes before them."""
    if virtual_environment is None:
        return []
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return [f"{virtual_environment / 'lib' / version / _PACKAGES}"]


def _is_in(folder: Path, file: str | None) -> bool:
    return file is not None and Path(file).is_relative_to(folder) and _PACKAGES not in Path(file).parts


def in_words(error: BaseException, folder: Path, stack: str) -> str:
    """Return a line about what a program raised: where, what came, and what is needed where that is known."""
    if isinstance(error, pulumi.ConfigMissingError):
        option = "--secret " if error.secret else ""
        return f"Pulumi.{stack}.yaml: config.{error.key}: missing; set it: pulumi config set {option}{error.key} VALUE"
    if isinstance(error, pulumi.ConfigTypeError):
        return f"Pulumi.{stack}.yaml: config.{error.key}: came {error.value}; allowed: {error.expect_type}"
    where = _where(error, folder)
    if isinstance(error, ModuleNotFoundError):
        return f"{where}: the package {error.name} is not installed in {sys.prefix}"
    lines = f"{error}".strip().splitlines()
    message = lines[0] if lines else ""
    if type(error).__module__.startswith("workbench.") or isinstance(error, pulumi.RunError):
        return f"{where}: {message}"
    return f"{where}: the program raised {type(error).__name__}{f': {message}' if message else ''}"


def _where(error: BaseException, folder: Path) -> str:
    """Return the innermost line of the program's own that was being run, else the program's main file."""
    if isinstance(error, SyntaxError) and error.filename is not None:
        return f"{Path(error.filename).name} line {error.lineno}"
    frames = [(Path(frame.f_code.co_filename), line) for frame, line in traceback.walk_tb(error.__traceback__)]
    own = [(file, line) for file, line in frames if _is_in(folder.resolve(), f"{file}")]
    if not own:
        return "__main__.py"
    file, line = own[-1]
    return f"{file.relative_to(folder.resolve())} line {line}"
