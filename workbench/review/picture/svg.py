"""The picture as SVG: one file without scripts, fonts or links, in light and dark."""

from collections.abc import Mapping
from xml.etree import ElementTree as ET

from workbench.review.architecture.connections import INTERNET
from workbench.review.architecture.model import Architecture
from workbench.review.architecture.places import Kind
from workbench.review.picture.grid import Row
from workbench.review.picture.layout import CHIPS, FACT_LINE, LABEL_LINE, Band, Box, Card, Layout, layout
from workbench.review.picture.wires import Point, Wire, wires

NAMESPACE = "http://www.w3.org/2000/svg"
_TITLE_CHARACTERS = 17

_LIGHT: Mapping[str, str] = {
    "ink": "#1b2430",
    "soft": "#56616e",
    "paper": "#ffffff",
    "card": "#ffffff",
    "line": "#8b97a5",
    "vpc": "#f6f8fa",
    "public": "#e4f1e4",
    "private": "#e4ecf7",
    "chip": "#3d4b5c",
    "chip-ink": "#ffffff",
}
_DARK: Mapping[str, str] = {
    "ink": "#e8edf3",
    "soft": "#a9b4c0",
    "paper": "#10151c",
    "card": "#1b232d",
    "line": "#66727f",
    "vpc": "#151c25",
    "public": "#17301f",
    "private": "#1a2740",
    "chip": "#c4ced9",
    "chip-ink": "#10151c",
}
_WIRES = ("#0072b2", "#c0392b", "#b36b00", "#00795c", "#7b3fa0", "#ad1457", "#00798c", "#8a5a44")
"""Told apart also by those who see few colours, and dark enough on white (after Okabe and Ito); light ones follow."""
_DARK_WIRES = ("#5db7ee", "#f08a7e", "#f0b04a", "#4fcfa8", "#c79be6", "#f48fb1", "#4fc8d8", "#d0a48f")

_FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "DejaVu Sans", sans-serif'

_LOOKS: Mapping[str, Mapping[str, str]] = {
    "text": {"fill": "@ink", "font-size": "11"},
    "title": {"font-size": "18", "font-weight": "600"},
    "name": {"font-size": "13", "font-weight": "600"},
    "soft": {"fill": "@soft"},
    "band-name": {"font-size": "12", "font-weight": "600"},
    "label": {"font-size": "10.5", "stroke-width": "3", "paint-order": "stroke"},
    "on-public": {"stroke": "@public"},
    "on-private": {"stroke": "@private"},
    "paper": {"fill": "@paper"},
    "card": {"fill": "@card", "stroke": "@line"},
    "vpc": {"fill": "@vpc", "stroke": "@line", "stroke-dasharray": "6 4"},
    "public": {"fill": "@public"},
    "private": {"fill": "@private"},
    "bar": {"fill": "@card", "stroke": "@line"},
    "wire": {"fill": "none", "stroke-width": "1.6"},
    "out": {"fill": "none", "stroke": "@soft", "stroke-width": "1.4", "stroke-dasharray": "4 3"},
    "chip": {"fill": "@chip"},
    "chip-off": {"fill": "none", "stroke": "@line", "stroke-dasharray": "2 2"},
    "chip-text": {"fill": "@chip-ink", "font-size": "10", "font-weight": "600", "text-anchor": "middle"},
}
"""Class -> presentation attributes, ``@`` before the name of a colour: plain ones, which every program that draws SVG
knows. A style sheet with variables is black in Inkscape, librsvg and whatever stands on it."""

_OWN = {"wire": "stroke", "head": "fill"}
"""The attribute that takes the colour of an element's wire."""


def svg(architecture: Architecture) -> str:
    """Return the picture as the text of an SVG document."""
    picture = layout(architecture)
    drawing = _Drawing(picture)
    ET.register_namespace("", NAMESPACE)
    return ET.tostring(drawing.root, encoding="unicode") + "\n"


def dark_style() -> str:
    """Return the style sheet with which a page shows the picture where its reader wants it dark."""
    rules = [
        f"{'.picture text' if name == 'text' else f'.picture .{name}'} {{ {attribute}: {_DARK[value[1:]]}; }}"
        for name, look in _LOOKS.items()
        for attribute, value in look.items()
        if value.startswith("@")
    ]
    wires = [(f"c{number}", colour) for number, colour in enumerate(_DARK_WIRES)]
    rules += [
        f".picture .{kind}.{name} {{ {attribute}: {colour}; }}"
        for name, colour in [*wires, ("plain", _DARK["soft"])]
        for kind, attribute in _OWN.items()
    ]
    lines = "\n".join(rules)
    return f"@media (prefers-color-scheme: dark) {{\n{lines}\n}}\n"


