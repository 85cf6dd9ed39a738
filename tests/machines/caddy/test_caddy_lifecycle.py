"""Caddy's life in its task: health check, reload, end, what it writes down, and what it does not start without."""

import json
import os
import signal
import ssl
import subprocess
import time
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import tenacity

from tests.machines.caddy import image
from tests.machines.caddy.conftest import MERCHANT, Edge
from tests.machines.caddy.proxy import TASK_VARIABLES, Answer, Caddy, plain
from tests.support.programs import require_program
from tests.zelly_infra.evaluations import STACKS

_TASK_USER = 1000

EVENTUALLY = tenacity.retry(stop=tenacity.stop_after_delay(30), wait=tenacity.wait_fixed(0.05), reraise=True)


@contextmanager
def slow_request(edge: Edge) -> Generator["Future[Answer]"]:
    """Have a request under way until the block ends."""
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(edge.caddy.request, MERCHANT, "/slow")
        assert edge.astro.asked_slowly.wait(20)
        try:
            yield answer
        finally:
            edge.astro.may_answer.set()


def test_health_check_of_the_task_tells_running_from_gone(edge: Edge) -> None:
    edge.caddy.data.mkdir()
    with edge.caddy.run():
        assert _is_healthy(edge.caddy)
    assert not _is_healthy(edge.caddy)


def test_health_check_of_the_task_notices_storage_that_it_cannot_write(edge: Edge) -> None:
    # Where every user may go, unlike the folders of tests: what fails is to be the last one alone.
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        data = Path(folder) / "data"
        data.mkdir(mode=0o700)
        caddy = replace(edge.caddy, data=data)
        with caddy.run():
            # Root may write everywhere, so that it is not who asks.
            user = _TASK_USER if os.geteuid() == 0 else None
            if user is not None:
                os.chown(data, user, user)
            assert _is_healthy(caddy, user=user)
            # As EFS leaves a directory that another user made before.
            if user is None:
                data.chmod(0o500)
            else:
                os.chown(data, user + 1, user + 1)
            assert plain(caddy.health_port, "/health").status == 200
            assert not _is_healthy(caddy, user=user)
            data.chmod(0o700)


def _is_healthy(caddy: Caddy, *, user: int | None = None) -> bool:
    """Run the task's health check, with BusyBox's programs as in the image."""
    (command,) = {tuple(image.task_container(stack)["healthCheck"]["command"]) for stack in STACKS}
    kind, script = command
    here = script.replace(":8080/", f":{caddy.health_port}/")
    assert (kind, here != script) == ("CMD-SHELL", True)
    busybox = require_program("busybox", package="busybox")
    with TemporaryDirectory() as programs:
        Path(programs).chmod(0o755)
        for name in ("sh", "touch", "wget"):
            (Path(programs) / name).symlink_to(busybox)
        environment = {"PATH": programs, "XDG_DATA_HOME": str(caddy.data)}
        ran = subprocess.run(
            [busybox, "sh", "-c", here], env=environment, user=user, check=False, capture_output=True, timeout=20
        )
    return ran.returncode == 0


def test_reload_takes_the_new_file_without_dropping_a_request(edge: Edge, tmp_path: Path) -> None:
    file = tmp_path / "Caddyfile"
    original = image.CADDYFILE.read_text(encoding="utf-8")
    changed = original.replace("max-age=2592000", "max-age=1")
    assert changed != original
    file.write_text(original, encoding="utf-8")
    edge = replace(edge, caddy=replace(edge.caddy, caddyfile=file))
    with edge.caddy.run() as process, slow_request(edge) as answer:
        file.write_text(changed, encoding="utf-8")
        process.send_signal(signal.SIGUSR1)
        assert _hsts_becomes(edge, "max-age=1")
        edge.astro.may_answer.set()
        assert answer.result(20).status == 200
    assert edge.authority.issued() == 1


def test_reload_of_a_broken_file_leaves_the_old_one_in_force(edge: Edge, tmp_path: Path) -> None:
    file = tmp_path / "Caddyfile"
    file.write_text(image.CADDYFILE.read_text(encoding="utf-8"), encoding="utf-8")
    caddy = replace(edge.caddy, caddyfile=file)
    with caddy.run() as process:
        file.write_text("https:// {\n\tbroken\n}\n", encoding="utf-8")
        process.send_signal(signal.SIGUSR1)
        _wait_for_message(edge, "failed to reload config from file")
        assert caddy.request(MERCHANT).status == 200


def test_sigterm_says_so_to_the_balancer_and_lets_requests_finish(edge: Edge) -> None:
    with edge.caddy.run() as process, slow_request(edge) as answer:
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _health_becomes(edge, 503)
        # Until the balancer has noticed, new connections still come.
        assert edge.caddy.request(MERCHANT).status == 200
        time.sleep(max(0.0, started + 5.5 - time.monotonic()))
        assert process.poll() is None
        edge.astro.may_answer.set()
        assert answer.result(5).status == 200
        assert process.wait(5) == 0


