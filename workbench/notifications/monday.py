"""A board on Monday, with an item for each release: found by its commit, made once, brought up to date afterwards."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from workbench.notifications.builds import Build
from workbench.notifications.delivery import NotToldError, Receiver, TryAgainError, checked_url, deliver, values_in

URL = "https://api.monday.com/v2"
URL_KEY = "MONDAY_URL"
KEYS = ("MONDAY_TOKEN", "MONDAY_BOARD", "MONDAY_RELEASE_COLUMN", "MONDAY_STATUS_COLUMN")
OPTIONAL_KEYS = (URL_KEY,)

STATES = ("deployed", "waiting", "approved", "refused", "failed")
"""The states of a release in an environment."""

_FIND = """query ($board: ID!, $column: String!, $release: String!) {
  items_page_by_column_values (limit: 2, board_id: $board, columns: [{column_id: $column, column_values: [$release]}]) {
    items { id }
  }
}"""
_CREATE = """mutation ($board: ID!, $name: String!, $values: JSON!) {
  create_item (board_id: $board, item_name: $name, column_values: $values, create_labels_if_missing: true) { id }
}"""
_CHANGE = """mutation ($board: ID!, $item: ID!, $values: JSON!) {
  change_multiple_column_values (
    board_id: $board, item_id: $item, column_values: $values, create_labels_if_missing: true
  ) { id }
}"""


def item(build: Build, *, stage: str, state: str) -> Mapping[str, str]:
    """Return what the board is to say of a release: its name, the commit by which it is found, its status."""
    return {"name": build.name, "release": build.commit, "status": f"{stage} {state}"}


def tell(
    secret: str,
    values: Mapping[str, Any] | None,
    wanted: Mapping[str, str],
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Make a release's item, or bring its status up to date.

    Raises:
        NotToldError: when that did not succeed.
    """
    known = values_in(secret, values, KEYS)
    url = checked_url(URL_KEY, str((values or {}).get(URL_KEY) or URL))
    token, board = known["MONDAY_TOKEN"], known["MONDAY_BOARD"]
    receiver = Receiver(url, headers={"Authorization": token}, secrets=(token,))
    columns = {
        known["MONDAY_RELEASE_COLUMN"]: wanted["release"],
        known["MONDAY_STATUS_COLUMN"]: {"label": wanted["status"]},
    }
    given = {"board": board, "values": json.dumps(columns)}

    def send() -> None:
        # Anew in each try: one that got no answer may have made the item.
        found = _asked(
            receiver,
            _FIND,
            {"board": board, "column": known["MONDAY_RELEASE_COLUMN"], "release": wanted["release"]},
        )
        items = cast("Sequence[Mapping[str, Any]]", found["items_page_by_column_values"]["items"])
        if len(items) > 1:
            raise NotToldError(f"board {board} has several items of release {wanted['release']}; none is changed")
        if items:
            _asked(receiver, _CHANGE, {**given, "item": str(items[0]["id"])})
        else:
            _asked(receiver, _CREATE, {**given, "name": wanted["name"]})

    deliver(send, is_repeatable=True, sleep=sleep)


def _asked(receiver: Receiver, query: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the data of an answer. Errors come with HTTP 200 ("Error handling", monday's API reference).

    Raises:
        TryAgainError: when the errors say how long to wait.
        NotToldError: when they do not, or there is no data.
    """
    answer = receiver.post("", {"query": query, "variables": dict(variables)})
    if not isinstance(answer, dict):
        raise NotToldError("it answered no JSON object")
    document = cast("Mapping[str, Any]", answer)
    errors = cast("Sequence[Mapping[str, Any]]", document.get("errors") or [])
    if errors:
        said = "; ".join(str(error.get("message")) for error in errors)[:120]
        for error in errors:
            wait = cast("Mapping[str, Any]", error.get("extensions") or {}).get("retry_in_seconds")
            if isinstance(wait, int | float):
                raise TryAgainError(said, after=float(wait))
        raise NotToldError(said)
    data = document.get("data")
    if not isinstance(data, dict):
        raise NotToldError("it answered no data")
    return cast("Mapping[str, Any]", data)
