"""``dev doctor``: each finding with the next command."""

import json
import socket
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from sample_infra.local_platform import MYSQL_PORT, local_platform
from tests.support.programs import require_program
from tests.workbench.cli.dev.conftest import READY, Machine
from workbench.operations.local_dev import ports
from workbench.operations.local_dev.chosen import choose
from workbench.operations.local_dev.repositories import siblings
from workbench.operations.local_dev.starting import moved_ports, taken_ports


def findings(machine: Machine) -> dict[str, tuple[str, str | None]]:
    """Return what is not well: verdict and next step, by name and what was seen."""
    shown = machine.dev("doctor", "--json")
    found = json.loads(shown.stdout)["findings"]
    assert shown.exit_code == int(any(each["verdict"] == "to do" for each in found))
    return {
        f"{each['name']}: {each['seen']}": (each["verdict"], each["next"])
        for each in found
        if each["verdict"] != "well"
    }


def test_fresh_clone_is_told_everything_and_a_finished_one_nothing(machine: Machine) -> None:
    worker, web = machine.root.parent / "shop-worker", machine.root.parent / "shop-web"
    worker.rmdir()
    (machine.folder / "Caddyfile").write_text("mine")
    assert findings(machine) == {
        "files: not as they are written: local-dev/Caddyfile": ("to do", "zelly dev write"),
        f"repository shop-web: {web} is no Git repository": (
            "to do",
            "move it away, then zelly dev clone shop-web",
        ),
        "repository shop-worker: not there": ("to do", "zelly dev clone shop-worker"),
        "repository shop-pages: not there; no container is built from it": ("note", "zelly dev clone shop-pages"),
        "variables: 7 files in local-dev/env/ not there: mysql, redis, clickhouse, web, worker, proxy and dashboard": (
            "to do",
            "zelly dev env",
        ),
        **{
            f"certificates: local-dev/certificates/{name}.pem: missing": ("to do", "zelly dev certificates")
            for name in ("ca", "mysql", "redis")
        },
    }
    git = require_program("git", package="git")
    for path in (worker, web):
        subprocess.run([git, "init", "--quiet", "-b", "main", path], check=True)
    (web / "app").rmdir()
    seen = "repository shop-web: on main, without the folder app"
    assert findings(machine)[seen] == ("to do", "check out a branch that has it")
    (web / "app").mkdir()
    for words in (["write"], ["env"], ["certificates"]):
        assert machine.dev(*words).exit_code == 0
    assert {name: verdict for name, (verdict, _) in findings(machine).items()} == {
        "repository shop-pages: not there; no container is built from it": "note",
        "variables: local-dev/env/web.env: MAIL_URL empty": "note",
        "root certificate: local-dev/certificates/ca.pem: not trusted by this machine": "note",
    }


def test_what_is_wrong_with_docker_and_variables(machine: Machine) -> None:
    machine.dev("env")
    machine.docker.says(**{**READY, "version": "24.0.9", "info": str(2**30)})
    path = machine.folder / "env/web.env"
    lines = [line for line in path.read_text().splitlines() if not line.startswith("DB_HOST")]
    path.write_text("\n".join([*lines, "OLD=1", ""]))
    proxy = machine.folder / "env/proxy.env"
    proxy.write_text(proxy.read_text().replace("UPSTREAM=", "UPSTREAM=elsewhere"))
    path.chmod(0o640)
    (machine.folder / "env/gone.env").write_text("")
    found = findings(machine)
    install = "install Docker 25.0 or later with compose 2.24.1 or later"
    assert found["docker: the engine is 24.0.9; 25.0 or later is required"] == ("to do", install)
    seen = "memory: 1.0 GiB for containers, which may take 3.1 GiB at most, and about half of it"
    assert found[seen][0] == "to do"
    assert found["variables: local-dev/env/web.env lacks DB_HOST"] == ("to do", "zelly dev env")
    assert found["variables: local-dev/env/web.env may be read by others"] == ("to do", "zelly dev env")
    assert found["variables: local-dev/env/web.env: OLD not used any more"] == ("note", "delete the lines")
    assert found["variables: local-dev/env/proxy.env: UPSTREAM not as in the example"][0] == "note"
    assert found["variables: local-dev/env/gone.env: no container reads it"][0] == "note"
    path.write_text("hidden\n")
    assert [name for name in findings(machine) if name.startswith("variables: local-dev/env/web.env:1: no variable")]
    shown = machine.dev("doctor", PATH="/nowhere")
    assert (shown.exit_code, "to do  docker: not on PATH; next: install Docker" in shown.stdout) == (1, True)
    assert "hidden" not in shown.stdout


def test_port_that_is_taken_is_told_with_its_holder(machine: Machine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1]
        platform = local_platform(machine.root)
        store = platform.stores[0]
        moved = replace(store, ports=(replace(store.ports[0], published=number),))
        chosen = choose(replace(platform, stores=(moved,)), ["mysql"], [], [])
        (taken,) = taken_ports(chosen, (), None)
        assert (taken.port, taken.wanted_by) == (number, "mysql")
        assert "(process " in taken.holder
        assert ports.holder(number, lambda _port: ("other-db-1",)) == "the container other-db-1"
        assert taken_ports(chosen, {"mysql"}, None) == ()
    assert taken_ports(chosen, (), None) == ()


def test_taken_port_stops_a_start_unless_the_developer_publishes_another(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_taken(port: int) -> bool:
        return port == MYSQL_PORT

    monkeypatch.setattr("workbench.operations.local_dev.starting.is_taken", is_taken)
    machine.docker.says(**READY, ps_publish="other-db-1")
    refused = machine.dev("up")
    line = (
        "port 23306 for mysql: taken by the container other-db-1; next: stop it, or publish another port in "
        "local-dev/compose.override.yaml"
    )
    assert (refused.exit_code, refused.stderr) == (2, f"{line}\n")
    assert not (machine.folder / "certificates").exists()
    assert [name for name in findings(machine) if name.startswith("ports: 23306 for mysql")]
    override = machine.folder / "compose.override.yaml"
    override.write_text('services:\n  mysql:\n    ports: !override ["127.0.0.1:3307:3306"]\n')
    assert machine.dev("up", "--dry-run").exit_code == 0
    override.write_text("services: [\n")
    refused = machine.dev("up", "--dry-run")
    assert (refused.exit_code, refused.stderr.startswith(f"{override}: "), refused.stderr.count("\n")) == (2, True, 1)
    override.write_text("")
    assert moved_ports(machine.root) == frozenset()


def test_repository_that_only_lies_in_another_ones_folder_is_none(machine: Machine) -> None:
    git = require_program("git", package="git")
    subprocess.run([git, "init", "--quiet", machine.root.parent], check=True)
    found = {each.path.name: each.words for each in siblings(local_platform(machine.root), machine.root)}
    assert found == {"shop-web": "no Git repository", "shop-worker": "no Git repository", "shop-pages": "not there"}


def test_holder_is_unknown_where_nobody_tells(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(ports, "_PROC", tmp_path / "no")
    monkeypatch.setenv("PATH", "/nowhere")
    assert ports.holder(1, lambda _port: ()) == "a process that only its own user and root see"
