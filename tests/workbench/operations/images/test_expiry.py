"""When ECR lets an image go: what is foretold, and what the embedded registry does."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.aws.ecr.repositories import Image
from workbench.operations.images.expiry import Expiry, expiry
from workbench.sandbox.ecr.supplement import expired

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def rule(priority: int, count: int, *prefixes: str, **selection: Any) -> dict[str, Any]:
    given = {"tagStatus": "tagged", "tagPrefixList": list(prefixes), "countType": "imageCountMoreThan"}
    return {
        "rulePriority": priority,
        "selection": {**given, "countNumber": count, **selection},
        "action": {"type": "expire"},
    }


UNTAGGED = {
    "rulePriority": 9,
    "selection": {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 7},
    "action": {"type": "expire"},
}
OURS = {
    "rules": [
        rule(1, 4, "deployed-prod"),
        rule(2, 4, "deployed-staging"),
        rule(3, 2, "prod"),
        rule(4, 2, "staging"),
        UNTAGGED,
    ]
}

DAYS = {"countType": "sinceImagePushed", "countUnit": "days"}
BY_DAYS = {"rules": [rule(1, 9, "deployed-live-"), rule(2, 2, "sha-"), rule(3, 14, "branch-", **DAYS), UNTAGGED]}


@dataclass
class Stored:
    """An image as moto holds it."""

    name: str
    image_tags: list[str]
    image_pushed_at: int
    image_manifest: str = "{}"

    def get_image_digest(self) -> str:
        return self.name


def stored(name: str, days: float, *tags: str, names: Sequence[str] = ()) -> Stored:
    manifest = json.dumps({"manifests": [{"digest": digest} for digest in names]})
    return Stored(name, list(tags), int((NOW - timedelta(days=days)).timestamp()), manifest)


def read(image: Stored) -> Image:
    at = datetime.fromtimestamp(image.image_pushed_at, UTC)
    return Image(repository="shop/api", digest=image.name, tags=tuple(image.image_tags), pushed_at=at)


def gone(policy: Mapping[str, Any], images: Sequence[Stored]) -> list[str]:
    return sorted(image.name for image in expired(policy, images, at=NOW))


A, B, C = (stored("A", 10, "beta-1", "prod-1"), stored("B", 9, "beta-2", "prod-2"), stored("C", 8, "beta-3"))


@pytest.mark.parametrize(
    ("rules", "images", "expected"),
    [
        # ECR User Guide, "Examples of lifecycle policies": filtering on multiple rules, A to C; then on several tags in
        # one rule, A and B; then on all images.
        ([rule(1, 1, "prod"), rule(2, 1, "beta")], [A, B, C], ["A"]),
        ([rule(1, 1, "beta"), rule(2, 1, "prod")], [A, B, C], ["A", "B"]),
        (
            [rule(1, 1, "beta"), rule(2, 1, "prod")],
            [*(A, B), stored("C", 8, "beta-3"), stored("D", 7, "prod-3")],
            ["A", "B"],
        ),
        ([rule(1, 1, "alpha", "beta")], [stored("A", 12, "alpha-1"), stored("B", 11, "beta-1")], []),
        (
            [rule(1, 1, "alpha", "beta")],
            [
                stored("A", 12, "alpha-1"),
                stored("B", 11, "beta-1"),
                *(stored(n, d, "alpha-2", "beta-2") for n, d in (("C", 10), ("D", 4))),
            ],
            ["C"],
        ),
        ([rule(1, 5, tagStatus="any")], [stored(str(n), n, "x") for n in range(7)], ["5", "6"]),
        # A pattern, and what a rule of another kind protects.
        (
            [rule(1, 1, tagPatternList=["*web*"])],
            [stored("A", 2, "prod-web-1"), stored("B", 1, "web"), stored("C", 3, "we")],
            ["A"],
        ),
        ([UNTAGGED], [stored("old", 8), stored("young", 6)], ["old"]),
        # What an index names stays with it, and goes with it.
        ([rule(1, 1, "prod"), UNTAGGED], [stored("part", 30), stored("index", 30, "prod-1", names=["part"])], []),
        (
            [rule(1, 1, "prod"), UNTAGGED],
            [stored("part", 30), stored("index", 30, "prod-1", names=["part"]), stored("next", 1, "prod-2")],
            ["index", "part"],
        ),
        # Days count from the push, and only for what no rule of higher priority matches.
        (
            BY_DAYS["rules"],
            [
                stored("old", 15, "branch-a"),
                stored("young", 13, "branch-b"),
                stored("commit", 90, "branch-c", "sha-1"),
                stored("running", 99, "sha-2", "deployed-live-2"),
                stored("next", 1, "sha-3"),
            ],
            ["old"],
        ),
        # What was deployed outlives what was only pushed, in every stack for itself.
        (
            OURS["rules"],
            [
                stored("old", 90, "prod-0", "staging-0", "deployed-prod-0"),
                *(stored(f"p{n}", n, f"prod-{n}") for n in range(3)),
                *(stored(f"s{n}", n, f"staging-{n}", f"deployed-staging-{n}") for n in range(5)),
            ],
            ["p2", "s4"],
        ),
    ],
)
def test_the_embedded_registry_expires_what_ecrs_documents_say(
    rules: list[dict[str, Any]], images: list[Stored], expected: list[str]
) -> None:
    assert gone({"rules": rules}, images) == expected
    assert gone({"rules": rules[::-1]}, images) == expected, "the number is the priority, not the place"


TAGS = st.sets(st.sampled_from(["prod-", "staging-", "deployed-prod-", "deployed-staging-", "other-"]), min_size=1)


@given(st.lists(TAGS, min_size=1, max_size=12))
def test_an_image_goes_with_exactly_the_push_that_is_foretold(kinds: list[set[str]]) -> None:
    images = [stored(str(n), len(kinds) - n, *(f"{kind}{n}" for kind in sorted(kind))) for n, kind in enumerate(kinds)]
    for image in images:
        found = expiry(read(image), [read(other) for other in images], json.dumps(OURS))
        if found is None:
            assert image.image_tags == [f"other-{image.name}"]
            continue
        assert found.pushes is not None
        prefix = found.rule.removesuffix("…")
        pushed = [stored(f"new{n}", -1 - n, f"{prefix}-new{n}") for n in range(found.pushes)]
        assert image.name in gone(OURS, [*images, *pushed])
        if pushed:
            assert image.name not in gone(OURS, [*images, *pushed[:-1]])


def image(name: str, days: float, *tags: str) -> Image:
    return read(stored(name, days, *tags))


@pytest.mark.parametrize(
    ("of", "policy", "expected", "said"),
    [
        (image("a", 1, "prod-1"), OURS, Expiry(rule="prod…", pushes=2), "expires within 2 pushes of prod…"),
        (image("a", 3, "prod-1"), OURS, Expiry(rule="prod…", pushes=1), "expires within 1 push of prod…"),
        # Of two of one second, the worse is said.
        (image("a", 2, "prod-1"), OURS, Expiry(rule="prod…", pushes=1), "expires within 1 push of prod…"),
        (
            image("a", 9, "staging-1"),
            {"rules": [rule(1, 1, tagStatus="any")]},
            Expiry(rule="any image", pushes=0),
            "expires within 24 hours: enough newer images of any image are there",
        ),
        (
            image("a", 3, "prod-1", "deployed-prod-1"),
            OURS,
            Expiry(rule="deployed-prod…", pushes=4),
            "expires within 4 pushes of deployed-prod…",
        ),
        (
            image("a", 3),
            OURS,
            Expiry(rule="untagged images", at=NOW + timedelta(days=4)),
            "expires on 2026-05-08T12:00:00Z (untagged images)",
        ),
        (
            image("a", 3, "branch-main"),
            BY_DAYS,
            Expiry(rule="branch-…", at=NOW + timedelta(days=11)),
            "expires on 2026-05-15T12:00:00Z (branch-…)",
        ),
        (
            image("a", 3, "branch-main", "sha-1"),
            BY_DAYS,
            Expiry(rule="sha-…", pushes=2),
            "expires within 2 pushes of sha-…",
        ),
        (
            image("a", 3, "prod-1"),
            {"rules": [rule(1, 4, "prod", countType="sinceImagePulled")]},
            Expiry(rule="prod…, sinceImagePulled"),
            "may expire by a rule whose kind is not known here (prod…, sinceImagePulled)",
        ),
    ],
)
def test_what_is_said_of_an_image(of: Image, policy: dict[str, Any], expected: Expiry, said: str) -> None:
    others = [image("b", 2, "prod-2")]
    found = expiry(of, [of, *others], json.dumps(policy))
    assert (found, str(found)) == (expected, said)


def test_without_a_rule_nothing_goes() -> None:
    one = image("a", 99, "prod-1")
    archived = {**rule(1, 1, "prod"), "action": {"type": "transition", "targetStorageClass": "archive"}}
    for policy in (None, json.dumps({"rules": [rule(1, 1, "staging")]}), json.dumps({"rules": [archived]})):
        assert expiry(one, [one], policy) is None


@pytest.mark.parametrize(("pushes", "soon"), [(None, True), (0, True), (29, True), (30, False), (100, False)])
def test_fewer_pushes_than_a_prefix_keeps_are_soon(pushes: int | None, soon: bool) -> None:
    assert Expiry(rule="prod…", pushes=pushes).is_soon is soon
