"""Restoring a PostgreSQL instance to a point in time or from a snapshot, as a second instance."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from workbench.aws.rds.instances import Instance, InstanceSettings, RdsInstances, Snapshot
from workbench.aws.shared.errors import AwsError
from workbench.errors import OperationFailedError, OperatorError
from workbench.operations.stores.moments import stamp
from workbench.operations.stores.restoration import Place, Restored, RestorePlan, differences, settings_document
from workbench.operations.stores.waiting import Patience, Seen, leaving, wait_until
from workbench.operations.times import utc
from workbench.stores import PostgresInstance
from workbench.words import command

_FAILURES = (
    "deleting",
    "failed",
    "inaccessible-encryption-credentials",
    "incompatible-network",
    "incompatible-option-group",
    "incompatible-parameters",
    "incompatible-restore",
    "restore-error",
    "storage-full",
)
""""Viewing Amazon RDS DB instance status", RDS User Guide."""


@dataclass(frozen=True, kw_only=True)
class PostgresPlan(RestorePlan):
    """A second instance, set like the live one."""

    at: datetime | None
    """None: as late as possible when it is begun, which is a few seconds later than ``moment``."""
    snapshot: str | None
    """None: of the continuous backup."""
    instance: InstanceSettings
    ca_bundle: str
    tags: Mapping[str, str] = field(default_factory=dict[str, str])


def plan_postgresql(store: PostgresInstance, place: Place, *, source: str | None, rds: RdsInstances) -> PostgresPlan:
    """Plan a copy of the instance as it was at a moment, as a snapshot holds it, or as lately as possible.

    Raises:
        OperatorError: when there is no instance, the moment is outside what can be restored, or a copy is unusable.
    """
    live = rds.instance(store.identifier)
    if live is None:
        raise OperatorError(
            f"{store.identifier} is not in RDS, and a copy is set like it; {store.page}, “{store.label}”, says how to "
            "bring it back"
        )
    at = None if source is None else _moment_of(source)
    snapshot = None if source is None or at is not None else _snapshot(store, source, rds)
    moment, target, present = _target(store, live, at, snapshot, rds)
    if present is not None and present.status in _FAILURES:
        raise OperatorError(f"{target} is {present.status}: delete it, or restore another moment with --at")
    typed = snapshot.name if snapshot is not None else utc(moment)
    return PostgresPlan(
        stack=place.stack,
        region=place.region,
        store=store.label,
        page=store.page,
        source=store.identifier if snapshot is None else snapshot.name,
        moment=moment,
        target=target,
        exists=present is not None,
        makes=() if present else (f"instance {target}",),
        settings={**settings_document(live.settings), "exported_logs": "none until it takes over"},
        command=place.command("postgresql", "--at", typed),
        at=at,
        snapshot=None if snapshot is None else snapshot.name,
        instance=live.settings,
        ca_bundle=store.ca_bundle,
        tags={**live.tags, place.origin_tag: f"{store.identifier} {utc(moment)}"},
    )


def restore_postgresql(plan: PostgresPlan, *, rds: RdsInstances, patience: Patience) -> Restored:
    """Make the copy, wait until it can be used, and compare it with what is live.

    Raises:
        OperationFailedError: with what was made, and how to go on.
        OperationInterruptedError: on Ctrl-C, likewise.
    """
    with leaving(lambda unknown: _left(plan, is_unknown=unknown)):
        if not plan.exists:
            _begin(plan, rds)
        if not patience.waits and _copy(plan, rds).status != "available":
            return Restored(id=plan.target, is_complete=False, next_steps=_removal(plan))
        wait_until(f"instance {plan.target}", lambda: _seen(_copy(plan, rds).status), patience)
        if _needs_completing(plan, _copy(plan, rds)):
            rds.complete(plan.target, plan.instance)
            wait_until(f"instance {plan.target}", lambda: _seen(_copy(plan, rds).status), patience)
        copy = _copy(plan, rds)
    return Restored(
        id=plan.target,
        is_complete=True,
        endpoint=copy.endpoint,
        differences=differences(plan.instance, copy.settings),
        next_steps=_next_steps(plan, copy),
    )


def _moment_of(source: str) -> datetime | None:
    """Return a typed time; None: it is no time, and may be a snapshot's name."""
    try:
        moment = datetime.fromisoformat(source)
    except ValueError:
        return None
    if moment.tzinfo is None:
        raise OperatorError(
            f"--at: came {source!r}; allowed: latest, a snapshot, or a time with its zone, e.g. 2026-11-25T10:15:00Z"
        )
    return moment.astimezone(UTC).replace(microsecond=0)


