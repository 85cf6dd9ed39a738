"""Each container's variables on a developer's machine are those of its task definition in staging."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.zelly_infra.evaluations import evaluation_of
from tests.zelly_infra.local_dev.resolved import platform, services
from workbench.local_dev.values import FilledIn, Known, Random
from zelly_infra.local_dev.platform import STACK

MORE_THAN_IN_AWS = {
    "NODE_EXTRA_CA_CERTS",
    "RI_REDIS_TLS_CA_PATH",
    "FASTIFY_NOVA_UPSTREAM",
    "CUSTOMER_PANEL_UPSTREAM",
    "ORION_BACKEND_UPSTREAM",
}
"""Certificates that no client trusts by itself, and addresses that the load balancers know in AWS."""

DIFFERENT: Mapping[str, set[str]] = {
    "development": {"NODE_ENV"},
    "neighbour": {"UPSTREAM"},
    "ask": {"ON_DEMAND_TLS_ASK_URL"},
}
"""The variables that are no secrets and have another value, by the rule."""


def definitions() -> Mapping[str, Any]:
    tasks = evaluation_of(STACK).of_type("aws:ecs/taskDefinition:TaskDefinition")
    return {
        container["name"]: container for task in tasks for container in json.loads(task.inputs["containerDefinitions"])
    }


def test_every_container_of_the_plan_is_there_and_no_other() -> None:
    stores = {store.name for store in platform().stores}
    migrations = {name for name in services() if name.endswith("-migrate")}
    assert services().keys() - stores - migrations == definitions().keys()


@pytest.mark.parametrize("name", [application.name for application in platform().applications])
def test_a_container_has_the_variables_of_its_task_definition_by_name(name: str) -> None:
    definition = definitions()[name]
    expected = {each["name"] for each in (*definition["environment"], *definition["secrets"])}
    resolved = set(services()[name]["environment"])
    assert resolved - MORE_THAN_IN_AWS == expected
    # What is more than in AWS is what the platform says so of.
    assert resolved - expected == {variable.name for variable in platform().application(name).additions}


@pytest.mark.parametrize("name", [application.name for application in platform().applications])
def test_a_value_is_the_plans_unless_a_rule_says_otherwise(name: str) -> None:
    plain = {each["name"]: each["value"] for each in definitions()[name]["environment"]}
    secret = {each["name"] for each in definitions()[name]["secrets"]}
    for variable in platform().application(name).environment:
        if variable.name in secret:
            assert variable.reason in {"store", "random", "filled in", "browser"}, variable
        elif variable.reason:
            assert variable.name in DIFFERENT[variable.reason]
            assert variable.value != Known(plain[variable.name])
        else:
            assert variable.value == Known(plain[variable.name])
        assert variable.reason in {"", *platform().value_rules}


def test_whoever_reaches_a_store_is_told_what_the_store_has() -> None:
    of_stores = {variable.value for store in platform().stores for variable in store.variables}
    users = {value for value in of_stores if isinstance(value, Random)}
    told = {
        variable.value
        for application in platform().applications
        for variable in application.environment
        if variable.reason == "store" and isinstance(variable.value, Random)
    }
    # Root's password is nobody's but the container's.
    assert users - told == {Random("mysql-root-password")}
    assert told <= users


def test_what_third_parties_hand_out_is_empty_and_says_where_it_is_from() -> None:
    filled_in = {
        variable.name: variable.value.source
        for application in platform().applications
        for variable in application.environment
        if isinstance(variable.value, FilledIn)
    }
    assert {name.partition("_")[0] for name in filled_in} == {"RAZORPAY", "SLACK", "FIREBASE", "SSO"}
    assert all(filled_in.values())


def test_a_migration_has_its_services_variables() -> None:
    for application in platform().applications:
        if application.migration is not None:
            migration = services()[application.migration_name]
            assert migration["environment"] == services()[application.name]["environment"]


def test_an_upstream_elsewhere_reaches_the_proxy_and_its_question() -> None:
    elsewhere = platform().application("fastify-nova").upstream_on_host
    caddy = services(**{"FASTIFY_NOVA_UPSTREAM": elsewhere})["caddy"]["environment"]
    assert caddy["FASTIFY_NOVA_UPSTREAM"] == elsewhere == "host.docker.internal:3000"
    assert caddy["ON_DEMAND_TLS_ASK_URL"] == "http://host.docker.internal:3000/internal/tls/ask"
    assert caddy["UPSTREAM"] == "astro:4321"
    astro = services(**{"ASTRO_UPSTREAM": "host.docker.internal:4321"})["caddy"]["environment"]
    assert astro["UPSTREAM"] == "host.docker.internal:4321"
