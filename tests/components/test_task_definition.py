import asyncio
import dataclasses
import json
import random
import re
from collections.abc import Mapping, Sequence
from typing import Any

import botocore.session
import pulumi
import pytest
from botocore.model import ListShape, Shape, StringShape, StructureShape
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st

from tests.components.ecs_arguments import DATABASE_SECRET, PROXY, REGISTRY, SESSION_SECRET, WEB, WORKER
from zelly_components.ecs.task_definition import (
    ContainerArgs,
    DependencyCondition,
    HealthCheckArgs,
    LogDestination,
    MountArgs,
    SecretVariableArgs,
    canonical_json,
    container_definitions,
    deployed_image,
    image_document,
)

LOGS = LogDestination(log_group_name="/shop/ecs/web", region="eu-west-1")


def resolved(make: Any) -> str:
    async def run() -> str:
        output: pulumi.Output[str] = make()
        return await output.future() or ""

    # Not asyncio.run, which leaves the thread without an event loop for the evaluations of other tests.
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(run())
    finally:
        loop.close()


def rendered(containers: Sequence[ContainerArgs], *, init_process_enabled: bool = False) -> str:
    return resolved(
        lambda: canonical_json(
            container_definitions(
                containers,
                images={container.name: container.image for container in containers},
                log_destination=LOGS,
                init_process_enabled=init_process_enabled,
            )
        )
    )


def canonical(document: list[dict[str, Any]]) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def log_configuration(container_name: str) -> dict[str, Any]:
    return {
        "logDriver": "awslogs",
        "options": {
            "awslogs-group": "/shop/ecs/web",
            "awslogs-region": "eu-west-1",
            "awslogs-stream-prefix": container_name,
            "mode": "non-blocking",
            "max-buffer-size": "25m",
        },
    }


PROXY_DEFINITION: dict[str, Any] = {
    "name": "proxy",
    "image": "public.ecr.aws/docker/library/caddy:2.10",
    "essential": True,
    "cpu": 0,
    "command": ["caddy", "run"],
    "dependsOn": [{"containerName": "web", "condition": "HEALTHY"}],
    "environment": [],
    "linuxParameters": {"initProcessEnabled": True},
    "logConfiguration": log_configuration("proxy"),
    "mountPoints": [{"sourceVolume": "proxy-data", "containerPath": "/data", "readOnly": False}],
    "portMappings": [
        {"containerPort": 80, "hostPort": 80, "protocol": "tcp"},
        {"containerPort": 443, "hostPort": 443, "protocol": "tcp"},
    ],
    "secrets": [],
    "stopTimeout": 60,
    "systemControls": [{"namespace": "net.ipv4.ip_unprivileged_port_start", "value": "0"}],
    "user": "1000:1000",
    "volumesFrom": [],
}
WEB_DEFINITION: dict[str, Any] = {
    "name": "web",
    "image": f"{REGISTRY}/shop/web:first",
    "essential": True,
    "cpu": 0,
    "environment": [
        {"name": "NODE_ENV", "value": "production"},
        {"name": "PORT", "value": "4321"},
    ],
    "healthCheck": {
        "command": ["CMD-SHELL", "wget -q -O- http://localhost:4321/health"],
        "interval": 15,
        "timeout": 5,
        "retries": 3,
        "startPeriod": 30,
    },
    "linuxParameters": {"initProcessEnabled": True},
    "logConfiguration": log_configuration("web"),
    "mountPoints": [],
    "portMappings": [{"containerPort": 4321, "hostPort": 4321, "protocol": "tcp"}],
    "secrets": [
        {"name": "DB_PASSWORD", "valueFrom": f"{DATABASE_SECRET}:password::"},
        {"name": "DB_USER", "valueFrom": f"{DATABASE_SECRET}:username::"},
        {"name": "SESSION_SECRET", "valueFrom": f"{SESSION_SECRET}:SESSION_SECRET::"},
    ],
    "systemControls": [],
    "volumesFrom": [],
}


