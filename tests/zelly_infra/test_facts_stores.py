"""The data stores, their secrets and the VPN of the platform's documents, read off both stacks."""

import json
import re
from typing import Any

import pytest

from tests.zelly_infra.evaluations import STACKS, evaluation_of
from tests.zelly_infra.stack_files import environment_of
from workbench.evaluate import RecordedResource

INSTANCE = "aws:ec2/instance:Instance"
AMI = {"production": "ami-0a59fb4395466ed05", "staging": "ami-03431ee7541955c29"}
"""Amazon Linux 2023 of one release, in each stack's region."""
SECRET_VERSION = "aws:secretsmanager/secretVersion:SecretVersion"


def one(stack: str, type_token: str, part: str | None = None) -> RecordedResource:
    return evaluation_of(stack).one(type_token, part and f"zelly-{stack}-{part}")


def subnets(stack: str, kind: str) -> list[str]:
    return [f"${{zelly-{stack}-network-{kind}-{zone}.id}}" for zone in "abc"]


CAPACITY = {"production": {"minCapacity": 0.5}, "staging": {"minCapacity": 0, "secondsUntilAutoPause": 300}}
"""Staging sleeps ("drops to near-zero ACU when idle"); production never does."""


@pytest.mark.parametrize(
    ("stack", "maximum_acu", "subnet_kind", "backup_days", "final_snapshot"),
    [
        ("production", 8, "private", 14, "zelly-production-aurora-final"),
        ("staging", 2, "public", 7, None),
    ],
)
def test_aurora_is_as_documented(
    stack: str, maximum_acu: float, subnet_kind: str, backup_days: int, final_snapshot: str | None
) -> None:
    name, protected = f"zelly-{stack}-aurora", stack == "production"
    cluster = one(stack, "aws:rds/cluster:Cluster").inputs
    assert cluster == {
        "clusterIdentifier": name,
        "engine": "aurora-mysql",
        "engineMode": "provisioned",
        "engineVersion": "8.0.mysql_aurora.3.10.5",
        "serverlessv2ScalingConfiguration": {"maxCapacity": maximum_acu, **CAPACITY[stack]},
        "port": 3306,
        "masterUsername": "root",
        "masterPassword": "[secret]",
        "dbSubnetGroupName": f"${{{name}-subnets.name}}",
        "dbClusterParameterGroupName": f"${{{name}-parameters.name}}",
        "vpcSecurityGroupIds": [f"${{{name}-sg.id}}"],
        "storageEncrypted": True,
        "backupRetentionPeriod": backup_days,
        "preferredBackupWindow": "19:00-20:00",
        "preferredMaintenanceWindow": "sun:20:30-sun:21:30",
        "copyTagsToSnapshot": True,
        "enabledCloudwatchLogsExports": ["error", "slowquery"],
        "deletionProtection": protected,
        "skipFinalSnapshot": not protected,
        "applyImmediately": not protected,
        **({"finalSnapshotIdentifier": final_snapshot} if final_snapshot else {}),
    }
    instance = one(stack, "aws:rds/clusterInstance:ClusterInstance").inputs
    assert (
        instance["identifier"],
        instance["instanceClass"],
        instance["publiclyAccessible"],
        instance["performanceInsightsEnabled"],
    ) == (f"{name}-1", "db.serverless", not protected, False)
    assert one(stack, "aws:rds/subnetGroup:SubnetGroup").inputs["subnetIds"] == subnets(stack, subnet_kind)


