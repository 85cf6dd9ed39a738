"""Promotions: what a service has to be like, which tags its images get, and with which words they are refused."""

from dataclasses import replace
from typing import cast

import pytest

from tests.workbench.operations.deploys.planning import TARGETS, UNDER_WAY
from tests.workbench.operations.failing import refused
from tests.workbench.operations.seen import D, service
from tests.workbench.operations.shop import DEPLOYABLE, STEADY, Shop, called, digest, image, images, revision
from workbench.aws.ecs.services import Service
from workbench.aws.elastic_load_balancing import ElasticLoadBalancing, Target
from workbench.operations.deploys.checks import RolloutOptions
from workbench.operations.deploys.promote import PromotePlan, add_tags, plan_promote, unhealthy

PRODUCTION = replace(DEPLOYABLE, stack="production", tag_prefix="prod")
NO_BALANCERS = cast("ElasticLoadBalancing", None)


@pytest.mark.parametrize(
    ("described", "lines"),
    [
        (service(STEADY), []),
        # The primary deployment says COMPLETED, and tasks of another one are still there.
        (
            service(STEADY, D(id="ecs-svc/1", revision=7, state="COMPLETED")),
            ["the rollout of shop-api:8 is COMPLETED, beside another one (shop-api:7)"],
        ),
        (service(D(state="IN_PROGRESS", running=1)), ["the rollout of shop-api:8 is IN_PROGRESS"]),
        (service(D(state="FAILED", running=1)), ["the rollout of shop-api:8 is FAILED"]),
        (service(STEADY, desired=2), ["1 of 2 tasks run"]),
        (service(D(state="COMPLETED", running=2), desired=1), ["2 of 1 tasks run"]),
        (service(D(state="COMPLETED"), desired=0), ["0 of 0 tasks run"]),
    ],
)
def test_a_source_in_the_middle_of_something_is_not_promoted(described: Service, lines: list[str]) -> None:
    assert unhealthy(Shop(is_there=described).situation, NO_BALANCERS) == lines


def promote(source: Shop, target: Shop, *containers: str) -> PromotePlan:
    return plan_promote(
        DEPLOYABLE,
        PRODUCTION,
        containers,
        source_aws=source.aws,
        source_balancers=NO_BALANCERS,
        target_aws=target.aws,
        options=RolloutOptions(),
    )


def test_promotion_tags_what_runs_and_deploys_it() -> None:
    target = Shop(revisions={8: revision(8, "b1")}, deploys=("b1",))
    plan = promote(Shop(), target)
    assert plan.lines() == [
        "shop-api runs staging-a in api and is healthy.",
        f"shop/api: {digest('a')} is tagged prod-a too; nothing is built.",
        "shop-api, now shop-api:8:",
        f"  api: {called('b')} -> {called('a', 'prod-a')}",
        f"  proxy: {called('1')} again",
        "  in a new revision made from shop-api:8",
    ]
    document = plan.document()
    assert (document["from"], document["promoted"], document["service"]) == (
        "staging",
        [{"container": "api", "digest": digest("a"), "tags": ["prod-a"], "new": ["prod-a"]}],
        "api",
    )
    add_tags(plan, target.aws.ecr)
    assert target.done == [("shop/api", "a", "prod-a")]


def test_tag_that_an_image_has_already_is_not_put_again() -> None:
    registry = {
        "shop/api": [image("shop/api", "a", "staging-a", "prod-a")],
        "shop/proxy": [image("shop/proxy", "1", "x")],
    }
    source, target = Shop(registry=registry), Shop(registry=registry, revisions={8: revision(8, "b1")}, deploys=("b1",))
    plan = promote(source, target)
    assert plan.document()["promoted"] == [{"container": "api", "digest": digest("a"), "tags": ["prod-a"], "new": []}]
    add_tags(plan, target.aws.ecr)
    assert target.done == []


def test_promotion_brings_the_images_of_containers_that_never_had_one() -> None:
    target = Shop(is_there=service(D()), revisions={8: revision(8, "00")}, deploys=())
    assert [one.container for one in promote(Shop(), target).images] == ["api", "proxy"]
    assert [one.container for one in promote(Shop(), target, "proxy", "api").images] == ["proxy", "api"]


def test_promotion_of_what_cannot_be_is_refused() -> None:
    target = Shop(revisions={8: revision(8, "b1")}, deploys=("b1",))
    assert refused(promote, Shop(is_there=service(UNDER_WAY)), target) == [
        "shop-api is not healthy, nothing is promoted:",
        "  the rollout of shop-api:8 is IN_PROGRESS",
    ]
    reference = images("e1")["api"]
    assert refused(promote, Shop(revisions={8: revision(8, "e1")}), target) == [
        f"shop-api runs {reference}, which is not in shop/api any more"
    ]
    unnamed = Shop(registry={"shop/api": [image("shop/api", "a", "x")]})
    assert refused(promote, unnamed, target) == [
        f"shop-api runs {digest('a')}, which has no tag staging-…: what it is called in production is not known"
    ]
    taken = Shop(registry={"shop/api": [image("shop/api", "c", "prod-a"), image("shop/api", "a", "staging-a")]})
    assert refused(promote, taken, target) == [
        f"shop/api: the tag prod-a is another image's ({digest('c')}); tags are immutable, "
        f"`zelly service deploy api --digest {digest('a')} --stack production` deploys this one without"
    ]


def test_targets_that_are_not_healthy_are_named_but_not_those_that_leave() -> None:
    other = "arn:aws:elasticloadbalancing:r:1:targetgroup/none/1"
    shop = Shop(
        is_there=replace(service(STEADY), target_group_arns=(*TARGETS, other)),
        behind={
            TARGETS[0]: [
                Target(address="10.0.0.1", port=80, state="healthy", reason=""),
                Target(address="10.0.0.2", port=80, state="initial", reason=""),
                Target(address="10.0.0.3", port=81, state="unhealthy", reason="Target.Timeout"),
            ],
            other: [Target(address="10.0.0.4", port=80, state="draining", reason="")],
        },
    )
    assert unhealthy(shop.situation, cast("ElasticLoadBalancing", shop)) == [
        "target 10.0.0.2:80 is initial",
        "target 10.0.0.3:81 is unhealthy (Target.Timeout)",
        "target group none: no targets",
    ]
