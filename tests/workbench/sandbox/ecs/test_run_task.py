"""Tasks that are run by hand, what they write, and what keeps a task from starting, over HTTP."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.workbench.sandbox.conftest import REGION, Sandbox
from tests.workbench.sandbox.ecs.services import CLUSTER, FOREVER, REGISTRY, EcsService, make_cluster, make_service
from tests.workbench.sandbox.network import Network, make_network
from workbench.sandbox.ecr.images import WORKING, Behaviour

GROUP = "/rollouts/web"
LOGGED: dict[str, Any] = {
    "logConfiguration": {
        "logDriver": "awslogs",
        "options": {"awslogs-group": GROUP, "awslogs-region": REGION, "awslogs-stream-prefix": "web"},
    }
}
NO_SECRET = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "
    "unable to retrieve secret"
)


@pytest.fixture(scope="module")
def network(sandbox: Sandbox) -> Iterator[Network]:
    make_cluster(sandbox)
    logs = sandbox.client("logs")
    logs.create_log_group(logGroupName=GROUP)
    yield make_network(sandbox)
    # A worker may come back to this file in an embedded AWS that it shares with others.
    logs.delete_log_group(logGroupName=GROUP)


def run(service: EcsService, definition: str, **other: Any) -> dict[str, Any]:
    """Run a task and return it as the answer has it."""
    answer = service.ecs.run_task(
        **{
            "cluster": CLUSTER,
            "taskDefinition": definition,
            "launchType": "FARGATE",
            "networkConfiguration": service.network_configuration,
            **other,
        }
    )
    assert answer["failures"] == []
    (task,) = answer["tasks"]
    return task


def command(*words: str) -> dict[str, Any]:
    return {"containerOverrides": [{"name": "web", "command": list(words)}]}


def described(service: EcsService, task: dict[str, Any]) -> dict[str, Any]:
    (found,) = service.ecs.describe_tasks(cluster=CLUSTER, tasks=[task["taskArn"]])["tasks"]
    return found


def lines(sandbox: Sandbox, task: dict[str, Any]) -> list[str]:
    stream = f"web/web/{task['taskArn'].rpartition('/')[2]}"
    events = sandbox.client("logs").get_log_events(logGroupName=GROUP, logStreamName=stream)["events"]
    return [event["message"] for event in events]


@pytest.mark.parametrize("exit_code", [0, 4])
def test_command_is_logged_and_ends_with_the_images_exit_code(
    sandbox: Sandbox, network: Network, exit_code: int
) -> None:
    service = make_service(sandbox, network, **LOGGED)
    service.push("one", Behaviour(run_exit_code=exit_code, run_log=("12 migrations applied",), log=("listening",)))
    started = run(service, service.register(service.image("one")), overrides=command("node", "migrate.js", "--to 4"))
    assert (started["lastStatus"], started["desiredStatus"], started["group"]) == (
        "PROVISIONING",
        "RUNNING",
        f"family:{service.name}",
    )
    assert started["overrides"] == command("node", "migrate.js", "--to 4")
    found = described(service, started)
    assert (found["lastStatus"], found["stopCode"], found["stoppedReason"], found["containers"][0]["exitCode"]) == (
        "STOPPED",
        "EssentialContainerExited",
        "Essential container in task exited",
        exit_code,
    )
    assert lines(sandbox, started) == [
        "sandbox: no container runs here; not really run: node migrate.js '--to 4'",
        "12 migrations applied",
    ]
    assert found["attachments"][0]["status"] == "DELETED"


def test_task_without_a_command_does_what_its_image_does_until_it_is_stopped(
    sandbox: Sandbox, network: Network
) -> None:
    service = make_service(sandbox, network, **LOGGED)
    service.push("one", Behaviour(log=("listening on 80", "ready")))
    task = run(service, service.register(service.image("one")), startedBy="somebody", tags=[{"key": "a", "value": "b"}])
    found = described(service, task)
    assert (found["lastStatus"], found["startedBy"]) == ("RUNNING", "somebody")
    assert lines(sandbox, task) == ["listening on 80", "ready"]
    service.ecs.stop_task(cluster=CLUSTER, task=task["taskArn"], reason="seen enough")
    stopped = described(service, task)
    assert (stopped["lastStatus"], stopped["stopCode"], stopped["stoppedReason"]) == (
        "STOPPED",
        "UserInitiated",
        "seen enough",
    )
    assert stopped["containers"][0]["exitCode"] == 143
    assert lines(sandbox, task) == ["listening on 80", "ready"]


def test_health_checks_stop_no_task_that_was_run_by_hand(sandbox: Sandbox, network: Network) -> None:
    service = make_service(sandbox, network, healthCheck={"command": ["CMD", "false"]})
    service.push("one", Behaviour(unhealthy=True))
    found = described(service, run(service, service.register(service.image("one"))))
    assert (found["lastStatus"], found["healthStatus"]) == ("RUNNING", "UNHEALTHY")


def test_lines_go_only_where_a_log_group_is(sandbox: Sandbox, network: Network) -> None:
    logging = {**LOGGED["logConfiguration"], "options": {**LOGGED["logConfiguration"]["options"]}}
    logging["options"]["awslogs-group"] = "/nowhere"
    service = make_service(sandbox, network, logConfiguration=logging)
    service.push("one", Behaviour(log=("lost",)))
    assert described(service, run(service, service.register(service.image("one"))))["lastStatus"] == "RUNNING"
    groups = sandbox.client("logs").describe_log_groups(logGroupNamePrefix="/nowhere")["logGroups"]
    assert groups == []


def test_containers_wait_for_the_healthy_ones_that_they_depend_on(sandbox: Sandbox, network: Network) -> None:
    service = make_service(sandbox, network)
    service.push("slow", Behaviour(ready_after=FOREVER))
    first = {"name": "first", "image": service.image("slow"), "healthCheck": {"command": ["CMD", "true"]}}
    second = {
        "name": "second",
        "image": "other/second:1",
        "dependsOn": [{"containerName": "first", "condition": "HEALTHY"}],
    }
    task = run(service, service.register("", containerDefinitions=[first, second]))
    found = described(service, task)
    assert found["lastStatus"] == "PENDING"
    assert {each["name"]: each["lastStatus"] for each in found["containers"]} == {
        "first": "RUNNING",
        "second": "PENDING",
    }


IMAGES: dict[str, tuple[str, str | None]] = {
    "by tag": (":one", None),
    "by digest": ("@{digest}", None),
    "by tag and digest": (":one@{digest}", None),
    "unknown tag": (":two", "failed to resolve ref {image}: {image}: not found"),
    "unknown digest": ("@sha256:" + 64 * "0", "failed to resolve ref {image}: {image}: not found"),
    "known tag of another digest": (":one@sha256:" + 64 * "0", "failed to resolve ref {image}: {image}: not found"),
    "no tag": ("", "failed to resolve ref {image}: {image}: not found"),
    "other architecture": (":arm", "image Manifest does not contain descriptor matching platform 'linux/amd64'"),
}


@pytest.mark.parametrize("kind", IMAGES)
def test_image_has_to_be_in_the_registry(sandbox: Sandbox, network: Network, kind: str) -> None:
    service = make_service(sandbox, network)
    digest = service.push("one", WORKING)
    service.push("arm", WORKING, architecture="ARM64")
    reference, refusal = IMAGES[kind]
    image = f"{REGISTRY}/{service.repository}{reference.format(digest=digest)}"
    found = described(service, run(service, service.register(image)))
    if refusal is None:
        assert (found["lastStatus"], found["containers"][0]["imageDigest"]) == ("RUNNING", digest)
        return
    reason = f"CannotPullContainerError: pull image manifest has been retried 1 time(s): {refusal.format(image=image)}"
    assert (found["lastStatus"], found["stopCode"], found["stoppedReason"]) == ("STOPPED", "TaskFailedToStart", reason)
    assert found["containers"][0]["reason"] == reason
    assert "exitCode" not in found["containers"][0]


@pytest.mark.parametrize(
    "image", ["redis/redisinsight:2.70", "public.ecr.aws/x/y:1", "210987654321.dkr.ecr.us-east-1.amazonaws.com/a:b"]
)
def test_image_of_another_registry_is_there(sandbox: Sandbox, network: Network, image: str) -> None:
    service = make_service(sandbox, network)
    found = described(service, run(service, service.register(image)))
    assert (found["lastStatus"], found["containers"][0].get("imageDigest")) == ("RUNNING", None)


@pytest.fixture(scope="module")
def secrets(sandbox: Sandbox) -> dict[str, str]:
    """ARNs by name."""
    client = sandbox.client("secretsmanager")
    values = {"complete": json.dumps({"KEY": "value", "EMPTY": ""}), "text": "no JSON"}
    made = {name: client.create_secret(Name=f"run/{name}", SecretString=text)["ARN"] for name, text in values.items()}
    made["none"] = client.create_secret(Name="run/none")["ARN"]
    made["unknown"] = f"arn:aws:secretsmanager:{REGION}:123456789012:secret:run/unknown-AbCdEf"
    sandbox.client("ssm").put_parameter(Name="/run/known", Value="1", Type="String")
    return made


RETRIED = "service call has been retried 1 time(s)"
FETCHING = f"from asm: {RETRIED}: failed to fetch secret {{arn}} from secrets manager: ResourceNotFoundException:"
REFERENCES: dict[str, tuple[str, str, str | None]] = {
    "a key": ("complete", ":KEY::", None),
    "a key with a label": ("complete", ":KEY:AWSCURRENT:", None),
    "an empty value": ("complete", ":EMPTY::", None),
    "a whole secret": ("text", "", None),
    "an unknown key": (
        "complete",
        ":OTHER::",
        f"from asm: {RETRIED}: retrieved secret from Secrets Manager did not contain json key OTHER",
    ),
    "a key of what is no JSON": (
        "text",
        ":KEY::",
        f"from asm: {RETRIED}: invalid character looking for beginning of value",
    ),
    "an unknown secret": ("unknown", ":KEY::", f"{FETCHING} Secrets Manager can't find the specified secret."),
    "a secret without a value": (
        "none",
        ":KEY::",
        f"{FETCHING} Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
    ),
    "an unknown version": (
        "complete",
        ":KEY::12345678-1234-1234-1234-123456789012",
        f"{FETCHING} Secrets Manager can't find the specified secret value for VersionId: "
        "12345678-1234-1234-1234-123456789012",
    ),
}


@pytest.mark.parametrize("kind", REFERENCES)
def test_secrets_have_to_be_there(sandbox: Sandbox, network: Network, secrets: dict[str, str], kind: str) -> None:
    name, suffix, refusal = REFERENCES[kind]
    container = {"secrets": [{"name": "TOKEN", "valueFrom": f"{secrets[name]}{suffix}"}]}
    service = make_service(sandbox, network, **container)
    found = described(service, run(service, service.register("other/web:1")))
    if refusal is None:
        assert found["lastStatus"] == "RUNNING"
        return
    assert (found["lastStatus"], found["stopCode"]) == ("STOPPED", "TaskFailedToStart")
    assert found["stoppedReason"] == f"{NO_SECRET} {refusal.format(arn=secrets[name])}"


@pytest.mark.parametrize(
    ("reference", "there"),
    [
        ("/run/known", True),
        (f"arn:aws:ssm:{REGION}:123456789012:parameter/run/known", True),
        ("/run/other", False),
        (f"arn:aws:ssm:{REGION}:123456789012:parameter/run/other", False),
    ],
)
def test_parameters_have_to_be_there(
    sandbox: Sandbox, network: Network, secrets: dict[str, str], reference: str, there: bool
) -> None:
    assert secrets
    service = make_service(sandbox, network, secrets=[{"name": "TOKEN", "valueFrom": reference}])
    found = described(service, run(service, service.register("other/web:1")))
    assert (found["lastStatus"] == "RUNNING") is there
    if not there:
        assert found["stoppedReason"] == f"{NO_SECRET}s from ssm: {RETRIED}: invalid parameters: {reference}"


REFUSALS: dict[str, tuple[dict[str, Any], str, str]] = {
    "unknown cluster": ({"cluster": "lost"}, "ClusterNotFoundException", "Cluster not found."),
    "unknown definition": ({"taskDefinition": "nobodys"}, "ClientException", "Unable to find task definition"),
    "too many": ({"count": 11}, "InvalidParameterException", "count must be between 1 and 10"),
    "no network": (
        {"networkConfiguration": {}},
        "InvalidParameterException",
        "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
    ),
    "EC2": ({"launchType": "EC2"}, "InvalidParameterException", "No Container Instances were found in your cluster."),
    "unknown container": (
        {"overrides": {"containerOverrides": [{"name": "lost", "command": ["x"]}]}},
        "InvalidParameterException",
        "Override for container named lost is not a container in the TaskDefinition.",
    ),
    "both": (
        {"capacityProviderStrategy": [{"capacityProvider": "FARGATE"}]},
        "InvalidParameterException",
        "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.",
    ),
}


@pytest.mark.parametrize("kind", REFUSALS)
def test_task_that_ecs_would_not_run_is_refused(sandbox: Sandbox, network: Network, kind: str) -> None:
    asked, code, message = REFUSALS[kind]
    service = make_service(sandbox, network)
    with pytest.raises(service.ecs.exceptions.ClientError) as refused:
        run(service, service.register("other/web:1"), **asked)
    assert (refused.value.response["Error"]["Code"], refused.value.response["Error"]["Message"]) == (code, message)


def test_deregistered_revision_starts_nothing_and_its_tasks_go_on(sandbox: Sandbox, network: Network) -> None:
    service = make_service(sandbox, network)
    first, second = service.register("other/web:1"), service.register("other/web:2")
    task = run(service, second)
    service.ecs.deregister_task_definition(taskDefinition=second)
    assert described(service, task)["lastStatus"] == "RUNNING"
    family, _, _ = first.rpartition("/")[2].partition(":")
    for name, status in ((family, "ACTIVE"), (second, "INACTIVE")):
        found = service.ecs.describe_task_definition(taskDefinition=name, include=["TAGS"])
        assert found["taskDefinition"]["status"] == status
        assert found["tags"] == []
    newest = service.ecs.describe_task_definition(taskDefinition=family)["taskDefinition"]
    assert newest["taskDefinitionArn"] == first
    with pytest.raises(service.ecs.exceptions.ClientException, match="TaskDefinition is inactive"):
        run(service, second)


def test_service_is_given_no_deregistered_revision(sandbox: Sandbox, network: Network) -> None:
    service = make_service(sandbox, network)
    service.create("1", desired=0)
    before = service.described()["taskDefinition"]
    gone = service.register("other/web:2")
    service.ecs.deregister_task_definition(taskDefinition=gone)
    with pytest.raises(service.ecs.exceptions.ClientException, match="TaskDefinition is inactive"):
        service.ecs.update_service(cluster=CLUSTER, service=service.name, taskDefinition=gone)
    assert service.described()["taskDefinition"] == before


def test_task_runs_with_a_capacity_provider_too(sandbox: Sandbox, network: Network) -> None:
    service = make_service(sandbox, network)
    started = service.ecs.run_task(
        cluster=CLUSTER,
        taskDefinition=service.register("other/web:1"),
        capacityProviderStrategy=[{"capacityProvider": "FARGATE_SPOT"}],
        networkConfiguration=service.network_configuration,
        count=2,
    )["tasks"]
    assert [task["capacityProviderName"] for task in started] == ["FARGATE_SPOT"] * 2


@pytest.mark.usefixtures("network")
def test_unknown_task_cannot_be_stopped(sandbox: Sandbox) -> None:
    ecs = sandbox.client("ecs")
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="The referenced task was not found"):
        ecs.stop_task(cluster=CLUSTER, task="0123")
