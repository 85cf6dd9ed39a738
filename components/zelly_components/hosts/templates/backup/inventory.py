"""The inventory of a database, which tells whether a copy of it is whole: its objects, rows, sequences, migrations."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Callable

Ask = Callable[[str], str]
"""Takes SQL and returns the answer's lines, columns separated by tabs."""

_SHOWN = 5
"""The differences of one kind that are told by name."""

_OWN = """n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'"""

# What extensions own is made by CREATE EXTENSION, and differs with the extension's version.
_NO_EXTENSION = """NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = '{catalog}'::regclass
    AND d.objid = {oid} AND d.deptype = 'e')"""

_OBJECTS = f"""-- objects
SELECT CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
        WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table' WHEN 'c' THEN 'type' ELSE 'index' END
    || ' ' || format('%I.%I', n.nspname, c.relname) AS object
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {_OWN} AND c.relkind <> 't' AND {_NO_EXTENSION.format(catalog="pg_class", oid="c.oid")}
UNION ALL
SELECT format('column %I.%I.%I %s%s', n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
    CASE WHEN a.attnotnull THEN ' not null' ELSE '' END)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {_OWN} AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND a.attnum > 0 AND NOT a.attisdropped
    AND {_NO_EXTENSION.format(catalog="pg_class", oid="c.oid")}
UNION ALL
SELECT format('constraint %I on %I.%I', k.conname, n.nspname, c.relname)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {_OWN} AND k.contype <> 'n' AND {_NO_EXTENSION.format(catalog="pg_class", oid="c.oid")}
UNION ALL
SELECT format('trigger %I on %I.%I', t.tgname, n.nspname, c.relname)
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {_OWN} AND NOT t.tgisinternal
UNION ALL
SELECT format('policy %I on %I.%I', p.polname, n.nspname, c.relname)
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {_OWN}
UNION ALL
SELECT format('function %I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid))
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE {_OWN} AND {_NO_EXTENSION.format(catalog="pg_proc", oid="p.oid")}
UNION ALL
SELECT format('type %I.%I', n.nspname, t.typname)
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE {_OWN} AND t.typtype IN ('d', 'e', 'r') AND {_NO_EXTENSION.format(catalog="pg_type", oid="t.oid")}
UNION ALL
SELECT format('schema %I', n.nspname) FROM pg_namespace n WHERE {_OWN}
UNION ALL
SELECT format('extension %I', e.extname) FROM pg_extension e
ORDER BY 1;
"""  # noqa: S608 (of this program's own texts alone)

# Partitions are tables of their own: the table that they are parts of has no rows besides.
_COUNTS = f"""-- tables
SELECT format('SELECT %L, count(*) FROM ONLY %I.%I;', format('%I.%I', n.nspname, c.relname), n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {_OWN} AND c.relkind IN ('r', 'm') AND (c.relkind <> 'm' OR c.relispopulated)
    AND {_NO_EXTENSION.format(catalog="pg_class", oid="c.oid")}
ORDER BY 1;
"""  # noqa: S608

# A sequence that was not used yet stands before its first value. One that begins anew at its end has no order.
_SEQUENCES = f"""-- sequences
SELECT format('%I.%I', n.nspname, c.relname),
    coalesce(pg_sequence_last_value(c.oid), s.seqstart - s.seqincrement)
FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {_OWN} AND NOT s.seqcycle AND {_NO_EXTENSION.format(catalog="pg_class", oid="c.oid")}
ORDER BY 1;
"""  # noqa: S608

# Prisma's own record of migrations.
_MIGRATIONS = "SELECT to_regclass('public._prisma_migrations') IS NOT NULL;"
_NEWEST_MIGRATION = """-- newest migration
SELECT migration_name FROM public._prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL
ORDER BY finished_at DESC, migration_name DESC LIMIT 1;
"""


@dataclass(frozen=True)
class Inventory:
    """The contents of a database, by name and number."""

    objects: tuple[str, ...]
    rows: Mapping[str, int]
    """By table."""
    sequences: Mapping[str, int]
    """The last value of each."""
    newest_migration: str | None
    latest_sequences: Mapping[str, int] = field(default_factory=lambda: {})
    """The same some time later. Sequences take no part in transactions: a copy holds a value of that time."""

    def document(self) -> dict[str, Any]:
        """Return the inventory as a manifest holds it."""
        written = asdict(self)
        del written["latest_sequences"]
        return {**written, "objects": list(self.objects)}


def read_inventory(ask: Ask) -> Inventory:
    """Return the inventory of the database that is asked."""
    counts = "".join(ask(_COUNTS).splitlines())
    has_migrations = ask(_MIGRATIONS).strip() == "t"
    return Inventory(
        objects=tuple(sorted(ask(_OBJECTS).splitlines())),
        rows=_numbers(ask(counts)) if counts else {},
        sequences=read_sequences(ask),
        newest_migration=(ask(_NEWEST_MIGRATION).strip() or None) if has_migrations else None,
    )


def read_sequences(ask: Ask) -> Mapping[str, int]:
    """Return the last value of each sequence."""
    return _numbers(ask(_SEQUENCES))


def from_document(document: Mapping[str, Any]) -> Inventory:
    """Return the inventory that a manifest holds."""
    return Inventory(
        objects=tuple(document["objects"]),
        rows=document["rows"],
        sequences=document["sequences"],
        newest_migration=document["newest_migration"],
    )


def differences(expected: Inventory, found: Inventory) -> list[str]:
    """Return in what a copy differs from its original, one line each; none when it is whole."""
    return [
        *_listed("missing", sorted(set(expected.objects) - set(found.objects))),
        *_listed("not in the original", sorted(set(found.objects) - set(expected.objects))),
        *_listed(
            "rows",
            [
                f"{table} has {found.rows[table]} instead of {count}"
                for table, count in sorted(expected.rows.items())
                if found.rows.get(table, count) != count
            ],
        ),
        *_listed("sequences", sorted(_sequences(expected, found))),
        *(
            [f"newest migration: {found.newest_migration} instead of {expected.newest_migration}"]
            if found.newest_migration != expected.newest_migration
            else []
        ),
    ]


def _sequences(expected: Inventory, found: Inventory) -> list[str]:
    lines: list[str] = []
    for name, value in expected.sequences.items():
        later = expected.latest_sequences.get(name, value)
        copied = found.sequences.get(name)
        if copied is not None and not min(value, later) <= copied <= max(value, later):
            wanted = value if value == later else f"{min(value, later)} to {max(value, later)}"
            lines.append(f"{name} stands at {copied} instead of {wanted}")
    return lines


def _listed(kind: str, lines: list[str]) -> list[str]:
    shown = [f"{kind}: {line}" for line in lines[:_SHOWN]]
    return shown + ([f"{kind}: {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else [])


def _numbers(answer: str) -> dict[str, int]:
    rows = [line.rsplit("\t", 1) for line in answer.splitlines()]
    return {name: int(number) for name, number in rows}


def text(document: Mapping[str, Any]) -> str:
    """Return a document as it is kept: JSON with sorted keys."""
    return json.dumps(document, sort_keys=True, indent=1) + "\n"
