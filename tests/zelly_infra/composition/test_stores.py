"""What the config says of the data stores and the VPN, and the catalog of their secrets, in what is registered."""

import json
import re
from typing import Any

import pytest

from tests.zelly_infra import facts
from tests.zelly_infra.evaluations import STACKS, config_of, evaluation_of
from workbench.evaluate import RecordedResource
from zelly_infra.catalog import APPLICATION_SECRETS

INSTANCE = "aws:ec2/instance:Instance"
SECRET_VERSION = "aws:secretsmanager/secretVersion:SecretVersion"


def one(stack: str, type_token: str, part: str | None = None) -> RecordedResource:
    return evaluation_of(stack).one(type_token, part and f"zelly-{stack}-{part}")


def subnets(stack: str, kind: str) -> list[str]:
    return [f"${{zelly-{stack}-network-{kind}-{zone}.id}}" for zone in "abc"]


@pytest.mark.parametrize("stack", STACKS)
def test_aurora_is_as_the_config_says(stack: str) -> None:
    config = config_of(stack)
    aurora, name, protected = config.aurora, f"zelly-{stack}-aurora", config.deletion_protection
    capacity = {
        "minCapacity": aurora.minimum_capacity_acu,
        "maxCapacity": aurora.maximum_capacity_acu,
        "secondsUntilAutoPause": aurora.seconds_until_auto_pause,
    }
    cluster = one(stack, "aws:rds/cluster:Cluster").inputs
    assert cluster == {
        "clusterIdentifier": name,
        "engine": "aurora-mysql",
        "engineMode": "provisioned",
        "engineVersion": aurora.engine_version,
        "serverlessv2ScalingConfiguration": {key: value for key, value in capacity.items() if value is not None},
        "port": 3306,
        "masterUsername": aurora.master_username,
        "masterPassword": "[secret]",
        "dbSubnetGroupName": f"${{{name}-subnets.name}}",
        "dbClusterParameterGroupName": f"${{{name}-parameters.name}}",
        "vpcSecurityGroupIds": [f"${{{name}-sg.id}}"],
        "storageEncrypted": True,
        "backupRetentionPeriod": aurora.backup_retention_days,
        "preferredBackupWindow": aurora.backup_window,
        "preferredMaintenanceWindow": aurora.maintenance_window,
        "copyTagsToSnapshot": True,
        "enabledCloudwatchLogsExports": ["error", "slowquery"],
        "deletionProtection": protected,
        "skipFinalSnapshot": not protected,
        "applyImmediately": aurora.apply_immediately,
        **({"finalSnapshotIdentifier": f"{name}-final"} if protected else {}),
    }
    instance = one(stack, "aws:rds/clusterInstance:ClusterInstance").inputs
    assert (
        instance["identifier"],
        instance["instanceClass"],
        instance["publiclyAccessible"],
        instance["performanceInsightsEnabled"],
    ) == (f"{name}-1", "db.serverless", aurora.publicly_accessible, aurora.performance_insights)
    reached_through = "public" if aurora.publicly_accessible else "private"
    assert one(stack, "aws:rds/subnetGroup:SubnetGroup").inputs["subnetIds"] == subnets(stack, reached_through)


@pytest.mark.parametrize("stack", STACKS)
def test_redis_is_one_node_that_never_evicts(stack: str) -> None:
    config = config_of(stack)
    redis, name, protected = config.redis, f"zelly-{stack}-redis", config.deletion_protection
    assert one(stack, "aws:elasticache/replicationGroup:ReplicationGroup").inputs == {
        "description": "Redis with one node",
        "engine": redis.engine,
        "engineVersion": redis.engine_version,
        "nodeType": redis.node_type,
        "numCacheClusters": 1,
        "automaticFailoverEnabled": False,
        "multiAzEnabled": False,
        "port": 6379,
        "parameterGroupName": f"${{{name}-parameters.name}}",
        "subnetGroupName": f"${{{name}-subnets.name}}",
        "securityGroupIds": [f"${{{name}-sg.id}}"],
        "transitEncryptionEnabled": True,
        "transitEncryptionMode": "required",
        "atRestEncryptionEnabled": True,
        "authToken": "[secret]",
        "authTokenUpdateStrategy": "ROTATE",
        "autoMinorVersionUpgrade": False,
        "snapshotRetentionLimit": redis.snapshot_retention_days,
        "snapshotWindow": redis.snapshot_window,
        "maintenanceWindow": redis.maintenance_window,
        "notificationTopicArn": f"${{zelly-{stack}-cache-events.arn}}",
        "applyImmediately": redis.apply_immediately,
        "tags": {"Name": name},
        **({"finalSnapshotIdentifier": f"{name}-final"} if protected else {}),
    }
    parameters = one(stack, "aws:elasticache/parameterGroup:ParameterGroup").inputs
    assert (parameters["family"], parameters["parameters"]) == (
        f"redis{redis.engine_version[0]}",
        [{"name": "maxmemory-policy", "value": "noeviction"}],
    )
    assert one(stack, "aws:elasticache/subnetGroup:SubnetGroup").inputs["subnetIds"] == subnets(stack, "private")


