"""Needs of a plan by quota: steadily, while all of it is updated at once, with all services at their maxima."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

from workbench.placeholders import reference
from workbench.providers import quotas as table
from workbench.providers.quotas import Quota, Standing, standing
from workbench.review.quotas.instance_types import standard_vcpus

_CPU_UNITS_PER_VCPU = 1024
_FARGATE_QUOTAS = {"FARGATE": table.FARGATE, "FARGATE_SPOT": table.FARGATE_SPOT}
_DEFAULT_MAXIMUM_PERCENT = 200
"""Of a service that names none ("Deployment configuration", ECS API reference)."""


class Resource(Protocol):
    """A recorded resource, of an evaluation or of a saved plan."""

    @property
    def type(self) -> str: ...  # noqa: D102 (the recorded resource says it)
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def inputs(self) -> dict[str, Any]: ...  # noqa: D102
    @property
    def delete_before_replace(self) -> bool: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True)
class Need:
    """The need of one quota, in each situation of the platform."""

    quota: Quota
    situations: Mapping[str, float]
    """By the situation, in words that follow the number; the first one is the steady state."""

    @property
    def peak(self) -> int:
        """The most that is needed, in whole units: what to ask for."""
        return math.ceil(max(self.situations.values()))

    @property
    def words(self) -> str:
        """The situations, one after another; one that needs no more than those before it is left out."""
        said: list[str] = []
        most = -1.0
        for situation, value in self.situations.items():
            if value > most:
                said.append(f"{value:g} {situation}")
                most = value
        return ", ".join(said)

    def standing(self, quota: float) -> Standing:
        """Return how it stands to what the account has."""
        return standing(max(self.situations.values()), quota)

    def relation(self, quota: float) -> str:
        """Return the same in a word or two."""
        near = "all of" if max(self.situations.values()) == quota else "near"
        return {Standing.ABOVE: "above", Standing.NEAR: near, Standing.WITHIN: "within"}[self.standing(quota)]

    def document(self) -> Mapping[str, Any]:
        """Return it for ``--json``, held against the default."""
        return {
            "service_code": self.quota.service,
            "quota_code": self.quota.code,
            "name": self.quota.name,
            "default": self.quota.default,
            "situations": [{"situation": words, "need": need} for words, need in self.situations.items()],
            "peak": self.peak,
            "standing": self.standing(self.quota.default).value,
        }


@dataclass(frozen=True, kw_only=True)
class Needs:
    """The needs that a plan has of the quotas of one region."""

    needs: tuple[Need, ...]
    uncounted: tuple[str, ...]
    """What the names of instance types do not tell, or other quotas hold, in words."""
    instance_types: tuple[str, ...]
    """Of all hosts: AWS's free plan takes only some."""

    def document(self) -> Mapping[str, Any]:
        """Return it for ``--json``."""
        return {
            "quotas": [need.document() for need in self.needs],
            "uncounted": list(self.uncounted),
            "instance_types": list(self.instance_types),
        }


def needs(resources: Iterable[Resource]) -> Needs:
    """Return what the resources of one stack need."""
    by_type: dict[str, list[Resource]] = {}
    for resource in resources:
        by_type.setdefault(resource.type, []).append(resource)
    hosts = by_type.get("aws:ec2/instance:Instance", [])
    instance_types = [str(host.inputs["instanceType"]) for host in hosts if "instanceType" in host.inputs]
    found = [*_fargate(by_type), *_hosts(hosts), *_network(by_type)]
    return Needs(
        needs=tuple(found),
        uncounted=tuple(
            f"{name}: not of the quota of Standard instances, or of a size that its name does not tell"
            for name in sorted({*instance_types})
            if standard_vcpus(name) is None
        ),
        instance_types=tuple(sorted({*instance_types})),
    )


def needs_of(document: Mapping[str, Any]) -> Needs:
    """Return what a document says that was printed by ``plan --quotas --json``."""
    quotas = {quota.code: quota for quota in table.QUOTAS}
    return Needs(
        needs=tuple(
            Need(
                quota=quotas[one["quota_code"]],
                situations={each["situation"]: each["need"] for each in one["situations"]},
            )
            for one in document["quotas"]
        ),
        uncounted=tuple(document["uncounted"]),
        instance_types=tuple(document["instance_types"]),
    )


