"""Positions of everything in the picture, in pixels; six columns are 1,280 wide."""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from workbench.review.architecture.connections import INTERNET
from workbench.review.architecture.model import Architecture
from workbench.review.architecture.places import Node
from workbench.review.picture.grid import Grid, Row, grid, outside
from workbench.review.picture.nets import Net, lanes, nets

LEGEND_WIDTH = 640
"""Of the legend's longer line: a picture of few things is no narrower."""
MARGIN = 20
GUTTER = 128
"""The width on the left that names the subnets of each row."""
PITCH = 176
BOX_WIDTH = 156
LANE = 9
TRACK = 11
TITLE_LINE = 20
FACT_LINE = 14
CHIPS = 24
LABEL_LINE = 12
FACT_CHARACTERS = 20
"""The characters that fit into a box in the widest of the usual fonts (DejaVu Sans at 11 pixels)."""
LABEL_CHARACTERS = 8
"""The characters of a port label that fit between two wires into one box."""
_TOP = 64
_BAR = 34


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height

    @property
    def middle(self) -> float:
        """Its horizontal middle."""
        return self.x + self.width / 2


@dataclass(frozen=True, kw_only=True)
class Card:
    """A node as it is drawn."""

    node: Node
    box: Box
    facts: tuple[str, ...]
    """Wrapped to the box."""


@dataclass(frozen=True, kw_only=True)
class Band:
    """The subnets of one kind, across the picture."""

    public: bool
    outline: tuple[tuple[float, float], ...]
    label: Box
    """The position of its subnets' names."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The picture without its wires."""

    architecture: Architecture
    grid: Grid
    nets: tuple[Net, ...]
    width: float
    height: float
    internet: Box | None
    outside: tuple[Card, ...]
    vpc: Box
    bands: tuple[Band, ...]
    cards: dict[str, Card]
    channels: dict[int, tuple[float, float]]
    """By the row above, where its tracks begin and where the row below does."""
    lane_x: dict[str, float]


def layout(architecture: Architecture) -> Layout:
    """Return where everything stands."""
    cells = grid(architecture)
    found = nets(cells, architecture.drawn)
    left, right = lanes(found, cells)
    columns_x = MARGIN + GUTTER + LANE * (len(left) + 1)
    columns_right = columns_x + cells.width * PITCH
    width = max(columns_right + LANE * (len(right) + 1), MARGIN + LEGEND_WIDTH) + MARGIN
    lane_x: dict[str, float] = {name: columns_x - LANE * (len(left) - position) for position, name in enumerate(left)}
    lane_x |= {name: columns_right + LANE * position for position, name in enumerate(right)}

    ranges = tuple(_outside(architecture, lane_x))
    bar_height = max(_BAR, ranges[-1].box.bottom - _TOP if ranges else 0)
    bar_x = lane_x.get(INTERNET, columns_x + 8) - 4
    bar = Box(x=bar_x, y=_TOP, width=columns_right - bar_x - (PITCH - BOX_WIDTH), height=bar_height)
    reached = any(node.name == INTERNET for node in architecture.nodes)

    vpc_y = bar.bottom + 36
    cards: dict[str, Card] = {}
    channels: dict[int, tuple[float, float]] = {}
    y = vpc_y + 14
    for row in (Row.ENTRY, Row.SERVICE, Row.STORE):
        start = y + (30 if row is Row.SERVICE else 12)
        top = start + _channel_height(cells, found, row - 1)
        channels[row - 1] = (start, top)
        row_cards = list(_row(architecture, cells, row, columns_x, top))
        cards |= {card.node.name: card for card in row_cards}
        y = max((card.box.bottom for card in row_cards), default=top) + 14
    if any(net.channel == Row.STORE for net in found):
        channels[Row.STORE] = (y, y + TRACK * len([net for net in found if net.channel == Row.STORE]))
        y = channels[Row.STORE][1] + 14
    vpc = Box(x=MARGIN, y=vpc_y, width=width - 2 * MARGIN, height=y - vpc_y)
    return Layout(
        architecture=architecture,
        grid=cells,
        nets=tuple(found),
        width=width,
        height=vpc.bottom + 44,
        internet=bar if reached else None,
        outside=ranges,
        vpc=vpc,
        bands=tuple(_bands(architecture, cells, cards, channels, vpc)),
        cards=cards,
        channels=channels,
        lane_x=lane_x,
    )


