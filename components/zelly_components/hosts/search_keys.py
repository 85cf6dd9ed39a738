"""API keys of Meilisearch for services, as pure functions: each follows from its id and the master key."""

import hashlib
import hmac
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

DOCUMENTS = "documents"
SEARCH = "search"


@dataclass(frozen=True, kw_only=True)
class SearchKey:
    """A key, and what it may do with which indexes."""

    uid: str
    name: str
    description: str
    actions: Sequence[str]
    indexes: Sequence[str]

    @property
    def document(self) -> dict[str, Any]:
        """Return what Meilisearch makes it of ("Create a key", its API reference)."""
        return {
            "uid": self.uid,
            "name": self.name,
            "description": self.description,
            "actions": list(self.actions),
            "indexes": list(self.indexes),
        }


def search_keys(host_name: str) -> tuple[SearchKey, ...]:
    """Return the keys that services get: one to search, and one to write documents, settings and indexes.

    Neither may make keys, dumps or snapshots, or cancel tasks.
    """
    return (
        SearchKey(
            uid=_uid(host_name, SEARCH),
            name=SEARCH,
            description="Services that search",
            actions=("search",),
            indexes=("*",),
        ),
        SearchKey(
            uid=_uid(host_name, DOCUMENTS),
            name=DOCUMENTS,
            description="Services that write what is searched",
            actions=("documents.*", "indexes.*", "search", "settings.*", "stats.get", "tasks.get", "version"),
            indexes=("*",),
        ),
    )


def api_key(master_key: str, key: SearchKey) -> str:
    """Return a key's value: HMAC-SHA256 of its id under the master key, in hexadecimal.

    (``generate_key_as_hexa`` in meilisearch/meilisearch, ``crates/meilisearch-auth/src/store.rs``: the id is hyphenated
    "allowing user to generate their own keys".)
    """
    return hmac.new(master_key.encode(), key.uid.encode(), hashlib.sha256).hexdigest()


def _uid(host_name: str, name: str) -> str:
    # No secret: what it takes to know a key is the master key. In the form of a random one, which the API asks for.
    digest = hashlib.sha256(f"{host_name} {name}".encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))
