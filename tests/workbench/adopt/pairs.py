"""Pairs of a plan's resources with what a Terraform state would have, made by hand out of the plan itself."""

import copy
import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from tests.support.sample import OTHER, REGIONS, evaluation_of
from workbench.adopt.first_up.translated import default_tags
from workbench.adopt.model import Ambiguity, Instance, Matching, Pair, Translated
from workbench.providers.replacement import rules
from workbench.review.plan_document import PlanDocument, PlannedResource, document

_PLACEHOLDER = re.compile(r"\$\{([^${}]+?)\.(\w+)\}")
_OF_DOMAIN = re.compile(r"\$\{([^${}]+)\.domainValidationOptions\[([^\]]+)\]\.(\w+)\}")


@functools.cache
def plan_of(stack: str = OTHER) -> PlanDocument:
    return document(evaluation_of(stack), REGIONS[stack])


@functools.cache
def plain_of(stack: str = OTHER) -> Mapping[str, Mapping[str, Any]]:
    return {resource.urn: resource.plain_inputs for resource in evaluation_of(stack).resources}


def resources_of(plan: PlanDocument) -> list[PlannedResource]:
    return [resource for resource in plan.resources if resource.custom and not resource.type.startswith("pulumi:")]


def value_of(name: str, output: str) -> str:
    """Return what stands in AWS for a placeholder."""
    return f"{name}-{output}"


def _in_aws(value: Any) -> Any:
    if isinstance(value, str):
        value = _OF_DOMAIN.sub(lambda match: value_of(match[1], match[3]), value)
        return _PLACEHOLDER.sub(lambda match: value_of(match[1], match[2]), value)
    if isinstance(value, Mapping):
        return {key: _in_aws(member) for key, member in cast("Mapping[str, Any]", value).items()}
    return [_in_aws(member) for member in cast("list[Any]", value)] if isinstance(value, list) else value


def _referred(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield from _PLACEHOLDER.findall(value)
    elif isinstance(value, Mapping):
        for member in cast("Mapping[str, Any]", value).values():
            yield from _referred(member)
    elif isinstance(value, list):
        for member in cast("list[Any]", value):
            yield from _referred(member)


@functools.cache
def _outputs(stack: str) -> Mapping[str, Mapping[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for inputs in plain_of(stack).values():
        for name, output in _referred(inputs):
            found.setdefault(name, {})[output] = value_of(name, output)
    return found


def pair(resource: PlannedResource, stack: str = OTHER, **changes: Any) -> Pair:
    """Return a resource with an instance that has what the program wants, but for ``changes``; None takes away."""
    inputs = copy.deepcopy(dict(plain_of(stack)[resource.urn]))
    properties: dict[str, Any] = {**_outputs(stack).get(resource.name, {}), **_in_aws(inputs)}
    rule = rules().get(resource.type)
    if rule is not None and rule.autonamed_property is not None:
        properties.setdefault(rule.autonamed_property, f"tf-{resource.name}")
    if resource.type.startswith("aws:"):
        properties["tagsAll"] = {**stack_tags(stack), **properties.get("tags", {})}
    if resource.type == "aws:acm/certificate:Certificate":
        properties["domainValidationOptions"] = [
            {
                "domainName": inputs["domainName"],
                **{
                    output: value_of(resource.name, output)
                    for output in ("resourceRecordName", "resourceRecordType", "resourceRecordValue")
                },
            }
        ]
    properties |= changes
    instance = Instance(
        address=f"module.estate.{resource.type.rpartition(':')[2].lower()}.{resource.name.replace('-', '_')}",
        type="aws_thing",
        attributes={"id": value_of(resource.name, "id")},
    )
    return Pair(
        resource=resource,
        found=Translated(instance=instance, type=resource.type, properties=properties),
        id=value_of(resource.name, "id"),
        proof=f"name {resource.name}",
    )


@functools.cache
def stack_tags(stack: str) -> Mapping[str, str]:
    (provider,) = (one for one in plan_of(stack).resources if one.type == "pulumi:providers:aws")
    return default_tags(provider)


def matching(
    stack: str = OTHER,
    *,
    changes: Mapping[str, Mapping[str, Any]] | None = None,
    missing: Sequence[str] = (),
    ambiguous: Sequence[str] = (),
) -> Matching:
    """Return everything of a plan matched, but for the resources that are ``missing`` or ``ambiguous``, by name."""
    pairs = [pair(one, stack, **(changes or {}).get(one.name, {})) for one in resources_of(plan_of(stack))]
    return Matching(
        matched=[one for one in pairs if one.resource.name not in {*missing, *ambiguous}],
        program_only=[one.resource for one in pairs if one.resource.name in missing],
        state_only=[],
        ambiguous=[
            Ambiguity(resource=one.resource, candidates=[one.found], why="content alone")
            for one in pairs
            if one.resource.name in ambiguous
        ],
    )
