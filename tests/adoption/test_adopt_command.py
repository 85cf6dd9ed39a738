"""``zelly adopt`` as an operator types it, in an AWS where the estate stands."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.adoption.conftest import Standing
from tests.support.operators import Operator, Up, work_in
from tests.zelly_infra.stack_files import ROOT
from workbench.cli.adopt import values
from workbench.cli.plan.evaluation import AnyStackFile, planned
from workbench.evaluate import Evaluation

_WORTH_HIDING = 8
"""Shorter texts, such as ``true``, stand anywhere."""


@pytest.fixture
def operator(staging: Standing, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Operator:
    """Somebody in the project's folder, whose AWS is the estate's."""
    work_in(Up(folder=ROOT, aws=staging.aws), monkeypatch)
    return Operator(captured=capsys)


@pytest.fixture
def tfstate(staging: Standing, tmp_path: Path) -> Path:
    """Its Terraform state in a file."""
    path = tmp_path / "terraform.tfstate"
    path.write_text(json.dumps(staging.state))
    return path


def _secrets(state: Mapping[str, Any]) -> Iterator[str]:
    for resource in state["resources"]:
        for instance in resource["instances"]:
            attributes = instance["attributes"]
            paths = [path for path in instance["sensitive_attributes"] if len(path) == 1]
            values = [attributes.get(path[0]["value"]) for path in paths]
            values += [attributes.get(name) for name in ("result", "master_password", "auth_token", "secret_string")]
            yield from (value for value in values if isinstance(value, str) and len(value) >= _WORTH_HIDING)


def test_json_from_aws_and_lists_from_a_file_say_the_same_and_no_secret(
    operator: Operator, tfstate: Path, staging: Standing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each run takes the time of some ten plans: all that is asked of a whole report is asked of these two.
    _evaluate_once(monkeypatch)
    done = operator.run("adopt", str(tfstate), "staging", "--json")
    document = json.loads(done.stdout)
    assert document.keys() == {"matched", "program_only", "state_only", "ambiguous", "first_up", "stack_values"}
    assert {frozenset(each) for each in document["matched"]} == {frozenset({"address", "type", "name", "id", "proof"})}
    # The ids of rules come from the one call.
    assert sum(each["id"].startswith("sgr-") for each in document["matched"]) > 0
    assert done.exit_code == document["first_up"]["exit_code"]

    listing = tmp_path / "rules.json"
    listing.write_text(json.dumps(_listed(staging), default=str))
    _without_aws(monkeypatch)
    lists = operator.run("adopt", str(tfstate), "--stack", "staging", "--rules", str(listing), "--full")
    assert lists.exit_code == done.exit_code
    assert lists.stdout.startswith(f"{len(document['matched'])} matched, ")
    assert [each["id"] for each in document["matched"] if f" as {each['id']}: " not in lists.stdout] == []
    assert "egress to 10.1.0.0/16, tcp 0 to 65535, of sg-" in lists.stdout

    secrets = set(_secrets(staging.state))
    assert len(secrets) > 3
    printed = done.stdout + done.stderr + lists.stdout + lists.stderr
    assert [secret for secret in secrets if secret in printed] == []


def test_without_aws_a_listing_is_asked_for(operator: Operator, tfstate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _without_aws(monkeypatch)
    refused = operator.run("adopt", str(tfstate), "staging")
    assert refused.exit_code == 2
    assert "--rules FILE" in refused.stderr


def _evaluate_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is tried be evaluated once for each content of the stack file."""
    made: dict[str, Evaluation] = {}

    def once(file: AnyStackFile, root: Path) -> Evaluation:
        content = json.dumps(file.config, sort_keys=True)
        if content not in made:
            made[content] = planned(file, root)
        return made[content]

    monkeypatch.setattr(values, "planned", once)


def _listed(staging: Standing) -> Any:
    rules = staging.aws.clients.get("ec2", "ap-southeast-1").get_paginator("describe_security_group_rules")
    return rules.paginate().build_full_result()


def _without_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": 3}, "came a state of version 3; allowed: 4"),
        ({"resources": []}, "an empty state"),
        ({"encrypted_data": "aGk="}, "encrypted by OpenTofu"),
    ],
)
def test_what_cannot_be_taken_over_is_refused_in_one_line(
    operator: Operator, tfstate: Path, change: Mapping[str, Any], words: str
) -> None:
    tfstate.write_text(json.dumps({**json.loads(tfstate.read_text()), **change}))
    done = operator.run("adopt", str(tfstate), "staging")
    assert done.exit_code == 2
    assert done.stdout == ""
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


def _of_another_program(state: dict[str, Any]) -> dict[str, Any]:
    table = {"mode": "managed", "type": "aws_dynamodb_table", "name": "x", "instances": [{"attributes": {"id": "x"}}]}
    return {**state, "resources": [table]}


def _without_a_module(state: dict[str, Any]) -> dict[str, Any]:
    return {**state, "resources": [each for each in state["resources"] if each.get("module") != "module.vpc"]}


def _of_another_account(state: dict[str, Any]) -> dict[str, Any]:
    return json.loads(json.dumps(state).replace(":123456789012:", ":999999999999:"))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (_of_another_program, "nothing in it fits staging: a state of another program"),
        (_without_a_module, "module.vpc: nothing of it is in the state"),
        (_of_another_account, "came account 999999999999; allowed for the stack: 123456789012"),
    ],
)
def test_a_state_that_is_not_the_stack_s_is_refused(
    operator: Operator, tfstate: Path, changed: Any, words: str
) -> None:
    tfstate.write_text(json.dumps(changed(json.loads(tfstate.read_text()))))
    done = operator.run("adopt", str(tfstate), "staging")
    assert done.exit_code == 2
    assert done.stdout == ""
    assert words in done.stderr.splitlines()[-1]


def test_the_state_of_another_stack_is_refused_by_its_region(operator: Operator, tfstate: Path) -> None:
    done = operator.run("adopt", str(tfstate), "production")
    assert done.exit_code == 2
    assert "came region ap-southeast-1; nothing of the stack's region ap-south-1" in done.stderr
