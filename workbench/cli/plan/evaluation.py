"""The program of a project, evaluated in this process without engine, account or network; it needs no contract."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, TypeAlias

from workbench.cli.plan.sizes import check_sizes
from workbench.cli.shared.errors import failure_lines
from workbench.cli.shared.program import program_of
from workbench.config.adopted import read_adopted
from workbench.config.errors import Schemas
from workbench.config.plain_stack_file import PlainStackFile, read_plain_stack_file
from workbench.config.stack_file import StackFile, read_stack_file
from workbench.errors import OperationFailedError
from workbench.evaluate import Backend, Evaluation, EvaluationError, RecordedResource, SymbolicBackend, evaluate_stack
from workbench.evaluate.any_program import as_pulumi_runs_it
from workbench.evaluate.sdk_on_demand import load_sdk_on_demand
from workbench.review.adopted import check_adopted
from workbench.review.rules.recorded import report_on
from workbench.review.rules.report import Report

AnyStackFile: TypeAlias = StackFile[Any] | PlainStackFile
"""The configuration of a stack, checked by the program's contract, or plain."""


def read_any_stack_file(stack: str, root: Path) -> AnyStackFile:
    """Return the configuration of a stack of the project in ``root``.

    Raises:
        OperatorError: when there is no such stack, or a file has mistakes.
    """
    program = program_of(root)
    return read_plain_stack_file(stack, root) if program is None else read_stack_file(program, stack, root)


def planned(file: AnyStackFile, root: Path) -> Evaluation:
    """Evaluate the project's program for one stack, with placeholders for whatever only AWS could tell.

    Raises:
        OperationFailedError: when the program makes something that cannot be planned, naming each such resource.
        OperatorError: when something is larger than AWS takes, an entry of what was adopted is stale, or a program
            without a contract raises.
    """
    try:
        evaluation = evaluate_project(file, root, backend=SymbolicBackend())
    except EvaluationError as error:
        raise OperationFailedError(*failure_lines(file.stack, error.failures)) from None
    check_sizes(evaluation, file, root)
    check_adopted(read_adopted(file.stack, root), evaluation)
    return evaluation


def examined(evaluation: Evaluation, file: AnyStackFile, root: Path) -> Report:
    """Hold an evaluated stack against every rule."""
    schemas = Schemas(file.program.config_type()) if isinstance(file, StackFile) else None
    return report_on(evaluation, root, schemas=schemas)


def evaluate_project(
    file: AnyStackFile,
    root: Path,
    *,
    backend: Backend,
    progress: Callable[[RecordedResource], None] | None = None,
) -> Evaluation:
    """Evaluate a stack. ``backend`` makes its resources."""
    load_sdk_on_demand()
    if isinstance(file, PlainStackFile):
        main, name = file.project.main, file.project.name
        surroundings = as_pulumi_runs_it(main, file.stack, file.project.virtual_environment)
    else:
        main, name, surroundings = root / "__main__.py", file.program.name, nullcontext()
    with surroundings:
        return evaluate_stack(
            main,
            project=name,
            stack=file.stack,
            config=file.config,
            secret_keys=file.secret_keys,
            backend=backend,
            progress=progress,
        )