def test_request_that_never_finishes_does_not_keep_it_from_ending(edge: Edge, tmp_path: Path) -> None:
    # A tenth of the shipped times; that those end before ECS kills is seen in the configuration.
    caddyfile = image.CADDYFILE.read_text(encoding="utf-8")
    assert ("shutdown_delay 5s" in caddyfile, "grace_period 20s" in caddyfile) == (True, True)
    shorter = caddyfile.replace("shutdown_delay 5s", "shutdown_delay 500ms").replace("_period 20s", "_period 2s")
    (tmp_path / "Caddyfile").write_text(shorter, encoding="utf-8")
    edge = replace(edge, caddy=replace(edge.caddy, caddyfile=tmp_path / "Caddyfile"))
    with edge.caddy.run() as process, slow_request(edge) as answer:
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        assert 2.4 < time.monotonic() - started < 10
        with pytest.raises(OSError, match=r"closed|reset|EOF"):
            answer.result(5)


SECRETS = {
    "Cookie": "session=cookie-of-client",
    "Authorization": "Bearer token-of-client",
    "X-Api-Key": "key-of-client",
    "Referer": "https://shop.example.com/reset?token=in-referer",
}


def test_every_line_of_the_log_is_json_without_secrets(running_edge: Edge) -> None:
    caddy = running_edge.caddy
    caddy.request(MERCHANT, "/reset?token=in-query", headers=SECRETS)
    running_edge.astro.shutdown()
    running_edge.astro.server_close()
    caddy.request(MERCHANT, "/broken?token=in-query", headers=SECRETS)
    lines = _lines_with_accesses(running_edge, 2)
    text = json.dumps(lines)
    secrets = ("of-client", "from-astro", "in-query", "in-referer", "PRIVATE KEY")
    assert [secret for secret in secrets if secret in text] == []
    served, broken = (line for line in lines if _is_access(line))
    assert _summary(served) == (MERCHANT, "/reset?[...]", "127.0.0.1", 200, None)
    reason = f"dial tcp 127.0.0.1:{running_edge.astro.server_port}: connect: connection refused"
    assert _summary(broken) == (MERCHANT, "/broken?[...]", "127.0.0.1", 502, reason)


def test_log_says_for_whom_a_certificate_was_asked_and_why_nobody_answered(running_edge: Edge) -> None:
    caddy, ask = running_edge.caddy, running_edge.ask
    caddy.request(MERCHANT)
    for status in (404, 500):
        ask.status = status
        with pytest.raises(ssl.SSLError):
            caddy.connect("stranger.example.net")
    assert _asked(running_edge, 3) == [
        (MERCHANT, 200, None),
        ("stranger.example.net", 404, None),
        ("stranger.example.net", 503, "it answered 500"),
    ]


@pytest.mark.parametrize("missing", TASK_VARIABLES)
def test_caddy_does_not_start_without_what_the_task_definition_sets(edge: Edge, missing: str) -> None:
    environment = {name: value for name, value in edge.caddy.environment.items() if name != missing}
    caddy = replace(edge.caddy, environment=environment)
    ran = subprocess.run(caddy.command(), env=caddy.settings(), capture_output=True, text=True, timeout=10, check=False)
    assert ran.returncode == 1
    assert "wrong argument count or unexpected line ending after" in ran.stderr


@EVENTUALLY
def _health_becomes(edge: Edge, status: int) -> None:
    assert plain(edge.caddy.health_port, "/health").status == status


@EVENTUALLY
def _hsts_becomes(edge: Edge, value: str) -> bool:
    assert dict(edge.caddy.request(MERCHANT).headers)["Strict-Transport-Security"] == value
    return True


@EVENTUALLY
def _wait_for_message(edge: Edge, message: str) -> None:
    assert message in [line["msg"] for line in edge.caddy.log_lines()]


@EVENTUALLY
def _asked(edge: Edge, number: int) -> list[tuple[str, int, str | None]]:
    asked = [line for line in edge.caddy.log_lines() if "asked_for" in line]
    assert len(asked) == number
    return [(line["asked_for"], line["status"], line.get("error")) for line in asked]


def _is_access(line: dict[str, Any]) -> bool:
    """Tell a visitor's access from the authority's, which comes without TLS."""
    return line["msg"] == "handled request" and "tls" in line["request"]


def _summary(access: dict[str, Any]) -> tuple[str, str, str, int, str | None]:
    request = access["request"]
    return request["host"], request["uri"], request["client_ip"], access["status"], access.get("error")


@EVENTUALLY
def _lines_with_accesses(edge: Edge, number: int) -> list[dict[str, Any]]:
    lines = edge.caddy.log_lines()
    assert sum(map(_is_access, lines)) == number
    return lines
