"""Which stack a command is for, and whose AWS: option, variable, Pulumi's selection; never another account."""

import hashlib
import json
import socket
from pathlib import Path

import pytest

from tests.workbench.cli.conftest import Project
from workbench.aws.account.identity import Caller, Sts
from workbench.cli.shared.environment import is_embedded, open_environment
from workbench.cli.shared.stack import selected_stack
from workbench.errors import OperatorError


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Pulumi's own folder, empty."""
    home = tmp_path / "pulumi-home"
    (home / "workspaces").mkdir(parents=True)
    monkeypatch.setenv("PULUMI_HOME", str(home))
    for variable in ("PULUMI_STACK", "PULUMI_BACKEND_URL"):
        monkeypatch.delenv(variable, raising=False)
    return home


def _select(home: Path, root: Path, workspace: str) -> None:
    digest = hashlib.sha1(f"{root}/Pulumi.yaml".encode(), usedforsecurity=False).hexdigest()
    (home / "workspaces" / f"sample-{digest}-workspace.json").write_text(workspace)


def test_named_stack_comes_before_the_selected_one(project: Project, home: Path) -> None:
    _select(home, project.folder, '{"stack": "organization/sample/trial"}')
    assert selected_stack("live", project.folder) == "live"


@pytest.mark.parametrize("stack", ["trial", "organization/sample/trial"])
def test_pulumis_selection_counts_where_none_is_named(project: Project, home: Path, stack: str) -> None:
    _select(home, project.folder, json.dumps({"stack": stack}))
    assert selected_stack(None, project.folder) == "trial"


def test_pulumis_own_variable_comes_before_its_selection(
    project: Project, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _select(home, project.folder, json.dumps({"stack": "trial"}))
    monkeypatch.setenv("PULUMI_STACK", "organization/sample/live")
    assert selected_stack(None, project.folder) == "live"


_SELECTED = json.dumps({"stack": "trial", "stacks": {"s3://a": "organization/sample/trial", "file://b": "live"}})


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [
        (("file://b", "s3://a", "s3://a"), "live"),
        ((None, "file://b", "s3://a"), "live"),
        ((None, None, "file://b"), "live"),
        ((None, None, "s3://a"), "trial"),
    ],
)
def test_selection_is_that_of_the_current_backend(
    project: Project,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    addresses: tuple[str | None, str | None, str],
    *,
    expected: str,
) -> None:
    variable, in_project, logged_in = addresses
    _select(home, project.folder, _SELECTED)
    if variable is not None:
        monkeypatch.setenv("PULUMI_BACKEND_URL", variable)
    if in_project is not None:
        (project.folder / "Pulumi.yaml").write_text(f"name: sample\nruntime: python\nbackend:\n  url: {in_project}\n")
    (home / "credentials.json").write_text(json.dumps({"current": logged_in}))
    assert selected_stack(None, project.folder) == expected


def test_selection_of_another_backend_does_not_count(project: Project, home: Path) -> None:
    _select(home, project.folder, _SELECTED)
    (home / "credentials.json").write_text('{"current": "https://api.pulumi.com"}')
    with pytest.raises(OperatorError):
        selected_stack(None, project.folder)


@pytest.mark.parametrize("workspace", ["", "[]", "{}", '{"stack": ""}', '{"stacks": {}}', '{"stacks": []}'])
def test_without_any_stack_the_three_ways_are_named(project: Project, home: Path, workspace: str) -> None:
    _select(home, project.folder, workspace)
    with pytest.raises(OperatorError) as refused:
        selected_stack(None, project.folder)
    assert str(refused.value) == (
        "stack: missing; allowed: --stack or ZELLY_STACK with one of live, trial, or `pulumi stack select`"
    )


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        (None, False),
        ("http://127.0.0.1:4566", True),
        ("http://[::1]:4566", True),
        ("http://localhost:4566", True),
        ("https://ecs.ap-south-1.amazonaws.com", False),
        ("http://10.0.0.4:4566", False),
    ],
)
def test_only_an_aws_on_this_machine_counts_as_embedded(
    monkeypatch: pytest.MonkeyPatch, endpoint: str | None, expected: bool
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    if endpoint is not None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    assert is_embedded() is expected


@pytest.mark.usefixtures("sample_commands")
def test_credentials_of_another_account_are_refused(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def elsewhere(_self: Sts) -> Caller:
        return Caller(account_id="999999999999", arn="arn:aws:iam::999999999999:user/somebody")

    monkeypatch.chdir(project.folder)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setattr(Sts, "caller", elsewhere)
    with pytest.raises(OperatorError) as refused:
        open_environment("trial")
    assert str(refused.value) == (
        "credentials: came arn:aws:iam::999999999999:user/somebody of account 999999999999; "
        "allowed for trial: account 123456789012"
    )


@pytest.mark.usefixtures("sample_commands")
def test_environment_knows_its_regions(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.folder)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{listening.getsockname()[1]}")
        environment = open_environment("trial")
    assert (environment.stack, environment.aws.region, environment.registry.region) == (
        "trial",
        "eu-west-1",
        "ap-south-1",
    )
