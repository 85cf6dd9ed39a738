"""The endpoint of an embedded AWS on this machine, and whether it still runs."""

import os
import socket
from ipaddress import ip_address
from urllib.parse import urlsplit

VARIABLE = "AWS_ENDPOINT_URL"

_PATIENCE_SECONDS = 5.0
"""Longer than any machine takes to accept a connection to itself."""


def embedded_endpoint() -> str | None:
    """Return the address of the embedded AWS that the environment names, or None where it is AWS itself."""
    url = os.environ.get(VARIABLE, "")
    host = urlsplit(url).hostname or ""
    try:
        return url if ip_address(host).is_loopback else None
    except ValueError:
        return url if host == "localhost" else None


def answers(endpoint: str) -> bool:
    """Tell whether anything accepts connections at an address."""
    try:
        address = urlsplit(endpoint)
        with socket.create_connection((address.hostname, address.port or 80), timeout=_PATIENCE_SECONDS):
            return True
    except (OSError, ValueError):
        return False
