"""Everything starts, in order, and each part reaches what it was given."""

import re
import time

import pytest

from tests.local_dev.conftest import FirstStart
from tests.local_dev.model import Condition
from tests.local_dev.platform import EVENTS, MIGRATION, Answer, Platform
from tests.local_dev.rules import State
from tests.local_dev.runner import Event
from tests.zelly_infra.stack_files import environment_of
from zelly_infra.catalog import SERVICES, HttpsIngress, Store
from zelly_infra.surroundings import SCHEMAS

STORES = {Store.AURORA: "mysql", Store.REDIS: "redis", Store.CLICKHOUSE: "clickhouse"}
"""What stands here for a store of AWS's."""

STORES_OF = {container.name: service.stores for service in SERVICES for container in service.containers}
MIGRATIONS = {schema.name: f"{schema.used_by[0]}{MIGRATION}" for schema in SCHEMAS}
"""The container that makes each schema's tables."""

HOST_NAMES = {
    environment_of("staging")["services"][service.name]["hostname"].partition(".")[0]: service.name
    for service in SERVICES
    if isinstance(service.ingress, HttpsIngress)
}
"""The first label of each, as in AWS."""

BEFORE_CADDY = {*HOST_NAMES.values(), "astro"}
"""Those that it passes requests on to."""

MYSQL_CALLERS = {
    *(name for name, stores in STORES_OF.items() if Store.AURORA in stores),
    *MIGRATIONS.values(),
    "caddy",
}


def expected_before(name: str) -> set[Event]:
    """Return what has to have happened before a container starts, from the catalog alone."""
    own = name.removesuffix(MIGRATION)
    before = {Event(STORES[store], State.HEALTHY) for store in STORES_OF[own]}
    if name == own:
        before |= {Event(MIGRATIONS[schema.name], State.COMPLETED) for schema in SCHEMAS if own in schema.used_by}
    if name == "caddy":
        before |= {Event(each, State.HEALTHY) for each in BEFORE_CADDY}
    return before


def test_everything_becomes_healthy(first_start: FirstStart) -> None:
    assert first_start.went_wrong == {}
    ends = {event.service: event.state for event in first_start.events}
    assert ends == {
        **dict.fromkeys([*STORES.values(), "mailpit", *STORES_OF], State.HEALTHY),
        **dict.fromkeys(MIGRATIONS.values(), State.COMPLETED),
        # Nothing can be asked of it: it has no port.
        "events-consumer": State.RUNNING,
    }


def test_each_starts_after_its_stores_and_migrations_and_waits_for_nothing_else(first_start: FirstStart) -> None:
    conditions = {Condition.HEALTHY: State.HEALTHY, Condition.COMPLETED: State.COMPLETED}
    for name in [*STORES_OF, *MIGRATIONS.values()]:
        waits_for = first_start.platform.services[name].waits_for.items()
        assert {Event(other, conditions[condition]) for other, condition in waits_for} == expected_before(name), name
        began = first_start.events.index(next(event for event in first_start.events if event.service == name))
        assert expected_before(name) <= set(first_start.events[:began]), name


def test_store_that_comes_late_delays_its_callers_and_nobody_else(first_start: FirstStart) -> None:
    waiting = {name for name, state in first_start.while_mysql_was_missing.items() if state is State.WAITING}
    assert waiting == {"mysql", *MYSQL_CALLERS}
    others = {state for name, state in first_start.while_mysql_was_missing.items() if name not in waiting}
    assert others == {State.HEALTHY, State.RUNNING}


def test_each_host_name_leads_to_its_service_with_a_certificate_that_the_machine_trusts(platform: Platform) -> None:
    answers = {name: platform.ask(f"https://{name}.zelly.localhost/x?token=secret") for name in HOST_NAMES}
    assert answers == {name: Answer(status=200, body=service, complaint="") for name, service in HOST_NAMES.items()}
    assert "token=secret" not in platform.container("caddy").log()


def test_event_goes_through_the_queue_into_clickhouse(platform: Platform) -> None:
    table = f"CREATE TABLE IF NOT EXISTS {EVENTS} (event String) ENGINE = Memory"
    assert platform.container("clickhouse").run("clickhouse-client", "--query", table).returncode == 0
    sent = platform.ask("https://api.zelly.localhost/events", body="it's bought")
    assert sent.status == 200, sent
    deadline = time.monotonic() + 10
    while (seen := platform.ask("https://orion-api.zelly.localhost/events")).body != "1\n":
        assert time.monotonic() < deadline, seen
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("store", "command", "refusal"),
    [
        ("redis", "redis-cli -h localhost ping", "Error: Connection reset by peer"),
        ("redis", "redis-cli --tls --cacert /certificates/ca.pem -h localhost ping", "NOAUTH Authentication required."),
        ("redis", 'REDISCLI_AUTH="$REDIS_PASSWORD" redis-cli --tls -h localhost ping', "certificate verify failed"),
        (
            "mysql",
            'MYSQL_PWD="$MYSQL_PASSWORD" mysql --host=127.0.0.1 --user="$MYSQL_USER" --ssl-mode=DISABLED',
            # MariaDB's way to say so, with the right password; MySQL names require_secure_transport.
            "ERROR 1045 (28000): Access denied for user 'zelly'@'localhost' (using password: YES)",
        ),
        ("clickhouse", "CLICKHOUSE_PASSWORD=no clickhouse-client --query 'SELECT 1'", "Wrong password"),
    ],
)
def test_store_refuses_who_comes_without_tls_or_password(
    platform: Platform, store: str, command: str, refusal: str
) -> None:
    ran = platform.container(store).run("sh", "-c", command)
    assert refusal in ran.stdout + ran.stderr


def test_each_listens_where_its_ports_lead_and_stores_with_tls_nowhere_else(platform: Platform) -> None:
    listening = {
        name: {
            int(port)
            # Every address but its own loopback.
            for port in re.findall(r"(?:0\.0\.0\.0|\*|\[::\]):(\d+)\s", container.run("ss", "-Htln").stdout)
        }
        for name, container in platform.host.containers.items()
        if container.ended() is None
    }
    published = {name: {port.target for port in service.ports} for name, service in platform.services.items()}
    assert {name: ports - listening.get(name, set()) for name, ports in published.items() if ports} == {
        name: set[int]() for name, ports in published.items() if ports
    }
    with_tls = ("mysql", "redis")
    assert {name: listening[name] for name in with_tls} == {name: published[name] for name in with_tls}


def test_no_password_is_in_a_list_of_processes_or_in_a_log(platform: Platform) -> None:
    passwords = {
        value
        for service in platform.services.values()
        for name, value in service.environment.items()
        if value and name.endswith(("PASSWORD", "SECRET"))
    }
    assert len(passwords) > 5
    commands = platform.commands()
    assert any("redis-server" in command for command in commands)
    logs = [container.log() for container in platform.host.containers.values()]
    assert [text for text in (*commands, *logs) if any(password in text for password in passwords)] == []
