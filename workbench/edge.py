"""What stands before an environment's hosts, as a program tells its tools."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Edge:
    """What stands before an environment's host: names at Cloudflare, and the ranges that it is reached from."""

    hostnames: tuple[str, ...]
    """The names of hosts that Cloudflare alone connects to: they lead to Cloudflare."""
    ranges: frozenset[str]
    """Those that the program lets in as Cloudflare's."""
    ranges_as_of: date
    """The day on which they were written down."""
    client_certificate_until: date
    """The day on which the certificate ends that Cloudflare shows to the host."""
    certificate_setting: str
    """The key of the stack file that issues another one."""
