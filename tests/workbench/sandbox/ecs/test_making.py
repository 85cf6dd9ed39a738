import json
from typing import Any

import pytest

from tests.workbench.sandbox.conftest import Sandbox
from tests.workbench.sandbox.network import Network, make_network
from workbench.evaluate import Created
from workbench.sandbox.errors import AwsRefusalError, UnmappedInputError

CLUSTER_ARN = "arn:aws:ecs:eu-west-1:123456789012:cluster/shop"
TAGS = [{"key": "Project", "value": "shop"}]


@pytest.fixture(scope="module")
def network(sandbox: Sandbox) -> Network:
    return make_network(sandbox)


@pytest.fixture(scope="module", autouse=True)
def cluster(sandbox: Sandbox) -> Created:
    created = sandbox.create(
        "aws:ecs/cluster:Cluster", "shop", name="shop", settings=[{"name": "containerInsights", "value": "enabled"}]
    )
    sandbox.create(
        "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
        "shop",
        clusterName="shop",
        capacityProviders=["FARGATE", "FARGATE_SPOT"],
        defaultCapacityProviderStrategies=[{"capacityProvider": "FARGATE", "weight": 1, "base": 0}],
    )
    return created


def register(sandbox: Sandbox, family: str, *, image: str = "shop/api:one", **inputs: Any) -> Created:
    definitions = [{"name": name, "image": image, "essential": True} for name in ("api", "proxy")]
    return sandbox.create(
        "aws:ecs/taskDefinition:TaskDefinition",
        family,
        **{
            "family": family,
            "containerDefinitions": json.dumps(definitions),
            "requiresCompatibilities": ["FARGATE"],
            "networkMode": "awsvpc",
            "cpu": "256",
            "memory": "512",
            **inputs,
        },
    )


