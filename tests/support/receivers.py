"""Slack, Monday and Sentry on this machine's loopback interface, as far as notifications reach them.

Each checks who calls and what is sent, and keeps what it was told; what it objects to, the test that asks sees.
"""

import json
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Literal

import graphql
from pydantic import BaseModel, ConfigDict, Field

from tests.support.servers import LOOPBACK

TOKEN = "a-token-that-nobody-may-see"
WEBHOOK_PATH = "/services/T0000/B0000/a-webhook-that-nobody-may-see"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Text(_Strict):
    type: Literal["mrkdwn", "plain_text"]
    text: str = Field(min_length=1, max_length=3000)


class _Section(_Strict):
    type: Literal["section"]
    block_id: str = Field(min_length=1, max_length=255)
    text: _Text


class _Context(_Strict):
    type: Literal["context"]
    elements: list[_Text] = Field(min_length=1, max_length=10)


class SlackMessage(_Strict):
    """A message with blocks ("Block Kit", Slack's reference: their kinds, members and lengths)."""

    text: str = Field(min_length=1)
    blocks: list[_Section | _Context] = Field(min_length=1, max_length=50)


class SentryRelease(_Strict):
    """ "Create a New Release for an Organization", Sentry's API."""

    version: str = Field(pattern=r"^[^\n\t/\\]{1,250}$")
    projects: list[str] = Field(min_length=1)


class SentryDeploy(_Strict):
    """ "Create a Deploy", Sentry's API: the name has 64 characters at most."""

    environment: str = Field(min_length=1, max_length=64)
    name: str = Field(min_length=1, max_length=64)
    url: str


@dataclass
class Trouble:
    """What goes wrong with a request: an answer in the place of the receiver's, or none."""

    status: int | None = None
    """None: the request is carried out, and its answer is lost."""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: str = ""


@dataclass(kw_only=True)
class Service:
    """A receiver; what it was told, and with what it answers."""

    troubles: list[Trouble | None] = field(default_factory=list[Trouble | None])
    """Of the next requests, one each."""
    requests: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    objections: list[str] = field(default_factory=list[str])
    url: str = ""

    @property
    def values(self) -> dict[str, str]:
        """The values of the secret by which it is told."""
        raise NotImplementedError

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: Any) -> tuple[int, Any]:
        """Return a status and a JSON value, or a text."""
        raise NotImplementedError


@dataclass(kw_only=True)
class Slack(Service):
    """An incoming webhook: whoever knows its address may post."""

    messages: list[SlackMessage] = field(default_factory=list[SlackMessage])

    @property
    def values(self) -> dict[str, str]:
        return {"SLACK_WEBHOOK_URL": f"{self.url}{WEBHOOK_PATH}"}

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: Any) -> tuple[int, Any]:
        del headers
        if (method, path) != ("POST", WEBHOOK_PATH):
            return 404, "no_service"
        self.messages.append(SlackMessage.model_validate(body))
        return 200, "ok"


_BOARD = graphql.build_schema("""
scalar JSON
type Item { id: ID!  name: String! }
type Page { cursor: String  items: [Item!]! }
input ItemsPageByColumnValuesQuery { column_id: String!  column_values: [String]! }
type Query {
  items_page_by_column_values (board_id: ID!, columns: [ItemsPageByColumnValuesQuery!], limit: Int! = 25): Page!
}
type Mutation {
  create_item (board_id: ID!, item_name: String!, column_values: JSON, create_labels_if_missing: Boolean): Item
  change_multiple_column_values (
    board_id: ID!, item_id: ID, column_values: JSON!, create_labels_if_missing: Boolean
  ): Item
}
""")
"""The calls that are used, with their arguments as monday's API reference has them."""


