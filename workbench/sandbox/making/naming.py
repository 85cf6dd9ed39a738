"""Physical names of resources that the program leaves unnamed, as Pulumi's provider makes them."""

import secrets
from typing import Any

from workbench.sandbox.errors import NameTooLongError
from workbench.sandbox.making.table import AutoName

_SUFFIX_LENGTH = 7
_PREFIXED_SUFFIX_LENGTH = 26
"""The length of the unique part that the provider puts behind a ``namePrefix``."""


def fill_in_name(inputs: dict[str, Any], rule: AutoName, *, logical_name: str) -> None:
    """Put the physical name into ``inputs`` unless it is there, and take the prefix out.

    Raises:
        NameTooLongError: when the logical name leaves no room for the suffix; the provider refuses it as well.
    """
    prefix: str | None = inputs.pop(rule.prefix_property, None) if rule.prefix_property else None
    if inputs.get(rule.property):
        return
    if prefix is not None:
        name = f"{prefix}{secrets.token_hex(_PREFIXED_SUFFIX_LENGTH // 2)}"[: rule.limit]
    else:
        name = f"{logical_name}-{secrets.token_hex(_SUFFIX_LENGTH)[:_SUFFIX_LENGTH]}"
        if len(name) > rule.limit:
            raise NameTooLongError(logical_name, rule.limit)
    inputs[rule.property] = name.lower() if rule.lower else name
