"""Planning a push from what the repository, the registry and Git say; Ctrl-C says how far it got."""

import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from tests.support.sample import OTHER, OWNER, REGIONS, description_of
from tests.workbench.operations.failing import failed, failure, interrupted, refused
from workbench.aws.ecr.registry import EcrRegistry, RegistryLogin
from workbench.aws.ecr.repositories import Ecr, Image, Manifest
from workbench.aws.shared.errors import Reason
from workbench.errors import OperatorError
from workbench.operations.git import Checkout, checkout
from workbench.operations.images.docker import Docker, DockerError, LocalImage
from workbench.operations.images.push import (
    BuildSource,
    ImagePushPlan,
    add_other_tags,
    plan_image_push,
    push_image,
    read_source,
)

URI = "1.dkr.ecr.eu-west-1.amazonaws.com/sample/app"
SOURCE = BuildSource(context=Path("app"), dockerfile=None, checkout=Checkout(commit="1a2b3c4d" + "0" * 32, changes=()))


class FakeRegistry:
    def __init__(self, uri: str | None = URI) -> None:
        self.uri = uri

    def repository_uri(self, name: str) -> str | None:
        assert name == "sample/app"
        return self.uri

    def login(self) -> RegistryLogin:
        return RegistryLogin(username="AWS", password="password")


TAKEN = Image(
    repository="sample/app",
    digest="sha256:1",
    tags=("trial-1a2b3c4d", "trial-x"),
    pushed_at=datetime(2026, 5, 4, tzinfo=UTC),
)


class FakeEcr:
    def __init__(self, *images: Image) -> None:
        self._images = list(images)

    def images(self, repository: str) -> list[Image]:
        assert repository == "sample/app"
        return self._images


def plan(
    *,
    registry: FakeRegistry | None = None,
    architecture: str = "X86_64",
    source: BuildSource = SOURCE,
    tag: str | None = None,
    allow_dirty: bool = True,
    images: tuple[Image, ...] = (),
    built: str | None = None,
    also: tuple[str, ...] = (),
    **tags: Any,
) -> ImagePushPlan:
    description = description_of(OTHER)
    service = replace(description.deployed["web"], architecture=architecture)
    return plan_image_push(
        description=replace(description, deployed={**description.deployed, "web": service}, **tags),
        service="web",
        container="app",
        repository="sample/app",
        source=source,
        tag=tag,
        allow_dirty=allow_dirty,
        registry=cast(EcrRegistry, registry or FakeRegistry()),
        ecr=cast(Ecr, FakeEcr(*images)),
        built=built,
        other_tags=also,
    )


@pytest.mark.parametrize(("architecture", "platform"), [("X86_64", "linux/amd64"), ("ARM64", "linux/arm64")])
def test_image_is_built_for_what_the_service_runs_on(architecture: str, platform: str) -> None:
    assert plan(architecture=architecture).lines() == [
        f"build app for {platform}, commit 1a2b3c4d",
        f"push  {URI}:trial-1a2b3c4d",
    ]


def test_plan_of_a_dirty_tree_says_so() -> None:
    dirty = BuildSource(context=Path("app"), dockerfile=None, checkout=Checkout(commit="1a2b3c4d", changes=("?? new",)))
    assert plan(source=dirty).lines()[-1] == "The tree differs from the commit in 1 file, and the tag says so."


def test_commit_that_is_in_the_registry_is_not_built_again() -> None:
    found = plan(images=(TAKEN,))
    assert found.lines() == [f"{URI}:trial-1a2b3c4d is in the registry already: nothing is built"]
    assert found.document() == {
        "container": "app",
        "repository": "sample/app",
        "tag": "trial-1a2b3c4d",
        "reference": f"{URI}:trial-1a2b3c4d",
        "platform": "linux/amd64",
        "context": "app",
        "dockerfile": None,
        "commit": SOURCE.checkout.commit,
        "changed_files": 0,
        "existing_digest": "sha256:1",
    }


def test_dirty_tree_has_a_tag_of_its_own_and_has_to_be_allowed() -> None:
    dirty = BuildSource(
        context=Path("app"), dockerfile=None, checkout=Checkout(commit="1a2b3c4d", changes=(" M a", "b"))
    )
    found = plan(source=dirty, images=(TAKEN,))
    assert re.fullmatch(r"trial-1a2b3c4d-dirty-\d{8}t\d{6}z", found.tag)
    assert (found.existing_digest, found.document()["changed_files"]) == (None, 2)
    assert refused(plan, source=dirty, allow_dirty=False) == [
        "--context: app differs from its commit in 2 files, first M a; commit them, or --allow-dirty builds them and "
        "puts it into the tag"
    ]


