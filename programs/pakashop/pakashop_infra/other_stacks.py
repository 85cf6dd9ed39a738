"""Collisions of two stack files: names and ranges that two environments both use."""

from collections.abc import Iterator

from pakashop_infra.config import EnvironmentConfig
from pakashop_infra.config_edge import Edge
from workbench.config.neighbours import place_taken, range_taken
from workbench.program import OtherStack


def collisions(environment: EnvironmentConfig, other: OtherStack) -> Iterator[str]:
    """Yield a line for each value that both stacks use, beginning with its key."""
    yield from place_taken(environment, other)
    yield from range_taken(environment.network.cidr, other)
    yield from _edge_collisions(environment.edge, other)


def _edge_collisions(edge: Edge, other: OtherStack) -> Iterator[str]:
    theirs = {
        name: field for field in ("hostname", "origin_hostname") if (name := other.value(f"edge.{field}")) is not None
    }
    for field, name in (("hostname", edge.hostname), ("origin_hostname", edge.origin_hostname)):
        if name in theirs:
            yield f"edge.{field}: {name}; taken by {other.source}: each name leads to one environment"
    if edge.cloudflare_zone_id != other.value("edge.cloudflare_zone_id"):
        return
    if edge.zone is not None and other.value("edge.zone") is not None:
        yield f"edge.zone: given here and in {other.source}; one stack owns the zone, null is allowed in the others"
    if edge.zone is not None:
        known = {name for _, name in edge.names()}
        for name, field in theirs.items():
            if name not in known:
                yield (
                    f"edge.zone.other_environments: without {name}; {other.source} has it as edge.{field}, and the "
                    "zone's rules are for every name in it"
                )
