"""The one comment of a pull request."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.fake_github import REPOSITORY, FakeGitHub, fake_github
from tests.tools.steps import Ran, run_step
from tools.ci.comment import marker_of
from workbench.review.difference.together import comment_of

MARKER = "<!-- shop review -->"
OTHER = "<!-- blog review -->"
BODY = f"{MARKER}\n\n## production: 1 changed\n"
COMMENTS = f"/repos/{REPOSITORY}/issues/7/comments"


def test_comment_is_found_by_what_the_review_writes_first() -> None:
    written = comment_of([])
    assert marker_of(written) == written.splitlines()[0]
    assert marker_of(f"{MARKER} and more\n") is None


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    with fake_github() as github:
        yield github


def _post(github: FakeGitHub, folder: Path, body: str = BODY) -> Ran:
    (folder / "comment.md").write_text(body)
    return run_step("comment", "--pull-request", "7", str(folder / "comment.md"), folder=folder, github=github)


def test_first_run_makes_the_comment_and_the_next_one_edits_it(github: FakeGitHub, tmp_path: Path) -> None:
    github.comment(7, "Looks good.", by="reviewer")
    first, again = _post(github, tmp_path), _post(github, tmp_path, BODY.replace("1", "2"))
    assert (first.exit_code, first.stdout) == (0, "comment 102 made\n")
    assert (again.exit_code, again.stdout) == (0, "comment 102 edited\n")
    assert github.written == [
        ("POST", COMMENTS, {"body": BODY}),
        ("PATCH", f"/repos/{REPOSITORY}/issues/comments/102", {"body": BODY.replace("1", "2")}),
    ]
    assert [comment["body"] for comment in github.comments[7]] == ["Looks good.", BODY.replace("1", "2")]


def test_comment_that_says_so_already_is_not_touched(github: FakeGitHub, tmp_path: Path) -> None:
    github.comment(7, BODY)
    assert _post(github, tmp_path).stdout == "comment 101 says so already\n"
    assert github.written == []


def test_comment_is_found_on_a_later_page(github: FakeGitHub, tmp_path: Path) -> None:
    for number in range(250):
        github.comment(7, f"{number}", by="reviewer")
    ours = github.comment(7, f"{MARKER}\nold")
    assert _post(github, tmp_path).stdout == f"comment {ours['id']} edited\n"
    assert len(github.written) == 1


def test_comment_of_somebody_else_is_left_alone_whatever_it_begins_with(github: FakeGitHub, tmp_path: Path) -> None:
    github.comment(7, f"{MARKER}\nmine now", by="stranger")
    assert _post(github, tmp_path).stdout == "comment 102 made\n"
    assert github.written == [("POST", COMMENTS, {"body": BODY})]


def test_comment_of_another_program_is_another_one(github: FakeGitHub, tmp_path: Path) -> None:
    other = BODY.replace(MARKER, OTHER)
    assert [_post(github, tmp_path, body).stdout for body in (BODY, other, BODY)] == [
        "comment 101 made\n",
        "comment 102 made\n",
        "comment 101 says so already\n",
    ]


def test_comment_of_another_pull_request_is_another_one(github: FakeGitHub, tmp_path: Path) -> None:
    github.comment(8, f"{MARKER}\nold")
    assert _post(github, tmp_path).stdout == "comment 102 made\n"
    assert [comment["body"] for comment in github.comments[8]] == [f"{MARKER}\nold"]


def test_what_github_refuses_is_one_line(github: FakeGitHub, tmp_path: Path) -> None:
    github.failures = [403]
    ran = _post(github, tmp_path)
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert ran.stderr == f"GET {github.url}{COMMENTS}: 403: as the test wants\n"


def test_lost_reading_is_asked_again(github: FakeGitHub, tmp_path: Path) -> None:
    github.failures = [502, 503]
    assert _post(github, tmp_path).stdout == "comment 101 made\n"


def test_lost_comment_is_not_made_again_since_it_may_be_there(github: FakeGitHub, tmp_path: Path) -> None:
    github.refused_methods = {"POST"}
    ran = _post(github, tmp_path)
    assert (ran.exit_code, ran.stderr) == (1, f"POST {github.url}{COMMENTS}: 502: lost\n")
    assert len(github.written) == 1


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("## production\n", "does not begin with <!-- PROGRAM review -->: the next run could not find it"),
        (None, "No such file"),
    ],
)
def test_file_that_is_no_comment_is_refused(github: FakeGitHub, tmp_path: Path, body: str | None, message: str) -> None:
    file = tmp_path / "comment.md"
    if body is not None:
        file.write_text(body)
    ran = run_step("comment", "--pull-request", "7", str(file), folder=tmp_path, github=github)
    assert ran.exit_code == 2
    assert ran.stderr.startswith(f"{file}: ")
    assert message in ran.stderr
    assert github.written == []


def test_outside_of_github_it_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "comment.md").write_text(BODY)
    ran = run_step("comment", "--pull-request", "7", str(tmp_path / "comment.md"), folder=tmp_path)
    assert (ran.exit_code, ran.stderr) == (2, "GITHUB_API_URL: not set; it is there in a step of GitHub Actions\n")
