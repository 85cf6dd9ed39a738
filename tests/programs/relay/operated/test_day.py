"""A day: a build is pushed, deployed, approved and promoted, a bad one is rolled back, and others are told."""

import json
from typing import Any

import pytest

from tests.programs.relay import facts
from tests.programs.relay.evaluations import config_of
from tests.support.operators import Completed, Operator, Up
from tests.support.receivers import Monday, Sentry, Service, Slack, received_by

SERVICE = "send-api"
REPOSITORY = "relay/send-api"
GOOD, BAD = "1a2b3c4d" * 5, "5e6f7a8b" * 5
BUILD = "https://jenkins.relay.example/job/relay/7/"
OF_THE_BUILD = ("--commit", GOOD, "--build", BUILD)


def ok(completed: Completed) -> Any:
    """Return the JSON object of a command that ended well."""
    assert completed.exit_code == 0, completed.stderr
    return json.loads(completed.stdout)


def pushed(operator: Operator, commit: str, *behaviour: str) -> str:
    """Push an image of a commit, and return its digest."""
    (row,) = ok(operator.run("sandbox", "image", SERVICE, "--tag", f"sha-{commit}", *behaviour, "--json"))["images"]
    return row["digest"]


def running(operator: Operator, stack: str) -> dict[str, Any]:
    (found,) = json.loads(operator.run("service", "status", SERVICE, "--stack", stack, "--json").stdout)["services"]
    return found


def tags(sandbox: Up, digest: str) -> set[str]:
    ecr = sandbox.client("ecr", config_of("preproduction").registry.region)
    found = ecr.describe_images(repositoryName=REPOSITORY, imageIds=[{"imageDigest": digest}])
    return set(found["imageDetails"][0]["imageTags"])


def test_a_day(operator: Operator, sandbox: Up) -> None:
    digest = pushed(operator, GOOD)
    deploy = ("service", "deploy", SERVICE, "--tag", f"sha-{GOOD}", "--stack", "preproduction", "--json")
    assert ok(operator.run(*deploy))["images"] == {SERVICE: _reference(digest)}

    early = operator.run("service", "promote", SERVICE, "--yes")
    assert (early.exit_code, early.stderr) == (
        2,
        "relay-production-send-api is left as it is: nobody asked for an approval; "
        "`relay approval ask send-api` does\n",
    )
    _approved(operator)
    _promoted(operator, sandbox, digest)
    _failed_in_production(operator, sandbox)
    _bad_one_rolled_back(operator, digest)


def _reference(digest: str) -> str:
    config = config_of("preproduction")
    return f"{config.aws_account_id}.dkr.ecr.{config.registry.region}.amazonaws.com/{REPOSITORY}@{digest}"


def _approved(operator: Operator) -> None:
    asked = ok(operator.run("approval", "ask", SERVICE, *OF_THE_BUILD, "--json"))
    assert (asked["approval"]["state"], asked["approval"]["commit"]) == ("asked", GOOD)
    waits = operator.run("service", "promote", SERVICE, "--commit", GOOD, "--yes")
    assert (waits.exit_code, "waits for an approval until" in waits.stderr) == (2, True)
    given = ok(operator.run("approval", "give", SERVICE, "--commit", GOOD, "--by", "mia", "--json"))
    assert (given["approval"]["state"], given["approval"]["by"]) == ("approved", "mia")


def _promoted(operator: Operator, sandbox: Up, digest: str) -> None:
    promote = ("service", "promote", SERVICE, "--commit", GOOD, "--yes", "--json")
    done = ok(operator.run(*promote))
    # Nothing is tagged for production but that it was deployed there.
    assert done["promoted"] == [{"container": SERVICE, "digest": digest, "tags": [f"sha-{GOOD}"], "new": []}]
    assert {tag for tag in tags(sandbox, digest) if not tag.startswith("deployed-")} == {f"sha-{GOOD}"}
    live = running(operator, "production")
    assert live["images"][0]["digest"] == running(operator, "preproduction")["images"][0]["digest"] == digest
    assert live["deploys"][0]["approval"]["by"] == "mia"
    again = operator.run(*promote)
    assert (again.exit_code, "which used its approval" in again.stderr) == (2, True)


