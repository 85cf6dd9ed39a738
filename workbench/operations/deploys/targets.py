"""The targets of a service, in the groups that serve."""

from collections.abc import Mapping, Sequence

from workbench.aws.ecs.services import Service
from workbench.aws.elastic_load_balancing import ElasticLoadBalancing, Target


def serving_targets(service: Service, balancers: ElasticLoadBalancing) -> Mapping[str, Sequence[Target]]:
    """Return the targets by the name of their group.

    Where traffic is shifted between two groups, they are those of the group that has targets which are not drained:
    each deployment changes it. While both have some, those of both.
    """
    return dict(_serving(arn, service.alternate_target_groups.get(arn), balancers) for arn in service.target_group_arns)


def _serving(arn: str, alternate: str | None, balancers: ElasticLoadBalancing) -> tuple[str, Sequence[Target]]:
    targets = balancers.targets(arn)
    others = [] if alternate is None else balancers.targets(alternate)
    if alternate is not None and _stay(others) and not _stay(targets):
        return _name(alternate), others
    return _name(arn), [*targets, *others] if _stay(others) else targets


def _stay(targets: Sequence[Target]) -> bool:
    return any(target.state != "draining" for target in targets)


def _name(arn: str) -> str:
    return arn.split("/")[1]
