"""The first steps to a running environment. Every check is a pure function of what was read."""

from collections.abc import Mapping, Sequence

from workbench.operations.doctor.facts import Facts, Refused, Unclear, Where
from workbench.operations.doctor.report import Judgement, broken, cannot_tell, done, to_do, unread
from workbench.operations.readings import Unread
from workbench.operations.secrets.check import Lack
from workbench.program import AuroraCluster, RedisNode
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
    """Check that what the program makes is there: services, balancers, Aurora and Redis."""
    services, balancers, aurora, redis = facts.services, facts.balancers, facts.aurora, facts.redis
    landscape = where.landscape
    if failed := [fact for fact in (services, balancers, aurora, redis) if isinstance(fact, Unread)]:
        return unread(*failed)
    missing = [
        *([f"Aurora cluster {landscape.stores_of(AuroraCluster)[0].identifier}"] if aurora is None else []),
        *([f"Redis {landscape.stores_of(RedisNode)[0].prefix}*"] if redis is None else []),
        *_absent("service", [service.name for service in landscape.services], services),
        *_absent("load balancer", landscape.balancers, balancers),
    ]
    wanted = 2 + len(landscape.services) + len(landscape.balancers)
    if len(missing) == wanted:
        return to_do("nothing of it is there", then=where.provision_command)
    if missing:
        return broken(f"missing: {', '.join(missing)}", then=where.provision_command)
    return done(
        f"Aurora, Redis, {len(landscape.services)} services and {len(landscape.balancers)} load balancers are there"
    )


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
        return to_do(*lines, then=command("secrets push FILE --stack", where.stack))
    return done(f"all {found.checked} keys that task definitions refer to have values")


def clickhouse_init(where: Where, facts: Facts) -> Judgement:
    """Check that the ledger of ClickHouse has statements, all of them applied."""
    ledger = facts.ledger
    then = command("clickhouse init DIR --stack", where.stack)
    if isinstance(ledger, Unread):
        return unread(ledger)
    if isinstance(ledger, Unclear):
        # Of the embedded AWS there is no ClickHouse to prepare.
        return cannot_tell(ledger.why, then=None if where.is_embedded else then)
    if isinstance(ledger, Refused):
        return broken(ledger.why, then=then)
    if ledger is None or (not ledger.applied and not ledger.open):
        return to_do("no statement was applied", then=then)
    if ledger.open:
        return broken(f"{ledger.applied} statements applied, {ledger.open} begun or refused and not applied", then=then)
    return done(f"{ledger.applied} statements applied; whether the files have more, the command tells")


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
