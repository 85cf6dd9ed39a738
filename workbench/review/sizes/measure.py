"""Sizes of a plan's resources against what AWS takes: policies, boot documents, task definitions, values, tags.

A plan has placeholders where AWS has yet to answer; each is measured as what AWS will answer (``stand_ins``).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol, TypeAlias

from workbench.placeholders import without
from workbench.review.sizes.stand_ins import Named, StandIns
from zelly_components.limits import sizes as limits
from zelly_components.limits.sizes import SizeLimit, tag_excess

Inputs: TypeAlias = Mapping[str, Any]


class Resource(Named, Protocol):
    """A recorded resource, as far as it is measured."""

    @property
    def custom(self) -> bool:
        """Whether a provider makes it."""
        ...

    @property
    def plain_inputs(self) -> dict[str, Any]:
        """Its inputs with their secrets, which are measured and never told."""
        ...


ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
_PARAMETER = "aws:ssm/parameter:Parameter"
_PROVIDER = "pulumi:providers:aws"

LIMITS: Mapping[tuple[str, str], SizeLimit] = {
    ("aws:iam/role:Role", "assumeRolePolicy"): limits.TRUST_POLICY,
    ("aws:iam/policy:Policy", "policy"): limits.MANAGED_POLICY,
    ("aws:ec2/instance:Instance", "userData"): limits.USER_DATA,
    ("aws:ecs/taskDefinition:TaskDefinition", "containerDefinitions"): limits.TASK_DEFINITION,
    ("aws:secretsmanager/secretVersion:SecretVersion", "secretString"): limits.SECRET,
    ("aws:s3/bucketPolicy:BucketPolicy", "policy"): limits.BUCKET_POLICY,
    ("aws:efs/fileSystemPolicy:FileSystemPolicy", "policy"): limits.FILE_SYSTEM_POLICY,
    ("aws:kms/key:Key", "policy"): limits.KEY_POLICY,
    ("aws:ecr/lifecyclePolicy:LifecyclePolicy", "policy"): limits.LIFECYCLE_POLICY,
    ("aws:ecr/repositoryPolicy:RepositoryPolicy", "policy"): limits.REPOSITORY_POLICY,
    ("aws:cloudwatch/metricAlarm:MetricAlarm", "alarmDescription"): limits.ALARM_DESCRIPTION,
}
"""Type and input -> what AWS takes of it. A role's inline policies and parameters, by tier, are measured apart."""


def too_large(
    resources: Iterable[Resource], *, region: str, account_id: str, inline_elsewhere: Mapping[str, int] | None = None
) -> list[str]:
    """Return a line for everything that AWS would refuse for its size, with the count and the limit.

    ``inline_elsewhere`` is what other stacks add to the inline policies of a role, by the role's name.
    """
    made = [resource for resource in resources if resource.custom]
    stand_ins = StandIns(made, region=region, account_id=account_id)
    default_tags = _default_tags(made)
    return [
        *(
            f"{resource.name} ({resource.type}): {excess}"
            for resource in made
            for excess in _excesses(resource, stand_ins, default_tags)
        ),
        *_inline_policies(made, stand_ins, inline_elsewhere or {}),
    ]


def _excesses(resource: Resource, stand_ins: StandIns, default_tags: Mapping[str, str]) -> Iterator[str]:
    for name, value in resource.plain_inputs.items():
        limit = _limit(resource, name)
        text = value if isinstance(value, str) else json.dumps(value)
        if limit is not None and (excess := limit.excess(stand_ins.filled(text))) is not None:
            yield f"{name}: {excess}"
    tags: Mapping[str, str] | None = resource.inputs.get("tags")
    if isinstance(tags, Mapping) and (excess := tag_excess(_known({**default_tags, **tags}))) is not None:
        yield f"tags: {excess}"


def _known(tags: Mapping[str, str]) -> Mapping[str, str]:
    """Return tags with something allowed in the place of what only a deployment can tell."""
    return {key: without(f"{value}", "x") for key, value in tags.items()}


def _limit(resource: Resource, name: str) -> SizeLimit | None:
    if resource.type == _PARAMETER and name in ("value", "insecureValue"):
        standard = resource.inputs.get("tier", "Standard") == "Standard"
        return limits.STANDARD_PARAMETER if standard else limits.ADVANCED_PARAMETER
    return LIMITS.get((resource.type, name))


def _inline_policies(made: Iterable[Resource], stand_ins: StandIns, elsewhere: Mapping[str, int]) -> Iterator[str]:
    sizes: dict[str, int] = {}
    for resource in made:
        if resource.type == ROLE_POLICY and "policy" in resource.inputs:
            role = str(resource.inputs["role"])
            size = limits.INLINE_POLICIES.size(stand_ins.filled(str(resource.inputs["policy"])))
            sizes[role] = sizes.get(role, 0) + size
    for role, size in sizes.items():
        more = elsewhere.get(role, 0)
        if (excess := limits.INLINE_POLICIES.excess_of(size + more)) is not None:
            whose = f", {more} of them of the other stacks here" if more else ""
            yield f"role {role}: all inline policies together: {excess}{whose}"


def _default_tags(resources: Iterable[Resource]) -> Mapping[str, str]:
    for resource in resources:
        if resource.type == _PROVIDER:
            configured = resource.inputs.get("defaultTags", {})
            return (json.loads(configured) if isinstance(configured, str) else configured).get("tags", {})
    return {}
