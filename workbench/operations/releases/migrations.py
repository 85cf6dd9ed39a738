"""The migrations that were released after a moment, which a database restored to it lacks."""

from collections.abc import Callable, Sequence
from datetime import datetime

from workbench.operations.releases.manifest import Manifest
from workbench.operations.releases.record import Entry

ManifestOf = Callable[[str], Manifest | None]
"""Returns the manifest of a release by its id; None: the bucket has it no longer."""


def migrations_after(record: Sequence[Entry], manifest_of: ManifestOf, moment: datetime) -> Sequence[str] | None:
    """Return the migrations that releases brought after a moment, the oldest first; None: that is not known.

    Migrations are released once and stay in every later release: those of the newest one that are not in the one that
    was live at the moment.
    """
    if not record:
        return None
    newest = manifest_of(record[-1].release)
    before = [entry for entry in record if datetime.fromisoformat(entry.at) <= moment]
    then = manifest_of(before[-1].release) if before else None
    if newest is None or (before and then is None):
        return None
    known = frozenset[str]() if then is None else frozenset(then.migration_names)
    return [name for name in newest.migration_names if name not in known]
