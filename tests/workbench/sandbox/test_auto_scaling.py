import base64
from typing import Any

from tests.workbench.sandbox.conftest import Sandbox

TEMPLATE, GROUP = "aws:ec2/launchTemplate:LaunchTemplate", "aws:autoscaling/group:Group"


def template(**changes: Any) -> dict[str, Any]:
    return {
        "name": "builders",
        "imageId": "ami-0123456789abcdef0",
        "instanceType": "m7a.large",
        "metadataOptions": {"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 1},
        "blockDeviceMappings": [
            {
                "deviceName": "/dev/xvda",
                "ebs": {"volumeType": "gp3", "volumeSize": 50, "encrypted": "true", "deleteOnTermination": "true"},
            }
        ],
        "instanceInitiatedShutdownBehavior": "terminate",
        "userData": base64.b64encode(b"#cloud-config").decode(),
        "tagSpecifications": [{"resourceType": "instance", "tags": {"Name": "builder"}}],
        **changes,
    }


def group(template_id: str, subnet_id: str, **changes: Any) -> dict[str, Any]:
    policy = {
        "instancesDistribution": {
            "onDemandBaseCapacity": 0,
            "onDemandPercentageAboveBaseCapacity": 0,
            "spotAllocationStrategy": "price-capacity-optimized",
        },
        "launchTemplate": {
            "launchTemplateSpecification": {"launchTemplateId": template_id, "version": "$Latest"},
            "overrides": [{"instanceType": "m7a.large"}, {"instanceType": "m6a.large"}],
        },
    }
    return {
        "name": "builders",
        "minSize": 0,
        "maxSize": 4,
        "vpcZoneIdentifiers": [subnet_id],
        "mixedInstancesPolicy": policy,
        "protectFromScaleIn": False,
        "suspendedProcesses": ["AZRebalance"],
        "maxInstanceLifetime": 86400,
        "forceDelete": True,
        "waitForCapacityTimeout": "0",
        **changes,
    }


def test_group_starts_what_is_wanted_from_the_newest_version_and_goes_with_its_instances(sandbox: Sandbox) -> None:
    vpc = sandbox.create("aws:ec2/vpc:Vpc", "builders", cidrBlock="10.91.0.0/16")
    subnet = sandbox.create("aws:ec2/subnet:Subnet", "builders", vpcId=vpc.id, cidrBlock="10.91.0.0/24")
    made = sandbox.create(TEMPLATE, "builders", **template())
    assert sandbox.read(TEMPLATE, "builders") == {}
    created = sandbox.create(GROUP, "builders", **group(made.id, subnet.id))
    assert created.id == "builders"
    assert created.outputs["arn"].endswith(":autoScalingGroupName/builders")
    assert sandbox.read(GROUP, "builders") == {}

    sandbox.update(TEMPLATE, "builders", **template(imageId="ami-0fedcba9876543210"))
    sandbox.update(GROUP, "builders", **group(made.id, subnet.id, maxSize=6, suspendedProcesses=["Launch"]))
    auto_scaling, ec2 = sandbox.client("autoscaling"), sandbox.client("ec2")
    (found,) = auto_scaling.describe_auto_scaling_groups(AutoScalingGroupNames=["builders"])["AutoScalingGroups"]
    assert (found["MinSize"], found["MaxSize"], found["DesiredCapacity"]) == (0, 6, 0)
    assert [each["ProcessName"] for each in found["SuspendedProcesses"]] == ["Launch"]

    auto_scaling.set_desired_capacity(AutoScalingGroupName="builders", DesiredCapacity=1)
    (group_now,) = auto_scaling.describe_auto_scaling_groups(AutoScalingGroupNames=["builders"])["AutoScalingGroups"]
    (instance,) = group_now["Instances"]
    (reservation,) = ec2.describe_instances(InstanceIds=[instance["InstanceId"]])["Reservations"]
    assert reservation["Instances"][0]["ImageId"] == "ami-0fedcba9876543210"

    sandbox.delete(GROUP, "builders")
    sandbox.delete(TEMPLATE, "builders")
    assert sandbox.read(GROUP, "builders") is None
    assert sandbox.read(TEMPLATE, "builders") is None
