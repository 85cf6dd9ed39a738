"""Evaluation of a Pulumi program in this process: every resource recorded, without engine, credentials or network.

It leans on insides of the SDK and of the interpreter in four places, each behind one function:
``sdk_on_demand.load_sdk_on_demand`` (an import hook), ``overhead.without_overhead`` (``sys.tracebacklimit`` and the
garbage collector), ``stack_references.stack_outputs_as_placeholders`` (a class attribute) and the signatures in
``special_values``. Tests of theirs compare with the SDK as it is, so that another version shows there.
"""

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
