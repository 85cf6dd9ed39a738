import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.components.ecs_arguments import FULL, PROXY, REGISTRY, SMALL, WEB, WORKER, record_service, run_example
from workbench.evaluate import Created, Evaluation, Invocation, Registration, SymbolicBackend
from workbench.evaluate.secret_values import wrap
from zelly_components.ecs_service import EcsService, EcsServiceArgs

SERVICE = "aws:ecs/service:Service"
TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"
PARAMETER = "aws:ssm/parameter:Parameter"
SCALING_TARGET = "aws:appautoscaling/target:Target"
SCALING_POLICY = "aws:appautoscaling/policy:Policy"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"


class DeployedImages(SymbolicBackend):
    """Answers the image parameter as deploys left it, marked secret as the provider may, and notes the order."""

    def __init__(self, value: str) -> None:
        super().__init__()
        self.events: list[str] = []
        self._value = value

    def create(self, registration: Registration) -> Created:
        self.events.append(f"make {registration.name}")
        return super().create(registration)

    def invoke(self, invocation: Invocation) -> Mapping[str, Any]:
        self.events.append(f"read {invocation.args['name']}")
        return {**super().invoke(invocation), "value": wrap(self._value)}


def names(recorded: Evaluation, urns: tuple[str, ...]) -> set[str]:
    return {resource.name for resource in recorded.resources if resource.urn in urns}


def definitions(recorded: Evaluation) -> list[dict[str, Any]]:
    return json.loads(recorded.one(TASK_DEFINITION).inputs["containerDefinitions"])


def images(recorded: Evaluation) -> dict[str, str]:
    return {definition["name"]: definition["image"] for definition in definitions(recorded)}


# ---- the service ----


def test_service_behind_a_balancer() -> None:
    assert record_service(FULL).one(SERVICE).inputs == {
        "name": "shop-web",
        "cluster": "arn:aws:ecs:eu-west-1:123456789012:cluster/shop",
        "taskDefinition": "${shop-task-definition.arn}",
        "desiredCount": 2,
        "capacityProviderStrategies": [
            {"capacityProvider": "FARGATE", "weight": 1, "base": 1},
            {"capacityProvider": "FARGATE_SPOT", "weight": 3, "base": 0},
        ],
        "forceNewDeployment": True,
        "networkConfiguration": {
            "subnets": ["subnet-1", "subnet-2"],
            "securityGroups": ["${shop-sg.id}"],
            "assignPublicIp": False,
        },
        "loadBalancers": [
            {"targetGroupArn": "target-group-443", "containerName": "proxy", "containerPort": 443},
            {"targetGroupArn": "target-group-80", "containerName": "proxy", "containerPort": 80},
        ],
        "healthCheckGracePeriodSeconds": 120,
        "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        "deploymentMinimumHealthyPercent": 100,
        "deploymentMaximumPercent": 200,
        "enableExecuteCommand": True,
        "enableEcsManagedTags": True,
        "propagateTags": "SERVICE",
        "waitForSteadyState": False,
    }


def test_worker_has_no_targets_and_no_grace_period() -> None:
    inputs = record_service(SMALL).one(SERVICE).inputs
    assert inputs["loadBalancers"] == []
    assert "healthCheckGracePeriodSeconds" not in inputs
    assert inputs["enableExecuteCommand"] is False


def test_capacity_comes_from_a_strategy_and_never_from_a_launch_type() -> None:
    inputs = record_service(SMALL).one(SERVICE).inputs
    assert inputs["capacityProviderStrategies"] == [{"capacityProvider": "FARGATE", "weight": 1, "base": 0}]
    assert "launchType" not in inputs


def test_strategy_of_a_running_service_can_change() -> None:
    assert record_service(SMALL).one(SERVICE).inputs["forceNewDeployment"] is True


def test_deploys_and_scaling_keep_what_they_set() -> None:
    assert record_service(FULL).one(SERVICE).ignore_changes == ("taskDefinition", "desiredCount")


