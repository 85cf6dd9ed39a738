"""Each mistake in an entry of the catalog is one line; the catalog itself has none."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from workbench.errors import OperatorError
from zelly_infra.catalog import (
    AURORA_SECRET,
    REDIS_SECRET,
    SERVICES,
    Call,
    Container,
    HttpsIngress,
    PassthroughIngress,
    SecretVariable,
    Service,
    application_secrets_of,
    repositories_of,
)
from zelly_infra.catalog_checks import check_catalog

CONTAINER = Container(name="loyalty", repository="zelly/loyalty", ports=(3100,))
INGRESS = HttpsIngress(load_balancer="alb-loyalty", container="loyalty", port=3100, health_check_path="/health")
NEW = Service(
    name="loyalty",
    purpose="Points of customers.",
    technology="Node.js",
    github_repository="loyalty-service",
    containers=(CONTAINER,),
    ingress=INGRESS,
)


def with_container(**changed: Any) -> Service:
    return replace(NEW, containers=(replace(CONTAINER, **changed),))


def secret(name: str, key: str) -> Mapping[str, Any]:
    return {"secrets": (SecretVariable(name="VALUE", secret=name, key=key),)}


def test_the_catalog_has_no_mistake() -> None:
    check_catalog()
    check_catalog((*SERVICES, NEW))


def test_repositories_and_secrets_follow_from_the_services() -> None:
    own = with_container(**secret("zelly/loyalty/env", "API_KEY"))
    assert repositories_of((*SERVICES, own))[-1] == "zelly/loyalty"
    assert application_secrets_of((*SERVICES, own))["zelly/loyalty/env"] == ("API_KEY",)


@pytest.mark.parametrize(
    ("service", "line"),
    [
        (
            replace(NEW, name="Loyalty"),
            "Loyalty: name; allowed: lower-case letters, digits and single hyphens, at most 20",
        ),
        (
            replace(NEW, name="l" * 21),
            f"{'l' * 21}: name; allowed: lower-case letters, digits and single hyphens, at most 20",
        ),
        (
            replace(NEW, name="redis"),
            "redis: name; taken by the platform's own (alb-shared, aurora, clickhouse, redis, vpn)",
        ),
        (replace(NEW, name="storefront"), "storefront: there twice; each service once is allowed"),
        (replace(NEW, containers=(), ingress=None), "loyalty: containers: none; one is required"),
        (
            replace(NEW, calls=(Call(to="Shopfy", purpose="fetches orders"),)),
            "loyalty: calls: Shopfy; allowed: fastify-nova, customer-panel, orion-backend, events-consumer, "
            "storefront, internal-tools, loyalty, Shopify, Firebase, Razorpay, Slack, SSO issuer, Let's Encrypt",
        ),
        (
            replace(NEW, containers=(replace(CONTAINER, ports=()), CONTAINER)),
            "loyalty: container loyalty: there twice; each once is allowed",
        ),
        (
            replace(NEW, containers=(CONTAINER, replace(CONTAINER, name="other"))),
            "loyalty: port 3100: of two containers, which share one network; one of them is allowed",
        ),
        (
            with_container(starts_after=("astro",)),
            "loyalty: container loyalty: starts_after: astro; allowed: nothing, it is alone",
        ),
        (
            with_container(repository="zelly/Loyalty"),
            "loyalty: container loyalty: repository: zelly/Loyalty; allowed: a name that ECR takes, e.g. zelly/loyalty",
        ),
        (
            with_container(stop_timeout_seconds=121),
            "loyalty: container loyalty: stop_timeout_seconds: 121; allowed: 1 to 120",
        ),
        (
            with_container(environment={"VALUE": "1"}, **secret("zelly/loyalty/env", "VALUE")),
            "loyalty: container loyalty: variable VALUE: there twice; each once is allowed",
        ),
        (
            replace(with_container(**secret(REDIS_SECRET, "REDIS_URL")), stores=SERVICES[0].stores),
            "loyalty: container loyalty: secret zelly/redis/auth: REDIS_URL; allowed: REDIS_HOST, REDIS_PORT, "
            "REDIS_PASSWORD",
        ),
        (
            with_container(**secret(AURORA_SECRET, "DB_HOST")),
            "loyalty: container loyalty: secret zelly/aurora/master: DB_HOST; stores has to have aurora, "
            "which it is of",
        ),
        (
            with_container(**secret("loyalty/env", "KEY")),
            "loyalty: container loyalty: secret loyalty/env: allowed: a name below zelly/, e.g. zelly/loyalty/env",
        ),
        (
            with_container(**secret("zelly/loyalty/env", "a:b")),
            "loyalty: container loyalty: secret zelly/loyalty/env: a key is no name of an environment variable",
        ),
        (
            replace(NEW, ingress=replace(INGRESS, load_balancer="alb-nova")),
            "load balancer alb-nova: of two services; one of its own is required for each",
        ),
        (
            replace(NEW, ingress=replace(INGRESS, load_balancer="internal-loyalty")),
            "loyalty: load balancer internal-loyalty: allowed: a name that ELB takes, e.g. alb-loyalty",
        ),
        (
            replace(NEW, ingress=replace(INGRESS, load_balancer="a" * 33)),
            f"loyalty: load balancer {'a' * 33}: allowed: a name that ELB takes, e.g. alb-loyalty",
        ),
        (
            replace(NEW, ingress=replace(INGRESS, container="web")),
            "loyalty: ingress: container web; allowed: loyalty",
        ),
        (
            replace(NEW, ingress=replace(INGRESS, port=3000)),
            "loyalty: ingress: port 3000; allowed: those of loyalty (3100)",
        ),
        (
            replace(
                NEW,
                ingress=PassthroughIngress(
                    load_balancer="nlb-loyalty",
                    container="loyalty",
                    ports=(3100,),
                    health_check_port=8080,
                    health_check_path="/health",
                ),
            ),
            "loyalty: ingress: port 8080; allowed: those of loyalty (3100)",
        ),
        (
            replace(NEW, ingress=replace(INGRESS, health_check_path="health")),
            "loyalty: ingress: health_check_path health; allowed: a path, e.g. /health",
        ),
    ],
)
def test_a_mistake_is_one_line(service: Service, line: str) -> None:
    with pytest.raises(OperatorError) as caught:
        check_catalog((*SERVICES, service))
    assert caught.value.lines == (f"zelly_infra/catalog.py: {line}",)


@pytest.mark.parametrize(
    "service",
    [
        replace(NEW, name="l" * 20),
        with_container(stop_timeout_seconds=120),
        replace(NEW, ingress=replace(INGRESS, load_balancer="a" * 32)),
    ],
)
def test_the_longest_is_taken(service: Service) -> None:
    check_catalog((*SERVICES, service))


def test_what_surrounds_a_service_that_is_gone_is_named() -> None:
    with pytest.raises(OperatorError) as caught:
        check_catalog(service for service in SERVICES if service.name != "events-consumer")
    assert caught.value.lines == (
        "zelly_infra/surroundings.py: queue store-events: consumer: events-consumer; allowed: fastify-nova, "
        "customer-panel, orion-backend, storefront, internal-tools",
    )