def _bad_one_rolled_back(operator: Operator, digest: str) -> None:
    pushed(operator, BAD, "--crash", "1")
    bad = operator.run("service", "deploy", SERVICE, "--tag", f"sha-{BAD}", "--stack", "preproduction")
    assert (bad.exit_code, bad.stdout) == (1, "")
    assert "rolled back; relay-preproduction-send-api:2 is wanted again" in bad.stderr
    # It goes back still, or did: either way nobody is asked to approve the bad one.
    late = operator.run("approval", "ask", SERVICE, "--commit", BAD)
    assert (late.exit_code, late.stdout) == (2, "")
    (approval, *_) = ok(operator.run("approval", "list", "--json"))["approvals"]
    assert (approval["service"], approval["commit"], approval["state"]) == (SERVICE, GOOD, "failed")
    assert running(operator, "production")["images"][0]["digest"] == digest


def _failed_in_production(operator: Operator, sandbox: Up) -> None:
    """Promote once more, while a secret that tasks need has no value in production."""
    ok(operator.run("approval", "ask", SERVICE, *OF_THE_BUILD, "--json"))
    ok(operator.run("approval", "give", SERVICE, "--commit", GOOD, "--by", "mia", "--json"))
    secrets = sandbox.client("secretsmanager", config_of("production").region)
    stored = secrets.get_secret_value(SecretId=f"relay/{SERVICE}/env")["SecretString"]
    secrets.put_secret_value(SecretId=f"relay/{SERVICE}/env", SecretString="{}")
    failed = operator.run("service", "promote", SERVICE, "--yes", "--skip-secret-check")
    secrets.put_secret_value(SecretId=f"relay/{SERVICE}/env", SecretString=stored)
    assert (failed.exit_code, failed.stderr.splitlines()[-1]) == (
        1,
        f"The approval of {GOOD[:12]} of {BUILD} is used up; `relay approval ask {SERVICE}` asks anew once "
        "preproduction is healthy.",
    )


TELLING: dict[str, tuple[type[Service], tuple[str, ...]]] = {
    "pipeline started": (Slack, ("slack", "--event", "started")),
    "pipeline failed": (Slack, ("slack", "--event", "failed")),
    "deployed to production": (Slack, ("slack", "--event", "deployed", "--environment", "production")),
    "deployed to pre-production": (Monday, ("monday", "--stage", "preproduction", "--state", "deployed")),
    "promoted to production": (Monday, ("monday", "--stage", "production", "--state", "deployed")),
    "release": (Sentry, ("sentry", "--environment", "production")),
}


def test_who_is_told_is_what_the_document_says() -> None:
    told = {kind: [what for what, (each, _) in TELLING.items() if each is kind] for kind in (Slack, Monday)}
    # Alarms tell of alerts by themselves.
    assert {*told[Slack], "alert"} == facts.TOLD_TO_SLACK
    assert tuple(told[Monday]) == facts.TOLD_TO_MONDAY


@pytest.mark.parametrize("what", TELLING)
def test_others_are_told(what: str, operator: Operator, sandbox: Up, monkeypatch: pytest.MonkeyPatch) -> None:
    kind, arguments = TELLING[what]
    with received_by(service := kind()):
        _secret(sandbox, arguments[0], service.values)
        # As Jenkins hands them to every step.
        monkeypatch.setenv("GIT_COMMIT", GOOD)
        monkeypatch.setenv("BUILD_URL", BUILD)
        told = operator.run("notify", *arguments)
        assert (told.exit_code, told.stderr, told.stdout.partition(" was told: ")[1]) == (0, "", " was told: ")
    assert service.requests


def test_slack_that_is_down_fails_no_build(operator: Operator, sandbox: Up) -> None:
    with received_by(service := Slack()):
        _secret(sandbox, "slack", service.values)
    gone = operator.run("notify", "slack", "--event", "failed", *OF_THE_BUILD)
    assert (gone.exit_code, gone.stdout) == (0, "")
    assert gone.stderr == (
        "Slack was not told (:x: The build of relay 1a2b3c4d1a2b failed): no connection (NewConnectionError); tried 3 "
        "times. The build goes on.\n"
    )


def _secret(sandbox: Up, name: str, values: dict[str, str]) -> None:
    secrets = sandbox.client("secretsmanager", config_of("preproduction").region)
    try:
        secrets.put_secret_value(SecretId=f"relay/ci/{name}", SecretString=json.dumps(values))
    except secrets.exceptions.ResourceNotFoundException:
        secrets.create_secret(Name=f"relay/ci/{name}", SecretString=json.dumps(values))
