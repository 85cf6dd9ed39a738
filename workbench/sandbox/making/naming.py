"""Physical names of resources that the program leaves unnamed, as Pulumi's provider makes them."""

import hashlib
import secrets
from collections.abc import Mapping
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
        inputs[rule.property] = name.lower() if rule.lower else name
    else:
        inputs[rule.property] = auto_name(rule, logical_name=logical_name)


def auto_name(rule: AutoName, *, logical_name: str, seed: bytes = b"") -> str:
    """Return a name for a resource that has neither a name nor a prefix; of one seed comes one name.

    Raises:
        NameTooLongError: as :func:`fill_in_name`.
    """
    digits = hashlib.sha256(seed).hexdigest() if seed else secrets.token_hex(_SUFFIX_LENGTH)
    name = f"{logical_name}-{digits[:_SUFFIX_LENGTH]}"
    if len(name) > rule.limit:
        raise NameTooLongError(logical_name, rule.limit)
    return name.lower() if rule.lower else name


def is_named_by_the_provider(inputs: Mapping[str, Any], rule: AutoName) -> bool:
    """Tell whether a program gives neither a name nor the beginning of one."""
    return not inputs.get(rule.property) and not (rule.prefix_property and rule.prefix_property in inputs)
