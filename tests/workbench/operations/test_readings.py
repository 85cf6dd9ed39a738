"""Reading many things at once."""

import threading

import pytest

from tests.workbench.operations.failing import failure
from workbench.aws.shared.errors import Reason
from workbench.errors import OperatorError
from workbench.operations.readings import Unread, readers


def _raise(error: Exception) -> str:
    raise error


def test_what_aws_refuses_is_said_and_the_rest_is_read() -> None:
    with readers() as pool:
        refused = pool.start(_raise, failure("ecs:DescribeServices", Reason.THROTTLED, "ThrottlingException"))
        read = pool.start(str, 7)
        assert refused.outcome() == Unread(
            "ecs:DescribeServices, it: ThrottlingException: no (AWS asks for fewer calls; wait a minute and run the "
            "same command again)",
            "throttled",
        )
        assert read.outcome() == "7"


@pytest.mark.parametrize("error", [ValueError("a fault of ours"), OperatorError("no fault of AWS")])
def test_what_is_no_error_of_aws_is_raised(error: Exception) -> None:
    with readers() as pool, pytest.raises(type(error), match=str(error)):
        pool.start(_raise, error).outcome()


def test_things_are_read_at_the_same_time() -> None:
    # Neither gets past the barrier alone.
    barrier = threading.Barrier(2, timeout=10)
    with readers() as pool:
        both = [pool.start(barrier.wait) for _ in range(2)]
        assert sorted(str(reading.outcome()) for reading in both) == ["0", "1"]
