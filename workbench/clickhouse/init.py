"""Applying SQL files to ClickHouse, each statement once."""

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from workbench.clickhouse.ledger import Entry, Ledger, Mark, Position
from workbench.clickhouse.server import ClickHouseServer, LostError, StatementError
from workbench.clickhouse.statements import Statement
from workbench.counting import counted
from workbench.errors import OperationFailedError, OperationInterruptedError, OperatorError

_GO_ON = "To go on, correct the cause and run the same command again: what was applied is not applied twice."


@dataclass(frozen=True, kw_only=True)
class InitPlan:
    """Which statements are still to be applied to which server."""

    url: str
    server_version: str
    statements: tuple[Statement, ...]
    """All of the files, in order."""
    pending: tuple[Statement, ...]
    """Those to be applied, without those that only change the session."""
    settled: tuple[Statement, ...]
    """Those that the operator knows to have been applied, to be noted as such."""

    def lines(self) -> list[str]:
        """Return what is going to happen, for the operator to read."""
        whole = [statement for statement in self.statements if not statement.only_for_session]
        done = len(whole) - len(self.pending) - len(self.settled)
        return [
            f"ClickHouse {self.server_version} at {self.url}: "
            f"{len(self.pending)} of {counted(len(whole), 'statement')} to be applied, {done} applied before",
            *(f"  note as applied {statement.place}  {statement.summary}" for statement in self.settled),
            *(f"  apply {statement.place}  {statement.summary}" for statement in self.pending),
        ]

    def document(self) -> Mapping[str, Any]:
        """Return the same for ``--json``."""
        return {
            "url": self.url,
            "server_version": self.server_version,
            "statements": [
                {
                    "file": statement.file,
                    "number": statement.number,
                    "line": statement.line,
                    "action": "apply" if statement in self.pending else "note" if statement in self.settled else "none",
                }
                for statement in self.statements
                if not statement.only_for_session
            ],
        }


def plan_init(
    statements: Sequence[Statement],
    *,
    server: ClickHouseServer,
    ledger: Ledger,
    applied: Collection[Position] = (),
    again: Collection[Position] = (),
) -> InitPlan:
    """Compare the files with the server's ledger.

    A statement of which the ledger only knows that it was begun is for the operator to settle: ``applied`` and
    ``again`` name those that were carried out, and those that were not.

    Raises:
        OperatorError: when the server is not reached or refuses the credentials; when a statement that was applied
            reads differently now; when one is not settled, or one is settled that needs no settling.
    """
    version = server.version()
    entries = ledger.entries()
    lasting = [statement for statement in statements if not statement.only_for_session]
    unclear = {_position(statement) for statement in lasting if _is_unclear(entries.get(_position(statement)))}
    _check_settling(applied, again, unclear)
    _check_unchanged(lasting, entries)
    if open_ones := [statement for statement in lasting if _position(statement) in unclear - {*applied, *again}]:
        raise OperatorError(
            *(line for statement in open_ones for line in _how_to_settle(statement, entries, ledger.table))
        )
    return InitPlan(
        url=server.url,
        server_version=version,
        statements=tuple(statements),
        pending=tuple(
            statement
            for statement in lasting
            if _position(statement) not in applied and not _is_applied(entries.get(_position(statement)))
        ),
        settled=tuple(statement for statement in lasting if _position(statement) in applied),
    )


def init(
    plan: InitPlan, *, server: ClickHouseServer, ledger: Ledger, progress: Callable[[Statement], None]
) -> Mapping[str, Any]:
    """Apply what is pending, in order; ``progress`` is called with each statement that was applied.

    Raises:
        OperationFailedError: at the first statement that ClickHouse refuses, or of which no answer came.
        OperationInterruptedError: when Ctrl-C came while one was under way.
    """
    ledger.create()
    for statement in plan.settled:
        ledger.note(statement, Mark.APPLIED)
    done = 0
    for _, of_file in groupby(_needed(plan), key=lambda statement: statement.file):
        # One session a file, as clickhouse-client has one for each file it is given: USE holds to the file's end.
        session = f"init-{uuid.uuid4()}"
        for statement in of_file:
            _apply(statement, done, plan, server=server, ledger=ledger, session=session)
            if not statement.only_for_session:
                done += 1
                progress(statement)
    return {"applied": done, "noted": len(plan.settled)}


