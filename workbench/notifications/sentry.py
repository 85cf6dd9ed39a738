"""Sentry: releases, each called by its commit, and their deploys to environments.

The keys are called as ``sentry-cli`` calls its environment variables.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast
from urllib.parse import quote

from workbench.notifications.builds import Build
from workbench.notifications.delivery import Receiver, checked_url, deliver, values_in

URL = "https://sentry.io"
URL_KEY = "SENTRY_URL"
KEYS = ("SENTRY_AUTH_TOKEN", "SENTRY_ORG", "SENTRY_PROJECT")
OPTIONAL_KEYS = (URL_KEY,)
"""Of an organisation in another region, or of a server of one's own."""


def deploy(build: Build, *, environment: str) -> Mapping[str, str]:
    """Return a deploy of a release. Its name is the notification's key."""
    return {
        "version": build.commit,
        "environment": environment,
        "name": build.key("sentry", environment),
        "url": build.url,
    }


def tell(
    secret: str,
    values: Mapping[str, Any] | None,
    wanted: Mapping[str, str],
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Make a release, which is no error when it is there, and its deploy, unless it has it ("Releases", Sentry's API).

    Raises:
        NotToldError: when that did not succeed.
    """
    known = values_in(secret, values, KEYS)
    url = checked_url(URL_KEY, str((values or {}).get(URL_KEY) or URL))
    token = known["SENTRY_AUTH_TOKEN"]
    receiver = Receiver(url, headers={"Authorization": f"Bearer {token}"}, secrets=(token,))
    releases = f"/api/0/organizations/{quote(known['SENTRY_ORG'], safe='')}/releases/"
    deploys = f"{releases}{quote(wanted['version'], safe='')}/deploys/"
    projects = known["SENTRY_PROJECT"].replace(",", " ").split()

    def send() -> None:
        receiver.post(releases, {"version": wanted["version"], "projects": projects})
        # Anew in each try: one that got no answer may have made the deploy.
        there = cast("Sequence[Mapping[str, Any]]", receiver.get(deploys))
        if not any(each.get("name") == wanted["name"] for each in there):
            receiver.post(deploys, {key: wanted[key] for key in ("environment", "name", "url")})

    deliver(send, is_repeatable=True, sleep=sleep)
