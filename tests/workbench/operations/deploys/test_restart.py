"""Plans of restarts."""

from dataclasses import replace

from tests.workbench.operations.seen import arn
from tests.workbench.operations.shop import DEPLOYABLE, Shop, called, revision
from workbench.operations.deploys.checks import RolloutOptions
from workbench.operations.deploys.restart import plan_restart


def test_restart_starts_the_same_revision_anew() -> None:
    plan = plan_restart(DEPLOYABLE, Shop(revisions={8: revision(8, "a1"), 9: revision(9, "e2")}).aws, RolloutOptions())
    assert (plan.is_reused, plan.is_restart, plan.source_arn, plan.earlier_arn) == (True, True, arn(8), arn(8))
    assert plan.lines() == [
        "shop-api, now shop-api:8:",
        f"  api: {called('a')} again",
        f"  proxy: {called('1')} again",
        "  every task is replaced by a new one, which reads its secrets anew",
    ]


def test_service_that_nothing_is_deployed_to_has_no_record() -> None:
    plain = replace(DEPLOYABLE, repositories={})
    assert plan_restart(plain, Shop().aws, RolloutOptions()).images == {}