def test_two_containers_have_one_canonical_form() -> None:
    definitions = [PROXY_DEFINITION, WEB_DEFINITION]
    assert rendered([WEB, PROXY], init_process_enabled=True) == canonical(definitions)


def test_what_ecs_would_fill_in_is_written_out() -> None:
    assert rendered([WORKER]) == canonical(
        [
            {
                "name": "worker",
                "image": "public.ecr.aws/shop/worker:1",
                "essential": True,
                "cpu": 0,
                "environment": [],
                "logConfiguration": log_configuration("worker"),
                "mountPoints": [],
                "portMappings": [],
                "secrets": [],
                "systemControls": [],
                "volumesFrom": [],
            }
        ]
    )


@pytest.mark.parametrize(("port", "opened"), [(1, True), (1023, True), (1024, False)])
def test_user_other_than_root_may_listen_on_every_port(port: int, opened: bool) -> None:
    [definition] = json.loads(rendered([dataclasses.replace(WORKER, ports=[8080, port])]))
    control = {"namespace": "net.ipv4.ip_unprivileged_port_start", "value": "0"}
    assert definition["systemControls"] == ([control] if opened else [])


@pytest.mark.parametrize(
    ("condition", "essential"),
    [("START", True), ("HEALTHY", True), ("COMPLETE", False), ("SUCCESS", False)],
)
def test_container_that_another_waits_to_end_is_not_essential(condition: DependencyCondition, essential: bool) -> None:
    migrations = dataclasses.replace(WEB, name="migrations")
    worker = dataclasses.replace(WORKER, depends_on={"migrations": condition})
    definitions = json.loads(rendered([migrations, worker]))
    assert {definition["name"]: definition["essential"] for definition in definitions} == {
        "migrations": essential,
        "worker": True,
    }


# ---- every order of the inputs, and ECS's own model of the API ----

