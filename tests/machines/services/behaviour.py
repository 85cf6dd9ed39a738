"""How a practice service behaves: the same in Node.js, Go and Python.

It serves ``/health``, ``/credentials`` (the keys of its secrets and the hash of their values), ``/slow?seconds=``,
``/crash`` and, in Node.js and Python, ``/headers``; it listens on the socket that systemd passes it, or on ``$PORT``;
at SIGTERM it answers what has come and ends. What it is told to do otherwise stands in ``behaviour.json`` of its
release, or on the host in ``/etc/practice/<service>.json``, which comes second and wins.
"""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """What a practice service is told."""

    exit: int = 0
    """Ends at once, with this status."""
    ready: bool = True
    """Whether ``/health`` ever answers 200; otherwise it is 503."""
    start_seconds: float = 0
    """The time before it listens."""
    crash_after_seconds: float | None = None
    """Ends by itself after this time, with status 3."""
    ignore_sigterm: bool = False

    def text(self) -> str:
        """Return the file: what differs from a service that does well."""
        usual = asdict(Behaviour())
        return json.dumps({name: value for name, value in asdict(self).items() if value != usual[name]}, sort_keys=True)


WELL = Behaviour()
