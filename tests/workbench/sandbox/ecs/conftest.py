"""One clocked AWS with a network and a balancer for all scenarios of a module."""

from collections.abc import Iterator

import pytest

from tests.workbench.sandbox.ecs.balancers import Balancer, make_balancer
from tests.workbench.sandbox.ecs.clocked import ClockedAws, clocked_aws
from tests.workbench.sandbox.ecs.scenarios import prepare
from tests.workbench.sandbox.network import Network


@pytest.fixture(scope="module")
def clock() -> Iterator[ClockedAws]:
    with clocked_aws() as aws:
        yield aws


@pytest.fixture(scope="module")
def clocked_network(clock: ClockedAws) -> Network:
    return prepare(clock)


@pytest.fixture(scope="module")
def balancer(clock: ClockedAws, clocked_network: Network) -> Balancer:
    return make_balancer(clock, clocked_network)
