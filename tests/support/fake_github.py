"""GitHub's REST API as the workflows use it: comments and issues of one repository, on the loopback interface."""

import json
import re
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlencode

from werkzeug import Request, Response
from werkzeug.serving import make_server

from tests.support.servers import LOOPBACK

REPOSITORY = "zelly-in/zelly-infra"
TOKEN = "a-token-of-this-run"
BOT = "github-actions[bot]"

_FIRST_ID = 101
_BODY_LIMIT = 65_536


@dataclass
class FakeGitHub:
    """What the repository has, and what was written to it. Ids and numbers count on from 101."""

    comments: dict[int, list[dict[str, Any]]] = field(default_factory=dict[int, list[dict[str, Any]]])
    """By number of the pull request or issue."""
    issues: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    branches: dict[str, str] = field(default_factory=dict[str, str])
    pull_requests: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    merged_by: dict[str, list[dict[str, Any]]] = field(default_factory=dict[str, list[dict[str, Any]]])
    """By commit, the pull requests that it belongs to."""
    ahead: dict[str, int] = field(default_factory=dict[str, int])
    """By ``base...head``, how many commits the head has that the base lacks."""
    written: list[tuple[str, str, Any]] = field(default_factory=list[tuple[str, str, Any]])
    """Method, path and document of everything that changes something, refused or not."""
    failures: list[int] = field(default_factory=list[int])
    """What the next requests are answered with instead."""
    refused_methods: set[str] = field(default_factory=set[str])
    """What is answered as if it were lost on its way."""
    url: str = ""
    _ids: int = _FIRST_ID

    def comment(self, number: int, body: str, *, by: str = BOT) -> dict[str, Any]:
        """Let there be a comment."""
        made = {"id": self._next(), "user": {"login": by}, "body": body}
        self.comments.setdefault(number, []).append(made)
        return made

    def issue(self, title: str, body: str | None, labels: list[str], *, by: str = BOT) -> dict[str, Any]:
        """Let there be an open issue."""
        made = {
            "number": self._next(),
            "user": {"login": by},
            "title": title,
            "body": body,
            "labels": [{"name": label} for label in labels],
            "state": "open",
        }
        self.issues.append(made)
        return made

    def _next(self) -> int:
        self._ids += 1
        return self._ids - 1

    def answer(self, method: str, path: str, query: Mapping[str, str], document: Any) -> tuple[int, Any]:
        """Return status and document; what GitHub has but no workflow uses is a 404."""
        prefix = f"/repos/{REPOSITORY}"
        for wanted, pattern, handle in _ROUTES:
            found = re.fullmatch(re.escape(prefix) + pattern, path)
            if wanted == method and found:
                return handle(self, found.groups(), query, document)
        return 404, {"message": "Not Found"}

    def list_comments(self, groups: tuple[str, ...], _query: Mapping[str, str], _document: Any) -> tuple[int, Any]:
        return 200, self.comments.get(int(groups[0]), [])

    def create_comment(self, groups: tuple[str, ...], _query: Mapping[str, str], document: Any) -> tuple[int, Any]:
        return _checked(document, {"body"}) or (201, self.comment(int(groups[0]), document["body"]))

    def change_comment(self, groups: tuple[str, ...], _query: Mapping[str, str], document: Any) -> tuple[int, Any]:
        everyone = [comment for comments in self.comments.values() for comment in comments]
        return _changed(everyone, "id", groups[0], document, {"body"})

    def list_issues(self, _groups: tuple[str, ...], query: Mapping[str, str], _document: Any) -> tuple[int, Any]:
        wanted = set(filter(None, query.get("labels", "").split(",")))
        return 200, [
            issue
            for issue in self.issues
            if issue["state"] == query.get("state", "open") and wanted <= {label["name"] for label in issue["labels"]}
        ]

    def create_issue(self, _groups: tuple[str, ...], _query: Mapping[str, str], document: Any) -> tuple[int, Any]:
        refused = _checked(document, {"title", "body", "labels"})
        return refused or (201, self.issue(document["title"], document["body"], document["labels"]))

    def change_issue(self, groups: tuple[str, ...], _query: Mapping[str, str], document: Any) -> tuple[int, Any]:
        return _changed(self.issues, "number", groups[0], document, {"body", "state", "state_reason"})

    def get_commit(self, groups: tuple[str, ...], _query: Mapping[str, str], _document: Any) -> tuple[int, Any]:
        if groups[0] not in self.branches:
            return 422, {"message": f"No commit found for SHA: {groups[0]}"}
        return 200, {"sha": self.branches[groups[0]]}

    def list_pull_requests_of(self, groups: tuple[str, ...], _query: Any, _document: Any) -> tuple[int, Any]:
        return 200, self.merged_by.get(groups[0], [])

    def list_pull_requests(self, _groups: tuple[str, ...], query: Mapping[str, str], _document: Any) -> tuple[int, Any]:
        owner = REPOSITORY.partition("/")[0]
        wanted = (query.get("state"), query.get("base"), query.get("head"))
        return 200, [
            one for one in self.pull_requests if (one["state"], one["base"], f"{owner}:{one['head']}") == wanted
        ]

    def create_pull_request(self, _groups: tuple[str, ...], _query: Any, document: Any) -> tuple[int, Any]:
        if refused := _checked(document, {"title", "head", "base", "body"}):
            return refused
        made = {"number": self._next(), "state": "open", **document}
        self.pull_requests.append(made)
        return 201, made

    def compare(self, groups: tuple[str, ...], _query: Any, _document: Any) -> tuple[int, Any]:
        if groups[0] not in self.ahead:
            return 404, {"message": "Not Found"}
        return 200, {"ahead_by": self.ahead[groups[0]]}


