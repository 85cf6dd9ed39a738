"""Bundles of connections, drawn as one wire each: a dozen clients of one database are a line with a dozen joints.

Each channel between two rows of boxes holds nets. A net has ends above (sources) and ends below (targets), and runs on
a track of its own between them. Between balancers and services a net is all that one source may reach; above the
stores it is all that may reach one target on the same ports: whichever makes fewer of them. What does not lie one row
below the other runs through the source's lane at the edge of the picture.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

from workbench.review.architecture.connections import INTERNET, Connection
from workbench.review.picture.grid import Grid, Row


@dataclass(kw_only=True)
class Net:
    """One wire with its joints, in one channel."""

    channel: int
    """The row above it."""
    owner: str
    """The node that all of its connections share, which gives it its colour."""
    by_source: bool
    sources: list[str] = field(default_factory=list[str])
    """Nodes of the row above."""
    lanes: list[str] = field(default_factory=list[str])
    """Nodes whose lanes it is joined to."""
    targets: list[tuple[str, tuple[str, ...]]] = field(default_factory=list[tuple[str, tuple[str, ...]]])
    """Nodes of the row below, with the ports that they are reached on."""

    def is_straight(self, grid: Grid) -> bool:
        """Tell whether it needs no track: it leads straight down, from the internet above all or from box to box."""
        if self.lanes:
            return False
        ends = {grid.columns.get(name) for name in [*self.sources, *(name for name, _ in self.targets)]}
        return self.sources == [INTERNET] or (len(self.sources) == len(self.targets) == len(ends) == 1)


def nets(grid: Grid, connections: Iterable[Connection]) -> list[Net]:
    """Return the nets of all channels. What leaves for the world outside is no wire: each box says it by itself."""
    # The internet has no place where nobody is let in from there.
    inside = [talk for talk in connections if grid.rows.get(talk.target, Row.OUTSIDE) is not Row.OUTSIDE]
    found: list[Net] = []
    for row in (Row.ENTRY, Row.SERVICE, Row.STORE):
        here = [talk for talk in inside if grid.rows[talk.target] is row]
        # The internet's bar is above every box of the first row.
        choices = (True,) if row is Row.ENTRY else (False, True)
        found += min((_bundled(grid, row - 1, here, by_source=choice) for choice in choices), key=len)
    for name in sorted({talk.source for talk in inside if _needs_lane(grid, talk)}):
        _lead_to_lane(grid, found, name)
    return found


def _needs_lane(grid: Grid, talk: Connection) -> bool:
    # What stands outside is drawn at the edge, the internet alone across.
    at_the_edge = grid.rows[talk.source] is Row.OUTSIDE and talk.source != INTERNET
    return at_the_edge or grid.rows[talk.source] + 1 != grid.rows[talk.target]


def _bundled(grid: Grid, channel: int, connections: list[Connection], *, by_source: bool) -> list[Net]:
    made: dict[Hashable, Net] = {}
    for talk in connections:
        owner, key = (talk.source, talk.source) if by_source else (talk.target, (talk.target, talk.ports))
        net = made.setdefault(key, Net(channel=channel, owner=owner, by_source=by_source))
        ends = net.lanes if _needs_lane(grid, talk) else net.sources
        if talk.source not in ends:
            ends.append(talk.source)
        if (talk.target, talk.ports_text) not in net.targets:
            net.targets.append((talk.target, talk.ports_text))
    return list(made.values())


def _lead_to_lane(grid: Grid, found: list[Net], name: str) -> None:
    """Join a node to its lane below its row: through its net there, or through one made for it."""
    channel = int(grid.rows[name])
    if grid.rows[name] is Row.OUTSIDE:
        # What stands outside is drawn above its lane.
        return
    own = next((net for net in found if net.channel == channel and net.by_source and net.sources == [name]), None)
    if own is None:
        own = Net(channel=channel, owner=name, by_source=True, sources=[name])
        found.append(own)
    own.lanes.append(name)


def lanes(found: Iterable[Net], grid: Grid) -> tuple[list[str], list[str]]:
    """Return the nodes that have a lane: those outside, on the left, and those of the VPC, on the right."""
    names = sorted({name for net in found for name in net.lanes}, key=lambda name: (name == INTERNET, name))
    left = [name for name in names if grid.rows[name] is Row.OUTSIDE]
    return left, [name for name in names if name not in left]
