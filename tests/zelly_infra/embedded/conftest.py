"""Both environments, made once in one embedded AWS: production first, as staging looks up what it owns."""

from collections.abc import Iterator

import pytest

from tests.support.held import Remembering
from tests.zelly_infra.embedded.environment import Environment
from tests.zelly_infra.evaluations import STACKS, evaluated
from tests.zelly_infra.stack_files import ROOT, environment_of
from workbench.sandbox.embedded import EmbeddedAws
from zelly_infra.stack_file import read_stack_file


@pytest.fixture(scope="session")
def environments() -> Iterator[dict[str, Environment]]:
    with EmbeddedAws.start() as aws:
        yield {stack: _made(stack, aws) for stack in STACKS}


@pytest.fixture(scope="session")
def production(environments: dict[str, Environment]) -> Environment:
    return environments["production"]


@pytest.fixture(scope="session")
def staging(environments: dict[str, Environment]) -> Environment:
    return environments["staging"]


@pytest.fixture(scope="session", params=STACKS)
def environment(request: pytest.FixtureRequest, environments: dict[str, Environment]) -> Environment:
    """Each environment in turn."""
    return environments[request.param]


def _made(stack: str, aws: EmbeddedAws) -> Environment:
    file = read_stack_file(stack, ROOT)
    backend = Remembering(aws.backend())
    evaluation = evaluated(file, backend)
    region = environment_of(stack)["region"]
    return Environment(stack=stack, region=region, aws=aws, evaluation=evaluation, made=backend.made)
