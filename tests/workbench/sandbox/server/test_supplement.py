import http.client
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.workbench.sandbox.conftest import Sandbox


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("ecs", "execute_command", {"command": "sh", "interactive": True, "task": "x"}),
        ("ec2", "describe_verified_access_groups", {}),
        ("cloudwatch", "describe_anomaly_detectors", {}),
        ("elasticache", "describe_events", {}),
    ],
)
def test_operation_that_moto_lacks_is_refused_by_name_in_every_protocol(
    sandbox: Sandbox, service: str, operation: str, parameters: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as refusal:
        getattr(sandbox.client(service), operation)(**parameters)
    error = refusal.value.response.get("Error", {})
    assert error.get("Code") == "InternalFailure"
    assert error.get("Message") == f"NotImplementedError: The {operation} action has not been implemented"


def test_what_is_remembered_belongs_to_its_region(sandbox: Sandbox) -> None:
    descriptions: dict[str, list[str]] = {}
    for region in ("eu-west-1", "us-east-1"):
        ec2 = sandbox.client("ec2", region)
        group_id = ec2.create_security_group(GroupName="g", Description="g")["GroupId"]
        peer = {"GroupId": group_id, "Description": f"in {region}"}
        rule = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "UserIdGroupPairs": [peer]}
        ec2.authorize_security_group_ingress(GroupId=group_id, IpPermissions=[rule])
        filters = [{"Name": "group-id", "Values": [group_id]}]
        rules = ec2.describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
        descriptions[region] = [rule["Description"] for rule in rules if not rule["IsEgress"]]
    assert descriptions == {"eu-west-1": ["in eu-west-1"], "us-east-1": ["in us-east-1"]}


def test_later_write_changes_what_is_remembered(sandbox: Sandbox) -> None:
    ecs = sandbox.client("ecs")
    ecs.create_cluster(clusterName="shop")
    ecs.register_task_definition(family="api", containerDefinitions=[{"name": "api", "image": "api", "memory": 64}])
    ecs.create_service(
        cluster="shop", serviceName="api", taskDefinition="api", enableExecuteCommand=True, desiredCount=0
    )
    assert ecs.describe_services(cluster="shop", services=["api"])["services"][0]["enableExecuteCommand"] is True
    ecs.update_service(cluster="shop", service="api", enableExecuteCommand=False)
    assert ecs.describe_services(cluster="shop", services=["api"])["services"][0]["enableExecuteCommand"] is False


def test_older_service_of_the_same_signing_name_is_left_to_moto(sandbox: Sandbox) -> None:
    classic = sandbox.client("elb")
    listener = {"Protocol": "http", "LoadBalancerPort": 80, "InstancePort": 80}
    classic.create_load_balancer(LoadBalancerName="old", Listeners=[listener], AvailabilityZones=["eu-west-1a"])
    names = [found["LoadBalancerName"] for found in classic.describe_load_balancers()["LoadBalancerDescriptions"]]
    assert names == ["old"]


@pytest.mark.parametrize("path", ["/zelly-sandbox/stop", "/zelly-sandbox/identity"])
def test_only_who_knows_the_token_may_stop_or_identify_it(sandbox: Sandbox, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.aws.state.port)
    connection.request("POST", path, headers={"X-Sandbox-Token": "guess"})
    assert connection.getresponse().status == 403
    connection.close()
    assert sandbox.client("ec2").describe_regions()["Regions"]


def test_made_known_image_is_found_by_an_operator(sandbox: Sandbox) -> None:
    ec2 = sandbox.client("ec2")
    image_id = "ami-0fedcba9876543210"
    with pytest.raises(ClientError, match=r"InvalidAMIID\.NotFound"):
        ec2.describe_images(ImageIds=[image_id])
    ec2.run_instances(ImageId=image_id, InstanceType="t3.micro", MinCount=1, MaxCount=1)
    images = ec2.describe_images(ImageIds=[image_id])["Images"]
    assert [(image["ImageId"], image["RootDeviceName"], image["Architecture"]) for image in images] == [
        (image_id, "/dev/xvda", "x86_64")
    ]
