"""What Zelly's own commands say, and end with, when the thing they were asked for is missing or there already."""

import shutil
from pathlib import Path

import pytest

from tests.zelly_infra.operated.conftest import Operator, Up
from tests.zelly_infra.stack_files import PREPRODUCTION, environment_of, with_changes, write_stack_file

# What was typed, the exit code, and the line that says it.
CASES: list[tuple[str, int, str]] = [
    ("vpn config nobody --stack preproduction", 2, "peer: came nobody; allowed in preproduction: peer1, peer2"),
    ("vpn peers --stack preproduction", 1, "not in AWS yet: the next `pulumi up` adds it"),
    ("vpn peers --stack staging", 0, "in sync"),
    (
        "restore efs --recovery-point latest --yes --stack preproduction",
        2,
        "file system zelly-preproduction-caddy is not in EFS",
    ),
    ("service add fastify-nova", 2, "service: fastify-nova; every stack file has it, there is nothing to add"),
    ("environment add staging --from production --region eu-west-2", 2, "Pulumi.staging.yaml"),
]


@pytest.fixture
def elsewhere(operator: Operator, sandbox: Up, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Operator:
    """The operator in a copy of the project with a third stack of which nothing is up."""
    for file in (*sandbox.folder.glob("Pulumi*.yaml"), sandbox.folder / "__main__.py"):
        shutil.copy(file, tmp_path)
    write_stack_file(tmp_path, "preproduction", with_changes(environment_of("staging"), PREPRODUCTION))
    monkeypatch.chdir(tmp_path)
    return operator


@pytest.mark.parametrize(("typed", "code", "line"), CASES, ids=[typed for typed, _, _ in CASES])
def test_is_said_in_one_line(elsewhere: Operator, typed: str, code: int, line: str) -> None:
    completed = elsewhere.run(*typed.split())
    said = f"{completed.stdout}{completed.stderr}"
    assert line in said, said
    assert completed.exit_code == code, said
    if code == 2:
        assert (completed.stdout, completed.stderr.count("\n")) == ("", 1)
