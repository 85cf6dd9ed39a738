"""Releases again and again under load and counts the requests that were lost.

Run with ``python -m benchmarks.release_requests``. The host is the booted machine of the tests: nineteen services under
real systemd, nginx in front. It is asked over HTTPS through nginx, and on each service's own port, each time on a new
connection, from before a release begins until it is confirmed. Every service is restarted by every release. Wanted: 0
lost of at least 10,000. It needs root, as those tests do.
"""

import argparse
import json
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.machines.releases.host import ReleaseMachine

THREADS = 8


@dataclass(frozen=True, kw_only=True)
class Lost:
    """What came of requests during releases."""

    releases: int
    restarted: int
    """Services that answer with another process after a release, summed."""
    requests: int
    lost: int
    """Refused, cut off, answered late (after a minute) or with anything but 200."""
    problems: dict[str, int]
    slowest_seconds: float


def measure(host: "ReleaseMachine", *, requests: int) -> Lost:
    """Release until so many requests were made meanwhile. A release has to be on the host already."""
    total = Lost(releases=0, restarted=0, requests=0, lost=0, problems={}, slowest_seconds=0)
    while total.requests < requests:
        release = host.release()
        before = host.services.processes()
        with host.load(threads=THREADS) as result:
            host.deploy_and_confirm(release)
        after = host.services.processes()
        total = Lost(
            releases=total.releases + 1,
            restarted=total.restarted + sum(before[unit] != after[unit] for unit in after),
            requests=total.requests + result["requests"],
            lost=total.lost + result["lost"],
            problems={**total.problems, **result["problems"]},
            slowest_seconds=max(total.slowest_seconds, result["slowest_seconds"]),
        )
    return total


def main() -> int:
    """Print the result and return 1 when a request was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000, help="at least so many (default: 10000)")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    # It brings half of the tests along.
    from tests.machines.releases.host import booted  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder, booted(Path(folder) / "host") as host:
        host.deploy_and_confirm(host.release())
        measured = measure(host, requests=arguments.requests)
    if arguments.json:
        print(json.dumps(asdict(measured)))
    else:
        print(
            f"{measured.lost} of {measured.requests:,} requests lost in {measured.releases} releases with "
            f"{measured.restarted} restarts of services; the slowest answer took {measured.slowest_seconds:.2f} s"
        )
    for problem, count in measured.problems.items():
        sys.stderr.write(f"{problem}: {count} times\n")
    return 1 if measured.lost else 0


if __name__ == "__main__":
    sys.exit(main())
