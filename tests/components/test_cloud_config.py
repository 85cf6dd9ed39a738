import base64
import gzip
import json
from pathlib import Path
from typing import cast

import pytest
from jinja2 import UndefinedError
from ruamel.yaml import YAML

from zelly_components.hosts import cloud_config
from zelly_components.hosts.cloud_config import (
    HostFile,
    environment_file,
    host_files,
    render,
    script,
    template_text,
    unit,
)
from zelly_components.limits.sizes import USER_DATA

SCRIPT = """#!/bin/bash
# {{ not_a_placeholder }} and $(a command): 'quoted' "twice" \\ at the end \\

if true; then
\tprintf '%s\\n' "€ ${x}"
fi
"""


def parse(document: str) -> object:
    return cast(object, YAML(typ="safe", pure=True).load(document))  # pyright: ignore[reportUnknownMemberType] (untyped)


def test_document_parses_back_to_exactly_its_files_and_commands() -> None:
    document = cloud_config.cloud_config(
        [
            HostFile(path="/usr/local/sbin/a", content=SCRIPT, permissions="0755"),
            HostFile(path="/etc/b", content="1\n"),
        ],
        [["systemctl", "enable", "--now", "a.timer"], ["echo", "yes: 'no' <&>"]],
    )
    assert document.splitlines()[0] == "#cloud-config"
    assert parse(document) == {
        "write_files": [
            {"path": "/usr/local/sbin/a", "permissions": "0755", "content": SCRIPT},
            {"path": "/etc/b", "permissions": "0644", "content": "1\n"},
        ],
        "runcmd": [["systemctl", "enable", "--now", "a.timer"], ["echo", "yes: 'no' <&>"]],
    }


def test_packed_file_is_one_that_cloud_init_unpacks_and_the_same_every_time() -> None:
    packed = HostFile(path="/usr/local/sbin/a", content=SCRIPT * 50, permissions="0755", is_packed=True)
    document = cloud_config.cloud_config([packed, HostFile(path="/etc/b", content="1\n")], [])
    first, second = cast(dict[str, list[dict[str, str]]], parse(document))["write_files"]
    assert (first["encoding"], first["permissions"], second) == (
        "gz+b64",
        "0755",
        {"path": "/etc/b", "permissions": "0644", "content": "1\n"},
    )
    assert gzip.decompress(base64.b64decode(first["content"])).decode() == SCRIPT * 50
    assert len(document) < len(SCRIPT) * 10
    assert document == cloud_config.cloud_config([packed, HostFile(path="/etc/b", content="1\n")], [])


def test_document_larger_than_ec2_accepts_is_refused() -> None:
    rest = len(cloud_config.cloud_config([HostFile(path="/a", content="x")], []).encode()) - 1
    largest = USER_DATA.maximum - rest
    assert cloud_config.cloud_config([HostFile(path="/a", content="x" * largest)], [])
    with pytest.raises(ValueError, match=r"user data: came 16385 bytes; allowed 16384"):
        cloud_config.cloud_config([HostFile(path="/a", content="x" * (largest + 1))], [])


def test_template_with_a_missing_value_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="vpn_cidr_block"):
        render("bastion/vpn.nft.j2", vpc_cidr_block="10.0.0.0/16")


def test_script_is_executable_and_a_unit_goes_where_systemd_looks() -> None:
    assert script("host/retry.sh", "/usr/local/sbin/retry") == HostFile(
        path="/usr/local/sbin/retry", content=template_text("host/retry.sh"), permissions="0755"
    )
    assert unit("clickhouse/clickhouse.service") == HostFile(
        path="/etc/systemd/system/clickhouse.service", content=template_text("clickhouse/clickhouse.service")
    )


def test_environment_file_quotes_what_a_shell_would_read_otherwise() -> None:
    assert environment_file({"REGION": "eu-west-1", "NAME": "a b$c"}) == "REGION=eu-west-1\nNAME='a b$c'\n"


def test_environment_value_of_two_lines_is_refused() -> None:
    with pytest.raises(ValueError, match="NAME: came a value with a line break; allowed one line"):
        environment_file({"NAME": "a\nEVIL=1"})


def test_every_host_sends_its_logs_and_its_memory_and_disk_use() -> None:
    files = {
        file.path: file
        for file in host_files(environment={"A": "1"}, log_group_name="/shop/db", mount_points=["/", "/data"])
    }
    assert list(files) == [
        "/etc/host/environment",
        "/etc/host/cloudwatch-agent.json",
        "/usr/local/sbin/retry",
        "/usr/local/sbin/host-packages",
        "/etc/systemd/system/host-logging.service",
    ]
    assert files["/etc/host/environment"].content == "A=1\n"
    assert json.loads(files["/etc/host/cloudwatch-agent.json"].content) == {
        "agent": {"metrics_collection_interval": 300},
        "logs": {
            "logs_collected": {
                "files": {
                    "collect_list": [
                        {
                            "file_path": f"/var/log/{file}",
                            "log_group_name": "/shop/db",
                            "log_stream_name": f"{{instance_id}}/{stream}",
                        }
                        for file, stream in [
                            ("messages", "messages"),
                            ("secure", "secure"),
                            ("cloud-init-output.log", "cloud-init"),
                        ]
                    ]
                }
            }
        },
        "metrics": {
            "namespace": "CWAgent",
            "append_dimensions": {"InstanceId": "${aws:InstanceId}"},
            "metrics_collected": {
                "mem": {"measurement": ["mem_used_percent"]},
                "disk": {"measurement": ["used_percent"], "resources": ["/", "/data"], "drop_device": True},
            },
        },
    }


def test_templates_stand_inside_the_package() -> None:
    assert (Path(cloud_config.__file__).parent / "templates" / "cloud-config.yaml.j2").is_file()
