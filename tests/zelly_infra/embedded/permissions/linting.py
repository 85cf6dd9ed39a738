"""parliament's findings on a policy, each told by its statement and what of it is meant.

parliament lints identity policies against AWS's Service Authorization Reference: unknown actions, resources and
condition keys that an action does not take, a needless ``*``; its community auditors add what gives away credentials
or lets a role widen itself. A trust policy and a key policy name no resource, as they are about what they hang on:
that is put in its place.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import parliament

from tests.support.iam_decisions import as_list, wildcard
from tests.zelly_infra.embedded.permissions.documents import Policy


@dataclass(frozen=True, kw_only=True, order=True)
class Finding:
    """One thing that parliament has to say of a policy."""

    policy: str
    """The logical name of the resource that carries it."""
    sid: str
    """The statement; empty for what only shows in the policy as a whole."""
    issue: str
    """parliament's name of it, e.g. ``RESOURCE_STAR``."""
    what: tuple[str, ...]
    """The statement's actions that it is about, as they are written there; or parliament's own words."""


def findings(policy: Policy) -> set[Finding]:
    """Return what parliament finds in a policy, statement by statement and then as a whole."""
    # To its auditors the right to assume a role gives away credentials; in the role's own trust that is the point.
    audited = policy.kind != "trust"
    statements = [_about_its_resource(policy, statement) for statement in as_list(policy.document["Statement"])]
    found = {
        Finding(policy=policy.name, sid=statement["Sid"], issue=finding.issue, what=_what(finding, statement))
        for statement in statements
        for finding in _lint({**policy.document, "Statement": [statement]}, audited=audited)
    }
    known = {finding.issue for finding in found}
    as_a_whole = _lint({**policy.document, "Statement": statements}, audited=audited)
    return found | {
        Finding(policy=policy.name, sid="", issue=finding.issue, what=(str(finding.detail),))
        for finding in as_a_whole
        if finding.issue not in known
    }


def _lint(document: Mapping[str, Any], *, audited: bool) -> list[Any]:
    analyzed: Any = parliament.analyze_policy_string(  # pyright: ignore[reportUnknownMemberType] (it has no types)
        json.dumps(document), ignore_private_auditors=True, include_community_auditors=audited
    )
    return analyzed.findings


def _about_its_resource(policy: Policy, statement: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**statement, "Resource": [policy.arn]} if policy.kind == "trust" else statement


def _what(finding: Any, statement: Mapping[str, Any]) -> tuple[str, ...]:
    detail = finding.detail
    listed: list[Any] = finding.location.get("actions") or ([] if isinstance(detail, str) else as_list(detail))
    actions: list[str] = [item if isinstance(item, str) else item["action"] for item in listed]
    written = as_list(statement["Action"])
    covered = sorted(
        pattern for pattern in written if any(wildcard(pattern, ignore_case=True).match(action) for action in actions)
    )
    return tuple(covered) or (str(detail),)
