"""Messages that Amazon Q Developer in chat applications shows: its schema of custom notifications, as plain data.

It drops silently whatever it does not know: plain text, and events that were changed on their way
[redpanda-data/connect#4733, DataBiosphere/azul#5447]. CloudWatch's alarms it knows as they are.
"""

from collections.abc import Sequence
from typing import Any

SCHEMA_VERSION = "1.0"
SOURCE = "custom"
"""Both are the only values allowed ("Custom notifications", Amazon Q Developer in chat applications Administrator
Guide)."""


def custom_notification(*, title: str, description: str, next_steps: Sequence[str]) -> dict[str, Any]:
    """Return a custom notification. The texts may hold the chat's own Markdown."""
    return {
        "version": SCHEMA_VERSION,
        "source": SOURCE,
        "content": {
            "textType": "client-markdown",
            "title": title,
            "description": description,
            "nextSteps": list(next_steps),
        },
    }
