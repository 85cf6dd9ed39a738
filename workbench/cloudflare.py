"""Cloudflare's DNS records and published ranges, read over its API."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import urllib3
from urllib3.exceptions import HTTPError

from workbench.errors import OperatorError

TOKEN_VARIABLE = "CLOUDFLARE_API_TOKEN"  # noqa: S105 (the variable's name)
"""Where Cloudflare's own tools and its provider look for a token."""
URL_VARIABLE = "CLOUDFLARE_BASE_URL"
"""Where the provider looks for another address of the API."""
_URL = "https://api.cloudflare.com/client/v4"

_PER_PAGE = 1000
_PAGES = 100
"""A zone has at most 3,500 records unless its plan is an enterprise's."""
_TIMEOUT_SECONDS = 10


class CloudflareError(OperatorError):
    """A question that Cloudflare did not answer."""


@dataclass(frozen=True, kw_only=True)
class DnsRecord:
    """A record of a zone."""

    id: str
    type: str
    name: str
    content: str


class CloudflareDns:
    """The calls of Cloudflare's DNS API that are used. All of them read."""

    def __init__(self, token: str, *, url: str | None = None) -> None:
        self._url = _base(url)
        self._headers = {"Authorization": f"Bearer {token}"}
        self._pool = urllib3.PoolManager(retries=False, timeout=_TIMEOUT_SECONDS)

    def records(self, zone_id: str) -> Sequence[DnsRecord]:
        """Return all records of a zone ("List DNS Records", Cloudflare API).

        Raises:
            CloudflareError: when it does not answer, or the token may not read the zone.
        """
        found: list[DnsRecord] = []
        for page in range(1, _PAGES + 1):
            answer = self._get(f"/zones/{zone_id}/dns_records?per_page={_PER_PAGE}&page={page}")
            found += [_record(record) for record in cast("list[Mapping[str, Any]]", answer["result"])]
            if page >= int(answer.get("result_info", {}).get("total_pages", 1)):
                break
        return found

    def _get(self, path: str) -> Mapping[str, Any]:
        return _answered(self._pool, self._url, path, self._headers)


def published_ranges(*, url: str | None = None) -> frozenset[str]:
    """Return the ranges that Cloudflare connects to origins from ("Cloudflare IPs", Cloudflare API). Takes no token.

    Raises:
        CloudflareError: when it does not answer.
    """
    pool = urllib3.PoolManager(retries=False, timeout=_TIMEOUT_SECONDS)
    found: Mapping[str, Any] = _answered(pool, _base(url), "/ips", {})["result"]
    return frozenset([*found["ipv4_cidrs"], *found["ipv6_cidrs"]])


def _base(url: str | None) -> str:
    return (url or os.environ.get(URL_VARIABLE) or _URL).rstrip("/")


def _answered(pool: urllib3.PoolManager, url: str, path: str, headers: Mapping[str, str]) -> Mapping[str, Any]:
    asked = f"Cloudflare, {path.partition('?')[0]}"
    try:
        response = pool.request("GET", f"{url}{path}", headers=headers)
    except HTTPError as error:
        raise CloudflareError(f"{asked}: no answer: {type(error).__name__}") from None
    try:
        answer: dict[str, Any] = json.loads(response.data)
    except ValueError:
        raise CloudflareError(f"{asked}: HTTP {response.status} and no JSON") from None
    if response.status != 200 or not answer.get("success"):
        errors = cast("list[Mapping[str, Any]]", answer.get("errors") or [])
        said = "; ".join(f"{error.get('code')} {error.get('message')}" for error in errors)
        raise CloudflareError(f"{asked}: HTTP {response.status}: {said or 'no reason given'}")
    return answer


def _record(answered: Mapping[str, Any]) -> DnsRecord:
    return DnsRecord(
        id=str(answered["id"]),
        type=str(answered["type"]),
        name=str(answered["name"]),
        content=str(answered.get("content", "")),
    )
