"""Tables of the tools that hold what Zelly makes and pins: none of it is unknown to them."""

from typing import Any

import pytest

from tests.support.registered import records_made, records_taken_over
from tests.zelly_infra.evaluations import STACKS, config_of, evaluation_of
from tests.zelly_infra.switches import HOURS, NAT_INSTANCE, with_switch
from workbench.operations.account.service_linked_roles import is_known
from workbench.operations.doctor.ageing import ends_of, pinned_releases
from zelly_infra.program import PROGRAM

EVALUATIONS = [
    *(pytest.param(stack, {}, id=stack) for stack in STACKS),
    pytest.param("staging", {**HOURS, **NAT_INSTANCE}, id="staging with running hours and a NAT instance"),
]


def _made(stack: str, changes: dict[str, Any]) -> Any:
    found = (with_switch(stack, changes) if changes else evaluation_of(stack)).custom()
    return [resource for resource in found if not resource.type.startswith("pulumi:providers:")]


@pytest.mark.parametrize(("stack", "changes"), EVALUATIONS)
def test_of_every_type_that_is_made_it_is_known_which_role_it_needs(stack: str, changes: dict[str, Any]) -> None:
    types = {resource.type for resource in _made(stack, changes)}
    assert sorted(type_token for type_token in types if not is_known(type_token)) == []


@pytest.mark.parametrize(("stack", "changes"), EVALUATIONS)
def test_what_would_need_another_role_is_not_used(stack: str, changes: dict[str, Any]) -> None:
    """Each reason in the table that says "only for": alarms that act on EC2, scaling of others than ECS, and so on."""
    made = _made(stack, changes)
    inputs = [(resource.type, resource.inputs) for resource in made]
    assert {one["serviceNamespace"] for kind, one in inputs if kind == "aws:appautoscaling/target:Target"} == {"ecs"}
    alarms = [one for kind, one in inputs if kind == "aws:cloudwatch/metricAlarm:MetricAlarm"]
    actions = {action for alarm in alarms for action in (*alarm.get("alarmActions", []), *alarm.get("okActions", []))}
    assert [action for action in actions if "automate" in action or "lambda" in action] == []
    assert [one for kind, one in inputs if kind == "aws:kms/key:Key" and one.get("multiRegion")] == []
    assert [one for kind, one in inputs if kind == "aws:ec2/natGateway:NatGateway" and "subnetId" not in one] == []
    assert [one for kind, one in inputs if kind == "aws:ec2/instance:Instance" and "instanceMarketOptions" in one] == []


@pytest.mark.parametrize("stack", STACKS)
def test_end_of_everything_that_is_pinned_is_known(stack: str) -> None:
    description = PROGRAM.describe(config_of(stack))
    found = pinned_releases(description)
    assert {one.key for one in found} <= ends_of(description).keys()
    assert len(found) == 4


def test_records_of_a_network_load_balancer_are_taken_over_under_their_own_names_too() -> None:
    assert records_taken_over(PROGRAM.describe(config_of("production"))) == records_made(evaluation_of("production"))
