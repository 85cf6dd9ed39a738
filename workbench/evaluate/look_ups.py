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

_Answer = Callable[[Invocation], Mapping[str, Any]]


class UnknownFunctionError(Exception):
    """The program called a function that no installed SDK has."""


def look_up(invocation: Invocation) -> Mapping[str, Any]:
    """Return the result of a function: computed where its arguments are enough, else placeholders of its shape.

    Raises:
        UnknownFunctionError: for a function that no installed SDK has.
        ValueError: for arguments that the provider refuses too.
    """
    known = _KNOWN.get(invocation.token)
    if known is not None and (answer := known(invocation)) is not None:
        return {"id": invocation.token, **_shaped(invocation), **answer}
    found = _shaped(invocation)
    if not found:
        raise UnknownFunctionError(
            f"{invocation.token}: no function of an installed SDK: {module_of(invocation.token)} has none of that name"
        )
    return found


def is_computed(token: str) -> bool:
    """Tell whether a function's result is what AWS would answer, too."""
    return token in _COMPUTED


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
"""Functions whose result is known without asking; None where it is not, for once."""

_NAMED: Mapping[str, Callable[[Invocation], Mapping[str, Any] | None]] = {
    "aws:ssm/getParameter:getParameter": lambda asked: {
        "value": f"${{parameter {asked.args['name']}.value}}",
        "arn": f"${{parameter {asked.args['name']}.arn}}",
    },
    "aws:ecr/getRepository:getRepository": lambda asked: {
        "arn": f"${{repository {asked.args['name']}.arn}}",
        "repositoryUrl": f"${{repository {asked.args['name']}.repositoryUrl}}",
    },
    "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider": lambda asked: {
        "arn": f"${{openid-connect-provider {asked.args['url']}.arn}}"
    },
    "aws:iam/getRole:getRole": lambda asked: {"arn": f"${{role {asked.args['name']}.arn}}"},
    "aws:index/getCallerIdentity:getCallerIdentity": lambda _: {"accountId": "${account}", "arn": "${caller.arn}"},
    "aws:ec2/getPrefixList:getPrefixList": lambda asked: {"id": f"${{prefix-list {asked.args.get('name')}.id}}"},
}
"""Functions whose placeholders say by name what is looked up, which reviewers read."""

_KNOWN = {**_NAMED, **_COMPUTED}
