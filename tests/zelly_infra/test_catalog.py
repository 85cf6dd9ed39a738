"""What the entries of the catalog have in common."""

from zelly_infra import catalog
from zelly_infra.catalog import SERVICES, Store


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


def test_caddy_is_unhealthy_where_it_cannot_keep_a_certificate() -> None:
    # It starts and answers all the same where nobody may write to the volume.
    (caddy,) = [container for service in SERVICES for container in service.containers if container.data_path]
    assert caddy.health_check is not None
    assert caddy.health_check[-1].startswith('touch "${XDG_DATA_HOME:-/data}/.writable" && wget ')
