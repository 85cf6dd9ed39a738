"""The integration environment, as compose itself reads it."""

import functools
import json
import os
import subprocess
from collections.abc import Mapping
from typing import Any

import pytest

from programs.relay.ci.integration import HEALTHY_SECONDS, TESTS, image_variable, project_name
from relay_infra.catalog import SERVICES, service
from tests.programs.relay import facts
from tests.programs.relay.pipeline.recorded import RELAY
from tests.support.programs import require_built

FILE = RELAY / facts.INTEGRATION_FILE
IMAGES = {image_variable(each): f"relay/{each.name}:built" for each in SERVICES}
MILLISECONDS = {"ms": 1, "s": 1_000, "m": 60_000}


def loaded(images: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    compose = require_built("compose-config", target="compose")
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_IMAGE")}
    return subprocess.run(
        [compose, str(FILE)], env={**environment, **images}, capture_output=True, text=True, check=False
    )


@functools.cache
def services() -> Mapping[str, Mapping[str, Any]]:
    ran = loaded(IMAGES)
    assert ran.returncode == 0, ran.stderr
    # What compose warns of, such as a variable that is not set, is a fault too.
    assert ran.stderr == ""
    return json.loads(ran.stdout)["services"]


def test_an_image_that_was_not_built_is_missed_by_compose_itself() -> None:
    ran = loaded({name: value for name, value in IMAGES.items() if name != "SEND_API_IMAGE"})
    assert ran.returncode == 1
    assert "required variable SEND_API_IMAGE is missing a value: the image that was built" in ran.stderr


def test_it_holds_the_documents_stores_the_services_and_the_tests() -> None:
    assert services().keys() == {*facts.INTEGRATION_STORES, *(each.name for each in SERVICES), TESTS}


def test_what_is_tested_is_what_was_built_and_nothing_is_built_here() -> None:
    for each in SERVICES:
        assert services()[each.name]["image"] == IMAGES[image_variable(each)]
    assert [name for name, described in services().items() if "build" in described] == []
    # The rest is pinned to a whole version.
    others = {name: str(services()[name]["image"]) for name in {*facts.INTEGRATION_STORES, TESTS}}
    assert all(image.rpartition(":")[2].count(".") == 2 for image in others.values())


def test_each_service_gets_the_variables_that_it_has_in_aws() -> None:
    for each in SERVICES:
        assert set(services()[each.name]["environment"]) == set(each.keys)


def test_services_wait_for_stores_that_are_healthy() -> None:
    for store in facts.INTEGRATION_STORES:
        assert services()[store]["healthcheck"]["test"]
    for each in SERVICES:
        waits = services()[each.name]["depends_on"]
        assert {name: wait["condition"] for name, wait in waits.items()} == dict.fromkeys(
            facts.INTEGRATION_STORES, "service_healthy"
        )
        # One that listens on nothing is up when it runs.
        assert ("healthcheck" in services()[each.name]) is (each.port is not None)


def test_whatever_becomes_healthy_has_the_time_to() -> None:
    for name, described in services().items():
        if "healthcheck" in described:
            check = described["healthcheck"]
            assert check["retries"] * _seconds(check["interval"]) <= HEALTHY_SECONDS, name


def _seconds(duration: str) -> float:
    number = duration.rstrip("hms")
    return float(number) * MILLISECONDS[duration.removeprefix(number)] / 1_000


def test_health_is_asked_where_the_balancer_asks_it() -> None:
    for each in SERVICES:
        if each.port is not None:
            said = " ".join(services()[each.name]["healthcheck"]["test"])
            assert f"http://127.0.0.1:{each.port}{each.health_path}" in said


def test_the_network_leads_nowhere_and_nothing_of_it_is_reached_from_outside() -> None:
    document = json.loads(loaded(IMAGES).stdout)
    assert {name: network["internal"] for name, network in document["networks"].items()} == {"integration": True}
    for name, described in services().items():
        assert set(described["networks"]) == {"integration"}, name
        assert not {"ports", "network_mode", "container_name", "privileged"} & described.keys(), name
    # Nothing outlives a build, and nothing of the agent is written to but the reports.
    assert "volumes" not in document
    written = [
        (name, mount["target"])
        for name, described in services().items()
        for mount in described.get("volumes", [])
        if not mount.get("read_only")
    ]
    assert written == [(TESTS, "/workspace/reports")]


def test_tests_are_brought_up_by_nobody_else() -> None:
    assert {name for name, described in services().items() if described.get("profiles")} == {TESTS}
    assert services()[TESTS]["profiles"] == [TESTS]
    addresses = services()[TESTS]["environment"]
    for each in SERVICES:
        if each.port is not None:
            assert addresses[f"{each.name.upper().replace('-', '_')}_URL"] == f"http://{each.name}:{each.port}"
    assert {name: value for name, value in addresses.items() if name in service("send-api").keys} == {
        name: services()["send-api"]["environment"][name] for name in ("MONGO_URL", "REDIS_URL", "KAFKA_BROKERS")
    }


@pytest.mark.parametrize(
    ("build", "name"),
    [
        ("jenkins-relay-main-7", "jenkins-relay-main-7"),
        ("jenkins-relay-feature%2FNew_Thing-12", "jenkins-relay-feature-2fnew_thing-12"),
        ("-x-", "x"),
    ],
)
def test_a_build_has_a_project_of_its_own_by_a_name_that_compose_takes(build: str, name: str) -> None:
    assert project_name(build) == name
