"""``platform/calls.md``: who calls whom, as a chart of Mermaid's and as a table."""

import re
from collections.abc import Iterator

from zelly_infra.catalog import SERVICES
from zelly_infra.documentation.tables import table
from zelly_infra.surroundings import FRONTENDS, QUEUES, THIRD_PARTIES

_INTRODUCTION = """\
# Calls

<!-- written by make docs from zelly_infra/catalog.py and zelly_infra/surroundings.py -->

As far as the platform's documents name them. What the network lets through is drawn in
[the architecture](../architecture.md), where it is read off the security groups.
"""


def page() -> str:
    """Return the page."""
    rows = [(source, target, how) for source, target, how in _arrows()]
    return "\n".join([_INTRODUCTION, f"```mermaid\n{chart()}```\n", table(("from", "to", "for"), rows)])


def chart() -> str:
    """Return the chart. A queue that its producer works off itself is in the table alone."""
    lines = ["flowchart LR"]
    lines += [f'  {_id(each.name)}(["{each.name}"])' for each in FRONTENDS]
    lines += [f'  {_id(each.name)}["{each.name}"]' for each in SERVICES]
    lines += [f'  {_id(each.name)}{{{{"{each.name}"}}}}' for each in THIRD_PARTIES]
    stores = sorted({store for service in SERVICES for store in service.stores})
    lines += [f'  {_id(store)}[("{store}")]' for store in stores]
    lines += [f"  {_id(source)} --> {_id(target)}" for source, target in dict.fromkeys((a, b) for a, b, _ in _calls())]
    lines += [
        f"  {_id(queue.producer)} -. {queue.name} .-> {_id(queue.consumer)}"
        for queue in QUEUES
        if queue.consumer != queue.producer
    ]
    lines += [f"  {_id(service.name)} --- {_id(store)}" for service in SERVICES for store in sorted(service.stores)]
    return "\n".join(lines) + "\n"


def _arrows() -> Iterator[tuple[str, str, str]]:
    yield from _calls()
    yield from ((queue.producer, queue.consumer, f"queue `{queue.name}`: {queue.purpose}") for queue in QUEUES)
    for service in SERVICES:
        yield from ((service.name, store, "its data") for store in sorted(service.stores))


def _calls() -> Iterator[tuple[str, str, str]]:
    for caller in (*FRONTENDS, *SERVICES, *THIRD_PARTIES):
        yield from ((caller.name, call.to, call.purpose) for call in caller.calls)


def _id(name: str) -> str:
    """Return a name as Mermaid takes it for a node."""
    return re.sub(r"[^A-Za-z0-9]", "_", name)