def test_tag_is_of_the_stacks_kind_not_too_long_and_not_taken() -> None:
    longest = "trial-" + "x" * 122
    assert plan(tag=longest).tag == longest
    allowed = "allowed: trial- and letters, digits, dots, dashes, underscores"
    for tag, line in (
        (f"{longest}x", f"--tag: came {longest}x; {allowed}"),
        ("prod-1", f"--tag: came prod-1; {allowed}"),
        ("trial-a b", f"--tag: came trial-a b; {allowed}"),
        ("trial-x", "--tag: came trial-x; taken by sha256:1, and tags are immutable: another one is allowed"),
    ):
        assert refused(plan, tag=tag, images=(TAKEN,)) == [line]


def test_missing_repository_is_one_line() -> None:
    assert refused(plan, registry=FakeRegistry(None)) == [
        f"repository: sample/app is not in {REGIONS[OWNER]}; `pulumi up` of its stack makes it"
    ]


def test_source_that_is_not_there_or_in_no_repository_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "Dockerfile"
    refusals = [
        (tmp_path / "no", None, f"--context: came {tmp_path}/no; allowed: a folder"),
        (tmp_path, None, f"--context: {file} is not there; --dockerfile names another one"),
        (tmp_path, tmp_path / "Other", f"--dockerfile: {tmp_path}/Other is not there; --dockerfile names another one"),
    ]
    for context, dockerfile, line in refusals:
        assert refused(read_source, context, dockerfile) == [line]
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
        assert refused(checkout, tmp_path) == [
            f"--context: {tmp_path} is not in a Git repository with a commit (git: {reason})"
        ]


def test_missing_git_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OperatorError, match=r"^git: not on PATH; it tells which commit is built$"):
        checkout(tmp_path)


COMMITS: dict[str, Any] = {"tag_prefix": "sha", "commit_digits": 40, "other_tag_prefixes": ("branch",)}
WHOLE = f"sha-{SOURCE.checkout.commit}"


def test_tag_of_a_whole_commit_is_that_and_nothing_else() -> None:
    assert plan(**COMMITS).tag == plan(tag=WHOLE, **COMMITS).tag == WHOLE
    for tag in ("sha-1a2b3c4d", f"{WHOLE}-2", "branch-main"):
        assert refused(plan, tag=tag, **COMMITS) == [f"--tag: came {tag}; allowed: sha- and a whole commit (40 digits)"]
    dirty = replace(SOURCE, checkout=Checkout(commit="1" * 40, changes=("?? new",)))
    assert refused(plan, source=dirty, **COMMITS) == [
        "--context: app differs from its commit in 1 file, first ?? new; commit them: a tag of trial is a whole commit"
    ]


def test_own_tag_of_a_commit_that_is_there_is_no_mistake() -> None:
    there = replace(TAKEN, tags=(WHOLE,))
    assert plan(tag=WHOLE, images=(there,), **COMMITS).existing_digest == TAKEN.digest


def test_other_tags_are_of_the_kinds_that_are_never_deployed() -> None:
    found = plan(also=("branch-main", "branch-a.b"), **COMMITS)
    assert found.lines()[2:] == [f"tag   {URI}:branch-main", f"tag   {URI}:branch-a.b"]
    assert found.document()["other_tags"] == ["branch-main", "branch-a.b"]
    for tag in (WHOLE, "deployed-trial-1", "branch-", f"branch-{'x' * 122}"):
        assert refused(plan, also=(tag,), **COMMITS) == [f"--also: came {tag}; allowed in trial: branch-…"]
    assert refused(plan, also=("branch-main",)) == [
        "--also: came branch-main; allowed in trial: none, no image has others"
    ]


class TaggingEcr(FakeEcr):
    """A registry in which one tag is another image's for ever."""

    def __init__(self, *images: Image) -> None:
        super().__init__(*images)
        self.tagged: list[str] = []

    def manifest(self, _: Image) -> Manifest:
        return Manifest(text='{"config": {"digest": "sha256:config"}}', media_type="m")

    def add_tag(self, image: Image, _: Manifest, tag: str) -> None:
        if tag == "branch-taken":
            raise failure("ecr:PutImage", Reason.REFUSED, "ImageTagAlreadyExistsException")
        self.tagged.append(f"{image.digest} {tag}")


