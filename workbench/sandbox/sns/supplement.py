"""SNS: messages over HTTP reach this machine alone, which moto would send to whatever address stands there."""

import functools
from typing import Any
from urllib.parse import urlsplit

from moto.sns import models

from workbench.sandbox.loopback import is_loopback
from workbench.sandbox.server.table import Supplement

_PROTOCOLS = ("http", "https")


def _keep_messages_here() -> None:
    """Let a subscription drop what it would send out of this machine: whoever it is for is another's pager."""
    subscription: Any = models.Subscription
    publish = subscription.publish

    @functools.wraps(publish)
    def publish_here(self: Any, *arguments: Any, **named: Any) -> None:
        if self.protocol not in _PROTOCOLS or is_loopback(urlsplit(str(self.endpoint)).hostname or ""):
            publish(self, *arguments, **named)

    subscription.publish = publish_here


SUPPLEMENT = Supplement(start=_keep_messages_here)
