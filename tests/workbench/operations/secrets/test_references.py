"""Which secret keys task definitions refer to, and which of them have no value."""

from collections.abc import Mapping
from typing import Any

from workbench.operations.secrets.references import SecretReference, missing_values, secret_references

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
    assert missing({ARN: {"REDIS_HOST": "", "REDIS_PORT": 6379}, OTHER: None}) == [
        "secret shop-x, needed by web: it cannot be found: there is no such secret, or it holds no JSON object",
        "secret shop/redis, needed by sidecar: REDIS_HOST empty",
        "secret shop/redis, needed by web: REDIS_HOST empty",
        "secret shop/redis, needed by web: REDIS_PORT not text but a number",
    ]
