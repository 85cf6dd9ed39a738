"""``dev logs | shell | sql`` give the terminal away; the word ``dev``; what a command loads."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from tests.support.programs import require_program
from tests.workbench.cli.dev.conftest import READY, Machine
from workbench.cli.dev.commands import DEV

ALL = ["compose", "--profile", "apps", "--profile", "edge", "--profile", "tools"]


@pytest.fixture
def handed_over(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that took the process over."""
    commands: list[list[str]] = []

    def execve(_program: str, arguments: list[str], _environment: object) -> NoReturn:
        commands.append(arguments[1:])
        raise SystemExit(0)

    monkeypatch.setattr(os, "execve", execve)
    return commands


def test_logs_and_shell(machine: Machine, handed_over: list[list[str]]) -> None:
    machine.docker.says(**READY, ps="web\trunning\tUp 1 second (health: starting)\nworker\trestarting\tRestarting (3)")
    machine.dev("logs")
    machine.dev("logs", "web-migrate", "web", "--follow", "-n", "5")
    machine.dev("shell", "web")
    assert handed_over == [
        [*ALL, "logs"],
        [*ALL, "logs", "--follow", "--tail", "5", "web-migrate", "web"],
        [*ALL, "exec", "--no-TTY", "web", "sh"],
    ]
    for name, line in {
        "worker": "worker: restarting, exit code 3; next: zelly dev up worker",
        "redis": "redis: not started; next: zelly dev up redis",
        "wep": "service: came wep; allowed: mysql, redis, clickhouse, web, worker, proxy, dashboard, web-migrate",
    }.items():
        refused = machine.dev("shell", name)
        assert (refused.exit_code, refused.stderr) == (2, f"{line}\n")


def test_sql_has_no_password_on_a_command_line_and_takes_statements(machine: Machine, tmp_path: Path) -> None:
    machine.dev("env")
    machine.docker.says(**READY, ps="mysql\trunning\tUp 1 second (healthy)")
    ran = machine.run_apart("sample", "dev", "sql", "shop", typed="SELECT 1")
    assert (ran.returncode, ran.stderr) == (0, "")
    call = machine.docker.calls[-1]
    *before, shell, option, script, name, schema = call["arguments"]
    assert before == [*ALL, "exec", "--no-TTY", "mysql"]
    assert (shell, option, name, schema) == ("sh", "-c", "mysql", "shop")
    assert [secret for secret in machine.secrets if secret in call["process_list"]] == []

    # In the container: a client that says how it was called.
    client = tmp_path / "client" / "mysql"
    client.parent.mkdir()
    client.write_text(f'#!{require_program("sh", package="dash")}\necho "$MYSQL_PWD" "$@"\n')
    client.chmod(0o755)
    variables = {"PATH": str(client.parent), "MYSQL_PASSWORD": "p w"}
    said = subprocess.check_output(["/bin/sh", "-c", script, name, schema], env=variables, text=True)
    assert said == (
        "p w --protocol=tcp --host=127.0.0.1 --user=shop --ssl-mode=VERIFY_CA --ssl-ca=/certificates/ca.pem shop\n"
    )
    refused = machine.dev("sql", "shops")
    assert (refused.exit_code, refused.stderr) == (2, "schema: came shops; allowed: shop\n")


def test_dev_is_the_programs_own_noun(machine: Machine) -> None:
    script = machine.docker.folder / "dev"
    script.write_text(f"#!{sys.executable}\nfrom workbench.cli.main import dev\n\ndev()\n")
    script.chmod(0o755)
    ran = machine.run_apart("dev", "env", "--dry-run", "--json")
    assert (ran.returncode, '"local-dev/env/web.env"' in ran.stdout) == (0, True)
    wrong = machine.run_apart("dev", "upp")
    assert (wrong.returncode, "sample dev [OPTIONS]" in wrong.stderr, "Did you mean 'up'" in wrong.stderr) == (
        2,
        True,
        True,
    )


def test_commands_load_no_client_of_aws_and_read_no_credentials(machine: Machine) -> None:
    modules = sorted({verb.module for verb in DEV.verbs.values()})
    code = (
        "import atexit, importlib, os, sys\n"
        "opened = []\n"
        "sys.addaudithook(lambda event, given: opened.append(str(given[0])) if event == 'open' else None)\n"
        f"for name in {modules}: importlib.import_module(name)\n"
        "from workbench.cli.main import run\n"
        "def tell():\n"
        "    heavy = {'boto3', 'botocore', 'pulumi', 'moto', 'requests', 'urllib3'} & {*sys.modules}\n"
        "    print(sorted(heavy), [path for path in opened if '.aws' in path], file=sys.stderr)\n"
        "atexit.register(tell)\n"
        "run(['dev', 'up'])\n"
    )
    (machine.root.parent / ".aws").mkdir()
    shutil.copy(machine.root / "Pulumi.yaml", machine.root.parent / ".aws/credentials")
    ran = machine.run_apart(sys.executable, "-c", code, HOME=str(machine.root.parent), AWS_PROFILE="nobodys")
    assert (ran.returncode, ran.stderr.splitlines()[-1]) == (0, "[] []")
