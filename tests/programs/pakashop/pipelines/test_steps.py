"""The programs of the application's workflows, run as a runner runs them."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from programs.pakashop.ci.backup import PATIENCE_SECONDS, PAUSE_SECONDS, back_up
from programs.pakashop.ci.choose import choose
from tests.programs.pakashop.pipelines.shipped import steps
from tests.support.fake_github import FakeGitHub, fake_github
from tests.support.programs import require_program
from tests.tools.steps import Ran, run_script, run_step, stand_in
from workbench.errors import OperationFailedError, OperatorError

CI = "programs.pakashop.ci"
COMMITTED_AT = "2026-11-30T18:00:00+05:30"


def git(folder: Path, *arguments: str) -> str:
    program = require_program("git", package="git")
    who = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
    command = [program, "-C", str(folder), *who, *arguments]
    at = {**os.environ, "GIT_AUTHOR_DATE": COMMITTED_AT, "GIT_COMMITTER_DATE": COMMITTED_AT}
    return subprocess.run(command, capture_output=True, text=True, check=True, env=at).stdout.strip()


@pytest.fixture
def application(tmp_path: Path) -> Path:
    """Return a repository whose branch ``production`` was merged from ``main``: other commits, the same files."""
    folder = tmp_path / "application"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=production")
    for number in (1, 2):
        (folder / "file").write_text(f"{number}\n")
        git(folder, "add", "file")
        git(folder, "commit", "--quiet", "--message", f"change {number}")
        if number == 1:
            git(folder, "switch", "--quiet", "--create", "main")
    git(folder, "switch", "--quiet", "production")
    git(folder, "merge", "--quiet", "--no-ff", "--message", "Merge main", "main")
    return folder


def release(identifier: str, commit: str, *, healthy: bool = True) -> dict[str, Any]:
    return {"release": identifier, "commit": commit, "healthy_at": "2026-11-30T18:00:00Z" if healthy else None}


def pull_request(branch: str) -> dict[str, Any]:
    return {"number": 7, "title": "Mend  the\nprice", "head": {"ref": branch}, "merged_at": "2026-11-30T18:00:00Z"}


def chosen(application: Path, tmp_path: Path, releases: list[dict[str, Any]], branch: str | None = None) -> Ran:
    commit = git(application, "rev-parse", "HEAD")
    programs = tmp_path / "bin"
    stand_in(programs, "pakashop", (0, json.dumps({"stack": "staging", "releases": releases}), ""))
    with fake_github() as github:
        github.merged_by[commit] = [] if branch is None else [pull_request(branch)]
        ran = run_step(
            "choose",
            str(application),
            "--from",
            "staging",
            folder=tmp_path,
            github=github,
            environment={"GITHUB_SHA": commit},
            path=[programs],
            package=CI,
        )
    ((called, _),) = [json.loads(line) for line in (programs / "pakashop.calls").read_text().splitlines()]
    assert called == ["release", "list", "--stack", "staging", "--limit", "100", "--json"]
    return ran


def test_live_takes_the_release_that_was_healthy_in_staging_with_the_same_files(
    application: Path, tmp_path: Path
) -> None:
    main, first = git(application, "rev-parse", "main"), git(application, "rev-parse", "main~1")
    assert main != git(application, "rev-parse", "production")
    ran = chosen(application, tmp_path, [release("b" * 16, main), release("a" * 16, first)], "main")
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert ran.outputs == {"kind": "promote", "release": "b" * 16, "reason": ""}
    assert ran.summary.endswith(f"promotes release `{'b' * 16}`.\n")


def test_a_hotfix_is_built_anew_and_its_pull_request_recorded(application: Path, tmp_path: Path) -> None:
    ran = chosen(application, tmp_path, [release("a" * 16, git(application, "rev-parse", "main~1"))], "hotfix/price")
    assert ran.outputs == {"kind": "hotfix", "release": "", "reason": "#7 Mend the price"}


@pytest.mark.parametrize("branch", ["main", None])
def test_what_no_release_has_is_not_promoted(application: Path, tmp_path: Path, branch: str | None) -> None:
    ran = chosen(application, tmp_path, [release("a" * 16, git(application, "rev-parse", "main~1"))], branch)
    assert (ran.exit_code, ran.outputs) == (2, {})
    assert ran.stderr.startswith("no release of the source has exactly these files: nothing is promoted.")
    assert ran.stderr.count("\n") == 1


def test_a_release_that_was_never_healthy_is_not_promoted() -> None:
    with pytest.raises(OperatorError, match=r"^release b+ has these files and was never healthy in the source"):
        choose([release("b" * 16, "c", healthy=False)], "tree", {"c": "tree"}.get, pull_request("main"))


def test_a_commit_that_is_not_in_the_repository_is_passed_over() -> None:
    releases = [release("c" * 16, "gone"), release("b" * 16, "here")]
    assert choose(releases, "tree", {"here": "tree"}.get, None).release == "b" * 16


def pushed(application: Path, tmp_path: Path, answer: tuple[int, str, str]) -> Ran:
    commit = git(application, "rev-parse", "main~1")
    stand_in(tmp_path / "bin", "pakashop", answer)
    return run_step(
        "push",
        str(tmp_path / "artefacts"),
        "--application",
        str(application),
        "--stack",
        "staging",
        folder=tmp_path,
        environment={"GITHUB_SHA": commit},
        path=[tmp_path / "bin"],
        package=CI,
    )


def test_a_push_names_the_commit_with_its_own_time_and_tells_the_release(application: Path, tmp_path: Path) -> None:
    ran = pushed(application, tmp_path, (0, '{"release": "0123456789abcdef"}', "1 of 20: gateway\n"))
    assert (ran.exit_code, ran.outputs) == (0, {"release": "0123456789abcdef"})
    assert ran.stderr == "1 of 20: gateway\n"
    ((called, _),) = [json.loads(line) for line in (tmp_path / "bin" / "pakashop.calls").read_text().splitlines()]
    assert called == [
        "release",
        "push",
        str(tmp_path / "artefacts"),
        "--commit",
        git(application, "rev-parse", "main~1"),
        "--created",
        "2026-11-30T12:30:00Z",
        "--stack",
        "staging",
        "--json",
    ]


def test_a_push_that_fails_sets_no_output(application: Path, tmp_path: Path) -> None:
    ran = pushed(application, tmp_path, (1, "", "refused\n"))
    assert (ran.exit_code, ran.outputs) == (1, {})
    assert ran.stderr.splitlines()[0] == "refused"
    assert ran.stderr.splitlines()[1].endswith("ended with 1")


def merged_back(tmp_path: Path, github: FakeGitHub) -> Ran:
    return run_step("merge_back", "--head", "production", "--base", "main", folder=tmp_path, github=github, package=CI)


def test_a_hotfix_is_brought_back_by_one_pull_request_however_often_it_is_asked(tmp_path: Path) -> None:
    with fake_github() as github:
        github.ahead["main...production"] = 2
        first, second = merged_back(tmp_path, github), merged_back(tmp_path, github)
        (made,) = github.pull_requests
    assert (made["title"], made["head"], made["base"]) == ("Merge production back into main", "production", "main")
    line = f"main lacks 2 commits of production: merge #{made['number']} now"
    for ran in (first, second):
        assert (ran.exit_code, ran.stdout) == (0, f"::warning title=Merge the hotfix back::{line}\n")


def test_nothing_is_opened_when_nothing_is_missing(tmp_path: Path) -> None:
    with fake_github() as github:
        github.ahead["main...production"] = 0
        assert merged_back(tmp_path, github).exit_code == 0
        assert github.pull_requests == []


class Hosts:
    """A host that answers a backup's command after some looks."""

    def __init__(self, *answers: Mapping[str, Any] | None, instance_id: str | None = "i-1") -> None:
        self._answers = list(answers)
        self._instance_id = instance_id
        self.sent: list[tuple[str, str, Mapping[str, list[str]]]] = []

    def instance(self, name: str) -> str | None:
        assert name == "pakashop-live-host"
        return self._instance_id

    def send(self, document: str, instance_id: str, parameters: Mapping[str, list[str]]) -> str:
        self.sent.append((document, instance_id, parameters))
        return "command"

    def invocation(self, command_id: str, instance_id: str) -> Mapping[str, Any] | None:
        assert (command_id, instance_id) == ("command", "i-1")
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def test_a_backup_is_awaited_to_its_end() -> None:
    said = {"Status": "Success", "StandardErrorContent": "dumping\nkept as daily/x.dump\n", "StandardOutputContent": ""}
    hosts, slept = Hosts(None, {"Status": "InProgress"}, said), list[float]()
    assert back_up("live", hosts, slept.append) == "kept as daily/x.dump"
    assert slept == [PAUSE_SECONDS, PAUSE_SECONDS]
    assert hosts.sent == [
        (
            "pakashop-live-backup",
            "i-1",
            {"action": ["dump"], "backup": ["newest"], "into": ["none"], "environment": ["live"]},
        )
    ]


