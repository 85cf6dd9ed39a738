"""Addresses of this machine itself, which is all that the sandbox ever talks to."""

import ipaddress
from urllib.parse import urlsplit


def loopback_url(url: str) -> str:
    """Return the address of an emulator, with ``localhost`` as the number that it stands for.

    Raises:
        ValueError: for an address that is not ``http://`` and one of this machine's own.
    """
    parts = urlsplit(url)
    host = "127.0.0.1" if parts.hostname == "localhost" else parts.hostname or ""
    port = parts.port
    if (parts.scheme, parts.path.strip("/"), parts.query, parts.fragment, parts.username) != ("http", "", "", "", None):
        raise ValueError(url)
    if not is_loopback(host):
        raise ValueError(url)
    bracketed = f"[{host}]" if ":" in host else host
    return f"http://{bracketed}" if port is None else f"http://{bracketed}:{port}"


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine, by its number: a name can resolve to anything."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
