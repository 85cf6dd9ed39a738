"""A policy that is widened changes an answer of the table: every statement is widened in every way, one at a time."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from tests.support.iam_decisions import Decision, Request, as_list
from tests.zelly_infra.embedded.environment import Environment
from tests.zelly_infra.embedded.permissions.account import Account, Place
from tests.zelly_infra.embedded.permissions.documents import Policy, policies_of
from tests.zelly_infra.embedded.permissions.table import TABLE
from zelly_infra.catalog import SERVICES

Expected = list[tuple[Request, Decision]]


TASKS = tuple(service.name for service in SERVICES)
OWN_TOPIC = "a topic's policy reaches no other topic"
EQUIVALENT = {
    **{
        f"zelly-{{stack}}-{service}-task-policy, OpenExecChannels: Action service:*": "there are no others"
        for service in TASKS
    },
    "zelly-{stack}-monitoring-alarms-key, Account: Action *": "a key knows no actions but those of KMS",
    "zelly-{stack}-monitoring-alarms-key, Account: Action service:*": "it says so already",
    **{
        f"zelly-{{stack}}-{statement}: Resource {scope}": OWN_TOPIC
        for statement in (
            "cache-events-policy, CacheEvents",
            "monitoring-alarms-policy, Alarms",
            "monitoring-alarms-policy, DatabaseEvents",
        )
        for scope in ("*", "of the service")
    },
    "zelly-{stack}-cache-events-policy, CacheEvents: Principal *": "everybody it is, under its condition",
}
"""What widens nothing, and why."""


def widened(statement: Mapping[str, Any], kind: str) -> Iterator[tuple[str, Mapping[str, Any] | None]]:
    """Iterate over the ways to widen a statement: what is done, and the result; None for the statement taken out."""
    if statement["Effect"] == "Deny":
        yield "taken out", None
        return
    services = sorted({action.partition(":")[0] for action in as_list(statement["Action"])})
    yield "Action *", {**statement, "Action": "*"}
    yield "Action service:*", {**statement, "Action": [f"{service}:*" for service in services]}
    # In a key policy it is the key itself.
    if statement.get("Resource", ["*"]) != ["*"]:
        scopes = {":".join([*resource.split(":")[:5], "*"]) for resource in as_list(statement["Resource"])}
        yield "Resource *", {**statement, "Resource": "*"}
        yield "Resource of the service", {**statement, "Resource": sorted(scopes)}
    if kind != "identity":
        yield "Principal *", {**statement, "Principal": {"AWS": "*"}}
    conditions = statement.get("Condition", {})
    for operator, keys in conditions.items():
        for key in keys:
            others = {name: value for name, value in keys.items() if name != key}
            yield f"without {key}", {**statement, "Condition": {**conditions, operator: others}}


def variants(policy: Policy) -> Iterator[tuple[str, Policy]]:
    """Iterate over the policies that differ from one by one widened statement."""
    statements: list[Mapping[str, Any]] = policy.document["Statement"]
    for index, statement in enumerate(statements):
        for how, changed in widened(statement, policy.kind):
            rest = [*statements[:index], *([] if changed is None else [changed]), *statements[index + 1 :]]
            document = {**policy.document, "Statement": rest}
            yield f"{policy.name}, {statement['Sid']}: {how}", replace(policy, document=document)


def expected_answers(places: tuple[tuple[Place, Place], ...]) -> Expected:
    """Return every request of the table with its answer."""
    return [
        (request, row.decision) for row in TABLE for place, other in places for request in row.requests(place, other)
    ]


def concerned(policy: Policy, answers: Expected) -> Expected:
    """Return the answers that a policy may have a part in."""
    return [
        (request, decision)
        for request, decision in answers
        if policy.kind != "identity" or request.principal.name == policy.arn
    ]


def test_every_widened_statement_changes_an_answer_of_the_table(
    environment: Environment, account: Account, places: tuple[tuple[Place, Place], ...]
) -> None:
    answers = expected_answers(places)
    # What passes through the endpoint stands in test_network.
    names = {policy.name for policy in policies_of(environment) if policy.kind != "endpoint"}
    unnoticed = [
        how
        for policy in account.policies
        if policy.name in names
        for how, changed in variants(policy)
        if not is_noticed(account.having(changed, instead_of=policy), concerned(policy, answers))
    ]
    assert sorted(unnoticed) == sorted(how.replace("{stack}", environment.stack) for how in EQUIVALENT)


def is_noticed(account: Account, answers: Expected) -> bool:
    """Return whether an account answers otherwise than the table says."""
    return any(account.decide(request) != decision for request, decision in answers)


def test_statement_is_widened_in_every_way() -> None:
    statement = {
        "Effect": "Allow",
        "Action": ["s3:GetObject"],
        "Resource": ["arn:aws:s3:::shop/*"],
        "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
        "Condition": {"StringEquals": {"aws:SourceAccount": "1", "aws:SourceVpc": "2"}},
    }
    assert [(how, changed) for how, changed in widened(statement, "resource")] == [
        ("Action *", {**statement, "Action": "*"}),
        ("Action service:*", {**statement, "Action": ["s3:*"]}),
        ("Resource *", {**statement, "Resource": "*"}),
        ("Resource of the service", {**statement, "Resource": ["arn:aws:s3:::*"]}),
        ("Principal *", {**statement, "Principal": {"AWS": "*"}}),
        ("without aws:SourceAccount", {**statement, "Condition": {"StringEquals": {"aws:SourceVpc": "2"}}}),
        ("without aws:SourceVpc", {**statement, "Condition": {"StringEquals": {"aws:SourceAccount": "1"}}}),
    ]
    assert list(widened({**statement, "Effect": "Deny"}, "resource")) == [("taken out", None)]
