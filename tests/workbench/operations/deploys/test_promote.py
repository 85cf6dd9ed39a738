"""What a service has to be like for its image to be promoted."""

from typing import cast

import pytest

from tests.workbench.operations.seen import D, service
from workbench.aws.ecs.services import Service
from workbench.aws.ecs.task_definitions import TaskDefinition
from workbench.aws.elastic_load_balancing import ElasticLoadBalancing
from workbench.operations.deploys.promote import unhealthy
from workbench.operations.deploys.service import Situation

DONE = D(state="COMPLETED", running=1)


def situation(described: Service) -> Situation:
    primary = described.primary
    assert primary is not None
    revision = TaskDefinition(arn=primary.task_definition_arn, status="ACTIVE", document={}, tags=())
    return Situation(
        service=described,
        primary=primary,
        running=revision,
        template=revision,
        recorded={},
        deploys=(),
        deployed_containers=(),
    )


@pytest.mark.parametrize(
    ("described", "lines"),
    [
        (service(DONE), []),
        # The primary deployment says COMPLETED, and tasks of another one are still there.
        (
            service(DONE, D(id="ecs-svc/1", revision=7, state="COMPLETED")),
            ["the rollout of shop-api:8 is COMPLETED, beside another one (shop-api:7)"],
        ),
        (service(D(state="IN_PROGRESS", running=1)), ["the rollout of shop-api:8 is IN_PROGRESS"]),
        (service(D(state="FAILED", running=1)), ["the rollout of shop-api:8 is FAILED"]),
        (service(DONE, desired=2), ["1 of 2 tasks run"]),
        (service(D(state="COMPLETED", running=2), desired=1), ["2 of 1 tasks run"]),
        (service(D(state="COMPLETED"), desired=0), ["0 of 0 tasks run"]),
    ],
)
def test_a_source_in_the_middle_of_something_is_not_promoted(described: Service, lines: list[str]) -> None:
    assert unhealthy(situation(described), cast(ElasticLoadBalancing, None)) == lines
