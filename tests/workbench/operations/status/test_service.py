"""What is said of a service."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

from tests.workbench.operations.seen import NOW, D, service
from tests.workbench.operations.shop import DEPLOYABLE, Shop, called, digest, images, revision
from workbench.aws.ecs.services import ServiceEvent
from workbench.aws.elastic_load_balancing import Target
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
