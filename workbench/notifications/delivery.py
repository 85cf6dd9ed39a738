"""The delivery of a notification over HTTP: three tries, time-outs, and an error without a secret in it."""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError

TRIES = 3
LONGEST_WAIT_SECONDS = 30
"""Between two tries, whatever the other side asks for: a build does not wait for a notification."""
_CONNECT_SECONDS = 5
_READ_SECONDS = 10
_SAID_CHARACTERS = 120
_HERE = frozenset({"127.0.0.1", "::1", "localhost"})


class NotToldError(Exception):
    """A notification that did not reach its receiver, with the reason in words."""


class TryAgainError(NotToldError):
    """One try that failed, and that another one may follow."""

    def __init__(self, reason: str, *, after: float | None = None, may_have_arrived: bool = False) -> None:
        super().__init__(reason)
        self.after = after
        """The seconds that the other side asks to wait."""
        self.may_have_arrived = may_have_arrived
        """Whether the request was sent, and only its answer is missing."""


@dataclass(frozen=True)
class Receiver:
    """A receiver of notifications."""

    url: str
    headers: Mapping[str, str]
    secrets: tuple[str, ...]
    """What may stand in no error."""

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Send a JSON object, and return what the receiver answers: JSON, or a text.

        Raises:
            TryAgainError: when it is overloaded, or does not answer.
            NotToldError: when it refuses.
        """
        return self._request("POST", path, body)

    def get(self, path: str) -> Any:
        """Return what the receiver answers, as :meth:`post` does."""
        return self._request("GET", path, None)

    def _request(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        pool = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(connect=_CONNECT_SECONDS, read=_READ_SECONDS))
        try:
            response = pool.request(
                method,
                f"{self.url}{path}",
                body=None if body is None else json.dumps(body).encode(),
                headers={"Content-Type": "application/json", **self.headers},
                redirect=False,
            )
        except (NewConnectionError, urllib3.exceptions.ConnectTimeoutError, MaxRetryError) as error:
            raise TryAgainError(f"no connection ({type(error).__name__})") from None
        except HTTPError as error:
            raise TryAgainError(f"no answer ({type(error).__name__})", may_have_arrived=True) from None
        text = response.data.decode(errors="replace")
        if response.status == 429 or response.status >= 500:
            after = _seconds(response.headers.get("Retry-After"))
            raise TryAgainError(f"HTTP {response.status}{self._said(text)}", after=after)
        if response.status >= 300:
            raise NotToldError(f"HTTP {response.status}{self._said(text)}")
        try:
            return json.loads(text)
        except ValueError:
            return text

    def _said(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, "***")
        plain = "".join(each if each.isprintable() else " " for each in text)[:_SAID_CHARACTERS].strip()
        return f": {plain}" if plain else ""


def deliver(send: Callable[[], None], *, is_repeatable: bool, sleep: Callable[[float], None] = time.sleep) -> None:
    """Send a notification, three times at most.

    With ``is_repeatable`` also when an earlier try may have arrived; else that is the end of it: told once too few is
    better than told twice.

    Raises:
        NotToldError: when it did not arrive, or is not known to have.
    """
    for number in range(1, TRIES + 1):
        try:
            send()
        except TryAgainError as error:
            if error.may_have_arrived and not is_repeatable:
                raise NotToldError(f"{error}; whether it arrived is not known, so that it is not sent again") from None
            wait = 2.0 ** (number - 1) if error.after is None else error.after
            if number == TRIES or wait > LONGEST_WAIT_SECONDS:
                asked = "" if error.after is None else f", which asks to wait {error.after:.0f} s"
                tried = "once" if number == 1 else f"{number} times"
                raise NotToldError(f"{error}{asked}; tried {tried}") from None
            sleep(wait)
        else:
            return


def values_in(secret: str, values: Mapping[str, Any] | None, keys: Iterable[str]) -> Mapping[str, str]:
    """Return the values of some keys of a secret.

    Raises:
        NotToldError: when one has none.
    """
    found = {key: str((values or {}).get(key) or "") for key in keys}
    if missing := [key for key, value in found.items() if not value]:
        raise NotToldError(f"secret {secret} has no value for {', '.join(missing)}")
    return found


def checked_url(key: str, url: str) -> str:
    """Return an address without a slash at its end. It may hold a secret, so that no error shows it.

    Raises:
        NotToldError: when what is sent to it would be read on the way.
    """
    try:
        parts = urlsplit(url)
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)
    except ValueError:
        is_safe = False
    if not is_safe:
        raise NotToldError(f"{key}: allowed: an address that begins with https://")
    return url.rstrip("/")


def _seconds(header: str | None) -> float | None:
    """Return the seconds of a ``Retry-After``; a date in it counts for none."""
    return float(header) if header is not None and header.isdecimal() else None
