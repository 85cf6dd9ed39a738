"""One issue for each stack that has drifted, open as long as it has."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.fake_github import REPOSITORY, FakeGitHub, fake_github
from tests.tools.steps import Answer, Ran, run_step, stand_in
from tools.ci.drift import LABEL, Looked, body
from tools.ci.github import BODY_LIMIT

DIFFERENCE = "production in ap-south-1 against what AWS has: 1 changed, 329 unchanged\n    - description: by hand\n"
PRODUCTION = Looked("zelly", "production")
RUN_URL = f"https://github.example/{REPOSITORY}/actions/runs/77"
CLEAN: Answer = (0, "no changes\n", "")
DRIFTED: Answer = (3, DIFFERENCE, "")
DESTRUCTIVE: Answer = (4, DIFFERENCE, "")


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    with fake_github() as github:
        yield github


def _look(
    github: FakeGitHub, folder: Path, answer: Answer, stack: str = "production", *, program: str = "zelly"
) -> Ran:
    stand_in(folder / "bin", program, answer)
    variables = {
        "GITHUB_SERVER_URL": "https://github.example",
        "GITHUB_RUN_ID": "77",
    }
    return run_step("drift", program, stack, folder=folder, github=github, environment=variables, path=[folder / "bin"])


def test_drift_opens_an_issue_with_the_difference(github: FakeGitHub, tmp_path: Path) -> None:
    ran = _look(github, tmp_path, DRIFTED)
    assert (ran.exit_code, ran.stdout) == (0, "production of zelly: drift, issue 101 opened\n")
    text = body(PRODUCTION, DIFFERENCE, RUN_URL)
    document = {"title": "production of zelly has drifted", "body": text, "labels": [LABEL]}
    assert github.written == [("POST", f"/repos/{REPOSITORY}/issues", document)]
    assert text.startswith(f"{PRODUCTION.marker}\n")
    assert f"\n``````text\n{DIFFERENCE.strip()}\n``````\n" in text
    assert RUN_URL in text


def test_the_command_that_operators_have_is_asked(github: FakeGitHub, tmp_path: Path) -> None:
    _look(github, tmp_path, CLEAN, "staging")
    (call,) = (tmp_path / "bin" / "zelly.calls").read_text().splitlines()
    assert json.loads(call)[0] == ["drift", "staging"]


def test_what_would_be_destroyed_is_drift_too(github: FakeGitHub, tmp_path: Path) -> None:
    assert _look(github, tmp_path, DESTRUCTIVE).stdout == "production of zelly: drift, issue 101 opened\n"


def test_drift_that_is_still_there_edits_the_issue(github: FakeGitHub, tmp_path: Path) -> None:
    _look(github, tmp_path, DRIFTED)
    ran = _look(github, tmp_path, (3, "+ something else\n", ""))
    assert ran.stdout == "production of zelly: drift, issue 101 updated\n"
    assert [issue["body"] for issue in github.issues] == [body(PRODUCTION, "+ something else", RUN_URL)]
    assert [method for method, _, _ in github.written] == ["POST", "PATCH"]


def test_clean_stack_closes_its_issue(github: FakeGitHub, tmp_path: Path) -> None:
    _look(github, tmp_path, DRIFTED)
    ran = _look(github, tmp_path, CLEAN)
    assert (ran.exit_code, ran.stdout) == (0, "production of zelly: no drift any more, issue 101 closed\n")
    assert github.written[1:] == [
        ("PATCH", f"/repos/{REPOSITORY}/issues/101", {"state": "closed", "state_reason": "completed"})
    ]


def test_drift_after_that_is_a_new_issue(github: FakeGitHub, tmp_path: Path) -> None:
    for answer in (DRIFTED, CLEAN, DRIFTED):
        ran = _look(github, tmp_path, answer)
    assert ran.stdout == "production of zelly: drift, issue 102 opened\n"


def test_clean_stack_without_an_issue_writes_nothing(github: FakeGitHub, tmp_path: Path) -> None:
    assert _look(github, tmp_path, CLEAN).stdout == "production of zelly: no drift\n"
    assert github.written == []


def test_each_stack_has_an_issue_of_its_own(github: FakeGitHub, tmp_path: Path) -> None:
    _look(github, tmp_path, DRIFTED)
    assert _look(github, tmp_path, DRIFTED, "staging").stdout == "staging of zelly: drift, issue 102 opened\n"
    assert _look(github, tmp_path, CLEAN, "staging").stdout == "staging of zelly: no drift any more, issue 102 closed\n"
    assert [issue["state"] for issue in github.issues] == ["open", "closed"]


def test_each_program_has_an_issue_of_its_own(github: FakeGitHub, tmp_path: Path) -> None:
    _look(github, tmp_path, DRIFTED)
    other = _look(github, tmp_path, DRIFTED, program="pakashop")
    assert other.stdout == "production of pakashop: drift, issue 102 opened\n"


@pytest.mark.parametrize(
    ("by", "text", "extra"),
    [
        ("stranger", PRODUCTION.marker, {}),
        ("github-actions[bot]", None, {}),
        ("github-actions[bot]", f"about {PRODUCTION.marker}", {}),
        ("github-actions[bot]", PRODUCTION.marker, {"pull_request": {}}),
    ],
)
def test_what_is_not_its_issue_is_left_alone(
    github: FakeGitHub, tmp_path: Path, by: str, text: str | None, extra: dict[str, object]
) -> None:
    github.issue("other", text, [LABEL], by=by).update(extra)
    assert _look(github, tmp_path, CLEAN).stdout == "production of zelly: no drift\n"
    assert github.written == []


@pytest.mark.parametrize("exit_code", [1, 2, 255])
def test_look_that_failed_is_no_drift_and_no_all_clear(github: FakeGitHub, tmp_path: Path, exit_code: int) -> None:
    _look(github, tmp_path, DRIFTED)
    ran = _look(github, tmp_path, (exit_code, "", "error: no credentials\n"))
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert ran.stderr == (
        "error: no credentials\n\n"
        f"production of zelly: drift ended with {exit_code}: whether it drifted is not known, no issue was touched\n"
    )
    assert len(github.written) == 1


def test_long_difference_fits_an_issue(github: FakeGitHub, tmp_path: Path) -> None:
    assert _look(github, tmp_path, (3, "~ line\n" * 20_000, "")).exit_code == 0
    assert len(github.issues[0]["body"]) <= BODY_LIMIT
    assert github.issues[0]["body"].endswith("the run has them.*\n``````\n")
