"""What Pulumi's command line is asked, and what its answers mean; a script stands in its place."""

import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.workbench.operations.answering import answering
from workbench.errors import OperationFailedError, OperatorError
from workbench.operations.drift.preview import preview
from workbench.operations.pulumi_command import find_pulumi, run_pulumi
from workbench.operations.state.outputs import stack_output
from workbench.sandbox import embedded

ENDPOINT = "http://127.0.0.1:4566"


def pulumi(folder: Path, *, stdout: str = "", stderr: str = "", code: int = 0) -> str:
    """Make a program that notes what it was given, and says this."""
    path = folder / "pulumi"
    (folder / "stdout").write_text(stdout)
    (folder / "stderr").write_text(stderr)
    path.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$PWD" "$PULUMI_SKIP_UPDATE_CHECK" "$@" > {folder}/asked\n'
        f"cat {folder}/stdout\ncat {folder}/stderr >&2\nread line && exit 99\nexit {code}\n"
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def asked(folder: Path) -> list[str]:
    return (folder / "asked").read_text().splitlines()


def test_pulumi_runs_in_the_projects_folder_and_is_given_no_input(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    ran = run_pulumi(pulumi(tmp_path, stdout="out", stderr="err", code=3), ["a", "b c"], root)
    assert (ran.returncode, ran.stdout, ran.stderr) == (3, "out", "err")
    assert asked(tmp_path) == [str(root), "true", "a", "b c"]


def test_pulumi_is_found_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_pulumi() is None
    program = pulumi(tmp_path)
    assert find_pulumi() == program


PLANNED: Mapping[str, Any] = {"steps": []}


def test_preview_is_what_pulumi_plans(tmp_path: Path) -> None:
    assert preview("live", tmp_path, pulumi(tmp_path, stdout=json.dumps(PLANNED))) == PLANNED
    assert asked(tmp_path)[2:] == [
        "preview",
        "--refresh",
        "--json",
        "--non-interactive",
        "--color",
        "never",
        "--stack",
        "live",
    ]


@pytest.mark.parametrize(
    ("stdout", "stderr", "code", "lines"),
    [
        ("no JSON", "warning: x\n\nerror: y\n", 0, ["  warning: x", "  error: y"]),
        (
            json.dumps(
                {
                    "diagnostics": [
                        {"severity": "error", "message": "first\n  second\n"},
                        {"severity": "warning", "message": "no"},
                    ]
                }
            ),
            "",
            255,
            ["  first", "    second"],
        ),
        ("{}", "", 1, []),
        ('{"diagnostics": null}', "x", 1, ["  x"]),
    ],
)
def test_preview_that_failed_is_told_in_pulumis_words(
    tmp_path: Path, stdout: str, stderr: str, code: int, lines: list[str]
) -> None:
    with pytest.raises(OperationFailedError) as raised:
        preview("live", tmp_path, pulumi(tmp_path, stdout=stdout, stderr=stderr, code=code))
    assert list(raised.value.lines) == [
        f"live: pulumi preview ended with {code}: whether it drifted is not known",
        *lines,
    ]


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
    with pytest.raises(OperatorError) as raised:
        stack_output("vpn", stack="live", root=on_path)
    assert raised.value.lines == (f"pulumi stack output vpn --stack live: {reason}",)


def test_output_without_pulumi_is_refused(on_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(on_path))
    with pytest.raises(OperatorError) as raised:
        stack_output("vpn", stack="live", root=on_path)
    assert raised.value.lines == (
        "pulumi: not on PATH; the output vpn of live stands in the state, which only Pulumi reads",
    )


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
        with pytest.raises(OperatorError) as raised:
            stack_output(name, stack=stack, root=on_path)
        assert raised.value.lines == (line,)
    # Another embedded AWS, or none of this project's: the state has it.
    pulumi(on_path, stdout='"of the state"')
    is_running.endpoint_url = "http://127.0.0.1:1"
    assert stack_output("vpn", stack="live", root=on_path) == "of the state"
    assert stack_output("vpn", stack="live", root=Path("/")) == "of the state"
