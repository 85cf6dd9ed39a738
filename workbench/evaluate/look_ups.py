"""Answers to the functions of a provider, where nobody asks AWS: what is looked up is a placeholder."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, cast

import pulumi

from workbench.evaluate.backend import Invocation
from workbench.evaluate.policy_document import policy_document
from workbench.evaluate.shapes import module_of, properties, sdk_class
from workbench.placeholders import is_placeholder


class UnknownFunctionError(Exception):
    """The program called a function that no installed SDK has."""


def look_up(invocation: Invocation) -> Mapping[str, Any]:
    """Return the result of a function: computed where its arguments are enough, else placeholders of its shape.

    Raises:
        UnknownFunctionError: for a function that no installed SDK has.
        ValueError: for arguments that the provider refuses too.
    """
    result = computed(invocation)
    if result is not None:
        return result
    found = _shaped(invocation)
    if invocation.token in _NAMED:
        return {"id": invocation.token, **found, **_NAMED[invocation.token](invocation.args)}
    if not found:
        raise UnknownFunctionError(
            f"{invocation.token}: no function of an installed SDK: {module_of(invocation.token)} has none of that name"
        )
    return found


def computed(invocation: Invocation) -> Mapping[str, Any] | None:
    """Return the result of a function that is known without asking AWS; None of every other one.

    Raises:
        ValueError: for arguments that the provider refuses too.
    """
    compute = _COMPUTED.get(invocation.token)
    answer = None if compute is None else compute(invocation)
    return None if answer is None else {"id": invocation.token, **invocation.args, **answer}


def _shaped(invocation: Invocation) -> dict[str, Any]:
    """Return placeholders in the shape of a function's result, what was asked with among them."""
    name = invocation.token.rpartition(":")[2]
    of = sdk_class(invocation.token, f"{name[:1].upper()}{name[1:]}Result")
    if of is None:
        return {}
    prefix = _prefix(invocation)
    results = {found.name: found.shaped(f"{prefix}.{found.name}", numbers=True) for found in properties(of)}
    return {**results, **{key: value for key, value in invocation.args.items() if _echoes(value, results.get(key))}}


def _echoes(value: Any, shape: Any) -> bool:
    """Tell whether a result repeats what was asked with: not a filter, which it has in another form."""
    if isinstance(value, list):
        return isinstance(shape, list) and all(isinstance(member, str) for member in cast("list[Any]", value))
    return isinstance(value, type(shape)) and shape is not None


def _prefix(invocation: Invocation) -> str:
    """Return what the placeholders of a look-up begin with: the function and a digest of its arguments.

    Not the arguments themselves: one that is secret arrives as plain text.
    """
    function = invocation.token.split(":")[1].removeprefix("index/")
    if not invocation.args:
        return f"{function}()"
    digest = hashlib.sha256(json.dumps(dict(invocation.args), sort_keys=True).encode()).hexdigest()
    return f"{function}({digest[:6]})"


def _policy_document(invocation: Invocation) -> Mapping[str, Any] | None:
    for key in ("sourcePolicyDocuments", "overridePolicyDocuments"):
        texts: list[str] = invocation.args.get(key) or []
        if any(map(is_placeholder, texts)):
            return None
    return policy_document(invocation.args)


def _region(invocation: Invocation) -> Mapping[str, Any] | None:
    region = region_of(invocation)
    return None if region is None else {"region": region, "name": region, "id": region}


def region_of(invocation: Invocation) -> str | None:
    """Return the region that a function is asked in; None where the program names none."""
    given = invocation.args.get("region") or invocation.provider_inputs.get("region")
    return given or pulumi.Config("aws").get("region")


_PARTITIONS = {"cn-": ("aws-cn", "amazonaws.com.cn"), "us-gov-": ("aws-us-gov", "amazonaws.com")}
"""By how a region begins, its partition and the suffix of its host names ("Amazon Resource Names", AWS reference)."""


def _partition(invocation: Invocation) -> Mapping[str, Any] | None:
    region = region_of(invocation)
    if region is None:
        return None
    found = (answer for prefix, answer in _PARTITIONS.items() if region.startswith(prefix))
    partition, suffix = next(found, ("aws", "amazonaws.com"))
    return {
        "partition": partition,
        "id": partition,
        "dnsSuffix": suffix,
        "reverseDnsPrefix": ".".join(reversed(suffix.split("."))),
    }


_COMPUTED: Mapping[str, Callable[[Invocation], Mapping[str, Any] | None]] = {
    "aws:iam/getPolicyDocument:getPolicyDocument": _policy_document,
    "aws:index/getRegion:getRegion": _region,
    "aws:index/getPartition:getPartition": _partition,
}
"""Functions whose result is known without asking, except where an argument or the region is not."""

_NAMED: Mapping[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {
    "aws:ssm/getParameter:getParameter": lambda args: {
        "value": f"${{parameter {args['name']}.value}}",
        "arn": f"${{parameter {args['name']}.arn}}",
    },
    "aws:ecr/getRepository:getRepository": lambda args: {
        "arn": f"${{repository {args['name']}.arn}}",
        "repositoryUrl": f"${{repository {args['name']}.repositoryUrl}}",
    },
    "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider": lambda args: {
        "arn": f"${{openid-connect-provider {args['url']}.arn}}"
    },
    "aws:iam/getRole:getRole": lambda args: {"arn": f"${{role {args['name']}.arn}}"},
    "aws:index/getCallerIdentity:getCallerIdentity": lambda _: {"accountId": "${account}", "arn": "${caller.arn}"},
    "aws:ec2/getPrefixList:getPrefixList": lambda args: {"id": f"${{prefix-list {args.get('name')}.id}}"},
}
"""Functions whose placeholders say by name what is looked up, which reviewers read."""
