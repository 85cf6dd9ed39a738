import json
from pathlib import PurePosixPath
from typing import Any, cast
from xml.etree import ElementTree

import pytest
from ruamel.yaml import YAML

from zelly_components.hosts.clickhouse_boot import configuration, user_data
from zelly_components.hosts.cloud_config import template_text
from zelly_components.hosts.data_volume import device_path
from zelly_components.limits.sizes import STANDARD_PARAMETER

GIB = 1024**3


def parse(document: str) -> dict[str, Any]:
    loaded: object = YAML(typ="safe", pure=True).load(document)  # pyright: ignore[reportUnknownMemberType] (untyped)
    return cast(dict[str, Any], loaded)


def document() -> dict[str, Any]:
    return parse(
        user_data(
            region="eu-west-1",
            volume_id="vol-0123456789abcdef0",
            config_parameter_name="/shop/config",
            credentials_secret_name="shop/credentials",
            log_group_name="/shop/clickhouse",
        )
    )


def files(*, instance_memory_mib: int = 4096, image: str = "clickhouse/clickhouse-server:24.3") -> dict[str, str]:
    return json.loads(configuration(image=image, instance_memory_mib=instance_memory_mib))


def setting(xml: str, path: str) -> str | None:
    return ElementTree.fromstring(xml).findtext(path)  # noqa: S314 (text of this repository)


def test_boot_document_writes_these_files_and_starts_the_timer() -> None:
    loaded = document()
    assert [(file["path"], file["permissions"]) for file in loaded["write_files"]] == [
        ("/etc/host/environment", "0644"),
        ("/etc/host/cloudwatch-agent.json", "0644"),
        ("/usr/local/sbin/retry", "0755"),
        ("/usr/local/sbin/host-packages", "0755"),
        ("/etc/systemd/system/host-logging.service", "0644"),
        ("/usr/local/sbin/data-volume", "0755"),
        ("/usr/local/sbin/clickhouse-configure", "0755"),
        ("/etc/systemd/system/clickhouse.service", "0644"),
        ("/etc/systemd/system/clickhouse-apply.service", "0644"),
        ("/etc/systemd/system/clickhouse-apply.timer", "0644"),
    ]
    assert loaded["runcmd"] == [
        ["systemctl", "daemon-reload"],
        ["systemctl", "enable", "--now", "clickhouse-apply.timer"],
    ]


def test_host_learns_names_and_its_volume_and_no_value() -> None:
    assert document()["write_files"][0]["content"] == (
        "AWS_REGION=eu-west-1\n"
        "DATA_DEVICE=/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0123456789abcdef0\n"
        "CONFIG_PARAMETER=/shop/config\n"
        "CREDENTIALS_SECRET=shop/credentials\n"
        "LOG_GROUP=/shop/clickhouse\n"
    )


def test_use_of_the_data_volume_is_published() -> None:
    agent = json.loads(document()["write_files"][1]["content"])
    assert agent["metrics"]["metrics_collected"]["disk"]["resources"] == ["/", "/var/lib/clickhouse"]


def test_scripts_arrive_as_they_stand_in_the_package() -> None:
    scripts = {
        PurePosixPath(file["path"]).name: file["content"]
        for file in document()["write_files"]
        if file["path"].startswith("/usr/local/sbin/")
    }
    assert scripts == {
        "retry": template_text("host/retry.sh"),
        "host-packages": template_text("host/host-packages.sh"),
        "data-volume": template_text("host/data-volume.sh"),
        "clickhouse-configure": template_text("clickhouse/clickhouse-configure.sh"),
    }


def test_device_is_named_by_volume_id_without_its_hyphen() -> None:
    assert device_path("vol-0ab") == "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0ab"


def test_server_starts_only_on_its_own_volume_and_outside_the_reach_of_instance_metadata() -> None:
    unit = template_text("clickhouse/clickhouse.service")
    assert "\nAssertPathIsMountPoint=/var/lib/clickhouse\n" in unit
    assert "\nRestart=always\n" in unit
    # Behind Docker's bridge: with one hop, instance metadata answers the host and not the container.
    assert "--publish 8123:8123 --publish 9000:9000" in unit
    assert "--network" not in unit


def test_configuration_has_these_files() -> None:
    assert list(files()) == ["config.d/server.xml", "container.env", "users.d/users.xml"]


def test_new_image_is_a_change_of_the_configuration_alone() -> None:
    old, new = files(), files(image="clickhouse/clickhouse-server:24.8")
    assert new == {**old, "container.env": "CLICKHOUSE_IMAGE=clickhouse/clickhouse-server:24.8\n"}


@pytest.mark.parametrize(
    ("instance_memory_mib", "server_bytes"), [(2048, 1408 * 1024**2), (4096, 3 * GIB), (16384, 12 * GIB)]
)
def test_memory_follows_the_instance(instance_memory_mib: int, server_bytes: int) -> None:
    configured = files(instance_memory_mib=instance_memory_mib)
    server, users = configured["config.d/server.xml"], configured["users.d/users.xml"]
    assert setting(server, "max_server_memory_usage") == str(server_bytes)
    assert setting(server, "mark_cache_size") == str(server_bytes // 8)
    assert setting(users, "profiles/default/max_memory_usage") == str(server_bytes // 2)
    assert setting(users, "profiles/default/max_bytes_before_external_group_by") == str(server_bytes // 4)
    assert setting(users, "profiles/default/max_bytes_before_external_sort") == str(server_bytes // 4)


def test_server_listens_on_its_two_ports_and_logs_to_the_console() -> None:
    server = files()["config.d/server.xml"]
    assert {name: setting(server, name) for name in ("listen_host", "http_port", "tcp_port", "path")} == {
        "listen_host": "0.0.0.0",  # noqa: S104 (inside the container)
        "http_port": "8123",
        "tcp_port": "9000",
        "path": "/var/lib/clickhouse/",
    }
    assert (setting(server, "logger/level"), setting(server, "logger/console")) == ("information", "1")


def removed(xml: str) -> list[str]:
    root = ElementTree.fromstring(xml)  # noqa: S314 (text of this repository)
    return [element.tag for element in root.iter() if element.get("remove") == "1"]


def test_user_without_a_password_and_unused_listeners_are_removed() -> None:
    assert removed(files()["users.d/users.xml"]) == ["default"]
    assert removed(files()["config.d/server.xml"])[:3] == ["mysql_port", "postgresql_port", "interserver_http_port"]


def test_system_tables_do_not_grow_for_ever() -> None:
    server = files()["config.d/server.xml"]
    for table in ("query_log", "part_log"):
        assert setting(server, f"{table}/ttl") == "event_date + INTERVAL 14 DAY DELETE"
    assert {"trace_log", "text_log", "metric_log", "asynchronous_metric_log"} <= set(removed(server))


def test_instance_without_room_for_clickhouse_is_refused() -> None:
    with pytest.raises(ValueError, match="instance_memory_mib: came 1024; allowed 2048 or more"):
        configuration(image="clickhouse", instance_memory_mib=1024)


def test_configuration_fits_a_standard_parameter_or_is_refused() -> None:
    assert len(configuration(image="i" * 200, instance_memory_mib=65536).encode()) < STANDARD_PARAMETER.maximum
    with pytest.raises(ValueError, match=r"ClickHouse configuration: came \d+ bytes; allowed 4096"):
        configuration(image="i" * 4096, instance_memory_mib=4096)
