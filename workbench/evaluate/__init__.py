"""Runs the Pulumi program in this process, without engine, credentials or network, and records every resource."""

from zelly_infra.evaluate.backend import Backend, Created, Invocation, Registration
from zelly_infra.evaluate.program import (
    Evaluation,
    EvaluationError,
    RecordedResource,
    ResourceFailure,
    evaluate,
    evaluate_stack,
)
from zelly_infra.evaluate.symbolic import SymbolicBackend

__all__ = [
    "Backend",
    "Created",
    "Evaluation",
    "EvaluationError",
    "Invocation",
    "RecordedResource",
    "Registration",
    "ResourceFailure",
    "SymbolicBackend",
    "evaluate",
    "evaluate_stack",
]
