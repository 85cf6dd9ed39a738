"""Differences within texts that have a structure, item by item."""

import json
from typing import Any

import pulumi_aws as aws
import pytest

from tests.workbench.review.plans import compared
from workbench.review.danger.assessment import assess
from workbench.review.difference.following import Unknown
from workbench.review.difference.lines import Line, Sign, shortened, value_text
from workbench.review.difference.structured import text_lines
from workbench.review.difference.wording import lines
from workbench.review.plan_document import Secret
from zelly_components.hosts.wireguard import PeerArgs, peers_document


def shown(old: str, new: str, *renewed: str) -> list[str] | None:
    found = text_lines("value", old, new, renewed)
    return None if found is None else [f"{line.sign} {line.text}" for line in found]


def peers(**addresses: str) -> str:
    arguments = [PeerArgs(name=name, address=address) for name, address in addresses.items()]
    return peers_document(arguments, {name: f"${{peer-{name}-key.publicKey}}" for name in addresses})


def test_a_peer_that_comes_or_goes_is_one_line_without_a_key_that_nobody_knows() -> None:
    before, after = peers(bob="10.10.0.2"), peers(alice="10.10.0.9", bob="10.10.0.2")
    assert shown(before, after, "peer-alice-key") == ["+ value → alice 10.10.0.9"]
    assert shown(after, before) == ["- value → alice 10.10.0.9"]


def test_a_peer_with_another_key_is_told_apart_from_those_that_keep_theirs() -> None:
    text = peers(alice="10.10.0.9", bob="10.10.0.2")
    assert shown(text, text, "peer-alice-key") == [
        '! value → alice.public_key: another value of "${peer-alice-key.publicKey}"'
    ]
    assert shown(text, text) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"a": 1, "b": {"c": True}}, {"a": 2, "b": {}}, ["- value → a: 1", "+ value → a: 2", "- value → b.c: true"]),
        # Named items are matched wherever they stand.
        ([{"name": "a", "value": 1}], [{"name": "b", "value": 2}, {"name": "a", "value": 1}], ["+ value → b 2"]),
        (
            {"env": [{"name": "a", "value": "1"}]},
            {"env": [{"name": "a", "value": "2"}]},
            ['- value → env.a.value: "1"', '+ value → env.a.value: "2"'],
        ),
        ({"env": []}, {"env": [{"name": "a", "value": "1"}]}, ["+ value → env → a 1"]),
        # What has a structure of its own is told member by member.
        ([], [{"name": "a", "ports": [80]}], ['+ value → a.name: "a"', "+ value → a.ports[0]: 80"]),
        # Two of one name are matched by position.
        (
            [{"name": "a", "value": 1}, {"name": "a", "value": 2}],
            [{"name": "a", "value": 1}, {"name": "a", "value": 3}],
            ["- value → [1].value: 2", "+ value → [1].value: 3"],
        ),
        ({"x": ["a", "b"]}, {"x": ["b", "c"]}, ['- value → x: "a"', '+ value → x: "c"']),
        ({"x": ["a", "b"]}, {"x": ["b", "a"]}, ["! value → x: in another order"]),
        ([[1]], [[1], [2]], ["+ value → [1][0]: 2"]),
        ({"a": 1}, [1], ['- value: {"a": 1}', "+ value: [1]"]),
    ],
)
def test_json_documents(old: Any, new: Any, expected: list[str]) -> None:
    assert shown(json.dumps(old), json.dumps(new)) == expected


def test_other_long_texts_are_compared_line_by_line() -> None:
    assert shown("[a]\nb = 1\n", "[a]\nb = 2\n") == ['- value → "b = 1"', '+ value → "b = 2"']


@pytest.mark.parametrize("line", ["-- a comment", "---", "++ more", "@@ here"])
def test_line_that_looks_like_the_head_of_a_difference_is_told(line: str) -> None:
    assert shown("a\n", f"a\n{line}\n") == [f'+ value → "{line}"']
    assert shown(f"a\n{line}\n", "a\n") == [f'- value → "{line}"']


def test_line_that_only_ends_as_one_did_is_not_kept() -> None:
    assert shown("x = ${key.id}\n", "${key.id}\n", "key") == ['- value → "x = ${key.id}"', '+ value → "${key.id}"']


@pytest.mark.parametrize(
    ("added", "last"),
    [(29, '+ value → "28"'), (30, "! value → 1 line more"), (40, "! value → 11 lines more")],
)
def test_thirty_lines_of_a_text_are_told_and_the_others_counted(added: int, last: str) -> None:
    found = shown("x\n", "".join(f"{number}\n" for number in range(added))) or []
    assert (found[0], found[-1], len(found)) == ('- value → "x"', last, min(added + 1, 31))


def test_lines_of_a_text_that_hold_what_is_made_anew_have_another_value() -> None:
    old, new = "[a]\nb = ${key.id}\nc = ${other.id}\n", "[a]\nd = 1\nb = ${key.id}\nc = ${other.id}\n"
    assert shown(old, new, "key") == ['+ value → "d = 1"', '! value → another value of "b = ${key.id}"']


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"a": 1, "b": 2.5, "c": True, "d": "x"}, ["+ value → it 1 2.5 True x"]),
        (
            {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5},
            [f"+ value → it.{key}: {number}" for number, key in enumerate("abcde", 1)] + ['+ value → it.name: "it"'],
        ),
    ],
)
def test_item_of_a_list_is_one_line_up_to_four_members(members: dict[str, Any], expected: list[str]) -> None:
    assert shown("[]", json.dumps([{"name": "it", **members}])) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("é", '"é"'),
        ("x" * 158, f'"{"x" * 158}"'),
        ("x" * 159, f'"{"x" * 159}… (1 character more)'),
        ("x" * 168, f'"{"x" * 159}… (10 characters more)'),
        (Secret(frozenset({"swordfish"})), "[secret]"),
        (Unknown("${net.id}"), "${net.id}"),
        ({"a": [1, None]}, '{"a": [1, null]}'),
    ],
)
def test_value_is_one_line_of_bounded_length(value: Any, expected: str) -> None:
    assert value_text(value) == expected


@pytest.mark.parametrize(("count", "last"), [(40, "+ line 39"), (41, "! 1 line more"), (50, "! 10 lines more")])
def test_forty_lines_of_a_resource_are_shown_and_the_others_counted(count: int, last: str) -> None:
    found = shortened([Line(Sign.NEW, f"line {number}") for number in range(count)])
    assert (found[0], found[39], found[-1], len(found)) == ("+ line 0", "+ line 39", last, min(count, 41))


def test_named_items_of_an_input_are_matched_by_their_names() -> None:
    def program(**parameters: str) -> None:
        settings = [
            aws.rds.ClusterParameterGroupParameterArgs(name=name, value=parameters[name]) for name in parameters
        ]
        aws.rds.ClusterParameterGroup("group", family="aurora-mysql8.0", parameters=settings)

    found = assess(compared(lambda: program(b="1", c="1"), lambda: program(a="1", b="2", c="1")))
    (one,) = found.changes
    assert [f"{line.sign} {line.text}" for line in lines(one)] == [
        "+ parameters → a 1",
        '- parameters → b.value: "1"',
        '+ parameters → b.value: "2"',
    ]


def test_short_texts_have_no_structure() -> None:
    assert shown("a", "b") is None
    assert shown("{broken", "{}") is None
