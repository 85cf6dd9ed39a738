"""The scripts of ``scripts/ci`` and the programs that they call."""

import json
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from programs.relay.ci import images
from programs.relay.ci.notify import TOLD, Event
from programs.relay.ci.push import branch_tag, other_tags
from relay_infra.catalog import SERVICES
from tests.programs.relay import facts
from tests.programs.relay.evaluations import config_of
from tests.programs.relay.pipeline.conftest import COMMIT
from tests.programs.relay.pipeline.recorded import RELAY, pipeline
from tests.programs.relay.pipeline.runner import Build
from tests.programs.relay.pipeline.stand_ins import StandIns
from tests.support.programs import require_program
from tests.tools.steps import ROOT
from workbench.errors import OperationFailedError, OperatorError
from workbench.sandbox.ecr.images import Behaviour, sandbox_image
from workbench.sandbox.ecr.pushing import put_image

BUILT_BEFORE = "89abcdef" * 5
NIGHT = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)


def client(service: str, registry: Mapping[str, str]) -> Any:
    return boto3.client(  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType, reportCallIssue]
        service,  # pyright: ignore[reportArgumentType]
        region_name=config_of("preproduction").registry.region,
        endpoint_url=registry["AWS_ENDPOINT_URL"],
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


def test_scripts_have_no_shell_mistakes() -> None:
    shellcheck = require_program("shellcheck", package="shellcheck")
    scripts = sorted((RELAY / facts.SCRIPTS).iterdir())
    ran = subprocess.run([shellcheck, *scripts], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.stdout == ""


@pytest.fixture
def pushed(registry: Mapping[str, str]) -> Mapping[str, str]:
    """Push an image of a commit for every service, and return their digests."""
    ecr = client("ecr", registry)
    tag = f"sha-{BUILT_BEFORE}"
    for service in SERVICES:
        put_image(ecr, service.repository, tag, sandbox_image(f"{service.name} {tag}", Behaviour(), "X86_64"))
    return {
        service.name: ecr.describe_images(repositoryName=service.repository, imageIds=[{"imageTag": tag}])[
            "imageDetails"
        ][0]["imageDigest"]
        for service in SERVICES
    }


def test_a_commit_is_built_once_and_the_same_image_tested_again(
    build: Build, agent: StandIns, pushed: Mapping[str, str]
) -> None:
    build.environment |= {"GIT_COMMIT": BUILT_BEFORE, "BRANCH_NAME": "another"}
    build.run_from("Image", pipeline("pipeline"))
    assert build.result == "SUCCESS", build.said
    calls = [call for call, _ in agent.docker_calls]
    assert [call for call in calls if call[:2] == ["buildx", "build"]] == []
    pulled = [call[1] for call in calls if call[0] == "pull"]
    assert [name.partition("/")[2] for name in pulled] == [
        f"{service.repository}@{pushed[service.name]}" for service in SERVICES
    ]
    assert [call for call in calls if call[0] == "tag"] == [
        ["tag", name, f"{service.repository}:sha-{BUILT_BEFORE}"]
        for name, service in zip(pulled, SERVICES, strict=True)
    ]
    # The push then finds the same image under the tag.
    assert len(agent.calls("relay")) == len(SERVICES)


@pytest.fixture
def on_the_agent(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process have the variables of a build, for what would take a process of its own a second to load."""
    for name, value in {**build.environment, "COMMIT": COMMIT}.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("on_the_agent")
def test_docker_hub_is_logged_in_to_where_operators_gave_credentials(
    build: Build, agent: StandIns, registry: Mapping[str, str]
) -> None:
    secrets: Any = client("secretsmanager", registry)
    values = {"DOCKERHUB_USERNAME": "relay", "DOCKERHUB_TOKEN": "hidden"}
    secrets.create_secret(Name="relay/ci/dockerhub", SecretString=json.dumps(values))
    try:
        (agent.folder / "docker.told").write_text('{"login": 1}')
        with pytest.raises(OperationFailedError, match=r"^docker login ended with exit code 1: it said nothing$"):
            images.main(build.workspace)
    finally:
        secrets.delete_secret(SecretId="relay/ci/dockerhub", ForceDeleteWithoutRecovery=True)
    assert [call for call, _ in agent.docker_calls] == [["login", "--username", "relay", "--password-stdin"]]
    assert (agent.folder / "docker.password").read_text() == "hidden"


@pytest.mark.usefixtures("on_the_agent")
def test_a_service_without_a_dockerfile_is_one_line(build: Build) -> None:
    missing = build.workspace / "services" / "callback-api" / "Dockerfile"
    missing.unlink()
    with pytest.raises(OperatorError, match=r"missing; service callback-api is built from it$") as raised:
        images.main(build.workspace)
    assert str(raised.value).startswith(str(missing))


@pytest.mark.usefixtures("on_the_agent")
def test_an_image_that_cannot_be_built_is_told_with_whose_it_was(build: Build, agent: StandIns) -> None:
    (agent.folder / "docker.told").write_text('{"buildx build": 1}')
    with pytest.raises(OperationFailedError, match=r"^send-api: docker buildx build ended with exit code 1$"):
        images.main(build.workspace)


@pytest.mark.parametrize("manager", ['"pnpm@latest"', '"pnpm@10"', '"npm@10.0.0"', None])
def test_a_package_manager_that_is_not_pinned_is_refused(build: Build, agent: StandIns, manager: str | None) -> None:
    text = "{}\n" if manager is None else f'{{"packageManager": {manager}}}\n'
    (build.workspace / "package.json").write_text(text)
    ran = subprocess.run(
        [build.workspace / "scripts" / "ci" / "install"],
        cwd=build.workspace,
        env=build.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    said = 'package.json: packageManager names no whole version of pnpm; allowed: "pnpm@10.12.4", say\n'
    assert (ran.returncode, ran.stderr) == (2, said)
    assert agent.calls(facts.PACKAGE_MANAGER) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"COMMIT": "0123abc"}, "COMMIT: came 0123abc; allowed: a whole commit, 40 hexadecimal digits"),
        ({}, "COMMIT: not set; it is there in a step of the pipeline"),
        ({"COMMIT": COMMIT}, "APPROVER: not set; it is there in a step of the pipeline"),
    ],
)
def test_what_the_pipeline_has_to_say_is_missed_in_one_line(
    build: Build, agent: StandIns, change: Mapping[str, str], said: str
) -> None:
    ran = subprocess.run(
        [RELAY / facts.SCRIPTS / "promote"],
        env={**build.environment, **change},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (2, f"{said}\n")
    assert agent.calls("relay") == []


def test_slack_and_monday_hear_of_what_the_document_says() -> None:
    slack = {
        Event.STARTED: "pipeline started",
        Event.FAILED: "pipeline failed",
        Event.PRODUCTION: "deployed to production",
    }
    # An alert is none of a pipeline's events.
    assert {slack[event] for event in slack if _told(event, "slack")} == facts.TOLD_TO_SLACK - {"alert"}
    monday = {Event.PREPRODUCTION: "deployed to pre-production", Event.PRODUCTION: "promoted to production"}
    assert tuple(monday[event] for event in monday if _told(event, "monday")) == facts.TOLD_TO_MONDAY


def _told(event: Event, whom: str) -> bool:
    return any(words[0] == whom for words in TOLD[event])


def test_tags_of_an_image_are_the_documents_and_two_branches_never_share_one() -> None:
    assert other_tags("main", nightly=False, now=NIGHT) == ["branch-main"]
    assert other_tags("main", nightly=True, now=NIGHT) == ["branch-main", "nightly-2026-11-30"]
    assert {"sha-", *(f"{tag.split('-')[0]}-" for tag in other_tags("main", nightly=True, now=NIGHT))} == {*facts.TAGS}
    names = ["feature/x", "feature-x", "feature_x", "x" * 200, "x" * 201]
    tags = [branch_tag(name) for name in names]
    assert len(set(tags)) == len(names)
    assert all(len(tag) <= 128 for tag in tags)
    assert tags[1] == "branch-feature-x"
