"""The roles that `zelly state bootstrap` makes, held against everything that the program makes."""

from typing import Any

import pytest

from tests.zelly_infra.evaluations import STACKS, evaluation_of
from tests.zelly_infra.switches import HOURS, NAT_INSTANCE, with_switch
from workbench.operations.account.service_linked_roles import ROLES_BY_TYPE, SERVICES, WITHOUT_ROLE, is_known

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


def test_no_type_and_no_module_is_named_that_nothing_is_made_of() -> None:
    made = [resource for parameter in EVALUATIONS for resource in _made(parameter.values[0], parameter.values[1])]  # pyright: ignore[reportArgumentType]
    types = {resource.type for resource in made}
    assert sorted({*ROLES_BY_TYPE} - types) == []
    modules = {type_token.partition("/")[0] for type_token in types} | {"cloudflare", "random"}
    assert sorted({*WITHOUT_ROLE} - modules) == []


def test_services_are_those_of_the_platform() -> None:
    assert SERVICES == (
        "backup.amazonaws.com",
        "ecs.amazonaws.com",
        "ecs.application-autoscaling.amazonaws.com",
        "elasticache.amazonaws.com",
        "elasticfilesystem.amazonaws.com",
        "elasticloadbalancing.amazonaws.com",
        "rds.amazonaws.com",
    )


def test_unknown_type_of_a_known_module_with_roles_is_known_and_of_another_module_is_not() -> None:
    assert is_known("aws:ecs/service:Service")
    assert is_known("aws:iam/role:Role")
    assert not is_known("aws:lambda/function:Function")
    assert not is_known("aws:ecs/capacityProvider:CapacityProvider")


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
