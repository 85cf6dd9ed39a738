"""The facts of a ClickHouse host that `zelly doctor` judges."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from workbench.aws.shared.errors import AwsError
from workbench.clickhouse.ledger import Ledger as LedgerTable
from workbench.clickhouse.ledger import Mark
from workbench.clickhouse.server import ClickHouseServer, LostError, UnreachableError
from workbench.errors import OperatorError
from workbench.operations.doctor.facts import Refused
from workbench.operations.readings import Unclear, Unread


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """ClickHouse's ledger of the statements that prepare it."""

    applied: int
    open: int
    """How many were begun or refused, and not applied since."""


@dataclass(frozen=True, kw_only=True)
class ClickHouseFacts:
    """A host, as it was read."""

    snapshot_at: datetime | Unread | None
    """When the newest snapshot of its volume was taken; None: there is none."""
    ledger: Ledger | Refused | Unclear | Unread | None
    """None: the server has none yet."""


def read_ledger(connect: Callable[[], ClickHouseServer]) -> Ledger | Refused | Unclear | None:
    """Return what the ledger says; None when the server has none yet.

    Raises:
        AwsError: when the credentials could not be read.
    """
    try:
        table = LedgerTable(connect(), operator="")
        if not table.exists():
            return None
        marks = [entry.mark for entry in table.entries().values()]
    except AwsError:
        raise
    except (UnreachableError, LostError) as error:
        return Unclear(f"{error.lines[0]}; it is reached over the VPN alone")
    except OperatorError as error:
        return Refused(error.lines[0])
    return Ledger(applied=marks.count(Mark.APPLIED), open=len(marks) - marks.count(Mark.APPLIED))