NAMES = st.text(alphabet="abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=8)
VARIABLES = st.text(alphabet="ABCDEFGHIJ_", min_size=1, max_size=6)


@st.composite
def tasks(draw: st.DrawFn) -> list[ContainerArgs]:
    """Draw containers that only wait for earlier ones."""
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    return [draw(containers(name, names[:position])) for position, name in enumerate(names)]


@st.composite
def containers(draw: st.DrawFn, name: str, earlier: Sequence[str]) -> ContainerArgs:
    conditions: st.SearchStrategy[DependencyCondition] = st.sampled_from(["START", "HEALTHY", "COMPLETE", "SUCCESS"])
    return ContainerArgs(
        name=name,
        image=draw(st.sampled_from(["shop/web:1", "shop/web@sha256:abc"])),
        deployable=draw(st.booleans()),
        ports=draw(st.lists(st.integers(1, 65535), max_size=3, unique=True)),
        environment=draw(st.dictionaries(VARIABLES, st.text(max_size=5), max_size=4)),
        secrets=[
            SecretVariableArgs(name=variable, secret_arn=DATABASE_SECRET, key="key")
            for variable in draw(st.lists(VARIABLES, max_size=4, unique=True))
        ],
        health_check=draw(
            st.none()
            | st.builds(
                HealthCheckArgs,
                command=st.just(["CMD", "check"]),
                interval_seconds=st.integers(5, 300),
                timeout_seconds=st.integers(2, 60),
                retries=st.integers(1, 10),
                start_period_seconds=st.integers(0, 300),
            )
        ),
        depends_on=draw(st.dictionaries(st.sampled_from(earlier), conditions)) if earlier else {},
        mounts=[
            MountArgs(volume="data", container_path=f"/{path}", read_only=draw(st.booleans()))
            for path in draw(st.lists(NAMES, max_size=3, unique=True))
        ],
        user=draw(st.none() | st.just("1000:1000")),
        command=draw(st.none() | st.lists(NAMES, max_size=3)),
        stop_timeout_seconds=draw(st.none() | st.integers(2, 120)),
    )


def in_another_order(container: ContainerArgs, order: random.Random) -> ContainerArgs:
    def shuffled(values: Sequence[Any]) -> list[Any]:
        return order.sample(values, len(values))

    return dataclasses.replace(
        container,
        ports=shuffled(container.ports),
        environment=dict(shuffled(list(container.environment.items()))),
        secrets=shuffled(container.secrets),
        depends_on=dict(shuffled(list(container.depends_on.items()))),
        mounts=shuffled(container.mounts),
    )


@given(task=tasks(), order=st.randoms(use_true_random=False))
def test_order_of_the_inputs_never_shows(task: list[ContainerArgs], order: random.Random) -> None:
    reordered = [in_another_order(container, order) for container in order.sample(task, len(task))]
    assert rendered(reordered) == rendered(task)


REGISTER_TASK_DEFINITION = (
    botocore.session.get_session().get_service_model("ecs").operation_model("RegisterTaskDefinition").input_shape
)


def values_outside_their_enum(shape: Shape, value: Any) -> list[str]:
    """Return what botocore's validator does not look at: texts that are none of the model's allowed ones."""
    if isinstance(shape, StructureShape):
        known = {member: item for member, item in value.items() if member in shape.members}
        return [
            text for member, item in known.items() for text in values_outside_their_enum(shape.members[member], item)
        ]
    if isinstance(shape, ListShape):
        return [text for item in value for text in values_outside_their_enum(shape.member, item)]
    if isinstance(shape, StringShape) and shape.enum and value not in shape.enum:
        return [f"{shape.name}: {value}"]
    return []


def problems(definitions: list[Mapping[str, Any]]) -> str:
    request = {"family": "shop", "containerDefinitions": definitions}
    assert REGISTER_TASK_DEFINITION is not None
    report = ParamValidator().validate(request, REGISTER_TASK_DEFINITION)
    return "\n".join(
        [str(report.generate_report()), *values_outside_their_enum(REGISTER_TASK_DEFINITION, request)]
    ).strip()


@given(task=tasks(), init_process_enabled=st.booleans())
def test_definitions_fit_the_api_of_ecs(task: list[ContainerArgs], init_process_enabled: bool) -> None:
    assert problems(json.loads(rendered(task, init_process_enabled=init_process_enabled))) == ""


@pytest.mark.parametrize(
    ("member", "value"),
    [("imageName", "shop"), ("user", 1000), ("portMappings", [{"protocol": "quic"}]), ("secrets", [{"name": "KEY"}])],
)
def test_the_check_against_the_api_finds_a_wrong_member(member: str, value: object) -> None:
    [definition] = json.loads(rendered([WORKER]))
    assert problems([{**definition, member: value}]) != ""


# ---- which image runs ----


@pytest.mark.parametrize(
    ("document", "image"),
    [
        ("{}", "shop/web:first"),
        ('{"proxy":"shop/proxy:2"}', "shop/web:first"),
        ('{"web":"shop/web:2"}', "shop/web:2"),
        ('{"proxy":"shop/proxy:2","web":"shop/web@sha256:abc"}', "shop/web@sha256:abc"),
    ],
)
def test_deployed_image_wins_over_the_first_one(document: str, image: str) -> None:
    assert deployed_image(document, "web", "shop/web:first") == image


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("", "image parameter: came ''; allowed a JSON object of images by container"),
        ("shop/web:2", "image parameter: came 'shop/web:2'; allowed a JSON object of images by container"),
        ('["shop/web:2"]', "image parameter: came '[\"shop/web:2\"]'; allowed a JSON object of images by container"),
        ('{"web":""}', "image parameter, web: came ''; allowed the name of an image"),
        ('{"web":null}', "image parameter, web: came None; allowed the name of an image"),
    ],
)
def test_broken_image_parameter_never_falls_back_to_the_first_image(document: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        deployed_image(document, "web", "shop/web:first")


def test_image_document_is_canonical() -> None:
    assert resolved(lambda: image_document({"web": "shop/web:1", "proxy": "shop/proxy:1"})) == (
        '{"proxy":"shop/proxy:1","web":"shop/web:1"}'
    )
