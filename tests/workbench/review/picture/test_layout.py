"""The layout of pictures: of the sample, of a small one that has every kind, and of any other of this kind."""

import re
from collections.abc import Callable
from itertools import combinations
from typing import cast
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import sample
from tests.workbench.review.picture.pictures import crossing
from workbench.review.architecture.connections import INTERNET, Connection, Ports
from workbench.review.architecture.model import Architecture, architecture
from workbench.review.architecture.places import Kind, Node, Subnet
from workbench.review.picture.grid import Row, grid
from workbench.review.picture.layout import Box, layout
from workbench.review.picture.mermaid import mermaid
from workbench.review.picture.nets import nets
from workbench.review.picture.svg import dark_style, svg
from workbench.review.picture.wires import Wire, wires

SUBNETS = (
    Subnet(name="public", zone="eu-west-1a", cidr="10.0.0.0/24", public=True),
    Subnet(name="private", zone="eu-west-1a", cidr="10.0.1.0/24", public=False),
)
SIZES = st.integers(min_value=0, max_value=5)
PORTS = st.lists(st.sampled_from([80, 443, 3306, 6379]), min_size=1, max_size=3, unique=True).map(
    lambda numbers: tuple(Ports(protocol="tcp", first=number, last=number) for number in sorted(numbers))
)


def of_sample() -> Architecture:
    return architecture(sample.evaluation_of(sample.OWNER), sample.REGIONS[sample.OWNER])


def _ends(pair: tuple[Node, Node, object]) -> tuple[str, str]:
    return pair[0].name, pair[1].name


@st.composite
def architectures(draw: Callable[..., object]) -> Architecture:
    """Balancers, hosts, services, stores and ranges, and who talks to whom at random, also back and across."""

    def several(kind: Kind, subnet: str | None) -> list[Node]:
        count = draw(SIZES)
        assert isinstance(count, int)
        subnets = () if subnet is None else (subnet,)
        name = kind.replace(" ", "-")
        return [Node(name=f"{name}-{n}", kind=kind, facts=("one",), subnets=subnets) for n in range(count)]

    ranges = [
        Node(name=f"198.51.100.{node.name[-1]}/32", kind=Kind.SOURCE, facts=()) for node in several(Kind.SOURCE, None)
    ]
    internet = Node(name=INTERNET, kind=Kind.SOURCE, facts=())
    nodes = [
        internet,
        *ranges,
        *several(Kind.LOAD_BALANCER, "public"),
        *several(Kind.HOST, "public"),
        *several(Kind.SERVICE, "private"),
        *several(Kind.STORE, "private"),
        Node(name="public-store", kind=Kind.STORE, facts=("two", "lines"), subnets=("public",)),
    ]
    pairs = st.tuples(st.sampled_from(nodes), st.sampled_from(nodes), PORTS)
    drawn = cast("list[tuple[Node, Node, tuple[Ports, ...]]]", draw(st.lists(pairs, max_size=25, unique_by=_ends)))
    return Architecture(
        stack="any",
        region="eu-west-1",
        vpc_cidr="10.0.0.0/16",
        internet_gateway=True,
        gateway_endpoints=("s3",),
        subnets=SUBNETS,
        nodes=tuple(nodes),
        connections=tuple(
            sorted(
                Connection(source=source.name, target=target.name, ports=ports)
                for source, target, ports in drawn
                if source.name != target.name and not (source.kind is target.kind is Kind.SOURCE)
            )
        ),
    )


def apart(one: Box, other: Box) -> bool:
    return one.right <= other.x or other.right <= one.x or one.bottom <= other.y or other.bottom <= one.y


def uprights(wire: Wire) -> list[tuple[float, float, float]]:
    lines = [*wire.lines, *wire.arrows]
    found = [(line[0][0], *sorted((line[0][1], line[-1][1]))) for line in lines if line[0][0] == line[-1][0]]
    return [(x, top, bottom) for x, top, bottom in found if top < bottom]


@settings(max_examples=60, deadline=None)
@given(architectures())
def test_no_box_lies_over_another_and_none_outside_the_vpc(drawn: Architecture) -> None:
    picture = layout(drawn)
    cards = [*picture.cards.values(), *picture.outside]
    assert [(a.node.name, b.node.name) for a, b in combinations(cards, 2) if not apart(a.box, b.box)] == []
    for card in picture.cards.values():
        assert picture.vpc.x < card.box.x
        assert card.box.right < picture.vpc.right
        assert picture.vpc.y < card.box.y
        assert card.box.bottom < picture.vpc.bottom


@settings(max_examples=60, deadline=None)
@given(architectures())
def test_every_connection_arrives_with_its_ports(drawn: Architecture) -> None:
    arriving = {
        (net.channel + 1, target, ports)
        for net in nets(grid(drawn), drawn.connections)
        for target, ports in net.targets
    }
    cells = grid(drawn)
    assert arriving == {
        (cells.rows[talk.target], talk.target, talk.ports_text)
        for talk in drawn.connections
        if cells.rows[talk.target] is not Row.OUTSIDE
    }
    labels = [label.target for wire in wires(layout(drawn)) for label in wire.labels]
    assert set(labels) == {target for _, target, _ in arriving}


