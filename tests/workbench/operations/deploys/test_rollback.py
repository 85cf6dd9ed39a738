"""What a rollback is planned to be, and with which words it is refused."""

import json
from dataclasses import replace

import pytest

from tests.workbench.operations.deploys.planning import GAVE_UP, UNDER_WAY, rollback
from tests.workbench.operations.failing import refused
from tests.workbench.operations.seen import D, arn, service
from tests.workbench.operations.shop import DEPLOYABLE, STEADY, Shop, called, images, revision, versions
from workbench.aws.ecs.services import Service
from workbench.operations.deploys.rollback import earlier_images


def test_rollback_goes_to_the_deploy_before_this_one() -> None:
    plan = rollback(Shop(deploys=("b1", "a1")))
    assert plan.lines()[1:] == [
        f"  api: {called('a')} -> {called('b')}",
        f"  proxy: {called('1')} again",
        "  in a new revision made from shop-api:8",
    ]


@pytest.mark.parametrize(
    ("shop", "goes_to"),
    [
        (Shop(deploys=("b1", "a1")), "b1"),
        (Shop(deploys=("c1", "b1", "a1", "b1", "a1")), "b1"),
        # Another rollout is under way, or has failed: to what was last healthy.
        (Shop(is_there=service(UNDER_WAY), deploys=("b1", "c1")), "c1"),
        (Shop(is_there=service(D(state="FAILED")), deploys=("b1", "c1")), "c1"),
        (Shop(is_there=service(UNDER_WAY), deploys=("a1",)), "a1"),
        # What runs is not recorded: it counts as the last deploy.
        (Shop(deploys=("c1", "b1")), "b1"),
        # Complete, but without its task, so that it was never seen healthy.
        (Shop(is_there=service(D(state="COMPLETED")), deploys=("c1", "b1")), "b1"),
    ],
)
def test_rollback_goes_to_what_was_last_deployed_and_healthy(shop: Shop, goes_to: str) -> None:
    assert earlier_images(DEPLOYABLE, shop.situation) == images(goes_to)


@pytest.mark.parametrize("deploys", [(), ("a1",)])
def test_rollback_without_an_earlier_deploy_is_refused(deploys: tuple[str, ...]) -> None:
    assert refused(rollback, Shop(deploys=deploys)) == [
        "shop-api: no earlier deploy is known to have been healthy; allowed: --to with a tag or a revision"
    ]


def test_rollback_supersedes_whatever_is_under_way_and_waits_for_nothing() -> None:
    assert rollback(Shop(is_there=service(UNDER_WAY), deploys=("b1", "c1"))).images == images("c1")
    returning = Shop(is_there=service(D(reason=GAVE_UP, running=1)), deploys=("b1", "a1"))
    assert rollback(returning).waits_for is None


def test_container_that_a_deploy_did_not_know_keeps_the_templates() -> None:
    old = versions("b1", "a1")
    value = json.dumps({"api": images("b1")["api"]})
    shop = Shop(parameters=[old[0], replace(old[1], value=value), old[2]])
    assert earlier_images(DEPLOYABLE, shop.situation) == images("b1")


def test_rollback_to_a_tag_takes_it_where_there_is_one() -> None:
    assert rollback(Shop(), "staging-b").images == images("b1")
    assert rollback(Shop(revisions={8: revision(8, "a1"), 9: revision(9, "e2")}), "staging-b").images == images("b1")
    assert refused(rollback, Shop(), "staging-z") == [
        "--to: came staging-z; allowed: a revision's number or a tag; the newest tags of staging: "
        "staging-c, staging-b, staging-a, staging-2, staging-1"
    ]
    assert refused(rollback, Shop(registry={}), "staging-z")[0].endswith("the newest tags of staging: none")


def test_rollback_to_a_revision_uses_it_itself() -> None:
    plan = rollback(Shop(revisions={5: revision(5, "b2"), 8: revision(8, "a1")}), "5")
    assert (plan.images, plan.is_reused, plan.is_restart, plan.source_arn) == (images("b2"), True, False, arn(5))
    assert plan.earlier_arn == arn(8)
    assert plan.lines()[3] == "  with shop-api:5 itself"


def test_revision_that_ecs_would_go_back_to_by_itself_is_none_to_put_back() -> None:
    shop = Shop(
        is_there=service(D(revision=8, running=1), D(id="ecs-svc/1", revision=5, state="COMPLETED")),
        revisions={5: revision(5, "b2"), 8: revision(8, "a1")},
    )
    assert rollback(shop, "5").earlier_arn is None
    assert rollback(shop, "staging-b").earlier_arn == arn(5)


@pytest.mark.parametrize(
    ("number", "line"),
    [
        ("8", "--to: came 8; that revision is wanted already"),
        ("5", "--to: came 5; shop-api:5 was deregistered, another one is allowed"),
        ("6", "--to: came 6; shop-api:6 has no container api, proxy"),
    ],
)
def test_revision_that_cannot_be_gone_back_to_is_refused(number: str, line: str) -> None:
    bare = replace(revision(6, "a1"), document={"containerDefinitions": []})
    revisions = {5: replace(revision(5, "b2"), status="INACTIVE"), 6: bare, 8: revision(8, "a1")}
    assert refused(rollback, Shop(revisions=revisions), number) == [line]


@pytest.mark.parametrize(
    "is_there", [service(STEADY, status="DRAINING"), service(), replace(service(STEADY), name="x")]
)
def test_service_that_is_not_in_ecs_is_refused(is_there: Service) -> None:
    assert refused(rollback, Shop(is_there=is_there)) == ["service: shop-api is not in ECS; `pulumi up` makes it"]