def _fargate(by_type: Mapping[str, Sequence[Resource]]) -> list[Need]:
    """Count vCPUs of tasks. During an update old and new ones run side by side, up to ``deploymentMaximumPercent``."""
    cpu = {
        definition.name: int(definition.inputs["cpu"]) / _CPU_UNITS_PER_VCPU
        for definition in by_type.get("aws:ecs/taskDefinition:TaskDefinition", [])
        if "FARGATE" in definition.inputs.get("requiresCompatibilities", [])
        and f"{definition.inputs.get('cpu')}".isdecimal()
    }
    maxima = {
        str(target.inputs["resourceId"]).rpartition("/")[2]: int(target.inputs["maxCapacity"])
        for target in by_type.get("aws:appautoscaling/target:Target", [])
        if target.inputs.get("serviceNamespace") == "ecs"
    }
    totals: dict[str, dict[str, float]] = {}
    for service in by_type.get("aws:ecs/service:Service", []):
        definition = reference(service.inputs.get("taskDefinition"))
        if definition is None or definition.name not in cpu:
            continue
        percent = int(service.inputs.get("deploymentMaximumPercent", _DEFAULT_MAXIMUM_PERCENT))
        least = int(service.inputs.get("desiredCount", 1))
        most = max(least, maxima.get(str(service.inputs.get("name", service.name)), least))
        # Of the tasks above the wanted number a share is rounded down ("Deployment configuration", ECS API reference).
        tasks = {
            "steadily": least,
            "while all services are updated at once": least * percent // 100,
            "with all services at their maxima": most,
            "with both": most * percent // 100,
        }
        for situation, count in tasks.items():
            for provider, share in _by_provider(service, count).items():
                of_provider = totals.setdefault(provider, {})
                of_provider[situation] = of_provider.get(situation, 0) + share * cpu[definition.name]
    return [
        Need(quota=quota, situations=totals[provider])
        for provider, quota in _FARGATE_QUOTAS.items()
        if provider in totals
    ]


def _by_provider(service: Resource, tasks: int) -> Mapping[str, int]:
    """Return how many of the tasks each capacity provider runs at the most: its base first, the rest by weight."""
    strategies = service.inputs.get("capacityProviderStrategies") or [{"capacityProvider": "FARGATE", "weight": 1}]
    bases = {str(one["capacityProvider"]): min(int(one.get("base", 0)), tasks) for one in strategies}
    weights = {str(one["capacityProvider"]): int(one.get("weight", 0)) for one in strategies}
    rest, total = max(0, tasks - sum(bases.values())), sum(weights.values())
    return {
        provider: base + (math.ceil(rest * weights[provider] / total) if total else 0)
        for provider, base in bases.items()
    }


def _hosts(hosts: Sequence[Resource]) -> list[Need]:
    """Count vCPUs of hosts. One that is replaced runs beside its successor, unless it is deleted first."""
    sizes = [(host, standard_vcpus(str(host.inputs.get("instanceType")))) for host in hosts]
    vcpus = [(host, count) for host, count in sizes if count is not None]
    if not vcpus:
        return []
    steady = sum(count for _, count in vcpus)
    beside = [count for host, count in vcpus if not host.delete_before_replace]
    return [
        Need(
            quota=table.EC2_STANDARD,
            situations={
                "steadily": steady,
                "while one host is replaced": steady + max(beside, default=0),
                "while all hosts are replaced in one update": steady + sum(beside),
            },
        )
    ]


def _network(by_type: Mapping[str, Sequence[Resource]]) -> list[Need]:
    vpcs = len(by_type.get("aws:ec2/vpc:Vpc", []))
    gateways = len(by_type.get("aws:ec2/internetGateway:InternetGateway", []))
    zones = Counter(str(gateway.inputs.get("subnetId")) for gateway in by_type.get("aws:ec2/natGateway:NatGateway", []))
    counted = [
        (table.ELASTIC_IPS, len(by_type.get("aws:ec2/eip:Eip", [])), "allocated"),
        # Every region begins with a default VPC, and that with an internet gateway ("Default VPCs", VPC User Guide).
        (table.VPCS, vpcs and vpcs + 1, "with the region's default VPC"),
        (table.INTERNET_GATEWAYS, gateways and gateways + 1, "with the default VPC's"),
        (table.NAT_GATEWAYS, max(zones.values(), default=0), "in one zone"),
        (table.GROUPS_PER_INTERFACE, _most_groups(by_type), "on one interface"),
        (table.RULES_PER_GROUP, _most_rules(by_type), "in one direction of one group"),
    ]
    return [Need(quota=quota, situations={words: count}) for quota, count, words in counted if count]


def _most_groups(by_type: Mapping[str, Sequence[Resource]]) -> int:
    """Return the most security groups that one interface has, wherever a resource lists them."""
    lists: list[Any] = [
        inputs.get(name)
        for resources in by_type.values()
        for resource in resources
        for inputs in (resource.inputs, resource.inputs.get("networkConfiguration") or {})
        for name in ("securityGroups", "securityGroupIds", "vpcSecurityGroupIds")
    ]
    return max((len(cast("list[Any]", one)) for one in lists if isinstance(one, list)), default=0)


def _most_rules(by_type: Mapping[str, Sequence[Resource]]) -> int:
    rules = Counter(
        (direction, str(rule.inputs["securityGroupId"]))
        for direction in ("Ingress", "Egress")
        for rule in by_type.get(f"aws:vpc/securityGroup{direction}Rule:SecurityGroup{direction}Rule", [])
    )
    return max(rules.values(), default=0)
