"""File systems of EFS, as a kind of store."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from workbench.aws.backup import Backup
from workbench.aws.efs.file_systems import EfsFileSystems
from workbench.aws.iam.roles import IamRoles
from workbench.aws.shared.wrappers import Wrappers
from workbench.operations.stores.efs.restore import of_file_system, plan_efs, restore_efs
from workbench.operations.stores.kind import Kind, StoreReading
from workbench.operations.stores.moments import stamp
from workbench.operations.stores.points import FoundPoints, Point
from workbench.operations.stores.restoration import Place, Restoration, RestoreChoice
from workbench.stores import FileSystem


class Efs(Kind[FileSystem, None]):
    """File systems that AWS Backup keeps recovery points of."""

    oldest_point = timedelta(hours=34)
    """Daily, begun within the eight hours that a window has by default ("Backup plan options", AWS Backup Guide)."""

    def start_examination(self, store: FileSystem, reading: StoreReading) -> Callable[[], None]:
        """Read nothing: there is no check of a file system."""
        del store, reading
        return lambda: None

    def points(self, store: FileSystem, wrappers: Wrappers) -> FoundPoints:
        """Return the recovery points that are complete."""
        live = wrappers.of(EfsFileSystems).named(store.name)
        problems = ["the file system is not in EFS"] if live is None else []
        if live is not None and not live.is_backed_up:
            problems.append("its automatic backups are off")
        points = (
            Point(id=point.arn, moment=point.created_at, kind=f"of {point.file_system_arn.rpartition('/')[2]}")
            for point in of_file_system(wrappers.of(Backup).recovery_points(), store.name, live)
        )
        return FoundPoints(name=store.name, points=tuple(points), problems=tuple(problems))

    def restoration(self, store: FileSystem, place: Place, choice: RestoreChoice, wrappers: Wrappers) -> Restoration:
        """Plan a directory with what a recovery point holds."""
        backup, iam = wrappers.of(Backup), wrappers.of(IamRoles)
        plan = plan_efs(
            store,
            place,
            recovery_point=choice.source,
            efs=wrappers.of(EfsFileSystems),
            backup=backup,
            iam=iam,
            again=stamp(datetime.now(UTC)) if choice.again else "",
        )
        return Restoration(
            plan=plan, execute=lambda patience: restore_efs(plan, backup=backup, iam=iam, patience=patience)
        )


KIND = Efs()
