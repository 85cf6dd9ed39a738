"""The image of Caddy: how it is built, and that it, its Caddyfile and the task definition fit together."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.machines.caddy import image
from tests.machines.caddy.authority import TARGET
from tests.machines.caddy.proxy import TASK_VARIABLES
from tests.support.programs import require_built
from tests.zelly_infra.evaluations import STACKS


def test_dockerfile_has_no_mistakes_that_the_linter_knows() -> None:
    hadolint = Path(sys.executable).parent / "hadolint"
    ran = subprocess.run([hadolint, image.CONTEXT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "")


def test_dockerfile_does_this() -> None:
    assert image.instructions() == [
        ("FROM", f"docker.io/library/caddy:{image.pinned_version()}-alpine"),
        ("RUN", "setcap -r /usr/bin/caddy && chown -R 1000:1000 /data"),
        ("COPY", "Caddyfile /etc/caddy/Caddyfile"),
        ("ENV", "XDG_DATA_HOME=/data"),
        ("USER", "1000:1000"),
        ("EXPOSE", "80 443 8080"),
        ("CMD", '["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]'),
    ]


def test_image_holds_nothing_but_these_files() -> None:
    assert sorted(path.name for path in image.CONTEXT.iterdir()) == ["Caddyfile", "Dockerfile"]


@pytest.mark.parametrize("stack", STACKS)
def test_task_runs_the_image_as_it_is_made(stack: str) -> None:
    container, made = image.task_container(stack), dict(image.instructions())
    assert container["user"] == made["USER"]
    assert [mapping["containerPort"] for mapping in container["portMappings"]] == [
        int(port) for port in made["EXPOSE"].split()
    ]
    assert [mount["containerPath"] for mount in container["mountPoints"]] == [
        made["ENV"].removeprefix("XDG_DATA_HOME=")
    ]
    assert "command" not in container


@pytest.mark.parametrize("stack", STACKS)
def test_caddyfile_reads_what_the_task_sets_and_has_defaults_for_the_rest(stack: str) -> None:
    found = image.variables()
    assert {name for name, defaults in found.items() if defaults == {None}} == set(TASK_VARIABLES)
    assert {variable["name"] for variable in image.task_container(stack)["environment"]} == set(TASK_VARIABLES)
    assert {name: defaults for name, defaults in found.items() if name not in TASK_VARIABLES} == {
        "ACME_CA": {"https://acme-v02.api.letsencrypt.org/directory"},
        "XDG_DATA_HOME": {"/data"},
        "HTTP_PORT": {"80"},
        "HTTPS_PORT": {"443"},
        "ASK_PORT": {"8081"},
        "HEALTH_PORT": {"8080"},
    }


def test_built_version_is_the_pinned_one() -> None:
    caddy = require_built("caddy", target=TARGET)
    ran = subprocess.run([caddy, "version"], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == f"v{image.pinned_version()}"


def test_caddyfile_is_formatted() -> None:
    caddy = require_built("caddy", target=TARGET)
    ran = subprocess.run([caddy, "fmt", image.CADDYFILE], capture_output=True, text=True, check=True)
    assert ran.stdout == image.CADDYFILE.read_text(encoding="utf-8")


def production() -> dict[str, Any]:
    """Return the configuration that comes of the Caddyfile and of what a task definition sets."""
    caddy = require_built("caddy", target=TARGET)
    environment = {
        variable["name"]: variable["value"] for variable in image.task_container("production")["environment"]
    }
    environment["ON_DEMAND_TLS_ASK_URL"] = "https://api.example.com/ask"
    command = [caddy, "adapt", "--config", image.CADDYFILE]
    configuration: dict[str, Any] = json.loads(subprocess.check_output(command, env=environment))
    return configuration


def seconds(nanoseconds: int) -> float:
    return timedelta(microseconds=nanoseconds / 1000).total_seconds()


def test_every_server_has_these_limits() -> None:
    servers = production()["apps"]["http"]["servers"].values()
    times = ("read_timeout", "read_header_timeout", "write_timeout", "idle_timeout")
    assert sorted(server["listen"] for server in servers) == [["127.0.0.1:8081"], [":443"], [":8080"]]
    assert {tuple(seconds(server[name]) for name in times) for server in servers} == {(30, 10, 60, 120)}
    assert {server["max_header_bytes"] for server in servers} == {16_000}


@pytest.mark.parametrize("stack", STACKS)
def test_caddy_has_ended_before_ecs_kills_it(stack: str) -> None:
    http = production()["apps"]["http"]
    delays = (seconds(http["shutdown_delay"]), seconds(http["grace_period"]))
    assert delays == (5, 20)
    assert sum(delays) < image.task_container(stack)["stopTimeout"]


def test_production_orders_from_lets_encrypt_alone_and_never_unasked() -> None:
    configuration = production()
    assert configuration["apps"]["tls"]["automation"] == {
        "policies": [
            {
                "issuers": [
                    {
                        "ca": "https://acme-v02.api.letsencrypt.org/directory",
                        "challenges": {"http": {"alternate_port": 80}, "tls-alpn": {"alternate_port": 443}},
                        "email": "platform@zelly.in",
                        "module": "acme",
                    }
                ],
                "on_demand": True,
            }
        ],
        "on_demand": {"permission": {"endpoint": "http://127.0.0.1:8081", "module": "http"}},
    }
    assert configuration["storage"] == {"module": "file_system", "root": "/data/caddy"}
    assert configuration["admin"] == {"config": {"persist": False}, "disabled": True}
