"""Slack, told by an incoming webhook.

A webhook posts to one channel and reads nothing: less than the token of ``chat.postMessage`` may do. Neither has a key
by which a message that is sent twice appears once. So a message is sent again only when it cannot have arrived.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from workbench.notifications.builds import Build, Event
from workbench.notifications.delivery import NotToldError, Receiver, checked_url, deliver, values_in

WEBHOOK_KEY = "SLACK_WEBHOOK_URL"
KEYS = (WEBHOOK_KEY,)

_TEXT_CHARACTERS = 2900
"""A section's text takes 3,000 ("Section block", Slack's reference)."""

_WORDS: Mapping[Event, str] = {
    Event.STARTED: ":hourglass_flowing_sand: {name} is being built",
    Event.FAILED: ":x: The build of {name} failed",
    Event.ABORTED: ":no_entry_sign: The build of {name} was aborted",
    Event.WAITING: ":raised_hand: {name} waits for an approval{environment}",
    Event.DEPLOYED: ":white_check_mark: {name} is deployed{environment}",
}
_PREPOSITIONS: Mapping[Event, str] = {Event.WAITING: "for", Event.DEPLOYED: "to"}


def message(build: Build, event: Event, *, environment: str | None, text: str | None) -> Mapping[str, Any]:
    """Return the message of an event. Its first block is called by the notification's key."""
    where = "" if environment is None else f" {_PREPOSITIONS.get(event, 'in')} {environment}"
    headline = _WORDS[event].format(name=_escaped(build.name), environment=_escaped(where))
    more = "" if text is None else f"\n{_escaped(text)}"
    return {
        # What notifications and screen readers show in the place of blocks.
        "text": headline,
        "blocks": [
            {
                "type": "section",
                "block_id": build.key("slack", event, environment or ""),
                "text": {"type": "mrkdwn", "text": f"*{headline}*{more}"[:_TEXT_CHARACTERS]},
            },
            {
                "type": "context",
                "elements": [{"type": "mrkdwn", "text": f"<{_escaped(build.url)}|Build> · `{_escaped(build.commit)}`"}],
            },
        ],
    }


def tell(
    secret: str,
    values: Mapping[str, Any] | None,
    body: Mapping[str, Any],
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Post a message.

    Raises:
        NotToldError: when it did not arrive, or is not known to have.
    """
    url = checked_url(WEBHOOK_KEY, values_in(secret, values, KEYS)[WEBHOOK_KEY])
    receiver = Receiver(url, headers={}, secrets=(url,))

    def send() -> None:
        answer = receiver.post("", body)
        if answer != "ok":
            raise NotToldError("it did not answer ok")

    deliver(send, is_repeatable=False, sleep=sleep)


def _escaped(text: str) -> str:
    # The three characters of Slack's markup ("Escaping text", Slack's reference).
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
