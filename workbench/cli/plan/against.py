"""The base of a comparison: the plan of a commit, evaluated in a process of its own, or a saved plan."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.cli.shared.console import talk
from workbench.cli.shared.git import Commit, Repository
from workbench.cli.shared.program import program_of
from workbench.config.plain_stack_file import PROJECT_FILE
from workbench.counting import counted
from workbench.errors import OperationFailedError, OperatorError
from workbench.review import other_tree
from workbench.review.plan_document import PlanDocument, empty, parse
from workbench.review.rules.exceptions import EXCEPTIONS_FILE, RuleException, read_exceptions

_OTHER_TREE = Path(other_tree.__file__)


@dataclass(frozen=True, kw_only=True)
class Base:
    """The base of a comparison."""

    label: str
    """The base in words."""
    plan: PlanDocument
    exceptions: tuple[RuleException, ...] | None = None
    """From the rules, as they were; None where that is not known."""


@contextmanager
def base_plan(against: str, stack: str, root: Path) -> Generator[Callable[[], Base]]:
    """Begin to evaluate the base that ``against`` names, and yield a function that waits for it and returns it.

    Raises:
        OperatorError: when it names nothing, a file that is no plan of the stack, or a commit whose stack file is
            wrong; from the call also OperationFailedError, when the commit's program cannot be planned.
    """
    if Path(against).is_file():
        saved = _saved(Path(against), stack)
        yield lambda: saved
        return
    with base_plans(against, [stack], root) as base:
        yield lambda: base(stack)


@contextmanager
def base_plans(reference: str, stacks: Sequence[str], root: Path) -> Generator[Callable[[str], Base]]:
    """Begin to evaluate several stacks of a commit in one process, and yield a function that gives a stack's base.

    Raises:
        OperatorError: when there is no such commit; from the call, when the commit's stack file is wrong, and
            OperationFailedError, when its program cannot be planned.
    """
    repository = Repository(root)
    commit = repository.commit(reference)
    there = [stack for stack in stacks if repository.has(commit, _proof(stack, root))]
    for stack in stacks:
        if stack not in there:
            talk(f"{commit.label} has no {_proof(stack, root)}: everything is new")
    if not there:
        yield lambda stack: _nothing(commit, stack)
        return
    _say_what_differs(
        repository.commits_missing(commit), commit, requirements=repository.differs(commit, "requirements.txt")
    )
    with tempfile.TemporaryDirectory(prefix="plan-") as folder:
        project = repository.extract(commit, Path(folder))
        program = program_of(root)
        module = other_tree.WITHOUT_CONTRACT if program is None else program.module
        with _evaluation(Path(folder), project, commit, module, there) as finished:
            yield lambda stack: finished(stack) if stack in there else _nothing(commit, stack)


def _proof(stack: str, root: Path) -> str:
    """Return the file without which a commit has no such stack: its own, where it needs one."""
    own = f"Pulumi.{stack}.yaml"
    return own if (root / own).is_file() else PROJECT_FILE


def _saved(path: Path, stack: str) -> Base:
    try:
        plan = parse(path.read_text(encoding="utf-8"), source=str(path))
    except UnicodeDecodeError:
        raise OperatorError(f"--against: {path}: not a saved plan: not UTF-8") from None
    except OSError as error:
        raise OperatorError(f"--against: {path}: {error.strerror}") from None
    except ValueError as error:
        raise OperatorError(f"--against: {error}") from None
    if plan.stack != stack:
        raise OperatorError(f"--against: {path}: the plan of {plan.stack}; allowed: one of {stack}")
    return Base(label=path.name, plan=plan)


def _nothing(commit: Commit, stack: str) -> Base:
    return Base(label=commit.label, plan=empty(stack))


def _say_what_differs(missing: int, commit: Commit, *, requirements: bool) -> None:
    if missing:
        talk(
            f"{commit.label} has {counted(missing, 'commit')} that HEAD has not: what they "
            f"changed shows the other way round; --against {commit.reference}... compares with where HEAD left it"
        )
    if requirements:
        talk(f"requirements.txt is another one in {commit.label}: its program is evaluated with what is installed here")


@contextmanager
def _evaluation(
    tree: Path, project: Path, commit: Commit, module: str, stacks: Sequence[str]
) -> Generator[Callable[[str], Base]]:
    with (tree / ".plans").open("w+b") as stdout, (tree / ".errors").open("w+b") as stderr:
        process = subprocess.Popen(  # noqa: S603 (this interpreter and a module of this project)
            [sys.executable, str(_OTHER_TREE), str(tree), str(project), module, *stacks],
            cwd=project,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
        )

        def finished(stack: str) -> Base:
            if process.wait() != 0:
                stderr.seek(0)
                lines = stderr.read().decode(errors="replace").splitlines()
                raise _failure(commit, lines or [f"ended with {process.returncode}"])
            stdout.seek(0)
            answers = {answer["stack"]: answer for answer in map(json.loads, stdout)}
            answer: dict[str, Any] = answers[stack]
            if answer["exit_code"] == OperatorError.exit_code:
                raise OperatorError(*(f"{commit.label}: {line}" for line in answer["lines"]))
            if answer["exit_code"] != 0:
                raise _failure(commit, answer["lines"])
            plan = parse(json.dumps(answer["plan"]), source=commit.label)
            return Base(label=commit.label, plan=plan, exceptions=_exceptions(project))

        try:
            yield finished
        finally:
            process.kill()
            process.wait()


def _exceptions(tree: Path) -> tuple[RuleException, ...] | None:
    try:
        return read_exceptions(tree / EXCEPTIONS_FILE)
    except OperatorError:
        # Written in a way that is no longer read; what is new among those of today is then not known.
        return None


def _failure(commit: Commit, lines: Sequence[str]) -> OperationFailedError:
    if lines[0].startswith("Traceback"):
        lines = [f"its program fails here: {lines[-1]}"]
    return OperationFailedError(*(f"{commit.label}: {line}" for line in lines))
