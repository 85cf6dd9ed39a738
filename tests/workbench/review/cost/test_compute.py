"""Fargate, EC2, disks and snapshots: quantities from inputs, exactly."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workbench.review.cost.plans import Recorded, charges, plan, quantity, three, usage
from workbench.review.cost.compute import agent_metrics, fargate_service, instance, shares, snapshots, volume
from workbench.review.cost.quantity import Quantity

ON_DEMAND = {"capacityProvider": "FARGATE", "weight": 1, "base": 1}


def _service(**inputs: Any) -> Recorded:
    return Recorded(
        type="aws:ecs/service:Service",
        name="shop-production-api-service",
        inputs={
            "name": "shop-production-api",
            "desiredCount": 1,
            "taskDefinition": "${shop-production-api-task.arn}",
            "capacityProviderStrategies": [ON_DEMAND],
            **inputs,
        },
    )


def _definition(**inputs: Any) -> Recorded:
    return Recorded(
        type="aws:ecs/taskDefinition:TaskDefinition",
        name="shop-production-api-task",
        inputs={"cpu": "512", "memory": "1024", "runtimePlatform": {"cpuArchitecture": "X86_64"}, **inputs},
    )


def _target(least: int, most: int) -> Recorded:
    return Recorded(
        type="aws:appautoscaling/target:Target",
        inputs={"minCapacity": least, "maxCapacity": most, "resourceId": "service/any/shop-production-api"},
    )


def _charges(service: Recorded, *others: Recorded, **assumed: Any) -> list[tuple[str, ...]]:
    return charges([*fargate_service(service, plan(service, *others, assumed=usage(**assumed)))])


def test_tasks_are_charged_by_vcpu_and_memory_for_all_hours() -> None:
    assert _charges(_service(desiredCount=2), _definition()) == [
        ("fargate.x86.vcpu_hour", "730", "730", "730"),
        ("fargate.x86.gb_hour", "1460", "1460", "1460"),
    ]


def test_arm64_has_prices_of_its_own() -> None:
    arm = _definition(runtimePlatform={"cpuArchitecture": "ARM64"})
    assert [item for item, *_ in _charges(_service(), arm)] == ["fargate.arm64.vcpu_hour", "fargate.arm64.gb_hour"]


def test_scaled_service_has_the_assumed_tasks_within_its_bounds() -> None:
    assumed = {"services__average_tasks__api": three(0.5, 1.5, 9)}
    (vcpu, _memory) = _charges(_service(), _definition(cpu="1024"), _target(1, 4), **assumed)
    assert vcpu == ("fargate.x86.vcpu_hour", "730", "1095", "2920")


def test_bounds_that_are_one_need_no_assumption() -> None:
    (vcpu, _memory) = _charges(_service(), _definition(), _target(3, 3))
    assert vcpu == ("fargate.x86.vcpu_hour", "1095", "1095", "1095")


def test_scaled_service_without_an_assumption_stands_at_its_minimum_and_at_most_at_its_maximum() -> None:
    (vcpu, _memory) = _charges(_service(), _definition(cpu="1024"), _target(1, 4))
    assert vcpu == ("fargate.x86.vcpu_hour", "730", "730", "2920")


def test_nights_off_count_in_task_hours() -> None:
    (vcpu, _memory) = _charges(_service(), _definition(), services__task_hours_per_month=three(100, 220, 730))
    assert vcpu == ("fargate.x86.vcpu_hour", "50", "110", "365")


def test_spot_share_has_spot_prices() -> None:
    spot = {"capacityProvider": "FARGATE_SPOT", "weight": 3, "base": 0}
    service = _service(desiredCount=5, capacityProviderStrategies=[ON_DEMAND, spot])
    # One is the base; of the other four, a quarter and three quarters.
    assert _charges(service, _definition(cpu="1024")) == [
        ("fargate.x86.vcpu_hour", "1460", "1460", "1460"),
        ("fargate.x86.gb_hour", "1460", "1460", "1460"),
        ("fargate.spot.x86.vcpu_hour", "2190", "2190", "2190"),
        ("fargate.spot.x86.gb_hour", "2190", "2190", "2190"),
    ]


@given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5), st.integers(0, 40))
def test_shares_are_all_the_tasks(base: int, weight: int, other_weight: int, tasks: int) -> None:
    strategies = [
        {"capacityProvider": "FARGATE", "base": base, "weight": weight},
        {"capacityProvider": "FARGATE_SPOT", "weight": other_weight},
    ]
    found = shares(strategies, Quantity.fixed(tasks))
    if weight + other_weight:
        assert round(sum(share.expected for share in found.values()), 9) == tasks


def test_service_without_its_definition_is_named() -> None:
    assert _charges(_service(taskDefinition="other:3")) == [
        ("unknown", "its task definition other:3 is not in the plan", "", "")
    ]


def test_tasks_on_instances_of_ones_own_are_not_priced_as_fargate() -> None:
    service = _service(capacityProviderStrategies=[{"capacityProvider": "own", "weight": 1}])
    (found,) = _charges(service, _definition())
    assert found[1] == "its tasks run on own; only FARGATE and FARGATE_SPOT have prices per task"


def test_public_tasks_have_an_address_each() -> None:
    *_, address = _charges(_service(networkConfiguration={"assignPublicIp": True}, desiredCount=2), _definition())
    assert address == ("ipv4.public.hour", "1460", "1460", "1460")


@pytest.mark.parametrize(("gib", "hours"), [(20, []), (21, ["730"]), (50, ["21900"])])
def test_ephemeral_storage_beyond_the_free_is_charged(gib: int, hours: list[str]) -> None:
    _, _, *extra = _charges(_service(), _definition(ephemeralStorage={"sizeInGib": gib}))
    assert extra == [("fargate.ephemeral.gb_hour", each, each, each) for each in hours]


def test_service_that_says_nothing_is_one_task_on_fargate_for_x86() -> None:
    service = Recorded(
        type="aws:ecs/service:Service",
        inputs={"name": "shop-production-api", "taskDefinition": "${shop-production-api-task.arn}"},
    )
    definition = Recorded(
        type="aws:ecs/taskDefinition:TaskDefinition",
        name="shop-production-api-task",
        inputs={"cpu": "1024", "memory": "2048"},
    )
    assert _charges(service, definition) == [
        ("fargate.x86.vcpu_hour", "730", "730", "730"),
        ("fargate.x86.gb_hour", "1460", "1460", "1460"),
    ]


def test_bounds_of_another_service_are_not_this_ones() -> None:
    other = Recorded(
        type="aws:appautoscaling/target:Target",
        inputs={"minCapacity": 3, "maxCapacity": 3, "resourceId": "service/shop-production-api/other"},
    )
    (vcpu, _memory) = _charges(_service(), _definition(cpu="1024"), other)
    assert vcpu == ("fargate.x86.vcpu_hour", "730", "730", "730")


@pytest.mark.parametrize(
    ("kind", "cpu_credits", "expected"),
    [
        ("t3.micro", {"cpuCredits": "unlimited"}, [("ec2.t3.surplus_vcpu_hour", "1", "2", "3")]),
        # What EC2 does where nothing is said.
        ("t4g.small", {}, [("ec2.t4g.surplus_vcpu_hour", "1", "2", "3")]),
        ("t3.micro", {"cpuCredits": "standard"}, []),
        ("m7i.large", {}, []),
    ],
)
def test_credits_beyond_those_that_are_earned_are_charged_where_they_have_no_limit(
    kind: str, cpu_credits: dict[str, str], expected: list[tuple[str, str, str, str]]
) -> None:
    inputs = {"instanceType": kind, "rootBlockDevice": {"volumeSize": 8}, "creditSpecification": cpu_credits}
    host = Recorded(type="aws:ec2/instance:Instance", inputs=inputs)
    assumed = usage(host_surplus_vcpu_hours_per_month=three(1, 2, 3))
    _, *found, _ = charges([*instance(host, plan(host, assumed=assumed))])
    assert found == expected


def test_instance_has_hours_and_a_root_disk() -> None:
    host = Recorded(
        type="aws:ec2/instance:Instance",
        inputs={"instanceType": "t3.micro", "rootBlockDevice": {"volumeSize": 8, "volumeType": "gp3"}}
        | {"creditSpecification": {"cpuCredits": "standard"}},
    )
    assumed = usage(host_hours_per_month=three(200, 300, 730))
    assert charges([*instance(host, plan(host, assumed=assumed))]) == [
        ("ec2.t3.micro.hour", "200", "300", "730"),
        ("ebs.gp3.gb_month", "8", "8", "8"),
    ]


@pytest.mark.parametrize(("associated", "addresses"), [(False, 1), (True, 0)])
def test_address_of_an_instance_is_counted_once(associated: bool, addresses: int) -> None:
    host = Recorded(
        type="aws:ec2/instance:Instance",
        name="host",
        inputs={"instanceType": "t3.micro", "rootBlockDevice": {"volumeSize": 8}, "associatePublicIpAddress": True},
    )
    association = Recorded(type="aws:ec2/eipAssociation:EipAssociation", inputs={"instanceId": "${host.id}"})
    found = charges([*instance(host, plan(host, *([association] if associated else [])))])
    assert [item for item, *_ in found].count("ipv4.public.hour") == addresses


def test_volume_is_charged_by_its_size_and_type() -> None:
    disk = Recorded(type="aws:ebs/volume:Volume", inputs={"size": 50, "type": "gp3"})
    assert charges([*volume(disk, plan(disk))]) == [("ebs.gp3.gb_month", "50", "50", "50")]


@pytest.mark.parametrize(
    ("inputs", "named"),
    [({"iops": 3000, "throughput": 125}, 0), ({"iops": 3001}, 1), ({"throughput": 126}, 1)],
)
def test_volume_faster_than_its_size_includes_is_named(inputs: dict[str, int], named: int) -> None:
    disk = Recorded(type="aws:ebs/volume:Volume", inputs={"size": 50, "type": "gp3", **inputs})
    _, *found = charges([*volume(disk, plan(disk))])
    assert found == [("unknown", "more IOPS or throughput than a gp3 disk includes", "", "")] * named


def test_disk_is_gp3_where_nothing_is_said_and_one_of_an_unknown_size_is_named() -> None:
    host = Recorded(type="aws:ec2/instance:Instance", inputs={"instanceType": "m7i.large"})
    assert charges([*instance(host, plan(host))])[1:] == [
        ("unknown", "a disk without a size: the image's own, which the plan does not know", "", "")
    ]
    disk = Recorded(type="aws:ebs/volume:Volume", inputs={"size": 50})
    assert charges([*volume(disk, plan(disk))]) == [("ebs.gp3.gb_month", "50", "50", "50")]


def _policy(kept: int | None, hours: int = 24) -> Recorded:
    schedule = {"createRule": {"interval": hours}, "retainRule": {"count": kept} if kept else {"interval": 1}}
    return Recorded(
        type="aws:dlm/lifecyclePolicy:LifecyclePolicy",
        inputs={"policyDetails": {"targetTags": {"keep": "daily"}, "schedules": [schedule]}},
    )


def test_snapshots_hold_what_is_used_and_what_changed_each_day() -> None:
    disk = Recorded(type="aws:ebs/volume:Volume", inputs={"size": 20, "tags": {"keep": "daily"}})
    assumed = usage(
        storage__host_volume_used_gb=three(5, 10, 100), storage__host_volume_changed_gb_per_day=three(0, 0.5, 1)
    )
    policy = _policy(7)
    # At the most the whole volume of 20 GB is used, whatever is assumed.
    assert charges([*snapshots(policy, plan(policy, disk, assumed=assumed))]) == [
        ("ebs.snapshot.gb_month", "5", "13", "26")
    ]


def test_one_snapshot_is_what_is_used_of_the_volumes_that_have_the_tag() -> None:
    kept, other = (
        Recorded(type="aws:ebs/volume:Volume", inputs={"size": 20, "tags": tags}) for tags in ({"keep": "daily"}, {})
    )
    assumed = usage(
        storage__host_volume_used_gb=three(5, 10, 100), storage__host_volume_changed_gb_per_day=three(1, 1, 1)
    )
    found = charges([*snapshots(_policy(1), plan(kept, other, assumed=assumed))])
    assert found == [("ebs.snapshot.gb_month", "5", "10", "20")]


@pytest.mark.parametrize("policy", [_policy(None), _policy(7, hours=12)])
def test_schedule_that_keeps_by_age_or_is_not_daily_is_named(policy: Recorded) -> None:
    assert charges([*snapshots(policy, plan(policy))]) == [
        ("unknown", "a schedule that does not keep a number of daily snapshots", "", "")
    ]


def test_metrics_of_a_hosts_agent_are_counted_per_resource() -> None:
    text = '{"mem": {"measurement": ["a", "b"]}, "disk": {"measurement": ["used"], "resources": ["/", "/data"]}}'
    assert agent_metrics(Recorded(type="aws:ec2/instance:Instance", inputs={"userData": text})) == 4
    assert agent_metrics(Recorded(type="aws:ec2/instance:Instance")) == 0


@pytest.mark.parametrize(
    ("strategies", "expected"),
    [
        # (base, weight) of each, and how many of five tasks it runs.
        ([(2, None), (None, 1)], ["2", "3"]),
        ([(1, 1), (None, 3)], ["2", "3"]),
        ([(8, None)], ["5"]),
        ([(None, 1), (None, None)], ["5"]),
    ],
)
def test_base_is_filled_first_and_weights_share_the_rest(
    strategies: list[tuple[int | None, int | None]], expected: list[str]
) -> None:
    named = [
        {"capacityProvider": f"provider {number}"}
        | ({} if base is None else {"base": base})
        | ({} if weight is None else {"weight": weight})
        for number, (base, weight) in enumerate(strategies)
    ]
    found = shares(named, Quantity.fixed(5))
    assert [str(share.expected.normalize()) for share in found.values()] == expected


def test_shares_of_nothing_are_nothing() -> None:
    assert shares([ON_DEMAND], Quantity.fixed(0)) == {"FARGATE": quantity("0", "0", "0")}
