"""The first steps to a running environment. Every check is a pure function of what was read."""

from collections.abc import Mapping, Sequence

from workbench.counting import counted, listed
from workbench.operations.doctor.facts import Facts, Where
from workbench.operations.doctor.report import Judgement, broken, done, to_do, unread
from workbench.operations.readings import Unread
from workbench.operations.secrets.check import Lack
from workbench.operations.stores.kinds import managed


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
        return to_do(", ".join(missing), then="zelly state bootstrap")
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
    if failed := [fact for fact in (services, balancers, *there.values()) if isinstance(fact, Unread)]:
        return unread(*failed)
    missing = [
        *(kind.missing(store) for store, kind in stores if not there[store.label]),
        *_absent("service", [service.name for service in where.services], services),
        *_absent("load balancer", description.balancers, balancers),
    ]
    if len(missing) == len(stores) + len(where.services) + len(description.balancers):
        return to_do("nothing of it is there", then=where.provision_command)
    if missing:
        return broken(f"missing: {', '.join(missing)}", then=where.provision_command)
    parts = [*there, counted(len(where.services), "service"), counted(len(description.balancers), "load balancer")]
    return done(f"{listed(parts)} are there")


def secrets(where: Where, facts: Facts) -> Judgement:
    """Check that every key that a task definition refers to has a value."""
    found = facts.secrets
    if isinstance(found, Unread):
        return unread(found)
    lines = [
        *_lacks(found.lacks),
        *(f"{service}: no task definition tells what it needs" for service in found.absent_services),
    ]
    if lines:
        return to_do(*lines, then=f"zelly secrets push FILE --stack {where.stack}")
    return done(f"all {found.checked} keys that task definitions refer to have values")


def _absent(what: str, names: Sequence[str], found: Mapping[str, object] | Unread) -> list[str]:
    return [] if isinstance(found, Unread) else [f"{what} {name}" for name in names if name not in found]


def _lacks(lacks: Sequence[Lack]) -> list[str]:
    """Return a line per secret and problem, with all its keys."""
    keys: dict[tuple[str, str], list[str]] = {}
    for lack in lacks:
        keys.setdefault((lack.secret, lack.problem), []).append(lack.key)
    return [
        f"{secret}, {problem}{f': {said}' if (said := ', '.join(filter(None, names))) else ''}"
        for (secret, problem), names in keys.items()
    ]
