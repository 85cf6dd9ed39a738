"""A third environment is one command: what is asked of the other two works for it, without a line of code."""

import json

import pytest

from tests.zelly_infra.commands.conftest import Copy

ADD = ("environment", "add", "preproduction", "--from", "staging")


def test_third_environment_is_planned_priced_drawn_made_and_looked_after(copy: Copy) -> None:
    def zelly(*arguments: str, code: int = 0, **environment: str) -> str:
        ran = copy.run(*arguments, **environment)
        assert ran.exit_code == code, f"{arguments}:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}"
        return ran.stdout

    said = zelly(*ADD, "--region", "eu-west-1")
    assert "  clickhouse.ami_id, bastion.ami_id: images are a region's own; `aws ssm get-parameter " in said
    assert "  zelly cost preproduction  # the table has no prices of eu-west-1 yet\n" in said
    zelly("plan", "preproduction", "--check", "--html", "plan.html")
    page = (copy.folder / "plan.html").read_text()
    assert "<title>preproduction: plan</title>" in page
    assert "preproduction in eu-west-1" in page[page.index('<h2 id="picture">') :]
    assert "there are none of eu-west-1 yet" in page
    found, staging = (json.loads(zelly("cost", stack, "--json")) for stack in ("preproduction", "staging"))
    # It borrows the prices of staging's region, and counts no allowance of the account a second time.
    assert staging["monthly_usd"] <= found["monthly_usd"] < staging["monthly_usd"] + 5
    assert (found["unpriced"], found["prices_of_region"]) == ([], "ap-southeast-1")
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
def test_what_cannot_be_is_one_line_and_writes_nothing(copy: Copy, arguments: tuple[str, ...], line: str) -> None:
    before = sorted(path.name for path in copy.folder.iterdir())
    ran = copy.run(*arguments)
    assert (ran.exit_code, ran.stdout, ran.stderr.count("\n")) == (2, "", 1)
    assert line in ran.stderr
    assert sorted(path.name for path in copy.folder.iterdir()) == before


def test_dry_run_writes_nothing(copy: Copy) -> None:
    ran = copy.run(*ADD, "--region", "eu-west-1", "--dry-run", "--json")
    assert json.loads(ran.stdout)["plan"]["files"] == [
        "Pulumi.preproduction.yaml",
        "usage/preproduction.yaml",
        "Pulumi.production.yaml",
        "Pulumi.staging.yaml",
    ]
    assert not (copy.folder / "Pulumi.preproduction.yaml").exists()
