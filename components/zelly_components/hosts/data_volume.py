"""A host's data volume: made, snapshotted every day, attached, and taken over by the host that replaces another."""

import re
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from zelly_components.base import Component
from zelly_components.host import Host
from zelly_components.identity.iam import service_trust

SNAPSHOT_TAG = "SnapshotPolicy"
"""The tag by which the volumes of a lifecycle policy are found; its value is the host's name."""
_SNAPSHOT_POLICY = "arn:aws:iam::aws:policy/service-role/AWSDataLifecycleManagerServiceRole"


@dataclass(frozen=True, kw_only=True)
class DataVolumeArgs:
    """Arguments of a data volume."""

    region: str
    account_id: str
    availability_zone: str
    size_gib: int
    snapshot_retention_count: int
    snapshot_time_utc: str
    protect: bool


def device_path(volume_id: str) -> str:
    """Return the path under which udev links a volume: NVMe serial numbers hold the volume id without its hyphen.

    ("Amazon EBS and NVMe", EBS User Guide.) The names ``/dev/nvme1n1`` and so on change between boots.
    """
    return f"/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_{volume_id.replace('-', '', 1)}"


def check_snapshots(*, snapshot_retention_count: int, snapshot_time_utc: str) -> None:
    """Check how many snapshots are kept, and when they are taken.

    Raises:
        ValueError: with the argument, what came and what is allowed.
    """
    if snapshot_retention_count < 1:
        raise ValueError(f"snapshot_retention_count: came {snapshot_retention_count}; allowed 1 or more")
    if re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", snapshot_time_utc) is None:
        raise ValueError(f"snapshot_time_utc: came {snapshot_time_utc!r}; allowed 00:00 to 23:59")


def data_volume(component: Component, name: str, args: DataVolumeArgs) -> aws.ebs.Volume:
    """Make a volume as a child of a host's component, with its daily snapshots."""
    volume = aws.ebs.Volume(
        f"{name}-data",
        availability_zone=args.availability_zone,
        size=args.size_gib,
        type="gp3",
        encrypted=True,
        final_snapshot=args.protect,
        tags={"Name": f"{name}-data", SNAPSHOT_TAG: name},
        opts=component.child_with(pulumi.ResourceOptions(protect=args.protect)),
    )
    _daily_snapshots(component, name, args)
    return volume


def attach(component: Component, name: str, volume: aws.ebs.Volume, host: Host) -> None:
    """Attach a data volume to its host."""
    aws.ec2.VolumeAttachment(
        f"{name}-data-attachment",
        instance_id=host.instance_id,
        volume_id=volume.id,
        device_name="/dev/sdf",
        # A volume torn from a running database may lose its last writes.
        stop_instance_before_detaching=True,
        # A volume is attached once: the new attachment fails for as long as the old one stands.
        opts=component.child_with(pulumi.ResourceOptions(delete_before_replace=True)),
    )


def _daily_snapshots(component: Component, name: str, args: DataVolumeArgs) -> None:
    role = aws.iam.Role(
        f"{name}-snapshots-role",
        assume_role_policy=service_trust("dlm.amazonaws.com", region=args.region, account_id=args.account_id),
        opts=component.child(),
    )
    permissions = aws.iam.RolePolicyAttachment(
        f"{name}-snapshots-policy", role=role.name, policy_arn=_SNAPSHOT_POLICY, opts=component.child()
    )
    aws.dlm.LifecyclePolicy(
        f"{name}-snapshots",
        description=f"Daily snapshots of {name}",
        execution_role_arn=role.arn,
        state="ENABLED",
        policy_details=aws.dlm.LifecyclePolicyPolicyDetailsArgs(
            resource_types=["VOLUME"],
            target_tags={SNAPSHOT_TAG: name},
            schedules=[
                aws.dlm.LifecyclePolicyPolicyDetailsScheduleArgs(
                    name="daily",
                    create_rule=aws.dlm.LifecyclePolicyPolicyDetailsScheduleCreateRuleArgs(
                        interval=24, interval_unit="HOURS", times=args.snapshot_time_utc
                    ),
                    retain_rule=aws.dlm.LifecyclePolicyPolicyDetailsScheduleRetainRuleArgs(
                        count=args.snapshot_retention_count
                    ),
                    copy_tags=True,
                )
            ],
        ),
        tags={"Name": f"{name}-snapshots"},
        opts=component.child_with(pulumi.ResourceOptions(depends_on=[permissions])),
    )
