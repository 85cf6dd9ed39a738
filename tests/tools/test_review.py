"""What a pull request changes, as one comment."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tools.steps import ROOT, Ran, run_script, stand_in
from tools.ci import review
from tools.ci.actions import run
from tools.ci.comment import MARKER
from tools.ci.github import BODY_LIMIT
from tools.ci.review import Plan, comment

Reviewed = Callable[..., Ran]

FOOT = "\n\n<sub>Evaluated offline, in no account. What AWS has by now, `pulumi preview` says in the same run.</sub>\n"


@pytest.fixture
def reviewed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Reviewed:
    """Run the step with a ``zelly`` that answers for each stack with exit code, stdout and stderr."""

    def reviewed(**answers: tuple[int, str, str]) -> Ran:
        monkeypatch.setattr(review, "ZELLY", stand_in(tmp_path, "zelly", by_second_argument=answers))
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
        output = tmp_path / "comment.md"
        monkeypatch.setattr("sys.argv", ["review", "--against", "origin/main...", "--output", str(output), *answers])
        with pytest.raises(SystemExit) as ended:
            run(review.review)
        said = capfd.readouterr()
        return Ran(
            exit_code=int(ended.value.code or 0),
            stdout=said.out,
            stderr=said.err,
            outputs={},
            summary=(tmp_path / "summary").read_text(),
        )

    return reviewed


def test_comment_has_each_stacks_plan_below_one_marker(tmp_path: Path, reviewed: Reviewed) -> None:
    ran = reviewed(
        production=(3, "<!-- zelly plan production -->\n\n## ⚠️ production: 1 changed\n", "one commit behind\n"),
        staging=(0, "<!-- zelly plan staging -->\n\n## ✅ staging: no change\n", ""),
    )
    assert (ran.exit_code, ran.stdout, ran.stderr) == (0, "", "one commit behind\n")
    production = "<!-- zelly plan production -->\n\n## ⚠️ production: 1 changed"
    staging = "<!-- zelly plan staging -->\n\n## ✅ staging: no change"
    assert (tmp_path / "comment.md").read_text() == f"{MARKER}\n\n{production}\n\n{staging}{FOOT}"
    assert ran.summary == f"{production}\n{staging}\n"
    calls = [json.loads(line)[0] for line in (tmp_path / "zelly.calls").read_text().splitlines()]
    assert calls == [
        ["plan", stack, "--against", "origin/main...", "--markdown", "--check"] for stack in ("production", "staging")
    ]


def test_destructive_change_is_a_warning_and_no_failure(reviewed: Reviewed) -> None:
    ran = reviewed(production=(4, "## 🛑 production\n", ""))
    assert (ran.exit_code, ran.stdout) == (
        0,
        "::warning title=production::The change destroys something, or AWS would refuse it.\n",
    )


def test_broken_rule_fails_the_step_and_the_comment_is_there(tmp_path: Path, reviewed: Reviewed) -> None:
    ran = reviewed(production=(1, "## production\n\n### Rules: 1 broken\n", ""), staging=(0, "## same\n", ""))
    assert (ran.exit_code, ran.stdout) == (
        1,
        "::error title=production::There is no plan, or a rule is broken; the summary says which.\n",
    )
    assert (tmp_path / "comment.md").read_text() == f"{MARKER}\n\n## production\n\n### Rules: 1 broken\n\n## same{FOOT}"


@pytest.mark.parametrize("exit_code", [1, 2])
def test_mistake_in_a_stack_file_is_shown_in_the_place_of_its_plan(
    tmp_path: Path, reviewed: Reviewed, exit_code: int
) -> None:
    line = "Pulumi.staging.yaml: zelly:env.redis.node_type: missing; required: a cache node type\n"
    ran = reviewed(production=(0, "## same\n", ""), staging=(exit_code, "", line))
    assert (ran.exit_code, ran.stderr) == (1, line)
    section = f"## 🛑 staging: no plan\n\n``````text\n{line.strip()}\n``````"
    assert (tmp_path / "comment.md").read_text() == f"{MARKER}\n\n## same\n\n{section}{FOOT}"


def test_two_plans_that_are_too_long_are_cut_so_that_github_takes_them() -> None:
    block = "<details><summary>one</summary>\n\n" + "x" * 500 + "\n\n</details>"
    long = "\n\n".join(["## 🛑 production: the danger", *[block] * 120])
    plans = [
        Plan(stack=stack, exit_code=3, markdown=text, errors="")
        for stack, text in (("production", long), ("staging", "## ✅ staging: no change"), ("other", long))
    ]
    found = comment(plans)
    assert BODY_LIMIT - 1500 < len(found) <= BODY_LIMIT
    assert found.startswith(f"{MARKER}\n\n## 🛑 production: the danger\n")
    assert found.count("## ✅ staging: no change\n") == 1
    assert found.count("<details>") == found.count("</details>")
    assert found.count("*Left out for length: ") == 2
    assert found.endswith(FOOT)


def test_the_workflow_runs_the_zelly_of_its_own_environment() -> None:
    assert review.ZELLY.is_file()
    assert run_script(f'"{review.ZELLY}" --version', folder=ROOT, environment={}).stdout.startswith("zelly ")
