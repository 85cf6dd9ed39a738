"""Announcements of AWS, in one form. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from workbench.operations.readings import Unread
from workbench.operations.times import utc
from workbench.operations.upkeep.facts import UpkeepFacts


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """Something that AWS offers, or is going to do."""

    what: str
    at: datetime | None
    """When it happens by itself; None: only when asked for."""
    command: str
    """What does it at a time of one's own choice, or tells more."""

    @property
    def line(self) -> str:
        """What it is, and when."""
        return self.what if self.at is None else f"{self.what}, by itself from {utc(self.at)}"


def announcements(upkeep: UpkeepFacts, region: str) -> Sequence[Announcement]:
    """Return what AWS announces of everything that was read."""
    actions = () if isinstance(upkeep.database_actions, Unread) else upkeep.database_actions
    updates = () if isinstance(upkeep.cache_updates, Unread) else upkeep.cache_updates
    events = () if isinstance(upkeep.host_events, Unread) else upkeep.host_events
    return [
        *(
            Announcement(
                what=f"{action.resource.rpartition(':')[2]}: {action.action}"
                + (f" ({action.description})" if action.description else ""),
                at=action.applied_at,
                command=(
                    f"aws rds apply-pending-maintenance-action --resource-identifier {action.resource} "
                    f"--apply-action {action.action} --opt-in-type next-maintenance --region {region}"
                ),
            )
            for action in actions
        ),
        *(
            Announcement(
                what=f"Redis: {update.name}, {update.severity}"
                + (f", to be applied by {utc(update.apply_by)}" if update.apply_by else ""),
                # ElastiCache's service updates wait to be asked for ("Managing service updates").
                at=None,
                command=f"aws elasticache describe-update-actions --region {region}",
            )
            for update in updates
        ),
        *(
            Announcement(
                what=f"{event.instance_id}: {event.code}",
                at=event.not_before,
                command=f"aws ec2 describe-instance-status --instance-ids {event.instance_id} --region {region}",
            )
            for event in events
        ),
    ]
