"""The committed files of ``local-dev/``: as they are written, without a secret, with the settings of AWS."""

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.support.new_service import NAME, OWN_SECRET, copy_of_packages
from tests.support.programs import require_built
from tests.zelly_infra.evaluations import evaluation_of
from tests.zelly_infra.local_dev.resolved import platform
from tests.zelly_infra.stack_files import ROOT
from workbench.local_dev.files import files
from workbench.local_dev.model import FOLDER, environment_example
from workbench.local_dev.values import Known
from workbench.local_dev.writing import differences
from zelly_infra import catalog
from zelly_infra.local_dev.platform import STACK, local_platform
from zelly_infra.surroundings import FRONTENDS

REMOVED = "events-consumer"


def test_the_committed_files_are_as_they_are_written() -> None:
    assert [each.path for each in differences(platform(), ROOT)] == [], "zelly dev write"


def test_settings_of_mysql_are_those_of_the_parameter_group() -> None:
    group = evaluation_of(STACK).one("aws:rds/clusterParameterGroup:ClusterParameterGroup")
    wanted = {each["name"]: each["value"] for each in group.inputs["parameters"]}
    lines = [line.split(" = ") for line in files(platform())["mysql/server.cnf"].splitlines() if " = " in line]
    assert {name: value for name, value in lines if not name.startswith("ssl_")} == wanted


def test_settings_of_redis_are_those_of_the_parameter_group_and_it_takes_tls_alone() -> None:
    group = evaluation_of(STACK).one("aws:elasticache/parameterGroup:ParameterGroup")
    node = evaluation_of(STACK).one("aws:elasticache/replicationGroup:ReplicationGroup")
    lines = dict(line.split(maxsplit=1) for line in files(platform())["redis/redis.conf"].splitlines()[1:])
    assert {each["name"]: lines[each["name"]] for each in group.inputs["parameters"]} == {
        each["name"]: each["value"] for each in group.inputs["parameters"]
    }
    assert (lines["port"], int(lines["tls-port"])) == ("0", node.inputs["port"])
    assert node.inputs["transitEncryptionMode"] == "required"


def test_schemas_are_made_for_a_user_who_is_not_root_with_the_clusters_character_set() -> None:
    statements = files(platform())["mysql/init.sql"]
    for schema in ("astro_primary", "ecom_store_front", "backoffice"):
        assert f"CREATE SCHEMA IF NOT EXISTS `{schema}` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci;" in statements
        assert f"GRANT ALL PRIVILEGES ON `{schema}`.* TO 'zelly'@'%';" in statements
    assert "root" not in statements
    # Whoever is asked for health is asked for what is made last.
    assert statements.rstrip().endswith("`backoffice`.* TO 'zelly'@'%';")
    assert "--database=backoffice " in files(platform())["compose.yaml"]


def test_no_committed_file_holds_a_secret() -> None:
    for part in platform().parts:
        if not part.variables:
            continue
        lines = files(platform())[environment_example(part.name)].splitlines()
        given = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
        assert list(given) == [variable.name for variable in part.variables]
        for variable in part.variables:
            assert given[variable.name] == (variable.value.text if isinstance(variable.value, Known) else "")
    # A word that stands for a secret is given a value nowhere else.
    for text in (text for name, text in files(platform()).items() if not name.startswith("env/")):
        assert "PASSWORD=" not in text.replace('_PWD="$$MYSQL_PASSWORD"', "")
        assert "requirepass" not in text.replace('requirepass \\"$$REDIS_PASSWORD\\"', "")


def test_configuration_of_clickhouse_is_xml_within_the_containers_memory() -> None:
    server, users = (
        ElementTree.fromstring(files(platform())[f"clickhouse/{name}.xml"])  # noqa: S314 (it is written here)
        for name in ("server", "users")
    )
    memory = platform().part("clickhouse").memory_mib * 2**20
    limit = int(server.findtext("max_server_memory_usage", default=""))
    assert memory // 2 < limit < memory
    assert int(users.findtext("profiles/default/max_memory_usage", default="")) <= limit // 2
    # The image makes the user, with the password of its environment.
    assert users.find("users") is None


