"""A copy that is still being taken is never restored, in no store: neither as the latest nor by its name.

Redis's are in ``test_redis``, Aurora's moments in ``test_aurora``.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.workbench.operations.environments import CLICKHOUSE
from tests.workbench.operations.stores import test_efs, test_points
from tests.workbench.operations.stores.places import CERTIFICATES, PLACE
from workbench.aws.backup import RecoveryPoint
from workbench.aws.ec2.volumes import Volume, VolumeSnapshot
from workbench.errors import OperatorError
from workbench.operations.stores.clickhouse.restore import ClickHousePlan, plan_clickhouse
from workbench.operations.stores.efs.restore import plan_efs

DONE = test_points.volume_snapshot(timedelta(hours=24))


class FakeEc2(test_points.FakeEc2):
    def volume(self, name: str) -> Volume | None:
        assert name.startswith("shop-")
        return None

    def host(self, name: str) -> str | None:
        assert name == "shop-clickhouse"
        return "i-1"


def of_volume(*found: VolumeSnapshot, snapshot: str | None = None) -> ClickHousePlan:
    return plan_clickhouse(CLICKHOUSE, PLACE, snapshot=snapshot, ec2=FakeEc2(*found))


@pytest.mark.parametrize("state", ["pending", "error", "recoverable", "recovering"])
def test_volume_of_a_snapshot_that_is_not_completed_is_not_made(state: str) -> None:
    other = replace(test_points.volume_snapshot(timedelta(), state), id="snap-2")
    assert of_volume(other, DONE).source == "snap-1"
    with pytest.raises(OperatorError, match=r"^--snapshot: came snap-2; allowed: latest, snap-1$"):
        of_volume(other, DONE, snapshot="snap-2")
    with pytest.raises(OperatorError, match=r"^no completed snapshot with SnapshotPolicy=shop-clickhouse"):
        of_volume(other)


class Points(test_efs.FakeBackup):
    def __init__(self, *found: RecoveryPoint) -> None:
        super().__init__()
        self._points = [*found]

    def recovery_points(self) -> list[RecoveryPoint]:
        return self._points


@pytest.mark.parametrize("status", ["CREATING", "PARTIAL", "DELETING", "EXPIRED", "AVAILABLE", "STOPPED"])
def test_recovery_point_that_is_not_complete_is_not_restored(status: str) -> None:
    other = replace(test_efs.HERE, arn="arn:other", status=status)

    def planned(*found: RecoveryPoint, point: str | None = None) -> str:
        return plan_efs(
            CERTIFICATES,
            PLACE,
            recovery_point=point,
            efs=test_points.FakeEfs(test_points.FILE_SYSTEM),
            backup=Points(*found),
            iam=test_efs.FakeIam("arn:role"),
        ).source

    assert planned(other, test_efs.HERE) == test_efs.HERE.arn
    with pytest.raises(OperatorError, match=r"^--recovery-point: came arn:other; allowed: latest, "):
        planned(other, test_efs.HERE, point="arn:other")
    with pytest.raises(OperatorError, match=r"^no complete recovery point"):
        planned(other)
