"""Instances, keys and volumes, changed in place and deleted."""

import base64
from typing import Any

import pytest

from tests.workbench.sandbox.conftest import Sandbox, tags_of
from workbench.evaluate import Created
from workbench.sandbox.errors import AwsRefusalError

INSTANCE = "aws:ec2/instance:Instance"
KEY_PAIR = "aws:ec2/keyPair:KeyPair"
VOLUME = "aws:ebs/volume:Volume"
ATTACHMENT = "aws:ec2/volumeAttachment:VolumeAttachment"
PROFILE = "aws:iam/instanceProfile:InstanceProfile"
AMI = "ami-0123456789abcdef0"
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN6b5bbSa5T1FaB4oRWp4pVuHUWlxkVrKp3Wi1h9CsDm operator"


@pytest.fixture(scope="module")
def vpc_id(sandbox: Sandbox) -> str:
    return sandbox.create("aws:ec2/vpc:Vpc", "compute", cidrBlock="10.0.0.0/16").id


@pytest.fixture(scope="module")
def host(sandbox: Sandbox, vpc_id: str) -> dict[str, Any]:
    """The inputs that an instance needs."""
    subnet_id = sandbox.create(
        "aws:ec2/subnet:Subnet", "compute", vpcId=vpc_id, cidrBlock="10.0.1.0/24", availabilityZone="eu-west-1a"
    ).id
    return {"ami": AMI, "instanceType": "t3.small", "subnetId": subnet_id}


def described(sandbox: Sandbox, instance_id: str) -> dict[str, Any]:
    return sandbox.client("ec2").describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][0]


def user_data_of(sandbox: Sandbox, instance_id: str) -> bytes:
    attribute = sandbox.client("ec2").describe_instance_attribute(InstanceId=instance_id, Attribute="userData")
    return base64.b64decode(attribute["UserData"]["Value"])


def volumes(sandbox: Sandbox, *volume_ids: str) -> list[dict[str, Any]]:
    filters = [{"Name": "volume-id", "Values": list(volume_ids)}]
    return sandbox.client("ec2").describe_volumes(Filters=filters)["Volumes"]


def root_volume(sandbox: Sandbox, instance_id: str) -> dict[str, Any]:
    (mapping,) = described(sandbox, instance_id)["BlockDeviceMappings"]
    return volumes(sandbox, mapping["Ebs"]["VolumeId"])[0]


def make_volume(sandbox: Sandbox, **inputs: Any) -> Created:
    return sandbox.create(VOLUME, "data", availabilityZone="eu-west-1a", encrypted=True, **inputs)


def test_instance_changes_its_type_and_user_data_and_runs_again(sandbox: Sandbox, host: dict[str, Any]) -> None:
    made = sandbox.create(INSTANCE, "resized", **host, userData="#one")
    outputs = sandbox.update(INSTANCE, "resized", **{**host, "instanceType": "t3.medium"}, userData="#two")
    instance = described(sandbox, made.id)
    assert (instance["InstanceType"], instance["State"]["Name"]) == ("t3.medium", "running")
    assert user_data_of(sandbox, made.id) == b"#two"
    assert outputs["instanceState"] == "running"


def test_instance_gets_encoded_user_data(sandbox: Sandbox, host: dict[str, Any]) -> None:
    made = sandbox.create(INSTANCE, "encoded", **host, userDataBase64=base64.b64encode(b"one").decode())
    sandbox.update(INSTANCE, "encoded", **host, userDataBase64=base64.b64encode(b"two").decode())
    assert user_data_of(sandbox, made.id) == b"two"


