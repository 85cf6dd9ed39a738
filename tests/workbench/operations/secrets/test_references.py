"""Which secret keys task definitions refer to, and which of them have no value."""

from collections.abc import Mapping
from typing import Any

import pytest

from workbench.operations.secrets.references import SecretReference, missing_values, secret_references
from workbench.operations.secrets.values import fault, kind

ARN = "arn:aws:secretsmanager:ap-south-1:123456789012:secret:shop/redis-a1B2c3"
OTHER = "arn:aws:secretsmanager:ap-south-1:123456789012:secret:shop-x-Zz09Aa"
CONTAINERS: list[Mapping[str, Any]] = [
    {
        "name": "web",
        "secrets": [
            {"name": "REDIS_PORT", "valueFrom": f"{ARN}:REDIS_PORT::"},
            {"name": "HOST", "valueFrom": f"{ARN}:REDIS_HOST:AWSCURRENT:"},
            {"name": "WHOLE", "valueFrom": OTHER},
            {"name": "PARAMETER", "valueFrom": "arn:aws:ssm:ap-south-1:123456789012:parameter/x"},
        ],
    },
    {"name": "sidecar", "secrets": [{"name": "REDIS_HOST", "valueFrom": f"{ARN}:REDIS_HOST::"}]},
    {"name": "plain"},
]


def test_references_are_taken_apart_and_sorted() -> None:
    def reference(secret: str, key: str, container: str, variable: str, arn: str) -> SecretReference:
        return SecretReference(secret=secret, key=key, container=container, variable=variable, secret_arn=arn)

    assert secret_references(CONTAINERS) == [
        reference("shop-x", "", "web", "WHOLE", OTHER),
        reference("shop/redis", "REDIS_HOST", "sidecar", "REDIS_HOST", ARN),
        reference("shop/redis", "REDIS_HOST", "web", "HOST", ARN),
        reference("shop/redis", "REDIS_PORT", "web", "REDIS_PORT", ARN),
    ]


def missing(held: Mapping[str, Mapping[str, Any] | None]) -> list[str]:
    asked: list[str] = []

    def values_of(arn: str) -> Mapping[str, Any] | None:
        asked.append(arn)
        return held[arn]

    lines = missing_values(secret_references(CONTAINERS), values_of)
    assert asked == [OTHER, ARN], "every secret is asked for once"
    return lines


def test_nothing_is_missing_when_every_key_has_a_value() -> None:
    assert missing({ARN: {"REDIS_HOST": "h", "REDIS_PORT": "0"}, OTHER: {"any": ""}}) == []


def test_missing_and_empty_keys_are_named_with_who_needs_them() -> None:
    assert missing({ARN: {"REDIS_HOST": ""}, OTHER: None}) == [
        "secret shop-x, needed by web: it cannot be found: there is no such secret, or it holds no JSON object",
        "secret shop/redis, needed by sidecar: REDIS_HOST empty",
        "secret shop/redis, needed by web: REDIS_HOST empty",
        "secret shop/redis, needed by web: REDIS_PORT missing",
    ]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("x", None),
        (" x\n", None),
        ("", "empty"),
        (" \t\n", "empty"),
        (6379, "not text but a number"),
        (0, "not text but a number"),
        (1.5, "not text but a number"),
        (True, "not text but a boolean"),
        (False, "not text but a boolean"),
        (None, "not text but null"),
        ({"a": "b"}, "not text but an object"),
        ({}, "not text but an object"),
        (["a"], "not text but a list"),
        ([], "not text but a list"),
    ],
)
def test_only_a_text_that_says_something_reaches_a_container_as_it_is(value: object, problem: str | None) -> None:
    assert fault({"REDIS_PORT": value}, "REDIS_PORT") == problem
    assert missing({ARN: {"REDIS_HOST": "h", "REDIS_PORT": value}, OTHER: {"any": 1}}) == (
        [] if problem is None else [f"secret shop/redis, needed by web: REDIS_PORT {problem}"]
    )


def test_what_a_value_is_may_be_said_and_the_value_not() -> None:
    values = {"N": 4711, "O": {"inner": "hidden"}, "L": ["hidden"], "S": "hidden"}
    said = [kind(value) for value in values.values()]
    assert said == ["a number", "an object", "a list", "text"]
