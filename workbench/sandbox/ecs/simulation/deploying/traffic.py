"""The balancers of a service whose deployments shift traffic: what its rules forward to, and ECS's objections to it.

ECS Developer Guide, "Troubleshooting Amazon ECS blue/green deployments": an objection rolls a deployment back.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.sandbox.ecs.simulation.deploying.records import ServiceDeployment
from workbench.sandbox.elastic_load_balancing import weights


@dataclass(frozen=True, kw_only=True)
class Balanced:
    """One load balancer's part of a service."""

    primary: str
    alternate: str
    production_rule: str
    """A rule of an application load balancer, or a listener of a network one."""
    test_rule: str | None

    def group(self, *, alternate: bool) -> str:
        """Return the ARN of one of the two target groups."""
        return self.alternate if alternate else self.primary


def balanced(service: Any) -> Sequence[Balanced]:
    """Return the parts with two target groups."""
    return [
        Balanced(
            primary=balancer["targetGroupArn"],
            alternate=advanced["alternateTargetGroupArn"],
            production_rule=advanced["productionListenerRule"],
            test_rule=advanced.get("testListenerRule"),
        )
        for balancer in service.load_balancers
        if (advanced := balancer.get("advancedConfiguration"))
    ]


def serves_alternate(service: Any) -> bool:
    """Tell whether production traffic goes to the alternate target group, as it does after every second deployment."""
    return any(_serving(_forwards(service, each.production_rule)) == [each.alternate] for each in balanced(service))


def objection(service: Any, *, one_serves: bool) -> str | None:
    """Return what is wrong with the rules; ``one_serves``: production has to be with one group alone."""
    return next(_objections(service, one_serves=one_serves), None)


def _objections(service: Any, *, one_serves: bool) -> Iterator[str]:
    for each in balanced(service):
        production = _forwards(service, each.production_rule)
        test: Mapping[str, int] | None = {} if each.test_rule is None else _forwards(service, each.test_rule)
        if production is None or test is None:
            yield "One or more rules not found"
            continue
        for group in (each.primary, each.alternate):
            if group not in production and group not in test:
                rules = "either productionListenerRule or testListenerRule"
                yield f"Target group {group} is not associated with {rules}."
        serving = _serving(production)
        for group in serving:
            if group not in {each.primary, each.alternate}:
                yield (
                    f"Production listener rule is forwarding traffic to unexpected target group {group}. Expected "
                    f"traffic to be forwarded to either targetGroupArn: {each.primary} or alternateTargetGroupArn: "
                    f"{each.alternate}"
                )
        if one_serves and len(serving) != 1:
            yield (
                f"productionListenerRule {each.production_rule} should have exactly one target group serving traffic "
                f"but found {len(serving)} target groups which are serving traffic"
            )


def shift_production(service: Any, record: ServiceDeployment, percent: float) -> None:
    """Send a share of the production traffic to the new revision, and the rest to the one before."""
    for each in balanced(service):
        _shift(service, each, each.production_rule, record, percent)


def shift_test(service: Any, record: ServiceDeployment, percent: float) -> None:
    """Send all test traffic to the new revision, or to the one before."""
    for each in balanced(service):
        if each.test_rule is not None:
            _shift(service, each, each.test_rule, record, percent)


def _shift(service: Any, part: Balanced, rule: str, record: ServiceDeployment, percent: float) -> None:
    new = record.target.alternate
    percents = {part.group(alternate=new): percent, part.group(alternate=not new): 100.0 - percent}
    ordered = {group: percents[group] for group in (part.primary, part.alternate)}
    weights.forward(service._account_id, service.region_name, rule, ordered)


def _forwards(service: Any, rule: str) -> Mapping[str, int] | None:
    return weights.forwards(service._account_id, service.region_name, rule)


def _serving(forwards: Mapping[str, int] | None) -> Sequence[str]:
    return [group for group, weight in (forwards or {}).items() if weight > 0]
