"""``dev up | down | reset``: what docker is told, and what a developer is told when it fails."""

import json

import pytest

from tests.workbench.cli.dev.conftest import READY, Machine

UP = ["up", "--detach", "--wait", "--wait-timeout", "900"]
RUNNING = "mysql\trunning\tUp 2 minutes (healthy)"


def compose_calls(machine: Machine) -> list[list[str]]:
    """Return the arguments of compose's commands, without the asking for its version."""
    return [call[1:] for call in machine.docker.arguments if call[0] == "compose" and call[1] != "version"]


def test_first_start_makes_what_is_missing_and_says_where_things_are(machine: Machine) -> None:
    shown = machine.dev("up", "--dry-run")
    assert (shown.exit_code, compose_calls(machine)) == (0, [])
    assert "start mysql, redis, clickhouse, web, worker and proxy" in shown.stdout.splitlines()
    assert "migrate web before" in shown.stdout.splitlines()
    assert not (machine.folder / "certificates").exists()

    started = machine.dev("up", AWS_PROFILE="nobodys", COMPOSE_FILE="other.yaml", WEB_UPSTREAM="elsewhere:1")
    assert (started.exit_code, compose_calls(machine)) == (
        0,
        [["--profile", "apps", "--profile", "edge", *UP, "--force-recreate"]],
    )
    call = next(call for call in machine.docker.calls if "up" in call["arguments"])
    assert (call["folder"], call["variables"].keys() & {"COMPOSE_FILE", "WEB_UPSTREAM"}) == (str(machine.folder), set())
    assert [" ".join(line.split()) for line in started.stdout.splitlines()] == [
        "https://www.sample.localhost web",
        "https://SHOP.shops.sample.localhost web",
        "ClickHouse's tables, after the first start: zelly clickhouse init ../shop-worker/init --local",
    ]
    assert machine.secrets
    told = started.stdout + started.stderr + json.dumps(machine.docker.calls)
    assert [secret for secret in machine.secrets if secret in told] == []

    again = machine.dev("up", "--json", "--profile", "tools")
    assert compose_calls(machine)[-1] == ["--profile", "tools", *UP]
    assert json.loads(again.stdout)["urls"] == {"http://127.0.0.1:23010": "dashboard"}


def test_service_on_the_host_is_reached_there_and_told_how_to_run(machine: Machine) -> None:
    started = machine.dev("up", "--without", "web")
    assert started.exit_code == 0
    call = next(call for call in machine.docker.calls if "up" in call["arguments"])
    assert call["arguments"][-2:] == ["--scale", "web=0"]
    assert call["variables"]["WEB_UPSTREAM"] == "host.docker.internal:3000"
    assert started.stdout.splitlines()[2:9] == [
        "web is yours to start:",
        "  folder     ../shop-web/app",
        "  variables  local-dev/env/web.host.env (e.g. node --env-file)",
        f"  before     export NODE_EXTRA_CA_CERTS={machine.folder}/certificates/ca.pem",
        "  port       3000, on all addresses (0.0.0.0): containers reach it from outside",
        "  mysql      127.0.0.1:23306, with TLS",
        "  redis      127.0.0.1:26379, with TLS",
    ]
    there, inside = machine.values("web.host"), machine.values("web")
    assert there == {
        **inside,
        "DB_HOST": "127.0.0.1",
        "NODE_EXTRA_CA_CERTS": f"{machine.folder}/certificates/ca.pem",
    }
    assert (machine.folder / "env/web.host.env").stat().st_mode & 0o777 == 0o600
    # The next start has it in Docker again.
    machine.dev("up")
    call = [call for call in machine.docker.calls if "up" in call["arguments"]][-1]
    assert ("--scale" in call["arguments"], "WEB_UPSTREAM" in call["variables"]) == (False, False)


def test_named_services_are_started_with_what_they_wait_for_alone(machine: Machine) -> None:
    shown = machine.dev("up", "worker", "--dry-run")
    assert "start redis, clickhouse and worker" in shown.stdout.splitlines()
    machine.dev("up", "worker", "--build")
    every_profile = ["--profile", "apps", "--profile", "edge", "--profile", "tools"]
    assert compose_calls(machine) == [[*every_profile, *UP, "--build", "--force-recreate", "worker"]]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["wep"],
            "service: came wep; allowed: mysql, redis, clickhouse, web, worker, proxy, dashboard",
        ),
        (["--profile", "all"], "profile: came all; allowed: apps, edge, tools"),
        (["web", "--profile", "apps"], "service, profile: came both; allowed: one of them"),
        (["--without", "mysql"], "service: came mysql to run outside of Docker; allowed: web, worker"),
        (["web", "--without", "web"], "service: came web, which is to run outside of Docker, too"),
        (
            ["worker", "--without", "web"],
            "service: web to run outside of Docker: nobody starts it anyway; allowed: worker",
        ),
    ],
)
def test_mistyped_is_one_line(machine: Machine, arguments: list[str], line: str) -> None:
    refused = machine.dev("up", *arguments)
    assert (refused.exit_code, refused.stderr) == (2, f"{line}\n")


