"""The wires of the picture: how each net runs through its channel."""

from collections.abc import Iterator
from dataclasses import dataclass

from workbench.review.architecture.connections import INTERNET
from workbench.review.picture.grid import Row
from workbench.review.picture.layout import BOX_WIDTH, TRACK, Layout, label_lines
from workbench.review.picture.nets import Net

Point = tuple[float, float]
_APART = 7
"""Two upright wires of different nets keep this distance."""


@dataclass(frozen=True, kw_only=True)
class Label:
    """The ports beside an arrow head."""

    target: str
    x: float
    bottom: float
    """The upper edge of the box below."""
    lines: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Wire:
    """One net as it is drawn."""

    owner: str
    lines: tuple[tuple[Point, ...], ...]
    """Without arrow heads."""
    arrows: tuple[tuple[Point, ...], ...]
    """Each ends in an arrow head at a box."""
    joints: tuple[Point, ...]
    labels: tuple[Label, ...]


def wires(picture: Layout) -> list[Wire]:
    """Return the wires of all channels, then the lanes."""
    drawn = [wire for channel in picture.channels for wire in _channel(picture, channel)]
    return [*drawn, *_lanes(picture, drawn)]


def _channel(picture: Layout, channel: int) -> Iterator[Wire]:
    here = [net for net in picture.nets if net.channel == channel]
    arriving = _arrivals(picture, here)
    leaving = _departures(picture, here, arriving)
    start = picture.channels[channel][0]
    tracks = [net for net in here if not net.is_straight(picture.grid)]
    for position, net in enumerate(here):
        track = start + TRACK * tracks.index(net) if net in tracks else start
        yield _wire(picture, net, track, arriving[position], leaving[position])


def _arrivals(picture: Layout, here: list[Net]) -> list[dict[str, float]]:
    """Return, for each net, where it meets each of its targets: side by side, in the order of where they come from."""
    found: list[dict[str, float]] = [{} for _ in here]
    for name in dict.fromkeys(name for net in here for name, _ in net.targets):
        box = picture.cards[name].box
        meeting = [position for position, net in enumerate(here) if name in dict(net.targets)]
        meeting.sort(key=lambda position: _centre(picture, here[position], box.middle))
        for place, position in enumerate(meeting, start=1):
            found[position][name] = box.x + BOX_WIDTH * place / (len(meeting) + 1)
    return found


def _departures(picture: Layout, here: list[Net], arriving: list[dict[str, float]]) -> list[dict[str, float]]:
    found: list[dict[str, float]] = [{} for _ in here]
    taken = [(position, x) for position, ends in enumerate(arriving) for x in ends.values()]
    for name in dict.fromkeys(name for net in here for name in net.sources if name != INTERNET):
        box = picture.cards[name].box
        leaving = [position for position, net in enumerate(here) if name in net.sources]
        leaving.sort(key=lambda position: sum(arriving[position].values()) / max(len(arriving[position]), 1))
        for place, position in enumerate(leaving, start=1):
            x = box.x + BOX_WIDTH * place / (len(leaving) + 1)
            if here[position].is_straight(picture.grid):
                (x,) = arriving[position].values()
            else:
                while any(other != position and abs(x - end) < _APART for other, end in taken):
                    x += _APART
            found[position][name] = x
            taken.append((position, x))
    return found


def _centre(picture: Layout, net: Net, otherwise: float) -> float:
    if net.sources == [INTERNET]:
        return otherwise
    ends = [picture.cards[name].box.middle for name in net.sources]
    ends += [picture.lane_x[name] for name in net.lanes]
    return sum(ends) / len(ends)


def _wire(picture: Layout, net: Net, track: float, arriving: dict[str, float], leaving: dict[str, float]) -> Wire:
    bottom = picture.channels[net.channel][1]
    labels = tuple(
        Label(target=name, x=arriving[name] + 5, bottom=bottom, lines=tuple(label_lines(ports)))
        for name, ports in net.targets
    )
    if net.sources == [INTERNET] and picture.internet is not None:
        # The internet is a bar as wide as the picture: straight down from it.
        falls = tuple(((x, picture.internet.bottom), (x, bottom)) for x in arriving.values())
        return Wire(owner=net.owner, lines=(), arrows=falls, joints=(), labels=labels)
    above = {name: picture.cards[name].box.bottom for name in leaving}
    if net.is_straight(picture.grid):
        ((name, x),) = leaving.items()
        return Wire(owner=net.owner, lines=(), arrows=(((x, above[name]), (x, bottom)),), joints=(), labels=labels)
    ends = [*arriving.values(), *leaving.values(), *(picture.lane_x[name] for name in net.lanes)]
    rail = ((min(ends), track), (max(ends), track))
    drops = tuple(((x, track), (x, bottom)) for x in arriving.values())
    risers = tuple(((x, above[name]), (x, track)) for name, x in leaving.items())
    joints = tuple((x, track) for x in ends if x not in (min(ends), max(ends)))
    return Wire(owner=net.owner, lines=(rail, *risers), arrows=drops, joints=joints, labels=labels)


def _lanes(picture: Layout, drawn: list[Wire]) -> Iterator[Wire]:
    """Return each lane, from where its node is joined to it to the furthest track that is."""
    for name, x in picture.lane_x.items():
        ends = [point for wire in drawn for line in (*wire.lines, wire.joints) for point in line]
        reached = [y for end_x, y in ends if end_x == x]
        if picture.grid.rows[name] is Row.OUTSIDE:
            boxes = [card.box.bottom for card in picture.outside if card.node.name == name]
            reached.append(boxes[0] if boxes else picture.internet.bottom if picture.internet else 0)
        joints = tuple((x, y) for y in sorted(reached)[1:-1])
        yield Wire(owner=name, lines=(((x, min(reached)), (x, max(reached))),), arrows=(), joints=joints, labels=())
