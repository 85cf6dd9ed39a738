"""Runs the Pulumi program in this process, without engine, credentials or network, and records every resource."""

from workbench.evaluate.backend import Backend, Created, Invocation, Registration
from workbench.evaluate.program import Evaluation, EvaluationError, evaluate, evaluate_stack
from workbench.evaluate.recorded import RecordedResource, ResourceFailure
from workbench.evaluate.symbolic import SymbolicBackend

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