def test_service_that_nobody_deploys_gets_its_revisions_from_the_program() -> None:
    third_party = replace(SMALL, containers=[replace(WEB, deployable=False)], image_parameter_name=None)
    assert record_service(third_party).one(SERVICE).ignore_changes == ("desiredCount",)


def test_tasks_start_with_their_permissions_and_their_way_out() -> None:
    recorded = record_service(FULL, after=lambda service: service.allow_from("alb", "sg-alb", port=4321))
    assert names(recorded, recorded.one(SERVICE).depends_on) == {
        "shop-execution-policy",
        "shop-task-policy",
        "shop-task-definition",
        "shop-sg",
        "shop-sg-to-internet-tcp-443",
        "shop-sg-from-alb-tcp-4321",
        "shop-sg-egress-of-alb-tcp-4321",
    }


# ---- the task definition ----


def test_task_definition_of_a_service_with_a_volume() -> None:
    task_definition = record_service(FULL).one(TASK_DEFINITION)
    inputs = {name: value for name, value in task_definition.inputs.items() if name != "containerDefinitions"}
    assert inputs == {
        "family": "shop-web",
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "1024",
        "memory": "2048",
        "runtimePlatform": {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
        "executionRoleArn": "${shop-execution-role.arn}",
        "taskRoleArn": "${shop-task-role.arn}",
        "volumes": [
            {
                "name": "proxy-data",
                "efsVolumeConfiguration": {
                    "fileSystemId": "fs-1",
                    "transitEncryption": "ENABLED",
                    "authorizationConfig": {"accessPointId": "fsap-1", "iam": "ENABLED"},
                },
            }
        ],
        "skipDestroy": True,
        "trackLatest": True,
    }


def test_old_revisions_stay_for_a_rollback() -> None:
    assert record_service(SMALL).one(TASK_DEFINITION).inputs["skipDestroy"] is True


def test_text_of_the_containers_does_not_depend_on_their_order() -> None:
    reordered = replace(FULL, containers=[PROXY, WEB])
    [first, second] = [
        record_service(args).one(TASK_DEFINITION).inputs["containerDefinitions"] for args in (FULL, reordered)
    ]
    assert first == second


def test_secrets_are_references_and_never_environment() -> None:
    web = next(definition for definition in definitions(record_service(FULL)) if definition["name"] == "web")
    assert {secret["name"] for secret in web["secrets"]} == {"DB_PASSWORD", "DB_USER", "SESSION_SECRET"}
    assert web["environment"] == [{"name": "NODE_ENV", "value": "production"}, {"name": "PORT", "value": "4321"}]


@pytest.mark.parametrize(("args", "expected"), [(FULL, {"initProcessEnabled": True}), (SMALL, None)])
def test_exec_brings_an_init_process(args: EcsServiceArgs, expected: dict[str, bool] | None) -> None:
    assert [definition.get("linuxParameters") for definition in definitions(record_service(args))] == [expected] * len(
        args.containers
    )


# ---- which image runs ----


def test_image_parameter_starts_with_the_first_images_of_deployable_containers() -> None:
    parameter = record_service(FULL).one(PARAMETER)
    assert parameter.plain_inputs == {
        "name": "/shop/images/web",
        "type": "String",
        "description": "Deployed images of shop-web",
        "value": f'{{"web":"{REGISTRY}/shop/web:first"}}',
    }


def test_program_never_overwrites_what_a_deploy_wrote() -> None:
    assert record_service(FULL).one(PARAMETER).ignore_changes == ("value",)


@pytest.mark.parametrize(
    ("parameter", "web"),
    [
        ("{}", f"{REGISTRY}/shop/web:first"),
        ('{"web":"shop/web:second"}', "shop/web:second"),
    ],
)
def test_template_runs_the_deployed_image(parameter: str, web: str) -> None:
    assert images(record_service(FULL, backend=DeployedImages(parameter))) == {"proxy": PROXY.image, "web": web}


def test_deploy_changes_no_container_that_is_not_deployable() -> None:
    backend = DeployedImages('{"proxy":"shop/proxy:second","web":"shop/web:second"}')
    assert images(record_service(FULL, backend=backend)) == {"proxy": PROXY.image, "web": "shop/web:second"}


def test_image_parameter_is_read_after_it_is_made() -> None:
    backend = DeployedImages("{}")
    recorded = record_service(FULL, backend=backend)
    assert [event for event in backend.events if event in ("make shop-images", "read /shop/images/web")] == [
        "make shop-images",
        "read /shop/images/web",
    ]
    assert recorded.one(PARAMETER).urn in recorded.one(TASK_DEFINITION).depends_on


def test_task_definition_stays_readable_where_the_parameter_counts_as_secret() -> None:
    recorded = record_service(FULL, backend=DeployedImages('{"web":"shop/web:second"}'))
    assert recorded.one(TASK_DEFINITION).inputs["containerDefinitions"] != "[secret]"


def test_service_without_deployable_containers_has_no_image_parameter() -> None:
    backend = DeployedImages("{}")
    recorded = record_service(SMALL, backend=backend)
    assert recorded.of_type(PARAMETER) == []
    assert [event for event in backend.events if event.startswith("read")] == []
    assert images(recorded) == {"worker": "public.ecr.aws/shop/worker:1"}


# ---- logs ----


def test_logs_are_kept_for_a_time_in_one_group() -> None:
    recorded = record_service(FULL)
    assert recorded.one("aws:cloudwatch/logGroup:LogGroup").inputs == {"name": "/shop/ecs/web", "retentionInDays": 30}
    assert {
        (definition["logConfiguration"]["options"]["awslogs-group"], definition["logConfiguration"]["logDriver"])
        for definition in definitions(recorded)
    } == {("/shop/ecs/web", "awslogs")}


def test_tasks_cannot_create_log_groups() -> None:
    recorded = record_service(FULL)
    policies = [resource.inputs["policy"] for resource in recorded.of_type("aws:iam/rolePolicy:RolePolicy")]
    assert [policy for policy in policies if "CreateLogGroup" in policy] == []
    assert "awslogs-create-group" not in recorded.one(TASK_DEFINITION).inputs["containerDefinitions"]


# ---- who may talk to it ----


def rules(recorded: Evaluation, type_token: str) -> list[dict[str, Any]]:
    return [
        {name: value for name, value in rule.inputs.items() if name != "description"}
        for rule in recorded.of_type(type_token)
    ]


def test_nobody_reaches_the_tasks_and_they_reach_only_https() -> None:
    recorded = record_service(FULL)
    assert recorded.one("aws:ec2/securityGroup:SecurityGroup").inputs["vpcId"] == "vpc-1"
    assert rules(recorded, INGRESS) == []
    assert rules(recorded, EGRESS) == [
        {
            "securityGroupId": "${shop-sg.id}",
            "cidrIpv4": "0.0.0.0/0",
            "ipProtocol": "tcp",
            "fromPort": 443,
            "toPort": 443,
        }
    ]


def test_peer_reaches_the_port_it_was_let_in_to() -> None:
    listening = replace(SMALL, containers=[replace(WORKER, ports=[3000])])
    recorded = record_service(listening, after=lambda service: service.allow_from("alb", "sg-alb", port=3000))
    port = {"ipProtocol": "tcp", "fromPort": 3000, "toPort": 3000}
    assert rules(recorded, INGRESS) == [
        {"securityGroupId": "${shop-sg.id}", "referencedSecurityGroupId": "sg-alb", **port}
    ]
    assert {"securityGroupId": "sg-alb", "referencedSecurityGroupId": "${shop-sg.id}", **port} in rules(
        recorded, EGRESS
    )


@pytest.mark.parametrize(
    ("args", "message"),
    [(SMALL, "^port: came 3000; allowed none$"), (FULL, "^port: came 3000; allowed 80, 443, 4321$")],
)
def test_nobody_is_let_in_to_a_port_that_no_container_listens_on(args: EcsServiceArgs, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        record_service(args, after=lambda service: service.allow_from("alb", "sg-alb", port=3000))


# ---- scaling ----


def test_tasks_follow_the_cpu_between_their_bounds() -> None:
    recorded = record_service(FULL)
    assert recorded.one(SCALING_TARGET).inputs == {
        "serviceNamespace": "ecs",
        "scalableDimension": "ecs:service:DesiredCount",
        "resourceId": "service/shop/shop-web",
        "minCapacity": 2,
        "maxCapacity": 4,
    }
    assert recorded.one(SCALING_POLICY).inputs == {
        "policyType": "TargetTrackingScaling",
        "serviceNamespace": "ecs",
        "scalableDimension": "ecs:service:DesiredCount",
        "resourceId": "service/shop/shop-web",
        "targetTrackingScalingPolicyConfiguration": {
            "predefinedMetricSpecification": {"predefinedMetricType": "ECSServiceAverageCPUUtilization"},
            "targetValue": 70,
            "scaleOutCooldown": 60,
            "scaleInCooldown": 300,
        },
    }
    assert recorded.one(SERVICE).urn in recorded.one(SCALING_TARGET).depends_on
    assert recorded.one(SCALING_TARGET).urn in recorded.one(SCALING_POLICY).depends_on


def test_service_without_scaling_has_none() -> None:
    recorded = record_service(SMALL)
    assert (recorded.of_type(SCALING_TARGET), recorded.of_type(SCALING_POLICY)) == ([], [])


# ---- the component ----


def outputs(args: EcsServiceArgs) -> dict[str, Any]:
    recorded = record_service(args)
    return recorded.component_outputs[recorded.one("zelly-components:index:EcsService").urn]


def test_outputs_of_a_deployable_service() -> None:
    assert outputs(FULL) == {
        "service_name": "shop-web",
        "service_arn": "${shop-service.arn}",
        "task_definition_arn": "${shop-task-definition.arn}",
        "task_definition_family": "shop-web",
        "security_group_id": "${shop-sg.id}",
        "ports": [80, 443, 4321],
        "execution_role_arn": "${shop-execution-role.arn}",
        "task_role_arn": "${shop-task-role.arn}",
        "log_group_name": "/shop/ecs/web",
        "image_parameter_name": "/shop/images/web",
        "image_parameter_arn": "${shop-images.arn}",
    }


def test_outputs_name_no_image_parameter_where_there_is_none() -> None:
    values = outputs(SMALL)
    assert (values.get("image_parameter_name"), values.get("image_parameter_arn")) == (None, None)


def test_every_resource_belongs_to_the_component() -> None:
    recorded = record_service(FULL)
    component = recorded.one("zelly-components:index:EcsService").urn
    group = recorded.one("zelly-components:index:SecurityGroup").urn
    parents = {resource.parent for resource in recorded.custom() if not resource.type.startswith("pulumi:")}
    assert parents == {component, group}
    assert recorded.one("zelly-components:index:SecurityGroup").parent == component


def test_example_runs() -> None:
    recorded = run_example(EcsService)
    assert recorded.one(SERVICE).inputs["name"] == "shop-api"


def test_what_has_to_be_alone_ends_before_its_successor_starts() -> None:
    alone = replace(SMALL, runs_alone=True, scaling=None, minimum_tasks=1)
    inputs = record_service(alone).one("aws:ecs/service:Service").inputs
    assert (inputs["deploymentMinimumHealthyPercent"], inputs["deploymentMaximumPercent"]) == (0, 100)
    assert inputs["availabilityZoneRebalancing"] == "DISABLED"
    with pytest.raises(ValueError, match="runs_alone: came with minimum_tasks 2; allowed with 1 and no scaling"):
        record_service(replace(alone, minimum_tasks=2))
