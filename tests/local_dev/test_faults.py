"""What goes wrong as the platform starts, or afterwards, and who is named for it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pytest

from tests.local_dev.model import HealthCheck, Service
from tests.local_dev.platform import Platform
from tests.local_dev.rules import State
from tests.local_dev.runner import Event

Services = dict[str, Service]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something that is not as it should be, and what comes of it."""

    change: Callable[[Platform], Services]
    starts_anew: str
    """The service that starts anew with it, as all do that wait for it."""
    goes_wrong: Mapping[str, str]
    """By service; everything else is healthy."""


def _that_never_comes(name: str) -> Callable[[Platform], Services]:
    def change(platform: Platform) -> Services:
        service = platform.services[name]
        assert service.health_check is not None
        # Its own check, but nobody waits as long as the file says.
        check: HealthCheck = replace(service.health_check, start_period=0.5, retries=1, interval=0.5)
        silent = replace(service, entrypoint=("sleep", "infinity"), command=(), init=True, health_check=check)
        return {**platform.services, name: silent}

    return change


def _with_environment(**files: Callable[[str], str]) -> Callable[[Platform], Services]:
    """Return the services after changes to their environment files."""

    def change(platform: Platform) -> Services:
        with platform.changed_environment({name.replace("_", "-"): each for name, each in files.items()}):
            return platform.resolved()

    return change


def _without(key: str) -> Callable[[str], str]:
    return lambda text: re.sub(rf"^{key}=.*\n", "", text, flags=re.MULTILINE)


def _with(key: str, value: str) -> Callable[[str], str]:
    return lambda text: re.sub(rf"^{key}=.*$", f"{key}={value}", text, flags=re.MULTILINE)


_REFUSED = "'zelly'@'fastify-nova-migrate'"
"""Who asked, from which container."""

FAULTS = {
    "store that never comes": Fault(
        change=_that_never_comes("clickhouse"),
        starts_anew="clickhouse",
        goes_wrong={
            "clickhouse": "unhealthy: Code: 210. DB::NetException: Connection refused (127.0.0.1:9000)",
            "orion-backend-migrate": "waits for clickhouse",
            "orion-backend": "waits for clickhouse",
            "events-consumer": "waits for clickhouse",
            "caddy": "waits for clickhouse",
        },
    ),
    "missing keys": Fault(
        change=_with_environment(
            customer_panel=_without("COOKIE_SECRET"),
            orion_backend=_without("CORS_ORIGINS"),
            redisinsight=_without("RI_REDIS_ALIAS"),
        ),
        starts_anew="customer-panel-migrate",
        goes_wrong={
            "customer-panel-migrate": "failed: not in the environment: COOKIE_SECRET",
            "orion-backend-migrate": "failed: not in the environment: CORS_ORIGINS",
            "redisinsight": "failed: not in the environment: RI_REDIS_ALIAS",
            "customer-panel": "waits for customer-panel-migrate",
            "fastify-nova": "waits for customer-panel-migrate",
            "orion-backend": "waits for orion-backend-migrate",
            "caddy": "waits for customer-panel-migrate",
        },
    ),
    "migration that fails": Fault(
        change=_with_environment(fastify_nova=_with("DB_PASSWORD", "wrong")),
        starts_anew="fastify-nova-migrate",
        goes_wrong={
            "fastify-nova-migrate": f"failed: Access denied for user {_REFUSED} (using password: YES)",
            "fastify-nova": "waits for fastify-nova-migrate",
            "orion-backend": "waits for fastify-nova-migrate",
            "caddy": "waits for fastify-nova-migrate",
        },
    ),
    "another password than the store's": Fault(
        change=_with_environment(redisinsight=_with("RI_REDIS_PASSWORD", "wrong")),
        starts_anew="redisinsight",
        goes_wrong={"redisinsight": "failed: WRONGPASS invalid username-password pair or user is disabled."},
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_named_and_stops_those_alone_that_wait(platform: Platform, name: str) -> None:
    fault = FAULTS[name]
    wrong = platform.change(fault.change(platform), anew=fault.starts_anew)
    assert wrong == fault.goes_wrong
    others = {state for service, state in platform.runner.states.items() if service not in wrong}
    assert others <= {State.HEALTHY, State.RUNNING, State.COMPLETED}


def test_crash_is_said_by_the_proxy_touches_nobody_else_and_is_mended(platform: Platform) -> None:
    seen = len(platform.runner.events)
    platform.container("customer-panel").kill()
    answer = platform.ask("https://account.zelly.localhost/")
    assert (answer.status, answer.body.startswith("502 from customer-panel:5174: ")) == (502, True)
    assert platform.ask("https://api.zelly.localhost/").status == 200

    assert platform.runner.up() == {}
    assert platform.runner.events[seen:] == [
        Event("customer-panel", State.FAILED),
        Event("customer-panel", State.STARTING),
        Event("customer-panel", State.HEALTHY),
    ]
    assert platform.ask("https://account.zelly.localhost/").status == 200


def test_everything_ends_when_it_is_told_and_finds_its_data_at_the_next_start(platform: Platform) -> None:
    assert _in_redis(platform, "set kept yes") == "OK\n"

    assert platform.runner.stop() == []
    assert {name: container.ended() for name, container in platform.host.containers.items() if container.ended()} == {}
    assert platform.runner.up() == {}

    assert _in_redis(platform, "get kept") == "yes\n"
    assert _in_mysql(platform, "SELECT name FROM backoffice.migrations") == "first\n"


def _in_redis(platform: Platform, command: str) -> str:
    client = 'REDISCLI_AUTH="$REDIS_PASSWORD" redis-cli --tls --cacert /certificates/ca.pem -h localhost'
    return platform.container("redis").run("sh", "-c", f"{client} {command}").stdout


def _in_mysql(platform: Platform, statement: str) -> str:
    client = 'MYSQL_PWD="$MYSQL_PASSWORD" mysql --protocol=tcp --host=127.0.0.1 --user="$MYSQL_USER" -N'
    return platform.container("mysql").run("sh", "-c", f"{client} -e '{statement}'").stdout
