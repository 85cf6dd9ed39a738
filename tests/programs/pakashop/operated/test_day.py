"""A day of releases: pushed, deployed, a bad one undone, rolled back, promoted; the real agent on simulated hosts."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.operators import Completed, Operator, Up
from zelly_components.release_document import PARAMETERS

SERVICES = 19


def ok(completed: Completed) -> Any:
    """Return the JSON object of a command that ended well."""
    assert completed.exit_code == 0, completed.stderr
    return json.loads(completed.stdout)


def practice(operator: Operator, name: str, *more: str) -> str:
    """Bring a practice release to staging, and return its id."""
    completed = operator.run("sandbox", "release", name, "--migration", "20261101_init", "-s", "staging", *more)
    assert completed.exit_code == 0, completed.stderr
    return completed.stdout.strip()


def running(operator: Operator, stack: str) -> dict[str, list[str]]:
    """Return the services by the release that the host says they run, as ``status`` shows it."""
    document = json.loads(operator.run("status", "-s", stack, "--json").stdout)
    found: dict[str, list[str]] = {}
    for row in document["services"]:
        assert row["state"] == "ok", row
        found.setdefault(row["release"], []).extend(row.get("services", [row["name"]]))
    return found


def test_a_day_of_releases(operator: Operator, sandbox: Up) -> None:
    first, second = _two_deploys_and_a_bad_one(operator)
    _back_to_the_first(operator, first, second)
    _promoted(operator, sandbox, first, second)
    _looked_after(operator, sandbox, first)


def _two_deploys_and_a_bad_one(operator: Operator) -> tuple[str, str]:
    fresh = operator.run("status", "-s", "staging")
    assert "nothing is released yet; `pakashop deploy RELEASE --stack staging` does" in fresh.stdout

    first, second = practice(operator, "first"), practice(operator, "second", "--migration", "20261102_more")
    plan = ok(operator.run("deploy", first, "-s", "staging", "--dry-run", "--json"))["plan"]
    assert (len(plan["changes"]), plan["migrations"], plan["snapshot"]) == (SERVICES, ["20261101_init"], False)
    assert ok(operator.run("deploy", first, "-s", "staging", "--yes", "--json"))["recorded"]["release"] == first
    done = operator.run("deploy", second, "-s", "staging", "--yes")
    assert done.stdout == f"staging runs {second}, all services healthy; recorded.\n"
    assert "migrate: applied 20261102_more" in done.stderr

    bad = practice(operator, "bad", "--migration", "20261102_more", "--behaviour", "fraud=never-ready")
    undone = operator.run("deploy", bad, "-s", "staging", "--yes")
    assert (undone.exit_code, undone.stdout) == (1, "")
    assert f"release {bad} in staging: undone in switch: not ready within 60 seconds: fraud (failed, 0 restarts)" in (
        undone.stderr
    )
    assert undone.stderr.endswith(f"What runs: 19 services on {second}.\n")
    assert list(running(operator, "staging")) == [second]
    return first, second


def _back_to_the_first(operator: Operator, first: str, second: str) -> None:
    alone = operator.run("rollback", "-s", "staging", "--service", "fraud", "--yes")
    assert (alone.exit_code, "can't go back" in alone.stderr, "20261102_more" in alone.stderr) == (2, True, True)
    assert operator.run("rollback", "-s", "staging", "--yes").stdout.startswith(f"staging runs {first}, all services")
    one = operator.run("deploy", second, "-s", "staging", "--service", "fraud", "--yes")
    assert one.stdout == f"staging runs {first}, but fraud {second}; healthy and recorded.\n"
    mixed = operator.run("promote", "--yes")
    assert (mixed.exit_code, "so no release was tested as a whole" in mixed.stderr) == (2, True)
    assert operator.run("rollback", "-s", "staging", "--yes").exit_code == 0
    assert {release: len(names) for release, names in running(operator, "staging").items()} == {first: SERVICES}


def _promoted(operator: Operator, sandbox: Up, first: str, second: str) -> None:
    refused = operator.run("deploy", second, "-s", "live", "--yes")
    assert (refused.exit_code, f"release: {second} is not in pakashop-live-releases" in refused.stderr) == (2, True)
    promoted = ok(operator.run("promote", "--yes", "--json"))
    assert (len(promoted["copied"]), promoted["recorded"]["from"]) == (SERVICES + 1, "staging")
    assert {release: len(names) for release, names in running(operator, "live").items()} == {first: SERVICES}
    taken = sandbox.client("rds", "ap-south-1").describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
    assert f"pakashop-live-release-{first}" in {each["DBSnapshotIdentifier"] for each in taken}


def _looked_after(operator: Operator, sandbox: Up, first: str) -> None:
    listed = ok(operator.run("release", "list", "-s", "staging", "--json"))["releases"]
    assert {each["release"] for each in listed if each["healthy_at"]} > {first}
    assert [each["release"] for each in listed if each["running"]] == [first]

    assert operator.run("restart", "gateway", "-s", "staging").exit_code == 0
    lines = operator.run("logs", "gateway", "-s", "staging", "--json").stdout.splitlines()
    assert [json.loads(line)["message"].split()[0] for line in lines][-1] == first
    assert (
        operator.run("secrets", "push", str(_filled(operator, sandbox.folder)), "-s", "staging", "--yes").exit_code == 0
    )
    steps = findings(operator.run("doctor", "-s", "staging", "--json"))
    assert {name: steps[name] for name in ("host answers", "release deployed", "release recorded")} == {
        "host answers": "the host takes the release document",
        "release deployed": "all 19 services are ready",
        "release recorded": "the record says what the host runs",
    }


def _filled(operator: Operator, folder: Path) -> Path:
    """Return the operators' template, every key filled."""
    text = operator.run("secrets", "template", "-s", "staging").stdout
    path = folder / "secrets.yaml"
    path.write_text(text.replace('""', '"a value"'))
    return path


