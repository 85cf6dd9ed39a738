"""The list of the images of a service."""

from dataclasses import replace

from tests.workbench.operations.shop import Shop, digest, image, images, repository
from workbench.aws.ecr.repositories import Image
from workbench.operations.images.listing import comma_separated, list_images, size


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
