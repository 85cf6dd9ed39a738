"""The difference between two versions of inputs, as Pulumi's property paths."""

from typing import Any

import pytest

from workbench.providers.changes import Kind, changes, parsed, with_ignored


def found(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Kind]:
    return {change.property_path: change.kind for change in changes(old, new)}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"a": 1, "b": {"c": [1, {"d": 2}]}}, {"a": 1, "b": {"c": [1, {"d": 2}]}}, {}),
        ({"a": 1, "b": 1}, {"b": 2, "c": 3}, {"a": Kind.REMOVED, "b": Kind.CHANGED, "c": Kind.ADDED}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, {"a.c": Kind.CHANGED}),
        ({"a": [1, 2, 3]}, {"a": [1, 4]}, {"a[1]": Kind.CHANGED, "a[2]": Kind.REMOVED}),
        ({"a": []}, {"a": [{"b": 1}]}, {"a[0].b": Kind.ADDED}),
        ({}, {"a": {"b": [{"c": 1}], "d": {}}}, {"a.b[0].c": Kind.ADDED, "a.d": Kind.ADDED}),
        ({"a": [1, 2]}, {"a": [3]}, {"a[0]": Kind.CHANGED, "a[1]": Kind.REMOVED}),
        ({"a": "later"}, {"a": {"b": 1}}, {"a": Kind.CHANGED, "a.b": Kind.ADDED}),
        ({"a": "later"}, {"a": []}, {"a": Kind.CHANGED}),
        ({"a": {"b": 1}}, {"a": "later"}, {"a": Kind.CHANGED, "a.b": Kind.REMOVED}),
        ({"tags": {"a.b": "1"}}, {"tags": {'a"b': "1"}}, {'tags["a.b"]': Kind.REMOVED, 'tags["a\\"b"]': Kind.ADDED}),
    ],
)
def test_every_scalar_that_differs_is_found_where_it_stands(
    old: dict[str, Any], new: dict[str, Any], expected: dict[str, Kind]
) -> None:
    assert found(old, new) == expected


def test_a_pattern_leaves_positions_out() -> None:
    (change,) = changes({"rules": [{"ids": ["a"]}]}, {"rules": [{"ids": ["b"]}]})
    assert (change.top, change.pattern, change.path) == ("rules", "rules[].ids[]", ("rules", 0, "ids", 0))


def test_property_paths_are_read_as_they_are_written() -> None:
    assert parsed('a.b[0][*]["c.d"].e') == ("a", "b", 0, "*", "c.d", "e")
    assert parsed('tags["a\\"b"]') == ("tags", 'a"b')


@pytest.mark.parametrize(
    ("old", "new", "ignored", "expected"),
    [
        ({"a": 1, "b": 1}, {"a": 2, "b": 2}, ["a"], {"a": 1, "b": 2}),
        ({"a": 1}, {"a": 2}, [], {"a": 2}),
        ({"a": 1}, {}, ["a"], {"a": 1}),
        ({}, {"a": 1, "b": 2}, ["a"], {"b": 2}),
        ({"a": {"b": 1, "c": 1}}, {"a": {"b": 2, "c": 2}}, ["a.b"], {"a": {"b": 1, "c": 2}}),
        ({"a": [{"b": 1}, {"b": 1}]}, {"a": [{"b": 2}, {"b": 2}]}, ["a[1].b"], {"a": [{"b": 2}, {"b": 1}]}),
        ({"a": [{"b": 1}, {"b": 1}]}, {"a": [{"b": 2}, {"b": 2}]}, ["a[*].b"], {"a": [{"b": 1}, {"b": 1}]}),
        ({"a": [1]}, {"a": [2, 3]}, ["a[0]"], {"a": [2, 3]}),
        ({"a": [1]}, {"a": [2, 3]}, ["a"], {"a": [1]}),
        ({"a": 1, "b": 1}, {"a": 2}, ["*"], {"a": 1, "b": 1}),
        # Another length is ignored as a whole or not at all, whichever is longer.
        ({"a": [1, 1]}, {"a": [2]}, ["a[0]"], {"a": [2]}),
        ({"a": [1, 1]}, {"a": [2, 2]}, ["a[0]"], {"a": [1, 2]}),
        ({"a": [[1], [1]]}, {"a": [[2], [2]]}, ["a[*][0]"], {"a": [[1], [1]]}),
        ({"a": {"b": 1}}, {"a": [1]}, ["a.b"], {"a": [1]}),
        ({"a": [1]}, {"a": {"b": 1}}, ["a[0]"], {"a": {"b": 1}}),
        ({"a": {"b": 1}}, {"a": {}}, ["a.b"], {"a": {"b": 1}}),
    ],
)
def test_what_is_ignored_stays_as_it_was(
    old: dict[str, Any], new: dict[str, Any], ignored: list[str], expected: dict[str, Any]
) -> None:
    assert with_ignored(old, new, ignored) == expected
