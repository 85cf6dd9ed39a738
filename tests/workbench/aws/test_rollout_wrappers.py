"""What is asked of ECS, Parameter Store, Secrets Manager and the balancers, and made of their answers."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.workbench.aws.stubbed import stubbed
from workbench.aws.ecs.services import Ecs
from workbench.aws.ecs.task_definitions import TaskDefinitions
from workbench.aws.elastic_load_balancing import ElasticLoadBalancing, Target
from workbench.aws.secrets_manager.secrets import SecretsManager
from workbench.aws.shared.errors import AwsError
from workbench.aws.ssm import ParameterVersion, Ssm

TIME = datetime(2026, 5, 4, tzinfo=UTC)
ARN = "arn:aws:ecs:ap-south-1:123456789012:task-definition/shop-api:7"
KEPT: dict[str, Any] = {
    "family": "shop-api",
    "containerDefinitions": [{"name": "api", "image": "api:1", "cpu": 0}, {"name": "web", "image": "web:1"}],
    "requiresCompatibilities": ["FARGATE"],
    "cpu": "256",
    "enableFaultInjection": False,
}
DROPPED: dict[str, Any] = {
    "taskDefinitionArn": ARN,
    "revision": 7,
    "status": "ACTIVE",
    "requiresAttributes": [{"name": "ecs.capability.task-eni"}],
    "compatibilities": ["EC2", "FARGATE"],
    "registeredAt": TIME,
    "registeredBy": "somebody",
}
TAGS = [{"key": "environment", "value": "testing"}]


def test_a_revision_is_read_with_its_tags_and_without_what_cannot_be_registered() -> None:
    with stubbed() as connection:
        connection.repeatable("ecs").add_response(
            "describe_task_definition",
            {"taskDefinition": {**KEPT, **DROPPED}, "tags": TAGS},
            {"taskDefinition": "shop-api", "include": ["TAGS"]},
        )
        found = TaskDefinitions(connection).newest("shop-api")
    assert (found.arn, found.status, found.family, found.revision) == (ARN, "ACTIVE", "shop-api", 7)
    assert (found.document, found.tags) == (KEPT, tuple(TAGS))
    assert found.images == {"api": "api:1", "web": "web:1"}
    assert found.with_images({"api": "api:2"}) == {
        **KEPT,
        "containerDefinitions": [{"name": "api", "image": "api:2", "cpu": 0}, {"name": "web", "image": "web:1"}],
    }


@pytest.mark.parametrize(("tags", "sent"), [(TAGS, {"tags": TAGS}), ([], {})])
def test_a_revision_is_registered_in_one_attempt_with_any_tags(tags: list[Any], sent: dict[str, Any]) -> None:
    with stubbed() as connection:
        connection.once("ecs").add_response(
            "register_task_definition", {"taskDefinition": {"taskDefinitionArn": ARN}}, {**KEPT, **sent}
        )
        assert TaskDefinitions(connection).register(KEPT, tags) == ARN


SERVICE: dict[str, Any] = {
    "serviceName": "shop-api",
    "status": "ACTIVE",
    "taskDefinition": ARN,
    "desiredCount": 1,
    "runningCount": 1,
    "pendingCount": 0,
    "deployments": [],
    "events": [],
    "loadBalancers": [{"targetGroupArn": "arn:group"}, {"loadBalancerName": "classic"}],
}
MOVED = {"cluster": "shop", "service": "shop-api", "taskDefinition": ARN}


def test_a_service_is_moved_to_a_revision_and_told_with_its_balancers() -> None:
    with stubbed() as connection:
        connection.repeatable("ecs").add_response("update_service", {"service": SERVICE}, MOVED)
        found = Ecs(connection, "shop").deploy("shop-api", ARN)
    assert (found.target_group_arns, found.primary) == (("arn:group",), None)


def test_a_service_is_restarted_in_one_attempt() -> None:
    with stubbed() as connection:
        connection.once("ecs").add_response(
            "update_service", {"service": SERVICE}, {**MOVED, "forceNewDeployment": True}
        )
        assert Ecs(connection, "shop").restart("shop-api", ARN).name == "shop-api"


def test_every_page_of_a_parameters_history_is_read_and_sorted() -> None:
    def version(number: int) -> dict[str, Any]:
        return {"Version": number, "Value": f"v{number}", "LastModifiedDate": TIME, "LastModifiedUser": "arn:me"}

    with stubbed() as connection:
        ssm = connection.repeatable("ssm")
        ssm.add_response(
            "get_parameter_history", {"Parameters": [version(3), version(2)], "NextToken": "n"}, {"Name": "/x"}
        )
        ssm.add_response("get_parameter_history", {"Parameters": [version(10)]}, {"Name": "/x", "NextToken": "n"})
        assert Ssm(connection).history("/x") == [
            ParameterVersion(version=number, value=f"v{number}", written_at=TIME, written_by="arn:me")
            for number in (2, 3, 10)
        ]


def test_a_parameter_is_overwritten_and_nothing_else_of_it_changed() -> None:
    with stubbed() as connection:
        connection.repeatable("ssm").add_response("put_parameter", {}, {"Name": "/x", "Value": "v", "Overwrite": True})
        Ssm(connection).put("/x", "v")


@pytest.mark.parametrize(("after", "written", "is_next"), [(0, 1, True), (3, 4, True), (3, 5, False)])
def test_value_that_follows_a_version_tells_whether_it_is_the_next_one(after: int, written: int, is_next: bool) -> None:
    with stubbed() as connection:
        # Made again by itself, it would follow itself: the client that does that is not asked.
        connection.once("ssm").add_response(
            "put_parameter",
            {"Version": written},
            {"Name": "/x", "Value": "v", "Type": "String", "Overwrite": after > 0},
        )
        assert Ssm(connection).put_next("/x", "v", after=after) is is_next


def test_parameter_that_somebody_made_first_is_not_written_over() -> None:
    with stubbed() as connection:
        connection.once("ssm").add_client_error("put_parameter", "ParameterAlreadyExists")
        assert Ssm(connection).put_next("/x", "v", after=0) is False


@pytest.mark.parametrize(
    ("answer", "values"),
    [
        ({"SecretString": '{"KEY": "value"}'}, {"KEY": "value"}),
        ({"SecretString": "no JSON, and very secret"}, None),
        ({"SecretString": '["a list"]'}, None),
        ({"SecretBinary": b"\x00"}, None),
    ],
)
def test_a_secrets_values_are_a_json_object_or_nothing(answer: dict[str, Any], values: dict[str, Any] | None) -> None:
    with stubbed() as connection:
        connection.repeatable("secretsmanager").add_response("get_secret_value", answer, {"SecretId": "shop/env"})
        assert SecretsManager(connection).values_of("shop/env") == values


def test_a_secret_that_is_not_there_has_no_values_and_one_that_may_not_be_read_is_an_error() -> None:
    with stubbed() as connection:
        stubber = connection.repeatable("secretsmanager")
        stubber.add_client_error("get_secret_value", "ResourceNotFoundException")
        stubber.add_client_error("get_secret_value", "AccessDeniedException", "no")
        secrets = SecretsManager(connection)
        assert secrets.values_of("shop/env") is None
        with pytest.raises(AwsError, match=r"^secretsmanager:GetSecretValue, secret shop/env: AccessDeniedException"):
            secrets.values_of("shop/env")


def test_targets_come_by_address_with_what_the_balancer_says_of_them() -> None:
    group = "arn:aws:elasticloadbalancing:ap-south-1:123456789012:targetgroup/shop/0123456789abcdef"
    with stubbed() as connection:
        connection.repeatable("elbv2").add_response(
            "describe_target_health",
            {
                "TargetHealthDescriptions": [
                    {
                        "Target": {"Id": "10.0.0.9", "Port": 80},
                        "TargetHealth": {"State": "unhealthy", "Description": "Health checks failed"},
                    },
                    {"Target": {"Id": "10.0.0.2", "Port": 80}, "TargetHealth": {"State": "healthy"}},
                ]
            },
            {"TargetGroupArn": group},
        )
        assert ElasticLoadBalancing(connection).targets(group) == [
            Target(address="10.0.0.2", port=80, state="healthy", reason=""),
            Target(address="10.0.0.9", port=80, state="unhealthy", reason="Health checks failed"),
        ]
