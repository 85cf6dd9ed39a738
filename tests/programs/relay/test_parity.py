"""Pre-production is production's twin: what differs between them is listed, and nothing else does."""

import pytest

from relay_infra.program import PROGRAM
from tests.programs.relay.evaluations import ROOT, config_of, evaluation_of, evaluation_with
from workbench.evaluate import Evaluation
from workbench.review.parity.allowed import PARITY_FILE, read_allowed
from workbench.review.parity.compare import Parity, Side, compared


def parity(first: Evaluation, second: Evaluation) -> Parity:
    sides = [
        Side(stack=found.stack, region=config_of(found.stack).region, resources=found.resources)
        for found in (first, second)
    ]
    return compared(sides[0], sides[1], read_allowed(ROOT / PARITY_FILE))


def test_the_stacks_differ_in_what_is_listed_alone() -> None:
    assert PROGRAM.twins == ("preproduction", "production")
    found = parity(evaluation_of("preproduction"), evaluation_of("production"))
    assert (found.unexpected, found.needless) == ((), ())


@pytest.mark.parametrize(
    ("path", "value", "resource", "changed"),
    [
        ("services.send-api.memory_mib", 2048, "relay-{environment}-send-api-task-definition", "memory"),
        ("containers.execute_command", False, "relay-{environment}-send-api-service", "enableExecuteCommand"),
        ("network.flow_log_retention_days", 7, "relay-{environment}-network-flow-logs", "retentionInDays"),
    ],
)
def test_a_twin_that_drifts_is_a_finding(path: str, value: object, resource: str, changed: str) -> None:
    found = parity(evaluation_with("preproduction", {path: value}), evaluation_of("production"))
    assert (resource, changed) in {(one.name, one.path) for one in found.unexpected}
