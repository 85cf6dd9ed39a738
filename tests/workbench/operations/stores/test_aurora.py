"""Whatever breaks a restoration of Aurora midway: what was made, and the command that goes on."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from tests.workbench.aws.test_restoring_requests import CLUSTER, INSTANCE
from tests.workbench.operations.clocks import FakeClock
from tests.workbench.operations.environments import AURORA
from tests.workbench.operations.failing import failed, failure, interrupted, refused
from tests.workbench.operations.stores.places import PLACE, patience
from workbench.aws.rds.restore import RdsRestore, RestorableCluster
from workbench.aws.shared.errors import Reason
from workbench.operations.stores.aurora.restore import AuroraPlan, plan_aurora, restore_aurora

MOMENT = datetime(2026, 11, 25, 10, 15, tzinfo=UTC)
TARGET = "shop-aurora-restored-20261125t101500"

LIVE = RestorableCluster(
    identifier="shop-aurora",
    status="available",
    endpoint="live.example",
    master_username="root",
    settings=CLUSTER,
    restorable_from=datetime(2026, 11, 11, tzinfo=UTC),
    restorable_until=datetime(2026, 11, 25, 10, 40, 5, 1234, tzinfo=UTC),
    instances={"shop-aurora-1": INSTANCE},
    instance_states={"shop-aurora-1": "available"},
    tags={"environment": "production"},
)

GOES_ON = [
    "Go on with `zelly restore aurora --stack production --at 2026-11-25T10:15:00Z`, which makes only what is missing.",
    "Be rid of it:",
    f"  aws rds modify-db-cluster --db-cluster-identifier {TARGET} --no-deletion-protection --region eu-west-1",
    f"  aws rds delete-db-instance --db-instance-identifier {TARGET}-1 --region eu-west-1",
    f"  aws rds delete-db-cluster --db-cluster-identifier {TARGET} --skip-final-snapshot --region eu-west-1",
]


class FakeRds(RdsRestore):
    """RDS with the live cluster, which becomes available when it is told to, and raises what it is told to."""

    def __init__(self, *, statuses: tuple[str, ...] = ("creating", "available"), **raises: BaseException) -> None:
        self.clusters = {LIVE.identifier: LIVE}
        self.asked: list[str] = []
        self._statuses = [*statuses]
        self._raises = raises

    def cluster(self, identifier: str) -> RestorableCluster | None:
        found = self.clusters.get(identifier)
        if found is not None and identifier != LIVE.identifier and len(self._statuses) > 1:
            self.clusters[identifier] = replace(found, status=self._statuses.pop(1))
        return found

    def restore(self, source: str, target: str, **said: Any) -> None:
        self.asked.append(f"restore {source} {target} at {said['at']}")
        self._maybe_raise("restore")
        assert (said["settings"], said["tags"]["environment"]) == (CLUSTER, "production")
        self.clusters[target] = replace(
            LIVE, identifier=target, status=self._statuses[0], instances={}, instance_states={}, tags=said["tags"]
        )

    def create_instance(self, identifier: str, **said: Any) -> None:
        self.asked.append(f"instance {identifier}")
        self._maybe_raise("create_instance")
        cluster = self.clusters[said["cluster"]]
        assert cluster.status == "available"
        self.clusters[said["cluster"]] = replace(
            cluster,
            instances={**cluster.instances, identifier: said["settings"]},
            instance_states={**cluster.instance_states, identifier: "available"},
        )

    def _maybe_raise(self, operation: str) -> None:
        if operation in self._raises:
            raise self._raises[operation]


def planned(rds: FakeRds, at: datetime | None = MOMENT) -> AuroraPlan:
    return plan_aurora(AURORA, PLACE, at=at, rds=rds)


def test_plan_tells_everything_before_anything_is_done() -> None:
    rds = FakeRds()
    lines = planned(rds).lines()
    assert lines[:3] == [
        "Aurora in production: shop-aurora as of 2026-11-25T10:15:00Z; nothing that was written later",
        f"  makes cluster {TARGET}",
        f"  makes instance {TARGET}-1",
    ]
    assert "    is_deletion_protected: yes" in lines
    assert (lines[-1], rds.asked) == ("What is live is left as it is.", [])


def test_instance_comes_once_the_cluster_is_available() -> None:
    rds = FakeRds(statuses=("creating", "creating", "creating", "available"))
    restored = restore_aurora(planned(rds), rds=rds, patience=patience())
    assert rds.asked == [f"restore shop-aurora {TARGET} at {MOMENT}", f"instance {TARGET}-1"]
    assert (restored.id, restored.is_complete, restored.differences) == (TARGET, True, ())


def test_latest_is_named_after_the_moment_and_asked_for_as_such() -> None:
    rds = FakeRds()
    plan = planned(rds, None)
    assert plan.target == "shop-aurora-restored-20261125t104005"
    assert plan.command == "zelly restore aurora --stack production --at 2026-11-25T10:40:05Z"
    restore_aurora(plan, rds=rds, patience=patience())
    assert rds.asked[0].endswith(" at None")


def test_copy_that_was_begun_gets_what_it_lacks() -> None:
    rds = FakeRds()
    restore_aurora(planned(rds), rds=rds, patience=patience(waits=False))
    assert rds.asked == [f"restore shop-aurora {TARGET} at {MOMENT}"]
    # The moment may have left the window meanwhile.
    rds.clusters[LIVE.identifier] = replace(LIVE, restorable_from=datetime(2026, 11, 25, 10, 30, tzinfo=UTC))
    plan = planned(rds)
    assert (plan.exists, plan.makes) == (True, (f"instance {TARGET}-1",))
    restore_aurora(plan, rds=rds, patience=patience())
    assert rds.asked[1:] == [f"instance {TARGET}-1"]


def test_complete_copy_is_asked_for_nothing() -> None:
    rds = FakeRds()
    restore_aurora(planned(rds), rds=rds, patience=patience())
    asked = [*rds.asked]
    plan = planned(rds)
    assert (plan.exists, plan.makes) == (True, ())
    assert restore_aurora(plan, rds=rds, patience=patience()).is_complete
    assert rds.asked == asked


def test_difference_from_the_live_one_is_told() -> None:
    rds = FakeRds()
    plan = planned(rds)
    rds.restore(plan.source, plan.target, at=MOMENT, settings=CLUSTER, tags=plan.tags)
    rds.clusters[TARGET] = replace(rds.clusters[TARGET], settings=replace(CLUSTER, backup_window="03:00-03:30"))
    restored = restore_aurora(planned(rds), rds=rds, patience=patience())
    assert restored.differences == ("backup_window: 03:00-03:30 instead of 19:00-20:00",)


def test_request_whose_answer_was_lost_was_carried_out_or_not() -> None:
    rds = FakeRds(restore=failure("rds:Something", Reason.UNREACHABLE, "ReadTimeoutError"))
    assert failed(restore_aurora, planned(rds), rds=rds, patience=patience()) == [
        str(failure("rds:Something", Reason.UNREACHABLE, "ReadTimeoutError")),
        f"{TARGET} may be in RDS; shop-aurora is as it was. What RDS was asked for goes on by itself.",
        *GOES_ON,
    ]
    assert len(rds.asked) == 1


def test_refused_instance_leaves_a_cluster_and_says_so() -> None:
    rds = FakeRds(create_instance=failure("rds:Something", Reason.DENIED, "AccessDenied"))
    assert failed(restore_aurora, planned(rds), rds=rds, patience=patience()) == [
        str(failure("rds:Something", Reason.DENIED, "AccessDenied")),
        f"{TARGET} is, as far as it came, in RDS; shop-aurora is as it was. What RDS was asked for goes on by itself.",
        *GOES_ON,
    ]


def test_what_somebody_else_began_meanwhile_is_gone_on_with() -> None:
    rds = FakeRds(restore=failure("rds:Something", Reason.REFUSED, "DBClusterAlreadyExistsFault"))
    plan = planned(rds)
    rds.clusters[TARGET] = replace(LIVE, identifier=TARGET, instances={}, instance_states={})
    assert restore_aurora(plan, rds=rds, patience=patience()).is_complete


def test_interruption_says_what_goes_on() -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    rds = FakeRds(statuses=("creating",))
    assert interrupted(restore_aurora, planned(rds), rds=rds, patience=patience(FakeClock(meanwhile=[interrupt]))) == [
        "Interrupted.",
        f"{TARGET} may be in RDS; shop-aurora is as it was. What RDS was asked for goes on by itself.",
        *GOES_ON,
    ]


def test_failed_copy_ends_the_waiting_and_is_not_gone_on_with() -> None:
    rds = FakeRds(statuses=("creating", "failed"))
    assert failed(restore_aurora, planned(rds), rds=rds, patience=patience())[0] == f"cluster {TARGET}: is failed"
    assert refused(planned, rds) == [f"{TARGET} is failed: delete it, or restore another moment with --at"]


def test_without_a_live_cluster_the_page_is_named() -> None:
    rds = FakeRds()
    rds.clusters.clear()
    assert refused(planned, rds) == [
        "shop-aurora is not in RDS: only a snapshot can bring it back; docs/recovery.md, “Aurora”, says how"
    ]