def findings(completed: Completed) -> dict[str, str]:
    """Return what a doctor's findings say, by name."""
    document = json.loads(completed.stdout)
    return {each["name"]: " ".join(each["seen"]) for each in (*document["steps"], *document["invariants"])}


def test_host_refuses_what_no_operator_could_have_typed(operator: Operator, sandbox: Up) -> None:
    del operator
    ssm = sandbox.client("ssm", "ap-southeast-1")
    (host,) = [
        instance["InstanceId"]
        for reservation in sandbox.client("ec2", "ap-southeast-1").describe_instances()["Reservations"]
        for instance in reservation["Instances"]
        if {"Key": "Name", "Value": "pakashop-staging-host"} in instance["Tags"]
    ]
    good = {"action": ["status"], "release": ["none"], "service": ["all"], "environment": ["staging"]}
    for name, value in {"action": "reboot", "release": "../x", "service": "$(x)", "environment": "a b"}.items():
        parameters = {**good, name: [value]}
        with pytest.raises(ssm.exceptions.InvalidParameters) as refusal:
            ssm.send_command(DocumentName="pakashop-staging-release", InstanceIds=[host], Parameters=parameters)
        assert str(refusal.value).endswith(f"{name}: came {value!r}; allowed: {_allowed(name)}")


def _allowed(name: str) -> Any:
    return PARAMETERS[name].get("allowedValues") or PARAMETERS[name]["allowedPattern"]


def test_a_database_is_restored_beside_and_takes_over(operator: Operator) -> None:
    """The live one, a copy of a moment ago, the switch and the way back, in commands alone."""
    # The other stores' volumes have no snapshot yet: exit 1.
    stores = json.loads(operator.run("restore", "points", "-s", "staging", "--json").stdout)["stores"]
    (points,) = (each for each in stores if each["store"] == "postgresql")
    assert points["problems"] == []
    moment = next(point["moment"] for point in points["points"] if point["id"] == "latest")
    restored = ok(operator.run("restore", "postgresql", "--at", moment, "-s", "staging", "--yes", "--json"))
    assert (restored["complete"], restored["differences"]) == (True, [])

    switch = ("restore", "switch", restored["id"], "-s", "staging", "--json")
    plan = ok(operator.run(*switch, "--dry-run"))["plan"]
    assert (plan["changes"], len(plan["readers"])) == (True, 18)
    ok(operator.run(*switch, "--yes"))
    assert _told(operator) == "broken"
    assert ok(operator.run(*switch, "--dry-run"))["plan"]["changes"] is False

    ok(operator.run("restore", "switch", "pakashop-staging-postgresql", "-s", "staging", "--yes", "--json"))
    assert _told(operator) == "done"


def _told(operator: Operator) -> str:
    """Return the doctor's verdict on the instance that services are told of."""
    document = json.loads(operator.run("doctor", "staging", "--json").stdout)
    verdicts = {each["name"]: each["verdict"] for each in (*document["steps"], *document["invariants"])}
    return verdicts["PostgreSQL told"]
