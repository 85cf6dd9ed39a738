"""Collisions of two stack files: names and ranges that two environments both use.

Of the other file only what is compared is looked at, and a value that is not as it should be is passed over: a mistake
in one stack's file must not stop the commands of another. Nothing gets past that way: whatever acts on a stack reads
its file whole, its mistakes are refused there, and once there are none it is compared with its neighbours itself.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from workbench.config.neighbours import place_taken, range_taken
from workbench.program import OtherStack
from zelly_infra import names
from zelly_infra.config import EnvironmentConfig


def hostnames_of(other: OtherStack) -> Mapping[str, str]:
    """Return a neighbour's services by host name."""
    services = other.value("services")
    if not isinstance(services, Mapping):
        return {}
    found = {name: other.value(f"services.{name}.hostname") for name in cast("Mapping[str, Any]", services)}
    return {hostname: name for name, hostname in found.items() if isinstance(hostname, str)}


def owns_registry(other: OtherStack) -> bool:
    """Tell whether a neighbour makes the repositories for other stacks, and so owns what the account has once."""
    return other.value(names.OWNER_FLAG) is True


def owns_role(other: OtherStack) -> bool:
    """Tell whether a neighbour makes GitHub's identity provider and role for other stacks."""
    return other.value("github.create") is True


def collisions(environment: EnvironmentConfig, other: OtherStack) -> Iterator[str]:
    """Yield a line for each value that both stacks use, beginning with its key."""
    if taken := [*place_taken(environment, other)]:
        # Each would overwrite secrets, log groups and balancers of the other: what else they share is beside the point.
        yield from taken
        return
    if other.value("aws_account_id") == environment.aws_account_id:
        for check in _CHECKS_IN_AN_ACCOUNT:
            yield from check(environment, other)
    for check in _CHECKS:
        yield from check(environment, other)


def _one_owner(environment: EnvironmentConfig, other: OtherStack) -> Iterator[str]:
    region = environment.registry.region
    if environment.registry.create and owns_registry(other) and other.value("registry.region") == region:
        yield f"registry.create: true; {other.source} makes the repositories in {region}, false is required"
    if environment.github.create and owns_role(other):
        yield (
            f"github.create: true; {other.source} makes the identity provider, of which an account has one, "
            "false is required"
        )


def _tags_differ(environment: EnvironmentConfig, other: OtherStack) -> Iterator[str]:
    registry = environment.registry
    if (other.value("registry.region"), other.value("registry.tag_prefix")) == (registry.region, registry.tag_prefix):
        # A tag of the registry cannot be moved: the second build of a commit would be refused, or run in both.
        yield f"registry.tag_prefix: {registry.tag_prefix}; taken by {other.source}, another one is allowed"


def _ranges_are_disjoint(environment: EnvironmentConfig, other: OtherStack) -> Iterator[str]:
    return range_taken(environment.network.cidr, other)


def _hostnames_differ(environment: EnvironmentConfig, other: OtherStack) -> Iterator[str]:
    taken = hostnames_of(other)
    for name, service in environment.services.items():
        if service.hostname is not None and service.hostname in taken:
            yield (f"services.{name}.hostname: {service.hostname}; taken by {other.source}, another one is allowed")


_Check = Callable[[EnvironmentConfig, OtherStack], Iterator[str]]

_CHECKS_IN_AN_ACCOUNT: tuple[_Check, ...] = (_one_owner, _tags_differ)
_CHECKS: tuple[_Check, ...] = (_ranges_are_disjoint, _hostnames_differ)
"""In two accounts as well: a host name is unique in the world, and ranges of two accounts can be peered."""
