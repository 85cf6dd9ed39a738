"""Fargate tasks, EC2 instances, their disks and snapshots."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from workbench.review.cost.plan import Charge, Finding, Plan, Resource, Unknown
from workbench.review.cost.quantity import Quantity

_TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"
_SCALING_TARGET = "aws:appautoscaling/target:Target"
_FARGATE = {"FARGATE": "fargate", "FARGATE_SPOT": "fargate.spot"}
_CPU_UNITS_PER_VCPU = 1024
_MIB_PER_GB = 1024
"""Fargate's gigabytes are GiB ("AWS Fargate Pricing")."""
_FREE_EPHEMERAL_GIB = 20

_INCLUDED_IOPS = 3000
_INCLUDED_THROUGHPUT_MIBPS = 125
"""Of every gp3 volume ("Amazon EBS pricing")."""


def fargate_service(service: Resource, plan: Plan) -> Iterator[Finding]:
    """Price a service's tasks by what their definition asks for, each share at the rate of its capacity provider."""
    definition = plan.referred(service.inputs.get("taskDefinition"), _TASK_DEFINITION)
    tasks = average_tasks(service, plan)
    strategies = _strategies(service)
    if definition is None:
        yield Unknown(f"its task definition {service.inputs.get('taskDefinition')} is not in the plan")
    elif others := sorted({strategy["capacityProvider"] for strategy in strategies} - _FARGATE.keys()):
        yield Unknown(f"its tasks run on {', '.join(others)}; only FARGATE and FARGATE_SPOT have prices per task")
    else:
        for provider, count in shares(strategies, tasks).items():
            yield from _tasks(provider, count, definition.inputs, plan)
        yield from _addresses(service, tasks, plan)


def average_tasks(service: Resource, plan: Plan) -> Quantity:
    """Return how many tasks a service has on average while it runs.

    One that scales and that nothing is assumed of, as a new one, is taken to stand at its minimum.
    """
    name = str(service.inputs.get("name", service.name))
    targets = [
        target.inputs
        for target in plan.of_type(_SCALING_TARGET)
        if str(target.inputs["resourceId"]).rpartition("/")[2] == name
    ]
    if not targets:
        return Quantity.fixed(int(service.inputs.get("desiredCount", 1)))
    least, most = (Decimal(int(targets[0][bound])) for bound in ("minCapacity", "maxCapacity"))
    if least == most:
        return Quantity.fixed(least)
    assumed = plan.usage.services.average_tasks.get(plan.short(name))
    if assumed is None:
        return Quantity(low=least, expected=least, high=most)
    return assumed.quantity.within(least, most)


def shares(strategies: Sequence[Mapping[str, Any]], tasks: Quantity) -> dict[str, Quantity]:
    """Return how many of the tasks each capacity provider runs: first its base, then by weight.

    ("Amazon ECS capacity provider strategy", ECS API reference.)
    """
    base = sum((Decimal(int(one.get("base", 0))) for one in strategies), Decimal(0))
    weights = sum((Decimal(int(one.get("weight", 0))) for one in strategies), Decimal(0))

    def share(strategy: Mapping[str, Any], count: Decimal) -> Decimal:
        first = min(count, base) * int(strategy.get("base", 0)) / base if base else Decimal(0)
        rest = max(count - base, Decimal(0)) * int(strategy.get("weight", 0)) / weights if weights else Decimal(0)
        return first + rest

    return {
        str(one["capacityProvider"]): tasks.map(lambda count, one=one: share(one, count))
        for one in strategies
        if one.get("base") or one.get("weight")
    }


def _strategies(service: Resource) -> Sequence[Mapping[str, Any]]:
    launched = {"capacityProvider": str(service.inputs.get("launchType", "FARGATE")), "weight": 1}
    return service.inputs.get("capacityProviderStrategies") or [launched]


def _tasks(provider: str, count: Quantity, definition: Mapping[str, Any], plan: Plan) -> Iterator[Finding]:
    platform: Mapping[str, str] = definition.get("runtimePlatform", {})
    architecture = {"X86_64": "x86", "ARM64": "arm64"}[platform.get("cpuArchitecture", "X86_64")]
    family = f"{_FARGATE[provider]}.{architecture}"
    hours = count.times(plan.usage.services.task_hours_per_month.quantity)
    cpu = Decimal(str(definition["cpu"])) / _CPU_UNITS_PER_VCPU
    memory = Decimal(str(definition["memory"])) / _MIB_PER_GB
    label = f"{'Fargate Spot' if 'spot' in family else 'Fargate'}, {architecture}"
    yield Charge(what=f"{label}: vCPU", item=f"{family}.vcpu_hour", quantity=hours.times(cpu))
    yield Charge(what=f"{label}: memory", item=f"{family}.gb_hour", quantity=hours.times(memory))
    ephemeral = int(definition.get("ephemeralStorage", {}).get("sizeInGib", _FREE_EPHEMERAL_GIB))
    if ephemeral > _FREE_EPHEMERAL_GIB:
        extra = hours.times(ephemeral - _FREE_EPHEMERAL_GIB)
        yield Charge(what="ephemeral storage beyond 20 GiB", item="fargate.ephemeral.gb_hour", quantity=extra)


