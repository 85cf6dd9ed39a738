"""Who is let in by a Redis server with the stacks' settings."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.machines.redis.server import Redis
from tests.zelly_infra.evaluations import STACKS


@pytest.fixture(scope="module", params=STACKS)
def redis(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    folder: Path = tmp_path_factory.mktemp(request.param)
    redis = Redis(stack=request.param, folder=folder)
    with redis.run():
        yield redis


def test_both_stacks_have_the_same_settings(tmp_path: Path) -> None:
    production, staging = (Redis(stack=stack, folder=tmp_path, port=6379, token="").settings() for stack in STACKS)
    assert production == staging


def test_client_with_tls_and_the_token_is_let_in(redis: Redis) -> None:
    assert redis.ask("ping") == "PONG"


def test_client_without_tls_is_not(redis: Redis) -> None:
    answer = redis.ask_as(redis.token, "ping", tls=False)
    assert ("PONG" in answer, "Connection" in answer) == (False, True)


def test_client_without_the_token_or_with_another_is_not(redis: Redis) -> None:
    assert redis.ask_as(None, "ping", tls=True) == "NOAUTH Authentication required."
    assert redis.ask_as("0" * 64, "ping", tls=True).split("\n") == [
        "NOAUTH Authentication required.",
        "",
        "AUTH failed: WRONGPASS invalid username-password pair or user is disabled.",
    ]


@pytest.mark.parametrize(("parameter", "value"), [("maxmemory-policy", "noeviction"), ("appendonly", "no")])
def test_parameters_of_the_stack_are_in_force(redis: Redis, parameter: str, value: str) -> None:
    assert redis.ask("config", "get", parameter).splitlines() == [parameter, value]
