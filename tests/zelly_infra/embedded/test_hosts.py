"""The two EC2 hosts: the bastion and ClickHouse's."""

import base64
import json
from typing import Any

import pytest

from tests.zelly_infra.embedded.environment import Environment, only, picked, tags_of

HOSTS = ("bastion", "clickhouse")

SUBNETS = {"bastion": "network-public-a", "clickhouse": "network-private-a"}
ROOT_VOLUME_GIB = {"bastion": 8, "clickhouse": 12}


def instances(environment: Environment) -> dict[str, dict[str, Any]]:
    """Return the instances by short name."""
    return {
        environment.short(tags_of(instance)["Name"]): instance
        for reservation in environment.listed("ec2", "describe_instances", "Reservations")
        for instance in reservation["Instances"]
    }


def test_there_are_exactly_two_hosts(environment: Environment) -> None:
    assert {name: instance["InstanceId"] for name, instance in instances(environment).items()} == {
        "bastion": environment.outputs.bastion_instance_id,
        "clickhouse": environment.outputs.clickhouse_instance_id,
    }


@pytest.mark.parametrize("host", HOSTS)
def test_host_has_its_size_a_pinned_image_and_asks_for_metadata_tokens(environment: Environment, host: str) -> None:
    instance = instances(environment)[host]
    config = {"bastion": environment.config.bastion, "clickhouse": environment.config.clickhouse}[host]
    assert (instance["InstanceType"], instance["ImageId"], instance["State"]["Name"]) == (
        config.instance_type,
        config.ami_id,
        "running",
    )
    metadata = {"HttpTokens": "required", "HttpEndpoint": "enabled", "HttpPutResponseHopLimit": 1}
    assert picked(instance["MetadataOptions"], metadata) == metadata


@pytest.mark.parametrize("host", HOSTS)
def test_host_stands_in_zone_a_with_its_own_group_only(environment: Environment, host: str) -> None:
    instance = instances(environment)[host]
    assert environment.subnet_names[instance["SubnetId"]] == SUBNETS[host]
    assert instance["Placement"]["AvailabilityZone"] == f"{environment.region}a"
    assert environment.groups([group["GroupId"] for group in instance["SecurityGroups"]]) == [host]


@pytest.mark.parametrize("host", HOSTS)
def test_host_boots_from_an_encrypted_volume(environment: Environment, host: str) -> None:
    volumes = environment.listed(
        "ec2", "describe_volumes", "Volumes", Filters=[{"Name": "tag:Name", "Values": [f"*-{host}-root"]}]
    )
    expected = {"Encrypted": True, "VolumeType": "gp3", "Size": ROOT_VOLUME_GIB[host]}
    volume = only(volumes)
    assert picked(volume, expected) == expected
    attachment = only(volume["Attachments"])
    assert (attachment["InstanceId"], attachment["Device"]) == (instances(environment)[host]["InstanceId"], "/dev/xvda")


@pytest.mark.parametrize("host", HOSTS)
def test_hosts_log_group_is_kept_as_long_as_the_config_says(environment: Environment, host: str) -> None:
    config = {"bastion": environment.config.bastion, "clickhouse": environment.config.clickhouse}[host]
    name = f"/zelly/{host}"
    groups = environment.listed("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=name)
    assert [(group["logGroupName"], group["retentionInDays"]) for group in groups] == [
        (name, config.log_retention_days)
    ]


@pytest.mark.parametrize("host", HOSTS)
def test_another_image_or_other_user_data_never_replaces_a_host(environment: Environment, host: str) -> None:
    # AWS knows nothing of what an update does: it stands in the record.
    recorded = environment.evaluation.one("aws:ec2/instance:Instance", f"zelly-{environment.stack}-{host}-instance")
    assert (recorded.ignore_changes, recorded.inputs["userDataReplaceOnChange"]) == (("ami", "userData"), False)


def test_only_the_bastion_is_reached_from_outside_with_the_configured_key(environment: Environment) -> None:
    found = instances(environment)
    pair = only(environment.client("ec2").describe_key_pairs(IncludePublicKey=True)["KeyPairs"])
    assert {name: (each.get("PublicIpAddress"), each.get("KeyName")) for name, each in found.items()} == {
        "bastion": (environment.outputs.bastion_public_ip, pair["KeyName"]),
        "clickhouse": (None, None),
    }
    assert pair["PublicKey"] == environment.config.bastion.ssh_public_key
    assert found["clickhouse"]["PrivateIpAddress"] == environment.outputs.clickhouse_private_ip


def test_only_productions_clickhouse_host_refuses_to_be_terminated(environment: Environment) -> None:
    ec2 = environment.client("ec2")
    refusals = {
        name: ec2.describe_instance_attribute(InstanceId=each["InstanceId"], Attribute="disableApiTermination")
        for name, each in instances(environment).items()
    }
    # The bastion holds nothing: its Elastic IP and its key outlive it.
    assert {name: refusal["DisableApiTermination"]["Value"] for name, refusal in refusals.items()} == {
        "bastion": False,
        "clickhouse": environment.config.deletion_protection,
    }


def settings(environment: Environment, instance_id: str) -> dict[str, str]:
    """Return what user data tells a host about its environment."""
    ec2 = environment.client("ec2")
    answer = ec2.describe_instance_attribute(InstanceId=instance_id, Attribute="userData")
    lines = base64.b64decode(answer["UserData"]["Value"]).decode().splitlines()
    start = lines.index("  - path: /etc/host/environment")
    end = next(number for number in range(start + 1, len(lines)) if lines[number].startswith("  - path: "))
    return dict(line.strip().split("=", 1) for line in lines[start:end] if "=" in line)


def test_user_data_names_where_secrets_are_and_never_holds_one(environment: Environment) -> None:
    data = only(
        environment.listed(
            "ec2", "describe_volumes", "Volumes", Filters=[{"Name": "tag:Name", "Values": ["*-clickhouse-data"]}]
        )
    )
    disks = "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store"
    assert settings(environment, environment.outputs.bastion_instance_id) == {
        "AWS_REGION": environment.region,
        "SERVER_KEY_SECRET": "zelly/wireguard/server",
        "PEERS_PARAMETER": f"/zelly/{environment.stack}/wireguard/peers",
    }
    assert settings(environment, environment.outputs.clickhouse_instance_id) == {
        "AWS_REGION": environment.region,
        "DATA_DEVICE": f"{disks}_{data['VolumeId'].replace('-', '')}",
        "CONFIG_PARAMETER": f"/zelly/{environment.stack}/clickhouse/config",
        "CREDENTIALS_SECRET": "zelly/clickhouse/credentials",
        "LOG_GROUP": "/zelly/clickhouse",
    }


def test_clickhouse_runs_the_image_of_the_config(environment: Environment) -> None:
    name = f"/zelly/{environment.stack}/clickhouse/config"
    files = json.loads(environment.client("ssm").get_parameter(Name=name)["Parameter"]["Value"])
    lines = files["container.env"].splitlines()
    assert f"CLICKHOUSE_IMAGE={environment.config.clickhouse.image}" in lines
