"""Errors of AWS's, and the lines that operations end with."""

from collections.abc import Callable
from typing import ParamSpec

import pytest

from workbench.aws.shared.errors import AwsError, Reason
from workbench.errors import OperationFailedError, OperationInterruptedError, OperatorError

P = ParamSpec("P")


def failure(operation: str, reason: Reason, code: str = "Code") -> AwsError:
    return AwsError(operation=operation, target="it", code=code, message="no", reason=reason)


def refused(call: Callable[P, object], *arguments: P.args, **options: P.kwargs) -> list[str]:
    """Return the lines with which a call is refused before anything is done."""
    return _lines(OperatorError, lambda: call(*arguments, **options))


def failed(call: Callable[P, object], *arguments: P.args, **options: P.kwargs) -> list[str]:
    """Return the lines that say what a call had done when it failed."""
    return _lines(OperationFailedError, lambda: call(*arguments, **options))


def interrupted(call: Callable[P, object], *arguments: P.args, **options: P.kwargs) -> list[str]:
    """Return the lines that say what a call had done when Ctrl-C came."""
    return _lines(OperationInterruptedError, lambda: call(*arguments, **options))


def _lines(kind: type[OperatorError], call: Callable[[], object]) -> list[str]:
    with pytest.raises(kind) as raised:
        call()
    assert raised.value.exit_code == kind.exit_code
    return list(raised.value.lines)
