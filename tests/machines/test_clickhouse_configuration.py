"""The rendered configuration as ClickHouse reads it: merged into its own, its users asked for, its ports looked at.

The server is Debian's, 18.16, which merges and removes settings as 24.3 does, but does not know all of them: what it
only carries along is compared in the merged file.
"""

import json
import re
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest

from tests.machines import hosts
from tests.machines.clickhouse_machine import ClickHouseMachine
from tests.machines.conftest import machines_in, volumes_in
from tests.zelly_infra.evaluations import STACKS, evaluation_of
from tests.zelly_infra.stack_files import environment_of

MIB = 1024**2

INSTANCE_MEMORY_MIB = {"t3.small": 2048, "t3.medium": 4096}
"""Instance types as AWS sells them (EC2 User Guide, "General purpose instances")."""

SERVER_MEMORY_MIB = {"production": 3072, "staging": 1408}
"""All but a quarter, and in staging all but the 640 MiB that the host needs."""


@pytest.fixture(scope="module", params=STACKS)
def clickhouse(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseMachine]:
    """Each stack's host after its first boot, for all tests: they only look."""
    folder = tmp_path_factory.mktemp(request.param)
    host = hosts.clickhouse(request.param)
    with volumes_in(folder) as new_volume, machines_in(folder) as new_machine:
        clickhouse = ClickHouseMachine(new_machine(host), host)
        clickhouse.attach(new_volume())
        assert clickhouse.boot() == "success"
        yield clickhouse


def merged(clickhouse: ClickHouseMachine, name: str) -> ElementTree.Element:
    """Return a configuration file as ClickHouse has merged it."""
    text = clickhouse.machine.run("cat", f"/var/lib/clickhouse/preprocessed_configs/{name}").stdout
    return ElementTree.fromstring(text)  # noqa: S314 (written by the server under test)


def test_only_the_hosts_own_user_gets_in_and_only_with_the_password(clickhouse: ClickHouseMachine) -> None:
    assert [user.tag for user in merged(clickhouse, "users.xml").findall("users/*")] == ["zelly"]
    assert clickhouse.own_query("SELECT 1") == "1"
    assert "Unknown user default" in clickhouse.query("SELECT 1")
    assert "Unknown user default" in clickhouse.query("SELECT 1", user="default", password="")
    assert "Wrong password for user zelly" in clickhouse.query("SELECT 1", user="zelly", password="wrong")
    assert "Password required for user zelly" in clickhouse.query("SELECT 1", user="zelly", password="")


def test_server_listens_on_the_ports_that_are_published_and_let_in_and_on_no_other(
    clickhouse: ClickHouseMachine,
) -> None:
    (started,) = [call for call in clickhouse.machine.commands("docker") if call.startswith("docker run ")]
    assert re.findall(r"--publish (\S+)", started) == ["8123:8123", "9000:9000"]
    assert clickhouse.listening() == ["0.0.0.0:8123", "0.0.0.0:9000"]
    stack = clickhouse.host.stack
    rules = evaluation_of(stack).of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    group = f"${{zelly-{stack}-clickhouse-sg.id}}"
    let_in = {
        (rule.inputs["ipProtocol"], rule.inputs["fromPort"], rule.inputs["toPort"])
        for rule in rules
        if rule.inputs["securityGroupId"] == group
    }
    assert let_in == {("tcp", 8123, 8123), ("tcp", 9000, 9000)}


def test_memory_is_sized_to_the_instance(clickhouse: ClickHouseMachine) -> None:
    stack = clickhouse.host.stack
    wanted = environment_of(stack)["clickhouse"]
    assert wanted["instance_memory_mib"] == INSTANCE_MEMORY_MIB[wanted["instance_type"]]
    server = SERVER_MEMORY_MIB[stack] * MIB
    config = merged(clickhouse, "config.xml")
    assert config.findtext("max_server_memory_usage") == str(server)
    assert config.findtext("mark_cache_size") == str(server // 8)
    settings = clickhouse.own_query(
        "SELECT name, value FROM system.settings WHERE changed AND name LIKE 'max%' ORDER BY name FORMAT JSON"
    )
    assert {row["name"]: row["value"] for row in json.loads(settings)["data"]} == {
        "max_bytes_before_external_group_by": str(server // 4),
        "max_bytes_before_external_sort": str(server // 4),
        "max_memory_usage": str(server // 2),
    }


def test_data_lies_on_the_volume_and_what_is_not_used_is_taken_out(clickhouse: ClickHouseMachine) -> None:
    config = merged(clickhouse, "config.xml")
    assert config.findtext("path") == "/var/lib/clickhouse/"
    assert [element.text for element in config.findall("listen_host")] == ["0.0.0.0"]  # noqa: S104
    unwanted = ["mysql_port", "postgresql_port", "interserver_http_port", "logger/log", "logger/errorlog"]
    assert [name for name in unwanted if config.find(name) is not None] == []
    assert clickhouse.machine.run("stat", "--format", "%u:%g", "/var/lib/clickhouse").stdout == "101:101\n"
    owner = clickhouse.machine.run("ps", "-C", "clickhouse-serv", "-o", "uid=,gid=").stdout.split()
    assert owner == ["101", "101"]
