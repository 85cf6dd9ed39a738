import json

import pytest

from tests.workbench.sandbox.conftest import Sandbox, tags_of
from tests.workbench.sandbox.network import make_network
from workbench.evaluate import Created
from workbench.sandbox.errors import AwsRefusalError

POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": {"AWS": "*"},
                "Action": "elasticfilesystem:ClientMount",
                "Resource": "*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }
)


@pytest.fixture(scope="module")
def file_system(sandbox: Sandbox) -> Created:
    return sandbox.create(
        "aws:efs/fileSystem:FileSystem",
        "caddy",
        encrypted=True,
        throughputMode="elastic",
        lifecyclePolicies=[{"transitionToIa": "AFTER_30_DAYS"}],
        tags={"Name": "caddy"},
    )


def test_file_system_is_encrypted_and_named(sandbox: Sandbox, file_system: Created) -> None:
    efs = sandbox.client("efs")
    (found,) = efs.describe_file_systems(FileSystemId=file_system.id)["FileSystems"]
    assert (found["Encrypted"], found["ThroughputMode"], found["PerformanceMode"]) == (
        True,
        "elastic",
        "generalPurpose",
    )
    assert tags_of(found["Tags"]) == {"Project": "shop", "Name": "caddy"}
    lifecycle = efs.describe_lifecycle_configuration(FileSystemId=file_system.id)["LifecyclePolicies"]
    assert lifecycle == [{"TransitionToIA": "AFTER_30_DAYS"}]
    assert {key: file_system.outputs[key] for key in ("arn", "dnsName")} == {
        "arn": f"arn:aws:elasticfilesystem:eu-west-1:123456789012:file-system/{file_system.id}",
        "dnsName": f"{file_system.id}.efs.eu-west-1.amazonaws.com",
    }


def test_access_point_is_a_directory_with_an_owner(sandbox: Sandbox, file_system: Created) -> None:
    created = sandbox.create(
        "aws:efs/accessPoint:AccessPoint",
        "caddy",
        fileSystemId=file_system.id,
        posixUser={"uid": 1000, "gid": 1001},
        rootDirectory={
            "path": "/caddy",
            "creationInfo": {"ownerUid": 1000, "ownerGid": 1001, "permissions": "0700"},
        },
        tags={"Name": "caddy"},
    )
    (found,) = sandbox.client("efs").describe_access_points(AccessPointId=created.id)["AccessPoints"]
    assert found["FileSystemId"] == file_system.id
    assert found["PosixUser"] == {"Uid": 1000, "Gid": 1001}
    assert found["RootDirectory"] == {
        "Path": "/caddy",
        "CreationInfo": {"OwnerUid": 1000, "OwnerGid": 1001, "Permissions": "0700"},
    }
    assert tags_of(found["Tags"]) == {"Project": "shop", "Name": "caddy"}
    assert (created.outputs["arn"], created.outputs["fileSystemArn"]) == (
        f"arn:aws:elasticfilesystem:eu-west-1:123456789012:access-point/{created.id}",
        file_system.outputs["arn"],
    )


def test_every_subnet_has_a_mount_target_behind_a_security_group(sandbox: Sandbox, file_system: Created) -> None:
    network = make_network(sandbox)
    created = [
        sandbox.create(
            "aws:efs/mountTarget:MountTarget",
            f"caddy-{position}",
            fileSystemId=file_system.id,
            subnetId=subnet_id,
            securityGroups=[network.security_group_id],
        )
        for position, subnet_id in enumerate(network.subnet_ids)
    ]
    efs = sandbox.client("efs")
    found = {
        item["MountTargetId"]: item for item in efs.describe_mount_targets(FileSystemId=file_system.id)["MountTargets"]
    }
    assert [found[item.id]["SubnetId"] for item in created] == network.subnet_ids
    groups = [efs.describe_mount_target_security_groups(MountTargetId=item.id)["SecurityGroups"] for item in created]
    assert groups == [[network.security_group_id]] * 3
    dns_name = f"{file_system.id}.efs.eu-west-1.amazonaws.com"
    assert [(item.outputs["dnsName"], item.outputs["mountTargetDnsName"]) for item in created] == [
        (dns_name, f"eu-west-1{zone}.{dns_name}") for zone in "abc"
    ]


def test_backups_are_on_only_where_they_were_switched_on(sandbox: Sandbox, file_system: Created) -> None:
    efs = sandbox.client("efs")
    assert efs.describe_backup_policy(FileSystemId=file_system.id)["BackupPolicy"] == {"Status": "DISABLED"}
    created = sandbox.create(
        "aws:efs/backupPolicy:BackupPolicy", "caddy", fileSystemId=file_system.id, backupPolicy={"status": "ENABLED"}
    )
    assert created.id == file_system.id
    assert efs.describe_backup_policy(FileSystemId=file_system.id)["BackupPolicy"] == {"Status": "ENABLED"}


def test_file_system_policy_is_kept(sandbox: Sandbox, file_system: Created) -> None:
    created = sandbox.create(
        "aws:efs/fileSystemPolicy:FileSystemPolicy", "caddy", fileSystemId=file_system.id, policy=POLICY
    )
    found = sandbox.client("efs").describe_file_system_policy(FileSystemId=file_system.id)
    assert (created.id, json.loads(found["Policy"])) == (file_system.id, json.loads(POLICY))


def test_backups_of_an_unknown_file_system_are_refused(sandbox: Sandbox) -> None:
    with pytest.raises(AwsRefusalError, match="PutBackupPolicy failed with FileSystemNotFound: File system 'fs-1'"):
        sandbox.create(
            "aws:efs/backupPolicy:BackupPolicy", "lost", fileSystemId="fs-1", backupPolicy={"status": "ENABLED"}
        )