@pytest.mark.parametrize(
    "private",
    [".env", "env/mysql.env", "secrets/mysql-password", "certificates/ca.key", "compose.override.yaml"],
)
def test_git_ignores_what_one_machine_has_for_itself(private: str) -> None:
    asked = ["git", "-C", str(ROOT), "check-ignore", "--quiet", f"{FOLDER}/{private}"]
    assert subprocess.run(asked, check=False).returncode == 0
    committed = ["git", "-C", str(ROOT), "check-ignore", "--quiet", f"{FOLDER}/env/mysql.env.example"]
    assert subprocess.run(committed, check=False).returncode == 1


def test_caddy_reads_its_file_and_finds_it_formatted() -> None:
    caddy = require_built("caddy", target="edge")
    file = f"{FOLDER}/Caddyfile"
    given = {each.name: "127.0.0.1:1" for each in platform().application("caddy").additions}
    own = {"UPSTREAM": "127.0.0.1:1", "ON_DEMAND_TLS_ASK_URL": "http://127.0.0.1:1/ask", "ACME_EMAIL": "a@example.com"}
    adapted = subprocess.run(
        [caddy, "adapt", "--config", file, "--adapter", "caddyfile"],
        cwd=ROOT,
        env={**os.environ, **given, **own},
        capture_output=True,
        text=True,
        check=False,
    )
    assert adapted.returncode == 0, adapted.stderr
    assert '"level":"warn"' not in adapted.stderr
    assert "api.zelly.localhost" in adapted.stdout
    assert '"module":"acme"' not in adapted.stdout
    assert subprocess.run([caddy, "fmt", file], cwd=ROOT, capture_output=True, check=False).returncode == 0


def test_a_new_service_is_everywhere_with_no_other_edit(tmp_path: Path) -> None:
    copy_of_packages(tmp_path, secrets=OWN_SECRET)
    script = (
        "import json; from pathlib import Path; from workbench.local_dev.files import files; "
        "from workbench.local_dev.checks import check_platform; "
        "from zelly_infra.documentation import environment, services; "
        "from zelly_infra.local_dev.platform import local_platform; "
        f"platform = local_platform(Path({str(ROOT)!r})); check_platform(platform); "
        "print(json.dumps({**files(platform), 'docs': services.page({}) + environment.page({})}))"
    )
    written: dict[str, str] = json.loads(
        subprocess.check_output([sys.executable, "-c", script], cwd=tmp_path, env={**os.environ, "PYTHONPATH": "."})
    )
    compose = written["compose.yaml"]
    assert f"\n  {NAME}:\n" in compose
    assert f"context: ../../{NAME}-service" in compose
    # The proxy waits for it, too.
    assert f"      {NAME}: {{condition: service_healthy}}" in compose.partition("\n  caddy:\n")[2]
    assert f"{NAME}.zelly.localhost {{\n\timport proxy {{$LOYALTY_UPSTREAM}}\n}}" in written["Caddyfile"]
    example = written[f"env/{NAME}.env.example"].splitlines()
    assert {"NODE_ENV=development", "REDIS_HOST=redis", "LOYALTY_API_KEY=", "JWT_SECRET="} <= set(example)
    assert f"| {NAME} | apps | 3100 |" in written["README.md"]
    assert f"## {NAME}\n" in written["docs"]
    assert "| `LOYALTY_API_KEY` | secret |" in written["docs"]
    # Nothing else changed, and the files of the service as it is gone again are left over.
    changed = {name for name, text in files(platform()).items() if written[name] != text}
    assert changed == {"compose.yaml", "Caddyfile", "README.md"}


def test_a_removed_service_is_gone_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "SERVICES", tuple(each for each in catalog.SERVICES if each.name != REMOVED))
    without = local_platform(ROOT)
    assert [
        name for name, text in files(without).items() if f"\n  {REMOVED}:" in text or f"| {REMOVED} |" in text
    ] == []
    left_over = [each.path for each in differences(without, ROOT) if each.what == "left over"]
    assert left_over == [f"{FOLDER}/env/{REMOVED}.env.example"]


def test_repositories_are_those_of_services_and_frontends() -> None:
    wanted = {each.github_repository for each in catalog.SERVICES if each.github_repository}
    assert {each.name for each in platform().repositories if each.is_needed} == wanted
    assert {each.name for each in platform().repositories} == wanted | {each.repository for each in FRONTENDS}
    assert all(each.url == f"git@github.com:zelly-in/{each.name}.git" for each in platform().repositories)
