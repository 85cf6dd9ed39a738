"""Rows of the status screen on what AWS changed by itself; none where nothing was changed. Pure functions."""

from collections.abc import Sequence

from workbench.aws.rds.clusters import DatabaseCluster
from workbench.operations.landscape import Landscape
from workbench.operations.readings import Unread
from workbench.operations.status.screen import Row, State, unread
from workbench.operations.upkeep.announced import announcements
from workbench.operations.upkeep.facts import UpkeepFacts
from workbench.operations.upkeep.versions import Difference, aurora_difference, redis_difference

_SECTION = "Changed by AWS"


def upkeep_rows(landscape: Landscape, aurora: DatabaseCluster | Unread | None, upkeep: UpkeepFacts) -> Sequence[Row]:
    """Return a row for each version that is not the pinned one and for each thing that AWS is about to do."""
    differences = [
        None if aurora is None or isinstance(aurora, Unread) else aurora_difference(landscape, aurora.engine_version),
        None if upkeep.redis is None or isinstance(upkeep.redis, Unread) else redis_difference(landscape, upkeep.redis),
    ]
    unreadable = dict.fromkeys(
        fact
        for fact in (upkeep.redis, upkeep.database_actions, upkeep.cache_updates, upkeep.host_events)
        if isinstance(fact, Unread)
    )
    return [
        *(
            Row(
                section=_SECTION,
                name=difference.store,
                state=State.CHANGING if difference.difference is Difference.BEHIND else State.BROKEN,
                what=difference.short,
                details={"running": difference.running, "pinned": difference.pinned},
            )
            for difference in differences
            if difference is not None
        ),
        *(
            Row(section=_SECTION, name="announced", state=State.CHANGING, what=one.line)
            for one in announcements(upkeep, landscape.region)
            if one.at is not None
        ),
        *(row for reason in unreadable for row in unread(_SECTION, ["announced"], reason)),
    ]
