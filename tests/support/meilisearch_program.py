"""Meilisearch's stand-in as it runs: VERSION and FAULTS stand before this text (see ``meilisearch.py``)."""

import hashlib
import hmac
import json
import os
import ssl
import sys
import tarfile
import threading
import time
import urllib.parse
import uuid
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

VERSION: str = globals().get("VERSION", "1.7.6")
FAULTS: list[str] = globals().get("FAULTS", [])

DATABASE = Path(os.environ.get("MEILI_DB_PATH", "data.ms"))
DUMPS = Path(os.environ.get("MEILI_DUMP_DIR", "dumps"))
SNAPSHOTS = Path(os.environ.get("MEILI_SNAPSHOT_DIR", "snapshots"))
MASTER_KEY = os.environ.get("MEILI_MASTER_KEY", "")

GUIDE = "https://www.meilisearch.com/docs/learn/update_and_migration/updating"
VERBS = {"GET": "get", "POST": "create", "DELETE": "delete", "PATCH": "update"}
ACTIONS = {"POST documents": "documents.add", "POST fetch": "documents.get"}
"""What a request does, where it is not ``keys.create`` and the like."""


class ApiError(Exception):
    """An answer of another status than 2xx."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status = status
        self.body = {"message": message, "code": code, "type": "invalid_request", "link": f"https://docs#{code}"}


def at_once() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def fail(message: str) -> None:
    sys.exit(f"Error: {message}")


def parts(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


class Store:
    """The database: one JSON file and the version beside it."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.indexes: dict[str, dict[str, Any]] = {}
        self.keys: dict[str, dict[str, Any]] = {}
        self.tasks: list[dict[str, Any]] = []

    def document(self) -> dict[str, Any]:
        return {"indexes": self.indexes, "keys": self.keys, "tasks": self.tasks}

    def read(self, document: dict[str, Any]) -> None:
        self.indexes, self.keys, self.tasks = document["indexes"], document["keys"], document["tasks"]

    def write(self) -> None:
        staged = DATABASE / "store.staged"
        with staged.open("w") as file:
            json.dump(self.document(), file)
            file.flush()
            os.fsync(file.fileno())
        staged.replace(DATABASE / "store.json")

    def forget(self) -> None:
        index = next(iter(self.indexes.values()), None)
        if index and index["documents"]:
            index["documents"].popitem()


STORE = Store()


def open_database(import_dump: str | None) -> None:
    is_empty = not DATABASE.exists() or not any(DATABASE.iterdir())
    if import_dump is not None:
        if not is_empty:
            fail(f'database already exists at "{DATABASE}", try to delete it or rename it')
        if not Path(import_dump).exists():
            fail(f'dump doesn\'t exist at "{import_dump}"')
        take_dump(Path(import_dump))
    elif not is_empty:
        take_database()
    DATABASE.mkdir(parents=True, exist_ok=True)
    if is_empty and import_dump is None:
        default = new_key({"name": "Default Search API Key", "actions": ["search"], "indexes": ["*"]})
        STORE.keys = {default["uid"]: default}
    (DATABASE / "VERSION").write_text(VERSION)
    STORE.write()


def take_dump(dump: Path) -> None:
    # Long enough for somebody to write to the one that serves.
    time.sleep(1 if "slow-import" in FAULTS else 0)
    if "import-fails" in FAULTS:
        fail("the dump is corrupted")
    STORE.read(json.loads(dump.read_text()))
    if "forgets-a-document" in FAULTS:
        STORE.forget()


def take_database() -> None:
    present = (DATABASE / "VERSION").read_text().strip() if (DATABASE / "VERSION").exists() else None
    if present is None:
        fail(f"Meilisearch (v{VERSION}) failed to infer the version of the database.")
        return
    STORE.read(json.loads((DATABASE / "store.json").read_text()))
    if present == VERSION:
        return
    upgrades = [os.environ.get("MEILI_UPGRADE_DB"), os.environ.get("MEILI_EXPERIMENTAL_DUMPLESS_UPGRADE")]
    if "true" not in upgrades or parts(VERSION) < (1, 13, 0):
        fail(
            f"Your database version ({present}) is incompatible with your current engine version ({VERSION}).\n"
            f"To migrate data between Meilisearch versions, please follow our guide on {GUIDE}."
        )
    if parts(present) > parts(VERSION):
        fail(f"Database version {present} is higher than the Meilisearch version {VERSION}. Downgrade is not supported")
    if parts(present) < (1, 12, 0):
        fail(f"Database version {present} is too old to be upgraded automatically.")
    if "forgets-a-document" in FAULTS:
        STORE.forget()
    failed = "upgrade-fails" in FAULTS
    error = {"message": "corrupted database", "code": "internal", "type": "internal", "link": ""} if failed else None
    add_task("upgradeDatabase", None, status="failed" if failed else "succeeded", error=error)


def new_key(body: dict[str, Any]) -> dict[str, Any]:
    return {
        "uid": body.get("uid") or str(uuid.uuid4()),
        "name": body.get("name"),
        "description": body.get("description"),
        "actions": body["actions"],
        "indexes": body["indexes"],
        "expiresAt": body.get("expiresAt"),
        "createdAt": at_once(),
    }


