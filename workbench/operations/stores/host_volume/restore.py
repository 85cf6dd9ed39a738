"""Restoring the data volume of a host from a snapshot, as a second volume."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from workbench.aws.ec2.volumes import Ec2Volumes, Volume
from workbench.errors import OperationFailedError, OperatorError
from workbench.operations.stores.choice import chosen
from workbench.operations.stores.moments import stamp
from workbench.operations.stores.restoration import Place, Restored, RestorePlan
from workbench.operations.stores.waiting import Patience, Seen, leaving, wait_until
from workbench.stores import VolumeStore

SNAPSHOT_TAG = "SnapshotPolicy"
"""What the lifecycle policy goes by, and its snapshots carry: the host's name."""

DEVICE = "/dev/sdg"
"""The live volume is ``/dev/sdf``."""


@dataclass(frozen=True, kw_only=True)
class VolumePlan(RestorePlan):
    """A second volume, in the zone of the host."""

    zone: str
    size_gib: int
    kms_key: str | None
    instance_id: str | None
    """The host that it can be attached to."""
    tags: Mapping[str, str] = field(default_factory=dict[str, str])


def plan_volume(store: VolumeStore, place: Place, *, verb: str, snapshot: str | None, ec2: Ec2Volumes) -> VolumePlan:
    """Plan a volume of a snapshot; without an id, of the newest. ``verb`` is the command's.

    Raises:
        OperatorError: when there is no such snapshot, or the copy is unusable.
    """
    host = store.host
    found = {taken.id: taken for taken in ec2.snapshots(SNAPSHOT_TAG, host) if taken.state == "completed"}
    taken = chosen("--snapshot", snapshot, found, nothing=f"no completed snapshot with {SNAPSHOT_TAG}={host}")
    target = f"{store.volume}-restored-{stamp(taken.begun_at)}"
    present, live = ec2.volume(target), ec2.volume(store.volume)
    if present is not None and present.state == "error":
        raise OperatorError(f"{target} ({present.id}) is in the state error: delete it first")
    size = max(store.volume_gib, taken.size_gib)
    return VolumePlan(
        stack=place.stack,
        region=place.region,
        store=store.label,
        source=taken.id,
        moment=taken.begun_at,
        target=target,
        exists=present is not None,
        makes=() if present else (f"volume {target}",),
        settings={"type": "gp3", "size_gib": size, "zone": store.zone, "is_encrypted": True},
        command=place.command(verb, "--snapshot", taken.id),
        page=store.page,
        zone=store.zone,
        size_gib=size,
        kms_key=live.kms_key if live is not None and not taken.is_encrypted else None,
        instance_id=ec2.host(host),
        tags={**_kept(live), "Name": target, place.origin_tag: taken.id},
    )


def restore_volume(plan: VolumePlan, *, ec2: Ec2Volumes, patience: Patience) -> Restored:
    """Make the volume and wait until it can be attached.

    Raises:
        OperationFailedError: with what was made, and how to go on.
        OperationInterruptedError: on Ctrl-C, likewise.
    """
    with leaving(lambda unknown: _left(plan, is_unknown=unknown)):
        if not plan.exists:
            ec2.create_volume(plan.source, zone=plan.zone, size_gib=plan.size_gib, kms_key=plan.kms_key, tags=plan.tags)
        volume = _volume(plan, ec2)
        if patience.waits:
            wait_until(f"volume {volume.id}", lambda: _seen(_volume(plan, ec2)), patience)
            volume = _volume(plan, ec2)
    host = plan.instance_id or "INSTANCE"
    return Restored(
        id=volume.id,
        is_complete=_seen(volume).is_done,
        differences=_differences(plan, volume),
        next_steps=(
            "Attach it:",
            f"  {plan.aws(f'ec2 attach-volume --volume-id {volume.id} --device {DEVICE} --instance-id {host}')}",
            "Be rid of it, once detached:",
            f"  {plan.aws(f'ec2 delete-volume --volume-id {volume.id}')}",
        ),
    )


def _kept(live: Volume | None) -> Mapping[str, str]:
    """Return the live volume's tags but for the one by which snapshots are taken daily, of this one too."""
    return {} if live is None else {key: value for key, value in live.tags.items() if key != SNAPSHOT_TAG}


def _volume(plan: VolumePlan, ec2: Ec2Volumes) -> Volume:
    volume = ec2.volume(plan.target)
    if volume is None:
        raise OperationFailedError(f"volume {plan.target} is not listed by EC2")
    return volume


def _seen(volume: Volume) -> Seen:
    return Seen(
        state=volume.state,
        is_done=volume.state in ("available", "in-use"),
        failure="is in the state error" if volume.state == "error" else None,
    )


def _differences(plan: VolumePlan, volume: Volume) -> tuple[str, ...]:
    planned = {"type": "gp3", "size_gib": plan.size_gib, "zone": plan.zone, "is_encrypted": True}
    found = {name: getattr(volume, name) for name in planned}
    return tuple(f"{name}: {found[name]} instead of {value}" for name, value in planned.items() if found[name] != value)


def _left(plan: VolumePlan, *, is_unknown: bool) -> list[str]:
    whether = "may be" if is_unknown else "is, as far as it came,"
    return [
        f"The volume {plan.target} {whether} in EC2; the live volume is as it was.",
        f"Go on with `{plan.command}`, which makes nothing twice.",
        "Its id, for deleting it:",
        f"  {plan.aws(f'ec2 describe-volumes --filters Name=tag:Name,Values={plan.target}')}",
    ]
