"""Announcements of AWS, in one form. Pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from workbench.aws.ec2.instances import Instance
from workbench.operations.readings import Unread
from workbench.operations.times import utc


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
        """The announcement in one line, with its time."""
        return self.what if self.at is None else f"{self.what}, by itself from {utc(self.at)}"


def host_announcements(hosts: Mapping[str, Instance] | Unread, region: str) -> Sequence[Announcement] | Unread:
    """Return what EC2 announces of hosts."""
    if isinstance(hosts, Unread):
        return hosts
    return [
        Announcement(
            what=f"{event.instance_id}: {event.code}",
            at=event.not_before,
            command=f"aws ec2 describe-instance-status --instance-ids {event.instance_id} --region {region}",
        )
        for instance in hosts.values()
        for event in instance.events
    ]
