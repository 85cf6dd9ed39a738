"""Secret values as they travel between the SDK and a backend: found, unwrapped, wrapped again, masked."""

from typing import Any

from pulumi.runtime import rpc

MASK = "[secret]"
"""What stands in a record where a secret was."""


def unwrap(value: Any) -> Any:
    """Return ``value`` with every secret replaced by its plain text, and whole numbers as integers.

    The SDK's protocol knows one number type, so that a port arrives as ``3306.0``.
    """
    if rpc.is_rpc_secret(value):
        return unwrap(value["value"])
    if isinstance(value, dict):
        return {key: unwrap(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list):
        return [unwrap(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def mask(value: Any) -> Any:
    """Return ``value`` with every secret replaced by :data:`MASK`, and whole numbers as integers."""
    if rpc.is_rpc_secret(value):
        return MASK
    if isinstance(value, dict):
        return {key: mask(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list):
        return [mask(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    return unwrap(value)


def wrap(value: Any) -> Any:
    """Return ``value`` marked as secret, as the SDK expects it in a resource's outputs."""
    return rpc.wrap_rpc_secret(value)


def holds_secret(value: Any) -> bool:
    """Tell whether a secret stands anywhere in ``value``."""
    if rpc.is_rpc_secret(value):
        return True
    if isinstance(value, dict):
        return any(holds_secret(item) for item in value.values())  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list):
        return any(holds_secret(item) for item in value)  # pyright: ignore[reportUnknownVariableType]
    return False
