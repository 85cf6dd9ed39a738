"""Restoring a host's volume: of which snapshot, how large, with whose key and tags, and nothing twice."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.workbench.operations.environments import CLICKHOUSE
from tests.workbench.operations.failing import failed, failure, refused
from tests.workbench.operations.stores.places import PLACE, patience
from workbench.aws.ec2.volumes import Ec2Volumes, Volume, VolumeSnapshot
from workbench.aws.shared.errors import AwsError, Reason
from workbench.operations.stores.host_volume.restore import VolumePlan, plan_volume, restore_volume

TARGET = "shop-clickhouse-data-restored-20261125t190000"
TAKEN = VolumeSnapshot(
    id="snap-1",
    volume_id="vol-live",
    state="completed",
    begun_at=datetime(2026, 11, 25, 19, tzinfo=UTC),
    size_gib=50,
    is_encrypted=True,
)
LIVE = Volume(
    id="vol-live",
    name="shop-clickhouse-data",
    state="in-use",
    zone="eu-west-1a",
    size_gib=50,
    type="gp3",
    is_encrypted=True,
    kms_key="key-live",
    iops=3000,
    throughput_mib=125,
    snapshot_id="",
    instance_id="i-1",
    tags={
        "Project": "shop",
        "Name": "shop-clickhouse-data",
        "SnapshotPolicy": "shop-clickhouse",
    },
)
COPY = replace(LIVE, id="vol-copy", name=TARGET, state="available")


class Volumes(Ec2Volumes):
    """EC2 with the live volume, its snapshots and the copies that are made."""

    def __init__(self, *snapshots: VolumeSnapshot, live: Volume | None = LIVE, copy: Volume | None = None) -> None:
        self.taken = list(snapshots or [replace(TAKEN, id="snap-2", state="pending"), TAKEN])
        self.there = {volume.name: volume for volume in (live, copy) if volume is not None}
        self.asked: list[dict[str, Any]] = []
        self.refusal: AwsError | None = None
        self.becomes = COPY

    def snapshots(self, tag: str, value: str) -> list[VolumeSnapshot]:
        assert (tag, value) == ("SnapshotPolicy", "shop-clickhouse")
        return self.taken

    def volume(self, name: str) -> Volume | None:
        return self.there.get(name)

    def host(self, name: str) -> str | None:
        return "i-1" if name == "shop-clickhouse" else None

    def create_volume(self, snapshot_id: str, **said: Any) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        self.asked.append({"snapshot": snapshot_id, **said})
        if self.refusal is not None:
            raise self.refusal
        self.there[TARGET] = self.becomes


def planned(ec2: Volumes, snapshot: str | None = None, volume_gib: int = 50) -> VolumePlan:
    return plan_volume(replace(CLICKHOUSE, volume_gib=volume_gib), PLACE, verb="clickhouse", snapshot=snapshot, ec2=ec2)


def test_newest_completed_snapshot_becomes_a_volume_beside_the_live_one() -> None:
    ec2 = Volumes()
    plan = planned(ec2)
    assert plan.lines() == [
        "ClickHouse in production: snap-1 as of 2026-11-25T19:00:00Z; nothing that was written later",
        f"  makes volume {TARGET}",
        "    type: gp3",
        "    size_gib: 50",
        "    zone: eu-west-1a",
        "    is_encrypted: yes",
        "What is live is left as it is.",
    ]
    restored = restore_volume(plan, ec2=ec2, patience=patience())
    tags = {"Project": "shop", "Name": TARGET, "shop:restored-from": "snap-1"}
    assert ec2.asked == [{"snapshot": "snap-1", "zone": "eu-west-1a", "size_gib": 50, "kms_key": None, "tags": tags}]
    assert restored.lines(plan) == [
        "vol-copy is there.",
        "Attach it:",
        "  aws ec2 attach-volume --volume-id vol-copy --device /dev/sdg --instance-id i-1 --region eu-west-1",
        "Be rid of it, once detached:",
        "  aws ec2 delete-volume --volume-id vol-copy --region eu-west-1",
        "Taking it over: docs/recovery.md, “ClickHouse”.",
    ]


def test_copy_is_as_large_as_the_larger_one_and_encrypted_with_the_live_key_if_need_be() -> None:
    assert [planned(Volumes(), volume_gib=size).size_gib for size in (40, 50, 60)] == [50, 50, 60]
    plain = replace(TAKEN, is_encrypted=False)
    assert planned(Volumes(plain)).kms_key == "key-live"
    without = planned(Volumes(plain, live=None))
    assert (without.kms_key, without.tags) == (None, {"Name": TARGET, "shop:restored-from": "snap-1"})


def test_copy_that_is_there_is_not_made_again() -> None:
    ec2 = Volumes(copy=COPY)
    plan = planned(ec2)
    assert (plan.exists, plan.makes) == (True, ())
    assert restore_volume(plan, ec2=ec2, patience=patience()).is_complete
    assert ec2.asked == []
    assert refused(planned, Volumes(copy=replace(COPY, state="error"))) == [
        f"{TARGET} (vol-copy) is in the state error: delete it first"
    ]


@pytest.mark.parametrize(("state", "is_complete"), [("creating", False), ("available", True), ("in-use", True)])
def test_nobody_has_to_wait(state: str, is_complete: bool) -> None:
    ec2 = Volumes()
    ec2.becomes = replace(COPY, state=state, size_gib=60)
    restored = restore_volume(planned(ec2), ec2=ec2, patience=patience(waits=False))
    assert (restored.is_complete, restored.differences) == (is_complete, ("size_gib: 60 instead of 50",))


@pytest.mark.parametrize(
    ("refusal", "state", "first", "whether"),
    [
        (
            failure("ec2:CreateVolume", Reason.REFUSED),
            "available",
            "ec2:CreateVolume, it: Code: no",
            "is, as far as it came,",
        ),
        (None, "error", "volume vol-copy: is in the state error", "is, as far as it came,"),
        (
            failure("ec2:CreateVolume", Reason.UNREACHABLE),
            "available",
            "ec2:CreateVolume, it: Code: no (no answer came; whether it was carried out is not known)",
            "may be",
        ),
    ],
)
def test_what_is_left_is_said(refusal: AwsError | None, state: str, first: str, whether: str) -> None:
    ec2 = Volumes()
    ec2.refusal, ec2.becomes = refusal, replace(COPY, state=state)
    assert failed(restore_volume, planned(ec2), ec2=ec2, patience=patience()) == [
        first,
        f"The volume {TARGET} {whether} in EC2; the live volume is as it was.",
        "Go on with `zelly restore clickhouse --stack production --snapshot snap-1`, which makes nothing twice.",
        "Its id, for deleting it:",
        f"  aws ec2 describe-volumes --filters Name=tag:Name,Values={TARGET} --region eu-west-1",
    ]


def test_snapshot_is_chosen_among_those_there_are() -> None:
    many = [replace(TAKEN, id=f"snap-{number}") for number in range(1, 8)]
    assert planned(Volumes(*many), "snap-3").source == "snap-3"
    for ec2, line in (
        (Volumes(*many), "allowed: latest, snap-1, snap-2, snap-3, snap-4, snap-5 and 2 older ones"),
        (Volumes(*many[:5]), "allowed: latest, snap-1, snap-2, snap-3, snap-4, snap-5"),
    ):
        assert refused(planned, ec2, "snap-x") == [f"--snapshot: came snap-x; {line}"]


@pytest.mark.parametrize("state", ["pending", "error", "recoverable", "recovering"])
def test_snapshot_that_is_not_completed_is_not_restored(state: str) -> None:
    other = replace(TAKEN, id="snap-2", state=state)
    assert planned(Volumes(other, TAKEN)).source == "snap-1"
    assert refused(planned, Volumes(other, TAKEN), "snap-2") == ["--snapshot: came snap-2; allowed: latest, snap-1"]
    assert refused(planned, Volumes(other)) == [
        "no completed snapshot with SnapshotPolicy=shop-clickhouse; `zelly restore points` lists what there is"
    ]
