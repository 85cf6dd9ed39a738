"""A third environment is one command: what is asked of the other two works for it, without a line of code."""

import json
import shutil

import pytest

from tests.workbench.cli.conftest import Project
from tests.zelly_infra.stack_files import ROOT

ADD = ("environment", "add", "preproduction", "--from", "staging")


@pytest.fixture
def whole(project: Project) -> Project:
    """The repository's own program, policy and assumptions."""
    shutil.copy(ROOT / "__main__.py", project.folder)
    for name in ("policy", "usage"):
        shutil.copytree(ROOT / name, project.folder / name)
    return project


def test_third_environment_is_planned_priced_drawn_made_and_looked_after(whole: Project) -> None:
    def zelly(*arguments: str, code: int = 0, **environment: str) -> str:
        ran = whole.run(*arguments, **environment)
        assert ran.returncode == code, f"{arguments}:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}"
        return ran.stdout

    said = zelly(*ADD, "--region", "eu-west-1")
    assert "  clickhouse.ami_id, bastion.ami_id: images are a region's own; `aws ssm get-parameter " in said
    assert "  zelly cost preproduction  # the table has no prices of eu-west-1 yet\n" in said
    report = json.loads(zelly("plan", "preproduction", "--check", "--json"))
    assert report["stack"] == "preproduction"
    found, staging = (json.loads(zelly("cost", stack, "--json")) for stack in ("preproduction", "staging"))
    # It borrows the prices of staging's region, and counts no allowance of the account a second time.
    assert staging["monthly_usd"] <= found["monthly_usd"] < staging["monthly_usd"] + 5
    assert (found["unpriced"], found["prices_of_region"]) == ([], "ap-southeast-1")
    assert "preproduction in eu-west-1" in zelly("diagram", "preproduction")
    zelly("plan", "preproduction", "--html", "plan.html")
    assert "there are none of eu-west-1 yet" in (whole.folder / "plan.html").read_text()
    zelly("sandbox", "up", "preproduction", "--detach")
    address = json.loads(zelly("sandbox", "status", "--json"))["endpoint_url"]
    variables = {"AWS_ENDPOINT_URL": address, "AWS_ACCESS_KEY_ID": "sandbox", "AWS_SECRET_ACCESS_KEY": "sandbox"}
    doctor = zelly("doctor", "preproduction", code=1, **variables)
    assert "done        stack provisioned     Aurora, Redis, 6 services and 4 load balancers are there" in doctor
    assert "zelly/caddy:preproduction-00000000 is not in ECR" in doctor


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ((*ADD,), "--region: missing; required: one without an environment (ap-south-1, ap-southeast-1 are taken)"),
        (
            (*ADD, "--region", "eu-west-9"),
            "--region: came eu-west-9; allowed: an AWS region such as eu-west-3, eu-west-2 or eu-west-1",
        ),
        (
            (*ADD, "--region", "ap-south-1"),
            "Pulumi.preproduction.yaml: zelly:env.region: ap-south-1 of account 123456789012; taken by "
            "Pulumi.production.yaml: a region of an account holds one environment, another region is allowed",
        ),
    ],
)
def test_what_cannot_be_is_one_line_and_writes_nothing(project: Project, arguments: tuple[str, ...], line: str) -> None:
    before = sorted(path.name for path in project.folder.iterdir())
    ran = project.run(*arguments)
    assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (2, "", 1)
    assert line in ran.stderr
    assert sorted(path.name for path in project.folder.iterdir()) == before


def test_dry_run_writes_nothing(whole: Project) -> None:
    ran = whole.run(*ADD, "--region", "eu-west-1", "--dry-run", "--json")
    assert json.loads(ran.stdout)["plan"]["files"] == [
        "Pulumi.preproduction.yaml",
        "usage/preproduction.yaml",
        "Pulumi.production.yaml",
        "Pulumi.staging.yaml",
    ]
    assert not (whole.folder / "Pulumi.preproduction.yaml").exists()
