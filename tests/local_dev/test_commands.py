"""What the commands of ``dev`` run in containers, and what they send to published ports."""

import shutil
import sys
from pathlib import Path

from tests.local_dev.platform import Platform
from tests.zelly_infra.stack_files import ROOT
from workbench.operations.local_dev.looking import server_of, sql_arguments
from zelly_infra.local_dev.platform import local_platform

ZELLY = Path(sys.executable).with_name("zelly")


def test_client_of_dev_sql_reaches_a_schema_as_the_applications_user(platform: Platform) -> None:
    server = server_of(local_platform(ROOT), "backoffice")
    arguments = sql_arguments(server, "backoffice", has_terminal=False)
    compose_words, (name, *words) = arguments[:2], arguments[2:]
    assert (compose_words, name) == (["exec", "--no-TTY"], "mysql")
    ran = platform.container(name).run(*words, stdin="SELECT name, CURRENT_USER() AS user FROM migrations;")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "name\tuser\nfirst\tzelly@%\n", "")


def test_clickhouse_init_makes_the_tables_through_the_published_port_once(platform: Platform, tmp_path: Path) -> None:
    (tmp_path / "001-visits.sql").write_text(
        "CREATE TABLE visits (day Date, page String) ENGINE = MergeTree(day, (day), 8192);\n", encoding="utf-8"
    )
    for name in ("Pulumi.yaml", "Pulumi.staging.yaml"):
        shutil.copy(ROOT / name, platform.folder)
    init = (str(ZELLY), "--project", str(platform.folder), "clickhouse", "init", str(tmp_path), "--local", "--yes")
    first, second = (platform.host.machine.run(*init) for _ in range(2))
    assert ("1 applied now" in first.stderr + first.stdout, "0 applied now" in second.stderr + second.stdout) == (
        True,
        True,
    ), (first, second)
    tables = platform.container("clickhouse").run("clickhouse-client", "--query", "SHOW TABLES").stdout.split()
    assert "visits" in tables