def shown(key: dict[str, Any]) -> dict[str, Any]:
    """Return a key with its value, which is not stored: it follows from its id and the master key."""
    return {**key, "key": hmac.new(MASTER_KEY.encode(), key["uid"].encode(), hashlib.sha256).hexdigest()}


def add_task(kind: str, index: str | None, **more: Any) -> dict[str, Any]:
    task = {
        "uid": len(STORE.tasks),
        "indexUid": index,
        "status": "succeeded",
        "type": kind,
        "details": None,
        "error": None,
        "enqueuedAt": at_once(),
        "startedAt": at_once(),
        "finishedAt": at_once(),
        **more,
    }
    STORE.tasks.append(task)
    STORE.write()
    return {"taskUid": task["uid"], "indexUid": index, "status": "enqueued", "type": kind, "enqueuedAt": at_once()}


def refusal(message: str) -> dict[str, Any]:
    error = {"message": message, "code": "internal", "type": "internal", "link": ""}
    return {"status": "failed", "error": error}


# Routes: each takes the rest of the path, the query and the body, and returns a status and an answer.


def health(*_rest: object) -> tuple[int, Any]:
    return 200, {"status": "available"}


def version(*_rest: object) -> tuple[int, Any]:
    return 200, {"commitSha": "0" * 40, "commitDate": "2024-03-11", "pkgVersion": VERSION}


def stats(_rest: list[str], _query: dict[str, str], _body: Any) -> tuple[int, Any]:
    indexes: dict[str, Any] = {
        uid: {"numberOfDocuments": len(index["documents"]), "isIndexing": False, "fieldDistribution": {}}
        for uid, index in STORE.indexes.items()
    }
    return 200, {"databaseSize": 1, "lastUpdate": at_once(), "indexes": indexes}


def get_keys(_rest: list[str], _query: dict[str, str], _body: Any) -> tuple[int, Any]:
    results = [shown(key) for key in STORE.keys.values()]
    return 200, {"results": results, "offset": 0, "limit": 1000, "total": len(results)}


def post_keys(_rest: list[str], _query: dict[str, str], body: Any) -> tuple[int, Any]:
    if body.get("uid") in STORE.keys:
        raise ApiError(
            409, "api_key_already_exists", f"`uid` field value `{body['uid']}` is already an existing API key."
        )
    key = new_key(body)
    STORE.keys[key["uid"]] = key
    STORE.write()
    return 201, shown(key)


def delete_keys(rest: list[str], _query: dict[str, str], _body: Any) -> tuple[int, Any]:
    del STORE.keys[rest[0]]
    STORE.write()
    return 204, None


def get_tasks(rest: list[str], query: dict[str, str], _body: Any) -> tuple[int, Any]:
    if rest:
        return 200, STORE.tasks[int(rest[0])]
    results = [task for task in reversed(STORE.tasks) if is_asked_for(task, query)]
    return 200, {
        "results": results[: int(query.get("limit", 20))],
        "total": len(results),
        "limit": 20,
        "from": None,
        "next": None,
    }


def is_asked_for(task: dict[str, Any], query: dict[str, str]) -> bool:
    if "statuses" in query and task["status"] not in query["statuses"].split(","):
        return False
    if "types" in query and task["type"] not in query["types"].split(","):
        return False
    return "afterFinishedAt" not in query or task["finishedAt"] > query["afterFinishedAt"]


def post_dumps(_rest: list[str], _query: dict[str, str], _body: Any) -> tuple[int, Any]:
    if "dump-fails" in FAULTS:
        return 202, add_task("dumpCreation", None, **refusal("No space left on device"))
    DUMPS.mkdir(parents=True, exist_ok=True)
    uid = f"{datetime.now(UTC):%Y%m%d-%H%M%S%f}"
    text = "" if "empty-dump" in FAULTS else json.dumps(STORE.document())
    (DUMPS / f"{uid}.dump").write_text(text)
    return 202, add_task("dumpCreation", None, details={"dumpUid": uid})


def post_snapshots(_rest: list[str], _query: dict[str, str], _body: Any) -> tuple[int, Any]:
    if "snapshot-fails" in FAULTS:
        return 202, add_task("snapshotCreation", None, **refusal("No space left on device"))
    SNAPSHOTS.mkdir(parents=True, exist_ok=True)
    with tarfile.open(SNAPSHOTS / f"{DATABASE.name}.snapshot", "w:gz") as archive:
        for path in (DATABASE / "VERSION", DATABASE / "store.json"):
            archive.add(path, path.name)
    return 202, add_task("snapshotCreation", None)


