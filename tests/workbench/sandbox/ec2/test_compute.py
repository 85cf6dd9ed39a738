import base64
from typing import Any

import pytest

from tests.workbench.sandbox.conftest import Sandbox, tags_of
from workbench.sandbox.errors import AwsRefusalError, UnmappedInputError

INSTANCE = "aws:ec2/instance:Instance"
AMI = "ami-0123456789abcdef0"
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN6b5bbSa5T1FaB4oRWp4pVuHUWlxkVrKp3Wi1h9CsDm operator"


@pytest.fixture(scope="module")
def vpc_id(sandbox: Sandbox) -> str:
    return sandbox.create("aws:ec2/vpc:Vpc", "shop", cidrBlock="10.0.0.0/16").id


@pytest.fixture(scope="module")
def subnet_id(sandbox: Sandbox, vpc_id: str) -> str:
    return sandbox.create(
        "aws:ec2/subnet:Subnet", "a", vpcId=vpc_id, cidrBlock="10.0.1.0/24", availabilityZone="eu-west-1a"
    ).id


def credits_of(ec2: Any, instance_id: str) -> str:
    answer = ec2.describe_instance_credit_specifications(InstanceIds=[instance_id])
    return answer["InstanceCreditSpecifications"][0]["CpuCredits"]


def test_instance_has_everything_that_was_asked_for(sandbox: Sandbox, vpc_id: str, subnet_id: str) -> None:
    group_id = sandbox.create("aws:ec2/securityGroup:SecurityGroup", "host", vpcId=vpc_id, description="Host").id
    sandbox.create("aws:iam/instanceProfile:InstanceProfile", "host", name="host-profile")
    sandbox.create("aws:ec2/keyPair:KeyPair", "operator", keyName="operator", publicKey=PUBLIC_KEY)
    created = sandbox.create(
        INSTANCE,
        "host",
        ami=AMI,
        instanceType="t3.small",
        subnetId=subnet_id,
        vpcSecurityGroupIds=[group_id],
        iamInstanceProfile="host-profile",
        keyName="operator",
        associatePublicIpAddress=False,
        metadataOptions={"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 1},
        rootBlockDevice={"volumeType": "gp3", "volumeSize": 9, "encrypted": True, "tags": {"Name": "host-root"}},
        maintenanceOptions={"autoRecovery": "default"},
        creditSpecification={"cpuCredits": "standard"},
        disableApiTermination=True,
        sourceDestCheck=False,
        userData="#cloud-config\n",
        userDataReplaceOnChange=False,
        tags={"Name": "host"},
    )
    ec2 = sandbox.client("ec2")
    instance = ec2.describe_instances(InstanceIds=[created.id])["Reservations"][0]["Instances"][0]
    assert (instance["ImageId"], instance["InstanceType"], instance["SubnetId"], instance["KeyName"]) == (
        AMI,
        "t3.small",
        subnet_id,
        "operator",
    )
    assert [group["GroupId"] for group in instance["SecurityGroups"]] == [group_id]
    assert instance["IamInstanceProfile"]["Arn"] == "arn:aws:iam::123456789012:instance-profile/host-profile"
    assert instance["MetadataOptions"]["HttpTokens"] == "required"
    assert instance["MetadataOptions"]["HttpPutResponseHopLimit"] == 1
    assert instance["MaintenanceOptions"] == {"AutoRecovery": "default"}
    assert credits_of(ec2, created.id) == "standard"
    assert instance["SourceDestCheck"] is False
    assert tags_of(instance["Tags"]) == {"Project": "shop", "Name": "host"}
    assert created.outputs["privateIp"] == instance["PrivateIpAddress"]
    assert created.outputs["availabilityZone"] == "eu-west-1a"
    assert created.outputs["publicIp"] == ""
    termination = ec2.describe_instance_attribute(InstanceId=created.id, Attribute="disableApiTermination")
    user_data = ec2.describe_instance_attribute(InstanceId=created.id, Attribute="userData")
    assert termination["DisableApiTermination"] == {"Value": True}
    assert base64.b64decode(user_data["UserData"]["Value"]) == b"#cloud-config\n"


def test_root_volume_has_its_size_encryption_and_tags(sandbox: Sandbox, subnet_id: str) -> None:
    created = sandbox.create(
        INSTANCE,
        "rooted",
        ami=AMI,
        instanceType="t3.small",
        subnetId=subnet_id,
        rootBlockDevice={"volumeType": "gp3", "volumeSize": 9, "encrypted": True, "tags": {"Name": "host-root"}},
    )
    filters = [{"Name": "attachment.instance-id", "Values": [created.id]}]
    volumes = sandbox.client("ec2").describe_volumes(Filters=filters)["Volumes"]
    assert [
        (volume["Size"], volume["VolumeType"], volume["Encrypted"], tags_of(volume["Tags"])) for volume in volumes
    ] == [(9, "gp3", True, {"Project": "shop", "Name": "host-root"})]


def test_malformed_image_is_refused(sandbox: Sandbox, subnet_id: str) -> None:
    with pytest.raises(AwsRefusalError, match=r"RunInstances failed with InvalidAMIID\.\w+: .*ami-latest"):
        sandbox.create(INSTANCE, "wrong", ami="ami-latest", instanceType="t3.small", subnetId=subnet_id)


def test_unknown_instance_type_is_refused(sandbox: Sandbox, subnet_id: str) -> None:
    with pytest.raises(AwsRefusalError, match=r"RunInstances failed with InvalidInstanceType\.NotFound"):
        sandbox.create(INSTANCE, "wrong", ami=AMI, instanceType="t3.huge", subnetId=subnet_id)


def test_unmapped_input_of_an_instance_is_named(sandbox: Sandbox, subnet_id: str) -> None:
    with pytest.raises(UnmappedInputError, match="input getPasswordData is not mapped; run_instances takes "):
        sandbox.create(INSTANCE, "wrong", ami=AMI, instanceType="t3.small", subnetId=subnet_id, getPasswordData=True)


def test_key_pair_is_the_operators_own(sandbox: Sandbox) -> None:
    created = sandbox.create("aws:ec2/keyPair:KeyPair", "bastion", publicKey=PUBLIC_KEY)
    pairs = sandbox.client("ec2").describe_key_pairs(KeyNames=[created.id], IncludePublicKey=True)["KeyPairs"]
    assert [pair["PublicKey"] for pair in pairs] == [PUBLIC_KEY]
    assert created.id == created.outputs["keyName"]


def test_volume_is_attached_under_its_device_name(sandbox: Sandbox, subnet_id: str) -> None:
    volume = sandbox.create(
        "aws:ebs/volume:Volume",
        "data",
        availabilityZone="eu-west-1a",
        size=50,
        type="gp3",
        encrypted=True,
        finalSnapshot=True,
        tags={"Name": "data", "Backup": "daily"},
    )
    instance = sandbox.create(INSTANCE, "data", ami=AMI, instanceType="t3.medium", subnetId=subnet_id)
    sandbox.create(
        "aws:ec2/volumeAttachment:VolumeAttachment",
        "data",
        volumeId=volume.id,
        instanceId=instance.id,
        deviceName="/dev/sdf",
        stopInstanceBeforeDetaching=True,
    )
    found = sandbox.client("ec2").describe_volumes(VolumeIds=[volume.id])["Volumes"][0]
    assert (found["Size"], found["VolumeType"], found["Encrypted"], found["AvailabilityZone"]) == (
        50,
        "gp3",
        True,
        "eu-west-1a",
    )
    assert [(item["InstanceId"], item["Device"]) for item in found["Attachments"]] == [(instance.id, "/dev/sdf")]
    assert tags_of(found["Tags"]) == {"Project": "shop", "Name": "data", "Backup": "daily"}


def test_elastic_ip_is_associated_with_the_instance(sandbox: Sandbox, vpc_id: str, subnet_id: str) -> None:
    sandbox.create("aws:ec2/internetGateway:InternetGateway", "shop", vpcId=vpc_id)
    instance = sandbox.create(INSTANCE, "bastion", ami=AMI, instanceType="t3.micro", subnetId=subnet_id)
    address = sandbox.create("aws:ec2/eip:Eip", "bastion", domain="vpc")
    association = sandbox.create(
        "aws:ec2/eipAssociation:EipAssociation", "bastion", allocationId=address.id, instanceId=instance.id
    )
    found = sandbox.client("ec2").describe_addresses(AllocationIds=[address.id])["Addresses"][0]
    assert (found["InstanceId"], found["AssociationId"]) == (instance.id, association.id)
