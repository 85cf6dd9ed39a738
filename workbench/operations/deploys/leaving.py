"""What is left, said with the error that ended a command midway."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

from workbench.aws.shared.errors import AwsError
from workbench.errors import OperationFailedError, OperationInterruptedError


@contextmanager
def leaving(left: Callable[[AwsError | None], Sequence[str]]) -> Generator[None]:
    """Add what is left to the error, if the block fails or is interrupted."""
    try:
        yield
    except AwsError as error:
        raise OperationFailedError(str(error), *left(error)) from None
    except KeyboardInterrupt:
        raise OperationInterruptedError("Interrupted.", *left(None)) from None