@settings(max_examples=60, deadline=None)
@given(architectures())
def test_upright_wires_of_different_nets_never_run_over_each_other(drawn: Architecture) -> None:
    found = [(number, *line) for number, wire in enumerate(wires(layout(drawn))) for line in uprights(wire)]
    for (one, x, top, bottom), (other, other_x, other_top, other_bottom) in combinations(found, 2):
        if one != other and abs(x - other_x) < 1:
            assert bottom <= other_top or other_bottom <= top, (x, top, bottom, other_top, other_bottom)


@settings(max_examples=30, deadline=None)
@given(architectures())
def test_any_architecture_can_be_written_down(drawn: Architecture) -> None:
    assert svg(drawn).startswith("<svg ")
    assert mermaid(drawn).startswith("flowchart TB\n")


def test_service_stands_below_its_balancer() -> None:
    columns = grid(crossing()).columns
    assert columns["nlb"] == columns["web"]
    assert columns["alb"] == columns["api"]
    of_stack = grid(of_sample()).columns
    assert of_stack["alb-web"] == of_stack["web"]


def test_clients_of_a_store_share_one_wire() -> None:
    assert above_stores(of_sample()) == {
        "aurora": (["web"], []),
        "clickhouse": (["worker"], []),
        "redis": (["tools", "worker"], []),
    }
    # What comes past the row has a lane beside it.
    assert above_stores(crossing())["database"] == (["api", "exactly-seventeen"], ["bastion"])


def above_stores(drawn: Architecture) -> dict[str, tuple[list[str], list[str]]]:
    found = [net for net in nets(grid(drawn), drawn.drawn) if net.channel == Row.SERVICE]
    return {net.owner: (sorted(net.sources), net.lanes) for net in found}


def test_every_lane_leads_to_all_that_is_joined_to_it() -> None:
    picture = layout(crossing())
    found = wires(picture)
    lanes = {wire.owner: (wire.lines[0][0][1], wire.lines[0][-1][1]) for wire in found[-len(picture.lane_x) :]}
    joined = {name: sum(name in net.lanes for net in picture.nets) for name in picture.lane_x}
    assert joined == {"192.0.2.0/24": 2, "203.0.113.7/32": 1, INTERNET: 1, "bastion": 3, "cache": 2, "inner-host": 2}
    for name, (top, bottom) in lanes.items():
        x = picture.lane_x[name]
        met = {y for wire in found for line in (*wire.lines, wire.joints) for at, y in line if at == x}
        assert (top, bottom) == (min(met), max(met))
        assert top < bottom


def test_public_store_has_a_band_of_its_own() -> None:
    assert [band.public for band in layout(of_sample()).bands] == [True, False]
    picture = layout(crossing())
    assert [band.public for band in picture.bands] == [True, False, True]
    xs = [x for x, _ in picture.bands[2].outline]
    ys = [y for _, y in picture.bands[2].outline]
    store = picture.cards["open-store"].box
    assert min(xs) < store.x < store.right < max(xs)
    assert min(ys) < store.y < store.bottom < max(ys)


def test_mermaid_takes_no_name_for_its_own_signs() -> None:
    node = Node(name='a"b<c>#', kind=Kind.SERVICE, facts=(), subnets=("private",))
    drawn = Architecture(
        stack="any", region="eu-west-1", vpc_cidr="10.0.0.0/16", internet_gateway=False, gateway_endpoints=(),
        subnets=SUBNETS, nodes=(node,), connections=(),
    )  # fmt: skip
    assert 'n1["a#quot;b#lt;c#gt;#35;<br>zone a"]' in mermaid(drawn).splitlines()


def test_long_name_is_cut_in_the_picture() -> None:
    node = Node(name="a-service-with-a-long-name", kind=Kind.SERVICE, facts=(), subnets=("private",))
    drawn = Architecture(
        stack="any", region="eu-west-1", vpc_cidr="10.0.0.0/16", internet_gateway=False, gateway_endpoints=(),
        subnets=SUBNETS, nodes=(node,), connections=(),
    )  # fmt: skip
    assert re.findall(r'class="name">([^<]+)<', svg(drawn)) == ["a-service-with-a…"]


@pytest.mark.parametrize("drawn", [crossing(), of_sample()], ids=["crossing", "sample"])
def test_every_shape_has_plain_colours_of_its_own(drawn: Architecture) -> None:
    """What knows no style sheets, or no variables in them, draws black otherwise: Inkscape, librsvg, pandoc."""
    text = svg(drawn)
    assert [word for word in ("var(", "currentColor", "<style", "@media") if word in text] == []
    for element in ET.fromstring(text).iter():  # noqa: S314 (our own)
        tag = element.tag.rpartition("}")[2]
        if tag in {"rect", "polygon", "circle", "path", "text"}:
            painted = [element.get(name, "") for name in ("fill", "stroke") if element.get(name) not in (None, "none")]
            assert painted
            assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in painted)
        if tag == "text":
            assert float(element.get("font-size", "0")) >= 10


def test_a_page_overrides_every_colour_in_the_dark() -> None:
    drawn = svg(crossing())
    coloured = {name for classes in re.findall(r'class="([^"]+)"', drawn) for name in classes.split()}
    # Only sizes, or only the colour of the wire, which has a class of its own.
    without = {"picture", "title", "name", "band-name", "label", "wire", "head"}
    assert coloured - without <= set(re.findall(r"\.([a-z][\w-]*)", dark_style()))
    assert not set(re.findall("#[0-9a-f]{6}", drawn)) & set(re.findall("#[0-9a-f]{6}", dark_style()))
