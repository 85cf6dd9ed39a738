"""A way into a security group, as data: what the verbs ``allow_from`` of other components do."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from zelly_components.base import Component, Known
from zelly_components.network.rules import Passage, Protocol, open_to_cidr, open_to_group, open_to_prefix_list

_LARGEST_PORT = 65535


@dataclass(frozen=True, kw_only=True)
class PermissionArgs:
    """Arguments of a permission: what is opened, and to whom."""

    target: str
    """The short name of what is opened, e.g. ``database``. It names the rules and stands in their descriptions. A
    component's own ``allow_from`` calls its group ``<name of the component>-sg``."""
    target_security_group_id: pulumi.Input[str]
    """The group that is opened: the component's output ``security_group_id``."""
    ports: Known[Sequence[int]]
    """The ports that are opened, 1 to 65535, each by rules of its own. A component that listens on ports of its own
    choice says them in its output ``ports``."""
    peer: str
    """The short name of the other side, e.g. ``api``. It names the rules and stands in their descriptions: with the
    target's name and the port, it has to differ from every other permission's."""
    peer_security_group_id: pulumi.Input[str] | None = None
    """The group whose members are let in, and out of their own group. Left out, one of the other two says who."""
    peer_cidr_block: pulumi.Input[str] | None = None
    """The IPv4 address range that is let in, e.g. ``203.0.113.0/24``. Left out, one of the other two says who."""
    peer_prefix_list_id: pulumi.Input[str] | None = None
    """The managed prefix list whose ranges are let in. It counts against the group's quota of rules with its maximum
    number of entries. Left out, one of the other two says who."""
    protocol: Protocol = "tcp"
    """The protocol of the ports. Left out, it is TCP."""


class Permission(Component):
    """Rules that let one peer reach the ports of a security group: another group, an address range or a prefix list.

    In Python it does what the verbs ``allow_from``, ``allow_from_cidr`` and ``allow_from_prefix_list`` of a component
    do; programs in other languages have no verbs. The rules of a peer that is a group are two, one into the opened
    group and one out of the peer's, since a group of this package lets nothing out by itself.

    Example::

        from zelly_components.permission import Permission, PermissionArgs
        from zelly_components.security_group import SecurityGroup, SecurityGroupArgs

        database = SecurityGroup("shop-database", SecurityGroupArgs(vpc_id="vpc-1", description="MySQL"))
        api = SecurityGroup("shop-api", SecurityGroupArgs(vpc_id="vpc-1", description="API tasks"))
        Permission(
            "shop-database-from-api",
            PermissionArgs(
                target="database",
                target_security_group_id=database.security_group_id,
                ports=[3306],
                peer="api",
                peer_security_group_id=api.security_group_id,
            ),
        )
    """

    ports: list[int]
    """The ports that are opened."""

    def __init__(self, name: str, args: PermissionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(args)
        super().__init__(name, opts)
        self.ports = list(args.ports)
        for port in self.ports:
            passage = Passage(
                target=args.target,
                security_group_id=args.target_security_group_id,
                peer=args.peer,
                port=port,
                protocol=args.protocol,
            )
            if args.peer_security_group_id is not None:
                open_to_group(self, passage, args.peer_security_group_id)
            if args.peer_cidr_block is not None:
                open_to_cidr(self, passage, args.peer_cidr_block)
            if args.peer_prefix_list_id is not None:
                open_to_prefix_list(self, passage, args.peer_prefix_list_id)
        self.register_annotated_outputs()


def _check(args: PermissionArgs) -> None:
    fields = ("peer_security_group_id", "peer_cidr_block", "peer_prefix_list_id")
    given = [field for field in fields if getattr(args, field) is not None]
    if len(given) != 1:
        raise ValueError(f"{', '.join(fields)}: came {', '.join(given) or 'none'}; allowed exactly one")
    if not args.ports or len(set(args.ports)) != len(args.ports):
        raise ValueError(f"ports: came {list(args.ports)}; allowed one or more, each once")
    for port in args.ports:
        if not 1 <= port <= _LARGEST_PORT:
            raise ValueError(f"ports: came {port}; allowed 1 to {_LARGEST_PORT}")
