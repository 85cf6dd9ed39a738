from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_random as random
import pytest

from tests.support.examples import example_program
from workbench.evaluate import Evaluation, evaluate
from zelly_components.secrets import ApplicationSecret, ApplicationSecretArgs, ManagedSecret, ManagedSecretArgs

SECRET = "aws:secretsmanager/secret:Secret"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"

MANAGED = ManagedSecretArgs(
    secret_name="shop/redis/auth",
    description="Redis of the shop",
    recovery_window_days=30,
    values={"REDIS_PORT": "6379", "REDIS_HOST": "redis.shop.internal"},
)

APPLICATION = ApplicationSecretArgs(
    secret_name="shop/api/env",
    description="Environment of the shop's API",
    recovery_window_days=0,
    keys=["SLACK_WEBHOOK_URL", "JWT_SECRET"],
)


def record_managed(args: ManagedSecretArgs) -> Evaluation:
    def program() -> None:
        ManagedSecret("shop-redis-auth", args)

    return evaluate(program)


def record_application(args: ApplicationSecretArgs) -> Evaluation:
    def program() -> None:
        ApplicationSecret("shop-api-env", args)

    return evaluate(program)


@pytest.mark.parametrize(
    ("evaluation", "inputs"),
    [
        (
            record_managed(MANAGED),
            {"name": "shop/redis/auth", "description": "Redis of the shop", "recoveryWindowInDays": 30},
        ),
        (
            record_application(APPLICATION),
            {"name": "shop/api/env", "description": "Environment of the shop's API", "recoveryWindowInDays": 0},
        ),
    ],
)
def test_secret_has_exactly_the_given_name_and_recovery_window(evaluation: Evaluation, inputs: dict[str, Any]) -> None:
    assert evaluation.one(SECRET).inputs == inputs


def test_managed_value_is_canonical_and_secret_although_its_parts_are_not() -> None:
    version = record_managed(MANAGED).one(VERSION)
    assert version.inputs == {"secretId": "${shop-redis-auth-secret.arn}", "secretString": "[secret]"}
    assert version.plain_inputs["secretString"] == '{"REDIS_HOST": "redis.shop.internal", "REDIS_PORT": "6379"}'


def test_managed_value_may_hold_what_is_known_only_at_deployment() -> None:
    def program() -> None:
        password = random.RandomPassword("password", length=16).result
        host = pulumi.Output.concat("redis", ".shop.internal")
        ManagedSecret("shop-redis-auth", replace(MANAGED, values={"REDIS_PASSWORD": password, "REDIS_HOST": host}))

    version = evaluate(program).one(VERSION)
    assert version.inputs["secretString"] == "[secret]"
    assert (
        version.plain_inputs["secretString"]
        == '{"REDIS_HOST": "redis.shop.internal", "REDIS_PASSWORD": "${password.result}"}'
    )


def test_managed_value_is_followed() -> None:
    assert record_managed(MANAGED).one(VERSION).ignore_changes == ()


def test_application_secret_is_born_with_every_key_empty() -> None:
    version = record_application(APPLICATION).one(VERSION)
    assert version.plain_inputs["secretString"] == '{"JWT_SECRET": "", "SLACK_WEBHOOK_URL": ""}'


def test_operators_values_are_never_overwritten() -> None:
    version = record_application(APPLICATION).one(VERSION)
    assert version.ignore_changes == ("secretString", "versionStages")
    # A label other than AWSCURRENT: a version that is made anew does not take the place of the operator's.
    assert version.inputs == {
        "secretId": "${shop-api-env-secret.arn}",
        "secretString": "[secret]",
        "versionStages": ["INITIAL"],
    }


@pytest.mark.parametrize(
    "make", [lambda: ManagedSecret("shop", MANAGED), lambda: ApplicationSecret("shop", APPLICATION)]
)
def test_who_uses_the_arn_waits_for_the_first_version(make: Callable[[], ManagedSecret | ApplicationSecret]) -> None:
    def program() -> None:
        aws.sns.Topic("user", display_name=make().secret_arn)

    user = evaluate(program).one("aws:sns/topic:Topic")
    assert user.inputs == {"displayName": "${shop-secret.arn}"}
    assert {urn.rsplit("::", 1)[1] for urn in user.depends_on} == {"shop-version"}


def test_outputs_name_the_keys_and_no_value() -> None:
    managed, application = record_managed(MANAGED), record_application(APPLICATION)
    assert managed.component_outputs[managed.one("zelly-components:index:ManagedSecret").urn] == {
        "secret_arn": "${shop-redis-auth-secret.arn}",
        "secret_name": "shop/redis/auth",
        "keys": ["REDIS_HOST", "REDIS_PORT"],
    }
    assert application.component_outputs[application.one("zelly-components:index:ApplicationSecret").urn] == {
        "secret_arn": "${shop-api-env-secret.arn}",
        "secret_name": "shop/api/env",
        "keys": ["JWT_SECRET", "SLACK_WEBHOOK_URL"],
    }


@pytest.mark.parametrize("days", [-1, 1, 6, 31])
def test_recovery_window_that_aws_does_not_know_is_refused(days: int) -> None:
    message = f"^recovery_window_days: came {days}; allowed 0, or 7 to 30$"
    with pytest.raises(ValueError, match=message):
        record_managed(replace(MANAGED, recovery_window_days=days))
    with pytest.raises(ValueError, match=message):
        record_application(replace(APPLICATION, recovery_window_days=days))


@pytest.mark.parametrize("days", [0, 7, 30])
def test_recovery_window_of_aws_is_accepted(days: int) -> None:
    secret = record_managed(replace(MANAGED, recovery_window_days=days)).one(SECRET)
    assert secret.inputs["recoveryWindowInDays"] == days


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "values: came none; allowed one key or more"),
        ({"": "x"}, "values: came ''; allowed keys of one character or more without a colon"),
        ({"A:B": "x"}, "values: came 'A:B'; allowed keys of one character or more without a colon"),
    ],
)
def test_managed_secret_refuses_keys_that_ecs_cannot_name(values: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match="came") as refusal:
        record_managed(replace(MANAGED, values=values))
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ([], "keys: came none; allowed one key or more"),
        (["A", ""], "keys: came ''; allowed keys of one character or more without a colon"),
        (["A:B"], "keys: came 'A:B'; allowed keys of one character or more without a colon"),
        (["A", "B", "A"], "keys: came A 2 times; allowed once"),
    ],
)
def test_application_secret_refuses_keys_that_ecs_cannot_name(keys: list[str], message: str) -> None:
    with pytest.raises(ValueError, match="came") as refusal:
        record_application(replace(APPLICATION, keys=keys))
    assert str(refusal.value) == message


@pytest.mark.parametrize("component", [ManagedSecret, ApplicationSecret])
def test_docstring_example_runs(component: type) -> None:
    assert [resource.type for resource in evaluate(example_program(component)).custom()].count(SECRET) == 1
