"""``zelly secrets list`` and ``check``: which keys have values and who needs them."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

import pytest

from sample_infra.program import PROGRAM
from tests.workbench.conftest import Completed, Operator, Up
from workbench.aws.ecs.services import Ecs
from workbench.aws.ecs.task_definitions import TaskDefinition, TaskDefinitions
from workbench.aws.secrets_manager.versions import SecretVersions
from workbench.aws.shared.errors import AwsError, Reason
from workbench.cli.secrets import stored
from workbench.operations.secrets.check import SecretCheck, check_secrets

REGION = "eu-west-1"
WEB = "sample/web/env"
WORKER = "sample/worker/env"


def _fill(secrets: Any, name: str, **values: str) -> None:
    filled = {**dict.fromkeys(PROGRAM.secrets.application[name], "filled"), **values}
    secrets.put_secret_value(SecretId=name, SecretString=json.dumps(filled))


def _rows(operator: Operator) -> dict[str, Any]:
    completed = operator.run("secrets", "list", "--stack", "trial", "--json")
    assert (completed.exit_code, completed.stderr) == (0, "")
    return {row["secret"]: row for row in json.loads(completed.stdout)["secrets"]}


def test_catalog_and_aws_agree_on_every_secret_and_key(up: Up) -> None:
    secrets = up.client("secretsmanager", REGION)
    names = [
        secret["Name"] for page in secrets.get_paginator("list_secrets").paginate() for secret in page["SecretList"]
    ]
    held = {
        name: sorted(json.loads(secrets.get_secret_value(SecretId=name)["SecretString"]))
        for name in names
        if name.startswith("sample/")
    }
    assert held == {name: sorted(keys) for name, keys in {**PROGRAM.secrets.application, **PROGRAM.secrets.own}.items()}


def test_list_tells_owner_keys_and_who_needs_them(operator: Operator, stored: Any) -> None:
    stored.put_secret_value(SecretId=WORKER, SecretString=json.dumps({"QUEUE_KEY": "value", "ORIGIN": "typo"}))
    rows = _rows(operator)
    assert list(rows) == [*PROGRAM.secrets.application, *PROGRAM.secrets.own]
    assert rows[WORKER].pop("changed_at") is not None
    assert rows[WORKER] == {
        "secret": WORKER,
        "owner": "operators",
        "state": "present",
        "deleted_on": None,
        "keys": {"QUEUE_KEY": "present", "ORIGINS": "missing", "ORIGIN": "unexpected"},
        "needed_by": ["worker"],
    }
    assert set(rows[WEB]["keys"].values()) == {"empty"}
    assert {name: (row["owner"], row["needed_by"]) for name, row in rows.items() if row["owner"] == "program"} == {
        "sample/aurora/login": ("program", ["web"]),
        "sample/redis/login": ("program", ["worker", "tools"]),
        "sample/clickhouse/login": ("program", ["worker", "clickhouse host"]),
    }


def test_list_shows_what_is_to_be_deleted_and_what_nobody_knows(operator: Operator, stored: Any) -> None:
    stored.create_secret(Name="sample/old/env", SecretString='{"TOKEN": "value"}')
    stored.delete_secret(SecretId="sample/old/env", RecoveryWindowInDays=7)
    stored.create_secret(Name="sample/text", SecretString="no object")
    try:
        rows = _rows(operator)
        readable = operator.run("secrets", "list", "--stack", "trial").stdout
    finally:
        for name in ("sample/old/env", "sample/text"):
            stored.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    assert {name: (rows[name]["owner"], rows[name]["state"], rows[name]["keys"]) for name in [*rows][-2:]} == {
        "sample/old/env": (None, "to be deleted", {}),
        "sample/text": (None, "no JSON object", {}),
    }
    (line,) = (line for line in readable.splitlines() if "sample/old/env" in line)
    assert line.split() == [
        "sample/old/env",
        "to",
        "be",
        "deleted",
        "unknown",
        "gone",
        "on",
        rows["sample/old/env"]["deleted_on"],
        "-",
    ]


def test_check_passes_when_every_key_has_a_value(operator: Operator, stored: Any) -> None:
    for name in PROGRAM.secrets.application:
        _fill(stored, name)
    keys = {
        (variable.secret, variable.key)
        for service in PROGRAM.services
        for container in service.containers
        for variable in container.secrets
    }
    assert operator.run("secrets", "check", "--stack", "trial") == Completed(
        exit_code=0, stdout=f"All {len(keys)} keys that task definitions refer to have values.\n", stderr=""
    )


def test_check_names_each_lack_and_who_needs_it(operator: Operator, stored: Any) -> None:
    stored.put_secret_value(SecretId=WORKER, SecretString='{"QUEUE_KEY": ""}')
    stored.delete_secret(SecretId=WEB, RecoveryWindowInDays=7)
    gone = f"the secret is to be deleted; `zelly secrets restore {WEB}` keeps it"
    completed = operator.run("secrets", "check", "--stack", "trial")
    # Others may have deployed.
    lines = re.sub(r":\d+/", ":N/", completed.stdout).splitlines()
    assert (completed.exit_code, completed.stderr, lines) == (
        1,
        "",
        [
            *(f"{WEB} {key}: {gone}; needed by web:N/app/{key}" for key in sorted(PROGRAM.secrets.application[WEB])),
            f"{WORKER} ORIGINS: missing; needed by worker:N/worker/ORIGINS",
            f"{WORKER} QUEUE_KEY: empty; needed by worker:N/worker/QUEUE_KEY",
        ],
    )


def test_check_looks_at_what_runs_and_at_what_is_deployed_next(operator: Operator, stored: Any, up: Up) -> None:
    for name in PROGRAM.secrets.application:
        _fill(stored, name)
    ecs = up.client("ecs", REGION)
    family = "sample-trial-worker"
    running = ecs.describe_task_definition(taskDefinition=family)["taskDefinition"]
    container = running["containerDefinitions"][0]
    host = next(entry["valueFrom"] for entry in container["secrets"] if entry["name"] == "REDIS_HOST")
    arn = host.removesuffix(":REDIS_HOST::")
    new = [
        {"name": "TOKEN", "valueFrom": f"{arn}:TOKEN::"},
        {"name": "SHOP", "valueFrom": "arn:aws:ssm:x:1:parameter/a"},
    ]
    made = ecs.register_task_definition(
        family=family,
        containerDefinitions=[{**container, "secrets": new}],
        executionRoleArn=running["executionRoleArn"],
        networkMode=running["networkMode"],
        requiresCompatibilities=running["requiresCompatibilities"],
        cpu=running["cpu"],
        memory=running["memory"],
    )["taskDefinition"]
    current = json.loads(stored.get_secret_value(SecretId="sample/redis/login")["SecretString"])
    lacking = {**current, "REDIS_PORT": ""}
    try:
        stored.put_secret_value(SecretId="sample/redis/login", SecretString=json.dumps(lacking))
        completed = operator.run("secrets", "check", "--stack", "trial", "--json")
    finally:
        stored.put_secret_value(SecretId="sample/redis/login", SecretString=json.dumps(current))
        ecs.deregister_task_definition(taskDefinition=made["taskDefinitionArn"])
    lacks = json.loads(completed.stdout)["lacks"]
    assert completed.exit_code == 1
    assert [(lack["key"], lack["problem"]) for lack in lacks] == [("REDIS_PORT", "empty"), ("TOKEN", "missing")]
    assert lacks[1]["needed_by"] == [
        {
            "service": "worker",
            "revision": made["revision"],
            "container": "worker",
            "variable": "TOKEN",
        }
    ]
    assert [f"{need['service']}:{need['revision']}" for need in lacks[0]["needed_by"]] == [
        f"worker:{running['revision']}",
        "tools:1",
    ]


def test_what_is_no_text_is_named_by_key_and_kind_and_never_by_value(operator: Operator, stored: Any) -> None:
    for name in PROGRAM.secrets.application:
        _fill(stored, name)
    hidden = ("47110815", "under-the-object")
    values = {"QUEUE_KEY": int(hidden[0]), "ORIGINS": {"origin": hidden[1]}}
    stored.put_secret_value(SecretId=WORKER, SecretString=json.dumps(values))
    stored.put_secret_value(SecretId=WEB, SecretString='"a text"')
    checked = operator.run("secrets", "check", "--stack", "trial")
    no_object = operator.run("secrets", "list", "--stack", "trial", "--json")
    _fill(stored, WEB, SESSION_KEY=" \t")
    blank = operator.run("secrets", "check", "--stack", "trial")
    listed = operator.run("secrets", "list", "--stack", "trial", "--json")
    doctor = operator.run("doctor", "--stack", "trial", "--json")
    deploy = operator.run("service", "deploy", "worker", "--tag", "trial-nothing", "--dry-run", "--stack", "trial")
    assert [completed.exit_code for completed in (checked, listed, doctor, deploy)] == [1, 0, 1, 2]
    lines = re.sub(r":\d+/", ":N/", checked.stdout + blank.stdout).splitlines()
    for line in (
        f"{WEB} SESSION_KEY: empty; needed by web:N/app/SESSION_KEY",
        f"{WEB} SESSION_KEY: the secret holds no JSON object; needed by web:N/app/SESSION_KEY",
        f"{WORKER} ORIGINS: not text but an object; needed by worker:N/worker/ORIGINS",
        f"{WORKER} QUEUE_KEY: not text but a number; needed by worker:N/worker/QUEUE_KEY",
    ):
        assert line in lines
    assert {row["secret"]: row["state"] for row in json.loads(no_object.stdout)["secrets"]}[WEB] == "no JSON object"
    assert _rows(operator)[WORKER]["keys"] == {"QUEUE_KEY": "not text", "ORIGINS": "not text"}
    (seen,) = (step["seen"] for step in json.loads(doctor.stdout)["steps"] if step["name"] == "secrets filled")
    assert f"{WORKER}, not text but a number: QUEUE_KEY" in seen
    assert f"{WEB}, empty: SESSION_KEY" in seen
    assert [line for line in deploy.stderr.splitlines() if WORKER in line] == [
        f"  secret {WORKER}, needed by worker: ORIGINS not text but an object",
        f"  secret {WORKER}, needed by worker: QUEUE_KEY not text but a number",
    ]
    said = "".join(completed.stdout + completed.stderr for completed in (checked, listed, doctor, deploy))
    assert [value for value in hidden if value in said] == []


class _NoServices:
    def services(self, _: Sequence[str]) -> Mapping[str, Any]:
        return {}


class _NoFamily:
    def newest(self, family: str) -> TaskDefinition:
        raise AwsError(
            operation="ecs:DescribeTaskDefinition",
            target=family,
            code="ClientException",
            message="Unable to describe task definition.",
            reason=Reason.REFUSED,
        )


def test_a_family_without_a_revision_is_an_absent_service() -> None:
    found = check_secrets(
        {"tools": "shop-tools"},
        ecs=cast(Ecs, _NoServices()),
        task_definitions=cast(TaskDefinitions, _NoFamily()),
        secrets=cast(SecretVersions, None),
    )
    assert (found, found.passed) == (SecretCheck(checked=0, lacks=(), absent_services=("tools",)), False)


def test_check_fails_while_a_service_has_no_task_definition(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = SecretCheck(checked=29, lacks=(), absent_services=("tools",))

    def answer(*_: object, **__: object) -> SecretCheck:
        return found

    monkeypatch.setattr(stored, "check_secrets", answer)
    checked = operator.run("secrets", "check", "--stack", "trial")
    document = operator.run("secrets", "check", "--stack", "trial", "--json")
    assert (checked.exit_code, checked.stdout) == (1, "tools: no task definition yet; `pulumi up` makes it\n")
    assert (document.exit_code, json.loads(document.stdout)["absent_services"]) == (1, ["tools"])
