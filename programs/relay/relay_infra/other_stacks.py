"""Collisions of two stack files: names and ranges that two environments both use."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from relay_infra.config import EnvironmentConfig
from workbench.config.neighbours import place_taken, range_taken
from workbench.program import OtherStack


def collisions(environment: EnvironmentConfig, other: OtherStack) -> Iterator[str]:
    """Yield a line for each value that both stacks use, beginning with its key."""
    if taken := [*place_taken(environment, other)]:
        yield from taken
        return
    if other.value("aws_account_id") == environment.aws_account_id:
        yield from _one_owner(environment, other)
    yield from range_taken(environment.network.cidr, other)
    names = _hostnames_of(other)
    for name, service in environment.services.items():
        if service.hostname is not None and service.hostname in names:
            yield f"services.{name}.hostname: {service.hostname}; taken by {other.source}, another one is allowed"


def _one_owner(environment: EnvironmentConfig, other: OtherStack) -> Iterator[str]:
    registry = environment.registry
    if registry.create and other.value("registry.create") is True:
        yield f"registry.create: true; {other.source} makes the repositories, false is required"
    if (region := other.value("registry.region")) is not None and region != registry.region:
        yield f"registry.region: {registry.region}; {other.source} has {region}: one registry serves both"
    if registry.create and other.name not in registry.environments:
        yield (
            f"registry.environments: {', '.join(registry.environments)}; {other.name} is required too: nothing would "
            f"keep the images that {other.source} runs"
        )


def _hostnames_of(other: OtherStack) -> frozenset[str]:
    services = other.value("services")
    if not isinstance(services, Mapping):
        return frozenset()
    found = (other.value(f"services.{name}.hostname") for name in cast("Mapping[str, Any]", services))
    return frozenset(name for name in found if isinstance(name, str))
