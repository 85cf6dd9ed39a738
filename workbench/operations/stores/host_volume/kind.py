"""What all kinds of stores with a data volume have in common: its snapshots, as restore points and as a backup."""

from datetime import datetime, timedelta
from typing import ClassVar, Generic, Protocol, TypeVar

from workbench.aws.ec2.instances import Ec2
from workbench.aws.ec2.volumes import Ec2Volumes
from workbench.aws.shared.wrappers import Wrappers
from workbench.operations.doctor.report import Judgement
from workbench.operations.readings import Reading, Unread
from workbench.operations.stores.host_volume.restore import SNAPSHOT_TAG, plan_volume, restore_volume
from workbench.operations.stores.kind import Examination, Kind, StoreCheck, StoreReading, Topic
from workbench.operations.stores.points import FoundPoints, Point
from workbench.operations.stores.restoration import Place, Restoration, RestoreChoice
from workbench.operations.stores.snapshots import daily_snapshot
from workbench.stores import VolumeStore


class VolumeFacts(Protocol):
    """What was read of a store, its volume among it."""

    @property
    def snapshot_at(self) -> datetime | Unread | None:
        """When the newest snapshot of its volume was taken; None: there is none."""
        ...


S = TypeVar("S", bound=VolumeStore)
F = TypeVar("F", bound=VolumeFacts)


class VolumeKind(Kind[S, F], Generic[S, F]):
    """A kind of store on hosts. Of the host itself the status screen has a row among the hosts."""

    oldest_point = timedelta(hours=26)
    """Daily, begun within the hour after its time ("Create Amazon DLM policy for EBS snapshots", EBS User Guide)."""

    verb: ClassVar[str]
    """The verb of the command that restores one."""

    def points(self, store: S, wrappers: Wrappers) -> FoundPoints:
        """Return the volume's snapshots that are complete."""
        points = (
            Point(id=snapshot.id, moment=snapshot.begun_at, kind=f"of {snapshot.volume_id}")
            for snapshot in wrappers.of(Ec2Volumes).snapshots(SNAPSHOT_TAG, store.host)
            if snapshot.state == "completed"
        )
        return FoundPoints(name=store.host, points=tuple(points))

    def restoration(self, store: S, place: Place, choice: RestoreChoice, wrappers: Wrappers) -> Restoration:
        """Plan a second volume of a snapshot."""
        ec2 = wrappers.of(Ec2Volumes)
        plan = plan_volume(store, place, verb=self.verb, snapshot=choice.source, ec2=ec2)
        return Restoration(plan=plan, execute=lambda patience: restore_volume(plan, ec2=ec2, patience=patience))


def start_snapshot(store: VolumeStore, reading: StoreReading) -> Reading[datetime | None]:
    """Begin to read when the newest snapshot of a store's volume was taken."""
    return reading.pool.start(reading.wrappers.of(Ec2).newest_snapshot, SNAPSHOT_TAG, store.host)


def backup_check(one: Examination[S, F]) -> Judgement:
    """Check that the volume has a fresh snapshot."""
    return daily_snapshot(one.where, one.facts.snapshot_at, "aws dlm get-lifecycle-policies")


def backup() -> StoreCheck[S, F]:
    """Return the check of the volume's backup."""
    return StoreCheck(topic=Topic.BACKUP, name="{} backup", check=backup_check)
