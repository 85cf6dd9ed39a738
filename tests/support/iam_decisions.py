"""What IAM answers to one request, worked out on the policy documents (IAM User Guide, "Policy evaluation logic").

Within one account, and without permissions boundaries, session policies and service control policies, which the
platform has none of. No library that evaluates documents offline knows conditions and resource policies (moto's own
access control does neither). What no document here uses, raises: variables, sets, negated and numeric operators,
``NotPrincipal``.
"""

import functools
import json
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, cast

Document = Mapping[str, Any]

ELEMENTS = frozenset({"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "Condition"})


class Decision(StrEnum):
    """An answer, and whether a statement says so."""

    ALLOWED = "allowed"
    DENIED = "denied, as nothing allows it"
    FORBIDDEN = "denied by a statement"


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Who asks: a role by its ARN, an AWS service by its host name, or an identity provider by its ARN."""

    kind: Literal["AWS", "Service", "Federated"]
    name: str

    @property
    def account_root(self) -> str:
        """What a resource policy calls the whole account of a role."""
        return f"arn:aws:iam::{self.name.split(':')[4]}:root"


@dataclass(frozen=True, kw_only=True)
class Request:
    """One call of one operation on one resource."""

    principal: Principal
    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict[str, str])
    """Condition keys and the one value that each has; their names are the same in any case."""


def decide(
    request: Request, *, identity: Iterable[Document], resource: Iterable[Document], needs_consent: bool
) -> Decision:
    """Return the answer to a request.

    ``identity`` holds the policies of the principal, ``resource`` those on the resource. ``needs_consent`` is for a
    resource whose own policy has to let in the principal or its account, whatever the principal may: a KMS key, and a
    role that is to be assumed. Of any other resource, either side's permission is enough.

    Raises:
        NotImplementedError: for what this evaluation does not know.
    """
    own = [statement for document in identity for statement in _statements(document) if _covers(statement, request)]
    its = [statement for document in resource for statement in _statements(document) if _covers(statement, request)]
    addressed = [statement for statement in its if _names(statement["Principal"], request.principal)]
    if any(statement["Effect"] == "Deny" for statement in [*own, *addressed]):
        return Decision.FORBIDDEN
    if addressed:
        return Decision.ALLOWED
    if own and (
        not needs_consent or any(_names_account(statement["Principal"], request.principal) for statement in its)
    ):
        return Decision.ALLOWED
    return Decision.DENIED


def as_list(value: Any) -> list[Any]:
    """Return what a document may write as one value or as a list of them, as a list."""
    return cast("list[Any]", value) if isinstance(value, list) else [value]


@functools.cache
def wildcard(pattern: str, *, ignore_case: bool = False) -> re.Pattern[str]:
    """Return a pattern of the policy language: ``*`` is any text, also with ``/`` and ``:``, and ``?`` any character.

    Raises:
        NotImplementedError: for a policy variable.
    """
    if "${" in pattern:
        raise NotImplementedError(f"policy variable in {pattern}")
    translated = "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern)
    return re.compile(rf"\A{translated}\Z", re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def _statements(document: Document) -> list[Mapping[str, Any]]:
    statements = as_list(document["Statement"])
    for statement in statements:
        if unknown := statement.keys() - ELEMENTS:
            raise NotImplementedError(f"{json.dumps(statement)}: {', '.join(sorted(unknown))}")
    return statements


def _covers(statement: Mapping[str, Any], request: Request) -> bool:
    """Return whether a statement is about this action on this resource under these circumstances."""
    return (
        _selects(statement, "Action", request.action, ignore_case=True)
        and _selects(statement, "Resource", request.resource, ignore_case=False)
        and all(
            _holds(name, key, as_list(values), request.context)
            for name, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )
    )


def _selects(statement: Mapping[str, Any], element: str, value: str, *, ignore_case: bool) -> bool:
    negated = f"Not{element}" in statement
    patterns = statement.get(f"Not{element}" if negated else element)
    # A trust policy has no resource: it is about the role that it belongs to.
    if patterns is None:
        return True
    return negated != any(wildcard(pattern, ignore_case=ignore_case).match(value) for pattern in as_list(patterns))


# Who is meant by a resource policy.


def _names(principals: Any, principal: Principal) -> bool:
    # {"AWS": "*"} is everybody, also services and anonymous callers ("AWS JSON policy elements: Principal").
    return (
        principals == "*"
        or "*" in as_list(principals.get("AWS"))
        or principal.name in as_list(principals.get(principal.kind))
    )


def _names_account(principals: Any, principal: Principal) -> bool:
    return principal.kind == "AWS" and principal.account_root in as_list(principals.get("AWS"))


# Conditions.


def _like(pattern: str, value: str) -> bool:
    return wildcard(pattern).match(value) is not None


def _arn_like(pattern: str, value: str) -> bool:
    """Compare the six parts of two ARNs one by one: no wildcard reaches over a colon but in the last."""
    patterns, parts = pattern.split(":", 5), value.split(":", 5)
    return len(patterns) == len(parts) == 6 and all(map(_like, patterns, parts))


OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": operator.eq,
    "StringLike": _like,
    # "ArnEquals and ArnLike behave identically" (IAM User Guide, "Condition operators").
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
    "Bool": lambda wanted, value: wanted.lower() == value.lower(),
}
"""How a value of the document is compared with the request's."""


def _holds(name: str, key: str, wanted: Sequence[str], context: Mapping[str, str]) -> bool:
    compare = OPERATORS.get(name.removesuffix("IfExists"))
    if compare is None:
        raise NotImplementedError(f"condition operator {name}")
    if "${" in "".join(wanted):
        raise NotImplementedError(f"policy variable in {', '.join(wanted)}")
    value = {known.lower(): each for known, each in context.items()}.get(key.lower())
    if value is None:
        return name.endswith("IfExists")
    return any(compare(each, value) for each in wanted)
