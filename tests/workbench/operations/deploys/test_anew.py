"""A plan that is made anew after waiting, and the tags of what was deployed, which may be forbidden."""

from dataclasses import replace

import pytest

from tests.workbench.operations.scripted import Clock, Listener, failure
from tests.workbench.operations.seen import D, arn, service
from tests.workbench.operations.shop import DEPLOYABLE, STEADY, Shop, images, revision
from workbench.aws.shared.errors import Reason
from workbench.errors import OperationFailedError, OperatorError
from workbench.operations.deploys.checks import RolloutOptions
from workbench.operations.deploys.deploy import Choice, plan_deploy
from workbench.operations.deploys.execute import mark
from workbench.operations.deploys.plan import RolloutPlan
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
    anew = awaited(planned, shop.aws, RolloutOptions(), audience=Listener(), clock=Clock())
    assert (anew.waits_for, anew.source_arn, anew.images) == (None, arn(9), images("c1"))
    assert [change.after for change in anew.changes] == ["as promoted", "as promoted"]
    reused = replace(planned, is_reused=True, source_arn=arn(7))
    again = awaited(reused, shop.aws, RolloutOptions(), audience=Listener(), clock=Clock())
    assert (again.source_arn, again.is_reused) == (arn(7), True)


def test_plan_that_cannot_be_carried_out_any_more_is_refused() -> None:
    shop = Shop(is_there=RETURNING)
    planned = waiting(shop)
    shop.is_there = service(STEADY, desired=0)
    with pytest.raises(OperatorError) as raised:
        awaited(planned, shop.aws, RolloutOptions(), audience=Listener(), clock=Clock())
    assert raised.value.lines[0] == "shop-api is left as it is:"


def marked(shop: Shop) -> list[str]:
    listener = Listener()
    plan = plan_deploy(DEPLOYABLE, {"api": Choice(tag="staging-c")}, shop.aws, RolloutOptions())
    mark(plan, shop.aws, listener)
    return listener.said


def test_what_is_deployed_is_tagged() -> None:
    shop = Shop()
    assert (marked(shop), shop.done) == ([], [("shop/api", "c", f"deployed-staging-{'c' * 12}")])


def test_tag_that_is_forbidden_is_told_and_any_other_failure_ends_it() -> None:
    denied = failure("ecr:PutImage", Reason.DENIED, "AccessDenied")
    assert marked(Shop(tagging=denied)) == [
        f"api: the image is not tagged as deployed (deployed-staging-{'c' * 12}): {denied}"
    ]
    with pytest.raises(OperationFailedError) as raised:
        marked(Shop(tagging=failure("ecr:PutImage", Reason.REFUSED, "Other")))
    assert raised.value.lines[-1] == "shop-api runs what it ran. Run it again."
