"""Production refuses to be destroyed."""

import re

import pytest

from tests.support.engine.inventory import inventory
from tests.support.engine.stacks import AS_IT_WAS_MADE
from tests.zelly_infra.engine.conftest import Deployed
from tests.zelly_infra.evaluations import evaluation_of


@pytest.mark.parametrize("deployed", ["production"], indirect=True)
def test_production_refuses_to_be_destroyed_and_keeps_everything(deployed: Deployed) -> None:
    stack = deployed.stack
    before = inventory(stack.client)
    refused = stack.session.run("destroy", "--yes", *AS_IT_WAS_MADE, "--stack", stack.name)
    assert refused.returncode != 0
    protected = {resource.name for resource in evaluation_of("production").resources if resource.protect}
    named = set(re.findall(r'resource "urn:[^"]*::([^":]+)" cannot be deleted', refused.stdout))
    # The engine does not go on to what those depend on.
    assert named
    assert named <= protected
    assert inventory(stack.client) == before
