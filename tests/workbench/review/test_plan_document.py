"""Plans as documents: what they hold of secrets, and which files are refused."""

import json
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_random as random
import pytest

from tests.workbench.review.plans import network, plan
from workbench.review.plan_document import PlanDocument, Secret, empty, parse


def saved(**changes: object) -> dict[str, Any]:
    return {**plan(network).as_json(), **changes}


def refusal(content: object) -> str:
    text = content if isinstance(content, str) else json.dumps(content)
    with pytest.raises(ValueError, match=r"^p\.json: ") as refused:
        parse(text, source="p.json")
    return str(refused.value)


def test_a_document_is_read_as_it_was_written() -> None:
    written = plan(network)
    assert parse(json.dumps(written.as_json()), source="p.json") == written


def test_it_says_what_each_input_was_made_from() -> None:
    subnet = plan(network).by_urn["urn:pulumi:test::test::aws:ec2/subnet:Subnet::sub"]
    assert subnet.property_dependencies == {"vpcId": ["urn:pulumi:test::test::aws:ec2/vpc:Vpc::net"]}


def test_no_secret_is_in_it() -> None:
    def program() -> None:
        password = random.RandomPassword("password", length=20)
        text = pulumi.Output.all(password.result, pulumi.Output.secret("swordfish")).apply("-".join)
        aws.ssm.Parameter("p", name="/p", type="SecureString", value=text, tags={"plain": "x", "own": text})

    written = plan(program)
    (parameter,) = [resource for resource in written.resources if resource.name == "p"]
    assert parameter.inputs["value"] == "[secret]"
    assert sorted(parameter.secret_digests) == ["tags.own", "value"]
    assert isinstance(parameter.comparable["tags"]["own"], Secret)
    assert parameter.comparable["tags"]["plain"] == "x"
    assert "swordfish" not in json.dumps(written.as_json())
    assert "swordfish" not in f"{parameter.comparable!r}"


def test_an_empty_plan_has_nothing() -> None:
    assert empty("production") == PlanDocument(
        format="zelly plan", version=1, stack="production", region="", resources=[], outputs={}
    )


def test_files_that_are_no_plans_are_refused() -> None:
    assert refusal("[") == "p.json: not a saved plan: not JSON: Expecting value: line 1 column 2 (char 1)"
    no_plan = 'p.json: not a saved plan: no "format": "zelly plan"; zelly plan STACK --json writes one'
    assert refusal([]) == no_plan
    assert refusal({"stack": "production"}) == no_plan
    assert refusal(saved(format="zelly comparison")) == no_plan


def test_plans_of_another_version_are_refused() -> None:
    assert refusal(saved(version=2)) == "p.json: a plan of format version 2; allowed: 1"


def test_damaged_plans_are_refused_with_the_place() -> None:
    assert refusal(saved(region=1)) == "p.json: a damaged plan: region: Input should be a valid string"
    assert refusal(saved(extra=1)) == "p.json: a damaged plan: extra: Extra inputs are not permitted"
    without_urn = saved()
    del without_urn["resources"][0]["urn"]
    assert refusal(without_urn) == "p.json: a damaged plan: resources.0.urn: Field required"
