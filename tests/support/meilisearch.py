"""A stand-in for Meilisearch, which can be had nowhere offline: a program that is installed in its place.

It knows what hosts and tests ask of it, and answers as Meilisearch's API reference and the source of its launch say
(``crates/meilisearch/src/lib.rs``, ``crates/meilisearch-types/src/versioning.rs``): keys that follow from their ids and
the master key, tasks, snapshots, dumps, the refusal of another version's database, and the upgrade of one that is new
enough. It searches for a word, and that is all it knows of searching.

``program()`` returns it with a version of its own, and with the faults that a test asks for.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

FAULTS = (
    "dump-fails",
    "empty-dump",
    "forgets-a-document",
    "import-fails",
    "never-answers",
    "serving-never-answers",
    "slow-import",
    "snapshot-fails",
    "upgrade-fails",
)
"""``forgets-a-document``: an import or an upgrade loses one. ``never-answers``: it runs and does not listen, with
``serving-`` only where it has a certificate. ``slow-import``: an import takes a second longer."""


def program(version: str, faults: Sequence[str] = (), *, interpreter: str = sys.executable) -> bytes:
    """Return the program of a version."""
    if unknown := set(faults) - set(FAULTS):
        raise ValueError(f"faults: came {unknown}; allowed {FAULTS}")
    source = Path(__file__).with_name("meilisearch_program.py").read_text(encoding="utf-8")
    head = f"#!{interpreter}\nVERSION, FAULTS = {json.dumps(version)}, {json.dumps(list(faults))}\n"
    return (head + source).encode()
