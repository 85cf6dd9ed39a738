"""The roles that `zelly state bootstrap` makes, held against what the sample program makes."""

from tests.support.sample import OWNER, evaluation_of
from workbench.operations.account.service_linked_roles import SERVICES, is_known


def test_of_every_type_that_is_made_it_is_known_which_role_it_needs() -> None:
    types = {resource.type for resource in evaluation_of(OWNER).custom()}
    assert sorted(one for one in types if not one.startswith("pulumi:") and not is_known(one)) == []


def test_services_are_those_that_have_a_role_of_their_own() -> None:
    assert SERVICES == (
        "backup.amazonaws.com",
        "ecs.amazonaws.com",
        "ecs.application-autoscaling.amazonaws.com",
        "elasticache.amazonaws.com",
        "elasticfilesystem.amazonaws.com",
        "elasticloadbalancing.amazonaws.com",
        "rds.amazonaws.com",
        "spot.amazonaws.com",
    )


def test_unknown_type_of_a_known_module_with_roles_is_known_and_of_another_module_is_not() -> None:
    assert is_known("aws:ecs/service:Service")
    assert is_known("aws:iam/role:Role")
    assert not is_known("aws:lambda/function:Function")
    assert not is_known("aws:ecs/capacityProvider:CapacityProvider")
