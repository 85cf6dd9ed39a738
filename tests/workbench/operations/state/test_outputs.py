"""Outputs of a stack: of the state, or of the embedded AWS that made it."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.fake_pulumi import asked, pulumi
from tests.workbench.operations.answering import answering
from tests.workbench.operations.failing import refused
from workbench.operations.state.outputs import stack_output
from workbench.sandbox import embedded

ENDPOINT = "http://127.0.0.1:4566"


@pytest.fixture
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a folder before all others on PATH, and turn to AWS itself."""
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    return tmp_path


def test_output_is_read_from_the_state(on_path: Path) -> None:
    pulumi(on_path, stdout='{"a": 1}')
    assert stack_output("vpn", stack="live", root=on_path) == {"a": 1}
    assert asked(on_path)[2:] == [
        "stack",
        "output",
        "vpn",
        "--show-secrets",
        "--json",
        "--stack",
        "live",
        "--non-interactive",
    ]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"stderr": "warning: w\nerror: no stack named 'live'\nerror: more\n", "code": 255}, "no stack named 'live'"),
        ({"stdout": "secret", "stderr": "at line 1", "code": 2}, "it ended with 2"),
        ({"stdout": "secret, no JSON"}, "it answered with no JSON"),
    ],
)
def test_output_that_cannot_be_read_is_told_without_it(on_path: Path, said: Mapping[str, Any], reason: str) -> None:
    pulumi(on_path, **said)
    assert refused(stack_output, "vpn", stack="live", root=on_path) == [
        f"pulumi stack output vpn --stack live: {reason}"
    ]


def test_output_without_pulumi_is_refused(on_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(on_path))
    assert refused(stack_output, "vpn", stack="live", root=on_path) == [
        "pulumi: not on PATH; the output vpn of live stands in the state, which only Pulumi reads"
    ]


@pytest.mark.parametrize("endpoint", [ENDPOINT, f"{ENDPOINT}/"])
def test_embedded_aws_of_this_project_kept_the_outputs(
    on_path: Path, monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    kept = {"live": {"vpn": "kept"}}
    is_running = answering(outputs=kept.get)
    is_running.endpoint_url = ENDPOINT

    def running(state_file: Path) -> Any:
        return is_running if state_file.is_relative_to(on_path) else None

    monkeypatch.setattr(embedded, "running", running)
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    assert stack_output("vpn", stack="live", root=on_path) == "kept"
    for name, stack, line in (
        ("other", "live", "live: the stack has no output other"),
        ("vpn", "down", f"down: not up in the embedded AWS at {endpoint}; `zelly sandbox up down` brings it up"),
    ):
        assert refused(stack_output, name, stack=stack, root=on_path) == [line]
    # Another embedded AWS, or none of this project's: the state has it.
    pulumi(on_path, stdout='"of the state"')
    is_running.endpoint_url = "http://127.0.0.1:1"
    assert stack_output("vpn", stack="live", root=on_path) == "of the state"
    assert stack_output("vpn", stack="live", root=Path("/")) == "of the state"
