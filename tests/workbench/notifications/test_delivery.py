"""Notifications and receivers on loopback: who is told what, how often, and what is said when it does not arrive."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.support.receivers import (
    TOKEN,
    WEBHOOK_PATH,
    Monday,
    Sentry,
    Service,
    Slack,
    Trouble,
    received_by,
)
from tests.support.servers import free_port
from workbench.notifications import monday, sentry, slack
from workbench.notifications.builds import Build, Event
from workbench.notifications.delivery import NotToldError, checked_url

COMMIT = "1a2b3c4d" * 5
BUILD = Build(program="shop", commit=COMMIT, url="https://jenkins.shop.example/job/shop/7/")


@dataclass
class Pauses:
    """What was waited for between tries, without the time."""

    seconds: list[float] = field(default_factory=list[float])

    def __call__(self, seconds: float, /) -> None:
        self.seconds.append(seconds)


def tell(service: Any, pauses: Pauses | None = None, **values: str) -> None:
    """Tell a receiver of the build, with other values in its secret if they are given."""
    sleep = pauses or Pauses()
    known = {**service.values, **values}
    if isinstance(service, Slack):
        body = slack.message(BUILD, Event.DEPLOYED, environment="live", text=None)
        slack.tell("shop/ci/slack", known, body, sleep=sleep)
    elif isinstance(service, Monday):
        monday.tell("shop/ci/monday", known, monday.item(BUILD, stage="live", state="deployed"), sleep=sleep)
    else:
        sentry.tell("shop/ci/sentry", known, sentry.deploy(BUILD, environment="live"), sleep=sleep)


def why(service: Any, pauses: Pauses | None = None, **values: str) -> str:
    """Return why a receiver was not told; no secret may stand in it."""
    with pytest.raises(NotToldError) as raised:
        tell(service, pauses, **values)
    said = str(raised.value)
    assert TOKEN not in said
    assert WEBHOOK_PATH not in said
    return said


def test_slack_is_told_in_blocks() -> None:
    with received_by(told := Slack()):
        for event in Event:
            body = slack.message(BUILD, event, environment="live", text="<!channel> & more")
            slack.tell("s", told.values, body)
    assert [message.text for message in told.messages] == [
        ":hourglass_flowing_sand: shop 1a2b3c4d1a2b is being built",
        ":x: The build of shop 1a2b3c4d1a2b failed",
        ":no_entry_sign: The build of shop 1a2b3c4d1a2b was aborted",
        ":raised_hand: shop 1a2b3c4d1a2b waits for an approval for live",
        ":white_check_mark: shop 1a2b3c4d1a2b is deployed to live",
    ]
    section, context = told.messages[1].blocks
    assert section.model_dump()["text"]["text"] == (
        "*:x: The build of shop 1a2b3c4d1a2b failed*\n&lt;!channel&gt; &amp; more"
    )
    assert context.model_dump()["elements"][0]["text"] == f"<{BUILD.url}|Build> · `{COMMIT}`"
    assert len({message.blocks[0].model_dump()["block_id"] for message in told.messages}) == len(Event)


def test_long_text_is_cut_to_what_slack_takes() -> None:
    with received_by(told := Slack()):
        slack.tell("s", told.values, slack.message(BUILD, Event.FAILED, environment=None, text="&" * 5000))
    assert len(told.messages) == 1


def test_board_has_one_item_for_a_release() -> None:
    with received_by(board := Monday()):
        for stage, state in (("trial", "deployed"), ("trial", "waiting"), ("live", "deployed"), ("live", "deployed")):
            monday.tell("s", board.values, monday.item(BUILD, stage=stage, state=state))
        other = Build(program="shop", commit="5e6f" * 10, url=BUILD.url)
        monday.tell("s", board.values, monday.item(other, stage="trial", state="deployed"))
    assert board.items == {
        "1": {"name": "shop 1a2b3c4d1a2b", "text_release": COMMIT, "status_qa": {"label": "live deployed"}},
        "2": {"name": "shop 5e6f5e6f5e6f", "text_release": other.commit, "status_qa": {"label": "trial deployed"}},
    }


def test_release_is_deployed_once_for_each_environment_and_build() -> None:
    with received_by(organisation := Sentry()):
        for environment in ("trial", "live", "live"):
            sentry.tell("s", organisation.values, sentry.deploy(BUILD, environment=environment))
        again = Build(program="shop", commit=COMMIT, url=f"{BUILD.url}again")
        sentry.tell("s", organisation.values, sentry.deploy(again, environment="live"))
    assert organisation.projects == ["api", "web"]
    assert {version: [each.environment for each in deploys] for version, deploys in organisation.releases.items()} == {
        COMMIT: ["trial", "live", "live"]
    }


BUSY = Trouble(status=429, headers={"Retry-After": "7"})
LOST = Trouble()

TROUBLES: dict[str, tuple[Callable[[], Service], list[Trouble | None], str | None, list[float], int]] = {
    "Slack is busy, then takes it": (Slack, [BUSY, Trouble(status=503)], None, [7, 2], 3),
    "Slack is down": (
        Slack,
        [Trouble(status=500, body="oh")] * 3,
        "HTTP 500: oh; tried 3 times",
        [1, 2],
        3,
    ),
    "Slack asks for an hour": (
        Slack,
        [Trouble(status=429, headers={"Retry-After": "3600"})],
        "HTTP 429, which asks to wait 3600 s; tried once",
        [],
        1,
    ),
    "Slack refuses": (Slack, [Trouble(status=404, body="no_service")], "HTTP 404: no_service", [], 1),
    "Slack sends elsewhere": (
        Slack,
        [Trouble(status=302, headers={"Location": "http://127.0.0.1/"})],
        "HTTP 302",
        [],
        1,
    ),
    "Slack takes it and its answer is lost": (
        Slack,
        [LOST],
        "no answer (ProtocolError); whether it arrived is not known, so that it is not sent again",
        [],
        1,
    ),
    "Monday makes the item and its answer is lost": (Monday, [None, LOST], None, [1], 4),
    "Monday's budget is used up": (
        Monday,
        [Trouble(status=200, body='{"errors": [{"message": "busy", "extensions": {"retry_in_seconds": 9}}]}')],
        None,
        [9],
        3,
    ),
    "Monday refuses the query": (
        Monday,
        [Trouble(status=200, body='{"errors": [{"message": "no such column"}]}')],
        "no such column",
        [],
        1,
    ),
    "Monday answers nonsense": (Monday, [Trouble(status=200, body="hello")], "it answered no JSON object", [], 1),
    "Sentry makes the deploy and its answer is lost": (Sentry, [None, None, LOST], None, [1], 5),
}
"""The receiver, what goes wrong, why it was not told in the end, the pauses between tries, and all requests."""


@pytest.mark.parametrize("name", TROUBLES)
def test_trouble(name: str) -> None:
    make, troubles, reason, waits, requests = TROUBLES[name]
    pauses = Pauses()
    with received_by(service := make()):
        service.troubles = list(troubles)
        if reason is None:
            tell(service, pauses)
        else:
            assert why(service, pauses) == reason
    assert (pauses.seconds, len(service.requests)) == (waits, requests)
    if isinstance(service, Slack):
        assert len(service.messages) == (1 if reason is None or LOST in troubles else 0)
    elif isinstance(service, Monday):
        assert len(service.items) == (reason is None)
    elif isinstance(service, Sentry):
        assert [len(deploys) for deploys in service.releases.values()] == [1]


def test_receiver_that_is_not_there() -> None:
    pauses = Pauses()
    gone = f"http://127.0.0.1:{free_port()}"
    assert why(Slack(url=gone), pauses) == "no connection (NewConnectionError); tried 3 times"
    assert pauses.seconds == [1, 2]


WRONG: Mapping[str, tuple[Callable[[], Service], dict[str, str], str]] = {
    "a wrong webhook": (Slack, {}, "HTTP 404: no_service"),
    "a wrong token on Monday": (
        Monday,
        {"MONDAY_TOKEN": "x"},
        'HTTP 401: {"errors": [{"message": "Not Authenticated"}]}',
    ),
    "a wrong token on Sentry": (Sentry, {"SENTRY_AUTH_TOKEN": "x"}, 'HTTP 401: {"detail": "Invalid token"}'),
    "a key without a value": (Monday, {"MONDAY_BOARD": ""}, "secret shop/ci/monday has no value for MONDAY_BOARD"),
}


@pytest.mark.parametrize("name", WRONG)
def test_who_does_not_know_the_secret_tells_nothing(name: str) -> None:
    make, values, reason = WRONG[name]
    with received_by(service := make()):
        wrong = values or {"SLACK_WEBHOOK_URL": f"{service.url}/services/T0000/B0000/guessed"}
        assert why(service, None, **wrong) == reason


def test_echo_of_a_secret_is_not_repeated() -> None:
    with received_by(service := Sentry()):
        service.troubles = [Trouble(status=403, body=f"token {TOKEN} may not")]
        assert why(service) == "HTTP 403: token *** may not"


def test_board_with_two_items_of_a_release_is_left_alone() -> None:
    with received_by(board := Monday()):
        board.items = {number: {"name": "x", "text_release": COMMIT} for number in ("1", "2")}
        assert why(board) == f"board 1234567890 has several items of release {COMMIT}; none is changed"


@pytest.mark.parametrize(
    "url", ["http://hooks.slack.example/services/x", "ftp://127.0.0.1/", "hooks.slack.com/x", "http://["]
)
def test_secret_is_sent_nowhere_that_others_can_read_it(url: str) -> None:
    with pytest.raises(NotToldError) as raised:
        checked_url("SLACK_WEBHOOK_URL", url)
    assert str(raised.value) == "SLACK_WEBHOOK_URL: allowed: an address that begins with https://"


def test_keys_of_notifications_differ_by_what_they_tell_alone() -> None:
    keys = {BUILD.key("slack", "started"), BUILD.key("slack", "failed"), BUILD.key("sentry", "live")}
    assert len(keys) == 3
    assert BUILD.key("slack", "started") in keys
