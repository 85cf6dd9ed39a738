"""The documents as they reach a host: what cloud-init, systemd and shellcheck say of them."""

import subprocess
from pathlib import Path

import pytest

from tests.machines import hosts
from tests.machines.conftest import MachineFactory
from tests.support.programs import require_program
from tests.zelly_infra.evaluations import STACKS

HOSTS = [(host, stack) for host in (hosts.bastion, hosts.clickhouse, hosts.nat) for stack in STACKS]


@pytest.mark.parametrize(("host", "stack"), HOSTS)
def test_document_follows_cloud_inits_schema(host: hosts.Host, stack: str, tmp_path: Path) -> None:
    document = tmp_path / "user-data"
    document.write_text(host(stack).user_data, encoding="utf-8")
    checked = subprocess.run(
        [require_program("cloud-init", package="cloud-init"), "schema", "--config-file", document],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.stdout, checked.returncode) == (f"Valid cloud-config: {document}\n", 0)


@pytest.mark.parametrize("host", [hosts.bastion, hosts.clickhouse, hosts.nat])
def test_scripts_and_units_are_clean_as_the_host_has_them(host: hosts.Host, new_machine: MachineFactory) -> None:
    machine = new_machine(host("production"))
    machine.boot()
    shellcheck = require_program("shellcheck", package="shellcheck")
    scripts = sorted((machine.root / "usr/local/sbin").iterdir())
    linted = subprocess.run([shellcheck, *scripts], capture_output=True, text=True, check=False)
    assert (linted.stdout, linted.returncode) == ("", 0)
    units = [f"/{name}" for name in machine.files() if name.endswith((".service", ".timer")) and ".wants/" not in name]
    assert units
    verified = machine.run("systemd-analyze", "verify", *units, check=False)
    assert (verified.stdout, verified.stderr, verified.returncode) == ("", "", 0)
    assert machine.run("cloud-init", "status").stdout == "status: done\n"
