"""Secret values as they travel between the SDK and a backend: found, unwrapped, wrapped again, masked."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, cast

from pulumi.runtime import rpc

MASK = "[secret]"
"""Stands in a record in the place of a secret."""

_LONG_ENOUGH = 8
"""Characters from which a secret is also looked for inside of longer texts: "1" or "true" stands in many of them."""


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


def texts(value: Any) -> frozenset[str]:
    """Return the texts of every secret in ``value``."""
    return frozenset(_texts(value, hidden=False))


def hidden_texts(masked: Any, plain: Any) -> frozenset[str]:
    """Return the texts that stand in ``plain`` where ``masked`` has :data:`MASK`."""
    if masked == MASK:
        return frozenset(_texts(plain, hidden=True))
    pairs: Iterable[tuple[Any, Any]] = ()
    if isinstance(masked, dict):
        pairs = ((item, plain[key]) for key, item in cast("dict[str, Any]", masked).items())
    elif isinstance(masked, list):
        pairs = zip(cast("list[Any]", masked), plain, strict=True)
    return frozenset(text for pair in pairs for text in hidden_texts(*pair))


def repeats(value: Any, secrets: Collection[str]) -> bool:
    """Tell whether one of the secret texts stands anywhere in ``value``, also inside of a longer text."""
    return any(
        text == secret or (len(secret) >= _LONG_ENOUGH and secret in text)
        for text in _texts(value, hidden=True)
        for secret in secrets
    )


def without(text: str, secrets: Collection[str]) -> str:
    """Return ``text`` with :data:`MASK` in the place of each of the secret texts."""
    for secret in sorted(secrets, key=len, reverse=True):
        if text == secret or len(secret) >= _LONG_ENOUGH:
            text = text.replace(secret, MASK)
    return text


def hidden_outputs(properties: Mapping[str, Any], outputs: Mapping[str, Any]) -> set[str]:
    """Return which outputs are secret because a secret property comes back in them, under its own name or another's.

    An output that says what a plain property of the same name says is as plain as that.
    """
    secrets = texts(properties)
    return {
        name
        for name, value in outputs.items()
        if holds_secret(properties.get(name))
        or ((name not in properties or unwrap(properties[name]) != unwrap(value)) and repeats(value, secrets))
    }


def _texts(value: Any, *, hidden: bool) -> Iterator[str]:
    if rpc.is_rpc_secret(value):
        yield from _texts(value["value"], hidden=True)
    elif isinstance(value, dict):
        for item in cast("dict[str, Any]", value).values():
            yield from _texts(item, hidden=hidden)
    elif isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from _texts(item, hidden=hidden)
    elif hidden and isinstance(value, str) and value:
        yield value
