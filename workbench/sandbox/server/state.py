"""What the sandbox remembers beyond moto: by account, region and service, never on moto's own objects.

Like moto's, it begins empty with the server's process, ends with it, and is forgotten on ``POST /moto-api/reset``.
"""

from typing import Any

_STORES: dict[tuple[str, str, str], dict[str, dict[str, Any]]] = {}


def kept(account_id: str, region: str, service: str, kind: str) -> dict[str, Any]:
    """Return what is remembered of one kind of thing, e.g. ``parameter groups``, by name, id or ARN."""
    return _STORES.setdefault((account_id, region, service), {}).setdefault(kind, {})


def reset() -> None:
    """Forget everything."""
    _STORES.clear()


def change(record: Any, **fields: Any) -> None:
    """Change fields that a record of moto's has.

    Raises:
        AttributeError: for a field that it has not, which moto would never read.
    """
    for name, value in fields.items():
        getattr(record, name)
        setattr(record, name, value)
