"""YAML for people: in the order in which it was put together, with comments where the why is needed."""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

_INDENT = 2
_WIDTH = 10_000
"""No line is broken: commands stay in one piece."""

_AMBIGUOUS = re.compile(r"no|yes|on|off|[\d.:]+")
"""Texts that are something else to older readers of YAML than to this one."""


@dataclass(frozen=True)
class Commented:
    """A member of a mapping, with the lines that stand above it."""

    value: Any
    comment: str


@dataclass(frozen=True)
class OneLine:
    """A mapping or a list that is written in one line."""

    value: Any


def yaml_text(document: Mapping[str, Any]) -> str:
    """Return a document as YAML 1.2. Texts that look like something else are quoted."""
    yaml: Any = YAML()
    yaml.indent(mapping=_INDENT, sequence=2 * _INDENT, offset=_INDENT)
    yaml.width = _WIDTH
    stream = io.StringIO()
    yaml.dump(_node(document, depth=0), stream)
    return stream.getvalue()


def _node(value: Any, *, depth: int) -> Any:
    if isinstance(value, CommentedMap):
        return cast(Any, value)  # It has an anchor: every later place refers to the first.
    if isinstance(value, OneLine):
        node = _node(value.value, depth=depth)
        node.fa.set_flow_style()
        return node
    if isinstance(value, Mapping):
        return _mapping(value, depth=depth)  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return CommentedSeq(_node(item, depth=depth + 1) for item in value)  # pyright: ignore[reportUnknownVariableType]
    return _scalar(value)


def _mapping(members: Mapping[str, Any], *, depth: int) -> CommentedMap:
    node = CommentedMap()
    for key, member in members.items():
        comment = member.comment if isinstance(member, Commented) else None
        node[key] = _node(member.value if isinstance(member, Commented) else member, depth=depth + 1)
        if comment is not None:
            node.yaml_set_comment_before_after_key(key, before=comment, indent=depth * _INDENT)  # pyright: ignore[reportUnknownMemberType]
    return node


def _scalar(value: Any) -> Any:
    return DoubleQuotedScalarString(value) if isinstance(value, str) and _AMBIGUOUS.fullmatch(value) else value