def test_instance_changes_its_groups_and_options(sandbox: Sandbox, vpc_id: str, host: dict[str, Any]) -> None:
    one, other = (
        sandbox.create("aws:ec2/securityGroup:SecurityGroup", name, vpcId=vpc_id, description=name).id
        for name in ("compute-one", "compute-other")
    )
    inputs = {**host, "associatePublicIpAddress": False}
    made = sandbox.create(
        INSTANCE,
        "options",
        **inputs,
        vpcSecurityGroupIds=[one],
        metadataOptions={"httpEndpoint": "enabled", "httpTokens": "optional", "httpPutResponseHopLimit": 1},
        maintenanceOptions={"autoRecovery": "default"},
        sourceDestCheck=True,
    )
    sandbox.update(
        INSTANCE,
        "options",
        **inputs,
        vpcSecurityGroupIds=[other],
        metadataOptions={"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 2},
        maintenanceOptions={"autoRecovery": "disabled"},
        sourceDestCheck=False,
    )
    instance = described(sandbox, made.id)
    options = instance["MetadataOptions"]
    assert [group["GroupId"] for group in instance["SecurityGroups"]] == [other]
    assert (options["HttpEndpoint"], options["HttpTokens"], options["HttpPutResponseHopLimit"]) == (
        "enabled",
        "required",
        2,
    )
    assert (instance["MaintenanceOptions"], instance["SourceDestCheck"]) == ({"AutoRecovery": "disabled"}, False)


def test_instance_changes_its_profile_loses_it_and_gets_one_again(sandbox: Sandbox, host: dict[str, Any]) -> None:
    for name in ("compute-one", "compute-other"):
        sandbox.create(PROFILE, name, name=name)
    made = sandbox.create(INSTANCE, "profiled", **host, iamInstanceProfile="compute-one")
    found: list[str | None] = []
    for profile in ("compute-other", None, "compute-one"):
        sandbox.update(INSTANCE, "profiled", **host, **({"iamInstanceProfile": profile} if profile else {}))
        instance = described(sandbox, made.id)
        found.append(instance["IamInstanceProfile"]["Arn"] if "IamInstanceProfile" in instance else None)
    prefix = "arn:aws:iam::123456789012:instance-profile"
    assert found == [f"{prefix}/compute-other", None, f"{prefix}/compute-one"]


def test_root_volume_grows_and_changes_its_tags(sandbox: Sandbox, host: dict[str, Any]) -> None:
    device = {"volumeType": "gp3", "volumeSize": 9, "encrypted": True, "tags": {"Name": "root", "Old": "yes"}}
    made = sandbox.create(INSTANCE, "rooted", **host, rootBlockDevice=device)
    grown = {**device, "volumeSize": 20, "tags": {"Name": "host-root"}}
    sandbox.update(INSTANCE, "rooted", **host, rootBlockDevice=grown)
    volume = root_volume(sandbox, made.id)
    assert (volume["Size"], volume["VolumeType"], tags_of(volume["Tags"])) == (
        20,
        "gp3",
        {"Project": "shop", "Name": "host-root"},
    )


def test_instance_changes_what_it_does_without_credits(sandbox: Sandbox, host: dict[str, Any]) -> None:
    made = sandbox.create(INSTANCE, "bursting", **host, creditSpecification={"cpuCredits": "standard"})
    sandbox.update(INSTANCE, "bursting", **host, creditSpecification={"cpuCredits": "unlimited"})
    answer = sandbox.client("ec2").describe_instance_credit_specifications(InstanceIds=[made.id])
    assert [one["CpuCredits"] for one in answer["InstanceCreditSpecifications"]] == ["unlimited"]


def test_instance_goes_with_its_root_volume_and_its_interface(sandbox: Sandbox, host: dict[str, Any]) -> None:
    made = sandbox.create(INSTANCE, "gone", **host, rootBlockDevice={"volumeSize": 9})
    root_id = root_volume(sandbox, made.id)["VolumeId"]
    sandbox.delete(INSTANCE, "gone")
    # AWS shows a terminated one for an hour.
    assert described(sandbox, made.id)["State"]["Name"] == "terminated"
    assert volumes(sandbox, root_id) == []
    of_instance = [{"Name": "attachment.instance-id", "Values": [made.id]}]
    assert sandbox.client("ec2").describe_network_interfaces(Filters=of_instance)["NetworkInterfaces"] == []


def test_protected_instance_is_terminated_only_once_it_is_not(sandbox: Sandbox, host: dict[str, Any]) -> None:
    made = sandbox.create(INSTANCE, "protected", **host, disableApiTermination=True)
    with pytest.raises(AwsRefusalError, match="TerminateInstances failed with OperationNotPermitted"):
        sandbox.delete(INSTANCE, "protected")
    sandbox.update(INSTANCE, "protected", **host, disableApiTermination=False)
    sandbox.delete(INSTANCE, "protected")
    assert described(sandbox, made.id)["State"]["Name"] == "terminated"


def test_protected_instance_that_is_to_be_destroyed_by_force_is_terminated(
    sandbox: Sandbox, host: dict[str, Any]
) -> None:
    made = sandbox.create(INSTANCE, "forced", **host, disableApiTermination=True, forceDestroy=True)
    sandbox.delete(INSTANCE, "forced")
    assert described(sandbox, made.id)["State"]["Name"] == "terminated"


def test_volume_grows_and_changes_its_type(sandbox: Sandbox) -> None:
    made = make_volume(sandbox, size=10, type="gp2")
    inputs = {"availabilityZone": "eu-west-1a", "encrypted": True}
    sandbox.update(VOLUME, "data", **inputs, size=40, type="gp3", iops=4000, throughput=250)
    (volume,) = volumes(sandbox, made.id)
    assert (volume["Size"], volume["VolumeType"], volume["Iops"], volume["Throughput"]) == (40, "gp3", 4000, 250)


def test_volume_does_not_shrink(sandbox: Sandbox) -> None:
    made = make_volume(sandbox, size=10)
    with pytest.raises(AwsRefusalError, match="New size cannot be smaller than existing size"):
        sandbox.update(VOLUME, "data", availabilityZone="eu-west-1a", encrypted=True, size=9)
    assert volumes(sandbox, made.id)[0]["Size"] == 10


@pytest.mark.parametrize("final_snapshot", [True, False])
def test_volume_goes_and_leaves_a_snapshot_if_asked_to(sandbox: Sandbox, final_snapshot: bool) -> None:
    made = make_volume(sandbox, size=10, finalSnapshot=final_snapshot, tags={"Name": "data"})
    sandbox.delete(VOLUME, "data")
    filters = [{"Name": "volume-id", "Values": [made.id]}]
    snapshots = sandbox.client("ec2").describe_snapshots(Filters=filters)["Snapshots"]
    expected = [{"Project": "shop", "Name": "data"}] if final_snapshot else []
    assert volumes(sandbox, made.id) == []
    assert [tags_of(snapshot["Tags"]) for snapshot in snapshots] == expected


def test_volume_is_detached_from_the_stopped_instance_and_goes(sandbox: Sandbox, host: dict[str, Any]) -> None:
    instance = sandbox.create(INSTANCE, "attached", **host)
    volume = make_volume(sandbox, size=10)
    sandbox.create(
        ATTACHMENT,
        "data",
        deviceName="/dev/sdf",
        instanceId=instance.id,
        volumeId=volume.id,
        stopInstanceBeforeDetaching=True,
    )
    with pytest.raises(AwsRefusalError, match="DeleteVolume failed with VolumeInUse"):
        sandbox.delete(VOLUME, "data")
    sandbox.delete(ATTACHMENT, "data")
    assert (volumes(sandbox, volume.id)[0]["State"], described(sandbox, instance.id)["State"]["Name"]) == (
        "available",
        "stopped",
    )
    sandbox.delete(VOLUME, "data")
    assert volumes(sandbox, volume.id) == []


def test_attachment_that_outlives_its_resource_stays(sandbox: Sandbox, host: dict[str, Any]) -> None:
    instance = sandbox.create(INSTANCE, "kept", **host)
    volume = make_volume(sandbox, size=10)
    attached = {"deviceName": "/dev/sdf", "instanceId": instance.id, "volumeId": volume.id}
    sandbox.create(ATTACHMENT, "kept", **attached, skipDestroy=True)
    sandbox.delete(ATTACHMENT, "kept")
    assert volumes(sandbox, volume.id)[0]["State"] == "in-use"


def test_key_pair_changes_its_tags_and_goes(sandbox: Sandbox) -> None:
    sandbox.create(KEY_PAIR, "changed", keyName="changed", publicKey=PUBLIC_KEY)
    sandbox.update(KEY_PAIR, "changed", keyName="changed", publicKey=PUBLIC_KEY, tags={"Owner": "operator"})
    ec2 = sandbox.client("ec2")
    by_name = [{"Name": "key-name", "Values": ["changed"]}]
    (key_pair,) = ec2.describe_key_pairs(Filters=by_name)["KeyPairs"]
    assert tags_of(key_pair["Tags"]) == {"Project": "shop", "Owner": "operator"}
    sandbox.delete(KEY_PAIR, "changed")
    assert ec2.describe_key_pairs(Filters=by_name)["KeyPairs"] == []
