"""A plan that is made anew after waiting."""

from dataclasses import replace

from tests.workbench.operations.clocks import FakeClock
from tests.workbench.operations.deploys.scripted import Listener
from tests.workbench.operations.failing import refused
from tests.workbench.operations.seen import D, arn, service
from tests.workbench.operations.shop import DEPLOYABLE, STEADY, Shop, images, revision
from workbench.operations.deploys.checks import RolloutOptions
from workbench.operations.deploys.deploy import Choice, plan_deploy
from workbench.operations.deploys.rollout_plan import RolloutPlan
from workbench.operations.deploys.waiting import awaited

RETURNING = service(D(reason="circuit breaker", running=1))


def waiting(shop: Shop, *, is_reused: bool = False) -> RolloutPlan:
    plan = plan_deploy(DEPLOYABLE, {"api": Choice(tag="staging-c")}, shop.aws, RolloutOptions())
    assert plan.waits_for is not None
    changes = tuple(replace(change, after="as promoted") for change in plan.changes)
    return replace(plan, changes=changes, is_reused=is_reused)


def test_plan_is_made_anew_on_how_the_service_stands_by_then() -> None:
    shop = Shop(is_there=RETURNING, revisions={7: revision(7, "b2"), 8: revision(8, "a1")})
    planned = waiting(shop)
    shop.is_there = service(STEADY)
    shop.revisions = {**shop.revisions, 9: revision(9, "a1")}
    anew = awaited(planned, shop.aws, RolloutOptions(), audience=Listener(), clock=FakeClock())
    assert (anew.waits_for, anew.source_arn, anew.images) == (None, arn(9), images("c1"))
    assert [change.after for change in anew.changes] == ["as promoted", "as promoted"]
    reused = replace(planned, is_reused=True, source_arn=arn(7))
    again = awaited(reused, shop.aws, RolloutOptions(), audience=Listener(), clock=FakeClock())
    assert (again.source_arn, again.is_reused) == (arn(7), True)


def test_plan_that_cannot_be_carried_out_any_more_is_refused() -> None:
    shop = Shop(is_there=RETURNING)
    planned = waiting(shop)
    shop.is_there = service(STEADY, desired=0)
    assert (
        refused(awaited, planned, shop.aws, RolloutOptions(), audience=Listener(), clock=FakeClock())[0]
        == "shop-api is left as it is:"
    )