def test_other_tags_are_added_once_and_one_that_cannot_move_is_one_line() -> None:
    ecr = TaggingEcr(replace(TAKEN, tags=(WHOLE, "branch-has-it")))
    pushed = plan(also=("branch-has-it", "branch-main"), **COMMITS)
    add_other_tags(pushed, cast(Ecr, ecr))
    assert ecr.tagged == ["sha256:1 branch-main"]
    assert failed(add_other_tags, plan(also=("branch-taken",), **COMMITS), cast(Ecr, ecr)) == [
        f"--also: came branch-taken; taken by another image, and it cannot be moved; {URI}:{WHOLE} is pushed"
    ]
    assert failed(add_other_tags, pushed, cast(Ecr, TaggingEcr())) == [
        f"{URI}:{WHOLE} is not in the registry any more: it got no other tag"
    ]


class BuiltDocker:
    """A docker with one image in its store."""

    def __init__(self, id_: str, platform: str = "linux/amd64") -> None:
        self.image = LocalImage(id=id_, platform=platform)
        self.done: list[str] = []

    def inspect(self, name: str) -> LocalImage:
        assert name == "tested:1"
        return self.image

    def tag(self, name: str, reference: str) -> None:
        self.done.append(f"{name} is {reference}")

    @contextmanager
    def logged_in(self, _: str, __: RegistryLogin) -> Generator["BuiltDocker"]:
        yield self

    def push(self, reference: str) -> None:
        self.done.append(f"push {reference}")


def _push_built(docker: BuiltDocker, *images: Image) -> str:
    return push_image(
        plan(built="tested:1", **COMMITS),
        docker=cast(Docker, docker),
        registry=cast(EcrRegistry, FakeRegistry()),
        ecr=cast(Ecr, TaggingEcr(*images)),
    )


def test_image_that_was_tested_is_the_one_that_is_pushed() -> None:
    assert plan(built="tested:1", **COMMITS).lines() == [
        "take  tested:1, built of commit 1a2b3c4d",
        f"push  {URI}:{WHOLE}",
    ]
    docker = BuiltDocker("sha256:config")
    assert failed(_push_built, docker)[0].startswith("docker pushed")
    assert docker.done == [f"tested:1 is {URI}:{WHOLE}", f"push {URI}:{WHOLE}"]


@pytest.mark.parametrize("id_", ["sha256:1", "sha256:config"])
def test_same_image_under_the_same_tag_is_success(id_: str) -> None:
    docker = BuiltDocker(id_)
    assert _push_built(docker, replace(TAKEN, tags=(WHOLE,))) == TAKEN.digest
    assert docker.done == []


def test_another_image_under_the_same_tag_and_another_platform_are_one_line() -> None:
    assert refused(_push_built, BuiltDocker("sha256:2"), replace(TAKEN, tags=(WHOLE,))) == [
        f"--built: came tested:1 (sha256:2); {URI}:{WHOLE} is another image (sha256:1) and stays: deploy that one, or "
        "build another commit"
    ]
    assert refused(_push_built, BuiltDocker("sha256:2", "linux/arm64")) == [
        "--built: came tested:1, made for linux/arm64; allowed: linux/amd64"
    ]


class InterruptedDocker:
    """A docker that Ctrl-C, or an error, reaches during one of its steps."""

    def __init__(self, step: str, error: BaseException | None = None) -> None:
        self.step, self.error = step, error or KeyboardInterrupt()

    def _reach(self, step: str) -> None:
        if step == self.step:
            raise self.error

    def build(self, reference: str, **_: object) -> None:
        assert reference == f"{URI}:trial-1a2b3c4d"
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
        ("login", f"Built {URI}:trial-1a2b3c4d on this machine; nothing was pushed."),
        (
            "push",
            f"Built {URI}:trial-1a2b3c4d; its push was begun, and the tag comes last: run the same again.",
        ),
    ],
)
def test_ctrl_c_says_how_far_it_got(step: str, line: str) -> None:
    assert interrupted(_push, InterruptedDocker(step)) == [line]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (DockerError("docker build ended with 1"), "docker build ended with 1"),
        (failure("ecr:GetAuthorizationToken", Reason.REFUSED), "ecr:GetAuthorizationToken, it: Code: no"),
    ],
)
def test_failure_says_how_far_it_got(error: Exception, said: str) -> None:
    assert failed(_push, InterruptedDocker("build", error)) == [said, "Nothing was pushed."]


def test_image_that_is_not_in_the_registry_afterwards_is_a_failure() -> None:
    assert failed(_push, InterruptedDocker("never")) == [
        f"docker pushed {URI}:trial-1a2b3c4d, but ECR in {REGIONS[OWNER]} has no image of that tag"
    ]


def _push(docker: InterruptedDocker) -> str:
    return push_image(
        plan(),
        docker=cast(Docker, docker),
        registry=cast(EcrRegistry, FakeRegistry()),
        ecr=cast(Ecr, FakeEcr()),
    )
