"""The rules on an evaluation: what ``plan`` and the tests ask."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

from workbench.config.errors import Schemas
from workbench.evaluate import Evaluation, RecordedResource
from workbench.names import config_key
from workbench.review.rules.exceptions import EXCEPTIONS_FILE, read_exceptions
from workbench.review.rules.model import Resource, Stack
from workbench.review.rules.report import Report, examine
from workbench.review.rules.table import RULES


def report_on(
    evaluation: Evaluation, root: Path, *, schemas: Schemas | None = None, today: date | None = None
) -> Report:
    """Hold an evaluated stack against every rule, with the exceptions of the project in ``root``.

    ``schemas`` is of what a stack file holds; without it exceptions may name any value. ``today`` is the date that
    exceptions expire by; without it the real one, in UTC.

    Raises:
        OperatorError: when the file of exceptions is not as it should be.
    """
    exceptions = read_exceptions(root / EXCEPTIONS_FILE, known={rule.id for rule in RULES}, schemas=schemas)
    return examine(stack_of(evaluation), RULES, exceptions, today=today or datetime.now(UTC).date())


def stack_of(evaluation: Evaluation) -> Stack:
    """Return a recorded evaluation as the rules see it. Secrets are masked, placeholders stay."""
    return Stack(
        name=evaluation.stack,
        resources=[_resource(resource) for resource in evaluation.resources],
        values=_values(evaluation),
    )


def _values(evaluation: Evaluation) -> Mapping[str, Any]:
    """Return the structured key of a stack file; a program without a contract may give it another meaning."""
    try:
        values = json.loads(evaluation.config.get(config_key(evaluation.project), "{}"))
    except ValueError:
        return {}
    return cast("Mapping[str, Any]", values) if isinstance(values, dict) else {}


def _resource(recorded: RecordedResource) -> Resource:
    return Resource(
        type=recorded.type,
        name=recorded.name,
        urn=recorded.urn,
        properties=recorded.inputs,
        depends_on=frozenset(recorded.depends_on),
        protect=recorded.protect,
        delete_before_replace=recorded.delete_before_replace,
        provider=recorded.provider or "",
    )