def indexes(rest: list[str], query: dict[str, str], body: Any) -> tuple[int, Any]:
    index = STORE.indexes.get(rest[0])
    if index is None:
        raise ApiError(404, "index_not_found", f"Index `{rest[0]}` not found.")
    if rest[1:] == ["search"]:
        word = str((body or query).get("q", "")).lower()
        hits = [each for each in index["documents"].values() if word in json.dumps(each).lower()]
        return 200, {
            "hits": hits,
            "query": word,
            "processingTimeMs": 1,
            "limit": 20,
            "offset": 0,
            "estimatedTotalHits": len(hits),
        }
    if rest[1:] == ["stats"]:
        return 200, stats([], {}, None)[1]["indexes"][rest[0]]
    if rest[1:] == ["documents"]:
        documents = list(index["documents"].values())
        return 200, {"results": documents, "offset": 0, "limit": 20, "total": len(documents)}
    return 200, {"uid": rest[0], "primaryKey": index["primaryKey"], "createdAt": at_once(), "updatedAt": at_once()}


def post_indexes(rest: list[str], query: dict[str, str], body: Any) -> tuple[int, Any]:
    if rest[1:] == ["search"]:
        return indexes(rest, query, body)
    if rest[1:] == ["documents", "fetch"]:
        return indexes(rest[:2], query, body)
    if rest[1:] != ["documents"]:
        raise ApiError(404, "not_found", "/".join(rest))
    documents: list[dict[str, Any]] = cast(Any, body if isinstance(body, list) else [body])
    key = query.get("primaryKey") or "id"
    if any(key not in document for document in documents):
        return 202, add_task(
            "documentAdditionOrUpdate", rest[0], **refusal(f"Document doesn't have a `{key}` attribute")
        )
    index = STORE.indexes.setdefault(rest[0], {"primaryKey": key, "documents": {}})
    index["documents"].update({str(document[key]): document for document in documents})
    details = {"receivedDocuments": len(documents), "indexedDocuments": len(documents)}
    return 202, add_task("documentAdditionOrUpdate", rest[0], details=details)


ROUTES: dict[tuple[str, str], Any] = {
    ("GET", "health"): health,
    ("GET", "version"): version,
    ("GET", "stats"): stats,
    ("GET", "keys"): get_keys,
    ("POST", "keys"): post_keys,
    ("DELETE", "keys"): delete_keys,
    ("GET", "tasks"): get_tasks,
    ("POST", "dumps"): post_dumps,
    ("POST", "snapshots"): post_snapshots,
    ("GET", "indexes"): indexes,
    ("POST", "indexes"): post_indexes,
}


def check_key(method: str, segments: list[str], given: str | None) -> None:
    """Let in the master key, and keys for what they may do; /keys is the master key's alone, unless a key says so."""
    if segments == ["health"] or not MASTER_KEY:
        return
    if given is None:
        raise ApiError(
            401,
            "missing_authorization_header",
            "The Authorization header is missing. It must use the bearer authorization method.",
        )
    if given == MASTER_KEY:
        return
    named = segments[-1] if segments[0] == "indexes" and len(segments) > 2 else segments[0]
    action = ACTIONS.get(f"{method} {named}", named if named in {"search", "version"} else f"{named}.{VERBS[method]}")
    index = segments[1] if segments[0] == "indexes" and len(segments) > 1 else None
    for key in map(shown, STORE.keys.values()):
        if key["key"] == given and may(key, action, index):
            return
    raise ApiError(403, "invalid_api_key", "The provided API key is invalid.")


def may(key: dict[str, Any], action: str, index: str | None) -> bool:
    wanted = {"*", action, f"{action.split('.', maxsplit=1)[0]}.*"}
    return bool(wanted & set(key["actions"])) and (index is None or bool({"*", index} & set(key["indexes"])))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        split = urllib.parse.urlsplit(self.path)
        segments = [part for part in split.path.split("/") if part]
        query = dict(urllib.parse.parse_qsl(split.query))
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        given = (self.headers.get("Authorization") or "").removeprefix("Bearer ") or None
        with STORE.lock:
            try:
                check_key(self.command, segments, given)
                route = ROUTES.get((self.command, segments[0] if segments else ""))
                if route is None:
                    raise ApiError(404, "not_found", self.path)
                status, document = route(segments[1:], query, body)
            except ApiError as error:
                status, document = error.status, error.body
        content = b"" if document is None else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
        del format, args


def main() -> None:
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"meilisearch {VERSION}\n")
        return
    options = dict(zip(sys.argv[1::2], sys.argv[2::2], strict=True))
    if unknown := set(options) - {"--import-dump"}:
        sys.stderr.write(f"error: unexpected argument '{min(unknown)}' found\n")
        sys.exit(2)
    if os.environ.get("MEILI_ENV") == "production" and len(MASTER_KEY.encode()) < 16:
        fail("The master key must be at least 16 bytes in a production environment.")
    open_database(options.get("--import-dump"))
    host, _, port = os.environ.get("MEILI_HTTP_ADDR", "localhost:7700").rpartition(":")
    certificate = os.environ.get("MEILI_SSL_CERT_PATH")
    if "never-answers" in FAULTS or (certificate and "serving-never-answers" in FAULTS):
        time.sleep(3600)
    server = ThreadingHTTPServer((host, int(port)), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, os.environ["MEILI_SSL_KEY_PATH"])
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
