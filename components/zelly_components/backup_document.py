"""The SSM document that asks a host for a backup, a drill or a restored copy."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from zelly_components.base import Component
from zelly_components.hosts.backups import COMMAND
from zelly_components.hosts.command_document import command_content, command_document, options_call

ACTIONS = ("dump", "drill", "restore")

PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "action": {"type": "String", "description": "What the host is to do", "allowedValues": list(ACTIONS)},
    "backup": {
        "type": "String",
        "description": "The backup's key in the bucket, or newest",
        "allowedPattern": r"^(newest|[a-z]{1,20}/[a-z0-9-]{1,60}-[0-9]{8}-[0-9]{6}\.dump)$",
    },
    "into": {
        "type": "String",
        "description": "The name of the database that is restored into, which must not be there; or none",
        "allowedPattern": "^[a-z][a-z0-9_]{0,62}$",
    },
    "environment": {
        "type": "String",
        "description": "The host's own environment, which it compares",
        "allowedPattern": "^[a-z][a-z0-9-]{0,19}$",
    },
}
"""The document's parameters, as Run Command checks them before a host is asked. None holds a character that a shell
reads."""

_TIMEOUT_SECONDS = 4 * 3600
"""As long as a dump may take, its restoration included."""


@dataclass(frozen=True, kw_only=True)
class BackupDocumentArgs:
    """Arguments of a backup document."""

    document_name: str
    """The physical name, e.g. ``shop-production-backup``."""


class BackupDocument(Component):
    """A Run Command document whose whole script is one call of the host's backup program, with checked parameters.

    Whoever may send it may make a dump, drill a backup, or restore one into a database that is not there yet; nothing
    that is live is touched by any of them, and nothing is deleted.

    Example::

        from zelly_components.backup_document import BackupDocument, BackupDocumentArgs

        document = BackupDocument("shop-backup", BackupDocumentArgs(document_name="shop-backup"))
    """

    document_name: pulumi.Output[str]
    """The document's name, with which it is sent."""
    document_arn: pulumi.Output[str]
    """The document's ARN, for permissions to send it."""

    def __init__(self, name: str, args: BackupDocumentArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        document = command_document(self, name, document_name=args.document_name, content=document_content())
        self.document_name = document.name
        self.document_arn = document.arn
        self.register_annotated_outputs()


def document_content() -> dict[str, Any]:
    """Return the document's content (Systems Manager User Guide, "Command document plugin reference")."""
    return command_content(
        description="Asks a host for a backup, a drill or a restored copy",
        step="backup",
        parameters=PARAMETERS,
        call=options_call(COMMAND, PARAMETERS),
        timeout_seconds=_TIMEOUT_SECONDS,
    )
