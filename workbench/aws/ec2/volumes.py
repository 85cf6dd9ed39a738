"""Amazon EC2: volumes and their snapshots."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import calling
from workbench.aws.shared.tags import own_tags, tag_list

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client


@dataclass(frozen=True, kw_only=True)
class VolumeSnapshot:
    """A snapshot of a volume."""

    id: str
    volume_id: str
    state: str
    """``completed`` is the one that can be restored."""
    begun_at: datetime
    """What was written later is not in it."""
    size_gib: int
    is_encrypted: bool


@dataclass(frozen=True, kw_only=True)
class Volume:
    """A volume as it stands."""

    id: str
    name: str
    state: str
    """``creating``, ``available``, ``in-use``, ``deleting`` or ``error``."""
    zone: str
    size_gib: int
    type: str
    is_encrypted: bool
    kms_key: str | None
    iops: int | None
    throughput_mib: int | None
    snapshot_id: str
    """What it was made of; empty for one that was made blank."""
    instance_id: str
    """What it is attached to; empty for nothing."""
    tags: Mapping[str, str]


class Ec2Volumes:
    """The calls of Amazon EC2 that a restoration takes."""

    def __init__(self, connection: Connection) -> None:
        self._client: EC2Client = connection.client("ec2")

    def snapshots(self, tag: str, value: str) -> list[VolumeSnapshot]:
        """Return the account's own snapshots with a tag, the newest first."""
        with calling("ec2:DescribeSnapshots", f"{tag}={value}"):
            pages = self._client.get_paginator("describe_snapshots").paginate(
                OwnerIds=["self"], Filters=[{"Name": f"tag:{tag}", "Values": [value]}]
            )
            described = [snapshot for page in pages for snapshot in page["Snapshots"]]
        found = [
            VolumeSnapshot(
                id=snapshot["SnapshotId"],
                volume_id=snapshot["VolumeId"],
                state=snapshot["State"],
                begun_at=snapshot["StartTime"],
                size_gib=snapshot["VolumeSize"],
                is_encrypted=snapshot["Encrypted"],
            )
            for snapshot in described
        ]
        return sorted(found, key=lambda snapshot: (-snapshot.begun_at.timestamp(), snapshot.id))

    def volume(self, name: str) -> Volume | None:
        """Return the volume with a ``Name`` tag; None when there is none, or none that is not being deleted."""
        with calling("ec2:DescribeVolumes", name):
            pages = self._client.get_paginator("describe_volumes").paginate(
                Filters=[{"Name": "tag:Name", "Values": [name]}]
            )
            described = [volume for page in pages for volume in page["Volumes"] if volume["State"] != "deleting"]
        for volume in described:
            return Volume(
                id=volume["VolumeId"],
                name=name,
                state=volume["State"],
                zone=volume["AvailabilityZone"],
                size_gib=volume["Size"],
                type=volume["VolumeType"],
                is_encrypted=volume["Encrypted"],
                kms_key=volume.get("KmsKeyId"),
                iops=volume.get("Iops"),
                throughput_mib=volume.get("Throughput"),
                snapshot_id=volume.get("SnapshotId", ""),
                instance_id=next((attached["InstanceId"] for attached in volume["Attachments"]), ""),
                tags=own_tags(volume.get("Tags", [])),
            )
        return None

    def create_volume(
        self, snapshot_id: str, *, zone: str, size_gib: int, kms_key: str | None, tags: Mapping[str, str]
    ) -> str:
        """Begin to make an encrypted gp3 volume of a snapshot and return its id.

        The same request within a day makes no second one (the client token), so that it may be repeated.
        """
        key: dict[str, Any] = {} if kms_key is None else {"KmsKeyId": kms_key}
        with calling("ec2:CreateVolume", f"snapshot {snapshot_id}"):
            answer = self._client.create_volume(
                SnapshotId=snapshot_id,
                AvailabilityZone=zone,
                Size=size_gib,
                VolumeType="gp3",
                Encrypted=True,
                **key,
                # At most 64 characters ("Ensuring idempotency", EC2 Developer Guide).
                ClientToken=tags["Name"][-64:],
                TagSpecifications=[{"ResourceType": "volume", "Tags": tag_list(tags)}],
            )
        return answer["VolumeId"]

    def host(self, name: str) -> str | None:
        """Return the id of the instance with a ``Name`` tag; None when there is none that exists."""
        with calling("ec2:DescribeInstances", name):
            pages = self._client.get_paginator("describe_instances").paginate(
                Filters=[
                    {"Name": "tag:Name", "Values": [name]},
                    {"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]},
                ]
            )
            ids = [
                instance["InstanceId"]
                for page in pages
                for reservation in page["Reservations"]
                for instance in reservation["Instances"]
            ]
        return next(iter(ids), None)
