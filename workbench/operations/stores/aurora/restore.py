"""Restoring the Aurora cluster to a point in time, as a second cluster."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from workbench.aws.rds.restore import ClusterSettings, InstanceSettings, RdsRestore, RestorableCluster
from workbench.aws.shared.errors import AwsError
from workbench.errors import OperationFailedError, OperatorError
from workbench.operations.stores.moments import stamp
from workbench.operations.stores.restoration import Place, Restored, RestorePlan, differences, settings_document
from workbench.operations.stores.waiting import Patience, Seen, leaving, wait_until
from workbench.operations.times import utc
from workbench.stores import AuroraCluster

_TARGET_FAILURES = ("failed", "inaccessible-encryption-credentials", "incompatible-parameters", "deleting")


@dataclass(frozen=True, kw_only=True)
class AuroraPlan(RestorePlan):
    """A second cluster, with as many instances as the live one, set like it."""

    at: datetime | None
    """None: as late as possible when it is begun, which is a few seconds later than ``moment``."""
    cluster: ClusterSettings
    instances: Mapping[str, InstanceSettings]
    """By the identifiers of the copy."""
    present_instances: frozenset[str]
    tags: Mapping[str, str] = field(default_factory=dict[str, str])


def plan_aurora(store: AuroraCluster, place: Place, *, at: datetime | None, rds: RdsRestore) -> AuroraPlan:
    """Plan a copy of the cluster as it was ``at`` a moment, or as lately as possible.

    Raises:
        OperatorError: when there is no cluster, the moment is outside what can be restored, or a copy is unusable.
    """
    source = store.identifier
    live = rds.cluster(source)
    if live is None:
        raise OperatorError(
            f"{source} is not in RDS: only a snapshot can bring it back; docs/recovery.md, “{store.label}”, says how"
        )
    target = _target(store, at) if at is not None else ""
    present = rds.cluster(target) if target else None
    moment = at if present is not None and at is not None else _moment(live, at)
    target = target or _target(store, moment)
    if present is None and at is None:
        present = rds.cluster(target)
    if present is not None and present.status in _TARGET_FAILURES:
        raise OperatorError(f"{target} is {present.status}: delete it, or restore another moment with --at")
    instances = _instances(live, target)
    missing = [name for name in instances if present is None or name not in present.instances]
    return AuroraPlan(
        stack=place.stack,
        region=place.region,
        store=store.label,
        source=source,
        moment=moment,
        target=target,
        exists=present is not None,
        makes=(*(() if present else (f"cluster {target}",)), *(f"instance {name}" for name in missing)),
        settings={**settings_document(live.settings), **settings_document(next(iter(instances.values())))},
        command=place.command("aurora", "--at", utc(moment)),
        at=at,
        cluster=live.settings,
        instances=instances,
        present_instances=frozenset(present.instances if present else ()),
        tags={**live.tags, place.origin_tag: f"{source} {utc(moment)}"},
    )


def restore_aurora(plan: AuroraPlan, *, rds: RdsRestore, patience: Patience) -> Restored:
    """Make the copy, wait until it can be used, and compare it with what is live.

    Without waiting only the cluster is begun: it takes instances once it is available.

    Raises:
        OperationFailedError: with what was made, and how to go on.
        OperationInterruptedError: on Ctrl-C, likewise.
    """
    with leaving(lambda unknown: _left(plan, is_unknown=unknown)):
        if not plan.exists:
            _begin(plan, rds)
        if not patience.waits and _cluster(plan, rds).status != "available":
            return Restored(id=plan.target, is_complete=False, next_steps=_removal(plan))
        wait_until(f"cluster {plan.target}", lambda: _seen(_cluster(plan, rds).status), patience)
        for name in sorted(plan.instances.keys() - plan.present_instances):
            _begin_instance(plan, name, rds)
        if not patience.waits:
            return Restored(id=plan.target, is_complete=False, next_steps=_removal(plan))
        for name in plan.instances:
            wait_until(
                f"instance {name}", lambda name=name: _seen(_cluster(plan, rds).instance_states.get(name)), patience
            )
        copy = _cluster(plan, rds)
    return Restored(
        id=plan.target,
        is_complete=True,
        endpoint=copy.endpoint,
        differences=_differences(plan, copy),
        next_steps=(
            f"Look at it: mysql --host {copy.endpoint} --user {copy.master_username} --password --ssl-mode REQUIRED",
            "It has the live one's security groups and, of that moment, its master password.",
            *_removal(plan),
        ),
    )


def _target(store: AuroraCluster, moment: datetime) -> str:
    """Return the identifier of a copy: at most 60 characters, since its instances add to it."""
    return f"{store.identifier}-restored-{stamp(moment)}"


def _moment(live: RestorableCluster, at: datetime | None) -> datetime:
    earliest, latest = live.restorable_from, live.restorable_until
    if earliest is None or latest is None:
        raise OperatorError(f"{live.identifier}: RDS names no moment that it could be restored to")
    if at is None:
        return latest.replace(microsecond=0)
    if not earliest <= at <= latest:
        raise OperatorError(f"--at: came {utc(at)}; allowed: {utc(earliest)} to {utc(latest)}, or latest")
    return at


def _instances(live: RestorableCluster, target: str) -> Mapping[str, InstanceSettings]:
    if not live.instances:
        raise OperatorError(f"{live.identifier} has no instance whose settings a copy could take; `pulumi up` makes it")
    ordered = [live.instances[name] for name in sorted(live.instances)]
    return {f"{target}-{number}": settings for number, settings in enumerate(ordered, start=1)}


def _begin(plan: AuroraPlan, rds: RdsRestore) -> None:
    try:
        rds.restore(plan.source, plan.target, at=plan.at, settings=plan.cluster, tags=plan.tags)
    except AwsError as error:
        # Begun by somebody else meanwhile, or by a request of ours whose answer was lost.
        if error.code != "DBClusterAlreadyExistsFault":
            raise


def _begin_instance(plan: AuroraPlan, name: str, rds: RdsRestore) -> None:
    try:
        rds.create_instance(
            name,
            cluster=plan.target,
            engine=plan.cluster.engine,
            subnet_group=plan.cluster.subnet_group,
            settings=plan.instances[name],
            tags=plan.tags,
        )
    except AwsError as error:
        if error.code not in ("DBInstanceAlreadyExists", "DBInstanceAlreadyExistsFault"):
            raise


def _cluster(plan: AuroraPlan, rds: RdsRestore) -> RestorableCluster:
    cluster = rds.cluster(plan.target)
    if cluster is None:
        raise OperationFailedError(f"cluster {plan.target} is not in RDS")
    return cluster


def _seen(status: str | None) -> Seen:
    state = status or "not listed yet"
    return Seen(state=state, is_done=state == "available", failure=f"is {state}" if state in _TARGET_FAILURES else None)


def _differences(plan: AuroraPlan, copy: RestorableCluster) -> tuple[str, ...]:
    found = list(differences(plan.cluster, copy.settings))
    for name, settings in plan.instances.items():
        found += [f"{name}, {difference}" for difference in differences(settings, copy.instances[name])]
    return tuple(found)


def _left(plan: AuroraPlan, *, is_unknown: bool) -> list[str]:
    whether = "may be" if is_unknown else "is, as far as it came,"
    return [
        f"{plan.target} {whether} in RDS; {plan.source} is as it was. What RDS was asked for goes on by itself.",
        f"Go on with `{plan.command}`, which makes only what is missing.",
        *_removal(plan),
    ]


def _removal(plan: AuroraPlan) -> tuple[str, ...]:
    cluster = f"--db-cluster-identifier {plan.target}"
    unprotect = [f"rds modify-db-cluster {cluster} --no-deletion-protection"]
    calls = [
        *(unprotect if plan.cluster.is_deletion_protected else []),
        *(f"rds delete-db-instance --db-instance-identifier {name}" for name in plan.instances),
        f"rds delete-db-cluster {cluster} --skip-final-snapshot",
    ]
    return ("Be rid of it:", *(f"  {plan.aws(call)}" for call in calls))