def _look(tag: str, classes: str) -> dict[str, str]:
    """Return the presentation attributes of an element: those of its tag, then of its classes in their order."""
    names = classes.split()
    found: dict[str, str] = {}
    for name in (tag, *names):
        for attribute, value in _LOOKS.get(name, {}).items():
            found[attribute] = _LIGHT[value[1:]] if value.startswith("@") else value
    kind, own = names[0] if names else "", names[-1] if names else ""
    if kind in _OWN:
        found[_OWN[kind]] = _LIGHT["soft"] if own == "plain" else _WIRES[int(own.removeprefix("c"))]
    return found


class _Drawing:
    """Draws from the back to the front: bands, wires, boxes, text."""

    def __init__(self, picture: Layout) -> None:
        self.picture = picture
        owners = dict.fromkeys(net.owner for net in picture.nets)
        # Balancers and the internet lead straight down and need no colour of their own.
        plain = [name for name in owners if name == INTERNET or self._is(name, Kind.LOAD_BALANCER)]
        self.colours = {name: number for number, name in enumerate(name for name in owners if name not in plain)}
        self.root = ET.Element(
            f"{{{NAMESPACE}}}svg",
            {
                "viewBox": f"0 0 {picture.width:g} {picture.height:g}",
                "width": f"{picture.width:g}",
                "height": f"{picture.height:g}",
                "role": "img",
                "class": "picture",
                "font-family": _FONT,
            },
        )
        self._defs()
        self._frame()
        for band in picture.bands:
            self._band(band)
        self._way_out()
        for wire in wires(picture):
            self._wire(wire)
        self._internet_gateway()
        for card in [*picture.cards.values(), *picture.outside]:
            self._card(card)
        self._legend()

    def _is(self, name: str, kind: Kind) -> bool:
        return any(node.name == name and node.kind is kind for node in self.picture.architecture.nodes)

    def _add(self, tag: str, attributes: Mapping[str, str | float], text: str | None = None) -> ET.Element:
        element = ET.SubElement(
            self.root,
            f"{{{NAMESPACE}}}{tag}",
            _look(tag, f"{attributes.get('class', '')}")
            | {key: value if isinstance(value, str) else f"{value:g}" for key, value in attributes.items()},
        )
        element.text = text
        return element

    def _text(self, x: float, y: float, text: str, style: str = "", **more: str | float) -> None:
        self._add("text", {"x": x, "y": y} | ({"class": style} if style else {}) | more, text)

    def _rectangle(self, box: Box, style: str, radius: float = 6) -> None:
        self._add(
            "rect", {"x": box.x, "y": box.y, "width": box.width, "height": box.height, "rx": radius, "class": style}
        )

    def _defs(self) -> None:
        stack = self.picture.architecture
        self._add("title", {}, f"{stack.stack} in {stack.region}: what stands where, and who may talk to whom")

    def _frame(self) -> None:
        picture = self.picture
        self._add("rect", {"width": picture.width, "height": picture.height, "class": "paper"})
        stack = picture.architecture
        self._text(picture.vpc.x, 36, f"{stack.stack}, {stack.region}", "title")
        self._rectangle(picture.vpc, "vpc", 10)
        self._text(picture.vpc.x + 2, picture.vpc.y - 6, f"VPC {stack.vpc_cidr}", "band-name")
        if picture.internet is not None:
            self._rectangle(picture.internet, "bar")
            middle = picture.internet.y + picture.internet.height / 2 + 5
            self._text(picture.internet.middle, middle, INTERNET, "name", **{"text-anchor": "middle"})

    def _band(self, band: Band) -> None:
        stack = self.picture.architecture
        points = " ".join(f"{x:g},{y:g}" for x, y in band.outline)
        self._add("polygon", {"points": points, "class": "public" if band.public else "private"})
        x, y = band.label.x + 10, band.label.y + 20
        self._text(x, y, "Public subnets" if band.public else "Private subnets", "band-name")
        for subnet in stack.subnets:
            if subnet.public is band.public:
                y += 16
                self._text(x, y, f"{subnet.zone.removeprefix(stack.region)}  {subnet.cidr}", "soft")
        if band.label.y > self.picture.channels[Row.ENTRY][0]:
            return
        for endpoint in stack.gateway_endpoints if not band.public else ():
            y += 22
            self._text(x, y, f"{endpoint.upper()} endpoint", "soft")

    def _way_out(self) -> None:
        """Draw how private subnets reach the internet: through NAT, which stands in a public one."""
        picture = self.picture
        if picture.internet is None:
            return
        for card in picture.cards.values():
            if card.node.kind is Kind.NAT:
                # Beside what may come in there.
                x = card.box.right - 14
                top = picture.internet.bottom
                self._out(((x, card.box.y), (x, top)))
                start = picture.channels[Row.ENTRY][0] - 16
                self._out(((x, start), (x, card.box.bottom)))

    def _internet_gateway(self) -> None:
        picture = self.picture
        if picture.internet is not None and picture.architecture.internet_gateway:
            left = min([picture.internet.x, *(x - 10 for x in picture.lane_x.values())])
            bar = Box(x=left, y=picture.vpc.y - 9, width=picture.internet.right - left, height=18)
            self._rectangle(bar, "bar", 9)
            self._text(bar.middle, bar.y + 13, "Internet gateway", "soft", **{"text-anchor": "middle"})

    def _out(self, points: tuple[Point, Point]) -> None:
        (x, start), (_, end) = points
        self._add("path", {"d": f"M{x:g},{start:g}V{end + 7:g}", "class": "out"})
        self._add("path", {"d": f"M{x:g},{end:g}l-4,8h8z", "class": "head plain"})

    def _wire(self, wire: Wire) -> None:
        style = f"c{self.colours[wire.owner] % len(_WIRES)}" if wire.owner in self.colours else "plain"
        for line in wire.lines:
            path = "M" + "L".join(f"{x:g},{y:g}" for x, y in line)
            self._add("path", {"d": path, "class": f"wire {style}"})
        for (x, start), (_, end) in wire.arrows:
            self._add("path", {"d": f"M{x:g},{start:g}V{end - 7:g}", "class": f"wire {style}"})
            self._add("path", {"d": f"M{x:g},{end:g}l-4,-8h8z", "class": f"head {style}"})
        for x, y in wire.joints:
            self._add("circle", {"cx": x, "cy": y, "r": 3, "class": f"head {style}"})
        for label in wire.labels:
            public = self.picture.architecture.is_public(self.picture.cards[label.target].node)
            style = "label on-public" if public else "label on-private"
            for position, line in enumerate(reversed(label.lines)):
                self._text(label.x, label.bottom - 9 - position * LABEL_LINE, line, style)

    def _card(self, card: Card) -> None:
        box, node = card.box, card.node
        self._rectangle(box, "card")
        name = node.name if len(node.name) <= _TITLE_CHARACTERS else f"{node.name[: _TITLE_CHARACTERS - 1]}…"
        self._text(box.x + 9, box.y + 21, name, "name")
        for position, fact in enumerate(card.facts):
            self._text(box.x + 9, box.y + 38 + position * FACT_LINE, fact, "soft")
        if node.kind is not Kind.SOURCE:
            self._chips(card)

    def _chips(self, card: Card) -> None:
        """Draw in which zones a node stands, its Elastic IPs and what it may reach outside."""
        stack, box = self.picture.architecture, card.box
        zones = stack.zones_of(card.node)
        y = box.bottom - CHIPS + 2
        for position, zone in enumerate(stack.zones):
            x = box.x + 9 + position * 19
            here = zone in zones
            self._rectangle(Box(x=x, y=y, width=16, height=16), "chip" if here else "chip-off", 3)
            if here:
                self._text(x + 8, y + 12, zone.removeprefix(stack.region), "chip-text")
        notes: list[str] = []
        if card.node.elastic_ips:
            notes.append(f"{card.node.elastic_ips} EIP")
        out = [
            port
            for talk in stack.connections
            if talk.source == card.node.name and talk.target == INTERNET
            for port in talk.ports_text
        ]
        if out:
            notes.append(f"out {' '.join(out)}")
        self._text(box.right - 8, y + 12, ", ".join(notes), "soft", **{"text-anchor": "end"})

    def _legend(self) -> None:
        picture = self.picture
        explained = (
            "Arrows: who may open a connection, on these ports (TCP unless said otherwise); dots join lines.",
            "Letters: zones.  EIP: Elastic IP.  out: ports to the internet.  Dashed: the way of private subnets there.",
        )
        for position, line in enumerate(explained):
            self._text(picture.vpc.x, picture.vpc.bottom + 20 + 16 * position, line, "soft")
