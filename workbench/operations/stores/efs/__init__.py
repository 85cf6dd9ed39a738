"""File systems of EFS."""

from workbench.operations.stores.entry import KindEntry
from workbench.stores import FileSystem

ENTRY = KindEntry(
    store_type=FileSystem,
    module="workbench.operations.stores.efs.kind",
    verb="efs",
    summary="Restore a file system into a directory beside the live one.",
    option="--recovery-point",
    metavar="ARN|latest",
    help="As `PROGRAM restore points` lists it.",
    again="Restore it once more, into another directory, though it was before.",
)
