"""What a run is told of a pull request's review."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tools.steps import Ran, stand_in
from tools.ci import review
from tools.ci.actions import run

Reviewed = Callable[..., Ran]


@pytest.fixture
def reviewed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Reviewed:
    """Run the step with a ``review`` that ended with a code and wrote the stacks' codes."""

    def reviewed(exit_code: int, **stacks: int) -> Ran:
        output = tmp_path / "review"
        monkeypatch.setattr(review, "PROGRAMS", stand_in(tmp_path, "shop", (exit_code, "", "")).parent)
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
        if stacks:
            output.mkdir()
            found = [{"stack": stack, "exit_code": code} for stack, code in stacks.items()]
            (output / "review.json").write_text(json.dumps({"stacks": found}))
            (output / "comment.md").write_text("the comment\n")
        arguments = ["--against", "origin/main...", "--output", str(output), "shop", "production", "staging"]
        monkeypatch.setattr("sys.argv", ["review", *arguments])
        with pytest.raises(SystemExit) as ended:
            run(review.review)
        said, summary = capfd.readouterr(), tmp_path / "summary"
        return Ran(
            exit_code=int(ended.value.code or 0),
            stdout=said.out,
            stderr=said.err,
            outputs={},
            summary=summary.read_text() if summary.exists() else "",
        )

    return reviewed


def test_changes_are_in_the_summary_and_no_failure(tmp_path: Path, reviewed: Reviewed) -> None:
    ran = reviewed(3, production=3, staging=0)
    assert (ran.exit_code, ran.stdout, ran.stderr, ran.summary) == (0, "", "", "the comment\n\n")
    (call,) = [json.loads(line)[0] for line in (tmp_path / "shop.calls").read_text().splitlines()]
    output = str(tmp_path / "review")
    assert call == ["review", "production", "staging", "--against", "origin/main...", "--output", output]


def test_destructive_change_is_a_warning_and_no_failure(reviewed: Reviewed) -> None:
    ran = reviewed(4, production=4, staging=3)
    assert (ran.exit_code, ran.stdout) == (
        0,
        "::warning title=production::The change destroys something, or AWS would refuse it.\n",
    )


@pytest.mark.parametrize("code", [1, 2])
def test_a_stack_without_a_plan_fails_the_step_and_the_summary_is_there(reviewed: Reviewed, code: int) -> None:
    ran = reviewed(code, production=0, staging=code)
    assert (ran.exit_code, ran.stdout, ran.summary) == (
        1,
        "::error title=staging::There is no plan, or a rule is broken; the summary says which.\n",
        "the comment\n\n",
    )


def test_without_a_review_the_step_says_so(reviewed: Reviewed) -> None:
    ran = reviewed(2)
    assert (ran.exit_code, ran.stderr) == (1, "shop review ended with 2 and wrote nothing\n")