_Handler = Callable[[FakeGitHub, tuple[str, ...], Mapping[str, str], Any], tuple[int, Any]]
_ROUTES: tuple[tuple[str, str, _Handler], ...] = (
    ("GET", r"/issues/(\d+)/comments", FakeGitHub.list_comments),
    ("POST", r"/issues/(\d+)/comments", FakeGitHub.create_comment),
    ("PATCH", r"/issues/comments/(\d+)", FakeGitHub.change_comment),
    ("GET", r"/issues", FakeGitHub.list_issues),
    ("POST", r"/issues", FakeGitHub.create_issue),
    ("PATCH", r"/issues/(\d+)", FakeGitHub.change_issue),
    ("GET", r"/commits/([0-9a-f]{40})/pulls", FakeGitHub.list_pull_requests_of),
    ("GET", r"/commits/([\w./-]+)", FakeGitHub.get_commit),
    ("GET", r"/pulls", FakeGitHub.list_pull_requests),
    ("POST", r"/pulls", FakeGitHub.create_pull_request),
    ("GET", r"/compare/([\w./-]+\.\.\.[\w./-]+)", FakeGitHub.compare),
)


def _checked(document: Mapping[str, Any], allowed: set[str]) -> tuple[int, Any] | None:
    if not document or not set(document) <= allowed:
        return 422, {"message": f"Validation Failed: {sorted(document)}"}
    if len(document.get("body") or "") > _BODY_LIMIT:
        return 422, {"message": "body is too long (maximum is 65536 characters)"}
    return None


def _changed(
    found: list[dict[str, Any]], key: str, value: str, document: Mapping[str, Any], allowed: set[str]
) -> tuple[int, Any]:
    for one in found:
        if one[key] == int(value):
            refused = _checked(document, allowed)
            if refused is None:
                one.update(document)
            return refused or (200, one)
    return 404, {"message": "Not Found"}


@contextmanager
def fake_github() -> Generator[FakeGitHub]:
    """Run one until the block ends."""
    github = FakeGitHub()
    server = make_server(LOOPBACK, 0, Request.application(lambda request: _served(github, request)), threaded=True)
    github.url = f"http://{LOOPBACK}:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield github
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _served(github: FakeGitHub, request: Request) -> Response:
    query, document = request.args.to_dict(), json.loads(request.get_data() or b"null")
    if request.method != "GET":
        github.written.append((request.method, request.path, document))
    status, answer = _answer(github, request, query, document)
    response = Response(status=status, mimetype="application/json")
    if isinstance(answer, list):
        answer, following = _page(cast(list[Any], answer), query)
        if following is not None:
            response.headers["Link"] = f'<{github.url}{request.path}?{urlencode(following)}>; rel="next"'
    response.set_data(json.dumps(answer))
    return response


def _answer(github: FakeGitHub, request: Request, query: Mapping[str, str], document: Any) -> tuple[int, Any]:
    if github.failures:
        return github.failures.pop(0), {"message": "as the test wants"}
    if request.method in github.refused_methods:
        return 502, {"message": "lost"}
    if request.headers.get("Authorization") != f"Bearer {TOKEN}":
        return 401, {"message": "Bad credentials"}
    return github.answer(request.method, request.path, query, document)


def _page(items: list[Any], query: Mapping[str, str]) -> tuple[list[Any], Mapping[str, str] | None]:
    size, page = int(query.get("per_page", "30")), int(query.get("page", "1"))
    following = {**query, "page": str(page + 1)} if len(items) > size * page else None
    return items[size * (page - 1) : size * page], following
