"""``zelly image push`` and ``list`` against the embedded AWS, with a docker that only records and pushes."""

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support import sample
from tests.support.fake_docker import FakeDocker, install_fake_docker, only_on_path
from tests.support.programs import require_program
from tests.workbench.conftest import Completed, Operator, Up

REGISTRY = "123456789012.dkr.ecr.ap-south-1.amazonaws.com"
TOKEN = "123456789012-auth-token"
"""moto's, without the user name."""
TRIAL = ("--stack", "trial")
PLATFORMS = {"trial": "linux/amd64", "live": "linux/arm64"}
"""Of the worker."""
PREFIXES = {"trial": "trial", "live": "live"}


@dataclass(frozen=True, kw_only=True)
class Checkout:
    """A service's Git repository with one commit."""

    folder: Path

    def git(self, *arguments: str) -> str:
        git = require_program("git", package="git")
        return subprocess.run(
            [git, "-C", str(self.folder), "-c", "user.name=Ann", "-c", "user.email=ann@example.com", *arguments],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()

    def commit(self) -> str:
        """Commit what there is, and return the first eight digits of the commit."""
        self.git("add", "--all")
        self.git("commit", "--allow-empty", "--message", "Change")
        return self.git("rev-parse", "HEAD")[:8]


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeDocker:
    """A docker and git, and nothing else, on PATH."""
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "git").symlink_to(require_program("git", package="git"))
    monkeypatch.delenv("DOCKER_CONFIG", raising=False)
    only_on_path(folder, monkeypatch)
    return install_fake_docker(folder, sample.ROOT)


@pytest.fixture
def checkout(tmp_path: Path, docker: FakeDocker) -> Checkout:
    """A repository whose commit is like no other's, so that no image of it exists."""
    del docker
    made = Checkout(folder=tmp_path / "service")
    made.folder.mkdir()
    made.git("init", "--quiet")
    (made.folder / "Dockerfile").write_text("FROM scratch\n")
    (made.folder / "where").write_text(str(tmp_path))
    made.commit()
    return made


def push(operator: Operator, checkout: Checkout, *arguments: str, service: str = "worker") -> Completed:
    return operator.run("image", "push", service, "--context", str(checkout.folder), *arguments)


def digest_of(up: Up, repository: str, tag: str) -> str:
    ecr = up.client("ecr", "ap-south-1")
    found = ecr.describe_images(repositoryName=repository, imageIds=[{"imageTag": tag}])["imageDetails"]
    return found[0]["imageDigest"]


@pytest.mark.parametrize("stack", ["trial", "live"])
def test_image_is_built_pushed_and_read_back_from_the_registrys_region(
    operator: Operator, up: Up, docker: FakeDocker, checkout: Checkout, stack: str
) -> None:
    tag = f"{PREFIXES[stack]}-{checkout.commit()}"
    platform = PLATFORMS[stack]
    reference = f"{REGISTRY}/sample/worker:{tag}"
    completed = push(operator, checkout, "--stack", stack)
    assert completed == Completed(
        exit_code=0,
        stdout=f"{reference}@{digest_of(up, 'sample/worker', tag)}\n",
        stderr=(
            f"build {checkout.folder} for {platform}, commit {tag[-8:]}\n"
            f"push  {reference}\n"
            "Deploy it with `zelly service deploy worker --container worker "
            f"--tag {tag} --stack {stack}`.\n"
        ),
    )
    assert docker.arguments == [
        ["buildx", "version"],
        [
            *("buildx", "build", "--platform", platform, "--provenance=false", "--load"),
            *("--tag", reference, str(checkout.folder)),
        ],
        ["login", "--username", "AWS", "--password-stdin", REGISTRY],
        ["push", reference],
    ]
    assert [call["stdin"] for call in docker.calls] == ["", "", TOKEN, ""]
    assert [call["configuration"] is None for call in docker.calls] == [True, True, False, False]


