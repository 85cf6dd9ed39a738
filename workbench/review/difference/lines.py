"""Lines of what changes, as every view of a difference shows them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from workbench.counting import counted
from workbench.review.difference.following import Unknown
from workbench.review.plan_document import Secret

_LONGEST_VALUE = 160
_MOST_LINES = 40
"""Of one resource: more of them are counted."""


class Sign(StrEnum):
    """The meaning of a line; GitHub colours these in a ``diff`` block."""

    OLD = "-"
    NEW = "+"
    NOTE = "!"


@dataclass(frozen=True)
class Line:
    """One line of what changes."""

    sign: Sign
    text: str


def shortened(found: Sequence[Line]) -> list[str]:
    """Return the lines of a resource as text; of many the first, and how many more there are."""
    texts = [f"{line.sign} {line.text}" for line in found]
    rest = len(texts) - _MOST_LINES
    return texts if rest <= 0 else [*texts[:_MOST_LINES], f"{Sign.NOTE} {counted(rest, 'line')} more"]


def value_text(value: Any) -> str:
    """Return a value as JSON, a secret as ``[secret]``, all of it on one line of bounded length."""
    is_symbol = isinstance(value, Secret | Unknown)
    text = f"{value}" if is_symbol else json.dumps(value, ensure_ascii=False, default=str)
    left_out = len(text) - _LONGEST_VALUE
    return text if left_out <= 0 else f"{text[:_LONGEST_VALUE]}… ({counted(left_out, 'character')} more)"
