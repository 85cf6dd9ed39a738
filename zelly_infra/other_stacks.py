"""Comparison of a stack file with those beside it: two environments must not want the same.

Of the other files only what is compared is looked at, and a value that is not as it should be is passed over: a mistake
in one stack's file must not stop the commands of another. Nothing gets past that way: whatever acts on a stack reads
its file whole, its mistakes are refused there, and once there are none it is compared with its neighbours itself.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any, cast

from workbench.config.errors import KEY
from workbench.errors import OperatorError
from zelly_infra.config import EnvironmentConfig


@dataclass(frozen=True, kw_only=True)
class OtherStack:
    """A neighbour's stack file, unchecked."""

    name: str
    values: Mapping[str, Any]
    """The structured key."""

    @property
    def source(self) -> str:
        """The file's name."""
        return f"Pulumi.{self.name}.yaml"

    def value(self, path: str) -> Any:
        """Return the value at a dotted path; None where there is none."""
        value: Any = self.values
        for part in path.split("."):
            if not isinstance(value, Mapping):
                return None
            value = cast("Mapping[str, Any]", value).get(part)
        return value

    @property
    def cidr(self) -> IPv4Network | None:
        """The range of its VPC."""
        try:
            return IPv4Network(self.value("network.cidr"))
        except (TypeError, ValueError):
            return None

    @property
    def hostnames(self) -> Mapping[str, str]:
        """The services by the names that clients use."""
        services = self.value("services")
        if not isinstance(services, Mapping):
            return {}
        found = {name: self.value(f"services.{name}.hostname") for name in cast("Mapping[str, Any]", services)}
        return {hostname: name for name, hostname in found.items() if isinstance(hostname, str)}

    def owns(self, section: str) -> bool:
        """Tell whether it makes what other stacks of the account look up: ``registry`` or ``github``."""
        return self.value(f"{section}.create") is True


def check_against_others(environment: EnvironmentConfig, others: Iterable[OtherStack], *, source: str) -> None:
    """Refuse a config that wants what a neighbour has.

    Raises:
        OperatorError: with a line for each thing that both would call their own.
    """
    lines = [line for other in others for line in _collisions(environment, other)]
    if lines:
        raise OperatorError(*(f"{source}: {line}" for line in lines))


def _collisions(environment: EnvironmentConfig, other: OtherStack) -> Iterator[str]:
    in_account = other.value("aws_account_id") == environment.aws_account_id
    if in_account and other.value("region") == environment.region:
        yield (
            f"{KEY}.region: {environment.region} of account {environment.aws_account_id}; taken by {other.source}: "
            "a region of an account holds one environment, another region is allowed"
        )
        # Each would overwrite secrets, log groups and balancers of the other: what else they share is beside the point.
        return
    if in_account:
        for check in _CHECKS_IN_AN_ACCOUNT:
            yield from check(environment, other)
    for check in _CHECKS:
        yield from check(environment, other)


def _one_owner(environment: EnvironmentConfig, other: OtherStack) -> Iterator[str]:
    region = environment.registry.region
    if environment.registry.create and other.owns("registry") and other.value("registry.region") == region:
        yield f"{KEY}.registry.create: true; {other.source} makes the repositories in {region}, false is required"
    if environment.github.create and other.owns("github"):
        yield (
            f"{KEY}.github.create: true; {other.source} makes the identity provider, of which an account has one, "
            "false is required"
        )


def _tags_differ(environment: EnvironmentConfig, other: OtherStack) -> Iterator[str]:
    registry = environment.registry
    if (other.value("registry.region"), other.value("registry.tag_prefix")) == (registry.region, registry.tag_prefix):
        # A tag of the registry cannot be moved: the second build of a commit would be refused, or run in both.
        yield f"{KEY}.registry.tag_prefix: {registry.tag_prefix}; taken by {other.source}, another one is allowed"


def _ranges_are_disjoint(environment: EnvironmentConfig, other: OtherStack) -> Iterator[str]:
    cidr = environment.network.cidr
    if other.cidr is not None and cidr.overlaps(other.cidr):
        # The two could never be peered, nor be reached from one place.
        free = f"a range that does not overlap {other.source}'s ({other.cidr})"
        yield f"{KEY}.network.cidr: {cidr}; {free} is allowed"


def _hostnames_differ(environment: EnvironmentConfig, other: OtherStack) -> Iterator[str]:
    for name, service in environment.services.items():
        if service.hostname is not None and service.hostname in other.hostnames:
            yield (
                f"{KEY}.services.{name}.hostname: {service.hostname}; taken by {other.source}, another one is allowed"
            )


_Check = Callable[[EnvironmentConfig, OtherStack], Iterator[str]]

_CHECKS_IN_AN_ACCOUNT: tuple[_Check, ...] = (_one_owner, _tags_differ)
_CHECKS: tuple[_Check, ...] = (_ranges_are_disjoint, _hostnames_differ)
"""Whosever account it is: a host name is one in the world, and ranges of two accounts can be peered as well."""
