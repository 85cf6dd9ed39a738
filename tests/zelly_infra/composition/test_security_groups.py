"""Who may talk to whom, as the program registers it."""

import re

import pytest

from tests.zelly_infra.evaluations import STACKS, evaluation_of
from tests.zelly_infra.expected_rules import EGRESS, GROUPS, INGRESS


def rules(stack: str, direction: str, arrow: str) -> list[str]:
    def short(reference: str) -> str:
        match = re.fullmatch(rf"\$\{{zelly-{stack}-(.*)-sg\.id\}}", reference)
        return match.group(1) if match else reference

    found = evaluation_of(stack).of_type(f"aws:vpc/securityGroup{direction}Rule:SecurityGroup{direction}Rule")
    lines: list[str] = []
    for rule in found:
        inputs = rule.inputs
        peer = short(inputs.get("referencedSecurityGroupId") or inputs["cidrIpv4"])
        assert inputs["fromPort"] == inputs["toPort"]
        lines.append(f"{short(inputs['securityGroupId'])} {arrow} {peer} {inputs['ipProtocol']} {inputs['fromPort']}")
    return sorted(lines)


@pytest.mark.parametrize("stack", STACKS)
def test_stack_lets_in_exactly_these(stack: str) -> None:
    assert rules(stack, "Ingress", "<-") == sorted(INGRESS[stack])


@pytest.mark.parametrize("stack", STACKS)
def test_every_way_in_from_a_group_is_that_groups_way_out(stack: str) -> None:
    assert rules(stack, "Egress", "->") == sorted(EGRESS[stack])


@pytest.mark.parametrize("stack", STACKS)
def test_every_security_group_belongs_to_one_of_the_parts(stack: str) -> None:
    groups = {group.name for group in evaluation_of(stack).of_type("aws:ec2/securityGroup:SecurityGroup")}
    assert groups == {f"zelly-{stack}-{part}-sg" for part in GROUPS}
