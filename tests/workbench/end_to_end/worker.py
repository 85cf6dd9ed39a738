"""Staging's worker, which most tests of deploys are about, and what a deploy of it says."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.workbench.conftest import Operator, Up
from tests.workbench.end_to_end.rollouts import Interference, Shop
from workbench.aws.shared import connection

SECRET = "sample/worker/env"
VALUES = {"QUEUE_KEY": "a key that nobody may ever see", "ORIGINS": "https://orion.zelly.in"}


def ready_to_deploy(up: Up, operator: Operator) -> Iterator[Shop]:
    """Yield trial's worker with every secret and one healthy deploy, trial-00d00000."""
    secrets = up.client("secretsmanager", "eu-west-1")
    before = secrets.get_secret_value(SecretId=SECRET)["SecretString"]
    secrets.put_secret_value(SecretId=SECRET, SecretString=json.dumps(VALUES))
    first = Shop(up=up, operator=operator, stack="trial", service="worker")
    first.push("trial-00d00000")
    assert first.run("deploy", "--tag", "trial-00d00000", "--force").exit_code == 0
    yield Shop(up=up, operator=operator, stack="trial", service="worker")
    secrets.put_secret_value(SecretId=SECRET, SecretString=before)


def interfered_with(monkeypatch: pytest.MonkeyPatch) -> Interference:
    """Return what happens to every request from now on; no call is made again by botocore itself."""
    interference = Interference()
    make = connection.Connection.client

    def client(self: connection.Connection, service: str, *, repeatable: bool = True) -> Any:
        made = make(self, service, repeatable=repeatable)
        made.meta.events.register("before-send", interference.before_send)
        return made

    monkeypatch.setattr(connection.Connection, "client", client)
    monkeypatch.setattr(connection, "_ATTEMPTS", 1)
    return interference


def label(tag: str, digest: str) -> str:
    return f"{tag} ({digest[:19]})"


def plan(shop: Shop, tag: str, digest: str) -> str:
    """Return how a deploy of an image is announced."""
    before = label("trial-00d00000", shop.recorded[-1]["worker"].rpartition("@")[2])
    return (
        "sample-trial-worker, now REVISION+0:\n"
        f"  worker: {before} -> {label(tag, digest)}\n"
        "  in a new revision made from REVISION+0\n"
    )


GOES_ON = (
    "REVISION+1 (DEPLOYMENT) goes on without this command; ECS's circuit breaker rolls it back if it fails.\n"
    "Follow it with `zelly service status worker --stack trial`, abort it with "
    "`zelly service rollback worker --stack trial`.\n"
    "Once it is complete, the next deploy, rollback or promote records its images; until then `pulumi up` would put "
    "the earlier ones into the template.\n"
)