@pytest.mark.parametrize(
    ("stack", "node_type", "snapshot_days"),
    [("production", "cache.t4g.small", 7), ("staging", "cache.t4g.micro", 1)],
)
def test_redis_is_one_documented_node_that_never_evicts(stack: str, node_type: str, snapshot_days: int) -> None:
    name, protected = f"zelly-{stack}-redis", stack == "production"
    assert one(stack, "aws:elasticache/replicationGroup:ReplicationGroup").inputs == {
        "description": "Redis with one node",
        "engine": "redis",
        "engineVersion": "7.1",
        "nodeType": node_type,
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
        "snapshotRetentionLimit": snapshot_days,
        "snapshotWindow": "19:00-20:00",
        "maintenanceWindow": "sun:20:30-sun:21:30",
        "notificationTopicArn": f"${{zelly-{stack}-cache-events.arn}}",
        "applyImmediately": not protected,
        "tags": {"Name": name},
        **({"finalSnapshotIdentifier": f"{name}-final"} if protected else {}),
    }
    parameters = one(stack, "aws:elasticache/parameterGroup:ParameterGroup").inputs
    assert (parameters["family"], parameters["parameters"]) == (
        "redis7",
        [{"name": "maxmemory-policy", "value": "noeviction"}],
    )
    assert one(stack, "aws:elasticache/subnetGroup:SubnetGroup").inputs["subnetIds"] == subnets(stack, "private")


@pytest.mark.parametrize(
    ("stack", "instance_type", "volume_gib", "snapshots"),
    [("production", "t3.medium", 50, 14), ("staging", "t3.small", 20, 7)],
)
def test_clickhouse_is_as_documented_and_private(
    stack: str, instance_type: str, volume_gib: int, snapshots: int
) -> None:
    protected, region = stack == "production", environment_of(stack)["region"]
    instance = one(stack, INSTANCE, "clickhouse-instance").inputs
    assert (
        instance["instanceType"],
        instance["ami"],
        instance["subnetId"],
        instance["associatePublicIpAddress"],
        instance["disableApiTermination"],
        instance["metadataOptions"]["httpTokens"],
    ) == (instance_type, AMI[stack], f"${{zelly-{stack}-network-private-a.id}}", False, protected, "required")
    volume = one(stack, "aws:ebs/volume:Volume").inputs
    assert {key: volume[key] for key in ("availabilityZone", "size", "type", "encrypted", "finalSnapshot")} == {
        "availabilityZone": f"{region}a",
        "size": volume_gib,
        "type": "gp3",
        "encrypted": True,
        "finalSnapshot": protected,
    }
    details = one(stack, "aws:dlm/lifecyclePolicy:LifecyclePolicy").inputs["policyDetails"]
    assert details["targetTags"].items() <= volume["tags"].items()
    (schedule,) = details["schedules"]
    assert (schedule["createRule"]["interval"], schedule["retainRule"]) == (24, {"count": snapshots})


@pytest.mark.parametrize("stack", STACKS)
def test_clickhouse_runs_the_documented_version_on_the_documented_ports(stack: str) -> None:
    parameter = one(stack, "aws:ssm/parameter:Parameter", "clickhouse-config").inputs
    files = json.loads(parameter["insecureValue"])
    assert parameter["name"] == f"/zelly/{stack}/clickhouse/config"
    assert files["container.env"] == "CLICKHOUSE_IMAGE=docker.io/clickhouse/clickhouse-server:24.3.18.7\n"
    # Three quarters of a t3.medium's 4 GiB; of a t3.small's 2 GiB what 640 MiB for the host leave.
    memory_mib = {"production": 3072, "staging": 1408}[stack]
    settings = dict(re.findall(r"<(http_port|tcp_port|max_server_memory_usage)>(\d+)<", files["config.d/server.xml"]))
    assert settings == {
        "http_port": "8123",
        "tcp_port": "9000",
        "max_server_memory_usage": str(memory_mib * 1024 * 1024),
    }