def test_image_that_was_built_before_is_pushed_and_never_another_one_in_its_place(
    operator: Operator, docker: FakeDocker, checkout: Checkout
) -> None:
    tag = f"trial-{checkout.commit()}"
    reference = f"{REGISTRY}/sample/worker:{tag}"
    completed = push(operator, checkout, *TRIAL, "--built", "tested:1")
    assert (completed.exit_code, completed.stderr.splitlines()[0]) == (
        0,
        f"take  tested:1, built of commit {tag[-8:]}",
    )
    assert [call for call in docker.arguments if call[0] in {"buildx", "image", "tag", "push"}] == [
        ["buildx", "version"],
        ["image", "inspect", "tested:1"],
        ["tag", "tested:1", reference],
        ["push", reference],
    ]
    again = push(operator, checkout, *TRIAL, "--built", "tested:1")
    assert (again.exit_code, again.stdout) == (2, "")
    assert "is another image (sha256:" in again.stderr.splitlines()[-1]
    also = push(operator, checkout, *TRIAL, "--also", "branch-main")
    assert (also.exit_code, also.stderr) == (
        2,
        "--also: came branch-main; allowed in trial: none, no image has others\n",
    )


def test_token_is_on_stdin_alone(operator: Operator, docker: FakeDocker, checkout: Checkout) -> None:
    completed = push(operator, checkout, *TRIAL, "--json")
    docker.fails(login=1)
    checkout.commit()
    refused = push(operator, checkout, *TRIAL)
    shown = [completed.stdout, completed.stderr, refused.stdout, refused.stderr]
    listed = [call["process_list"] for call in docker.calls]
    assert (completed.exit_code, refused.exit_code) == (0, 1)
    assert "***" in refused.stderr
    assert [text for text in [*shown, *listed] if TOKEN in text] == []
    assert [call["configuration"] for call in docker.calls if Path(str(call["configuration"])).exists()] == []


def test_commit_is_built_once(operator: Operator, docker: FakeDocker, checkout: Checkout) -> None:
    first = push(operator, checkout, *TRIAL)
    calls = len(docker.calls)
    second = push(operator, checkout, *TRIAL)
    reference = first.stdout.partition("@")[0]
    assert (second.exit_code, second.stdout) == (0, first.stdout)
    assert second.stderr.splitlines()[0] == f"{reference} is in the registry already: nothing is built"
    assert len(docker.calls) == calls


def test_dry_run_calls_no_docker(operator: Operator, docker: FakeDocker, checkout: Checkout) -> None:
    tag = f"trial-{checkout.commit()}"
    completed = push(operator, checkout, *TRIAL, "--dry-run", "--json")
    assert json.loads(completed.stdout) == {
        "executed": False,
        "plan": {
            "container": "worker",
            "repository": "sample/worker",
            "tag": tag,
            "reference": f"{REGISTRY}/sample/worker:{tag}",
            "platform": "linux/amd64",
            "context": str(checkout.folder),
            "dockerfile": None,
            "commit": checkout.git("rev-parse", "HEAD"),
            "changed_files": 0,
            "existing_digest": None,
        },
    }
    assert docker.calls == []


def test_dirty_tree_is_refused_unless_the_tag_may_say_so(
    operator: Operator, docker: FakeDocker, checkout: Checkout
) -> None:
    commit = checkout.commit()
    (checkout.folder / "new").write_text("")
    (checkout.folder / "where").write_text("changed")
    assert push(operator, checkout, *TRIAL) == Completed(
        exit_code=2,
        stdout="",
        stderr=(
            f"--context: {checkout.folder} differs from its commit in 2 files, first M where; commit them, or "
            "--allow-dirty builds them and puts it into the tag\n"
        ),
    )
    assert docker.calls == []
    allowed = push(operator, checkout, *TRIAL, "--allow-dirty")
    assert allowed.exit_code == 0
    # Begins as the lifecycle rule for trial's images wants it.
    assert re.fullmatch(
        rf"{REGISTRY}/sample/worker:trial-{commit}-dirty-\d{{8}}t\d{{6}}z@sha256:[0-9a-f]{{64}}\n",
        allowed.stdout,
    )


