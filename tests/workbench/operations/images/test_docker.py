"""Docker is called with exact arguments, and a login leaves nothing behind."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.fake_docker import FakeDocker, install_fake_docker, only_on_path
from tests.support.sample import ROOT
from workbench.aws.ecr.registry import RegistryLogin
from workbench.errors import OperatorError
from workbench.operations.images.docker import Docker, DockerError

PASSWORD = "secret-of-the-registry"
LOGIN = RegistryLogin(username="AWS", password=PASSWORD)
REGISTRY = "1.dkr.ecr.eu-west-1.amazonaws.com"
REFERENCE = f"{REGISTRY}/shop/api:prod-1a2b3c4d"


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeDocker:
    only_on_path(tmp_path, monkeypatch)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "theirs"))
    return install_fake_docker(tmp_path, ROOT)


def log_in(fake: FakeDocker) -> str:
    """Log in and return the folder that the login was made in."""
    with Docker.find().logged_in(REGISTRY, LOGIN):
        return fake.calls[-1]["configuration"]


def test_build_is_for_one_platform_with_the_operators_own_configuration(fake: FakeDocker, tmp_path: Path) -> None:
    docker = Docker.find()
    docker.build(REFERENCE, context=Path("app"), dockerfile=None, platform="linux/amd64")
    docker.build(REFERENCE, context=Path("app"), dockerfile=Path("app/Other"), platform="linux/arm64")
    start = ["buildx", "build", "--platform"]
    rest = ["--provenance=false", "--load", "--tag", REFERENCE]
    assert fake.arguments == [
        ["buildx", "version"],
        [*start, "linux/amd64", *rest, "app"],
        [*start, "linux/arm64", *rest, "--file", "app/Other", "app"],
    ]
    assert {call["configuration"] for call in fake.calls} == {str(tmp_path / "theirs")}


def test_password_is_given_on_stdin_and_nowhere_else(fake: FakeDocker) -> None:
    log_in(fake)
    login = fake.calls[-1]
    assert (login["arguments"], login["stdin"]) == (
        ["login", "--username", "AWS", "--password-stdin", REGISTRY],
        PASSWORD,
    )
    assert PASSWORD not in login["process_list"]
    assert PASSWORD not in repr(LOGIN)


def test_login_leads_to_the_operators_engine_and_knows_none_of_their_credentials(
    fake: FakeDocker, tmp_path: Path
) -> None:
    theirs = tmp_path / "theirs"
    (theirs / "contexts").mkdir(parents=True)
    (theirs / "cli-plugins").mkdir()
    settings = {
        "currentContext": "colima",
        "credsStore": "osxkeychain",
        "credHelpers": {"example.com": "helper"},
        "auths": {"example.com": {"auth": "of-another-registry"}},
    }
    (theirs / "config.json").write_text(json.dumps(settings))
    log_in(fake)
    files = fake.calls[-1]["files"]
    assert json.loads(files.pop("config.json")) == {"currentContext": "colima", "auths": {REGISTRY: {}}}
    assert files == {"contexts": str(theirs / "contexts"), "cli-plugins": str(theirs / "cli-plugins")}
    assert fake.calls[-1]["mode"] == "0o700"
    # What was only linked to is still there.
    assert (theirs / "contexts").is_dir()
    assert json.loads((theirs / "config.json").read_text()) == settings


@pytest.mark.parametrize("config", ["", "[]", "not JSON"])
def test_configuration_that_cannot_be_read_is_as_good_as_none(fake: FakeDocker, tmp_path: Path, config: str) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "config.json").write_text(config)
    log_in(fake)
    assert json.loads(fake.calls[-1]["files"]["config.json"]) == {"auths": {REGISTRY: {}}}


def _succeeds(_: FakeDocker) -> None:
    return


def _login_fails(fake: FakeDocker) -> None:
    fake.fails(login=1)


def _push_fails(fake: FakeDocker) -> None:
    fake.fails(push=1)


@pytest.mark.parametrize("prepare", [_succeeds, _login_fails, _push_fails])
def test_credentials_are_gone_however_it_ends(fake: FakeDocker, prepare: Callable[[FakeDocker], None]) -> None:
    docker = Docker.find()
    prepare(fake)
    failed = False
    try:
        with docker.logged_in(REGISTRY, LOGIN) as logged_in:
            if prepare is _push_fails:
                logged_in.push(REFERENCE)
    except DockerError:
        failed = True
    configuration = fake.calls[-1]["configuration"]
    assert failed is (prepare is not _succeeds)
    assert Path(configuration).name.startswith("docker-config-")
    assert not Path(configuration).exists()


def test_push_uses_the_configuration_of_the_login(fake: FakeDocker) -> None:
    docker = Docker.find()
    fake.fails(push=5)
    with (
        docker.logged_in(REGISTRY, LOGIN) as logged_in,
        pytest.raises(DockerError, match=r"^docker push ended with exit code 5$"),
    ):
        logged_in.push(REFERENCE)
    *_, login, push = fake.calls
    assert (push["arguments"], push["configuration"]) == (["push", REFERENCE], login["configuration"])


def test_refused_login_says_why_without_the_password(fake: FakeDocker) -> None:
    docker = Docker.find()
    fake.fails(login=3)
    with pytest.raises(DockerError) as raised, docker.logged_in(REGISTRY, LOGIN):
        pass
    assert str(raised.value) == (
        f"docker login to {REGISTRY} ended with exit code 3: refused, and here is what you said: ***"
    )


def test_failed_build_is_named(fake: FakeDocker) -> None:
    docker = Docker.find()
    fake.fails(buildx_build=17)
    with pytest.raises(DockerError, match=r"^docker buildx build ended with exit code 17$"):
        docker.build(REFERENCE, context=Path("app"), dockerfile=None, platform="linux/amd64")


def test_docker_without_buildx_is_one_line(fake: FakeDocker) -> None:
    fake.fails(buildx_version=1)
    with pytest.raises(OperatorError, match=r"^docker: without buildx; install Docker's buildx plugin$"):
        Docker.find()


def test_missing_docker_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    only_on_path(tmp_path, monkeypatch)
    with pytest.raises(OperatorError, match=r"^docker: not on PATH; install Docker, or let CI build the image$"):
        Docker.find()