def _snapshot(store: PostgresInstance, name: str, rds: RdsInstances) -> Snapshot:
    found = {snapshot.name: snapshot for snapshot in rds.snapshots(store.identifier)}
    if name not in found:
        allowed = ", ".join([*found][:3]) or "there is no snapshot"
        raise OperatorError(
            f"--at: came {name!r}; allowed: latest, a time with its zone, e.g. 2026-11-25T10:15:00Z, or a snapshot of "
            f"{store.identifier}: {allowed}; `{command('restore points')}` lists all"
        )
    return found[name]


def _target(
    store: PostgresInstance, live: Instance, at: datetime | None, snapshot: Snapshot | None, rds: RdsInstances
) -> tuple[datetime, str, Instance | None]:
    """Return the moment that the copy holds, its identifier, and the copy itself if it was begun before."""
    if snapshot is not None:
        moment = snapshot.taken_at.astimezone(UTC).replace(microsecond=0)
        target = f"{store.copy_prefix}{stamp(moment)}"
        return moment, target, rds.instance(target)
    if at is not None:
        target = f"{store.copy_prefix}{stamp(at)}"
        present = rds.instance(target)
        # A copy that was begun goes on, though the moment may have left the window meanwhile.
        if present is None:
            _check_window(live, at, rds.restorable_from(live.identifier))
        return at, target, present
    if live.restorable_until is None:
        raise OperatorError(f"{live.identifier}: RDS names no moment that it could be restored to")
    moment = live.restorable_until.astimezone(UTC).replace(microsecond=0)
    target = f"{store.copy_prefix}{stamp(moment)}"
    return moment, target, rds.instance(target)


def _check_window(live: Instance, at: datetime, earliest: datetime | None) -> None:
    latest = live.restorable_until
    if latest is None:
        raise OperatorError(f"{live.identifier}: RDS names no moment that it could be restored to")
    if at > latest or (earliest is not None and at < earliest):
        first = "the beginning of its backups" if earliest is None else utc(earliest)
        raise OperatorError(f"--at: came {utc(at)}; allowed: {first} to {utc(latest)}, or latest")


def _begin(plan: PostgresPlan, rds: RdsInstances) -> None:
    try:
        if plan.snapshot is None:
            rds.restore(plan.source, plan.target, at=plan.at, settings=plan.instance, tags=plan.tags)
        else:
            rds.restore_snapshot(plan.snapshot, plan.target, settings=plan.instance, tags=plan.tags)
    except AwsError as error:
        # Begun by somebody else meanwhile, or by a request of ours whose answer was lost.
        if error.code not in ("DBInstanceAlreadyExists", "DBInstanceAlreadyExistsFault"):
            raise


def _copy(plan: PostgresPlan, rds: RdsInstances) -> Instance:
    copy = rds.instance(plan.target)
    if copy is None:
        raise OperationFailedError(f"instance {plan.target} is not in RDS")
    return copy


def _needs_completing(plan: PostgresPlan, copy: Instance) -> bool:
    """Tell whether the copy lacks what a restoration takes no word for."""
    wanted = replace(
        copy.settings,
        maintenance_window=plan.instance.maintenance_window,
        maximum_storage_gib=plan.instance.maximum_storage_gib,
        performance_insights_days=plan.instance.performance_insights_days,
    )
    return wanted != copy.settings


def _seen(status: str) -> Seen:
    return Seen(state=status, is_done=status == "available", failure=f"is {status}" if status in _FAILURES else None)


def _next_steps(plan: PostgresPlan, copy: Instance) -> tuple[str, ...]:
    address = f"host={copy.endpoint} user={copy.master_username} dbname={copy.database or 'postgres'}"
    return (
        "Look at it from the environment's host:",
        f'  psql "{address} sslmode=verify-full sslrootcert={plan.ca_bundle}"',
        "It has the live one's security groups and, of that moment, its master password.",
        f"Let it take over: {command('restore', 'switch', plan.target, '--stack', plan.stack)}",
        *_removal(plan),
    )


def _left(plan: PostgresPlan, *, is_unknown: bool) -> list[str]:
    whether = "may be" if is_unknown else "is, as far as it came,"
    return [
        f"{plan.target} {whether} in RDS; what is live is as it was. What RDS was asked for goes on by itself.",
        f"Go on with `{plan.command}`, which makes only what is missing.",
        *_removal(plan),
    ]


def _removal(plan: PostgresPlan) -> tuple[str, ...]:
    copy = f"--db-instance-identifier {plan.target}"
    unprotect = [f"rds modify-db-instance {copy} --no-deletion-protection --apply-immediately"]
    calls = [
        *(unprotect if plan.instance.is_deletion_protected else []),
        f"rds delete-db-instance {copy} --skip-final-snapshot",
    ]
    return ("Be rid of it:", *(f"  {plan.aws(call)}" for call in calls))