@pytest.mark.parametrize("stack", STACKS)
def test_clickhouse_is_as_the_config_says_and_private(stack: str) -> None:
    config = config_of(stack)
    clickhouse, protected = config.clickhouse, config.deletion_protection
    instance = one(stack, INSTANCE, "clickhouse-instance").inputs
    assert (
        instance["instanceType"],
        instance["ami"],
        instance["subnetId"],
        instance["associatePublicIpAddress"],
        instance["disableApiTermination"],
        instance["metadataOptions"]["httpTokens"],
    ) == (
        clickhouse.instance_type,
        clickhouse.ami_id,
        f"${{zelly-{stack}-network-private-{clickhouse.availability_zone[-1]}.id}}",
        False,
        protected,
        "required",
    )
    volume = one(stack, "aws:ebs/volume:Volume").inputs
    assert {key: volume[key] for key in ("availabilityZone", "size", "type", "encrypted", "finalSnapshot")} == {
        "availabilityZone": clickhouse.availability_zone,
        "size": clickhouse.volume_gib,
        "type": "gp3",
        "encrypted": True,
        "finalSnapshot": protected,
    }
    details = one(stack, "aws:dlm/lifecyclePolicy:LifecyclePolicy").inputs["policyDetails"]
    assert details["targetTags"].items() <= volume["tags"].items()
    (schedule,) = details["schedules"]
    assert (schedule["createRule"]["interval"], schedule["retainRule"]) == (24, {"count": clickhouse.snapshots_kept})


