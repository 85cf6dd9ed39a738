"""The checks of host names and certificates. Every check is a pure function of what was read."""

from workbench.aws.elastic_load_balancing import LoadBalancer
from workbench.operations.doctor.facts import Facts, Unclear, Where
from workbench.operations.doctor.report import Judgement, broken, cannot_tell, done, to_do, unread
from workbench.operations.readings import Unread
from workbench.operations.status.rows import RENEWAL_DAYS

_PENDING = {"MISSING", "PENDING_VALIDATION"}


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
    """Return where a host name leads if it is not its balancer; nothing in common is another place.

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
