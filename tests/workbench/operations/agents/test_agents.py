"""Which build agents no build can be on, and ending them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.workbench.operations.answering import answering
from tests.workbench.operations.failing import failure
from workbench.agents import BuildAgents
from workbench.aws.auto_scaling import Group, Member
from workbench.aws.ec2.instances import Launched
from workbench.aws.shared.errors import AwsError, Reason
from workbench.errors import OperationFailedError, OperatorError
from workbench.operations.agents.listing import Agent, agents_of, read_pools
from workbench.operations.agents.reaping import plan_reaping, reap

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
DESCRIBED = BuildAgents(groups={"build": "shop-builders"}, longest_build=timedelta(hours=2))


def launched(instance: str, minutes: int, name: str = "shop-builders") -> Launched:
    return Launched(id=instance, name=name, type="m7a.large", launched_at=NOW - timedelta(minutes=minutes))


def group(*members: Member) -> Group:
    return Group(name="shop-builders", wanted=len(members), maximum=4, members=members)


def member(instance: str, lifecycle: str = "InService", *, is_protected: bool = False) -> Member:
    return Member(instance_id=instance, lifecycle=lifecycle, is_protected=is_protected)


def agents(*instances: Launched, of: Group) -> tuple[Agent, ...]:
    return agents_of("build", of, instances, DESCRIBED, now=NOW)


def test_an_agent_may_have_a_build_for_as_long_as_the_longest_one() -> None:
    young, old = agents(
        launched("i-1", 120), launched("i-2", 121), of=group(member("i-1"), member("i-2", is_protected=True))
    )
    assert young.orphaned_because is None
    assert (old.orphaned_because, old.is_protected) == ("2 hours old, longer than the longest build (2 hours)", True)


def test_an_instance_without_its_group_gets_no_build_and_one_that_goes_is_left_alone() -> None:
    alone, going = agents(launched("i-1", 5), launched("i-2", 500), of=group(member("i-2", "Terminating:Wait")))
    assert (alone.lifecycle, alone.is_member) == ("no group", False)
    assert alone.orphaned_because == "no group looks after it, so that no controller gives it a build"
    assert going.orphaned_because is None


def test_what_is_another_pools_is_not_looked_at() -> None:
    assert agents(launched("i-1", 500, name="shop-deployers"), of=group()) == ()


def test_a_group_that_is_not_there_is_named() -> None:
    nothing = answering(groups=[])
    with pytest.raises(OperatorError, match="Auto Scaling group shop-builders: not there; `pulumi up` makes it"):
        read_pools(DESCRIBED, nothing, nothing, now=NOW)


def test_ending_that_stops_half_way_says_what_is_done_and_how_to_go_on() -> None:
    found = group(member("i-1", is_protected=True), member("i-2"))
    instances = [launched("i-1", 300), launched("i-2", 200), launched("i-3", 1)]
    pools = read_pools(DESCRIBED, answering(groups=[found]), answering(launched=instances), now=NOW)
    plan = plan_reaping(pools)
    assert plan.lines() == [
        "i-1 of build (InService, protected from scale-in) ends: 5 hours old, longer than the longest build (2 hours)",
        "i-2 of build (InService) ends: 3 hours old, longer than the longest build (2 hours)",
        "i-3 of build (no group) ends: no group looks after it, so that no controller gives it a build",
    ]
    asked: list[tuple[str, str]] = []

    def end(instance: str) -> None:
        asked.append(("group", instance))
        if instance == "i-2":
            raise failure("Throttling", Reason.THROTTLED)

    def terminate(instance: str) -> None:
        asked.append(("ec2", instance))

    with pytest.raises(OperationFailedError) as failed:
        reap(plan, answering(end=end), answering(terminate=terminate))
    assert failed.value.lines[-1] == "Ended before: i-1. What is still there is ended by the same command."
    assert isinstance(failed.value.__cause__, AwsError)
    assert asked == [("group", "i-1"), ("group", "i-2")]

    asked.clear()
    ended: list[Any] = reap(plan, answering(end=asked.append), answering(terminate=terminate))
    assert [each["instance"] for each in ended] == ["i-1", "i-2", "i-3"]
    assert asked == ["i-1", "i-2", ("ec2", "i-3")]
