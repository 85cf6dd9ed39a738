"""The catalog says what the platform's service documents say."""

from zelly_infra import catalog
from zelly_infra.catalog import SERVICES, HttpsIngress, PassthroughIngress, Store


def test_services_are_as_documented() -> None:
    assert {service.name: (service.github_repository, service.ports) for service in SERVICES} == {
        "fastify-nova": ("backend-api-fastify-nova", (3000,)),
        "customer-panel": ("customer-panel-neptune", (5174,)),
        "orion-backend": ("internal-admin-panel-orion", (3022,)),
        "events-consumer": ("store-events-consumer", ()),
        "storefront": ("storefront-astro-titan", (80, 443, 4321, 8080)),
        "internal-tools": (None, (3000, 5540)),
    }


def test_ways_in_are_as_documented() -> None:
    https = {
        service.name: (service.ingress.load_balancer, service.ingress.port)
        for service in SERVICES
        if isinstance(service.ingress, HttpsIngress)
    }
    passthrough = {
        service.name: (service.ingress.load_balancer, service.ingress.ports)
        for service in SERVICES
        if isinstance(service.ingress, PassthroughIngress)
    }
    assert https == {
        "fastify-nova": ("alb-nova", 3000),
        "customer-panel": ("alb-customer", 5174),
        "orion-backend": ("alb-orion", 3022),
    }
    assert passthrough == {"storefront": ("nlb-storefront", (80, 443))}


def test_who_talks_to_which_store() -> None:
    assert {store: {service.name for service in SERVICES if store in service.stores} for store in Store} == {
        Store.AURORA: {"fastify-nova", "customer-panel", "orion-backend"},
        Store.REDIS: {"fastify-nova", "customer-panel", "events-consumer", "internal-tools"},
        Store.CLICKHOUSE: {"events-consumer", "orion-backend"},
    }


def test_repositories_are_as_documented() -> None:
    assert [
        container.repository for service in SERVICES for container in service.containers if container.repository
    ] == [
        "zelly/fastify-nova",
        "zelly/customer-panel",
        "zelly/orion-backend",
        "zelly/events-consumer",
        "zelly/astro-storefront",
        "zelly/caddy",
    ]
    assert list(catalog.REPOSITORIES) == [repository for service in SERVICES for repository in service.repositories]


def test_every_secret_variable_names_a_key_that_is_made() -> None:
    keys = {
        catalog.AURORA_SECRET: catalog.AURORA_KEYS,
        catalog.REDIS_SECRET: catalog.REDIS_KEYS,
        catalog.CLICKHOUSE_SECRET: catalog.CLICKHOUSE_KEYS,
        **catalog.APPLICATION_SECRETS,
    }
    for service in SERVICES:
        for container in service.containers:
            for variable in container.secrets:
                assert variable.key in keys[variable.secret], f"{service.name}: {variable}"


def test_no_secret_is_read_by_who_may_not_reach_its_store() -> None:
    stores = {
        catalog.AURORA_SECRET: Store.AURORA,
        catalog.REDIS_SECRET: Store.REDIS,
        catalog.CLICKHOUSE_SECRET: Store.CLICKHOUSE,
    }
    for service in SERVICES:
        read = {variable.secret for container in service.containers for variable in container.secrets}
        assert {stores[secret] for secret in read & stores.keys()} == set(service.stores), service.name


def test_caddy_waits_until_astro_is_healthy() -> None:
    storefront = next(service for service in SERVICES if service.name == "storefront")
    astro, caddy = storefront.containers
    assert caddy.starts_after == ("astro",)
    assert astro.health_check is not None