@pytest.mark.parametrize(
    ("hosts", "message"),
    [
        (
            Hosts({"Status": "Failed", "StandardErrorContent": "no room\n"}),
            "the dump on pakashop-live-host ended with Failed: no room",
        ),
        (Hosts({"Status": "TimedOut"}), "the dump on pakashop-live-host ended with TimedOut: it said nothing"),
        (Hosts(None), "Run Command does not know command command"),
        (Hosts({"Status": "InProgress"}), f"command command: still under way after {PATIENCE_SECONDS / 3600:g} hours"),
    ],
)
def test_a_backup_that_failed_or_was_never_heard_of_again_fails_the_run(hosts: Hosts, message: str) -> None:
    with pytest.raises(OperationFailedError) as error:
        back_up("live", hosts, lambda _: None)
    assert str(error.value) == message


def test_without_a_host_there_is_no_backup() -> None:
    with pytest.raises(OperatorError, match="host pakashop-live-host: none runs; it makes the dump"):
        back_up("live", Hosts(None, instance_id=None), lambda _: None)


def test_a_url_is_asked_again_and_fails_the_check_when_it_goes_on_failing(tmp_path: Path) -> None:
    require_program("curl", package="curl")
    ((_, step),) = [found for found in steps() if found[0] == "health-check/check"]
    # Without the pauses: nothing listens on that port.
    script = str(step["run"]).replace("--retry-delay 5", "--retry-delay 1").replace("--retry 2", "--retry 1")
    ran = run_script(script, folder=tmp_path, environment={"URL": "http://127.0.0.1:1/"})
    assert ran.returncode == 7
    assert ran.stderr.count("curl: (7)") == 2
    with fake_github() as github:
        # It answers 401 without a token: a status that is no success fails, too.
        ran = run_script(script, folder=tmp_path, environment={"URL": f"{github.url}/repos/x/y/issues"})
        assert ran.returncode == 22
