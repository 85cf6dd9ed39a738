"""Every name of the description, held against what the program registers: none is invented, none missed."""

import pytest

from pakashop_infra.program import PROGRAM
from tests.programs.pakashop.evaluations import STACKS, config_of, evaluation_of
from tests.support.registered import described, inputs, names, registered


@pytest.mark.parametrize("stack", STACKS)
def test_every_name_is_registered_and_nothing_registered_is_missed(stack: str) -> None:
    found, evaluation = PROGRAM.describe(config_of(stack)), evaluation_of(stack)
    assert described(PROGRAM, found) == registered(found, evaluation)
    alarms = names(evaluation, "aws:cloudwatch/metricAlarm:MetricAlarm")
    of_checks = {name for name in alarms if name.startswith(f"pakashop-{stack}-uptime-")}
    assert [name for name in alarms - of_checks if not name.startswith(found.alarm_prefix)] == []


@pytest.mark.parametrize("stack", STACKS)
def test_place_of_releases_is_what_the_program_makes(stack: str) -> None:
    releases, evaluation = PROGRAM.describe(config_of(stack)).releases, evaluation_of(stack)
    assert releases is not None
    assert releases.host in PROGRAM.describe(config_of(stack)).hosts.values()
    assert releases.bucket in inputs(evaluation, "aws:s3/bucket:Bucket", "bucket")
    assert releases.document in inputs(evaluation, "aws:ssm/document:Document", "name")
