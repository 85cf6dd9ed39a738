"""Backups of each environment, as they are made and as its host is told to make them."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.programs.pakashop import facts
from tests.programs.pakashop.composition.test_host import configuration, file
from tests.programs.pakashop.evaluations import STACKS, config_of, evaluation_of, stack_file_with
from workbench.errors import OperatorError

each_stack = pytest.mark.parametrize("stack", STACKS)
UNITS = "/etc/systemd/system"


def _lifecycle(stack: str) -> dict[str, int]:
    type_token = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    rules = evaluation_of(stack).one(type_token, f"pakashop-{stack}-backups-lifecycle").inputs["rules"]
    return {rule["filter"]["prefix"]: rule["expiration"]["days"] for rule in rules}


@each_stack
def test_dump_is_made_at_the_documented_time(stack: str) -> None:
    """P17 and PF20: on the host, and made up for when it was down."""
    timer = file(stack, f"{UNITS}/database-backup.timer")
    assert f"OnCalendar=*-*-* {facts.BACKUP_TIME_UTC}:00 UTC\n" in timer
    assert "Persistent=yes\n" in timer
    assert {"database-backup.timer", "database-backup-drill.timer", "database-backup-report.timer"} <= {
        *configuration(stack)["units"]
    }


def test_dumps_of_live_have_the_documented_names_places_and_days() -> None:
    """P15, P17, PF18 and PF19."""
    told = json.loads(file("live", "/etc/pakashop/backup.json"))
    assert re.fullmatch(facts.BACKUP_NAME, f"{told['dump_name']}-{datetime.now(UTC):%Y%m%d-%H%M%S}")
    days = _lifecycle("live")
    assert days.keys() == {*facts.BACKUP_PREFIXES.values(), "monthly/"}
    assert days["daily/"] == facts.BACKUP_DAYS
    lock = evaluation_of("live").one("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration").inputs
    assert lock["rule"]["defaultRetention"] == {"mode": "GOVERNANCE", "days": facts.BACKUP_DAYS}


@each_stack
def test_host_backs_up_with_the_servers_own_version_over_checked_tls(stack: str) -> None:
    """PF17: no client is older than the server."""
    major = config_of(stack).postgresql.engine_version.partition(".")[0]
    assert major == facts.Versions().postgresql
    assert {f"postgresql{major}", f"postgresql{major}-server"} <= {*configuration(stack)["packages"]}
    told = json.loads(file(stack, "/etc/pakashop/backup.json"))
    assert told["ca_bundle"] in configuration(stack)["downloads"]
    assert told["secret"] == "pakashop/postgresql/master"


@each_stack
def test_host_may_write_dumps_and_delete_none(stack: str) -> None:
    """PF18."""
    bucket = f"pakashop-{stack}-backups"
    statements = [
        statement
        for policy in evaluation_of(stack).of_type("aws:iam/rolePolicy:RolePolicy")
        for statement in json.loads(policy.inputs["policy"])["Statement"]
        if statement["Effect"] == "Allow" and bucket in str(statement["Resource"])
    ]
    actions = {action for statement in statements for action in statement["Action"]}
    assert "s3:PutObject" in actions
    assert not [action for action in actions if "Delete" in action or "Bypass" in action or "*" in action]


@each_stack
def test_silence_of_the_backups_rings(stack: str) -> None:
    """PF20 and PF21."""
    alarms = {
        alarm.inputs["name"]: alarm.inputs
        for alarm in evaluation_of(stack).of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
    }
    verified = alarms[f"pakashop-{stack}-monitoring-backups-no-verified-backup"]
    assert (verified["threshold"], verified["treatMissingData"]) == (26 * 3600, "breaching")
    assert verified["dimensions"] == {
        "Database": json.loads(file(stack, "/etc/pakashop/backup.json"))["metrics_database"]
    }
    assert f"pakashop-{stack}-monitoring-backups-no-restore-drill" in alarms


def test_aws_backup_takes_databases_and_volumes_of_live_alone() -> None:
    assert evaluation_of("staging").of_type("aws:backup/plan:Plan") == []
    (selection,) = evaluation_of("live").of_type("aws:backup/selection:Selection")
    assert selection.inputs["resources"] == ["arn:aws:rds:*:*:db:*", "arn:aws:ec2:*:*:volume/*"]
    (condition,) = selection.inputs["conditions"]
    assert {"key": "aws:ResourceTag/environment", "value": "live"} in condition["stringEquals"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"backups.dump_retention_days.daily": 29},
            "backups.dump_retention_days.daily: 29; what is locked stays: 30, lock_days, or more is allowed",
        ),
        (
            {"backups.dump_name": "Pakashop"},
            'backups.dump_name: came "Pakashop"; allowed: 1 to 40 lower-case letters, digits and hyphens',
        ),
        ({"backups.lock_days": 0}, "backups.lock_days: came 0; allowed: 1 to 3650 days"),
    ],
)
def test_backups_that_cannot_hold_are_refused(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(OperatorError) as refused:
        stack_file_with(tmp_path, "live", changes)
    assert message in str(refused.value)