@pytest.mark.parametrize("stack", STACKS)
def test_certificates_lie_on_encrypted_backed_up_storage_in_every_private_subnet(stack: str) -> None:
    name = f"zelly-{stack}-caddy"
    assert one(stack, "aws:efs/fileSystem:FileSystem").inputs["encrypted"] is True
    assert one(stack, "aws:efs/backupPolicy:BackupPolicy").inputs["backupPolicy"] == {"status": "ENABLED"}
    point = one(stack, "aws:efs/accessPoint:AccessPoint").inputs
    assert (point["posixUser"], point["rootDirectory"]) == (
        {"uid": 1000, "gid": 1000},
        {"path": "/caddy", "creationInfo": {"ownerUid": 1000, "ownerGid": 1000, "permissions": "0700"}},
    )
    targets = evaluation_of(stack).of_type("aws:efs/mountTarget:MountTarget")
    assert [(target.inputs["subnetId"], target.inputs["securityGroups"]) for target in targets] == [
        (subnet, [f"${{{name}-sg.id}}"]) for subnet in subnets(stack, "private")
    ]


@pytest.mark.parametrize("stack", STACKS)
def test_bastion_is_the_documented_vpn_server(stack: str) -> None:
    octet = {"production": 0, "staging": 1}[stack]
    instance = one(stack, INSTANCE, "bastion-instance")
    assert tuple(instance.inputs[key] for key in ("instanceType", "ami", "subnetId", "keyName")) == (
        "t3.micro",
        AMI[stack],
        f"${{zelly-{stack}-network-public-a.id}}",
        f"${{zelly-{stack}-bastion-ssh.keyName}}",
    )
    key = one(stack, "aws:ec2/keyPair:KeyPair").inputs["publicKey"]
    assert key == environment_of(stack)["bastion"]["ssh_public_key"]
    assert instance.replacement_trigger == {
        "region": environment_of(stack)["region"],
        "vpc_cidr_block": f"10.{octet}.0.0/16",
        "vpn_cidr_block": "10.10.0.0/24",
        "wireguard_port": 51820,
        "server_key_secret_name": "zelly/wireguard/server",
        "peers_parameter_name": f"/zelly/{stack}/wireguard/peers",
        "log_group_name": "/zelly/bastion",
        "architecture": "x86_64",
    }
    peers = json.loads(one(stack, "aws:ssm/parameter:Parameter", "bastion-peers").inputs["insecureValue"])
    assert [(peer["name"], peer["address"]) for peer in peers] == [("peer1", "10.10.0.2"), ("peer2", "10.10.0.3")]
    configs = evaluation_of(stack).plain_outputs["vpn_client_configs"]
    assert configs.keys() == {"peer1", "peer2"}
    assert f"\nAllowedIPs = 10.{octet}.0.0/16, 10.10.0.0/24\n" in configs["peer1"]
    assert f"\nEndpoint = ${{zelly-{stack}-bastion-eip.publicIp}}:51820\n" in configs["peer1"]


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
def test_secrets_hold_exactly_the_documented_keys_and_values(stack: str) -> None:
    name = f"zelly-{stack}"
    values = plain_values(stack)
    assert values.pop("zelly/wireguard/server").keys() == {"WIREGUARD_PRIVATE_KEY"}
    application = {
        "zelly/fastify-nova/env": (
            "JWT_SECRET RAZORPAY_KEY_ID RAZORPAY_KEY_SECRET RAZORPAY_WEBHOOK_SECRET SLACK_WEBHOOK_URL "
            "FIREBASE_PROJECT_ID FIREBASE_CLIENT_EMAIL FIREBASE_PRIVATE_KEY "
            "CLICKHOUSE_HOST CLICKHOUSE_PORT CLICKHOUSE_USER CLICKHOUSE_PASSWORD"
        ),
        "zelly/customer-panel/env": "JWT_SECRET COOKIE_SECRET SSO_ISSUER_URL SSO_CLIENT_ID SSO_CLIENT_SECRET",
        "zelly/orion-backend/env": "JWT_SECRET_KEY CORS_ORIGINS",
    }
    assert values == {
        "zelly/aurora/master": {
            "DB_HOST": f"${{{name}-aurora-cluster.endpoint}}",
            "DB_USER": "root",
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
            "CLICKHOUSE_USER": "zelly",
            "CLICKHOUSE_PASSWORD": f"${{{name}-clickhouse-password.result}}",
        },
        **{path: dict.fromkeys(keys.split(), "") for path, keys in application.items()},
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
