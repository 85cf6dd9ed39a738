"""What a rollback and a promotion are planned to be, and with which words they are refused; what they are judged by."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest

from tests.workbench.operations.deploys.planning import GAVE_UP, TARGETS, UNDER_WAY, refused, rollback
from tests.workbench.operations.seen import NOW, D, arn, service
from tests.workbench.operations.shop import (
    DEPLOYABLE,
    STEADY,
    Shop,
    called,
    digest,
    image,
    images,
    revision,
    versions,
)
from workbench.aws.ecs.services import Service
from workbench.aws.elastic_load_balancing import ElasticLoadBalancing, Target
from workbench.operations.deploys.checks import RolloutOptions
from workbench.operations.deploys.ledger import entries, recorded_images
from workbench.operations.deploys.promote import PromotePlan, add_tags, plan_promote, unhealthy
from workbench.operations.deploys.restart import plan_restart
from workbench.operations.deploys.rollback import earlier_images
from workbench.operations.deploys.service import Deployable, Images


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
    ("is_there", "deploys", "is_steady", "is_returning", "last"),
    [
        (service(STEADY), ("a1",), True, False, (None, "a1")),
        (service(STEADY), ("b1",), True, False, ("a1", "a1")),
        (service(STEADY), (), True, False, ("a1", "a1")),
        (service(STEADY, desired=2), ("b1",), False, False, (None, "b1")),
        (service(D(state="COMPLETED"), desired=0), ("b1",), False, False, (None, "b1")),
        (service(UNDER_WAY), ("b1",), False, False, (None, "b1")),
        (service(UNDER_WAY), ("a1",), False, True, (None, "a1")),
        (service(UNDER_WAY), (), False, False, (None, "00")),
        (service(D(reason=GAVE_UP, running=1)), ("b1",), False, True, (None, "a1")),
        (service(D(state="FAILED", reason=GAVE_UP)), ("b1",), False, False, (None, "b1")),
    ],
)
def test_situation_tells_what_was_last_healthy(
    is_there: Service,
    deploys: tuple[str, ...],
    is_steady: bool,
    is_returning: bool,
    last: tuple[str | None, str],
) -> None:
    found, (unrecorded, healthy) = Shop(is_there=is_there, deploys=deploys).situation, last
    assert (found.is_steady, found.is_returning) == (is_steady, is_returning)
    assert found.unrecorded == (None if unrecorded is None else images(unrecorded))
    assert found.healthy_images == images(healthy)
    assert found.never_had_an_image("api") is (not deploys and unrecorded is None)


def test_service_that_nothing_is_deployed_to_has_no_record() -> None:
    plain = replace(DEPLOYABLE, repositories={})
    assert plan_restart(plain, Shop().aws, RolloutOptions()).images == {}


@pytest.mark.parametrize(
    "is_there", [service(STEADY, status="DRAINING"), service(), replace(service(STEADY), name="x")]
)
def test_service_that_is_not_in_ecs_is_refused(is_there: Service) -> None:
    assert refused(rollback, Shop(is_there=is_there)) == ["service: shop-api is not in ECS; `pulumi up` makes it"]


def test_images_are_found_by_digest_before_tag_and_called_by_their_own_tags() -> None:
    registry = {"shop/api": [image("shop/api", "a", "prod-1"), image("shop/api", "b", "deployed-prod-x", "staging-b")]}
    found = Images(DEPLOYABLE, Shop(registry=registry).aws.ecr)
    newest = found.newest("api")
    assert newest is not None
    assert (newest.digest, found.newest_tags("api")) == (digest("b"), ["staging-b"])
    assert found.label("api", images("a1")["api"]) == called("a", "prod-1")
    assert found.label("api", images("b1")["api"]) == called("b")
    assert found.label("api", "registry.test/shop/api:staging-z") == "staging-z"
    assert found.label("api", images("91")["api"]) == f"sha256:{'9' * 12}"
    assert found.find("api", tag="prod-1", digest=digest("b")) == newest
    assert found.find("api", tag="none") is None
    assert found.newest("proxy") is None


PRODUCTION = replace(DEPLOYABLE, stack="production", tag_prefix="prod")
NO_BALANCERS = cast("ElasticLoadBalancing", None)


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


def test_ledger_leaves_out_the_programs_own_what_is_no_images_and_the_same_twice() -> None:
    written = versions("a1", "a1", "b1", "a1")
    strange = [replace(written[1], value=value) for value in ("no JSON", "[]", '{"api": ""}', '{"api": 1}')]
    later = replace(written[2], written_at=NOW + timedelta(days=1))
    found = entries([written[0], *strange, written[1], later, *written[3:]])
    assert [entry.images for entry in found] == [images("a1"), images("b1"), images("a1")]
    assert (found[0].at, found[0].by) == (NOW, "arn:aws:iam::1:user/ann")
    assert refused(recorded_images, "/p", [written[0], replace(written[1], value="[]")]) == [
        "parameter /p: came '[]'; allowed: a JSON object of images by container"
    ]


def test_command_names_the_service_and_its_stack() -> None:
    other: Deployable = replace(DEPLOYABLE, service="web", stack="live")
    assert other.command("deploy", "--tag", "x") == "zelly service deploy web --tag x --stack live"
    assert other.reference("proxy", tag="t") == "registry.test/shop/proxy:t"
