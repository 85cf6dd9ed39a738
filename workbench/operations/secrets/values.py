"""Faults of a secret's value, as a container would be given it."""

from collections.abc import Mapping
from typing import Any

_KINDS: Mapping[type, str] = {
    bool: "a boolean",
    int: "a number",
    float: "a number",
    dict: "an object",
    list: "a list",
    type(None): "null",
}
"""JSON's words for what is no text."""


def kind(value: object) -> str:
    """Return what a value is, without the value: text, or JSON's word for anything else."""
    return "text" if isinstance(value, str) else _KINDS.get(type(value), type(value).__name__)


def is_blank(value: object) -> bool:
    """Tell whether a value is an empty text, or white space alone."""
    return isinstance(value, str) and not value.strip()


def fault(values: Mapping[str, Any], key: str) -> str | None:
    """Return why a key cannot be given to a container, without its value; None when it can.

    ECS's agent takes the value through Go's ``%v``: the number 1000000 becomes ``1e+06``, an object ``map[…]``, null
    ``<nil>`` (aws/amazon-ecs-agent, ``asm.go``, ``GetSecretFromASMWithInput``). Only a text arrives as it was written.
    """
    if key not in values:
        return "missing"
    if is_blank(values[key]):
        return "empty"
    return None if isinstance(values[key], str) else f"not text but {kind(values[key])}"