def test_tag_of_ones_own_begins_like_the_stacks_and_is_free(
    operator: Operator, docker: FakeDocker, checkout: Checkout
) -> None:
    tag = f"trial-{checkout.commit()}"
    assert push(operator, checkout, *TRIAL).exit_code == 0
    calls = len(docker.calls)
    wrong = push(operator, checkout, *TRIAL, "--tag", "live-1a2b3c4d")
    assert (wrong.exit_code, wrong.stderr) == (
        2,
        "--tag: came live-1a2b3c4d; allowed: trial- and letters, digits, dots, dashes, underscores\n",
    )
    same = push(operator, checkout, *TRIAL, "--tag", tag)
    assert (same.exit_code, "nothing is built" in same.stderr) == (0, True)
    tag = f"{tag}-mine"
    assert push(operator, checkout, *TRIAL, "--tag", tag).exit_code == 0
    calls = len(docker.calls)
    taken = push(operator, checkout, *TRIAL, "--tag", tag)
    assert taken.exit_code == 2
    assert re.fullmatch(
        rf"--tag: came {tag}; taken by sha256:[0-9a-f]{{64}}, and tags are immutable: another one is allowed\n",
        taken.stderr,
    )
    assert len(docker.calls) == calls


@pytest.mark.parametrize(
    ("fails", "expected"),
    [
        ({"buildx_build": 17}, ["docker buildx build ended with exit code 17", "Nothing was pushed."]),
        (
            {"login": 1},
            [
                f"docker login to {REGISTRY} ended with exit code 1: refused, and here is what you said: ***",
                "Built {reference} on this machine; nothing was pushed.",
            ],
        ),
        (
            {"push": 1},
            [
                "docker push ended with exit code 1",
                "Built {reference}; its push was begun, and the tag comes last: run the same again.",
            ],
        ),
    ],
)
def test_failing_step_says_what_was_done(
    operator: Operator, docker: FakeDocker, checkout: Checkout, fails: dict[str, int], expected: list[str]
) -> None:
    reference = f"{REGISTRY}/sample/worker:trial-{checkout.commit()}"
    docker.fails(**fails)
    completed = push(operator, checkout, *TRIAL)
    assert (completed.exit_code, completed.stdout) == (1, "")
    assert completed.stderr.splitlines()[2:] == [line.replace("{reference}", reference) for line in expected]


def test_push_that_only_says_it_succeeded_is_found_out(
    operator: Operator, docker: FakeDocker, checkout: Checkout
) -> None:
    reference = f"{REGISTRY}/sample/worker:trial-{checkout.commit()}"
    docker.fails(nothing_pushed=0)
    completed = push(operator, checkout, *TRIAL)
    assert (completed.exit_code, completed.stdout, completed.stderr.splitlines()[-1]) == (
        1,
        "",
        f"docker pushed {reference}, but ECR in ap-south-1 has no image of that tag",
    )


def test_missing_docker_is_one_line(operator: Operator, docker: FakeDocker, checkout: Checkout) -> None:
    checkout.commit()
    (docker.folder / "docker").unlink()
    completed = push(operator, checkout, *TRIAL)
    assert (completed.exit_code, completed.stdout, completed.stderr.splitlines()[2:]) == (
        2,
        "",
        ["docker: not on PATH; install Docker, or let CI build the image"],
    )


