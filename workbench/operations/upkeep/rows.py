"""Rows of the status screen on what AWS changed by itself; none where nothing was changed. Pure functions."""

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.aws.ec2.instances import Instance
from workbench.operations.readings import Unread
from workbench.operations.status.screen import Row, State, unread
from workbench.operations.stores.kinds import managed
from workbench.operations.upkeep.announced import host_announcements
from workbench.operations.upkeep.versions import Difference, Version, VersionDifference
from workbench.program import Description

_SECTION = "Changed by AWS"


def upkeep_rows(
    description: Description, facts: Mapping[str, Any], hosts: Mapping[str, Instance] | Unread
) -> Sequence[Row]:
    """Return a row for each version that is not the pinned one and for each thing that AWS is about to do.

    ``facts`` are what was read of each store, by its label.
    """
    stores = [(store, kind, facts[store.label]) for store, kind in managed(description)]
    versions = [kind.version(store, known) for store, kind, known in stores]
    announced = [kind.announced(store, known, description.region) for store, kind, known in stores]
    announced.append(host_announcements(hosts, description.region))
    unreadable = dict.fromkeys(fact for fact in (*versions, *announced) if isinstance(fact, Unread))
    return [
        *(_changed(one.difference) for one in versions if isinstance(one, Version) and one.difference is not None),
        *(
            Row(section=_SECTION, name="announced", state=State.CHANGING, what=one.line)
            for found in announced
            if not isinstance(found, Unread)
            for one in found
            if one.at is not None
        ),
        *(row for reason in unreadable for row in unread(_SECTION, ["announced"], reason)),
    ]


def _changed(difference: VersionDifference) -> Row:
    return Row(
        section=_SECTION,
        name=difference.store,
        state=State.CHANGING if difference.difference is Difference.BEHIND else State.BROKEN,
        what=difference.short,
        details={"running": difference.running, "pinned": difference.pinned},
    )
