"""Names of images, and what operators call them."""

import pytest

from tests.workbench.operations.failing import refused
from tests.workbench.operations.shop import called, digest
from workbench.operations.images.references import ImageReference, label, parsed


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
    assert refused(parsed, "a b") == [
        "image: came a b; allowed: REGISTRY/REPOSITORY:TAG or REGISTRY/REPOSITORY@sha256:…"
    ]


def test_image_is_called_by_the_environments_tags_else_by_all_but_those_of_deploys() -> None:
    tags = ["deployed-prod-1", "prod-1", "staging-1"]
    assert label(digest("a"), tags, "prod") == called("a", "prod-1")
    assert label(digest("a"), tags, "live") == called("a", "prod-1", "staging-1")
    assert (label(digest("a"), [], "prod"), label(None, ["x"], "prod")) == (f"sha256:{'a' * 12}", "x")
    assert label(None, [], "prod") == "no image"
