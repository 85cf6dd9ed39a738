"""What is asked of the host, before it is: a dump, a drill, a restored copy."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.backups import BackupTarget
from workbench.errors import OperatorError
from workbench.operations.backups.listing import Backup

_DATABASE = re.compile(r"[a-z][a-z0-9_]{0,62}")


@dataclass(frozen=True, kw_only=True)
class BackupPlan:
    """One request of the host."""

    stack: str
    host: str
    action: str
    backup: str | None
    """None: one that is to be made."""
    into: str | None = None
    """The database that is made and restored into."""

    def lines(self) -> list[str]:
        """Return what is going to happen."""
        if self.action == "dump":
            return [
                f"{self.host} dumps the database, restores the dump to compare both, and keeps it below production/"
            ]
        if self.action == "drill":
            return [f"{self.host} restores {self.backup} into a server of its own and compares it with its manifest"]
        return [
            f"{self.host} restores {self.backup} into {self.into}, a new database on the live server,",
            "and compares it with its manifest; what is live is left alone",
        ]

    def document(self) -> Mapping[str, Any]:
        """Return the same for ``--json``."""
        return {
            "stack": self.stack,
            "host": self.host,
            "action": self.action,
            "backup": self.backup,
            "into": self.into,
        }


def chosen(backups: list[Backup], name: str) -> Backup:
    """Return the dump that an operator named: by its key, or by its name without the prefix.

    Raises:
        OperatorError: when there is none.
    """
    found = next((each for each in backups if name in {each.key, each.key.partition("/")[2]}), None)
    if found is None:
        newest = f"the newest is {backups[0].key}" if backups else "the bucket has none"
        raise OperatorError(f"backup: {name} is not in the bucket; {newest}")
    return found


def newest(backups: list[Backup]) -> Backup:
    """Return the newest dump.

    Raises:
        OperatorError: when there is none.
    """
    if not backups:
        raise OperatorError("the bucket has no backup yet")
    return backups[0]


def plan_restoration(target: BackupTarget, stack: str, backup: Backup, into: str | None) -> BackupPlan:
    """Return the plan of a restored copy; without a name it is called for the moment that it shows.

    Raises:
        OperatorError: for a name that PostgreSQL would have to be quoted, or a dump that was never verified.
    """
    name = into or f"{target.restored_prefix}{backup.taken_at:%Y%m%d_%H%M%S}"
    if _DATABASE.fullmatch(name) is None:
        raise OperatorError(
            f"--into: came {name}; allowed: at most 63 lower-case letters, digits and underscores, a letter first"
        )
    if not backup.is_verified:
        raise OperatorError(f"{backup.key}: has no manifest beside it, so that nothing tells whether a copy is whole")
    return BackupPlan(stack=stack, host=target.host, action="restore", backup=backup.key, into=name)
