import ast
import hashlib
import json
import re
from dataclasses import replace
from typing import Any

import pytest

from tests.components.services.shop import FLAGS, JOBS, SHOP, WEB, document, files, setting, with_unit
from zelly_components.hosts.cloud_config import HostFile, template_text
from zelly_components.hosts.services.args import NginxArgs, ReleaseArgs, ServicesArgs
from zelly_components.hosts.services.configuration import configuration, user_data
from zelly_components.limits.sizes import USER_DATA


def service(name: str) -> str:
    return files()[f"/etc/systemd/system/shop-{name}.service"]


def test_parameter_names_the_object_by_its_hash() -> None:
    made = configuration(SHOP)
    digest = hashlib.sha256(made.content.encode()).hexdigest()
    assert made.key == f"host/{digest}.json"
    assert json.loads(made.parameter) == {"key": made.key, "sha256": digest}
    assert configuration(SHOP) == made


def test_what_else_the_platform_puts_onto_the_host_is_part_of_it() -> None:
    agent = HostFile(path="/usr/local/sbin/release-agent", content="#!/usr/bin/python3\n", permissions="0755")
    made = json.loads(configuration(SHOP, files=[agent], timers=["release-undo.timer"]).content)
    assert made["files"][agent.path] == {"content": agent.content, "mode": "0755"}
    assert made["units"] == ["shop.target", "nginx-apply.timer", "release-undo.timer"]
    assert made["packages"] == ["jq", "logrotate", "nginx", "nodejs20"]
    with pytest.raises(ValueError, match=r"^files: came /usr/local/sbin/release-agent twice; allowed once$"):
        configuration(SHOP, files=[agent, agent])


def test_services_wait_without_taking_one_another_along() -> None:
    """PF1: the order is the units' own. ``Requires=`` would pass a restart on to whoever waits."""
    web = service("web")
    assert setting(web, "Requires") == ["shop-web.socket"]
    wants = ["network-online.target", "shop-credentials@web.service", "shop-flags.service"]
    assert setting(web, "Wants") == [" ".join(wants)]
    assert setting(web, "After") == [" ".join([*wants, "shop-web.socket"])]
    assert setting(web, "PartOf") == ["shop.target"]


def test_readiness_is_a_probe_unless_the_service_says_it_itself() -> None:
    """PF7."""
    web, jobs = service("web"), service("jobs")
    assert (setting(web, "Type"), setting(web, "ExecStartPost")) == (
        ["exec"],
        ["/usr/local/sbin/service-ready 8000 /health"],
    )
    assert (setting(jobs, "Type"), setting(jobs, "ExecStartPost")) == (["notify"], [])
    assert setting(web, "TimeoutStartSec") == ["60"]


def test_service_that_opens_its_own_port_has_no_socket() -> None:
    sockets = [path for path in files() if path.endswith(".socket")]
    assert sorted(sockets) == ["/etc/systemd/system/shop-flags.socket", "/etc/systemd/system/shop-web.socket"]
    assert setting(service("jobs"), "Requires") == []


def test_variables_reach_the_service_as_they_are_written() -> None:
    assert setting(service("web"), "Environment") == [
        '"PORT=8000"',
        '"ENVIRONMENT=trial"',
        r'"GREETING=a \"b\" 100%%"',
    ]


def test_each_service_has_a_user_of_its_own() -> None:
    """PF10: nothing of a service runs as root."""
    assert [line.split()[1] for line in files()["/etc/sysusers.d/shop.conf"].splitlines()] == [
        "shop-web",
        "shop-flags",
        "shop-jobs",
        "shop-migrations",
        "nginx",
    ]
    assert setting(service("web"), "User") == ["shop-web"]


def test_only_the_names_of_secrets_stand_on_the_host() -> None:
    assert json.loads(files()["/etc/shop/credentials.json"]) == {
        "web": {},
        "flags": {"shop/db": ["DB_PASSWORD"]},
        "jobs": {},
        "migrations": {"shop/db": ["DATABASE_URL"]},
    }


