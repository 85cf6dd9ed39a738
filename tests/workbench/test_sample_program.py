"""The sample program through every tool: a program that is not the one for which they were written."""

import json
from pathlib import Path

import pytest

from sample_infra.program import PROGRAM
from tests.support import registered, sample
from tests.workbench.conftest import Operator
from workbench.review.tree import is_made

SMALL = 160
"""Resources at most: what runs on it has to be fast."""


@pytest.mark.parametrize("stack", sample.STACKS)
def test_program_stays_small(stack: str) -> None:
    assert sum(map(is_made, sample.evaluation_of(stack).resources)) <= SMALL


@pytest.mark.parametrize("stack", sample.STACKS)
def test_every_name_of_the_description_is_registered_and_nothing_registered_is_missed(stack: str) -> None:
    found, evaluation = sample.description_of(stack), sample.evaluation_of(stack)
    assert registered.described(PROGRAM, found) == registered.registered(found, evaluation)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["plan", "live"], "Vpc sample-live-network"),
        (["plan", "trial", "--rules"], "sample-trial-aurora-cluster: protect: false; allowed: true"),
        (["plan", "live", "--timeline"], "sample-live-aurora"),
        (["plan", "live", "--quotas"], "L-1216C47A"),
        (["cost", "live"], "live in ap-south-1, USD a month"),
        (["cost", "live"], "The documents say about 200"),
        (["cost", "trial"], "trial in eu-west-1, USD a month"),
        (["diagram", "trial"], "trial in eu-west-1: what stands where"),
        (["diagram", "live", "--format", "mermaid"], "flowchart"),
    ],
)
def test_plan_cost_and_diagram(planner: Operator, arguments: list[str], said: str) -> None:
    completed = planner.run(*arguments)
    assert (completed.exit_code, said in completed.stdout, completed.stderr) == (0, True, "")


def test_what_saves_is_the_programs_own(planner: Operator) -> None:
    found = {
        stack: [
            one["switch"] for one in json.loads(planner.run("cost", stack, "--savings", "--json").stdout)["savings"]
        ]
        for stack in sample.STACKS
    }
    # The one is protected, so that nothing is offered that interrupts; the other has both already.
    assert found == {"live": ["Container Insights off"], "trial": []}


@pytest.mark.usefixtures("stored")
def test_secrets_are_filled_images_deployed_and_the_doctor_sees_it(operator: Operator, tmp_path: Path) -> None:
    filled = tmp_path / "secrets.json"
    filled.write_text(
        json.dumps({name: dict.fromkeys(keys, "a-value") for name, keys in PROGRAM.secrets.application.items()})
    )
    filled.chmod(0o600)
    assert operator.run("secrets", "push", str(filled), "--stack", "trial", "--yes").exit_code == 0
    for container in ("app", "proxy"):
        made = operator.run("sandbox", "image", "web", "--container", container, "--tag", "trial-1a2b3c4d")
        assert made.exit_code == 0, made.stderr
    deployed = operator.run("service", "deploy", "web", "--tag", "trial-1a2b3c4d", "--stack", "trial")
    assert deployed.exit_code == 0, deployed.stderr
    found = json.loads(operator.run("doctor", "trial", "--json").stdout)
    verdicts = {one["name"]: one["verdict"] for one in (*found["steps"], *found["invariants"])}
    shown = ("quotas", "stack provisioned", "secrets filled", "alarm mails")
    assert {name: verdicts[name] for name in shown} == {
        "quotas": "done",
        "stack provisioned": "done",
        "secrets filled": "done",
        "alarm mails": "done",
    }
    # Whether the others run depends on what was deployed before.
    (running,) = [one for one in found["steps"] if one["name"] == "services run"]
    assert "web:" not in json.dumps(running)
    assert {"tables made", "cache warm"} < set(verdicts)
    assert not {"migrations run", "Caddy locks"} & set(verdicts)


def test_doctor_names_the_stack_in_which_changes_are_tried_first(operator: Operator) -> None:
    found = {stack: json.loads(operator.run("doctor", stack, "--json").stdout)["invariants"] for stack in sample.STACKS}
    then = {
        stack: one["next"] for stack, checks in found.items() for one in checks if one["name"] == "releases supported"
    }
    assert then == {
        "live": "change clickhouse.image in Pulumi.live.yaml, trial's first; then zelly sandbox up live",
        "trial": "change clickhouse.image in Pulumi.trial.yaml; then zelly sandbox up trial",
    }
