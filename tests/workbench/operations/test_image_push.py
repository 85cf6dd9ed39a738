"""Planning a push from what the repository, the registry and Git say; Ctrl-C says how far it got."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pytest

from tests.zelly_infra.stack_files import ROOT
from workbench.aws.ecr.registry import EcrRegistry, RegistryLogin
from workbench.aws.ecr.repositories import Ecr, Image
from workbench.config.stack_file import read_stack_file
from workbench.errors import OperationFailedError, OperationInterruptedError, OperatorError
from workbench.operations.git import Checkout, checkout
from workbench.operations.images.docker import Docker
from workbench.operations.images.push import BuildSource, ImagePushPlan, plan_image_push, push_image, read_source
from zelly_infra.config import EnvironmentConfig

URI = "1.dkr.ecr.eu-west-1.amazonaws.com/zelly/fastify-nova"
SOURCE = BuildSource(context=Path("app"), dockerfile=None, checkout=Checkout(commit="1a2b3c4d" + "0" * 32, changes=()))


class FakeRegistry:
    def __init__(self, uri: str | None = URI) -> None:
        self.uri = uri

    def repository_uri(self, name: str) -> str | None:
        assert name == "zelly/fastify-nova"
        return self.uri

    def login(self) -> RegistryLogin:
        return RegistryLogin(username="AWS", password="password")


class FakeEcr:
    def images(self, repository: str) -> list[Image]:
        assert repository == "zelly/fastify-nova"
        return []


def config(architecture: str = "X86_64") -> EnvironmentConfig:
    staging = read_stack_file("staging", ROOT).environment
    service = staging.services["fastify-nova"].model_copy(update={"architecture": architecture})
    return staging.model_copy(update={"services": {**staging.services, "fastify-nova": service}})


def plan(
    *, registry: FakeRegistry | None = None, architecture: str = "X86_64", source: BuildSource = SOURCE
) -> ImagePushPlan:
    return plan_image_push(
        config=config(architecture),
        service="fastify-nova",
        container="fastify-nova",
        repository="zelly/fastify-nova",
        source=source,
        tag=None,
        allow_dirty=True,
        registry=cast(EcrRegistry, registry or FakeRegistry()),
        ecr=cast(Ecr, FakeEcr()),
    )


@pytest.mark.parametrize(("architecture", "platform"), [("X86_64", "linux/amd64"), ("ARM64", "linux/arm64")])
def test_image_is_built_for_what_the_service_runs_on(architecture: str, platform: str) -> None:
    assert plan(architecture=architecture).lines() == [
        f"build app for {platform}, commit 1a2b3c4d",
        f"push  {URI}:staging-1a2b3c4d",
    ]


def test_plan_of_a_dirty_tree_says_so() -> None:
    dirty = BuildSource(context=Path("app"), dockerfile=None, checkout=Checkout(commit="1a2b3c4d", changes=("?? new",)))
    assert plan(source=dirty).lines()[-1] == "The tree differs from the commit in 1 file, and the tag says so."


def test_missing_repository_is_one_line() -> None:
    with pytest.raises(OperatorError) as raised:
        plan(registry=FakeRegistry(None))
    assert raised.value.lines == (
        "repository: zelly/fastify-nova is not in ap-south-1; `pulumi up` of its stack makes it",
    )


def test_source_that_is_not_there_or_in_no_repository_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "Dockerfile"
    refusals = [
        (tmp_path / "no", None, f"--context: came {tmp_path}/no; allowed: a folder"),
        (tmp_path, None, f"--context: {file} is not there; --dockerfile names another one"),
        (tmp_path, tmp_path / "Other", f"--dockerfile: {tmp_path}/Other is not there; --dockerfile names another one"),
    ]
    for context, dockerfile, line in refusals:
        with pytest.raises(OperatorError) as raised:
            read_source(context, dockerfile)
        assert raised.value.lines == (line,)
    file.write_text("FROM scratch")
    outside = (
        rf"^--context: {tmp_path} is not in a Git repository with a commit \(git: fatal: not a git repository.*\)$"
    )
    with pytest.raises(OperatorError, match=outside):
        read_source(tmp_path, None)


def test_reason_of_git_is_its_last_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git = tmp_path / "git"
    for said, reason in (
        ("printf 'hint: one\\nfatal: two\\nfatal: three\\n' >&2", "fatal: three"),
        (":", "no reason given"),
    ):
        git.write_text(f"#!/bin/sh\n{said}\nexit 128\n")
        git.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        with pytest.raises(OperatorError) as raised:
            checkout(tmp_path)
        assert raised.value.lines == (
            f"--context: {tmp_path} is not in a Git repository with a commit (git: {reason})",
        )


def test_missing_git_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OperatorError, match=r"^git: not on PATH; it tells which commit is built$"):
        checkout(tmp_path)


class InterruptedDocker:
    """A docker that Ctrl-C reaches during one of its steps."""

    def __init__(self, step: str) -> None:
        self.step = step

    def _reach(self, step: str) -> None:
        if step == self.step:
            raise KeyboardInterrupt

    def build(self, reference: str, **_: object) -> None:
        assert reference == f"{URI}:staging-1a2b3c4d"
        self._reach("build")

    @contextmanager
    def logged_in(self, registry: str, login: RegistryLogin) -> Generator["InterruptedDocker"]:
        assert (registry, login.username) == ("1.dkr.ecr.eu-west-1.amazonaws.com", "AWS")
        self._reach("login")
        yield self

    def push(self, _: str) -> None:
        self._reach("push")


@pytest.mark.parametrize(
    ("step", "line"),
    [
        ("build", "Nothing was pushed."),
        ("login", f"Built {URI}:staging-1a2b3c4d on this machine; nothing was pushed."),
        (
            "push",
            f"Built {URI}:staging-1a2b3c4d; its push was begun, and the tag comes last: run the same again.",
        ),
    ],
)
def test_ctrl_c_says_how_far_it_got(step: str, line: str) -> None:
    with pytest.raises(OperationInterruptedError) as raised:
        _push(InterruptedDocker(step))
    assert raised.value.lines == (line,)


def test_image_that_is_not_in_the_registry_afterwards_is_a_failure() -> None:
    with pytest.raises(OperationFailedError) as raised:
        _push(InterruptedDocker("never"))
    assert raised.value.lines == (
        f"docker pushed {URI}:staging-1a2b3c4d, but ECR in ap-south-1 has no image of that tag",
    )


def _push(docker: InterruptedDocker) -> str:
    return push_image(
        plan(),
        docker=cast(Docker, docker),
        registry=cast(EcrRegistry, FakeRegistry()),
        ecr=cast(Ecr, FakeEcr()),
    )
