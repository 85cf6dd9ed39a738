"""What lies on either side of each rule's border; examples.yaml has what is far from it."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.workbench.review.rules.examples import stack
from workbench.review.rules.report import findings
from workbench.review.rules.table import RULES

BORDERS: dict[str, list[dict[str, Any]]] = YAML(typ="safe", pure=True).load(  # pyright: ignore[reportUnknownMemberType]
    Path(__file__).with_name("borders.yaml")
)
BY_ID = {rule.id: rule for rule in RULES}
CASES = [(rule, number) for rule, cases in BORDERS.items() for number in range(len(cases))]


@pytest.mark.parametrize(("rule", "number"), CASES)
def test_rule_says_this_of_what_lies_at_its_border(rule: str, number: int) -> None:
    case = BORDERS[rule][number]
    said = [finding.message for finding in findings(stack(BY_ID[rule], case["given"]), [BY_ID[rule]])]
    assert said == case["says"]


@pytest.mark.parametrize("rule", BORDERS)
def test_both_sides_of_a_border_are_there(rule: str) -> None:
    assert {bool(case["says"]) for case in BORDERS[rule]} == {True, False}


def test_every_rule_has_a_border() -> None:
    # A user is there or is not.
    assert {rule.id for rule in RULES} - BORDERS.keys() == {"no-iam-users"}


@pytest.mark.parametrize(
    ("type_", "key", "longest"),
    [
        # Each service's API reference.
        ("aws:ecr/repository:Repository", "name", 256),
        ("aws:ecs/cluster:Cluster", "name", 255),
        ("aws:ecs/service:Service", "name", 255),
        ("aws:ecs/taskDefinition:TaskDefinition", "family", 255),
        ("aws:iam/role:Role", "name", 64),
        ("aws:lb/loadBalancer:LoadBalancer", "name", 32),
        ("aws:lb/targetGroup:TargetGroup", "namePrefix", 6),
        ("aws:rds/cluster:Cluster", "clusterIdentifier", 63),
        ("aws:rds/clusterInstance:ClusterInstance", "identifier", 63),
        ("aws:rds/instance:Instance", "identifier", 63),
        ("aws:s3/bucket:Bucket", "bucket", 63),
        ("aws:secretsmanager/secret:Secret", "name", 512),
        ("aws:ssm/parameter:Parameter", "name", 1011),
    ],
)
def test_name_is_as_long_as_its_service_lets_it_be(type_: str, key: str, longest: int) -> None:
    rule = BY_ID["name-within-limits"]

    def said_of(length: int) -> list[str]:
        given = [{"type": type_, "name": "it", "properties": {key: "a" * length}}]
        return [finding.message for finding in findings(stack(rule, given), [rule])]

    assert said_of(longest) == []
    assert said_of(longest + 1) == [f"{key}: {longest + 1} characters; allowed: {longest}"]