@pytest.mark.parametrize("stack", STACKS)
def test_clickhouse_runs_its_image_on_the_documented_ports(stack: str) -> None:
    clickhouse = config_of(stack).clickhouse
    parameter = one(stack, "aws:ssm/parameter:Parameter", "clickhouse-config").inputs
    files = json.loads(parameter["insecureValue"])
    assert parameter["name"] == f"/zelly/{stack}/clickhouse/config"
    assert files["container.env"] == f"CLICKHOUSE_IMAGE={clickhouse.image}\n"
    # Three quarters, or what 640 MiB for the host leave of less than 2.5 GiB.
    memory_mib = min(clickhouse.instance_memory_mib * 3 // 4, clickhouse.instance_memory_mib - 640)
    settings = dict(re.findall(r"<(http_port|tcp_port|max_server_memory_usage)>(\d+)<", files["config.d/server.xml"]))
    assert settings == {
        **{name: str(port) for name, port in facts.CLICKHOUSE_PORTS.items()},
        "max_server_memory_usage": str(memory_mib * 1024 * 1024),
    }


@pytest.mark.parametrize("stack", STACKS)
def test_certificates_lie_on_encrypted_backed_up_storage_in_every_private_subnet(stack: str) -> None:
    name = f"zelly-{stack}-caddy"
    assert one(stack, "aws:efs/fileSystem:FileSystem").inputs["encrypted"] is True
    assert one(stack, "aws:efs/backupPolicy:BackupPolicy").inputs["backupPolicy"] == {"status": "ENABLED"}
    point, config = one(stack, "aws:efs/accessPoint:AccessPoint").inputs, config_of(stack).storefront
    user, group = config.user_id, config.group_id
    assert (point["posixUser"], point["rootDirectory"]) == (
        {"uid": user, "gid": group},
        {
            "path": config.efs_directory,
            "creationInfo": {"ownerUid": user, "ownerGid": group, "permissions": "0700"},
        },
    )
    targets = evaluation_of(stack).of_type("aws:efs/mountTarget:MountTarget")
    assert [(target.inputs["subnetId"], target.inputs["securityGroups"]) for target in targets] == [
        (subnet, [f"${{{name}-sg.id}}"]) for subnet in subnets(stack, "private")
    ]


@pytest.mark.parametrize("stack", STACKS)
def test_bastion_is_the_vpn_server_that_the_config_says(stack: str) -> None:
    config = config_of(stack)
    bastion, cidr = config.bastion, config.network.cidr
    instance = one(stack, INSTANCE, "bastion-instance")
    assert tuple(instance.inputs[key] for key in ("instanceType", "ami", "subnetId", "keyName")) == (
        bastion.instance_type,
        bastion.ami_id,
        f"${{zelly-{stack}-network-public-a.id}}",
        f"${{zelly-{stack}-bastion-ssh.keyName}}",
    )
    assert one(stack, "aws:ec2/keyPair:KeyPair").inputs["publicKey"] == bastion.ssh_public_key
    assert instance.replacement_trigger == {
        "region": config.region,
        "vpc_cidr_block": str(cidr),
        "vpn_cidr_block": str(bastion.vpn_cidr),
        "wireguard_port": bastion.wireguard_port,
        "server_key_secret_name": "zelly/wireguard/server",
        "peers_parameter_name": f"/zelly/{stack}/wireguard/peers",
        "log_group_name": "/zelly/bastion",
        "architecture": "x86_64",
    }
    peers = json.loads(one(stack, "aws:ssm/parameter:Parameter", "bastion-peers").inputs["insecureValue"])
    assert {peer["name"]: peer["address"] for peer in peers} == {
        name: str(peer.address) for name, peer in bastion.peers.items()
    }
    configs = evaluation_of(stack).plain_outputs["vpn_client_configs"]
    assert configs.keys() == bastion.peers.keys()
    for text in configs.values():
        assert f"\nAllowedIPs = {cidr}, {bastion.vpn_cidr}\n" in text
        assert f"\nEndpoint = ${{zelly-{stack}-bastion-eip.publicIp}}:{bastion.wireguard_port}\n" in text


def plain_values(stack: str) -> dict[str, dict[str, Any]]:
    """Return the content of every secret by its name."""
    names = {
        f"${{{secret.name}.{attribute}}}": secret.inputs["name"]
        for secret in evaluation_of(stack).of_type("aws:secretsmanager/secret:Secret")
        for attribute in ("arn", "id")
    }
    return {
        names[version.inputs["secretId"]]: json.loads(version.plain_inputs["secretString"])
        for version in evaluation_of(stack).of_type(SECRET_VERSION)
    }


@pytest.mark.parametrize("stack", STACKS)
def test_secrets_hold_exactly_their_keys_and_values(stack: str) -> None:
    name = f"zelly-{stack}"
    values = plain_values(stack)
    assert values.pop("zelly/wireguard/server").keys() == {"WIREGUARD_PRIVATE_KEY"}
    assert values == {
        "zelly/aurora/master": {
            "DB_HOST": f"${{{name}-aurora-cluster.endpoint}}",
            "DB_USER": config_of(stack).aurora.master_username,
            "DB_PASSWORD": f"${{{name}-aurora-master-password.result}}",
        },
        "zelly/redis/auth": {
            "REDIS_HOST": f"${{{name}-redis.primaryEndpointAddress}}",
            "REDIS_PORT": "6379",
            "REDIS_PASSWORD": f"${{{name}-redis-auth-token.result}}",
        },
        "zelly/clickhouse/credentials": {
            "CLICKHOUSE_HOST": f"${{{name}-clickhouse-instance.privateIp}}",
            "CLICKHOUSE_PORT": "8123",
            "CLICKHOUSE_USER": config_of(stack).clickhouse.username,
            "CLICKHOUSE_PASSWORD": f"${{{name}-clickhouse-password.result}}",
        },
        **{path: dict.fromkeys(keys, "") for path, keys in APPLICATION_SECRETS.items()},
    }


@pytest.mark.parametrize("stack", STACKS)
def test_no_secret_value_stands_anywhere_in_plain_text(stack: str) -> None:
    evaluation = evaluation_of(stack)
    shown = json.dumps([[resource.inputs for resource in evaluation.resources], evaluation.outputs])
    private_key = plain_values(stack)["zelly/wireguard/server"]["WIREGUARD_PRIVATE_KEY"]
    passwords = [
        f"${{{password.name}.result}}" for password in evaluation.of_type("random:index/randomPassword:RandomPassword")
    ]
    assert len(passwords) == 3
    assert [value for value in (private_key, *passwords) if value in shown] == []
    # The search itself finds what is there.
    unmasked = json.dumps([resource.plain_inputs for resource in evaluation.resources])
    assert all(value in unmasked for value in (private_key, *passwords))
