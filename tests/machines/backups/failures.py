"""What goes wrong with a dump, and what the host says and leaves then."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MANIFEST, DUMP = "daily/shop-prod-….dump.manifest.json", "daily/shop-prod-….dump"
MONTHLY = ["monthly/shop-prod-….dump", "monthly/shop-prod-….dump.manifest.json"]
DENIED = "upload failed: An error occurred (AccessDenied) when calling the PutObject operation: Access Denied"

INTO_THE_COPY = 'PGDATABASE=postgres "${real%/*}/psql" --quiet --command'
"""What pg_restore's wrapper does to the copy after the real one."""

DAMAGE = 'printf damage | dd of="$file" bs=1 seek=$(($(stat --format=%s "$file") - 800)) conv=notrunc status=none'


@dataclass(frozen=True, kw_only=True)
class Failure:
    """What goes wrong, what the run says of it, and what is under a final name then."""

    told: tuple[int, str, str, str]
    kept: list[str] = field(default_factory=list[str])
    before: Mapping[str, str] = field(default_factory=dict[str, str])
    refuse: str = ""
    secret: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    arguments: tuple[str, ...] = ()


def dump_to(commands: str) -> str:
    """Return commands in pg_dump's place, which find the dump's path in ``$file``; which asks for no version."""
    find = "for each; do [[ $each = --file=* ]] && file=${each#--file=}; done"
    return f'[ "$1" = --version ] && exec "$real" "$@"\n{find}\n{commands}'


def _after_restore(sql: str) -> str:
    return f'"$real" "$@" || exit\n[[ $* = *--dbname* ]] && {INTO_THE_COPY} "{sql}"\nexit 0'


FAILURES = {
    "pg_dump is killed": Failure(
        before={"pg_dump": dump_to('printf half >"$file"; kill -KILL $$')},
        told=(1, "failed", "dump", "pg_dump was killed by SIGKILL"),
    ),
    "pg_dump loses its connection": Failure(
        before={"pg_dump": dump_to('echo "pg_dump: error: server closed the connection unexpectedly" >&2; exit 1')},
        told=(1, "failed", "dump", "pg_dump: error: server closed the connection unexpectedly"),
    ),
    "empty file and no error": Failure(
        before={"pg_dump": dump_to(': >"$file"')},
        told=(1, "failed", "check", "the dump has 0 bytes; no whole one has fewer than 1024"),
    ),
    "no file and no error": Failure(
        before={"pg_dump": dump_to("exit 0")},
        told=(1, "failed", "check", "the dump has 0 bytes; no whole one has fewer than 1024"),
    ),
    "file that is no dump": Failure(
        before={"pg_dump": dump_to('head --bytes=4096 /dev/zero >"$file"')},
        told=(1, "failed", "check", "pg_restore: error: input file does not appear to be a valid archive"),
    ),
    "schema without rows": Failure(
        before={"pg_dump": dump_to('exec "$real" "$@" --schema-only')},
        told=(1, "failed", "check", "the dump holds no table's rows"),
    ),
    "half a dump": Failure(
        before={"pg_dump": dump_to('"$real" "$@" && truncate --size=-5000 "$file"')},
        told=(1, "failed", "check", "pg_restore: error: could not read from input file: end of file"),
    ),
    "dump that is damaged": Failure(
        before={"pg_dump": dump_to(f'"$real" "$@" && {DAMAGE}')},
        told=(1, "failed", "restore", "pg_restore: error: could not uncompress data: incorrect data check"),
    ),
    "one table is not dumped": Failure(
        before={"pg_dump": dump_to('exec "$real" "$@" --exclude-table-data=billing.invoices')},
        told=(1, "failed", "compare", "the restored copy differs: rows: billing.invoices has 0 instead of 300"),
    ),
    "older pg_dump": Failure(
        settings={"programs": "/usr/lib/postgresql/15/bin"},
        told=(2, "refused", "connect", "pg_dump is of version 15, the server of 16: it can't dump a newer one"),
    ),
    "older pg_dump that says it is newer": Failure(
        before={"pg_dump": dump_to('exec /usr/lib/postgresql/15/bin/pg_dump "$@"')},
        told=(1, "failed", "dump", "pg_dump: error: aborting because of server version mismatch"),
    ),
    "no PostgreSQL": Failure(
        settings={"programs": "/nowhere"},
        told=(1, "failed", "connect", "/nowhere/psql is not installed"),
    ),
    "scratch server does not start": Failure(
        before={"postgres": '[ "$1" = --version ] && exec "$real" "$@"\necho "FATAL:  no memory" >&2; exit 1'},
        told=(1, "failed", "restore", "postgres: FATAL:  no memory"),
    ),
    "table gone after the restoration": Failure(
        before={"pg_restore": _after_restore("DROP TABLE visits_2026")},
        told=(
            *(1, "failed", "compare"),
            "the restored copy differs: missing: column public.visits_2026.day date not null; "
            "missing: column public.visits_2026.page text; missing: table public.visits_2026",
        ),
    ),
    "rows gone after the restoration": Failure(
        before={"pg_restore": _after_restore("DELETE FROM billing.invoices WHERE id > 290")},
        told=(1, "failed", "compare", "the restored copy differs: rows: billing.invoices has 290 instead of 300"),
    ),
    "sequence set back": Failure(
        before={"pg_restore": _after_restore("SELECT setval('customers_id_seq', 1)")},
        told=(
            *(1, "failed", "compare"),
            "the restored copy differs: sequences: public.customers_id_seq stands at 1 instead of 500",
        ),
    ),
    "another newest migration": Failure(
        before={"pg_restore": _after_restore("UPDATE _prisma_migrations SET rolled_back_at = now() WHERE id = '2'")},
        told=(
            *(1, "failed", "compare"),
            "the restored copy differs: newest migration: 20261101120000_init instead of 20261115120000_invoices",
        ),
    ),
    "S3 refuses everything": Failure(
        refuse=f"s3 cp => {DENIED}", told=(1, "failed", "upload", f"aws: {DENIED}")
    ),
    "S3 refuses the dump": Failure(
        # The manifest stands alone: no backup without its dump.
        refuse=f".dump --only => {DENIED}",
        kept=[MANIFEST],
        told=(1, "failed", "upload", f"aws: {DENIED}"),
    ),
    "S3 refuses what is kept for longer": Failure(
        refuse=f"/monthly/ => {DENIED}", kept=[DUMP, MANIFEST], told=(1, "failed", "monthly", f"aws: {DENIED}")
    ),
    "no right to the secret": Failure(
        refuse="get-secret-value => An error occurred (AccessDeniedException) when calling GetSecretValue",
        told=(1, "failed", "connect", "aws: An error occurred (AccessDeniedException) when calling GetSecretValue"),
    ),
    "secret without a password": Failure(
        secret='{"DB_HOST": "127.0.0.1", "DB_PORT": "1", "DB_USER": "shop", "DB_NAME": "shop"}',
        told=(1, "failed", "connect", "the secret shop/database has no DB_PASSWORD"),
    ),
    "secret that is a text": Failure(
        secret="postgresql://shop:pa@db/shop",
        told=(1, "failed", "connect", "the secret shop/database is not a JSON object"),
    ),
    "another environment": Failure(
        arguments=("--environment", "staging"),
        told=(2, "refused", "", "this host is of production, not of staging"),
    ),
}  # fmt: skip
