"""Every rule on what passes it and what fails it; and the table that they stand in."""

import re
from dataclasses import replace

import pytest

from tests.workbench.review.rules.examples import examples, stack
from workbench.review.rules.model import UNKNOWN, Rule, Stack, is_unknown
from workbench.review.rules.report import findings
from workbench.review.rules.table import RULES

_SERVICES = "ACM|CloudWatch|EC2|ECR|ECS|EFS|ELB|ElastiCache|IAM|KMS|RDS|S3|SNS|SSM|SecretsManager"
_CONTROL = re.compile(rf"({_SERVICES})\.\d+|CIS [1-5]\.\d+(\.\d+)?")

by_id = pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])


def _said(rule: Rule, given: Stack) -> list[tuple[str, str]]:
    return [(finding.name, finding.message) for finding in findings(given, [rule])]


@by_id
def test_rule_says_nothing_of_what_passes(rule: Rule) -> None:
    assert _said(rule, examples()[rule.id].passes) == []


@by_id
def test_rule_says_what_is_wrong_with_what_fails(rule: Rule) -> None:
    example = examples()[rule.id]
    assert _said(rule, example.fails) == [("it", message) for message in example.says]


@by_id
def test_rule_looks_at_something_in_what_passes_and_is_alone_with_its_id(rule: Rule) -> None:
    looked_at = list(examples()[rule.id].passes.of_types(rule.types))
    assert looked_at or rule.id == "no-iam-users"
    assert [other.id for other in RULES].count(rule.id) == 1


@by_id
def test_rule_is_told_in_whole_sentences_and_has_one_kind_of_check(rule: Rule) -> None:
    assert re.fullmatch(r"[A-Z].*[^.]", rule.title)
    assert re.fullmatch(r"[A-Z].*\.", rule.remediation)
    assert all(_CONTROL.fullmatch(control) for control in rule.controls)
    assert (rule.check is None) != (rule.check_in_stack is None)


def test_every_example_is_of_a_rule_and_every_rule_has_one() -> None:
    assert list(examples()) == [rule.id for rule in RULES]


def test_more_than_forty_rules_answer_a_control() -> None:
    assert len([rule for rule in RULES if rule.controls]) > 40


def test_what_is_not_known_yet_is_not_judged() -> None:
    """As in a preview: whatever a rule looks at may still be an output of something that is not made."""
    given = {rule: examples()[rule.id].fails for rule in RULES}
    valued = {rule: stack for rule, stack in given.items() if any(each.properties for each in stack.resources)}
    judging = [rule.id for rule, stack in valued.items() if _said(rule, _unknown(stack))]
    # Each judges by something else as well: what is left out, what another resource does, an option.
    assert judging == [
        "vpc-flow-log",
        "instance-no-public-address",
        "instance-volumes-encrypted",
        "aurora-final-snapshot",
        "database-final-snapshot",
        "bucket-blocks-public-access",
        "stateful-replaced-in-order",
    ]


def _unknown(given: Stack) -> Stack:
    return Stack(
        name=given.name,
        resources=[replace(each, properties=dict.fromkeys(each.properties, UNKNOWN)) for each in given.resources],
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("${vpc.id}", True),
        ("${unknown}", True),
        ("a-${vpc.id}", False),
        ("${a}${b}", False),
        ("", False),
        (True, False),
    ],
)
def test_a_placeholder_is_recognised(value: object, expected: bool) -> None:
    assert is_unknown(value) is expected


def test_an_example_of_one_resource_is_of_the_rules_first_type() -> None:
    rule = RULES[0]
    assert [resource.type for resource in stack(rule, {"a": 1}).resources] == [rule.types[0]]
