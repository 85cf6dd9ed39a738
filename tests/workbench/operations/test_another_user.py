"""What root never meets: a process of another user, and files and folders that are closed to the operator."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.another_user import as_another_user
from tests.support.sample import read_stack_file
from workbench.errors import OperatorError
from workbench.operations.private_files import write_private
from workbench.operations.state.locks import this_machine


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Path]:
    """A folder that everybody may look into, with a file that is closed, and that nobody may write in."""
    # pytest keeps its folders to their owner, one more of them in each of its workers.
    for folder in (tmp_path, *(each for each in tmp_path.parents[:3] if "pytest" in str(each))):
        folder.chmod(0o755)
    (tmp_path / "Pulumi.trial.yaml").write_text("config: {}\n")
    (tmp_path / "Pulumi.trial.yaml").chmod(0o000)
    tmp_path.chmod(0o555)
    yield tmp_path
    tmp_path.chmod(0o755)


def refusal(path: Path, action: str) -> str:
    """Return the line that an action on a closed path is refused with."""
    actions = {
        "write": lambda: write_private(path / "client.conf", "secret", replace=False, otherwise=""),
        "stack file": lambda: read_stack_file("trial", path),
    }

    def call() -> str:
        try:
            actions[action]()
        except OperatorError as error:
            return "\n".join(error.lines)
        return "taken"

    return as_another_user(call)


def test_process_of_another_user_runs() -> None:
    # To root, a signal to any process is allowed: only somebody else is refused for one that runs.
    assert as_another_user(lambda: str(this_machine().runs(1 if os.geteuid() else os.getpid()))) == "True"


def test_process_that_is_gone_does_not_run_for_another_user() -> None:
    gone = os.fork()
    if gone == 0:
        os._exit(0)
    os.waitpid(gone, 0)
    assert as_another_user(lambda: str(this_machine().runs(gone))) == "False"


@pytest.mark.parametrize(
    ("action", "line"),
    [
        ("write", "{}/client.conf: Permission denied; a file that can be written is required"),
        ("stack file", "Pulumi.trial.yaml: Permission denied; a file that can be read is required"),
    ],
)
def test_what_is_closed_is_told_in_one_line(closed: Path, action: str, line: str) -> None:
    told = refusal(closed, action)
    assert told.startswith(line.format(closed)), told
    assert "\n" not in told
    assert not list(closed.glob(".client.conf*"))
