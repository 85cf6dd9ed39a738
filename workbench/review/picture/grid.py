"""The rows and columns of the picture, and the nodes in them.

Rows lead from the internet down to the data: what lies outside, what is reached from there, services, stores. A
service stands below the balancer that leads to it, and a store near those that talk to it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from workbench.review.architecture.connections import INTERNET
from workbench.review.architecture.model import Architecture
from workbench.review.architecture.places import Kind, Node


class Row(IntEnum):
    """A row of boxes; wires run in the channel between one and the next."""

    OUTSIDE = 0
    ENTRY = 1
    SERVICE = 2
    STORE = 3


@dataclass(frozen=True, kw_only=True)
class Grid:
    """The cell of every node inside the VPC."""

    rows: Mapping[str, Row]
    columns: Mapping[str, int]
    """Of all nodes but those outside."""
    width: int
    """The number of columns."""


def grid(architecture: Architecture) -> Grid:
    """Return the cell of each node."""
    rows = {node.name: _row(architecture, node) for node in architecture.nodes}
    entries = [node for node in architecture.nodes if rows[node.name] is Row.ENTRY]
    services = [node for node in architecture.nodes if rows[node.name] is Row.SERVICE]
    stores = [node for node in architecture.nodes if rows[node.name] is Row.STORE]
    width = max(len(entries), len(services), len(stores), 1)

    balancers = [node.name for node in entries if node.kind is Kind.LOAD_BALANCER]
    columns = _below(architecture, balancers, [node.name for node in services])
    taken = {columns[name] for name in balancers if name in columns}
    others = [node.name for node in entries if node.name not in columns]
    columns |= dict(zip(others, _free(taken, width), strict=False))
    columns |= _near_clients(architecture, stores, rows, columns, width)
    return Grid(rows=rows, columns=columns, width=width)


def _row(architecture: Architecture, node: Node) -> Row:
    if node.kind is Kind.SOURCE:
        return Row.OUTSIDE
    if node.kind is Kind.STORE:
        return Row.STORE
    # A service that was given public subnets is still one.
    in_front = node.kind is not Kind.SERVICE and (architecture.is_public(node) or node.kind is not Kind.HOST)
    return Row.ENTRY if in_front else Row.SERVICE


def _below(architecture: Architecture, balancers: list[str], services: list[str]) -> dict[str, int]:
    """Give each balancer the column of its first service, and the services in the balancers' order."""
    columns: dict[str, int] = {}
    for balancer in balancers:
        targets = [talk.target for talk in architecture.drawn if talk.source == balancer]
        led_to = [name for name in targets if name in services and name not in columns]
        if led_to:
            columns[balancer] = len({columns[name] for name in services if name in columns})
        for name in led_to:
            columns[name] = len({columns[other] for other in services if other in columns})
    rest = [name for name in services if name not in columns]
    start = len([name for name in services if name in columns])
    return columns | {name: start + position for position, name in enumerate(rest)}


def _near_clients(
    architecture: Architecture, stores: list[Node], rows: Mapping[str, Row], columns: Mapping[str, int], width: int
) -> dict[str, int]:
    """Give each store the free column nearest to the middle of its clients; public ones stand together on the left."""

    def middle(node: Node) -> float:
        found = [
            columns[talk.source]
            for talk in architecture.drawn
            # What lies further away comes through a lane at the edge.
            if talk.target == node.name and talk.source in columns and rows[talk.source] is Row.SERVICE
        ]
        return sum(found) / len(found) if found else width

    placed: dict[str, int] = {}
    public = sorted((node for node in stores if architecture.is_public(node)), key=middle)
    placed |= {node.name: column for column, node in enumerate(public)}
    private = sorted((node for node in stores if not architecture.is_public(node)), key=middle)
    for position, node in enumerate(private):
        # In the order of their middles, leaving room for those that come after.
        leftmost = max(placed.values(), default=-1) + 1
        rightmost = width - len(private) + position
        placed[node.name] = min(max(round(middle(node)), leftmost), rightmost)
    return placed


def _free(taken: Iterable[int], width: int) -> list[int]:
    return [column for column in range(width) if column not in set(taken)]


def outside(architecture: Architecture) -> list[Node]:
    """Return the address ranges outside the VPC, without the internet as a whole."""
    return [node for node in architecture.nodes if node.kind is Kind.SOURCE and node.name != INTERNET]
