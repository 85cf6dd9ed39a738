"""Checks of the first steps to a running environment, as pure functions of the facts."""

from collections.abc import Mapping, Sequence

from workbench.counting import counted, listed
from workbench.operations.doctor.facts import Facts, HostReading, Where
from workbench.operations.doctor.report import Judgement, broken, done, to_do, unread
from workbench.operations.readings import Unread
from workbench.operations.secrets.check import Lack
from workbench.operations.stores.kinds import managed
from workbench.words import command


def state_backend(where: Where, facts: Facts) -> Judgement:
    """Check that Pulumi's state has its bucket and its key."""
    region, key, backend = facts.state_region, facts.state_key, where.backend
    if failed := [fact for fact in (region, key) if isinstance(fact, Unread)]:
        return unread(*failed)
    missing = [
        *([f"no bucket {backend.bucket}"] if region is None else []),
        *([f"no key {backend.alias} in {backend.region}"] if key is None else []),
    ]
    if missing:
        return to_do(", ".join(missing), then=command("state bootstrap"))
    if key is not None and not isinstance(key, Unread) and key.state != "Enabled":
        return broken(
            f"key {backend.alias} is {key.state}: no stack's state can be read with it",
            then=f"aws kms describe-key --key-id {backend.alias} --region {backend.region}",
        )
    return done(f"bucket {backend.bucket} in {region}, key {backend.alias}")


def provisioned(where: Where, facts: Facts) -> Judgement:
    """Check that what the program makes is there: services, balancers, and the stores that AWS runs."""
    description, services, balancers = where.description, facts.services, facts.balancers
    stores = managed(description)
    there = {store.label: kind.is_there(facts.stores[store.label]) for store, kind in stores}
    # Hosts are told of below; where services run on them, without them there is nothing.
    hosts = tuple(description.hosts) if where.units else ()
    there_hosts = facts.hosts.image_ids if isinstance(facts.hosts, HostReading) else facts.hosts
    read = (services, balancers, *there.values(), *([there_hosts] if hosts else []))
    if failed := [fact for fact in read if isinstance(fact, Unread)]:
        return unread(*failed)
    missing = [
        *(kind.missing(store) for store, kind in stores if not there[store.label]),
        *_absent("service", [service.name for service in where.services], services),
        *_absent("load balancer", description.balancers, balancers),
        *_absent("host", hosts, there_hosts),
    ]
    if len(missing) == len(stores) + len(where.services) + len(description.balancers) + len(hosts):
        return to_do("nothing of it is there", then=where.provision_command)
    if missing:
        return broken(f"missing: {', '.join(missing)}", then=where.provision_command)
    counts = {"service": where.services, "load balancer": description.balancers, "host": hosts}
    parts = [*there, *(counted(len(each), what) for what, each in counts.items() if each)]
    return done(f"{listed(parts)} {'is' if len(parts) == 1 and parts[0].startswith('1 ') else 'are'} there")


def secrets(where: Where, facts: Facts) -> Judgement:
    """Check that all keys that services are given have values."""
    found = facts.secrets
    if isinstance(found, Unread):
        return unread(found)
    lines = [
        *_lacks(found.lacks),
        *(f"{service}: no task definition tells what it needs" for service in found.absent_services),
    ]
    if lines:
        return to_do(*lines, then=command("secrets push FILE --stack", where.stack))
    return done(f"all {found.checked} keys that {found.referred_by} have values")


def _absent(what: str, names: Sequence[str], found: Mapping[str, object] | Unread) -> list[str]:
    return [] if isinstance(found, Unread) else [f"{what} {name}" for name in names if name not in found]


def _lacks(lacks: Sequence[Lack]) -> list[str]:
    """Return a line for each secret and problem, with the keys."""
    keys: dict[tuple[str, str], list[str]] = {}
    for lack in lacks:
        keys.setdefault((lack.secret, lack.problem), []).append(lack.key)
    return [
        f"{secret}, {problem}{f': {said}' if (said := ', '.join(filter(None, names))) else ''}"
        for (secret, problem), names in keys.items()
    ]
