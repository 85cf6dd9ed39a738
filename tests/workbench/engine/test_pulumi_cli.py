import re
from pathlib import Path

import psutil
import pytest

from tests.support.sample import ROOT
from workbench.engine.pulumi_cli import Engine, copy_project, engine_session, find_engine, pinned_version
from workbench.errors import OperatorError
from workbench.sandbox.embedded import EmbeddedAws, ServerState


def install(folder: Path, version: str) -> Engine:
    """Put a CLI that only says its version, and the runner beside it, into a folder."""
    folder.mkdir(parents=True)
    engine = Engine(pulumi=folder / "pulumi", runner=folder / "pulumi-language-python-exec")
    engine.pulumi.write_text(f"#!/bin/sh\necho v{version}\n")
    engine.runner.touch()
    for path in (engine.pulumi, engine.runner):
        path.chmod(0o755)
    return engine


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository that pins a version."""
    pinned = tmp_path / "repository" / "tools" / "engine" / "go.mod"
    pinned.parent.mkdir(parents=True)
    pinned.write_text("module engine\n\nrequire github.com/pulumi/pulumi/pkg/v3 v3.1.4\n\nrequire (\n)\n")
    return tmp_path / "repository"


@pytest.fixture
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH."""
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    return tmp_path / "path"


def test_cli_on_path_of_the_pinned_version_is_used(repository: Path, on_path: Path) -> None:
    installed = install(on_path, "3.1.4")
    install(repository / ".engine" / "bin", "3.1.4")
    assert find_engine(repository) == installed


def test_cli_of_another_version_is_passed_over_for_the_built_one(repository: Path, on_path: Path) -> None:
    install(on_path, "3.1.5")
    built = install(repository / ".engine" / "bin", "3.1.4")
    assert find_engine(repository) == built


@pytest.mark.usefixtures("on_path")
def test_missing_engine_is_an_error_that_says_how_to_get_one(repository: Path) -> None:
    install(repository / ".engine" / "bin", "3.1.3")
    with pytest.raises(OperatorError) as caught:
        find_engine(repository)
    assert str(caught.value) == ("pulumi: no 3.1.4 on PATH and none in .engine/bin; `make engine` builds it (needs Go)")


def test_cli_without_its_runner_is_no_engine(repository: Path, on_path: Path) -> None:
    install(on_path, "3.1.4").runner.unlink()
    built = install(repository / ".engine" / "bin", "3.1.4")
    assert find_engine(repository) == built


def test_cli_and_its_sdk_are_pinned_at_one_version() -> None:
    module = (ROOT / "tools/engine/go.mod").read_text()
    versions = re.findall(r"github\.com/pulumi/pulumi/(\w+)/v3 v(\S+)", module)
    assert versions == [("pkg", pinned_version(ROOT)), ("sdk", pinned_version(ROOT))]


def test_project_is_copied_with_its_stack_files_and_without_packages(tmp_path: Path) -> None:
    copy_project(ROOT, tmp_path / "project")
    assert sorted(path.name for path in (tmp_path / "project").iterdir()) == [
        "Pulumi.production.yaml",
        "Pulumi.staging.yaml",
        "Pulumi.yaml",
        "__main__.py",
    ]


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """A CLI that tells its environment."""
    engine = install(tmp_path / "installed", pinned_version(ROOT))
    engine.pulumi.write_text("#!/bin/sh\nexec env\n")
    return engine


def test_commands_see_nothing_of_the_operators_accounts(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_PROFILE", "CLOUDFLARE_API_TOKEN", "PULUMI_ACCESS_TOKEN"):
        monkeypatch.setenv(name, "the operator's own")
    with engine_session(ROOT, tmp_path / "session", engine=engine) as session:
        printed = session.run("preview").stdout
        seen = dict(line.split("=", 1) for line in printed.splitlines() if line.startswith(("AWS_", "PULUMI_")))
        passphrase = seen.pop("PULUMI_CONFIG_PASSPHRASE")
        providers = seen.pop("PULUMI_DEBUG_PROVIDERS")
        host = seen.pop("PULUMI_DEBUG_LANGUAGES")
        assert seen == {
            "AWS_ACCESS_KEY_ID": "sandbox",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": session.aws.endpoint_url,
            "AWS_SECRET_ACCESS_KEY": "sandbox",
            "PULUMI_BACKEND_URL": f"file://{tmp_path}/session/state",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_HOME": f"{tmp_path}/session/home",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
    assert "the operator's own" not in printed
    assert len(passphrase) == 32
    assert [part.split(":")[0] for part in providers.split(",")] == ["aws", "cloudflare", "random"]
    assert host.startswith("python:")


def test_real_plugins_are_downloaded_and_the_other_providers_attached(engine: Engine, tmp_path: Path) -> None:
    with engine_session(ROOT, tmp_path / "session", engine=engine, plugins=["aws", "random"]) as session:
        attached = session.environment["PULUMI_DEBUG_PROVIDERS"].split(",")
        assert [provider.split(":")[0] for provider in attached] == ["cloudflare"]
        assert {"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "PULUMI_HOME"} & set(session.environment) == set()


def test_everything_that_was_started_ends_with_the_session_also_on_an_error(engine: Engine, tmp_path: Path) -> None:
    this_process = psutil.Process()
    before = set(this_process.children(recursive=True))
    started: set[psutil.Process] = set()

    def fail_inside() -> None:
        with engine_session(ROOT, tmp_path / "session", engine=engine):
            started.update(set(this_process.children(recursive=True)) - before)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_inside()
    assert len(started) == 3  # embedded AWS, language host, providers
    assert [process for process in started if process.is_running()] == []


def test_provider_that_does_not_start_says_why(engine: Engine, tmp_path: Path) -> None:
    aws = EmbeddedAws(ServerState(pid=0, port=9, token="unused"))
    aws.endpoint_url = "http://192.0.2.1:9"
    with pytest.raises(OperatorError) as caught, engine_session(ROOT, tmp_path / "session", engine=engine, aws=aws):
        pass
    assert str(caught.value) == (
        "workbench.engine.provider did not start: "
        "ValueError: endpoint_url: http://192.0.2.1:9; only a loopback address is allowed"
    )
