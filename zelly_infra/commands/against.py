"""What a plan is compared with: the plan of a commit, evaluated beside this one, or a plan that was saved."""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zelly_infra.commands.console import talk
from zelly_infra.errors import OperationFailedError, OperatorError

if TYPE_CHECKING:
    from zelly_infra.commands.git import Commit
    from zelly_infra.review.plan_document import PlanDocument

AgainstOption = Annotated[
    str | None,
    typer.Option(
        "--against",
        metavar="REF|FILE",
        help="Compare with the program of a git ref (REF... is where this branch left it), or with a saved plan.",
    ),
]

_ELSEWHERE = Path(__file__).parents[1] / "evaluate" / "elsewhere.py"


@dataclass(frozen=True, kw_only=True)
class Base:
    """What a plan is compared with."""

    label: str
    """What it is, in words."""
    plan: "PlanDocument"


@contextmanager
def base_plan(against: str, stack: str, root: Path) -> Generator[Callable[[], Base]]:
    """Begin to find out what ``against`` names; the block evaluates its own plan meanwhile and then calls what it gets.

    Raises:
        OperatorError: when it names nothing, a file that is no plan of the stack, or a commit whose stack file is
            wrong; from the call also OperationFailedError, when the commit's program cannot be planned.
    """
    if Path(against).is_file():
        saved = _saved(Path(against), stack)
        yield lambda: saved
        return
    from zelly_infra.commands.git import Repository  # noqa: PLC0415

    repository = Repository(root)
    commit = repository.commit(against)
    if not repository.has(commit, f"Pulumi.{stack}.yaml"):
        talk(f"{commit.label} has no Pulumi.{stack}.yaml: everything is new")
        yield lambda: _nothing(commit, stack)
        return
    _say_what_differs(
        repository.commits_missing(commit), commit, requirements=repository.differs(commit, "requirements.txt")
    )
    with tempfile.TemporaryDirectory(prefix="zelly-plan-") as folder:
        repository.extract(commit, Path(folder))
        with _evaluation(Path(folder), commit, stack) as finished:
            yield finished


def _saved(path: Path, stack: str) -> Base:
    from zelly_infra.review.plan_document import parse  # noqa: PLC0415

    try:
        plan = parse(path.read_text(encoding="utf-8"), source=str(path))
    except UnicodeDecodeError:
        raise OperatorError(f"--against: {path}: not a saved plan: not UTF-8") from None
    except (OSError, ValueError) as error:
        raise OperatorError(f"--against: {error}") from None
    if plan.stack != stack:
        raise OperatorError(f"--against: {path}: the plan of {plan.stack}; allowed: one of {stack}")
    return Base(label=path.name, plan=plan)


def _nothing(commit: "Commit", stack: str) -> Base:
    from zelly_infra.review.plan_document import empty  # noqa: PLC0415

    return Base(label=commit.label, plan=empty(stack))


def _say_what_differs(missing: int, commit: "Commit", *, requirements: bool) -> None:
    if missing:
        talk(
            f"{commit.label} has {missing} {'commit' if missing == 1 else 'commits'} that HEAD has not: what they "
            f"changed shows the other way round; --against {commit.reference}... compares with where HEAD left it"
        )
    if requirements:
        talk(f"requirements.txt is another one in {commit.label}: its program is evaluated with what is installed here")


@contextmanager
def _evaluation(tree: Path, commit: "Commit", stack: str) -> Generator[Callable[[], Base]]:
    with (tree / ".plan").open("w+b") as stdout, (tree / ".errors").open("w+b") as stderr:
        process = subprocess.Popen(  # noqa: S603 (this interpreter and a module of this project)
            [sys.executable, str(_ELSEWHERE), str(tree), stack],
            cwd=tree,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
        )

        def finished() -> Base:
            from zelly_infra.review.plan_document import parse  # noqa: PLC0415

            if process.wait() != 0:
                stderr.seek(0)
                raise _failure(process.returncode, commit, stderr.read().decode(errors="replace").splitlines())
            stdout.seek(0)
            return Base(label=commit.label, plan=parse(stdout.read().decode(), source=commit.label))

        try:
            yield finished
        finally:
            process.kill()
            process.wait()


def _failure(exit_code: int, commit: "Commit", lines: list[str]) -> OperatorError:
    if exit_code == OperatorError.exit_code:
        return OperatorError(*(f"{commit.label}: {line}" for line in lines))
    if lines and lines[0].startswith("Traceback"):
        lines = [f"its program fails here: {lines[-1]}"]
    return OperationFailedError(*(f"{commit.label}: {line}" for line in lines or [f"ended with {exit_code}"]))
