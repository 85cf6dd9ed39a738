"""The policies that there are, by name: one more, or one fewer, is a decision."""

from dataclasses import replace
from typing import Any

import pytest

from tests.zelly_infra.embedded.environment import Environment
from tests.zelly_infra.embedded.permissions.documents import managed_policies_of, policies_of
from workbench.evaluate import RecordedResource
from zelly_infra import catalog

SERVICES = tuple(service.name for service in catalog.SERVICES)

NAMES = {
    "identity": [
        "bastion-policy",
        "clickhouse-policy",
        *(f"{service}-{kind}-policy" for service in SERVICES for kind in ("execution", "task")),
        "network-flow-logs-policy",
    ],
    "trust": [
        "bastion-role",
        "clickhouse-role",
        "clickhouse-snapshots-role",
        *(f"{service}-{kind}-role" for service in SERVICES for kind in ("execution", "task")),
        "network-flow-logs-role",
    ],
    "resource": [
        "access-logs-policy",
        "cache-events-policy",
        "caddy-policy",
        "monitoring-alarms-key",
        "monitoring-alarms-policy",
    ],
    "endpoint": ["network-s3-endpoint"],
}
OF_ONE_STACK = {
    "production": {
        "identity": ["github-zelly-production-deploy", "registry-zelly-production-push-images"],
        "trust": ["github-github-role"],
    },
    "staging": {"identity": ["github-zelly-staging-deploy"]},
}


def test_policies_are_exactly_these(environment: Environment) -> None:
    found: dict[str, list[str]] = {kind: [] for kind in NAMES}
    for policy in policies_of(environment):
        found[policy.kind].append(environment.short(policy.name))
    own = OF_ONE_STACK[environment.stack]
    assert {kind: sorted(names) for kind, names in found.items()} == {
        kind: sorted([*names, *own.get(kind, [])]) for kind, names in NAMES.items()
    }


def test_every_policy_hangs_on_something_of_its_own(environment: Environment) -> None:
    on_roles: list[str] = [policy.arn for policy in policies_of(environment) if policy.kind == "trust"]
    others = [policy.arn for policy in policies_of(environment) if policy.kind == "resource"]
    assert len(set(on_roles)) == len(on_roles)
    assert sorted(arn.split(":")[2] for arn in others) == ["elasticfilesystem", "kms", "s3", "sns", "sns"]


def test_awss_own_policies_are_these(environment: Environment) -> None:
    found = [environment.short(policy.name) for policy in managed_policies_of(environment)]
    assert found == ["clickhouse-snapshots-policy"]


# The finding itself.


def with_resource(environment: Environment, type_token: str, inputs: dict[str, Any]) -> Environment:
    first = environment.evaluation.of_type("aws:sns/topicPolicy:TopicPolicy")[0]
    added: RecordedResource = replace(first, type=type_token, name="added", inputs=inputs)
    return replace(environment, evaluation=replace(environment.evaluation, resources=(added,)))


def test_policy_is_found_however_deep_in_a_resource(environment: Environment) -> None:
    deep = {"inline": [{"policy": '{"Statement": []}', "name": "other"}], "arn": "arn:topic"}
    (found,) = policies_of(with_resource(environment, "aws:sns/topicPolicy:TopicPolicy", deep))
    assert (found.name, found.kind, found.arn, found.document) == ("added", "resource", "arn:topic", {"Statement": []})


def test_policy_of_an_unknown_type_is_not_passed_over(environment: Environment) -> None:
    queue = with_resource(environment, "aws:sqs/queuePolicy:QueuePolicy", {"policy": '{"Statement": []}'})
    with pytest.raises(LookupError, match="aws:sqs/queuePolicy:QueuePolicy added: a policy; say in ATTACHED_TO"):
        list(policies_of(queue))
