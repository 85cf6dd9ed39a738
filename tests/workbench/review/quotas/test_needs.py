"""What a plan needs of the account's quotas."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from moto.ec2.models.instance_types import INSTANCE_TYPES

from tests.support.sample import OWNER, evaluation_of
from workbench.providers import quotas
from workbench.providers.quotas import EC2_STANDARD, ELASTIC_IPS, FARGATE, FARGATE_SPOT, Standing, standing
from workbench.review.quotas.instance_types import standard_vcpus
from workbench.review.quotas.needs import Need, needs, needs_of
from workbench.review.quotas.wording import all_lines, short_lines

ALL_AT_ONCE = "while all services are updated at once"
MAXIMA = "with all services at their maxima"
ONE_HOST, ALL_HOSTS = "while one host is replaced", "while all hosts are replaced in one update"


@dataclass(kw_only=True)
class Made:
    """A recorded resource."""

    type: str
    name: str = "x"
    inputs: dict[str, Any] = field(default_factory=dict[str, Any])
    delete_before_replace: bool = False


def host(instance_type: str, *, first_deleted: bool = False) -> Made:
    return Made(
        type="aws:ec2/instance:Instance",
        inputs={"instanceType": instance_type},
        delete_before_replace=first_deleted,
    )


def fargate(*strategies: tuple[str, int, int], tasks: int = 4, percent: int = 150, cpu: int = 512) -> list[Made]:
    """Return a service on capacity providers, each with its base and weight."""
    return [
        Made(
            type="aws:ecs/taskDefinition:TaskDefinition",
            name="api-task",
            inputs={"cpu": f"{cpu}", "requiresCompatibilities": ["FARGATE"]},
        ),
        Made(
            type="aws:ecs/service:Service",
            inputs={
                "name": "api",
                "taskDefinition": "${api-task.arn}",
                "desiredCount": tasks,
                "deploymentMaximumPercent": percent,
                "capacityProviderStrategies": [
                    {"capacityProvider": name, "base": base, "weight": weight} for name, base, weight in strategies
                ],
            },
        ),
        Made(
            type="aws:appautoscaling/target:Target",
            inputs={"serviceNamespace": "ecs", "resourceId": "service/shop/api", "maxCapacity": 7},
        ),
    ]


def situations(*resources: Made) -> dict[str, dict[str, float]]:
    return {need.quota.code: dict(need.situations) for need in needs(resources).needs}


def test_needs_of_a_whole_stack_stand_to_their_quotas() -> None:
    found = {need.quota: need for need in needs(evaluation_of(OWNER).resources).needs}
    assert dict(found[FARGATE].situations) == {"steadily": 1.25, ALL_AT_ONCE: 2.5, MAXIMA: 2.25, "with both": 4.5}
    assert dict(found[EC2_STANDARD].situations) == {"steadily": 2, ONE_HOST: 4, ALL_HOSTS: 4}
    assert {need.quota: need.standing(need.quota.default) for need in found.values()} == {
        FARGATE: Standing.WITHIN,
        EC2_STANDARD: Standing.NEAR,
        ELASTIC_IPS: Standing.WITHIN,
        quotas.VPCS: Standing.WITHIN,
        quotas.INTERNET_GATEWAYS: Standing.WITHIN,
        quotas.NAT_GATEWAYS: Standing.WITHIN,
        quotas.GROUPS_PER_INTERFACE: Standing.WITHIN,
        quotas.RULES_PER_GROUP: Standing.WITHIN,
    }


def test_tasks_count_by_capacity_provider_rounded_as_ecs_does() -> None:
    # 4, then 4 * 150 % = 6, 7, and 7 * 150 % = 10.5: 10. Of each: two are the base, the rest halves, rounded up.
    assert situations(*fargate(("FARGATE", 2, 1), ("FARGATE_SPOT", 0, 1))) == {
        FARGATE.code: {"steadily": 1.5, ALL_AT_ONCE: 2, MAXIMA: 2.5, "with both": 3},
        FARGATE_SPOT.code: {"steadily": 0.5, ALL_AT_ONCE: 1, MAXIMA: 1.5, "with both": 2},
    }
    assert situations(*fargate(("FARGATE_SPOT", 0, 1))) == {
        FARGATE_SPOT.code: {"steadily": 2, ALL_AT_ONCE: 3, MAXIMA: 3.5, "with both": 5}
    }


def test_service_that_says_little_is_one_task_that_may_double() -> None:
    task, service, target = fargate(cpu=2048)
    for name in ("desiredCount", "deploymentMaximumPercent", "capacityProviderStrategies"):
        del service.inputs[name]
    assert situations(task, service) == {
        FARGATE.code: {"steadily": 2, ALL_AT_ONCE: 4, MAXIMA: 2, "with both": 4},
    }
    # Of another service's scaling, and of a table's.
    other = Made(type=target.type, inputs={**target.inputs, "resourceId": "service/shop/other"})
    table = Made(type=target.type, inputs={**target.inputs, "serviceNamespace": "dynamodb"})
    assert situations(task, service, other, table)[FARGATE.code][MAXIMA] == 2


def test_only_tasks_on_fargate_that_the_plan_itself_makes_are_counted() -> None:
    task, service, _ = fargate(("FARGATE", 0, 1))
    on_hosts = Made(type=task.type, name=task.name, inputs={**task.inputs, "requiresCompatibilities": ["EC2"]})
    elsewhere = Made(type=service.type, inputs={**service.inputs, "taskDefinition": "api:7"})
    assert situations(on_hosts, service) == {}
    assert situations(task, elsewhere) == {}


def test_a_base_takes_no_more_tasks_than_there_are_and_a_weight_of_0_none() -> None:
    # Ten are the base, of two tasks.
    assert situations(*fargate(("FARGATE", 10, 0), ("FARGATE_SPOT", 0, 1), tasks=2, percent=100)[:2]) == {
        FARGATE.code: {"steadily": 1, ALL_AT_ONCE: 1, MAXIMA: 1, "with both": 1},
        FARGATE_SPOT.code: {"steadily": 0, ALL_AT_ONCE: 0, MAXIMA: 0, "with both": 0},
    }
    # Nothing says who takes those above the base.
    assert situations(*fargate(("FARGATE", 1, 0), tasks=3, percent=100)[:2])[FARGATE.code]["steadily"] == 0.5


def test_network_is_counted_by_what_each_quota_is_of() -> None:
    group = "aws:vpc/securityGroup{0}Rule:SecurityGroup{0}Rule"
    assert situations(
        Made(type="aws:ec2/vpc:Vpc"),
        Made(type="aws:ec2/internetGateway:InternetGateway"),
        *(Made(type="aws:ec2/natGateway:NatGateway", inputs={"subnetId": subnet}) for subnet in "aab"),
        *(Made(type=group.format("Ingress"), inputs={"securityGroupId": each}) for each in "xxxy"),
        *(Made(type=group.format("Egress"), inputs={"securityGroupId": each}) for each in "xy"),
        Made(type="aws:ec2/instance:Instance", inputs={"instanceType": "g5.xlarge", "vpcSecurityGroupIds": ["x", "y"]}),
        Made(type="aws:lb/loadBalancer:LoadBalancer", inputs={"securityGroups": ["x"]}),
        Made(type="aws:ecs/service:Service", inputs={"networkConfiguration": {"securityGroups": ["x", "y", "z"]}}),
    ) == {
        quotas.VPCS.code: {"with the region's default VPC": 2},
        quotas.INTERNET_GATEWAYS.code: {"with the default VPC's": 2},
        quotas.NAT_GATEWAYS.code: {"in one zone": 2},
        quotas.GROUPS_PER_INTERFACE.code: {"on one interface": 3},
        quotas.RULES_PER_GROUP.code: {"in one direction of one group": 3},
    }


@pytest.mark.parametrize(
    ("found", "words", "peak", "relation"),
    [
        ([4, 4, 4], "4 a", 4, "near"),
        ([0], "0 a", 0, "within"),
        ([3, 2.5, 4.5], "3 a, 4.5 c", 5, "near"),
        ([5], "5 a", 5, "all of"),
        ([5.5], "5.5 a", 6, "above"),
    ],
)
def test_need_is_said_by_what_goes_beyond(found: list[float], words: str, peak: int, relation: str) -> None:
    need = Need(quota=ELASTIC_IPS, situations=dict(zip("abc", found, strict=False)))
    assert (need.words, need.peak, need.relation(5)) == (words, peak, relation)


def test_host_that_is_deleted_first_needs_nothing_beside_it() -> None:
    assert situations(host("t3.medium"), host("t4g.micro", first_deleted=True)) == {
        EC2_STANDARD.code: {"steadily": 4, ONE_HOST: 6, ALL_HOSTS: 6}
    }
    assert situations(host("t3.medium"), host("m7i.xlarge"))[EC2_STANDARD.code] == {
        "steadily": 6,
        ONE_HOST: 10,
        ALL_HOSTS: 12,
    }


def test_host_of_another_quota_is_named_and_not_counted() -> None:
    found = needs([host("g5.xlarge"), host("t3.micro")])
    assert [dict(need.situations)["steadily"] for need in found.needs] == [2]
    assert found.uncounted == (
        "g5.xlarge: not of the quota of Standard instances, or of a size that its name does not tell",
    )


def test_vcpus_read_off_a_name_are_those_of_the_type() -> None:
    known: dict[str, Any] = INSTANCE_TYPES
    wrong = {
        name: (vcpus, described["VCpuInfo"]["DefaultVCpus"])
        for name, described in known.items()
        if (vcpus := standard_vcpus(name)) not in (None, described["VCpuInfo"]["DefaultVCpus"])
    }
    assert wrong == {}
    families = {name[0] for name in known if standard_vcpus(name) is not None}
    assert families == set("acdhimrtz") - {"h"} | ({"h"} if any(name.startswith("h1.") for name in known) else set())
    assert [standard_vcpus(name) for name in ("inf1.xlarge", "trn1.2xlarge", "hpc6a.48xlarge", "c5.metal")] == [
        None
    ] * 4


@pytest.mark.parametrize(
    ("name", "vcpus"),
    [
        # Of the older ones, from memory of their specifications.
        *[("c1.medium", 2), ("c1.xlarge", 8), ("c4.8xlarge", 36), ("d2.8xlarge", 36), ("t1.micro", 1)],
        *[("m2.xlarge", 2), ("m2.2xlarge", 4), ("m2.4xlarge", 8)],
        *[("t2.nano", 1), ("t2.micro", 1), ("t2.small", 1), ("t2.medium", 2), ("t2.large", 2), ("t2.xlarge", 4)],
        *[("t3.nano", 2), ("t3.micro", 2), ("t3.small", 2), ("t3a.medium", 2), ("t4g.large", 2), ("t3.xlarge", 4)],
        *[("m7i.medium", 1), ("m7i.large", 2), ("m7i.xlarge", 4), ("t3.2xlarge", 8), ("r6g.16xlarge", 64)],
        *[("dl1.24xlarge", None), ("g5.xlarge", None), ("m7i.nano", None), ("m7i.metal-24xl", None), ("t3", None)],
    ],
)
def test_vcpus_of_a_name(name: str, vcpus: int | None) -> None:
    assert standard_vcpus(name) == vcpus


@pytest.mark.parametrize(
    ("need", "expected"), [(3.9, Standing.WITHIN), (4, Standing.NEAR), (5, Standing.NEAR), (5.1, Standing.ABOVE)]
)
def test_near_begins_at_four_fifths_and_all_of_it_is_not_above(need: float, expected: Standing) -> None:
    assert standing(need, 5) is expected


def test_plan_says_only_what_comes_near_and_how_to_see_the_rest() -> None:
    found = needs([*(Made(type="aws:ec2/eip:Eip") for _ in range(5)), Made(type="aws:ec2/vpc:Vpc")])
    assert short_lines(found) == [
        "EC2-VPC Elastic IPs (L-0263D0A3): 5 allocated; all of the default of 5",
        "1 more is well within; zelly plan --quotas shows all",
    ]
    assert short_lines(needs([Made(type="aws:ec2/vpc:Vpc")])) == []


def test_all_lines_end_with_the_commands_that_ask_for_more() -> None:
    lines = all_lines(needs(fargate(("FARGATE", 0, 1), tasks=7, cpu=1024)), "eu-west-1")
    assert lines == [
        "Fargate On-Demand vCPU resource count (L-3032A538): 7 steadily, 10 while all services are updated at once; "
        "above the default of 6",
        "zelly doctor reads the account's own quotas. To ask for more:",
        "aws service-quotas request-service-quota-increase --service-code fargate --quota-code L-3032A538 "
        "--desired-value 10 --region eu-west-1",
    ]


def test_hosts_come_with_what_the_free_plan_refuses() -> None:
    assert all_lines(needs([host("t3.medium")]), "eu-west-1")[-1] == (
        "hosts are t3.medium: an account on AWS's free plan is refused every instance type that is not "
        "free-tier-eligible"
    )


def test_document_is_read_back_as_it_was() -> None:
    found = needs(evaluation_of(OWNER).resources)
    assert needs_of(found.document()) == found
    assert isinstance(found.needs[0], Need)
