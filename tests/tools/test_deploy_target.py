"""Branch to environment, region and tag, and the commands that then build and deploy."""

import json
from pathlib import Path

import pytest

from tests.tools.steps import run_script, run_step, stand_in, step
from tools.ci.deploy_target import ROOT, environments

COMMIT = "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d"
ROLE = "arn:aws:iam::123456789012:role/zelly-github-actions"


@pytest.mark.parametrize(
    ("branch", "environment", "region", "tag"),
    [
        ("main", "production", "ap-south-1", "prod-1a2b3c4d"),
        ("staging", "staging", "ap-southeast-1", "staging-1a2b3c4d"),
    ],
)
def test_branch_decides_where_a_push_goes(tmp_path: Path, branch: str, environment: str, region: str, tag: str) -> None:
    variables = {"GITHUB_REF": f"refs/heads/{branch}", "GITHUB_SHA": COMMIT}
    ran = run_step("deploy_target", folder=tmp_path, environment=variables)
    assert (ran.exit_code, ran.stdout, ran.stderr) == (0, "", "")
    assert ran.outputs == {"environment": environment, "region": region, "image_tag": tag, "role_arn": ROLE}


def test_a_third_environments_branch_is_the_one_that_is_trusted(tmp_path: Path) -> None:
    for stack in ("production", "staging"):
        text = (ROOT / f"Pulumi.{stack}.yaml").read_text()
        (tmp_path / f"Pulumi.{stack}.yaml").write_text(
            text.replace("[main, staging]", "[main, staging, preproduction]")
        )
    assert environments(tmp_path) == {
        "refs/heads/main": "production",
        "refs/heads/staging": "staging",
        "refs/heads/preproduction": "preproduction",
    }


@pytest.mark.parametrize(
    "ref", ["refs/heads/feature", "refs/tags/main", "refs/pull/7/merge", "refs/heads/main2", "main"]
)
def test_anything_else_is_not_deployed(tmp_path: Path, ref: str) -> None:
    ran = run_step("deploy_target", folder=tmp_path, environment={"GITHUB_REF": ref, "GITHUB_SHA": COMMIT})
    assert (ran.exit_code, ran.outputs) == (2, {})
    assert ran.stderr == (f"ref: came {ref}; allowed: refs/heads/main (production), refs/heads/staging (staging)\n")


@pytest.mark.parametrize(("container", "more"), [("", []), ("astro", ["--container", "astro"])])
def test_steps_build_the_commit_and_deploy_its_tag_in_that_environment(
    tmp_path: Path, container: str, more: list[str]
) -> None:
    folder = tmp_path / ".venv" / "bin"
    stand_in(folder, "zelly")
    inputs = {"SERVICE": "storefront", "CONTEXT": "web app", "CONTAINER": container}
    outputs = {"GITHUB_WORKSPACE": "/home/runner/service", "ZELLY_STACK": "staging", "TAG": "staging-1a2b3c4d"}
    for name in ("Build and push", "Deploy"):
        script = step("deploy-service/deploy", name)["run"]
        ran = run_script(script, folder=tmp_path, environment={**inputs, **outputs})
        assert (ran.returncode, ran.stderr) == (0, "")
    push = ["image", "push", "storefront", "--context", "/home/runner/service/web app", *more]
    deploy = ["service", "deploy", "storefront", "--tag", "staging-1a2b3c4d", "--skip-secret-check", *more]
    calls = [json.loads(line) for line in (folder / "zelly.calls").read_text().splitlines()]
    assert calls == [[push, "staging"], [deploy, "staging"]]


def test_push_that_failed_ends_the_run(tmp_path: Path) -> None:
    stand_in(tmp_path / ".venv" / "bin", "zelly", (1, "", "docker build ended with exit code 1\n"))
    script = step("deploy-service/deploy", "Build and push")["run"]
    variables = {"SERVICE": "storefront", "CONTEXT": ".", "CONTAINER": "", "GITHUB_WORKSPACE": "/home/runner/service"}
    assert run_script(script, folder=tmp_path, environment=variables).returncode == 1
