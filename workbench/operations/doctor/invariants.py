"""What has to stay true and no plan can show. Every check is a pure function of what was read."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, ip_network

from workbench.aws.sns import Subscription
from workbench.operations.doctor.facts import AuroraReading, Facts, Unclear, Where
from workbench.operations.doctor.report import Judgement, broken, done, to_do, unread
from workbench.operations.readings import Unread
from workbench.operations.stopped import STOPPED
from workbench.operations.times import utc
from workbench.program import AuroraCluster

_NEWEST_SNAPSHOT = timedelta(days=2)
"""They are taken daily: one may be late, not two."""
_NEWEST_RESTORE = timedelta(hours=1)
"""RDS uploads logs to restore from every five minutes ("Restoring a DB cluster to a specified time")."""

_PRIVATE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
"""RFC 1918. Python's ``is_private`` takes in more, documentation's addresses for one."""


def log_retention(where: Where, facts: Facts) -> Judgement:
    """Check that no log group keeps its lines for ever."""
    if isinstance(facts.log_groups, Unread):
        return unread(facts.log_groups)
    endless = [group.name for group in facts.log_groups if group.retention_days is None]
    if endless:
        first = f"aws logs put-retention-policy --log-group-name {endless[0]} --retention-in-days 30"
        return broken(
            *(f"{name} keeps its lines for ever" for name in endless),
            then=f"{first} --region {where.landscape.region}",
        )
    if not facts.log_groups:
        return to_do("there are no log groups", then=where.provision_command)
    return done("every log group lets lines go in time")


def log_groups_known(where: Where, facts: Facts) -> Judgement:
    """Check that every log group is one of the program's: others are made by a writer with too many permissions."""
    if isinstance(facts.log_groups, Unread):
        return unread(facts.log_groups)
    strange = [group.name for group in facts.log_groups if group.name not in where.landscape.log_groups]
    if strange:
        return broken(
            *(f"{name} is not the program's" for name in strange),
            then=f"aws logs describe-log-streams --log-group-name {strange[0]} --region {where.landscape.region}",
        )
    return done(f"all below {where.landscape.log_group_prefix} are the program's")


def aurora_closed(where: Where, facts: Facts) -> Judgement:
    """Check that Aurora is reached only from where the config says.

    No connection is tried. A private cluster's name leads to private addresses from everywhere: one that succeeded
    would only show that the VPN is up, and one that failed nothing.
    """
    aurora = facts.aurora
    if isinstance(aurora, Unread):
        return unread(aurora)
    if aurora is None:
        return to_do("there is no cluster", then=where.provision_command)
    if isinstance(aurora.rules, Unread):
        return unread(aurora.rules)
    cidrs = where.landscape.stores_of(AuroraCluster)[0].allowed_cidrs
    open_to = sorted(
        {rule.cidr for rule in aurora.rules if rule.cidr not in (cidrs or ()) and not _is_private(rule.cidr)}
    )
    lines = [f"its security group lets {cidr} in, which the config does not" for cidr in open_to]
    if cidrs is None:
        lines += _public(aurora, facts)
    if lines:
        return broken(*lines, then=where.provision_command)
    if cidrs is not None:
        return done(f"open to {', '.join(cidrs)}, as the config says, and to nobody else on the internet")
    addresses = facts.addresses.get(aurora.cluster.endpoint, ())
    return done(
        "not publicly accessible, and no range of the internet is let in",
        *([f"what its name leads to: {addresses.why}"] if isinstance(addresses, Unclear) else []),
    )


def _public(aurora: AuroraReading, facts: Facts) -> list[str]:
    addresses = facts.addresses.get(aurora.cluster.endpoint, ())
    known: tuple[str, ...] = () if isinstance(addresses, Unclear) else addresses
    return [
        *(
            f"{instance.identifier} is publicly accessible"
            for instance in aurora.cluster.instances
            if instance.is_publicly_accessible
        ),
        *(
            f"its name leads to {address}, which is public"
            for address in known
            if not any(IPv4Address(address) in private for private in _PRIVATE)
        ),
    ]


