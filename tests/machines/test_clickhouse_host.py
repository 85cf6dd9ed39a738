"""A ClickHouse host from its first boot on: real systemd, cloud-init, XFS and ClickHouse; AWS and Docker stand in."""

import hashlib
import json

import pytest

from tests.machines.clickhouse_machine import LINK, SERVICE, ClickHouseFactory
from tests.machines.conftest import VolumeFactory
from tests.machines.hosts import PASSWORD
from tests.zelly_infra.evaluations import STACKS
from zelly_components.alarms.host_metrics import UNIT_FAILED

FILES = {
    "etc/clickhouse-host/current/config.d/server.xml": "-rw-r--r--",
    "etc/clickhouse-host/current/container.env": "-rw-r--r--",
    "etc/clickhouse-host/current/users.d/credentials.xml": "-rw-------",
    "etc/clickhouse-host/current/users.d/users.xml": "-rw-r--r--",
    "etc/fstab": "-rw-r--r--",
    "etc/host/cloudwatch-agent.json": "-rw-r--r--",
    "etc/host/environment": "-rw-r--r--",
    "etc/systemd/system/clickhouse-apply.service": "-rw-r--r--",
    "etc/systemd/system/clickhouse-apply.timer": "-rw-r--r--",
    "etc/systemd/system/clickhouse.service": "-rw-r--r--",
    "etc/systemd/system/host-logging.service": "-rw-r--r--",
    "etc/systemd/system/multi-user.target.wants/clickhouse.service": "lrwxrwxrwx",
    "etc/systemd/system/multi-user.target.wants/docker.service": "lrwxrwxrwx",
    "etc/systemd/system/multi-user.target.wants/rsyslog.service": "lrwxrwxrwx",
    "etc/systemd/system/timers.target.wants/clickhouse-apply.timer": "lrwxrwxrwx",
    "usr/local/sbin/clickhouse-configure": "-rwxr-xr-x",
    "usr/local/sbin/data-volume": "-rwxr-xr-x",
    "usr/local/sbin/host-packages": "-rwxr-xr-x",
    "usr/local/sbin/retry": "-rwxr-xr-x",
}

CREATE_TABLE = "CREATE TABLE orders (id UInt64) ENGINE = Log"


@pytest.mark.parametrize("stack", STACKS)
def test_second_boot_changes_nothing(stack: str, new_clickhouse: ClickHouseFactory, new_volume: VolumeFactory) -> None:
    clickhouse = new_clickhouse(stack)
    clickhouse.attach(new_volume())
    image = "docker.io/clickhouse/clickhouse-server:24.3.18.7"
    questions = [
        f"aws ssm get-parameter --name /zelly/{stack}/clickhouse/config --query Parameter.Value --output text",
        "aws secretsmanager get-secret-value --secret-id zelly/clickhouse/credentials --query SecretString"
        " --output text",
        f"docker image inspect {image}",
    ]
    logging = "amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c file:/etc/host/cloudwatch-agent.json"

    assert clickhouse.boot() == "success"
    files = clickhouse.machine.files()
    assert {name: file.mode for name, file in files.items()} == FILES
    assert clickhouse.messages() == [
        f"formatted {LINK}",
        f"mounted {LINK} at /var/lib/clickhouse",
        "configuration changed",
    ]
    assert clickhouse.actions() == sorted(
        [
            "dnf --assumeyes --quiet install amazon-cloudwatch-agent rsyslog",
            "dnf --assumeyes --quiet install docker jq xfsprogs",
            f"docker pull --quiet {image}",
            logging,
            *questions,
        ]
    )
    clickhouse.own_query(CREATE_TABLE)
    clickhouse.own_query("INSERT INTO orders VALUES (7)")

    assert clickhouse.reboot() == "success"
    assert clickhouse.machine.files() == files
    assert clickhouse.messages() == []
    assert clickhouse.actions() == sorted([logging, *questions])
    assert clickhouse.own_query("SELECT id FROM orders") == "7"

    assert clickhouse.run_again() == "success"
    assert clickhouse.machine.files() == files
    assert clickhouse.actions() == sorted(questions)


def test_host_asks_its_own_region(new_clickhouse: ClickHouseFactory, new_volume: VolumeFactory) -> None:
    clickhouse = new_clickhouse("staging")
    clickhouse.attach(new_volume())
    clickhouse.boot()
    assert {call.region for call in clickhouse.machine.calls() if call.command.startswith("aws ")} == {"ap-southeast-1"}


def test_secret_that_is_refused_at_first_is_asked_for_again(
    new_clickhouse: ClickHouseFactory, new_volume: VolumeFactory
) -> None:
    clickhouse = new_clickhouse()
    clickhouse.attach(new_volume())
    clickhouse.machine.answer(clickhouse.host.secret_request, clickhouse.host.secret, refusals=2)
    assert clickhouse.boot() == "success"
    assert [line for line in clickhouse.messages() if line.startswith("attempt")] == [
        f"attempt {attempt} of 30 failed: aws secretsmanager get-secret-value"
        " --secret-id zelly/clickhouse/credentials --query SecretString --output text"
        for attempt in (1, 2)
    ]
    assert clickhouse.own_query("SELECT 1") == "1"


