"""The checks of an Aurora cluster. Every check is a pure function of what was read."""

from collections.abc import Sequence
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network, ip_network

from workbench.aws.rds.clusters import DatabaseCluster
from workbench.operations.doctor.report import Judgement, broken, done, to_do, unread
from workbench.operations.readings import Unclear, Unread
from workbench.operations.stopped import STOPPED
from workbench.operations.stores.aurora.facts import AuroraFacts
from workbench.operations.stores.kind import Examination
from workbench.operations.times import utc
from workbench.stores import AuroraCluster

AuroraExamination = Examination[AuroraCluster, AuroraFacts]

_NEWEST_RESTORE = timedelta(hours=1)
"""RDS uploads logs to restore from every five minutes ("Restoring a DB cluster to a specified time")."""

_PRIVATE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
"""RFC 1918. Python's ``is_private`` takes in more, documentation's addresses for one."""

_AUTHORITY_ENDS = timedelta(days=365)
"""RDS asks for half a year at least to rotate an authority; a certificate of it lasts a year at the most ("Rotating
your SSL/TLS certificate", RDS User Guide)."""


def closed(one: AuroraExamination) -> Judgement:
    """Check that the cluster is reached only from where the config says.

    No connection is tried. A private cluster's name leads to private addresses from everywhere: one that succeeded
    would only show that the VPN is up, and one that failed nothing.
    """
    cluster, rules, cidrs = one.facts.cluster, one.facts.rules, one.store.allowed_cidrs
    if failed := [fact for fact in (cluster, rules) if isinstance(fact, Unread)]:
        return unread(*failed)
    if cluster is None or isinstance(cluster, Unread) or isinstance(rules, Unread):
        return to_do("there is no cluster", then=one.where.provision_command)
    open_to = sorted({rule.cidr for rule in rules if rule.cidr not in (cidrs or ()) and not _is_private(rule.cidr)})
    lines = [f"its security group lets {cidr} in, which the config does not" for cidr in open_to]
    addresses = one.addresses.get(cluster.endpoint, ())
    if cidrs is None:
        lines += _public(cluster, () if isinstance(addresses, Unclear) else addresses)
    if lines:
        return broken(*lines, then=one.where.provision_command)
    if cidrs is not None:
        return done(f"open to {', '.join(cidrs)}, as the config says, and to nobody else on the internet")
    return done(
        "not publicly accessible, and no range of the internet is let in",
        *([f"what its name leads to: {addresses.why}"] if isinstance(addresses, Unclear) else []),
    )


def _public(cluster: DatabaseCluster, addresses: Sequence[str]) -> list[str]:
    return [
        *(
            f"{instance.identifier} is publicly accessible"
            for instance in cluster.instances
            if instance.is_publicly_accessible
        ),
        *(
            f"its name leads to {address}, which is public"
            for address in addresses
            if not any(IPv4Address(address) in private for private in _PRIVATE)
        ),
    ]


def _is_private(cidr: str) -> bool:
    network = ip_network(cidr)
    return isinstance(network, IPv4Network) and any(network.subnet_of(private) for private in _PRIVATE)


def backup(one: AuroraExamination) -> Judgement:
    """Check that the cluster can be restored to a moment ago."""
    cluster, where = one.facts.cluster, one.where
    if isinstance(cluster, Unread):
        return unread(cluster)
    if cluster is None:
        return to_do("there is no cluster", then=where.provision_command)
    then = (
        f"aws rds describe-db-clusters --db-cluster-identifier {cluster.identifier} --region {where.description.region}"
    )
    if cluster.restorable_until is None:
        return to_do("cannot be restored yet: the first backup follows the cluster's start", then=then)
    said = f"can be restored until {utc(cluster.restorable_until)}"
    if cluster.status in STOPPED and where.stopped_until is not None:
        return done(f"{said}; {cluster.status} (running_hours), it changes no more")
    return done(said) if where.at - cluster.restorable_until <= _NEWEST_RESTORE else broken(said, then=then)


def authority(one: AuroraExamination) -> Judgement:
    """Check that the authority of the certificate lasts: clients that trust only it stop connecting at its end."""
    authorities, where = one.facts.authorities, one.where
    if isinstance(authorities, Unread):
        return unread(authorities)
    if not authorities:
        return to_do(f"there is no instance of {one.store.label}", then=where.provision_command)
    first = min(authorities, key=lambda each: each.valid_till)
    said = f"{first.identifier} is valid until {utc(first.valid_till)}"
    if first.valid_till - where.at < _AUTHORITY_ENDS:
        return broken(said, then=f"aws rds describe-certificates --region {where.description.region}")
    return done(said)