def _apply(
    statement: Statement, done: int, plan: InitPlan, *, server: ClickHouseServer, ledger: Ledger, session: str
) -> None:
    so_far = f"{done} of {counted(len(plan.pending), 'statement')} applied before it."
    try:
        if statement.only_for_session:
            server.execute(statement.text, session=session)
            return
        ledger.note(statement, Mark.BEGUN)
        server.execute(statement.text, session=session)
        ledger.note(statement, Mark.APPLIED)
    except StatementError as error:
        if not statement.only_for_session:
            ledger.note(statement, Mark.REFUSED)
        raise OperationFailedError(
            f"{statement.place}  {statement.summary}", f"  {error}", f"{so_far} {_GO_ON}"
        ) from None
    except (LostError, KeyboardInterrupt) as error:
        kind = OperationFailedError if isinstance(error, LostError) else OperationInterruptedError
        what = str(error) if isinstance(error, LostError) else "interrupted"
        raise kind(
            f"{statement.place}  {statement.summary}",
            f"  {what}: whether it was carried out is not known.",
            f"{so_far} To go on, look whether it was, then run the same command again with "
            f"--applied or --again {statement.file}:{statement.number}",
        ) from None


def _needed(plan: InitPlan) -> list[Statement]:
    """Return the pending statements, and before them what changes the session of their file."""
    last = {statement.file: statement.number for statement in plan.pending}
    return [
        statement
        for statement in plan.statements
        if statement in plan.pending or (statement.only_for_session and statement.number < last.get(statement.file, 0))
    ]


def _position(statement: Statement) -> Position:
    return statement.file, statement.number


def _is_applied(entry: Entry | None) -> bool:
    return entry is not None and entry.mark is Mark.APPLIED


def _is_unclear(entry: Entry | None) -> bool:
    return entry is not None and entry.mark is Mark.BEGUN


def _check_settling(applied: Collection[Position], again: Collection[Position], unclear: Collection[Position]) -> None:
    allowed = ", ".join(f"{file}:{number}" for file, number in sorted(unclear)) or "none, as nothing is open"
    for option, positions in (("--applied", applied), ("--again", again)):
        for file, number in positions:
            if (file, number) not in unclear:
                raise OperatorError(f"{option}: came {file}:{number}; allowed: {allowed}")
    for file, number in sorted({*applied} & {*again}):
        raise OperatorError(f"--applied, --again: came {file}:{number} for both; allowed: one of them")


def _check_unchanged(statements: Sequence[Statement], entries: Mapping[Position, Entry]) -> None:
    changed = [
        (statement, entry)
        for statement in statements
        if (entry := entries.get(_position(statement))) is not None
        and entry.mark is Mark.APPLIED
        and entry.checksum != statement.checksum
    ]
    if changed:
        raise OperatorError(
            *(
                f"{statement.place}: was applied in another form at {entry.noted_at:%Y-%m-%dT%H:%M:%SZ} "
                f"by {entry.noted_by}"
                for statement, entry in changed
            ),
            "What was applied stays as it is: put the statement back, and the change into a new file.",
        )


def _how_to_settle(statement: Statement, entries: Mapping[Position, Entry], table: str) -> list[str]:
    entry = entries[_position(statement)]
    return [
        f"{statement.place}: was begun at {entry.noted_at:%Y-%m-%dT%H:%M:%SZ} by {entry.noted_by}, and nothing is "
        f"noted of its end in {table}",
        f"  {statement.summary}",
        f"  Look whether it was carried out, then run again with --applied {statement.file}:{statement.number} "
        f"if it was, or --again {statement.file}:{statement.number} if it was not.",
    ]
