"""Alert channels, as tools know them: their topics' names, and what a chat understands.

It imports neither pulumi nor boto3 nor pydantic.
"""

from typing import Protocol

from workbench.program import AlertTopics

CHAT_ENDPOINT = "https://global.sns-api.chatbot.amazonaws.com"
"""The address by which Amazon Q Developer in chat applications subscribes to topics, as topics list it."""


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
