"""Another strategy of a service that ECS has deployed: the deployment that a program forces with it ends, too."""

from tests.workbench.sandbox.ecs.balancers import Balancer
from tests.workbench.sandbox.ecs.clocked import ClockedAws
from tests.workbench.sandbox.ecs.scenarios import Scenario, begin, play, running
from tests.workbench.sandbox.ecs.services import CLUSTER
from tests.workbench.sandbox.network import Network

BLUE_GREEN = {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 1}


def test_strategy_there_and_back(clock: ClockedAws, clocked_network: Network, balancer: Balancer) -> None:
    targets = balancer.targets()
    scenario = Scenario(configuration=BLUE_GREEN, seen=[], running={}, rollouts=[])
    stage = begin(clock, clocked_network, scenario, targets)
    found: list[tuple[str, tuple[int, int]]] = []
    for configuration in ({"strategy": "ROLLING"}, BLUE_GREEN):
        stage.ecs.update_service(
            cluster=CLUSTER,
            service=stage.service.name,
            deploymentConfiguration=configuration,
            # As the provider does with every change of a service that has it in its program.
            forceNewDeployment=True,
        )
        stage.arn = stage.newest()
        found.append((play(stage, {})[-1][0], targets.weights(targets.production)))
        assert running(stage) == {"one": 2}
    # Tasks that are replaced stay in the group that serves; a second set takes the other one.
    assert found == [("SUCCESSFUL", (100, 0)), ("SUCCESSFUL", (0, 100))]
