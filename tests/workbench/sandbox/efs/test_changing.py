import json

import pytest

from tests.workbench.sandbox.conftest import Sandbox, tags_of
from tests.workbench.sandbox.network import Network, make_network
from workbench.sandbox.errors import AwsRefusalError

FILE_SYSTEM = "aws:efs/fileSystem:FileSystem"
ACCESS_POINT = "aws:efs/accessPoint:AccessPoint"
MOUNT_TARGET = "aws:efs/mountTarget:MountTarget"
BACKUP_POLICY = "aws:efs/backupPolicy:BackupPolicy"
POLICY = "aws:efs/fileSystemPolicy:FileSystemPolicy"


@pytest.fixture(scope="module")
def network(sandbox: Sandbox) -> Network:
    return make_network(sandbox)


def policy(effect: str) -> str:
    statement = {"Effect": effect, "Action": "elasticfilesystem:ClientMount", "Principal": {"AWS": "*"}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_throughput_lifecycle_and_tags_are_changed(sandbox: Sandbox) -> None:
    efs = sandbox.client("efs")
    file_system_id = sandbox.create(
        FILE_SYSTEM,
        "changed",
        throughputMode="provisioned",
        provisionedThroughputInMibps=128,
        lifecyclePolicies=[{"transitionToIa": "AFTER_30_DAYS"}],
    ).id
    sandbox.update(
        FILE_SYSTEM,
        "changed",
        throughputMode="provisioned",
        provisionedThroughputInMibps=256,
        lifecyclePolicies=[{"transitionToIa": "AFTER_90_DAYS"}],
    )
    (found,) = efs.describe_file_systems(FileSystemId=file_system_id)["FileSystems"]
    assert (found["ThroughputMode"], found["ProvisionedThroughputInMibps"]) == ("provisioned", 256)
    lifecycle = efs.describe_lifecycle_configuration(FileSystemId=file_system_id)["LifecyclePolicies"]
    assert lifecycle == [{"TransitionToIA": "AFTER_90_DAYS"}]
    sandbox.update(FILE_SYSTEM, "changed", throughputMode="elastic", tags={"Name": "caddy"})
    (found,) = efs.describe_file_systems(FileSystemId=file_system_id)["FileSystems"]
    assert (found["ThroughputMode"], "ProvisionedThroughputInMibps" in found) == ("elastic", False)
    assert tags_of(found["Tags"]) == {"Project": "shop", "Name": "caddy"}
    assert efs.describe_lifecycle_configuration(FileSystemId=file_system_id)["LifecyclePolicies"] == []


def test_policies_are_changed_and_taken_away(sandbox: Sandbox) -> None:
    efs = sandbox.client("efs")
    file_system_id = sandbox.create(FILE_SYSTEM, "governed").id
    sandbox.create(POLICY, "governed", fileSystemId=file_system_id, policy=policy("Allow"))
    sandbox.update(POLICY, "governed", fileSystemId=file_system_id, policy=policy("Deny"))
    assert efs.describe_file_system_policy(FileSystemId=file_system_id)["Policy"] == policy("Deny")
    sandbox.delete(POLICY, "governed")
    with pytest.raises(efs.exceptions.PolicyNotFound):
        efs.describe_file_system_policy(FileSystemId=file_system_id)
    sandbox.create(BACKUP_POLICY, "governed", fileSystemId=file_system_id, backupPolicy={"status": "DISABLED"})
    sandbox.update(BACKUP_POLICY, "governed", fileSystemId=file_system_id, backupPolicy={"status": "ENABLED"})
    assert efs.describe_backup_policy(FileSystemId=file_system_id)["BackupPolicy"] == {"Status": "ENABLED"}
    sandbox.delete(BACKUP_POLICY, "governed")
    assert efs.describe_backup_policy(FileSystemId=file_system_id)["BackupPolicy"] == {"Status": "DISABLED"}


def test_mount_target_changes_its_security_groups(sandbox: Sandbox, network: Network) -> None:
    other = sandbox.create("aws:ec2/securityGroup:SecurityGroup", "other", vpcId=network.vpc_id, description="Other").id
    where = {
        "fileSystemId": sandbox.create(FILE_SYSTEM, "mounted").id,
        "subnetId": network.subnet_ids[0],
    }
    created = sandbox.create(MOUNT_TARGET, "mounted", **where, securityGroups=[network.security_group_id])
    sandbox.update(MOUNT_TARGET, "mounted", **where, securityGroups=[other])
    efs = sandbox.client("efs")
    assert efs.describe_mount_target_security_groups(MountTargetId=created.id)["SecurityGroups"] == [other]


def test_file_system_goes_after_what_stands_on_it(sandbox: Sandbox, network: Network) -> None:
    efs, ec2 = sandbox.client("efs"), sandbox.client("ec2")
    file_system_id = sandbox.create(FILE_SYSTEM, "gone").id
    sandbox.create(
        MOUNT_TARGET,
        "gone",
        fileSystemId=file_system_id,
        subnetId=network.subnet_ids[1],
        securityGroups=[network.security_group_id],
    )
    access_point_id = sandbox.create(ACCESS_POINT, "gone", fileSystemId=file_system_id).id
    in_subnet = [{"Name": "subnet-id", "Values": [network.subnet_ids[1]]}]
    assert len(ec2.describe_network_interfaces(Filters=in_subnet)["NetworkInterfaces"]) == 1
    with pytest.raises(AwsRefusalError, match="DeleteFileSystem failed with FileSystemInUse"):
        sandbox.delete(FILE_SYSTEM, "gone")
    for _ in range(2):
        sandbox.delete(ACCESS_POINT, "gone")
        sandbox.delete(MOUNT_TARGET, "gone")
        sandbox.delete(FILE_SYSTEM, "gone")
    assert ec2.describe_network_interfaces(Filters=in_subnet)["NetworkInterfaces"] == []
    with pytest.raises(efs.exceptions.AccessPointNotFound):
        efs.describe_access_points(AccessPointId=access_point_id)
    with pytest.raises(efs.exceptions.FileSystemNotFound):
        efs.describe_file_systems(FileSystemId=file_system_id)
