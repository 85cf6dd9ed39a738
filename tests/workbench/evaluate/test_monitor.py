"""The monitor has every method that the SDK calls, and refuses in words what it cannot do."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from workbench.evaluate import (
    Created,
    EvaluationError,
    RecordedResource,
    Registration,
    SymbolicBackend,
    evaluate,
)
from workbench.evaluate.monitor import RecordingMonitor, UnsupportedError

_LEGACY = {"SupportsFeature"}
"""Asked only of engines that do not know ``GetDeploymentInfo``."""


def test_monitor_has_every_method_that_the_sdk_calls() -> None:
    sdk = Path(pulumi.__file__).parent
    called = {
        method
        for path in sdk.rglob("*.py")
        if path.name != "mocks.py" and "proto" not in path.parts
        for method in re.findall(r"monitor\.([A-Z]\w+)\(", path.read_text(encoding="utf-8"))
    }
    assert called >= {"RegisterResource", "Invoke", "GetDeploymentInfo"}
    assert called - _LEGACY <= set(vars(RecordingMonitor))


def test_monitor_inherits_nothing_of_the_sdk() -> None:
    assert RecordingMonitor.__mro__ == (RecordingMonitor, object)


def test_remote_component_is_refused() -> None:
    def program() -> None:
        pulumi.ComponentResource("awsx:ec2:Vpc", "network", {}, None, remote=True)

    with pytest.raises(EvaluationError, match="awsx:ec2:Vpc network: a remote component"):
        evaluate(program)


def test_nothing_is_made_once_whoever_follows_has_ended_it() -> None:
    class Counting(SymbolicBackend):
        made = 0

        def create(self, registration: Registration) -> Created:
            self.made += 1
            return super().create(registration)

    class Ended(Exception):  # noqa: N818 (no error)
        pass

    def end(_: RecordedResource) -> None:
        raise Ended

    def program() -> None:
        for number in range(5):
            aws.ec2.Eip(f"eip-{number}")

    backend = Counting()
    with pytest.raises(Ended):
        evaluate(program, backend=backend, progress=end)
    assert backend.made == 1


def _unchanged(args: Any) -> Any:
    return pulumi.ResourceTransformResult(args.props, args.opts)


def _transformed_resource() -> None:
    aws.ec2.Eip("eip", opts=pulumi.ResourceOptions(transforms=[_unchanged]))


def _transformed_stack() -> None:
    pulumi.runtime.register_resource_transform(_unchanged)
    aws.ec2.Eip("eip")


@pytest.mark.parametrize("program", [_transformed_resource, _transformed_stack])
def test_transforms_are_refused_instead_of_left_out(program: Callable[[], None]) -> None:
    with pytest.raises(UnsupportedError, match="transforms are run by the engine alone"):
        evaluate(program)