def test_secret_that_never_comes_ends_visibly_and_heals_when_it_comes(
    new_clickhouse: ClickHouseFactory, new_volume: VolumeFactory
) -> None:
    clickhouse = new_clickhouse()
    clickhouse.attach(new_volume())
    clickhouse.machine.answer(clickhouse.host.secret_request, clickhouse.host.secret, refusals=1000)
    assert clickhouse.boot() == "exit-code"
    last = (
        "attempt 30 of 30 failed: aws secretsmanager get-secret-value --secret-id zelly/clickhouse/credentials"
        " --query SecretString --output text"
    )
    assert clickhouse.messages()[-1] == last
    assert last in clickhouse.machine.console()
    assert clickhouse.is_failed()
    assert not [name for name in clickhouse.machine.files() if name.startswith("etc/clickhouse-host/")]
    assert clickhouse.listening() == []

    clickhouse.machine.answer(clickhouse.host.secret_request, clickhouse.host.secret)
    assert clickhouse.run_again() == "success"
    assert clickhouse.own_query("SELECT 1") == "1"


def test_changed_password_replaces_the_old_one_in_the_running_server(
    new_clickhouse: ClickHouseFactory, new_volume: VolumeFactory
) -> None:
    clickhouse = new_clickhouse()
    clickhouse.attach(new_volume())
    clickhouse.boot()
    secret = {**json.loads(clickhouse.host.secret), "CLICKHOUSE_PASSWORD": "another"}
    clickhouse.machine.answer(clickhouse.host.secret_request, json.dumps(secret))
    assert clickhouse.run_again() == "success"
    assert clickhouse.query("SELECT 1", user="zelly", password="another") == "1"
    assert "Wrong password for user zelly" in clickhouse.own_query("SELECT 1")
    # The restart is no failure, which would ring.
    assert [line for line in clickhouse.machine.systemd_says("clickhouse.service") if UNIT_FAILED in line] == []


def test_password_stands_on_the_host_as_a_hash_alone(
    new_clickhouse: ClickHouseFactory, new_volume: VolumeFactory
) -> None:
    clickhouse = new_clickhouse()
    clickhouse.attach(new_volume())
    clickhouse.boot()
    clickhouse.reboot()
    machine = clickhouse.machine
    hashed = hashlib.sha256(PASSWORD.encode()).hexdigest()
    credentials = machine.root / "etc/clickhouse-host/current/users.d/credentials.xml"
    assert f"<password_sha256_hex>{hashed}</password_sha256_hex>" in credentials.read_text(encoding="utf-8")
    assert machine.mentions(PASSWORD) == []
    assert machine.mentions(hashed) == ["etc/clickhouse-host/current/users.d/credentials.xml"]


@pytest.mark.parametrize(
    ("program", "left", "healed"),
    [
        ("mkfs.xfs", [], [f"mounted {LINK} at /var/lib/clickhouse", "configuration changed"]),
        ("docker", [], ["configuration changed"]),
        ("mv", ["container.env", "config.d/server.xml", "users.d/credentials.xml", "users.d/users.xml"], []),
    ],
)
def test_host_that_lost_its_power_halfway_is_whole_after_the_next_boot(
    program: str,
    left: list[str],
    healed: list[str],
    new_clickhouse: ClickHouseFactory,
    new_volume: VolumeFactory,
) -> None:
    clickhouse = new_clickhouse()
    clickhouse.attach(new_volume())
    cut = clickhouse.machine.hang_after(program)
    clickhouse.machine.boot()
    cut()
    assert clickhouse.configuration() == sorted(left)
    assert clickhouse.boot() == "success"
    assert clickhouse.messages() == healed
    assert {name: file.mode for name, file in clickhouse.machine.files().items()} == FILES
    assert clickhouse.own_query("SELECT 1") == "1"


def test_change_that_was_cut_off_between_its_two_moves_is_made_up_for(
    new_clickhouse: ClickHouseFactory, new_volume: VolumeFactory
) -> None:
    clickhouse = new_clickhouse()
    clickhouse.attach(new_volume())
    clickhouse.boot()
    cut = clickhouse.machine.hang_after("mv")
    secret = {**json.loads(clickhouse.host.secret), "CLICKHOUSE_PASSWORD": "another"}
    clickhouse.machine.answer(clickhouse.host.secret_request, json.dumps(secret))
    clickhouse.machine.run("systemctl", "start", "--no-block", SERVICE)
    cut()
    assert clickhouse.configuration() == []
    assert clickhouse.boot() == "success"
    assert {name: file.mode for name, file in clickhouse.machine.files().items()} == FILES
    assert clickhouse.query("SELECT 1", user="zelly", password="another") == "1"


def test_server_never_starts_without_its_volume(new_clickhouse: ClickHouseFactory, new_volume: VolumeFactory) -> None:
    clickhouse = new_clickhouse()
    clickhouse.attach(new_volume())
    clickhouse.boot()
    clickhouse.machine.attach({})
    assert clickhouse.reboot() == "exit-code"
    assert clickhouse.machine.show("clickhouse.service", "AssertResult") == "no"
    assert clickhouse.listening() == []
