"""A service as rollouts find it: what was last healthy, its images and what they are called."""

from dataclasses import replace

import pytest

from tests.workbench.operations.deploys.planning import GAVE_UP, UNDER_WAY
from tests.workbench.operations.seen import D, service
from tests.workbench.operations.shop import DEPLOYABLE, STEADY, Shop, called, digest, image, images
from workbench.aws.ecs.services import Service
from workbench.operations.deploys.service import Deployable, Images


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


def test_command_names_the_service_and_its_stack() -> None:
    other: Deployable = replace(DEPLOYABLE, service="web", stack="live")
    assert other.command("deploy", "--tag", "x") == "zelly service deploy web --tag x --stack live"
    assert other.reference("proxy", tag="t") == "registry.test/shop/proxy:t"
