"""The backups of an environment's database, as a program describes them to its tools."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class BackupTarget:
    """The place of an environment's database dumps, and the host that makes them."""

    host: str
    """The instance's ``Name``."""
    document: str
    """The SSM document that asks the host."""
    bucket: str
    log_group: str
    """Of what the host says of a command."""
    restored_prefix: str
    """How the names of databases begin that dumps are restored into, beside the live one."""
