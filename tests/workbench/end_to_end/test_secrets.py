"""``zelly secrets list`` and ``check``: which keys have values and who needs them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

import pytest

from tests.workbench.end_to_end.conftest import Completed, Operator, Sandbox
from workbench.aws.ecs.services import Ecs
from workbench.aws.ecs.task_definitions import TaskDefinition, TaskDefinitions
from workbench.aws.secrets_manager.versions import SecretVersions
from workbench.aws.shared.errors import AwsError, Reason
from workbench.cli.secrets import stored
from workbench.operations.secrets.check import SecretCheck, check_secrets
from zelly_infra.catalog import APPLICATION_SECRETS, PROGRAM_SECRETS, SERVICES

REGION = "ap-southeast-1"
NOVA = "zelly/fastify-nova/env"
PANEL = "zelly/customer-panel/env"
ORION = "zelly/orion-backend/env"


def _fill(secrets: Any, name: str, **values: str) -> None:
    filled = {**dict.fromkeys(APPLICATION_SECRETS[name], "filled"), **values}
    secrets.put_secret_value(SecretId=name, SecretString=json.dumps(filled))


def _rows(operator: Operator) -> dict[str, Any]:
    completed = operator.zelly("secrets", "list", "--stack", "staging", "--json")
    assert (completed.exit_code, completed.stderr) == (0, "")
    return {row["secret"]: row for row in json.loads(completed.stdout)["secrets"]}


def test_catalog_and_aws_agree_on_every_secret_and_key(sandbox: Sandbox) -> None:
    secrets = sandbox.client("secretsmanager", REGION)
    names = [
        secret["Name"] for page in secrets.get_paginator("list_secrets").paginate() for secret in page["SecretList"]
    ]
    held = {
        name: sorted(json.loads(secrets.get_secret_value(SecretId=name)["SecretString"]))
        for name in names
        if name.startswith("zelly/")
    }
    assert held == {name: sorted(keys) for name, keys in {**APPLICATION_SECRETS, **PROGRAM_SECRETS}.items()}


def test_list_tells_owner_keys_and_who_needs_them(operator: Operator, stored: Any) -> None:
    stored.put_secret_value(SecretId=ORION, SecretString=json.dumps({"JWT_SECRET_KEY": "value", "CORS_ORIGIN": "typo"}))
    rows = _rows(operator)
    assert list(rows) == [*APPLICATION_SECRETS, *PROGRAM_SECRETS]
    assert rows[ORION].pop("changed_at") is not None
    assert rows[ORION] == {
        "secret": ORION,
        "owner": "operators",
        "state": "present",
        "deleted_on": None,
        "keys": {"JWT_SECRET_KEY": "present", "CORS_ORIGINS": "missing", "CORS_ORIGIN": "unexpected"},
        "needed_by": ["orion-backend"],
    }
    assert set(rows[NOVA]["keys"].values()) == {"empty"}
    assert {name: (row["owner"], row["needed_by"]) for name, row in rows.items() if row["owner"] == "program"} == {
        "zelly/aurora/master": ("program", ["fastify-nova", "customer-panel", "orion-backend"]),
        "zelly/redis/auth": ("program", ["fastify-nova", "customer-panel", "events-consumer", "internal-tools"]),
        "zelly/clickhouse/credentials": ("program", ["orion-backend", "events-consumer", "clickhouse host"]),
        "zelly/wireguard/server": ("program", ["bastion"]),
    }


def test_list_shows_what_is_to_be_deleted_and_what_nobody_knows(operator: Operator, stored: Any) -> None:
    stored.create_secret(Name="zelly/old/env", SecretString='{"TOKEN": "value"}')
    stored.delete_secret(SecretId="zelly/old/env", RecoveryWindowInDays=7)
    stored.create_secret(Name="zelly/text", SecretString="no object")
    try:
        rows = _rows(operator)
        readable = operator.zelly("secrets", "list", "--stack", "staging").stdout
    finally:
        for name in ("zelly/old/env", "zelly/text"):
            stored.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    assert {name: (rows[name]["owner"], rows[name]["state"], rows[name]["keys"]) for name in [*rows][-2:]} == {
        "zelly/old/env": (None, "to be deleted", {}),
        "zelly/text": (None, "no JSON object", {}),
    }
    (line,) = (line for line in readable.splitlines() if "zelly/old/env" in line)
    assert line.split() == [
        "zelly/old/env",
        "to",
        "be",
        "deleted",
        "unknown",
        "gone",
        "on",
        rows["zelly/old/env"]["deleted_on"],
        "-",
    ]


def test_check_passes_when_every_key_has_a_value(operator: Operator, stored: Any) -> None:
    for name in APPLICATION_SECRETS:
        _fill(stored, name)
    keys = {
        (variable.secret, variable.key)
        for service in SERVICES
        for container in service.containers
        for variable in container.secrets
    }
    assert operator.zelly("secrets", "check", "--stack", "staging") == Completed(
        exit_code=0, stdout=f"All {len(keys)} keys that task definitions refer to have values.\n", stderr=""
    )


def test_check_names_each_lack_and_who_needs_it(operator: Operator, stored: Any) -> None:
    _fill(stored, NOVA, JWT_SECRET="")
    stored.put_secret_value(SecretId=ORION, SecretString='{"JWT_SECRET_KEY": "value"}')
    stored.delete_secret(SecretId=PANEL, RecoveryWindowInDays=7)
    gone = f"the secret is to be deleted; `zelly secrets restore {PANEL}` keeps it"
    completed = operator.zelly("secrets", "check", "--stack", "staging")
    assert (completed.exit_code, completed.stderr, completed.stdout.splitlines()) == (
        1,
        "",
        [
            *(
                f"{PANEL} {key}: {gone}; needed by customer-panel:1/customer-panel/{key}"
                for key in sorted(APPLICATION_SECRETS[PANEL])
            ),
            f"{NOVA} JWT_SECRET: empty; needed by fastify-nova:1/fastify-nova/JWT_SECRET",
            f"{ORION} CORS_ORIGINS: missing; needed by orion-backend:1/orion-backend/CORS_ORIGINS",
        ],
    )


def test_check_looks_at_what_runs_and_at_what_is_deployed_next(
    operator: Operator, stored: Any, sandbox: Sandbox
) -> None:
    for name in APPLICATION_SECRETS:
        _fill(stored, name)
    ecs = sandbox.client("ecs", REGION)
    family = "zelly-staging-events-consumer"
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
    current = json.loads(stored.get_secret_value(SecretId="zelly/redis/auth")["SecretString"])
    lacking = {**current, "REDIS_PORT": ""}
    try:
        stored.put_secret_value(SecretId="zelly/redis/auth", SecretString=json.dumps(lacking))
        completed = operator.zelly("secrets", "check", "--stack", "staging", "--json")
    finally:
        stored.put_secret_value(SecretId="zelly/redis/auth", SecretString=json.dumps(current))
        ecs.deregister_task_definition(taskDefinition=made["taskDefinitionArn"])
    lacks = json.loads(completed.stdout)["lacks"]
    assert completed.exit_code == 1
    assert [(lack["key"], lack["problem"]) for lack in lacks] == [("REDIS_PORT", "empty"), ("TOKEN", "missing")]
    assert lacks[1]["needed_by"] == [
        {
            "service": "events-consumer",
            "revision": made["revision"],
            "container": "events-consumer",
            "variable": "TOKEN",
        }
    ]
    assert [f"{need['service']}:{need['revision']}" for need in lacks[0]["needed_by"]] == [
        "fastify-nova:1",
        "customer-panel:1",
        f"events-consumer:{running['revision']}",
        "internal-tools:1",
        "internal-tools:1",
    ]


def test_what_is_no_text_is_named_by_key_and_kind_and_never_by_value(operator: Operator, stored: Any) -> None:
    for name in APPLICATION_SECRETS:
        _fill(stored, name)
    hidden = ("47110815", "under-the-object")
    values = {"JWT_SECRET_KEY": int(hidden[0]), "CORS_ORIGINS": {"origin": hidden[1]}}
    stored.put_secret_value(SecretId=ORION, SecretString=json.dumps(values))
    stored.put_secret_value(SecretId=NOVA, SecretString='"a text"')
    _fill(stored, PANEL, COOKIE_SECRET=" \t")
    checked = operator.zelly("secrets", "check", "--stack", "staging")
    listed = operator.zelly("secrets", "list", "--stack", "staging", "--json")
    doctor = operator.zelly("doctor", "--stack", "staging", "--json")
    deploy = operator.zelly(
        "service", "deploy", "orion-backend", "--tag", "staging-nothing", "--dry-run", "--stack", "staging"
    )
    assert [completed.exit_code for completed in (checked, listed, doctor, deploy)] == [1, 0, 1, 2]
    lines = checked.stdout.splitlines()
    for line in (
        f"{PANEL} COOKIE_SECRET: empty; needed by customer-panel:1/customer-panel/COOKIE_SECRET",
        f"{NOVA} JWT_SECRET: the secret holds no JSON object; needed by fastify-nova:1/fastify-nova/JWT_SECRET",
        f"{ORION} CORS_ORIGINS: not text but an object; needed by orion-backend:1/orion-backend/CORS_ORIGINS",
        f"{ORION} JWT_SECRET_KEY: not text but a number; needed by orion-backend:1/orion-backend/JWT_SECRET_KEY",
    ):
        assert line in lines
    assert {row["secret"]: row["state"] for row in json.loads(listed.stdout)["secrets"]}[NOVA] == "no JSON object"
    assert _rows(operator)[ORION]["keys"] == {"JWT_SECRET_KEY": "not text", "CORS_ORIGINS": "not text"}
    (seen,) = (step["seen"] for step in json.loads(doctor.stdout)["steps"] if step["name"] == "secrets filled")
    assert f"{ORION}, not text but a number: JWT_SECRET_KEY" in seen
    assert f"{PANEL}, empty: COOKIE_SECRET" in seen
    assert [line for line in deploy.stderr.splitlines() if ORION in line] == [
        f"  secret {ORION}, needed by orion-backend: CORS_ORIGINS not text but an object",
        f"  secret {ORION}, needed by orion-backend: JWT_SECRET_KEY not text but a number",
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
    found = SecretCheck(checked=29, lacks=(), absent_services=("internal-tools",))

    def answer(*_: object, **__: object) -> SecretCheck:
        return found

    monkeypatch.setattr(stored, "check_secrets", answer)
    checked = operator.zelly("secrets", "check", "--stack", "staging")
    document = operator.zelly("secrets", "check", "--stack", "staging", "--json")
    assert (checked.exit_code, checked.stdout) == (1, "internal-tools: no task definition yet; `pulumi up` makes it\n")
    assert (document.exit_code, json.loads(document.stdout)["absent_services"]) == (1, ["internal-tools"])
