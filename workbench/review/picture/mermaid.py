"""The picture as a Mermaid flowchart, which GitHub draws where it stands in Markdown.

Mermaid places boxes by itself, so that there are fewer facts in them than in the SVG.
"""

from collections.abc import Iterable, Iterator

from workbench.counting import counted
from workbench.review.architecture.connections import INTERNET, Connection
from workbench.review.architecture.model import Architecture
from workbench.review.architecture.places import Kind, Node

_SHAPES = {Kind.STORE: ('[("', '")]'), Kind.SOURCE: ('(["', '"])')}
_BOX = ('["', '"]')


def mermaid(architecture: Architecture) -> str:
    """Return the flowchart as text, without the fence around it."""
    ids = {node.name: f"n{number}" for number, node in enumerate(architecture.nodes, start=1)}
    lines = ["flowchart TB", *_boxes(ids, [node for node in architecture.nodes if node.kind is Kind.SOURCE])]
    inside = [node for node in architecture.nodes if node.kind is not Kind.SOURCE]
    lines += [f"subgraph vpc[{_quoted(f'{architecture.stack}, {architecture.region}: VPC {architecture.vpc_cidr}')}]"]
    for name, public in (("public", True), ("private", False)):
        here = [node for node in inside if architecture.is_public(node) is public]
        if here:
            cidrs = [
                f"{subnet.zone.removeprefix(architecture.region)} {subnet.cidr}"
                for subnet in architecture.subnets
                if subnet.public is public
            ]
            title = _quoted(f"{name.capitalize()} subnets: {', '.join(cidrs)}")
            lines += [f"subgraph {name}[{title}]", *_boxes(ids, here, architecture), "end"]
    lines.append("end")
    lines += [_arrow(ids, talk) for talk in architecture.drawn if talk.target != INTERNET]
    return "\n".join([*lines, *_way_out(architecture, ids)]) + "\n"


def _boxes(ids: dict[str, str], nodes: Iterable[Node], architecture: Architecture | None = None) -> Iterator[str]:
    for node in nodes:
        opening, closing = _SHAPES.get(node.kind, _BOX)
        zones = [_zones(architecture, node)] if architecture is not None else []
        lines = [node.name, *node.facts, *zones]
        yield f"{ids[node.name]}{opening}{'<br>'.join(map(_escaped, lines))}{closing}"


def _zones(architecture: Architecture, node: Node) -> str:
    zones = [zone.removeprefix(architecture.region) for zone in architecture.zones_of(node)]
    addresses = [counted(node.elastic_ips, "Elastic IP")] if node.elastic_ips else []
    return ", ".join([f"zone{'' if len(zones) == 1 else 's'} {' '.join(zones)}", *addresses])


def _arrow(ids: dict[str, str], talk: Connection) -> str:
    return f"{ids[talk.source]} -->|{_quoted(' '.join(talk.ports_text))}| {ids[talk.target]}"


def _way_out(architecture: Architecture, ids: dict[str, str]) -> Iterator[str]:
    """One dotted line for the way that private subnets take, instead of an arrow from each box."""
    if INTERNET not in ids:
        return
    out = sorted({port for talk in architecture.drawn if talk.target == INTERNET for port in talk.ports})
    label = _quoted(" ".join(["out", *(ports.text for ports in out)]))
    for node in architecture.nodes:
        if node.kind is Kind.NAT:
            # Without a head, and from above: Mermaid would hang the internet below NAT otherwise.
            yield f"{ids[INTERNET]} -.-|{label}| {ids[node.name]}"


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    """Return the text with what means something in Mermaid as entities ("Entity codes to escape characters")."""
    return text.replace("#", "#35;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
