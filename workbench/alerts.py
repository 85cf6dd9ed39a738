"""Alert channels, as tools know them: their topics' names, and what a chat understands.

It imports neither pulumi nor boto3 nor pydantic.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

CHAT_ENDPOINT = "https://global.sns-api.chatbot.amazonaws.com"
"""The address by which Amazon Q Developer in chat applications subscribes to topics, as topics list it."""


@dataclass(frozen=True, kw_only=True)
class AlertTopics:
    """The topics of alert channels, by their names. Without channels alarms tell one topic, which writes mails."""

    page: str
    """The one that pages: a pager subscribes to it."""
    inform: str
    """The one that informs, of every alarm: mailboxes and the chat subscribe to it."""
    has_chat: bool
    """Whether a chat subscribes."""


class Channels(Protocol):
    """The config's section on channels, as far as it matters here."""

    @property
    def slack(self) -> object | None:
        """None: there is no chat."""
        ...


def alert_topics(name: str, channels: Channels | None) -> AlertTopics | None:
    """Return the topics that the component of that logical name makes; None where there are no channels."""
    if channels is None:
        return None
    return AlertTopics(page=f"{name}-page", inform=f"{name}-inform", has_chat=channels.slack is not None)


def chat_notification(*, title: str, description: str, next_steps: Sequence[str]) -> Mapping[str, Any]:
    """Return a custom notification, the one form of a message that the chat shows.

    The same as the components' (:mod:`zelly_components.alarms.notifications`), which commands do not import.
    """
    return {
        "version": "1.0",
        "source": "custom",
        "content": {
            "textType": "client-markdown",
            "title": title,
            "description": description,
            "nextSteps": list(next_steps),
        },
    }