@dataclass(kw_only=True)
class Monday(Service):
    """A board, which executes what it is asked in GraphQL."""

    items: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    """Names and column values, by id."""

    @property
    def values(self) -> dict[str, str]:
        return {
            "MONDAY_TOKEN": TOKEN,
            "MONDAY_BOARD": "1234567890",
            "MONDAY_RELEASE_COLUMN": "text_release",
            "MONDAY_STATUS_COLUMN": "status_qa",
            "MONDAY_URL": self.url,
        }

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: Any) -> tuple[int, Any]:
        if headers.get("Authorization") != TOKEN:
            return 401, {"errors": [{"message": "Not Authenticated"}]}
        assert (method, path, headers["Content-Type"]) == ("POST", "/", "application/json")
        done = graphql.graphql_sync(  # pyright: ignore[reportUnknownMemberType]
            _BOARD, body["query"], root_value=self, variable_values=body["variables"]
        )
        return 200, done.formatted

    def items_page_by_column_values(
        self, _info: Any, board_id: str, columns: list[dict[str, Any]], limit: int
    ) -> dict[str, Any]:
        found = [
            {"id": number, "name": item["name"]}
            for number, item in self.items.items()
            if all(item.get(column["column_id"]) in column["column_values"] for column in columns)
        ]
        return {"cursor": None, "items": found[:limit] if board_id == self.values["MONDAY_BOARD"] else []}

    def create_item(self, _info: Any, item_name: str, column_values: str, **_: Any) -> dict[str, Any]:
        number = str(len(self.items) + 1)
        self.items[number] = {"name": item_name, **json.loads(column_values)}
        return {"id": number, "name": item_name}

    def change_multiple_column_values(self, _info: Any, item_id: str, column_values: str, **_: Any) -> dict[str, Any]:
        self.items[item_id] |= json.loads(column_values)
        return {"id": item_id, "name": self.items[item_id]["name"]}


@dataclass(kw_only=True)
class Sentry(Service):
    """An organisation's releases, with their deploys."""

    releases: dict[str, list[SentryDeploy]] = field(default_factory=dict[str, list[SentryDeploy]])
    projects: list[str] = field(default_factory=list[str])

    @property
    def values(self) -> dict[str, str]:
        return {"SENTRY_AUTH_TOKEN": TOKEN, "SENTRY_ORG": "shop", "SENTRY_PROJECT": "api, web", "SENTRY_URL": self.url}

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: Any) -> tuple[int, Any]:
        if headers.get("Authorization") != f"Bearer {TOKEN}":
            return 401, {"detail": "Invalid token"}
        releases = "/api/0/organizations/shop/releases/"
        if (method, path) == ("POST", releases):
            made = SentryRelease.model_validate(body)
            self.projects = made.projects
            is_there = made.version in self.releases
            self.releases.setdefault(made.version, [])
            return 208 if is_there else 201, {"version": made.version}
        version = path.removeprefix(releases).removesuffix("/deploys/")
        if version not in self.releases:
            return 404, {"detail": "The requested resource does not exist"}
        if method == "POST":
            self.releases[version].append(SentryDeploy.model_validate(body))
        return 200, [each.model_dump() for each in self.releases[version]]


@contextmanager
def received_by(service: Service) -> Generator[None]:
    """Let a receiver listen for the length of the block.

    Raises:
        AssertionError: at the end, when it objected to something.
    """
    server = ThreadingHTTPServer((LOOPBACK, 0), _handler(service))
    service.url = f"http://{LOOPBACK}:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert service.objections == []


def _handler(service: Service) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _handle(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = "/" if self.path == "" else self.path
            service.requests.append((self.command, path))
            trouble = service.troubles.pop(0) if service.troubles else None
            if trouble is not None and trouble.status is not None:
                self._send(trouble.status, trouble.body, trouble.headers)
                return
            try:
                status, answer = service.answer(
                    self.command, path, dict(self.headers.items()), json.loads(content) if content else None
                )
            except Exception as error:
                service.objections.append(repr(error))
                status, answer = 400, "invalid_payload"
            if trouble is None:
                self._send(status, answer if isinstance(answer, str) else json.dumps(answer), {})

        do_GET = do_POST = _handle  # noqa: N815 (as http.server calls them)

        def _send(self, status: int, text: str, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(text.encode()))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *_: Any) -> None:  # noqa: A002 (as http.server calls it)
            """Say nothing."""

    return Handler
