"""The ledger's pages, in the server's memory: what the resource table made, by type, region and key."""

from collections.abc import Mapping
from typing import Any

from workbench.sandbox.server.state import kept


def answer(account_id: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Carry out one request: ``note`` an entry, ``forget`` or ``find`` one; without any of them return all."""
    entries = kept(account_id, "", "", "ledger")
    if "note" in asked:
        entries[_key(asked["note"])] = asked["note"]
        return {}
    if "forget" in asked:
        entries.pop(_key(asked["forget"]), None)
        return {}
    if "find" in asked:
        return {"entry": entries.get(_key(asked["find"]))}
    return {"entries": list(entries.values())}


def _key(entry: Mapping[str, Any]) -> str:
    return "\n".join((entry["type"], entry["region"], entry["key"]))
