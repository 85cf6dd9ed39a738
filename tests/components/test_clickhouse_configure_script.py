import hashlib
import json
import subprocess
from pathlib import Path

import pytest

from tests.support.host_scripts import FakeHost
from tests.support.programs import require_program

PASSWORD = "correct-horse"
CREDENTIALS = json.dumps({"CLICKHOUSE_USER": "shop", "CLICKHOUSE_PASSWORD": PASSWORD})
FILES = {
    "container.env": "CLICKHOUSE_IMAGE=clickhouse:1\n",
    "config.d/server.xml": "<clickhouse/>\n",
    "users.d/users.xml": "<clickhouse/>\n",
}


class Server:
    """A ClickHouse host: what it fetches, its directory, and the Docker and systemd that it drives."""

    def __init__(self, host: FakeHost) -> None:
        require_program("jq", package="jq")
        self.host = host
        self.directory = host.directory / "clickhouse-host"
        self.credentials = CREDENTIALS
        self.files: str = json.dumps(FILES)
        running = f"{host.directory}/running"
        host.fake("chown")
        host.fake("curl", f'[ -e "{running}" ]')
        host.fake("docker", f'[ "$1" = pull ] || [ -e "{host.directory}/pulled" ]')
        host.fake("systemctl", f'case $1 in restart) touch "{running}" ;; is-active) [ -e "{running}" ] ;; esac')

    def configure(self) -> subprocess.CompletedProcess[str]:
        (self.host.directory / "ssm").write_text(self.files, encoding="utf-8")
        (self.host.directory / "secretsmanager").write_text(self.credentials, encoding="utf-8")
        self.host.fake("aws", f'cat "{self.host.directory}/$1"')
        return self.host.run(
            "clickhouse/clickhouse-configure.sh",
            self.directory,
            environment={"CONFIG_PARAMETER": "/shop/config", "CREDENTIALS_SECRET": "shop/credentials"},
        )

    def content(self) -> dict[str, str]:
        current = self.directory / "current"
        return {
            str(path.relative_to(current)): path.read_text(encoding="utf-8")
            for path in sorted(current.rglob("*"))
            if path.is_file()
        }

    def actions(self) -> list[str]:
        """Return, and forget, what was done to images and services."""
        return [call for call in self.host.calls() if call.split()[0] in {"docker", "systemctl"}]


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(FakeHost(tmp_path))


def test_first_run_installs_everything_and_starts_the_server(server: Server) -> None:
    assert server.configure().returncode == 0
    assert server.actions() == [
        "docker image inspect clickhouse:1",
        "docker pull --quiet clickhouse:1",
        "systemctl is-active --quiet clickhouse.service",
        "systemctl restart clickhouse.service",
        "systemctl enable --quiet clickhouse.service",
    ]
    hashed = hashlib.sha256(PASSWORD.encode()).hexdigest()
    credentials = (
        "<clickhouse>\n    <!-- In place of every user that the image brings. -->\n"
        '    <users replace="1">\n        <shop>\n'
        f"            <password_sha256_hex>{hashed}</password_sha256_hex>\n"
        "            <networks><ip>::/0</ip></networks>\n"
        "            <profile>default</profile>\n            <quota>default</quota>\n"
        "        </shop>\n    </users>\n</clickhouse>\n"
    )
    assert server.content() == {**FILES, "users.d/credentials.xml": credentials}
    assert (server.directory / "current/users.d/credentials.xml").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in server.directory.iterdir()] == ["current"]


def test_password_is_neither_printed_nor_an_argument_nor_kept(server: Server) -> None:
    ran = server.configure()
    kept = "".join(server.content().values())
    assert PASSWORD not in ran.stdout + ran.stderr + "".join(server.host.calls()) + kept


def test_unchanged_configuration_leaves_the_server_alone(server: Server) -> None:
    server.configure()
    (server.host.directory / "pulled").touch()
    server.actions()
    assert server.configure().returncode == 0
    assert server.actions() == [
        "docker image inspect clickhouse:1",
        "systemctl is-active --quiet clickhouse.service",
        "systemctl enable --quiet clickhouse.service",
    ]


def test_new_image_is_pulled_before_the_restart(server: Server) -> None:
    server.configure()
    server.actions()
    server.files = json.dumps({**FILES, "container.env": "CLICKHOUSE_IMAGE=clickhouse:2\n"})
    assert server.configure().returncode == 0
    assert server.actions() == [
        "docker image inspect clickhouse:2",
        "docker pull --quiet clickhouse:2",
        "systemctl restart clickhouse.service",
        "systemctl enable --quiet clickhouse.service",
    ]
    assert server.content()["container.env"] == "CLICKHOUSE_IMAGE=clickhouse:2\n"