def serve(sandbox: Sandbox, network: Network, name: str, **inputs: Any) -> Created:
    return sandbox.create(
        "aws:ecs/service:Service",
        name,
        **{
            "name": name,
            "cluster": CLUSTER_ARN,
            "taskDefinition": register(sandbox, name).outputs["arn"],
            "desiredCount": 2,
            "capacityProviderStrategies": [{"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0}],
            "networkConfiguration": {
                "subnets": network.subnet_ids,
                "securityGroups": [network.security_group_id],
                "assignPublicIp": False,
            },
            **inputs,
        },
    )


def describe(sandbox: Sandbox, name: str) -> dict[str, Any]:
    (service,) = sandbox.client("ecs").describe_services(cluster="shop", services=[name])["services"]
    return service


def running_tasks(sandbox: Sandbox, name: str) -> list[dict[str, Any]]:
    ecs = sandbox.client("ecs")
    arns = ecs.list_tasks(cluster="shop", serviceName=name)["taskArns"]
    return ecs.describe_tasks(cluster="shop", tasks=arns)["tasks"] if arns else []


def address_of(task: dict[str, Any]) -> str:
    details = task["attachments"][0]["details"]
    return next(detail["value"] for detail in details if detail["name"] == "privateIPv4Address")


def test_cluster_has_its_insights_and_capacity_providers(sandbox: Sandbox, cluster: Created) -> None:
    (found,) = sandbox.client("ecs").describe_clusters(clusters=["shop"], include=["SETTINGS", "TAGS"])["clusters"]
    assert (cluster.id, cluster.outputs["arn"]) == (CLUSTER_ARN, CLUSTER_ARN)
    assert {
        key: found[key] for key in ("settings", "capacityProviders", "defaultCapacityProviderStrategy", "tags")
    } == {
        "settings": [{"name": "containerInsights", "value": "enabled"}],
        "capacityProviders": ["FARGATE", "FARGATE_SPOT"],
        "defaultCapacityProviderStrategy": [{"capacityProvider": "FARGATE", "weight": 1, "base": 0}],
        "tags": TAGS,
    }


PROXY_CONTAINER: dict[str, Any] = {
    "name": "proxy",
    "image": "shop/proxy:one",
    "essential": True,
    "cpu": 0,
    "environment": [{"name": "MODE", "value": "fast"}],
    "secrets": [{"name": "TOKEN", "valueFrom": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:x:TOKEN::"}],
    "portMappings": [{"containerPort": 443, "hostPort": 443, "protocol": "tcp"}],
    "mountPoints": [{"sourceVolume": "data", "containerPath": "/data", "readOnly": False}],
    "dependsOn": [{"containerName": "api", "condition": "HEALTHY"}],
    "healthCheck": {"command": ["CMD", "true"], "interval": 10, "timeout": 5, "retries": 3, "startPeriod": 30},
    "linuxParameters": {"initProcessEnabled": True},
    "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/shop/proxy"}},
    "stopTimeout": 30,
    "systemControls": [],
    "user": "1000:1000",
    "volumesFrom": [],
}
EFS_VOLUME: dict[str, Any] = {
    "fileSystemId": "fs-1",
    "transitEncryption": "ENABLED",
    "authorizationConfig": {"accessPointId": "fsap-1", "iam": "ENABLED"},
}


def test_task_definition_is_kept_as_it_was_written(sandbox: Sandbox) -> None:
    created = register(
        sandbox,
        "proxy",
        containerDefinitions=json.dumps([PROXY_CONTAINER]),
        cpu="1024",
        memory="2048",
        runtimePlatform={"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
        executionRoleArn="arn:aws:iam::123456789012:role/execution",
        taskRoleArn="arn:aws:iam::123456789012:role/task",
        volumes=[{"name": "data", "efsVolumeConfiguration": EFS_VOLUME}],
        skipDestroy=True,
        trackLatest=True,
    )
    answer = sandbox.client("ecs").describe_task_definition(taskDefinition="proxy", include=["TAGS"])
    found = answer["taskDefinition"]
    assert found["containerDefinitions"] == [PROXY_CONTAINER]
    assert {key: value for key, value in found.items() if key != "containerDefinitions"} == {
        "taskDefinitionArn": "arn:aws:ecs:eu-west-1:123456789012:task-definition/proxy:1",
        "family": "proxy",
        "revision": 1,
        "status": "ACTIVE",
        "cpu": "1024",
        "memory": "2048",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "compatibilities": ["EC2", "FARGATE"],
        "placementConstraints": [],
        "runtimePlatform": {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
        "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
        "taskRoleArn": "arn:aws:iam::123456789012:role/task",
        "volumes": [{"name": "data", "efsVolumeConfiguration": {**EFS_VOLUME, "rootDirectory": "/"}}],
    }
    assert answer["tags"] == TAGS
    assert (created.id, created.outputs["revision"]) == ("proxy", 1)
    assert created.outputs["arn"] == f"{created.outputs['arnWithoutRevision']}:1"


def test_second_registration_is_a_new_revision(sandbox: Sandbox) -> None:
    revisions = [register(sandbox, "revised").outputs["revision"] for _ in range(2)]
    assert revisions == [1, 2]


def test_service_keeps_what_moto_forgets(sandbox: Sandbox, network: Network) -> None:
    created = serve(
        sandbox,
        network,
        "remembered",
        deploymentCircuitBreaker={"enable": True, "rollback": True},
        deploymentMinimumHealthyPercent=100,
        deploymentMaximumPercent=200,
        enableExecuteCommand=True,
        enableEcsManagedTags=True,
        propagateTags="SERVICE",
        healthCheckGracePeriodSeconds=90,
        forceNewDeployment=True,
        waitForSteadyState=False,
    )
    found = describe(sandbox, "remembered")
    assert created.id == created.outputs["arn"] == "arn:aws:ecs:eu-west-1:123456789012:service/shop/remembered"
    expected = {
        "capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0}],
        "deploymentConfiguration": {
            "deploymentCircuitBreaker": {"enable": True, "rollback": True},
            "minimumHealthyPercent": 100,
            "maximumPercent": 200,
        },
        "enableExecuteCommand": True,
        "enableECSManagedTags": True,
        "propagateTags": "SERVICE",
        "healthCheckGracePeriodSeconds": 90,
        "networkConfiguration": {
            "awsvpcConfiguration": {
                "subnets": network.subnet_ids,
                "securityGroups": [network.security_group_id],
                "assignPublicIp": "DISABLED",
            }
        },
        "taskDefinition": "arn:aws:ecs:eu-west-1:123456789012:task-definition/remembered:1",
        "desiredCount": 2,
        "runningCount": 2,
        "pendingCount": 0,
    }
    assert {key: found[key] for key in expected} == expected
    assert "launchType" not in found


def test_change_of_a_service_is_remembered_too(sandbox: Sandbox, network: Network) -> None:
    serve(sandbox, network, "changed", enableExecuteCommand=True, healthCheckGracePeriodSeconds=90)
    sandbox.client("ecs").update_service(cluster="shop", service="changed", enableExecuteCommand=False)
    found = describe(sandbox, "changed")
    assert (found["enableExecuteCommand"], found["healthCheckGracePeriodSeconds"]) == (False, 90)


def test_tasks_of_a_service_run_in_its_subnets(sandbox: Sandbox, network: Network) -> None:
    serve(sandbox, network, "running", desiredCount=3, propagateTags="SERVICE", tags={"Name": "running"})
    tasks = running_tasks(sandbox, "running")
    assert [address_of(task).rpartition(".")[0] for task in tasks] == ["10.0.0", "10.0.1", "10.0.2"]
    assert {
        (
            task["lastStatus"],
            task["launchType"],
            task["capacityProviderName"],
            task["group"],
            task["taskDefinitionArn"].rpartition("/")[2],
            tuple(container["name"] for container in task["containers"]),
        )
        for task in tasks
    } == {("RUNNING", "FARGATE", "FARGATE_SPOT", "service:running", "running:1", ("api", "proxy"))}
    interfaces = sandbox.client("ec2").describe_network_interfaces(
        Filters=[
            {"Name": "private-ip-address", "Values": [address_of(tasks[0])]},
            {"Name": "vpc-id", "Values": [network.vpc_id]},
        ]
    )["NetworkInterfaces"]
    assert [[group["GroupId"] for group in interface["Groups"]] for interface in interfaces] == [
        [network.security_group_id]
    ]


def test_running_tasks_stay_running_however_often_one_looks(sandbox: Sandbox, network: Network) -> None:
    serve(sandbox, network, "steady")
    seen = [[task["taskArn"] for task in running_tasks(sandbox, "steady")] for _ in range(8)]
    assert len(seen[0]) == 2
    assert seen == [seen[0]] * 8


def test_tasks_are_listed_by_their_own_service(sandbox: Sandbox, network: Network) -> None:
    serve(sandbox, network, "one", desiredCount=1)
    serve(sandbox, network, "two", desiredCount=1)
    (one,), (two,) = running_tasks(sandbox, "one"), running_tasks(sandbox, "two")
    assert (one["group"], two["group"]) == ("service:one", "service:two")


def test_targets_of_a_service_are_registered_before_anybody_asks_ecs(sandbox: Sandbox, network: Network) -> None:
    group = sandbox.create(
        "aws:lb/targetGroup:TargetGroup",
        "balanced",
        name="balanced",
        port=3000,
        protocol="HTTP",
        targetType="ip",
        vpcId=network.vpc_id,
    )
    serve(
        sandbox,
        network,
        "balanced",
        loadBalancers=[{"targetGroupArn": group.id, "containerName": "api", "containerPort": 3000}],
    )
    health = sandbox.client("elbv2").describe_target_health(TargetGroupArn=group.id)["TargetHealthDescriptions"]
    targets = {(target["Target"]["Id"], target["Target"]["Port"], target["TargetHealth"]["State"]) for target in health}
    assert targets == {(address_of(task), 3000, "healthy") for task in running_tasks(sandbox, "balanced")}
    sandbox.client("ecs").update_service(cluster="shop", service="balanced", desiredCount=0)
    assert sandbox.client("elbv2").describe_target_health(TargetGroupArn=group.id)["TargetHealthDescriptions"] == []


def test_another_task_definition_is_another_deployment(sandbox: Sandbox, network: Network) -> None:
    serve(sandbox, network, "deployed")
    before = describe(sandbox, "deployed")["deployments"][0]["id"]
    register(sandbox, "deployed", image="shop/api:two")
    updated = sandbox.client("ecs").update_service(cluster="shop", service="deployed", taskDefinition="deployed")
    second = "arn:aws:ecs:eu-west-1:123456789012:task-definition/deployed:2"
    states = [(item["status"], item["rolloutState"]) for item in updated["service"]["deployments"]]
    assert states == [("PRIMARY", "IN_PROGRESS"), ("ACTIVE", "COMPLETED")]
    assert updated["service"]["taskDefinition"] == second
    after = describe(sandbox, "deployed")
    assert [(item["status"], item["rolloutState"], item["taskDefinition"]) for item in after["deployments"]] == [
        ("PRIMARY", "COMPLETED", second)
    ]
    assert after["deployments"][0]["id"] == updated["service"]["deployments"][0]["id"] != before
    images = [container["image"] for task in running_tasks(sandbox, "deployed") for container in task["containers"]]
    assert images == ["shop/api:two"] * 4


def test_same_task_definition_is_no_deployment_unless_forced(sandbox: Sandbox, network: Network) -> None:
    serve(sandbox, network, "repeated")
    ecs = sandbox.client("ecs")
    first = describe(sandbox, "repeated")["deployments"][0]["id"]
    ecs.update_service(cluster="shop", service="repeated", taskDefinition="repeated:1")
    assert describe(sandbox, "repeated")["deployments"][0]["id"] == first
    ecs.update_service(cluster="shop", service="repeated", forceNewDeployment=True)
    assert describe(sandbox, "repeated")["deployments"][0]["id"] != first


def test_stopped_task_is_replaced_and_gives_up_its_address(sandbox: Sandbox, network: Network) -> None:
    serve(sandbox, network, "replaced", desiredCount=1)
    (before,) = running_tasks(sandbox, "replaced")
    ecs = sandbox.client("ecs")
    ecs.stop_task(cluster="shop", task=before["taskArn"], reason="by hand")
    (after,) = running_tasks(sandbox, "replaced")
    (stopped,) = ecs.describe_tasks(cluster="shop", tasks=[before["taskArn"]])["tasks"]
    assert after["taskArn"] != before["taskArn"]
    assert (stopped["lastStatus"], stopped["stoppedReason"]) == ("STOPPED", "by hand")
    assert stopped["attachments"][0]["status"] == "DELETED"


def test_tasks_of_a_deleted_service_end(sandbox: Sandbox, network: Network) -> None:
    serve(sandbox, network, "deleted")
    assert len(running_tasks(sandbox, "deleted")) == 2
    sandbox.client("ecs").delete_service(cluster="shop", service="deleted", force=True)
    assert running_tasks(sandbox, "deleted") == []


def test_update_to_an_unknown_task_definition_is_refused_and_changes_nothing(
    sandbox: Sandbox, network: Network
) -> None:
    serve(sandbox, network, "unchanged")
    before = describe(sandbox, "unchanged")["deployments"]
    ecs = sandbox.client("ecs")
    with pytest.raises(ecs.exceptions.ClientException, match="Unable to describe task definition"):
        ecs.update_service(cluster="shop", service="unchanged", taskDefinition="unchanged:99")
    assert describe(sandbox, "unchanged")["deployments"] == before


def test_single_task_can_be_run_by_hand(sandbox: Sandbox, network: Network) -> None:
    register(sandbox, "migration")
    vpc_configuration = {"subnets": network.subnet_ids, "securityGroups": [network.security_group_id]}
    tasks = sandbox.client("ecs").run_task(
        cluster="shop",
        taskDefinition="migration",
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": vpc_configuration},
    )["tasks"]
    assert [(task["group"], task["lastStatus"]) for task in tasks] == [("family:migration", "PROVISIONING")]
    definition = sandbox.client("ecs").describe_task_definition(taskDefinition="migration")["taskDefinition"]
    assert [container.get("memory") for container in definition["containerDefinitions"]] == [None, None]


def test_cluster_counts_its_services_and_tasks(sandbox: Sandbox, network: Network) -> None:
    sandbox.create("aws:ecs/cluster:Cluster", "counted", name="counted")
    serve(sandbox, network, "counted", cluster="counted", desiredCount=3)
    (found,) = sandbox.client("ecs").describe_clusters(clusters=["counted"])["clusters"]
    counts = ("activeServicesCount", "runningTasksCount", "pendingTasksCount")
    assert [found[key] for key in counts] == [1, 3, 0]


def test_service_of_an_unknown_cluster_is_refused(sandbox: Sandbox, network: Network) -> None:
    with pytest.raises(AwsRefusalError, match="CreateService failed with ClusterNotFoundException: Cluster not found"):
        serve(sandbox, network, "lost", cluster="nowhere")


def test_tasks_of_an_unknown_cluster_are_refused(sandbox: Sandbox) -> None:
    ecs = sandbox.client("ecs")
    with pytest.raises(ecs.exceptions.ClusterNotFoundException):
        ecs.list_tasks(cluster="nowhere")


def test_unmapped_input_of_a_service_is_named(sandbox: Sandbox, network: Network) -> None:
    with pytest.raises(UnmappedInputError, match="input sigintRollback is not mapped; create_service takes "):
        serve(sandbox, network, "unmapped", sigintRollback=True)
