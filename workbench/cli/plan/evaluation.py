"""The evaluation of a project's program in this process, without engine, account or network."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench.cli.plan.sizes import check_sizes
from workbench.cli.shared.errors import failure_lines
from workbench.cli.shared.program import current_program
from workbench.config.errors import Schemas
from workbench.config.stack_file import StackFile
from workbench.errors import OperationFailedError
from workbench.evaluate import Backend, Evaluation, EvaluationError, RecordedResource, SymbolicBackend, evaluate_stack
from workbench.evaluate.sdk_on_demand import load_sdk_on_demand
from workbench.review.rules.recorded import report_on
from workbench.review.rules.report import Report


def planned(file: StackFile[Any], root: Path) -> Evaluation:
    """Evaluate a stack, with placeholders for values that only AWS knows.

    Raises:
        OperationFailedError: when resources cannot be planned; it names each.
        OperatorError: when a resource is larger than AWS accepts.
    """
    try:
        evaluation = evaluate_project(file, root, backend=SymbolicBackend())
    except EvaluationError as error:
        raise OperationFailedError(*failure_lines(file.stack, error.failures)) from None
    check_sizes(evaluation, file, root)
    return evaluation


def examined(evaluation: Evaluation, file: StackFile[Any], root: Path) -> Report:
    """Check an evaluated stack against all rules."""
    return report_on(evaluation, root, schemas=Schemas(file.program.config_type()))


def evaluate_project(
    file: StackFile[Any],
    root: Path,
    *,
    backend: Backend,
    progress: Callable[[RecordedResource], None] | None = None,
) -> Evaluation:
    """Evaluate a stack. ``backend`` makes its resources."""
    load_sdk_on_demand()
    return evaluate_stack(
        root / "__main__.py",
        project=current_program().name,
        stack=file.stack,
        config=file.config,
        secret_keys=file.secret_keys,
        backend=backend,
        progress=progress,
    )
