"""The checks of host names and certificates. Every check is a pure function of what was read."""

from datetime import timedelta
from ipaddress import ip_address, ip_network

from workbench.aws.elastic_load_balancing import LoadBalancer
from workbench.operations.doctor.facts import Facts, Unclear, Where
from workbench.operations.doctor.report import Judgement, broken, cannot_tell, done, to_do, unread
from workbench.operations.readings import Unread
from workbench.operations.status.rows import RENEWAL_DAYS

_PENDING = {"MISSING", "PENDING_VALIDATION"}

_CLIENT_CERTIFICATE_WARNING = timedelta(days=30)


def dns(where: Where, facts: Facts) -> Judgement:
    """Check that the host names lead to the load balancers."""
    balancers, wanted = facts.balancers, where.description.hostnames
    if where.is_embedded:
        return cannot_tell("no name of the embedded AWS resolves")
    if isinstance(balancers, Unread):
        return unread(balancers)
    found = {hostname: facts.addresses.get(hostname, ()) for hostname in wanted}
    nowhere = [hostname for hostname, addresses in found.items() if addresses == ()]
    lines = [f"{hostname} does not resolve" for hostname in nowhere]
    if len(nowhere) == len(wanted):
        return to_do(*lines, then=where.provision_command)
    differences = [
        _difference(where, facts, hostname, name, balancers.get(name))
        for hostname, name in wanted.items()
        if hostname not in nowhere
    ]
    lines += [difference for difference in differences if isinstance(difference, str)]
    unclear = [difference.why for difference in differences if isinstance(difference, Unclear)]
    if lines:
        return broken(*lines, *unclear, then=where.provision_command)
    if unclear:
        return cannot_tell(*unclear)
    return done("every host name leads to its load balancer")


def _difference(
    where: Where, facts: Facts, hostname: str, name: str, balancer: LoadBalancer | None
) -> str | Unclear | None:
    """Return the addresses of a host name, if it has none in common with its balancer.

    An application load balancer has more addresses than one answer holds, and changes them.
    """
    found = facts.addresses.get(hostname, ())
    if isinstance(found, Unclear):
        return found
    if where.description.is_proxied and hostname in where.description.certified_hostnames:
        return Unclear(f"{hostname} leads to Cloudflare (dns.proxied), which does not show where it goes on to")
    goal = () if balancer is None else balancer.addresses or facts.addresses.get(balancer.dns_name, ())
    if isinstance(goal, Unclear):
        return goal
    if {*found} & {*goal}:
        return None
    return f"{hostname} leads to {', '.join(found)}; {name} is at {', '.join(goal) or 'no address'}"


def certificates_issued(where: Where, facts: Facts) -> Judgement:
    """Check that every certificate is issued."""
    if isinstance(facts.certificates, Unread):
        return unread(facts.certificates)
    found = {hostname: facts.certificates.get(hostname) for hostname in where.description.certified_hostnames}
    states = {
        hostname: "MISSING" if certificate is None else certificate.status for hostname, certificate in found.items()
    }
    waiting = {hostname: state for hostname, state in states.items() if state != "ISSUED"}
    lines = [f"{hostname}: {state.lower().replace('_', ' ')}" for hostname, state in waiting.items()]
    if not lines:
        return done("every certificate is issued")
    if {*waiting.values()} <= _PENDING:
        return to_do(*lines, then=where.provision_command)
    return broken(*lines, then=where.provision_command)


def certificates_last(where: Where, facts: Facts) -> Judgement:
    """Check that no certificate is about to expire: ACM has renewed it long before, if it can."""
    if isinstance(facts.certificates, Unread):
        return unread(facts.certificates)
    days = {
        hostname: (certificate.expires_at - where.at).days
        for hostname in where.description.certified_hostnames
        if (certificate := facts.certificates.get(hostname)) is not None and certificate.expires_at is not None
    }
    if ending := {hostname: left for hostname, left in days.items() if left < RENEWAL_DAYS}:
        return broken(
            *(f"{hostname}: {left} days left" for hostname, left in ending.items()),
            "ACM renews only what its validation record in Cloudflare still stands for",
            then=where.provision_command,
        )
    if not days:
        return to_do("no certificate is issued", then=where.provision_command)
    return done(f"the first one to expire has {min(days.values())} days left")


def names_lead_to_cloudflare(where: Where, facts: Facts) -> Judgement:
    """Check that the names of what stands behind Cloudflare lead to Cloudflare, and so not to the host itself."""
    edge = where.description.edge
    if edge is None:
        return done("nothing stands behind Cloudflare")
    if where.is_embedded:
        return cannot_tell("no name of the embedded AWS resolves")
    found = {name: facts.addresses.get(name, ()) for name in edge.hostnames}
    if unclear := [addresses.why for addresses in found.values() if isinstance(addresses, Unclear)]:
        return cannot_tell(*unclear)
    if nowhere := [name for name, addresses in found.items() if not addresses]:
        return to_do(*(f"{name} does not resolve" for name in nowhere), then=where.provision_command)
    # Cloudflare answers out of ranges that it also connects to origins from.
    ranges = [ip_network(cidr) for cidr in edge.ranges]
    elsewhere = {
        name: [address for address in addresses if not any(ip_address(address) in one for one in ranges)]
        for name, addresses in found.items()
        if not isinstance(addresses, Unclear)
    }
    if lines := [f"{name} leads to {', '.join(others)}" for name, others in elsewhere.items() if others]:
        return broken(*lines, "which is not Cloudflare: its rules are passed by", then=where.provision_command)
    return done("every name leads to Cloudflare")


def cloudflare_ranges(where: Where, facts: Facts) -> Judgement:
    """Check that Cloudflare still connects from the ranges that are let in, and from no other one."""
    edge, published = where.description.edge, facts.published_ranges
    if edge is None:
        return done("nothing stands behind Cloudflare")
    if published is None:
        return cannot_tell("Cloudflare is not asked from here")
    if isinstance(published, Unclear):
        return cannot_tell(published.why)
    lines = [
        *(f"{cidr} is Cloudflare's, and not let in" for cidr in sorted(published - edge.ranges)),
        *(f"{cidr} is let in, and Cloudflare's no more" for cidr in sorted(edge.ranges - published)),
    ]
    if lines:
        return broken(*lines, then=f"correct zelly_components/edge/ranges.py, then {where.provision_command}")
    return done(f"the {len(published)} ranges of {edge.ranges_as_of.isoformat()} are still Cloudflare's")


def client_certificate_lasts(where: Where, facts: Facts) -> Judgement:
    """Check that the certificate that Cloudflare shows to the host does not end soon: the host would refuse it."""
    del facts
    edge = where.description.edge
    if edge is None:
        return done("nothing stands behind Cloudflare")
    left = edge.client_certificate_until - where.at.date()
    if left < _CLIENT_CERTIFICATE_WARNING:
        return broken(
            f"it ends on {edge.client_certificate_until.isoformat()}, in {left.days} days",
            then=f"a later day under {edge.certificate_setting}, then {where.provision_command}",
        )
    return done(f"it ends on {edge.client_certificate_until.isoformat()}")
