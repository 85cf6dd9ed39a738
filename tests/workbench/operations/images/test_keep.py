"""Keeping what runs, and what a rollback would go to, from expiring."""

from tests.workbench.operations.shop import DEPLOYABLE, Shop, digest, images, revision
from workbench.operations.images.keep import keep, plan_keep


def test_what_runs_and_what_a_rollback_goes_to_is_kept() -> None:
    shop = Shop(deploys=("c1", "b2", "a1"))
    plan = plan_keep(DEPLOYABLE, shop.aws)
    assert plan.lines() == [f"proxy: shop/proxy@{digest('2')} is tagged deployed-staging-{'2' * 12}"]
    assert plan.document() == {
        "service": "api",
        "tagged": [{"container": "proxy", "digest": digest("2"), "tag": f"deployed-staging-{'2' * 12}"}],
        "absent": [],
    }
    keep(plan, shop.aws.ecr)
    assert shop.done == [("shop/proxy", "2", f"deployed-staging-{'2' * 12}")]


def test_what_nothing_can_keep_is_said() -> None:
    assert plan_keep(DEPLOYABLE, Shop().aws).lines() == [
        "api: what runs, and what a rollback would go to, is tagged as deployed already."
    ]
    reference = images("91")["api"]
    assert plan_keep(DEPLOYABLE, Shop(revisions={8: revision(8, "91")}, deploys=("91",)).aws).lines() == [
        f"{reference} is not in the registry: nothing can keep it"
    ]
