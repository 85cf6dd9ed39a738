"""Amazon EC2: hosts, and who may reach what."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import calling

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import InstanceStatusTypeDef

_GONE = {"terminated", "shutting-down"}


@dataclass(frozen=True, kw_only=True)
class HostEvent:
    """Something that EC2 is going to do to a host, such as retiring it."""

    instance_id: str
    code: str
    not_before: datetime | None


@dataclass(frozen=True, kw_only=True)
class Instance:
    """A host."""

    id: str
    name: str
    type: str
    state: str
    private_ip: str
    public_ip: str
    """Empty for one that has none."""
    image_id: str
    """Of the image that it was made of."""
    checks: str
    """``ok``, ``impaired``, ``initializing``, ``insufficient-data``, or ``unknown`` for one that does not run."""
    events: tuple[HostEvent, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Launched:
    """An instance among several of the same name."""

    id: str
    name: str
    type: str
    launched_at: datetime


@dataclass(frozen=True, kw_only=True)
class Image:
    """A machine image of hosts."""

    id: str
    name: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class CidrRule:
    """An ingress rule that lets a range of addresses in."""

    group_id: str
    cidr: str
    from_port: int
    to_port: int


class Ec2:
    """The calls of Amazon EC2 that are used."""

    def __init__(self, connection: Connection) -> None:
        self._client: EC2Client = connection.client("ec2")

    def instances(self, names: Sequence[str]) -> Mapping[str, Instance]:
        """Return the hosts that exist of these ``Name`` tags, by name."""
        with calling("ec2:DescribeInstances", ", ".join(names)):
            pages = self._client.get_paginator("describe_instances").paginate(
                Filters=[{"Name": "tag:Name", "Values": list(names)}]
            )
            described = [
                instance
                for page in pages
                for reservation in page["Reservations"]
                for instance in reservation["Instances"]
                if instance["State"]["Name"] not in _GONE
            ]
        statuses = self._statuses([instance["InstanceId"] for instance in described])
        found = [
            Instance(
                id=instance["InstanceId"],
                name=next(tag["Value"] for tag in instance["Tags"] if tag["Key"] == "Name"),
                type=instance["InstanceType"],
                state=instance["State"]["Name"],
                private_ip=instance.get("PrivateIpAddress", ""),
                public_ip=instance.get("PublicIpAddress", ""),
                image_id=instance["ImageId"],
                checks=_checks(statuses.get(instance["InstanceId"])),
                events=_events(statuses.get(instance["InstanceId"])),
            )
            for instance in described
        ]
        return {instance.name: instance for instance in found}

    def launched(self, names: Sequence[str]) -> list[Launched]:
        """Return every instance that is there of these ``Name`` tags, the oldest first."""
        with calling("ec2:DescribeInstances", ", ".join(names)):
            pages = self._client.get_paginator("describe_instances").paginate(
                Filters=[{"Name": "tag:Name", "Values": list(names)}]
            )
            found = [
                Launched(
                    id=instance["InstanceId"],
                    name=next(tag["Value"] for tag in instance["Tags"] if tag["Key"] == "Name"),
                    type=instance["InstanceType"],
                    launched_at=instance["LaunchTime"],
                )
                for page in pages
                for reservation in page["Reservations"]
                for instance in reservation["Instances"]
                if instance["State"]["Name"] not in _GONE
            ]
        return sorted(found, key=lambda instance: (instance.launched_at, instance.id))

    def terminate(self, instance_id: str) -> None:
        """End an instance for good."""
        with calling("ec2:TerminateInstances", f"instance {instance_id}"):
            self._client.terminate_instances(InstanceIds=[instance_id])

    def images(self, ids: Collection[str]) -> Mapping[str, Image]:
        """Return the images that exist of these, by id; also those that AWS has deprecated."""
        with calling("ec2:DescribeImages", ", ".join(sorted(ids))):
            # A filter, where ImageIds would refuse the whole request for one that was withdrawn.
            answer = self._client.describe_images(
                Filters=[{"Name": "image-id", "Values": sorted(ids)}], IncludeDeprecated=True
            )
        return {
            image["ImageId"]: Image(
                id=image["ImageId"],
                name=image.get("Name", ""),
                created_at=datetime.fromisoformat(image["CreationDate"]),
            )
            for image in answer["Images"]
        }

    def ingress_cidrs(self, group_ids: Sequence[str]) -> list[CidrRule]:
        """Return the rules of security groups that let ranges of addresses in."""
        with calling("ec2:DescribeSecurityGroupRules", ", ".join(group_ids)):
            pages = self._client.get_paginator("describe_security_group_rules").paginate(
                Filters=[{"Name": "group-id", "Values": list(group_ids)}]
            )
            rules = [rule for page in pages for rule in page["SecurityGroupRules"]]
        return [
            CidrRule(
                group_id=rule["GroupId"],
                cidr=rule.get("CidrIpv4") or rule.get("CidrIpv6", ""),
                from_port=rule["FromPort"],
                to_port=rule["ToPort"],
            )
            for rule in rules
            if not rule["IsEgress"] and (rule.get("CidrIpv4") or rule.get("CidrIpv6"))
        ]

    def newest_snapshot(self, tag: str, value: str) -> datetime | None:
        """Return when the newest completed snapshot with a tag was begun; None when there is none."""
        with calling("ec2:DescribeSnapshots", f"{tag}={value}"):
            pages = self._client.get_paginator("describe_snapshots").paginate(
                OwnerIds=["self"],
                Filters=[{"Name": f"tag:{tag}", "Values": [value]}, {"Name": "status", "Values": ["completed"]}],
            )
            return max((snapshot["StartTime"] for page in pages for snapshot in page["Snapshots"]), default=None)

    def _statuses(self, ids: Sequence[str]) -> "Mapping[str, InstanceStatusTypeDef]":
        if not ids:
            return {}
        with calling("ec2:DescribeInstanceStatus", ", ".join(ids)):
            answer = self._client.describe_instance_status(InstanceIds=list(ids))
        return {status["InstanceId"]: status for status in answer["InstanceStatuses"]}


def _checks(status: "InstanceStatusTypeDef | None") -> str:
    if status is None:
        return "unknown"
    worst = {"ok": 0, "initializing": 1, "insufficient-data": 2, "impaired": 3}
    return max(
        status["InstanceStatus"]["Status"], status["SystemStatus"]["Status"], key=lambda check: worst.get(check, 2)
    )


def _events(status: "InstanceStatusTypeDef | None") -> tuple[HostEvent, ...]:
    """Return what is still to come of a host's events; the description says what is over."""
    if status is None:
        return ()
    return tuple(
        HostEvent(instance_id=status["InstanceId"], code=event.get("Code", ""), not_before=event.get("NotBefore"))
        for event in status.get("Events", [])
        if not event.get("Description", "").startswith(("[Completed]", "[Canceled]"))
    )
