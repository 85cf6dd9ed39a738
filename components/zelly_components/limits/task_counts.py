"""The number of tasks of a service."""

from zelly_components.limits.errors import LimitError


def check_task_counts(minimum_tasks: int, maximum_tasks: int, *, scales: bool) -> None:
    """Check the range between which a service scales by its CPU, or its fixed number of tasks.

    Raises:
        LimitError: with the field, what came and what is allowed.
    """
    if minimum_tasks < 0:
        raise LimitError("minimum_tasks", minimum_tasks, "0 or more")
    if scales and minimum_tasks == 0:
        # Without a running task there is no CPU metric, and a service that scales on it would stay at none for ever.
        raise LimitError(
            "minimum_tasks", "0 with a CPU target", "1 or more, as without a task there is no CPU to measure"
        )
    if minimum_tasks > maximum_tasks:
        raise LimitError("minimum_tasks", minimum_tasks, f"at most maximum_tasks ({maximum_tasks})")
