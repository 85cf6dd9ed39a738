"""Both sides of each border of the config; bad_stack_files.yaml has what is far from it, and the lines in full."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.zelly_infra.config.test_bad_stack_files import refusal
from tests.zelly_infra.stack_files import steady, with_changes

BORDERS: list[dict[str, Any]] = YAML(typ="safe", pure=True).load(  # pyright: ignore[reportUnknownMemberType]
    Path(__file__).with_name("config_borders.yaml")
)
PRODUCTION = steady("production")


def _refused_at(border: dict[str, Any], value: Any) -> list[str]:
    """Return the places that are refused, as paths."""
    changes = {**border.get("with", {}), border["path"]: value}
    lines = refusal(json.dumps(with_changes(deepcopy(PRODUCTION), changes)))
    return [line.split(": ")[1].removeprefix("zelly:env.").replace(".", "/") for line in lines]


def _cases(side: str) -> list[Any]:
    return [pytest.param(border, value, id=f"{border['path']}={value}") for border in BORDERS for value in border[side]]


@pytest.mark.parametrize(("border", "value"), _cases("taken"))
def test_what_lies_on_this_side_is_taken(border: dict[str, Any], value: Any) -> None:
    assert _refused_at(border, value) == []


@pytest.mark.parametrize(("border", "value"), _cases("refused"))
def test_what_lies_on_the_other_side_is_refused(border: dict[str, Any], value: Any) -> None:
    assert _refused_at(border, value) == [border["path"]]
