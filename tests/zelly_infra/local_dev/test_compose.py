"""The compose file: who waits for whom, which ports and images, in every profile."""

from graphlib import TopologicalSorter
from typing import Any

import pytest

from tests.zelly_infra.evaluations import config_of
from tests.zelly_infra.local_dev.resolved import PROFILES, platform, services
from zelly_infra.catalog import SERVICES, Store
from zelly_infra.local_dev.platform import STACK
from zelly_infra.surroundings import SCHEMAS

STORES = {Store.AURORA: "mysql", Store.REDIS: "redis", Store.CLICKHOUSE: "clickhouse"}
MAILBOX = "mailpit"


def waits_for(service: Any, condition: str) -> set[str]:
    depends_on: Any = service.get("depends_on", {})
    assert all(each["required"] for each in depends_on.values())
    return {name for name, each in depends_on.items() if each["condition"] == condition}


@pytest.mark.parametrize("profiles", PROFILES)
def test_every_choice_of_profiles_is_whole(profiles: str) -> None:
    # Compose refuses a service that waits for one that is not chosen.
    chosen = set(profiles.split(",")) - {""}
    named = {each.name for each in platform().applications if each.profile in chosen}
    loaded = services(profiles).keys()
    assert {*STORES.values(), MAILBOX} | named <= loaded
    if not chosen:
        assert loaded == {*STORES.values(), MAILBOX}


def test_whatever_is_waited_for_has_a_health_check_or_ends() -> None:
    for name, service in services().items():
        for other in waits_for(service, "service_healthy"):
            check = services()[other]["healthcheck"]
            assert check["test"][0] in {"CMD", "CMD-SHELL"}, (name, other)
            assert check["start_interval"] == "1s"
        for other in waits_for(service, "service_completed_successfully"):
            # One that starts again never ends.
            assert services()[other]["restart"] == "no", (name, other)
        assert waits_for(service, "service_started") == set()


def test_nobody_waits_in_a_circle() -> None:
    order = TopologicalSorter({name: service.get("depends_on", {}) for name, service in services().items()})
    assert len(list(order.static_order())) == len(services())


def test_a_service_waits_for_exactly_its_stores_and_the_migrations_of_its_schemas() -> None:
    owners = {schema.name: schema.used_by[0] for schema in SCHEMAS}
    for entry in SERVICES:
        schemas = [schema.name for schema in SCHEMAS if entry.name in schema.used_by]
        for container in entry.containers:
            service = services()[container.name]
            healthy = waits_for(service, "service_healthy")
            assert healthy & {*STORES.values(), MAILBOX} == {STORES[store] for store in entry.stores}
            migrations = {f"{owners[schema]}-migrate" for schema in schemas}
            assert waits_for(service, "service_completed_successfully") == migrations


def test_migrations_wait_for_stores_alone_and_the_proxy_for_everybody_whom_it_sends_requests_to() -> None:
    for owner in {schema.used_by[0] for schema in SCHEMAS}:
        assert set(services()[f"{owner}-migrate"]["depends_on"]) <= set(STORES.values())
    assert set(services()["caddy"]["depends_on"]) == {"fastify-nova", "customer-panel", "orion-backend", "astro"}


def test_services_are_checked_by_the_catalogs_own_commands() -> None:
    for entry in SERVICES:
        for container in entry.containers:
            check = services()[container.name].get("healthcheck")
            if container.health_check is not None:
                assert tuple(check["test"]) == container.health_check
            else:
                # Nobody can ask a worker; the image of the others has Node.
                assert (check is None) == (container.ports == ())


def test_no_port_is_published_twice_or_to_the_network() -> None:
    published = [port for service in services().values() for port in service.get("ports", [])]
    assert {port["host_ip"] for port in published} == {"127.0.0.1"}
    numbers = [int(port["published"]) for port in published]
    assert len(numbers) == len(set(numbers))
    # Another number than the container's own only where two have the same.
    moved = {int(port["published"]): port["target"] for port in published if int(port["published"]) != port["target"]}
    assert moved == {3001: 3000}


def test_a_service_publishes_every_port_that_it_has_in_aws_but_the_proxys_health() -> None:
    for entry in SERVICES:
        for container in entry.containers:
            targets = {port["target"] for port in services()[container.name].get("ports", [])}
            assert set(container.ports) - targets == ({8080} if container.name == "caddy" else set())


def test_images_are_pinned_and_the_stacks_own_where_it_has_them() -> None:
    config = config_of(STACK)
    images = {name: service["image"] for name, service in services().items() if "build" not in service}
    assert all(image.startswith("docker.io/") for image in images.values())
    assert all(image.rpartition(":")[2].count(".") >= 2 for image in images.values())
    assert images["clickhouse"] == config.clickhouse.image
    for name, image in config.services["internal-tools"].images.items():
        assert images[name] == image
    # Aurora's own release says which of MySQL it is compatible with (its release notes).
    assert (config.aurora.engine_version, images["mysql"]) == (
        "8.0.mysql_aurora.3.10.5",
        "docker.io/library/mysql:8.0.42",
    )


def test_built_images_are_those_of_the_repositories_beside_this_one() -> None:
    contexts = {name: service["build"]["context"] for name, service in services().items() if "build" in service}
    beside = {name: context.rpartition("/local-dev/")[2] or context for name, context in contexts.items()}
    assert beside["orion-backend"].endswith("/internal-admin-panel-orion/backend")
    for entry in SERVICES:
        for container in entry.containers:
            if container.repository is not None and container.name != "caddy":
                wanted = f"/{entry.github_repository}" + (f"/{entry.build_folder}" if entry.build_folder else "")
                assert beside[container.name].endswith(wanted)
    assert beside["caddy"].endswith("/images/caddy")
    # A migration and its service are one image.
    assert services()["fastify-nova-migrate"]["image"] == services()["fastify-nova"]["image"]


def test_limits_are_those_of_the_tasks() -> None:
    config = config_of(STACK)
    for entry in SERVICES:
        for container in entry.containers:
            limit = int(services()[container.name]["mem_limit"]) // 2**20
            assert limit == (256 if container.name == "caddy" else config.services[entry.name].memory_mib)
            assert services()[container.name]["stop_grace_period"] in {
                f"{container.stop_timeout_seconds}s",
                f"{container.stop_timeout_seconds // 60}m0s",
            }


def test_a_file_that_is_missing_is_refused_and_never_made_a_folder() -> None:
    mounts = [
        mount for service in services().values() for mount in service.get("volumes", []) if mount["type"] == "bind"
    ]
    assert mounts
    assert all(mount["read_only"] and not mount["bind"]["create_host_path"] for mount in mounts)
