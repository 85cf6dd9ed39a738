"""The files of a host that backs a PostgreSQL database up: programs, configuration, units, timers. Pure functions."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from zelly_components.alarms.backup_metrics import NAMESPACE
from zelly_components.hosts.cloud_config import HostFile, render, template_text

COMMAND = "/usr/local/sbin/database-backup"
_PROGRAM = "/usr/local/sbin/database-backup.d"
_MODULES = ("__main__.py", "actions.py", "bucket.py", "inventory.py", "places.py", "running.py", "server.py")

NIGHTLY = "*-*-* 02:00:00 UTC"
WEEKLY = "Sun *-*-* 04:00:00 UTC"
HOURLY = "*-*-* *:05:00 UTC"

TIMERS = ("database-backup.timer", "database-backup-drill.timer", "database-backup-report.timer")
"""The timers to enable."""

_LONGEST_USER = 31
"""systemd's own limit for a user's name ("User/Group Name Syntax")."""
MEMORY_MIB = 1024
"""Enough for the scratch server and two jobs of ``pg_restore``, each with its ``maintenance_work_mem``."""


@dataclass(frozen=True, kw_only=True)
class DatabaseBackupArgs:
    """What a host is told of the database that it backs up, and of the bucket."""

    platform: str
    """The beginning of the user's name and of paths; lower-case letters, digits and hyphens."""
    environment: str
    region: str
    bucket_name: str
    dump_name: str
    """The beginning of the names of dumps, before ``-YYYYmmdd-HHMMSS.dump``."""
    secret_name: str
    """The secret with ``DB_HOST``, ``DB_PORT``, ``DB_NAME``, ``DB_USER`` and ``DB_PASSWORD``."""
    ca_bundle: str | None
    """The file with the authorities of the server's certificate. None: a connection without TLS, for a server that has
    none."""
    metrics_database: str
    """The value of the metrics' dimension ``Database``."""
    minimum_bytes: int = 1024
    """A smaller dump is none: one of an empty database has some 1,000 bytes."""


def backup_packages(postgresql_version: int) -> tuple[str, ...]:
    """Return Amazon Linux 2023's packages: the clients, the server that dumps are restored into, its extensions."""
    name = f"postgresql{postgresql_version}"
    return (name, f"{name}-server", f"{name}-contrib")


def backup_files(args: DatabaseBackupArgs) -> tuple[HostFile, ...]:
    """Return the files of a host's backups; :data:`TIMERS` are to be enabled.

    Raises:
        ValueError: naming the argument, what came and what is allowed.
    """
    _check(args)
    user = _user(args)
    configuration = f"/etc/{args.platform}/backup.json"
    return (
        *(HostFile(path=f"{_PROGRAM}/{name}", content=template_text(f"backup/{name}")) for name in _MODULES),
        HostFile(
            path=COMMAND,
            content=render(
                "backup/launcher.py.j2", program=_PROGRAM.lstrip("/"), configuration=configuration.lstrip("/")
            ),
            permissions="0755",
        ),
        HostFile(path=configuration, content=json.dumps(_configuration(args, user), indent=2, sort_keys=True) + "\n"),
        HostFile(
            path=f"/etc/sysusers.d/{user}.conf", content=f'u {user} - "Backups of the database" / /usr/sbin/nologin\n'
        ),
        *_unit(
            "database-backup", "dump --prefix daily", "Back the database up, once the dump was restored", NIGHTLY, user
        ),
        *_unit("database-backup-drill", "drill", "Restore the newest backup out of the bucket", WEEKLY, user),
        *_unit("database-backup-report", "report", "Publish the ages of the newest backup and drill", HOURLY, user),
    )


def _configuration(args: DatabaseBackupArgs, user: str) -> dict[str, object]:
    return {
        "platform": args.platform,
        "environment": args.environment,
        "region": args.region,
        "bucket": args.bucket_name,
        "dump_name": args.dump_name,
        "secret": args.secret_name,
        "ca_bundle": args.ca_bundle,
        "user": user,
        "programs": "/usr/bin",
        "minimum_bytes": args.minimum_bytes,
        "state": f"/var/lib/{user}",
        "run": f"/run/{user}",
        "metrics_namespace": NAMESPACE,
        "metrics_database": args.metrics_database,
    }


def _unit(name: str, arguments: str, description: str, calendar: str, user: str) -> Sequence[HostFile]:
    service = render(
        "backup/service.service.j2", description=description, arguments=arguments, user=user, memory_mib=MEMORY_MIB
    )
    timer = render("backup/timer.timer.j2", description=description, calendar=calendar)
    return (
        HostFile(path=f"/etc/systemd/system/{name}.service", content=service),
        HostFile(path=f"/etc/systemd/system/{name}.timer", content=timer),
    )


def _user(args: DatabaseBackupArgs) -> str:
    return f"{args.platform}-backup"


def _check(args: DatabaseBackupArgs) -> None:
    if re.fullmatch(r"[a-z][a-z0-9-]*", args.platform) is None or len(_user(args)) > _LONGEST_USER:
        raise ValueError(
            f"platform: came {args.platform!r}; allowed lower-case letters, digits and hyphens, at most "
            f"{_LONGEST_USER - len('-backup')}"
        )
    if re.fullmatch(r"[a-z][a-z0-9-]*", args.dump_name) is None:
        raise ValueError(f"dump_name: came {args.dump_name!r}; allowed lower-case letters, digits and hyphens")
    if args.minimum_bytes < 1:
        raise ValueError(f"minimum_bytes: came {args.minimum_bytes}; allowed 1 or more")
