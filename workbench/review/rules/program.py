"""Rules for how the program declares what it makes: tags, names, protection, the order of a replacement."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from workbench.placeholders import holds_placeholder
from workbench.providers import replacement
from workbench.review.rules.model import Resource, Rule, Severity, Stack, is_unknown, shown

PROVIDER = "pulumi:providers:aws"

_TAGS = ("environment", "managed-by", "project")

STATEFUL = (
    "aws:ebs/volume:Volume",
    "aws:ecr/repository:Repository",
    "aws:efs/fileSystem:FileSystem",
    "aws:elasticache/replicationGroup:ReplicationGroup",
    "aws:rds/cluster:Cluster",
    "aws:rds/instance:Instance",
)
"""What holds data that nothing else could make again."""

_NAMES: Mapping[str, tuple[str, int, str]] = {
    "aws:ecr/repository:Repository": ("name", 256, r"[a-z0-9]+([._/-][a-z0-9]+)*"),
    "aws:ecs/cluster:Cluster": ("name", 255, r"[A-Za-z0-9_-]+"),
    "aws:ecs/service:Service": ("name", 255, r"[A-Za-z0-9_-]+"),
    "aws:ecs/taskDefinition:TaskDefinition": ("family", 255, r"[A-Za-z0-9_-]+"),
    "aws:iam/role:Role": ("name", 64, r"[\w+=,.@-]+"),
    "aws:lb/loadBalancer:LoadBalancer": ("name", 32, r"(?!internal-)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"),
    "aws:lb/targetGroup:TargetGroup": ("namePrefix", 6, r"[A-Za-z0-9][A-Za-z0-9-]*"),
    "aws:rds/cluster:Cluster": ("clusterIdentifier", 63, r"[a-z]([a-z0-9]|-(?!-))*[a-z0-9]"),
    "aws:rds/clusterInstance:ClusterInstance": ("identifier", 63, r"[a-z]([a-z0-9]|-(?!-))*[a-z0-9]"),
    "aws:rds/instance:Instance": ("identifier", 63, r"[a-z]([a-z0-9]|-(?!-))*[a-z0-9]"),
    "aws:s3/bucket:Bucket": ("bucket", 63, r"[a-z0-9][a-z0-9.-]+[a-z0-9]"),
    "aws:secretsmanager/secret:Secret": ("name", 512, r"[\w/+=.@-]+"),
    "aws:ssm/parameter:Parameter": ("name", 1011, r"[\w./-]+"),
}
"""Type -> the property with its name, how long that may be, and of what (each service's API reference)."""


def _default_tags(provider: Resource) -> Iterator[str]:
    given: Any = provider.value("defaultTags") or {}
    if is_unknown(given):
        return
    # The engine hands a provider's structures on as JSON text.
    document: Mapping[str, Any] = json.loads(given) if isinstance(given, str) else given
    tags: Mapping[str, Any] = document.get("tags") or {}
    missing = [tag for tag in _TAGS if not tags.get(tag)]
    if missing:
        yield f"defaultTags: {', '.join(missing)} missing"


def _explicit_provider(resource: Resource, stack: Stack) -> Iterator[str]:
    explicit = {provider.urn for provider in stack.of_types([PROVIDER]) if not provider.name.startswith("default")}
    if resource.provider not in explicit:
        yield "has the default provider, without the account's guard and the tags"


def _protected(resource: Resource) -> Iterator[str]:
    if not resource.protect:
        yield "protect: false; allowed: true"


def _name(resource: Resource) -> Iterator[str]:
    key, limit, pattern = _NAMES[resource.type]
    name = resource.value(key)
    if name is None or holds_placeholder(name):
        return
    if len(name) > limit:
        yield f"{key}: {len(name)} characters; allowed: {limit}"
    if not re.fullmatch(pattern, name):
        yield f"{key}: {shown(name)}; allowed: {pattern}"


def _deleted_first(resource: Resource) -> Iterator[str]:
    if resource.delete_before_replace:
        yield "the option delete_before_replace deletes it before there is another"
    rule = replacement.rules().get(resource.type)
    if rule is None:
        return
    if rule.always_deletes_first:
        yield "its type is always deleted before there is another"
    name = rule.autonamed_property
    if name is not None and resource.value(name) is not None:
        yield f"{name}: set; allowed: not set, since a replacement with the same name has to wait for the deletion"


def _force_destroy(bucket: Resource) -> Iterator[str]:
    if bucket.value("forceDestroy") is True:
        yield "forceDestroy: true; allowed: false or not set"


RULES = (
    Rule(
        id="provider-default-tags",
        title="Whatever takes tags says its project, its environment and what manages it",
        controls=(),
        severity=Severity.LOW,
        remediation="Set default_tags of the provider.",
        types=(PROVIDER,),
        check=_default_tags,
    ),
    Rule(
        id="explicit-provider",
        title="Every resource in AWS belongs to the program's own provider",
        controls=(),
        severity=Severity.HIGH,
        remediation="Pass the provider, or a parent that has it: it refuses another account and sets the tags.",
        types=("aws:*",),
        check_in_stack=_explicit_provider,
    ),
    Rule(
        id="stateful-protected",
        title="What holds data is protected from deletion by Pulumi",
        controls=(),
        severity=Severity.HIGH,
        remediation="Set the option protect.",
        types=STATEFUL,
        check=_protected,
    ),
    Rule(
        id="stateful-replaced-in-order",
        title="What holds data is not deleted before its successor exists",
        controls=(),
        severity=Severity.HIGH,
        remediation="Let Pulumi name it, and leave delete_before_replace off.",
        types=STATEFUL,
        check=_deleted_first,
    ),
    Rule(
        id="bucket-kept-with-objects",
        title="A bucket is not deleted while it holds objects",
        controls=(),
        severity=Severity.HIGH,
        remediation="Leave force_destroy off.",
        types=("aws:s3/bucket:Bucket",),
        check=_force_destroy,
    ),
    Rule(
        id="name-within-limits",
        title="A name is as long as its service allows, and made of what that allows",
        controls=(),
        severity=Severity.MEDIUM,
        remediation="Make it with zelly_components.naming, which cuts a name and keeps cut names apart.",
        types=tuple(_NAMES),
        check=_name,
    ),
)
