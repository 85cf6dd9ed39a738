"""What was deployed, read from the versions of a parameter."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.workbench.operations.failing import refused
from workbench.aws.ssm import ParameterVersion
from workbench.operations.deploys.ledger import Entry, entries, image_document, recorded_images, way_back

START = datetime(2026, 5, 4, tzinfo=UTC)


def history(*values: str, first: int = 1) -> list[ParameterVersion]:
    return [
        ParameterVersion(
            version=number, value=value, written_at=START + timedelta(days=number), written_by=f"w{number}"
        )
        for number, value in enumerate(values, first)
    ]


def images(name: str) -> str:
    return json.dumps({"api": name})


def names(found: list[Entry]) -> list[str]:
    return [entry.images["api"] for entry in found]


def test_the_programs_own_first_version_is_no_deploy() -> None:
    assert names(entries(history(images("initial"), images("a")))) == ["a"]


def test_the_oldest_version_that_is_kept_is_a_deploy_like_the_others() -> None:
    assert names(entries(history(images("a"), images("b"), first=57))) == ["a", "b"]


def test_the_same_images_twice_in_a_row_are_the_first_deploy() -> None:
    found = entries(history(images("initial"), images("a"), images("a"), images("b")))
    assert [(entry.images["api"], entry.by, (entry.at - START).days) for entry in found] == [
        ("a", "w2", 2),
        ("b", "w4", 4),
    ]


def test_the_first_images_recorded_as_a_deploy_are_one() -> None:
    assert names(entries(history(images("initial"), images("initial")))) == ["initial"]


def test_what_was_written_by_hand_and_is_no_images_is_passed_over() -> None:
    assert names(
        entries(history(images("initial"), images("a"), "oops", "[]", '{"api": ""}', '{"api": 1}', images("b")))
    ) == [
        "a",
        "b",
    ]


@pytest.mark.parametrize("value", ["oops", "[]", '{"api": ""}', '{"api": null}'])
def test_what_holds_now_has_to_be_images(value: str) -> None:
    assert refused(recorded_images, "/shop/images/api", history(images("a"), value)) == [
        f"parameter /shop/images/api: came {value!r}; allowed: a JSON object of images by container"
    ]


def test_what_holds_now_is_the_last_version() -> None:
    assert recorded_images("p", history(images("a"), images("b"))) == {"api": "b"}


@pytest.mark.parametrize(
    ("deployed", "steps"),
    [
        ("", ""),
        ("a", "a"),
        ("abc", "abc"),
        ("abcb", "ab"),
        ("abcba", "a"),
        ("abcbd", "abd"),
        ("abcbc", "abc"),
        ("abcbdb", "ab"),
        ("abab", "ab"),
    ],
)
def test_two_rollbacks_go_back_two_steps_and_not_to_and_fro(deployed: str, steps: str) -> None:
    found = entries(history(images("initial"), *(images(name) for name in deployed)))
    assert "".join(names(way_back(found))) == steps


def test_document_is_the_programs_own_text() -> None:
    assert image_document({"b": "2", "a": "1"}) == '{"a":"1","b":"2"}'