def _addresses(service: Resource, tasks: Quantity, plan: Plan) -> Iterator[Finding]:
    if service.inputs.get("networkConfiguration", {}).get("assignPublicIp"):
        hours = tasks.times(plan.usage.services.task_hours_per_month.quantity)
        yield Charge(what="public IPv4 addresses of its tasks", item="ipv4.public.hour", quantity=hours)


def instance(host: Resource, plan: Plan) -> Iterator[Finding]:
    """Price an instance's hours, its own disks, and the metrics that its CloudWatch agent sends."""
    kind = str(host.inputs["instanceType"])
    hours = plan.usage.host_hours_per_month.quantity
    yield Charge(what=f"{kind}, Linux", item=f"ec2.{kind}.hour", quantity=hours)
    burstable = re.match(r"(t3|t4g)\.", kind)
    if burstable and host.inputs.get("creditSpecification", {}).get("cpuCredits", "unlimited") == "unlimited":
        surplus = plan.usage.host_surplus_vcpu_hours_per_month.quantity
        item = f"ec2.{burstable[1]}.surplus_vcpu_hour"
        yield Charge(what="CPU credits beyond those that it earns", item=item, quantity=surplus)
    disks = [host.inputs.get("rootBlockDevice", {}), *host.inputs.get("ebsBlockDevices", [])]
    for disk in disks:
        yield from _disk(disk, size="volumeSize", kind="volumeType")
    has_address = any(
        plan.referred(association.inputs.get("instanceId"), host.type) is host
        for association in plan.of_type("aws:ec2/eipAssociation:EipAssociation")
    )
    if host.inputs.get("associatePublicIpAddress") and not has_address:
        yield Charge(what="its public IPv4 address", item="ipv4.public.hour", quantity=hours)


def volume(disk: Resource, plan: Plan) -> Iterator[Finding]:
    """Price a volume by its size, which is paid whether it is used or not."""
    del plan
    yield from _disk(disk.inputs, size="size", kind="type")


def _disk(inputs: Mapping[str, Any], *, size: str, kind: str) -> Iterator[Finding]:
    if size not in inputs:
        yield Unknown("a disk without a size: the image's own, which the plan does not know")
        return
    family = str(inputs.get(kind, "gp3"))
    yield Charge(what=f"{family} disk", item=f"ebs.{family}.gb_month", quantity=Quantity.fixed(int(inputs[size])))
    if int(inputs.get("iops", 0)) > _INCLUDED_IOPS or int(inputs.get("throughput", 0)) > _INCLUDED_THROUGHPUT_MIBPS:
        yield Unknown("more IOPS or throughput than a gp3 disk includes")


def snapshots(policy: Resource, plan: Plan) -> Iterator[Finding]:
    """Price the snapshots that a lifecycle policy keeps: the first holds all that is used, each later what changed."""
    used = plan.usage.storage.host_volume_used_gb.quantity
    changed = plan.usage.storage.host_volume_changed_gb_per_day.quantity
    capacity = sum(
        int(disk.inputs["size"]) for disk in plan.of_type("aws:ebs/volume:Volume") if _is_target(disk, policy)
    )
    for schedule in policy.inputs["policyDetails"]["schedules"]:
        kept = schedule.get("retainRule", {}).get("count")
        if kept is None or schedule.get("createRule", {}).get("interval") != 24:
            yield Unknown("a schedule that does not keep a number of daily snapshots")
            continue
        stored = used.within(Decimal(0), Decimal(capacity)).plus(changed.times(max(int(kept) - 1, 0)))
        yield Charge(what=f"{int(kept)} daily snapshots", item="ebs.snapshot.gb_month", quantity=stored)


def _is_target(disk: Resource, policy: Resource) -> bool:
    tags: Mapping[str, str] = disk.inputs.get("tags", {})
    wanted: Mapping[str, str] = policy.inputs["policyDetails"].get("targetTags", {})
    return all(tags.get(key) == value for key, value in wanted.items())


def agent_metrics(host: Resource) -> int:
    """Return how many custom metrics a host's CloudWatch agent sends: each measurement once per resource it names."""
    found = re.findall(
        r'"measurement":\s*\[(?P<measurements>[^\]]*)\](?:,\s*"resources":\s*\[(?P<resources>[^\]]*)\])?',
        str(host.inputs.get("userData", "")),
    )
    return sum(
        len(re.findall(r'"[^"]+"', names)) * max(len(re.findall(r'"[^"]+"', places)), 1) for names, places in found
    )


def agents(group: Resource, plan: Plan) -> Iterator[Finding]:
    """Say that instances of a group are paid by the hour for as long as somebody asks for them."""
    del group, plan
    yield Unknown("build agents: their instances' and volumes' price by the hour, for as long as builds ask for them")
