import ast
import json
from typing import Any

import pytest

from zelly_components.alarms import backup_metrics
from zelly_components.alarms.backups import BackupTarget, backup_alarms, backup_widgets
from zelly_components.hosts.backups import TIMERS, DatabaseBackupArgs, backup_files, backup_packages
from zelly_components.hosts.cloud_config import template_text


def args(**changes: Any) -> DatabaseBackupArgs:
    values: dict[str, Any] = {
        "platform": "shop",
        "environment": "production",
        "region": "eu-west-1",
        "bucket_name": "shop-backups-1",
        "dump_name": "shop-prod",
        "secret_name": "shop/database",
        "ca_bundle": "/etc/ssl/certs/rds.pem",
        "metrics_database": "shop-production",
    }
    return DatabaseBackupArgs(**(values | changes))


FILES = {file.path: file for file in backup_files(args())}
UNITS = "/etc/systemd/system/"


def test_every_timer_has_its_unit_and_every_time_is_utc() -> None:
    for timer in TIMERS:
        assert f"{UNITS}{timer.removesuffix('.timer')}.service" in FILES
    calendars = {
        timer: next(line for line in FILES[f"{UNITS}{timer}"].content.splitlines() if line.startswith("OnCalendar="))
        for timer in TIMERS
    }
    assert calendars == {
        "database-backup.timer": "OnCalendar=*-*-* 02:00:00 UTC",
        "database-backup-drill.timer": "OnCalendar=Sun *-*-* 04:00:00 UTC",
        "database-backup-report.timer": "OnCalendar=*-*-* *:05:00 UTC",
    }
    assert all("Persistent=yes" in FILES[f"{UNITS}{timer}"].content for timer in TIMERS)


def test_program_is_whole_and_runs_with_the_hosts_python() -> None:
    program = {path: file for path, file in FILES.items() if path.startswith("/usr/local/sbin/database-backup.d/")}
    modules = {path.rpartition("/")[2].removesuffix(".py") for path in program}
    for path, file in program.items():
        tree = ast.parse(file.content, path, feature_version=(3, 9))
        imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        # Every module of its own that one asks for is there.
        own = {"actions", "bucket", "inventory", "places", "running", "server"}
        assert imported & own <= modules, path
    assert FILES["/usr/local/sbin/database-backup"].permissions == "0755"
    launcher = FILES["/usr/local/sbin/database-backup"].content
    ast.parse(launcher, feature_version=(3, 9))
    assert launcher.startswith("#!/usr/bin/python3 -IB\n")
    assert '"usr/local/sbin/database-backup.d"' in launcher
    assert '"etc/shop/backup.json"' in launcher


def test_configuration_names_everything_and_holds_no_secret() -> None:
    assert json.loads(FILES["/etc/shop/backup.json"].content) == {
        "platform": "shop",
        "environment": "production",
        "region": "eu-west-1",
        "bucket": "shop-backups-1",
        "dump_name": "shop-prod",
        "secret": "shop/database",
        "ca_bundle": "/etc/ssl/certs/rds.pem",
        "user": "shop-backup",
        "programs": "/usr/bin",
        "minimum_bytes": 1024,
        "state": "/var/lib/shop-backup",
        "run": "/run/shop-backup",
        "metrics_namespace": "DatabaseBackups",
        "metrics_database": "shop-production",
    }
    assert FILES["/etc/sysusers.d/shop-backup.conf"].content.startswith("u shop-backup - ")
    assert "User=shop-backup\n" in FILES[f"{UNITS}database-backup.service"].content


def test_packages_are_of_one_version() -> None:
    assert backup_packages(16) == ("postgresql16", "postgresql16-server", "postgresql16-contrib")


def test_metrics_of_the_program_are_those_of_the_alarms() -> None:
    text = template_text("backup/actions.py")
    names = [value for name, value in vars(backup_metrics).items() if name.isupper() and name != "NAMESPACE"]
    assert [name for name in names if f'"{name}"' not in text] == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"platform": "Shop"}, "platform: came 'Shop'"),
        ({"platform": "s" * 25}, "platform: came"),
        ({"dump_name": "shop prod"}, "dump_name: came 'shop prod'"),
        ({"minimum_bytes": 0}, "minimum_bytes: came 0"),
    ],
)
def test_argument_that_no_host_takes_is_refused(changes: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        backup_files(args(**changes))


TARGET = BackupTarget(label="postgresql", database="shop-production", vault_name="shop-production")


def test_silence_rings_as_age_does() -> None:
    alarms = {alarm.name: alarm for alarm in backup_alarms(TARGET)}
    assert {name: (alarm.threshold, alarm.missing_data) for name, alarm in alarms.items()} == {
        "postgresql-no-verified-backup": (26 * 3600, "breaching"),
        "postgresql-no-restore-drill": (8 * 24 * 3600, "breaching"),
        "postgresql-restore-drill-failed": (1, "notBreaching"),
        "postgresql-vault-jobs": (1, "notBreaching"),
    }
    # PutMetricAlarm takes a day at most for shorter periods, and a week for these.
    assert all(alarm.period_seconds * alarm.periods <= 7 * 24 * 3600 for alarm in alarms.values())


def test_without_a_vault_no_alarm_waits_for_its_jobs() -> None:
    without = BackupTarget(label="postgresql", database="shop-production", vault_name=None)
    assert [alarm.name for alarm in backup_alarms(without)] == [alarm.name for alarm in backup_alarms(TARGET)][:3]
    assert [widget.title for widget in backup_widgets(without)] == [
        "postgresql: age in seconds",
        "postgresql: seconds",
        "postgresql: bytes",
    ]