def alarm_mails(where: Where, facts: Facts) -> Judgement:
    """Check that somebody hears the alarms, and what ElastiCache tells of Redis on a topic of its own."""
    if isinstance(facts.alarms, Unread):
        return unread(facts.alarms)
    alarms, subscriptions = facts.alarms.alarms, facts.alarms.subscriptions
    if not alarms:
        return to_do("there are no alarms", then=where.provision_command)
    if isinstance(subscriptions, Unread) or isinstance(facts.cache_events, Unread):
        return unread(*(found for found in (subscriptions, facts.cache_events) if isinstance(found, Unread)))
    topics = {"alarms": subscriptions}
    if facts.cache_events is not None:
        topics["Redis's events"] = facts.cache_events
    lines = [
        *(f"{alarm.name} tells nobody" for alarm in alarms if not alarm.actions),
        *(
            f"{email}: not subscribed to {topic}"
            for topic, told in topics.items()
            for email in where.landscape.alarm_emails
            if email not in {subscription.endpoint for subscription in told}
        ),
    ]
    if lines:
        return broken(*lines, then=where.provision_command)
    waiting = [
        f"{email}: has not confirmed the subscription to {topic}"
        for topic, told in topics.items()
        for email in where.landscape.alarm_emails
        if email not in _confirmed(told)
    ]
    if waiting:
        return to_do(*waiting, then="follow the link in each mail from AWS Notifications")
    return done(f"{len(alarms)} alarms write to {', '.join(sorted(_confirmed(subscriptions)))}")


def _confirmed(subscriptions: Sequence[Subscription]) -> set[str]:
    return {subscription.endpoint for subscription in subscriptions if subscription.is_confirmed}


def aurora_backup(where: Where, facts: Facts) -> Judgement:
    """Check that Aurora can be restored to a moment ago."""
    if isinstance(facts.aurora, Unread):
        return unread(facts.aurora)
    if facts.aurora is None:
        return to_do("there is no cluster", then=where.provision_command)
    cluster = facts.aurora.cluster
    then = (
        f"aws rds describe-db-clusters --db-cluster-identifier {cluster.identifier} --region {where.landscape.region}"
    )
    if cluster.restorable_until is None:
        return to_do("cannot be restored yet: the first backup follows the cluster's start", then=then)
    said = f"can be restored until {utc(cluster.restorable_until)}"
    if cluster.status in STOPPED and where.stopped_until is not None:
        return done(f"{said}; {cluster.status} (running_hours), it changes no more")
    return done(said) if where.at - cluster.restorable_until <= _NEWEST_RESTORE else broken(said, then=then)


def redis_backup(where: Where, facts: Facts) -> Judgement:
    """Check that Redis has a fresh snapshot."""
    redis = facts.redis
    if isinstance(redis, Unread):
        return unread(redis)
    if redis is None:
        return to_do("there is no Redis", then=where.provision_command)
    command = f"aws elasticache describe-snapshots --replication-group-id {redis.group.id}"
    return _snapshot(where, redis.snapshot_at, command)


def clickhouse_backup(where: Where, facts: Facts) -> Judgement:
    """Check that ClickHouse's volume has a fresh snapshot."""
    return _snapshot(where, facts.clickhouse_snapshot_at, "aws dlm get-lifecycle-policies")


def _snapshot(where: Where, taken: datetime | Unread | None, command: str) -> Judgement:
    then = f"{command} --region {where.landscape.region}"
    if isinstance(taken, Unread):
        return unread(taken)
    if taken is None:
        return to_do("no snapshot yet: the first comes within a day; if none does, something is wrong", then=then)
    said = f"the newest snapshot is of {utc(taken)}"
    return done(said) if where.at - taken <= _NEWEST_SNAPSHOT else broken(f"{said}, and they are daily", then=then)


def _is_private(cidr: str) -> bool:
    network = ip_network(cidr)
    return isinstance(network, IPv4Network) and any(network.subnet_of(private) for private in _PRIVATE)