def test_changed_password_reaches_the_server(server: Server) -> None:
    server.configure()
    server.actions()
    server.credentials = json.dumps({"CLICKHOUSE_USER": "shop", "CLICKHOUSE_PASSWORD": "another"})
    assert server.configure().returncode == 0
    assert "systemctl restart clickhouse.service" in server.actions()
    assert hashlib.sha256(b"another").hexdigest() in server.content()["users.d/credentials.xml"]


def test_file_that_is_no_longer_wanted_goes_away(server: Server) -> None:
    server.files = json.dumps({**FILES, "config.d/extra.xml": "<clickhouse/>\n"})
    server.configure()
    server.files = json.dumps(FILES)
    server.configure()
    assert "config.d/extra.xml" not in server.content()


def test_server_that_stopped_is_started_again(server: Server) -> None:
    server.configure()
    server.actions()
    (server.host.directory / "running").unlink()
    assert server.configure().returncode == 0
    assert "systemctl restart clickhouse.service" in server.actions()


def test_restart_that_was_cut_off_is_made_up_for(server: Server) -> None:
    server.configure()
    server.files = json.dumps({**FILES, "config.d/server.xml": "<clickhouse>2</clickhouse>\n"})
    server.host.fake("systemctl", "exit 1")
    assert server.configure().returncode != 0
    server.host.fake("systemctl")
    server.actions()
    assert server.configure().returncode == 0
    assert "systemctl restart clickhouse.service" in server.actions()
    assert server.configure().returncode == 0
    assert "systemctl restart clickhouse.service" not in server.actions()


def test_running_server_keeps_its_files_until_it_is_restarted(server: Server) -> None:
    server.configure()
    server.files = json.dumps({**FILES, "config.d/server.xml": "<clickhouse>2</clickhouse>\n"})
    server.host.fake("systemctl", f'[ "$1" != restart ] || ls "{server.directory}/previous/users.d" >&2')
    assert server.configure().stderr == "credentials.xml\nusers.xml\n"


def test_leftovers_of_a_run_that_was_killed_are_removed(server: Server) -> None:
    (server.directory / "staged.killed" / "users.d").mkdir(parents=True)
    assert server.configure().returncode == 0
    assert [path.name for path in server.directory.iterdir()] == ["current"]


def test_server_that_does_not_answer_is_a_failure(server: Server) -> None:
    server.host.fake("curl", "exit 7")
    assert server.configure().returncode == 1


@pytest.mark.parametrize(
    "files",
    [
        "",
        "[]",
        "no json",
        json.dumps({"config.d/server.xml": "<clickhouse/>"}),
        json.dumps({**FILES, "config.d/../../../root.xml": ""}),
        json.dumps({**FILES, "/etc/passwd": ""}),
        json.dumps({**FILES, "config.d/number.xml": 1}),
    ],
)
def test_configuration_that_is_not_one_changes_nothing_and_fails(server: Server, files: str) -> None:
    server.configure()
    before = server.content()
    server.actions()
    server.files = files
    ran = server.configure()
    assert ran.returncode != 0
    assert ran.stderr.splitlines()[-1] == "/shop/config is not a JSON object of configuration files"
    assert (server.content(), server.actions()) == (before, [])
    assert [path.name for path in server.directory.iterdir()] == ["current"]


@pytest.mark.parametrize(
    "credentials",
    [
        "",
        "{}",
        json.dumps({"CLICKHOUSE_USER": "shop"}),
        json.dumps({"CLICKHOUSE_USER": "shop", "CLICKHOUSE_PASSWORD": ""}),
        json.dumps({"CLICKHOUSE_USER": "<evil/>", "CLICKHOUSE_PASSWORD": "x"}),
    ],
)
def test_credentials_that_cannot_be_used_change_nothing_and_fail(server: Server, credentials: str) -> None:
    server.configure()
    before = server.content()
    server.actions()
    server.credentials = credentials
    assert server.configure().returncode != 0
    assert (server.content(), server.actions()) == (before, [])


def test_unanswered_secret_is_asked_for_again_and_then_a_failure(server: Server) -> None:
    server.host.fake("aws", "exit 254")
    ran = server.host.run(
        "clickhouse/clickhouse-configure.sh",
        server.directory,
        environment={"CONFIG_PARAMETER": "/shop/config", "CREDENTIALS_SECRET": "shop/credentials"},
    )
    assert ran.returncode != 0
    assert sum(call.startswith("aws ") for call in server.host.calls()) == 30
    assert not (server.directory / "current").exists()