def test_agent_is_told_of_the_host() -> None:
    host = json.loads(files()["/etc/shop/host.json"])
    assert host.pop("services")["jobs"] == {
        "unit": "shop-jobs.service",
        "socket": None,
        "user": "shop-jobs",
        "port": 3004,
        "overlaps": False,
        "health_path": "/health",
    }
    assert host == {
        "platform": "shop",
        "environment": "trial",
        "region": "eu-west-1",
        "bucket": "shop-releases",
        "waves": [["flags"], ["web"], ["jobs"]],
        "migrations_user": "shop-migrations",
        "migrations_credentials": "shop-credentials@migrations.service",
        "migrations_environment": "/run/shop/credentials/migrations",
        "database_instance": "shop-db",
        "snapshot_before_release": True,
        "ready_seconds": 60,
        "settle_seconds": 10,
        "confirm_seconds": 300,
        "releases_kept": 5,
        "minimum_free_mib": 1024,
    }


def test_each_service_has_a_log_stream_that_begins_with_its_name() -> None:
    agent = json.loads(files()["/etc/host/cloudwatch-agent.json"])
    collected = agent["logs"]["logs_collected"]["files"]["collect_list"]
    assert {each["log_stream_name"] for each in collected if each["log_group_name"] == "/shop/services"} == {
        "web/{instance_id}",
        "flags/{instance_id}",
        "jobs/{instance_id}",
        "nginx/{instance_id}",
    }
    assert {each["log_group_name"] for each in collected} == {"/shop/services", "/shop/host"}


def test_without_nginx_nothing_listens_to_the_outside() -> None:
    bare = document(replace(SHOP, nginx=None))
    assert not [path for path in bare["files"] if "nginx" in path]
    assert bare["units"] == ["shop.target"]
    assert "nginx" not in bare["packages"]


def test_boot_document_only_fetches_the_configuration() -> None:
    text = user_data(
        region="eu-west-1",
        configuration_parameter_name="/shop/trial/host/configuration",
        bucket_name="shop-releases",
        log_group_name="/shop/host",
    )
    # Room for one more script: it cannot be divided.
    assert USER_DATA.size(text) < 15 * 1024
    assert "shop-web" not in text
    assert '- ["systemctl", "enable", "--now", "host-apply.timer"]' in text


def test_host_runs_the_python_of_its_own_operating_system() -> None:
    ast.parse(template_text("services/host_apply.py"), feature_version=(3, 9))


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (with_unit(port=3085), "units.flags.port: came 3085; taken by web"),
        (with_unit(port=8444), "units.web.port: came 8444; taken by nginx"),
        (with_unit(port=443), "units.web.port: came 443; allowed 1024 to 32767"),
        (with_unit(after=["config"]), "units.web.after: came config; allowed are flags, jobs, web"),
        (with_unit(after=["jobs"]), "units: came services that wait for one another: web, jobs"),
        (
            with_unit(health_path="health"),
            "units.web.health_path: came 'health'; allowed a path such as /health",
        ),
        (
            with_unit(environment={"PORT": "1"}),
            "units.web.environment: came PORT; allowed names such as LOG_LEVEL, and not PORT",
        ),
        (with_unit(memory_mib=0), "units.web.memory_mib: came 0; allowed 1 or more"),
        (with_unit(name="all"), "units.all.name: taken by the host itself; another name is allowed"),
        (with_unit(name="a" * 27), f"units.{'a' * 27}.name: with shop- at most 31 characters are allowed"),
        (replace(SHOP, units=[WEB, WEB, FLAGS, JOBS]), "units.web: comes twice; allowed once"),
        (
            replace(SHOP, downloads={"/etc/ssl/ca.pem": "http://db.example/ca.pem"}),
            "downloads: came http://db.example/ca.pem for /etc/ssl/ca.pem; "
            "allowed https:// addresses and paths below /etc",
        ),
        (
            replace(SHOP, nginx=NginxArgs(secret_name="s", upstream="api", trusted_proxies=[])),
            "nginx.upstream: came api; allowed are flags, jobs, web",
        ),
        (
            replace(
                SHOP, release=ReleaseArgs(migrations_secrets={}, database_instance=None, snapshot_before_release=True)
            ),
            "release.snapshot_before_release: came true; without a database_instance false is allowed",
        ),
    ],
)
def test_services_that_no_host_could_run_are_refused(args: ServicesArgs, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        configuration(args)


def test_line_breaks_cannot_add_settings_to_a_unit() -> None:
    args: Any = with_unit(environment={"GREETING": "a\nUser=root"})
    with pytest.raises(ValueError, match=r"^GREETING: came a value with a line break; allowed one line$"):
        configuration(args)