def label_lines(ports: tuple[str, ...]) -> list[str]:
    """Return ports as the lines that stand beside a wire's end."""
    return textwrap.wrap(" ".join(ports), LABEL_CHARACTERS, break_long_words=False, break_on_hyphens=False)


def _channel_height(cells: Grid, found: list[Net], channel: int) -> float:
    here = [net for net in found if net.channel == channel]
    labels = max((len(label_lines(ports)) for net in here for _, ports in net.targets), default=0)
    tracks = len([net for net in here if not net.is_straight(cells)])
    return TRACK * tracks + LABEL_LINE * labels + 20


def _row(architecture: Architecture, cells: Grid, row: Row, columns_x: float, y: float) -> Iterator[Card]:
    here = [node for node in architecture.nodes if cells.rows[node.name] is row]
    facts = {node.name: _wrapped(node) for node in here}
    height = TITLE_LINE + 10 + FACT_LINE * max(map(len, facts.values()), default=0) + CHIPS
    for node in here:
        x = columns_x + cells.columns[node.name] * PITCH
        yield Card(node=node, box=Box(x=x, y=y, width=BOX_WIDTH, height=height), facts=facts[node.name])


def _wrapped(node: Node) -> tuple[str, ...]:
    return tuple(line for fact in node.facts for line in textwrap.wrap(fact, FACT_CHARACTERS))


def _outside(architecture: Architecture, lane_x: dict[str, float]) -> Iterator[Card]:
    """Stack the address ranges above the gutter, each ending above its lane."""
    ranges = [node for node in outside(architecture) if node.name in lane_x]
    # The uppermost has the lane furthest to the right, so that none leads down behind another range.
    ranges.sort(key=lambda node: -lane_x[node.name])
    for position, node in enumerate(ranges):
        x = lane_x[node.name]
        box = Box(x=MARGIN, y=_TOP + position * (_BAR + 6), width=x + 5 - MARGIN, height=_BAR)
        yield Card(node=node, box=box, facts=())


def _bands(
    architecture: Architecture, cells: Grid, cards: dict[str, Card], channels: dict[int, tuple[float, float]], vpc: Box
) -> Iterator[Band]:
    """Return the band of the public row, that of the private rows, and that of public stores where there are some."""
    left, right = vpc.x + 8, vpc.right - 8
    split = channels[Row.ENTRY][0] - 16
    entries = _rectangle(left, vpc.y + 16, right, split - 8)
    yield Band(public=True, outline=entries, label=Box(x=left, y=vpc.y + 16, width=GUTTER, height=split - vpc.y))
    top, bottom = split, vpc.bottom - 8
    public = [
        cards[node.name]
        for node in architecture.nodes
        if cells.rows[node.name] is Row.STORE and architecture.is_public(node)
    ]
    label = Box(x=left, y=top, width=GUTTER, height=bottom - top)
    if not public:
        yield Band(public=False, outline=_rectangle(left, top, right, bottom), label=label)
        return
    edge = max(card.box.right for card in public) + (PITCH - BOX_WIDTH) / 2
    cut = channels[Row.SERVICE][1] - 30
    outline = ((left, top), (right, top), (right, bottom), (edge, bottom), (edge, cut), (left, cut))
    yield Band(public=False, outline=outline, label=label)
    yield Band(
        public=True,
        outline=_rectangle(left, cut + 4, edge - 4, bottom),
        label=Box(x=left, y=cut + 4, width=GUTTER, height=bottom - cut),
    )


def _rectangle(left: float, top: float, right: float, bottom: float) -> tuple[tuple[float, float], ...]:
    return ((left, top), (right, top), (right, bottom), (left, bottom))
