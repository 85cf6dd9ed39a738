"""``zelly review``: each tree evaluated once per stack, and what is written of it."""

import json
from pathlib import Path

import pytest

from tests.workbench.cli.conftest import Project, Repository

TRACE = """
import os, pathlib
with open(os.environ["EVALUATIONS"], "a") as evaluations:
    print(pathlib.Path(__file__).parent == pathlib.Path(os.environ["OWN"]), environment.environment, file=evaluations)
"""


def reviewed(repository: Repository, *stacks: str, **environment: str) -> "tuple[int, str, Path]":
    ran = repository.project.run("review", *stacks, "--against", "HEAD", "--output", "out", **environment)
    assert ran.stdout == ""
    return ran.exit_code, ran.stderr, repository.folder / "out"


def test_each_tree_is_evaluated_once_for_each_stack(
    repository: Repository, tmp_path_factory: pytest.TempPathFactory
) -> None:
    program = repository.folder / "__main__.py"
    repository.project.program(program.read_text() + TRACE)
    repository.commit("traced")
    repository.change(network__cidr="10.9.0.0/16")
    trace = tmp_path_factory.mktemp("trace") / "evaluations"
    code, _, out = reviewed(repository, "live", "trial", EVALUATIONS=str(trace), OWN=str(repository.folder.resolve()))
    assert sorted(trace.read_text().splitlines()) == [
        "False live",
        "False trial",
        "True live",
        "True trial",
    ]
    # The program breaks rules on purpose.
    assert code == 1
    assert sorted(path.name for path in out.iterdir()) == [
        "comment.md",
        "live.html",
        "live.svg",
        "review.json",
        "trial.html",
        "trial.svg",
    ]
    assert json.loads((out / "review.json").read_text())["stacks"] == [
        {"stack": "live", "exit_code": 1, "errors": []},
        {"stack": "trial", "exit_code": 1, "errors": []},
    ]
    comment = (out / "comment.md").read_text()
    assert comment.startswith("<!-- zelly review -->\n\n<!-- zelly plan live -->\n\n## 🛑 live: 1 replaced")
    assert "\n\n## ✅ trial: no changes, 2 unchanged\n\n" in comment
    page = (out / "live.html").read_text()
    assert (
        page.index('<h2 id="changes">') < page.index('<h2 id="change-of-the-cost">') < page.index('<h2 id="picture">')
    )
    assert page.index('<h2 id="cost">') < page.index('<h2 id="rules">')


def test_a_stack_that_cannot_be_planned_leaves_the_others_their_review(repository: Repository) -> None:
    repository.change("trial", redis__node_type="large")
    code, stderr, out = reviewed(repository, "trial", "live")
    line = 'Pulumi.trial.yaml: sample:env.redis.node_type: came "large"'
    assert code == 2
    assert stderr.startswith(line)
    comment = (out / "comment.md").read_text()
    assert f"## 🛑 trial: no plan\n\n``````text\n{line}" in comment
    assert "\n\n## ✅ live: no changes, 2 unchanged\n\n" in comment
    assert not (out / "trial.html").exists()


def test_a_program_that_fails_is_said_in_the_comment(repository: Repository) -> None:
    repository.project.program("import nowhere")
    code, stderr, out = reviewed(repository, "live")
    reason = "live: its program fails: ModuleNotFoundError: No module named 'nowhere'"
    assert code == 1
    assert "Traceback" in stderr
    assert reason in (out / "comment.md").read_text()
    assert json.loads((out / "review.json").read_text())["stacks"][0]["errors"] == [reason]


def test_a_reference_that_there_is_not(repository: Repository) -> None:
    ran = repository.project.run("review", "live", "--against", "nope", "--output", "out")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr == f"--against: nope; neither a file nor a commit of the repository {repository.folder}\n"


def test_a_folder_that_cannot_be_made(project: Project) -> None:
    (project.folder / "out").write_text("")
    ran = project.run("review", "live", "--against", "HEAD", "--output", "out")
    assert (ran.exit_code, ran.stdout, ran.stderr) == (2, "", "--output: out: File exists\n")


def test_page_of_a_difference_shows_what_changes_first(repository: Repository) -> None:
    repository.change(network__cidr="10.9.0.0/16")
    ran = repository.against("HEAD", "--html", "p.html")
    assert (ran.exit_code, ran.stdout, ran.stderr) == (4, "", "Wrote p.html\n")
    page = (repository.folder / "p.html").read_text()
    assert "WILL BE REFUSED" in page[: page.index('<h2 id="picture">')]