def test_what_cannot_be_built_is_one_line(operator: Operator, checkout: Checkout, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    for arguments, line in (
        (
            ("tools", "--context", "."),
            "service: tools runs third-party images only; its stack file names them",
        ),
        (("web", "--context", "."), "--container: missing; allowed for web: app, proxy"),
        (("worker", "--context", "absent"), "--context: came absent; allowed: a folder"),
        (
            ("worker", "--context", str(empty)),
            f"--context: {empty}/Dockerfile is not there; --dockerfile names another one",
        ),
        (
            ("worker", "--context", str(empty), "--dockerfile", "Absent"),
            "--dockerfile: Absent is not there; --dockerfile names another one",
        ),
    ):
        assert operator.run("image", "push", *arguments, *TRIAL) == Completed(
            exit_code=2, stdout="", stderr=f"{line}\n"
        )
    shutil.rmtree(checkout.folder / ".git")
    no_repository = push(operator, checkout, *TRIAL)
    assert no_repository.exit_code == 2
    assert no_repository.stderr.startswith(
        f"--context: {checkout.folder} is not in a Git repository with a commit (git: fatal: not a git repository"
    )


def test_deploy_goes_on_with_what_was_pushed(operator: Operator, up: Up, checkout: Checkout) -> None:
    # Nobody has set this service's secrets: the deploy's own checks refuse, and nothing is changed.
    tag = f"trial-{checkout.commit()}"
    completed = push(operator, checkout, *TRIAL, "--deploy", service="worker")
    assert (completed.exit_code, completed.stdout) == (2, "")
    lines = completed.stderr.splitlines()
    assert lines[2] == f"{REGISTRY}/sample/worker:{tag}@{digest_of(up, 'sample/worker', tag)}"
    assert [line for line in lines[3:] if "QUEUE_KEY" in line] != []


def listed(operator: Operator, *arguments: str) -> list[dict[str, Any]]:
    return json.loads(operator.run("image", "list", *arguments, "--json").stdout)["images"]


@pytest.fixture
def deployed(up: Up) -> Any:
    """Write a service's image parameter in trial; the value that it had is put back at the end."""
    ssm = up.client("ssm", "eu-west-1")
    name = "/sample/trial/images/worker"
    before = ssm.get_parameter(Name=name)["Parameter"]["Value"]

    def write(images: dict[str, str]) -> None:
        ssm.put_parameter(Name=name, Value=json.dumps(images), Overwrite=True)

    yield write
    ssm.put_parameter(Name=name, Value=before, Overwrite=True)


@pytest.mark.parametrize("by", ["tag", "digest"])
def test_images_are_listed_with_the_one_that_is_deployed(
    operator: Operator, up: Up, checkout: Checkout, deployed: Any, by: str
) -> None:
    tags = [f"trial-{checkout.commit()}" for _ in range(1)]
    assert push(operator, checkout, *TRIAL, service="worker").exit_code == 0
    (checkout.folder / "next").write_text("")
    tags.append(f"trial-{checkout.commit()}")
    assert push(operator, checkout, *TRIAL, service="worker").exit_code == 0
    digest = digest_of(up, "sample/worker", tags[0])
    repository = f"{REGISTRY}/sample/worker"
    deployed({"worker": f"{repository}:{tags[0]}" if by == "tag" else f"{repository}@{digest}"})
    found = {row["tags"][0]: row for row in listed(operator, "worker", *TRIAL)}
    assert [found[tag]["is_deployed"] for tag in tags] == [True, False]
    row = found[tags[0]]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row.pop("pushed_at"))
    row.pop("size_bytes")
    assert row == {
        "container": "worker",
        "repository": "sample/worker",
        "tags": [tags[0]],
        "digest": digest,
        "architectures": ["amd64"],
        "is_deployed": True,
    }
    # An older one is listed as long as it is deployed.
    newest = listed(operator, "worker", *TRIAL, "--newest", "1")
    assert {row["tags"][0] for row in newest} >= {tags[0]}
    table = operator.run("image", "list", "worker", *TRIAL).stdout.splitlines()
    assert [line.split()[-1] for line in table if tags[0] in line] == ["trial"]
