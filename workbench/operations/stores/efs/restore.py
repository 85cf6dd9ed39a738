"""Restoring a file system from a recovery point, into a directory beside the live one."""

from dataclasses import dataclass

from workbench.aws.backup import Backup, RecoveryPoint
from workbench.aws.efs.file_systems import EfsFileSystems, FileSystem
from workbench.aws.iam.roles import IamRoles
from workbench.aws.shared.errors import AwsError, Reason
from workbench.errors import OperatorError
from workbench.operations.stores.choice import chosen
from workbench.operations.stores.moments import stamp
from workbench.operations.stores.restoration import Place, Restored, RestorePlan
from workbench.operations.stores.waiting import Patience, Seen, leaving, wait_until
from workbench.stores import FileSystem as FileSystemStore

RESTORES_POLICY = "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForRestores"

_ROLE_KNOWN_SECONDS = 60
"""A role that was just made is not known everywhere at once ("Troubleshooting IAM", IAM User Guide)."""


@dataclass(frozen=True, kw_only=True)
class EfsPlan(RestorePlan):
    """A directory in the root of the live file system, with everything that a recovery point holds."""

    point: RecoveryPoint
    file_system: FileSystem
    role: str
    role_arn: str | None
    """None: it is made first."""
    token: str


def plan_efs(
    store: FileSystemStore,
    place: Place,
    *,
    recovery_point: str | None,
    efs: EfsFileSystems,
    backup: Backup,
    iam: IamRoles,
    again: str = "",
) -> EfsPlan:
    """Plan restoring a recovery point; without an ARN, the newest.

    Of the same point a second job is begun only ``again``, a word that is new each time: AWS Backup knows a job by its
    token.

    Raises:
        OperatorError: when there is no file system to restore into, or no such recovery point.
    """
    name = store.name
    live = efs.named(name)
    if live is None or live.state != "available":
        state = "not in EFS" if live is None else live.state
        raise OperatorError(f"file system {name} is {state}: `pulumi up` makes an empty one, into which is restored")
    found = {point.arn: point for point in of_file_system(backup.recovery_points(), name, live)}
    nothing = f"no complete recovery point of {name} in the vault of automatic backups"
    point = chosen("--recovery-point", recovery_point, found, nothing=nothing)
    role = store.restoring_role
    role_arn = iam.arn_of(role)
    return EfsPlan(
        stack=place.stack,
        region=place.region,
        store=store.label,
        source=point.arn,
        moment=point.created_at,
        target=f"aws-backup-restore_… in {live.id}",
        exists=False,
        makes=(
            *(() if role_arn else (f"role {role}, for AWS Backup alone, with its policy for restoring; it stays",)),
            f"directory aws-backup-restore_… in the root of file system {live.id}",
        ),
        settings={"size_bytes": point.size_bytes, "is_encrypted": live.is_encrypted},
        command=place.command("efs", "--recovery-point", point.arn),
        point=point,
        file_system=live,
        role=role,
        role_arn=role_arn,
        token=f"{place.stack}-{live.id}-{stamp(point.created_at)}{again and f'-{again}'}",
    )


def restore_efs(plan: EfsPlan, *, backup: Backup, iam: IamRoles, patience: Patience) -> Restored:
    """Begin the job and wait until it is complete.

    Raises:
        OperationFailedError: with what was made, and how to go on.
        OperationInterruptedError: on Ctrl-C, likewise.
    """
    job_id = ""
    with leaving(lambda _: _left(plan, job_id)):
        role_arn = plan.role_arn or iam.create_service_role(
            plan.role, service="backup.amazonaws.com", description="AWS Backup restores file systems with it"
        )
        # Also of a role that is there: an earlier run may have ended between the two.
        iam.attach(plan.role, RESTORES_POLICY)
        job_id = _begin(plan, role_arn, backup, patience)
        if patience.waits:
            wait_until(f"job {job_id}", lambda: _seen(backup, job_id), patience)
    return Restored(
        id=job_id,
        said=f"What job {job_id} restores",
        is_complete=patience.waits,
        next_steps=(
            f"The files are in aws-backup-restore_… in the root of {plan.file_system.id}, beside the live ones.",
            f"  {plan.aws(f'backup describe-restore-job --restore-job-id {job_id}')}",
        ),
    )


def of_file_system(points: list[RecoveryPoint], name: str, live: FileSystem | None) -> list[RecoveryPoint]:
    """Return the complete recovery points of a file system and of its predecessors of the same name."""
    arn = None if live is None else live.arn
    return [
        point
        for point in points
        if point.status == "COMPLETED" and (point.file_system_arn == arn or point.file_system_name == name)
    ]


def _begin(plan: EfsPlan, role_arn: str, backup: Backup, patience: Patience) -> str:
    until = patience.clock.monotonic() + (0 if plan.role_arn else _ROLE_KNOWN_SECONDS)
    while True:
        try:
            return backup.start_restore(
                plan.point, file_system_id=plan.file_system.id, role_arn=role_arn, token=plan.token
            )
        except AwsError as error:
            if error.reason not in (Reason.REFUSED, Reason.DENIED) or patience.clock.monotonic() >= until:
                raise
        patience.clock.sleep(5)


def _seen(backup: Backup, job_id: str) -> Seen:
    job = backup.restore_job(job_id)
    why = f"{job.status}: {job.message or 'no reason given'}; --again begins another job"
    return Seen(
        state=f"{job.status} {job.percent}".strip(),
        is_done=job.status == "COMPLETED",
        failure=why if job.status in ("ABORTED", "FAILED") else None,
    )


def _left(plan: EfsPlan, job_id: str) -> list[str]:
    job = f"Job {job_id}, unless it has ended, goes on by itself" if job_id else "No job is known to have begun"
    return [
        f"{job}; the live directory is as it was.",
        f"Go on with `{plan.command}`: the same recovery point begins no second job while AWS Backup knows the first.",
    ]