def test_what_is_missing_beside_the_checkout_is_named_before_anything_is_made(machine: Machine) -> None:
    web, worker = machine.root.parent / "shop-web", machine.root.parent / "shop-worker"
    worker.rmdir()
    (web / "app").rmdir()
    refused = machine.dev("up")
    assert (refused.exit_code, refused.stderr.splitlines()) == (
        2,
        [
            f"{web}: without the folder app, which web is built from; next: check out a branch that has it",
            f"{worker}: not there, and worker is built from it; next: zelly dev clone shop-worker",
        ],
    )
    assert not (machine.folder / "env/web.env").exists()


@pytest.mark.parametrize(
    ("says", "fails", "line"),
    [
        ({"version": "24.0.7"}, {}, "docker: the engine is 24.0.7; 25.0 or later is required; next: install Docker"),
        ({"compose_version": "v2.23.3"}, {}, "docker compose: it is v2.23.3; 2.24.1 or later is required; next: inst"),
        ({}, {"compose_version": 1}, "docker compose: there is none; next: install compose 2.24.1"),
        ({}, {"version": 1}, "docker: no engine answers (refused, and here is what you said:); next: start Docker"),
    ],
)
def test_docker_that_cannot_is_one_line(
    machine: Machine, says: dict[str, str], fails: dict[str, int], line: str
) -> None:
    machine.docker.says(**{**READY, **says})
    machine.docker.fails(**fails)
    refused = machine.dev("up")
    (told,) = refused.stderr.splitlines()
    assert (refused.exit_code, told[: len(line)]) == (2, line)


def test_without_docker_every_command_that_needs_it_says_so(machine: Machine) -> None:
    for words in (["up"], ["down"], ["reset"], ["logs"], ["shell", "web"], ["sql"]):
        refused = machine.dev(*words, PATH="/nowhere")
        assert (refused.exit_code, refused.stderr.partition(";")[0]) == (2, "docker: not on PATH")
    assert machine.dev("env", PATH="/nowhere").exit_code == 0


def test_start_that_fails_says_what_runs_and_where_to_look(machine: Machine) -> None:
    machine.docker.fails(compose_up=17)
    rows = [
        RUNNING,
        "redis\trunning\tUp 2 minutes (unhealthy)",
        "web-migrate\texited\tExited (1) 3 seconds ago",
        "web\tcreated\tCreated",
    ]
    machine.docker.says(**READY, ps="\n".join(rows))
    failed = machine.dev("up", "web")
    assert (failed.exit_code, failed.stdout) == (1, "")
    assert failed.stderr.splitlines()[-5:] == [
        "docker compose up ended with exit code 17",
        "  redis: running, unhealthy",
        "  web: created",
        "  web-migrate: exited, exit code 1",
        "What runs goes on running: mysql. next: zelly dev logs redis; then the same command again",
    ]


def test_down_keeps_data_and_reset_asks_before_it_deletes_it(machine: Machine) -> None:
    profiles = ["--profile", "apps", "--profile", "edge", "--profile", "tools"]
    machine.docker.says(**READY, ps=RUNNING, volume_ls="sample_mysql-data\nsample_redis-data")
    assert machine.dev("down").exit_code == 0
    assert compose_calls(machine) == [[*profiles, "down", "--remove-orphans"]]

    unasked = machine.dev("reset")
    assert (unasked.exit_code, unasked.stderr.splitlines()) == (
        2,
        [
            "stop and remove mysql",
            "delete the volume sample_mysql-data, with all data in it",
            "delete the volume sample_redis-data, with all data in it",
            "local-dev/env/ and local-dev/certificates/ stay, and so do images",
            "Delete all data of sample on this machine? Without a terminal nobody can say so; --yes is required",
        ],
    )
    dry = machine.dev("reset", "--dry-run", "--json")
    assert json.loads(dry.stdout)["plan"]["volumes"] == ["sample_mysql-data", "sample_redis-data"]
    assert len(compose_calls(machine)) == 1
    done = machine.dev("reset", "--yes")
    assert (done.exit_code, done.stdout) == (0, "sample is stopped, and 2 volumes deleted.\n")
    assert compose_calls(machine)[1:] == [[*profiles, "down", "--remove-orphans", "--volumes"]]

    machine.docker.fails(compose_down=1)
    failed = machine.dev("reset", "--yes")
    assert (failed.exit_code, failed.stderr.splitlines()[-1]) == (
        1,
        "docker compose down ended with exit code 1. Left: mysql and 2 volumes. To go on, run the same command again, "
        "or look: zelly dev doctor",
    )
