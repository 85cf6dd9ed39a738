"""What is said of a service, of its images and of the number of its tasks."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from tests.workbench.operations.scripted import failure
from tests.workbench.operations.seen import NOW, D, service
from tests.workbench.operations.shop import (
    DEPLOYABLE,
    STEADY,
    Shop,
    called,
    digest,
    image,
    images,
    repository,
    revision,
)
from workbench.aws.application_auto_scaling import ScalingRange
from workbench.aws.ecr.repositories import Image
from workbench.aws.ecs.services import Service, ServiceEvent
from workbench.aws.elastic_load_balancing import Target
from workbench.aws.shared.errors import AwsError, Reason
from workbench.errors import OperatorError
from workbench.operations.deploys.scale import ScalePlan, plan_scale, scale
from workbench.operations.deploys.service import Images
from workbench.operations.images.deployed_tags import missing_marks, put_mark
from workbench.operations.images.keep import keep, plan_keep
from workbench.operations.images.listing import comma_separated, list_images, size
from workbench.operations.images.references import ImageReference, label, parsed
from workbench.operations.status.service import ServiceStatus, read_status


def status(shop: Shop) -> ServiceStatus:
    return read_status(DEPLOYABLE, shop.aws, cast("Any", shop))


def test_service_that_is_well_is_said_in_few_lines() -> None:
    found = status(Shop(deploys=("b1", "a1")))
    assert found.lines() == [
        "shop-api: 1 of 1 tasks run",
        f"  api: {called('a')}",
        f"  proxy: {called('1')}",
        "  revision shop-api:8, as its template",
        "  PRIMARY shop-api:8 COMPLETED, 1 of 1 tasks, since 2026-05-04T12:00:00Z (ecs-svc/2)",
        f"  deployed 2026-05-04T12:00:00Z api {called('a')}, proxy {called('1')}, by user/ann",
        f"  deployed 2026-05-04T12:00:00Z api {called('b')}, proxy {called('1')}, by user/ann",
    ]


def troubled() -> Shop:
    """Return a shop in the middle of a rollout, with an image that is gone and a target that is ill."""
    group = "arn:aws:elasticloadbalancing:r:1:targetgroup/shop/1"
    is_there = replace(
        service(D(state="IN_PROGRESS", running=1, failed=2)),
        pending_count=1,
        target_group_arns=(group,),
        events=tuple(ServiceEvent(id=str(n), created_at=NOW + timedelta(minutes=n), message=f"e{n}") for n in range(7)),
    )
    return Shop(
        is_there=is_there,
        revisions={8: revision(8, "a9"), 9: revision(9, "a1", cpu="512")},
        behind={
            group: [
                Target(address="10.0.0.1", port=80, state="healthy", reason=""),
                Target(address="10.0.0.2", port=80, state="draining", reason=""),
                Target(address="10.0.0.3", port=80, state="unhealthy", reason="Target.Timeout"),
            ]
        },
    )


def test_what_is_not_as_it_should_be_is_said() -> None:
    found = status(troubled())
    assert found.lines()[:10] == [
        "shop-api: 1 of 1 tasks run, 1 are starting; 1 of 3 targets are healthy",
        f"  api: {called('a')}",
        f"  proxy: sha256:{'9' * 12}, which is not in shop/proxy",
        "  revision shop-api:8, behind its template shop-api:9: a deploy brings",
        "    cpu: none -> 512",
        "  PRIMARY shop-api:8 IN_PROGRESS, 1 of 1 tasks, 2 failed, since 2026-05-04T12:00:00Z (ecs-svc/2)",
        "  target 10.0.0.2:80 draining",
        "  target 10.0.0.3:80 unhealthy, Target.Timeout",
        f"  deployed 2026-05-04T12:00:00Z api {called('a')}, proxy {called('1')}, by user/ann",
        "  2026-05-04T12:00:00Z e0",
    ]


def test_document_tells_the_same() -> None:
    document = status(troubled()).document()
    assert [event["message"] for event in document["events"]] == ["e0", "e1", "e2", "e3", "e4"]
    assert document["images"] == [
        {
            "container": "api",
            "image": images("a1")["api"],
            "label": called("a"),
            "tags": ["staging-a"],
            "digest": digest("a"),
            "is_missing": False,
        },
        {
            "container": "proxy",
            "image": images("a9")["proxy"],
            "label": f"sha256:{'9' * 12}, which is not in shop/proxy",
            "tags": [],
            "digest": digest("9"),
            "is_missing": True,
        },
    ]
    assert (document["deployments"][0]["created_at"], document["behind_template"], document["pending"]) == (
        "2026-05-04T12:00:00Z",
        ["cpu: none -> 512"],
        1,
    )
    assert document["deploys"] == [
        {
            "at": "2026-05-04T12:00:00Z",
            "by": "arn:aws:iam::1:user/ann",
            "images": images("a1"),
            "labels": {"api": called("a"), "proxy": called("1")},
        }
    ]


def test_image_that_is_no_deploys_is_called_by_its_name() -> None:
    bare = replace(DEPLOYABLE, repositories={"api": "shop/api"})
    tagged = revision(8, "a1")
    tagged.document["containerDefinitions"][1]["image"] = "docker.io/envoy:1.30"
    found = read_status(bare, Shop(revisions={8: tagged}).aws, cast("Any", None))
    assert [(one.label, one.tags, one.digest, one.is_missing) for one in found.images] == [
        (called("a"), ("staging-a",), digest("a"), False),
        ("docker.io/envoy:1.30", ("1.30",), None, False),
    ]
    assert [list(labels) for _, labels in found.deploys] == [["api"]]


def test_what_runs_unrecorded_is_said_and_only_five_deploys_are() -> None:
    found = status(Shop(deploys=("b1", "c1", "b1", "c1", "b1", "c1", "b2")))
    line = "  not recorded as deployed: the next deploy does it; `pulumi up` before would lose the image"
    assert (found.is_recorded, line in found.lines(), len(found.deploys)) == (False, True, 5)
    assert found.deploys[0][0].images == images("b2")


def test_marks_are_what_lacks_the_tag_once_each() -> None:
    shop = Shop()
    found = missing_marks(
        DEPLOYABLE, Images(DEPLOYABLE, shop.aws.ecr), [images("a1"), images("c2"), {**images("c9"), "other": "x"}]
    )
    assert [(mark.container, mark.tag) for mark in found] == [
        ("api", f"deployed-staging-{'c' * 12}"),
        ("proxy", f"deployed-staging-{'2' * 12}"),
    ]


@pytest.mark.parametrize(("code", "raises"), [("ImageAlreadyExistsException", False), ("Other", True)])
def test_mark_that_somebody_else_put_meanwhile_is_put(code: str, raises: bool) -> None:
    shop = Shop(tagging=failure("ecr:PutImage", Reason.REFUSED, code))
    (mark,) = missing_marks(DEPLOYABLE, Images(DEPLOYABLE, shop.aws.ecr), [{"api": images("c1")["api"]}])
    if raises:
        with pytest.raises(AwsError):
            put_mark(mark, shop.aws.ecr)
    else:
        put_mark(mark, shop.aws.ecr)


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


def test_newest_tagged_images_are_listed_and_every_deployed_one() -> None:
    untagged = image("shop/api", "e", minutes=-1)
    shop = Shop(registry={"shop/api": [untagged, *repository("shop/api", "cba")]})
    found = list_images(
        {"api": "shop/api", "proxy": "shop/proxy"},
        deployed={"api": "registry.test/shop/api:staging-a"},
        ecr=shop.aws.ecr,
        newest=2,
    )
    assert [(one.image.tags, one.is_deployed) for one in found] == [
        (("staging-c",), False),
        (("staging-b",), False),
        (("staging-a",), True),
    ]
    assert found[0].document() == {
        "container": "api",
        "repository": "shop/api",
        "tags": ["staging-c"],
        "digest": digest("c"),
        "pushed_at": "2026-05-04T12:00:00Z",
        "size_bytes": 1,
        "architectures": ["amd64"],
        "is_deployed": False,
    }
    shop.built_for = None
    by_digest = list_images({"api": "shop/api"}, deployed={"api": images("a1")["api"]}, ecr=shop.aws.ecr, newest=0)
    assert [(one.image.digest, one.document()["architectures"]) for one in by_digest] == [(digest("a"), None)]
    shop.built_for = frozenset({"arm64", "amd64"})
    assert list_images({"api": "shop/api"}, deployed={}, ecr=shop.aws.ecr, newest=1)[0].architectures == (
        "amd64",
        "arm64",
    )


def test_columns_have_a_dash_for_nothing() -> None:
    assert (comma_separated(None), comma_separated(()), comma_separated(["a", "b"])) == ("-", "-", "a, b")
    unknown: Image = image("r", "a")
    assert size(replace(unknown, size_bytes=1_500_001)) == "2 MB"
    assert (size(replace(unknown, size_bytes=None)), size(replace(unknown, size_bytes=400_000))) == ("-", "0 MB")


@pytest.mark.parametrize(
    ("reference", "name", "tag", "pinned_digest"),
    [
        ("host:5000/a/b", "host:5000/a/b", None, None),
        ("host:5000/a/b:t.1-x", "host:5000/a/b", "t.1-x", None),
        (f"a@{digest('a')}", "a", None, digest("a")),
        (f"a:t@{digest('a')}", "a", "t", digest("a")),
    ],
)
def test_names_of_images_are_taken_apart_and_put_together(
    reference: str, name: str, tag: str | None, pinned_digest: str | None
) -> None:
    found = parsed(reference)
    assert found == ImageReference(name=name, tag=tag, digest=pinned_digest)
    assert str(found) == reference
    assert found.pinned("sha256:1") == f"{name}@sha256:1"


def test_name_that_is_none_is_refused() -> None:
    with pytest.raises(OperatorError) as raised:
        parsed("a b")
    assert raised.value.lines == ("image: came a b; allowed: REGISTRY/REPOSITORY:TAG or REGISTRY/REPOSITORY@sha256:…",)


def test_image_is_called_by_the_environments_tags_else_by_all_but_those_of_deploys() -> None:
    tags = ["deployed-prod-1", "prod-1", "staging-1"]
    assert label(digest("a"), tags, "prod") == called("a", "prod-1")
    assert label(digest("a"), tags, "live") == called("a", "prod-1", "staging-1")
    assert (label(digest("a"), [], "prod"), label(None, ["x"], "prod")) == (f"sha256:{'a' * 12}", "x")
    assert label(None, [], "prod") == "no image"


class Scaling:
    """A service and the range that it is scaled between."""

    def __init__(self, is_there: Service, bounds: tuple[int, int] | None) -> None:
        self.is_there = is_there
        self.bounds = None if bounds is None else ScalingRange(minimum=bounds[0], maximum=bounds[1])
        self.asked: list[tuple[str, int]] = []

    def services(self, names: list[str]) -> dict[str, Service]:
        return {self.is_there.name: self.is_there} if self.is_there.name in names else {}

    def range_of(self, name: str) -> ScalingRange | None:
        assert name == "shop-api"
        return self.bounds

    def set_desired_count(self, name: str, count: int) -> None:
        self.asked.append((name, count))

    def plan(self, tasks: int) -> ScalePlan:
        mine = cast("Any", self)
        return plan_scale("shop-api", tasks, maximum=4, ecs=mine, scaling=mine)


@pytest.mark.parametrize(
    ("bounds", "tasks", "lines"),
    [
        (None, 1, ["shop-api: 2 tasks wanted now, 1 task from then on"]),
        (None, 4, ["shop-api: 2 tasks wanted now, 4 tasks from then on"]),
        (
            (2, 6),
            6,
            [
                "shop-api: 2 tasks wanted now, 6 tasks from then on",
                "Automatic scaling goes on between 2 and 6, so that the number may change again by itself.",
            ],
        ),
        (
            (2, 6),
            0,
            [
                "shop-api: 2 tasks wanted now, 0 tasks from then on",
                "With 0 tasks it answers nobody, and automatic scaling leaves it at that.",
            ],
        ),
    ],
)
def test_scaling_says_what_becomes_of_the_number(bounds: tuple[int, int] | None, tasks: int, lines: list[str]) -> None:
    aws = Scaling(service(STEADY, desired=2), bounds)
    plan = aws.plan(tasks)
    assert plan.lines() == lines
    wanted_range = None if bounds is None else {"minimum": bounds[0], "maximum": bounds[1]}
    assert plan.document() == {"service": "shop-api", "before": 2, "after": tasks, "range": wanted_range}
    scale(plan, ecs=cast("Any", aws))
    assert aws.asked == [("shop-api", tasks)]


@pytest.mark.parametrize(
    ("bounds", "tasks", "allowed"),
    [(None, 5, "1 to 4"), (None, -1, "1 to 4"), ((2, 6), 1, "2 to 6"), ((2, 6), 7, "2 to 6")],
)
def test_number_outside_the_range_is_refused(bounds: tuple[int, int] | None, tasks: int, allowed: str) -> None:
    with pytest.raises(OperatorError) as raised:
        Scaling(service(STEADY), bounds).plan(tasks)
    assert raised.value.lines == (
        f"--tasks: came {tasks}; allowed for shop-api: 0 or {allowed}, as its stack file says",
    )


@pytest.mark.parametrize("is_there", [service(STEADY, status="INACTIVE"), replace(service(STEADY), name="other")])
def test_service_that_is_not_there_is_not_scaled(is_there: Service) -> None:
    with pytest.raises(OperatorError) as raised:
        Scaling(is_there, None).plan(1)
    assert raised.value.lines == ("service: shop-api is not in ECS; `pulumi up` makes it",)
