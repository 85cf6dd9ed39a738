"""The checks of a PostgreSQL instance. Every check is a pure function of what was read."""

from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network, ip_network

from workbench.aws.rds.instances import Instance
from workbench.operations.doctor.report import Judgement, broken, done, to_do, unread
from workbench.operations.readings import Unclear, Unread
from workbench.operations.stores.kind import Examination
from workbench.operations.stores.postgresql.facts import PostgresFacts
from workbench.operations.times import utc
from workbench.stores import PostgresInstance
from workbench.words import command

PostgresExamination = Examination[PostgresInstance, PostgresFacts]

_NEWEST_RESTORE = timedelta(hours=1)
"""RDS uploads logs to restore from every five minutes ("Restoring a DB instance to a specified time")."""

_PRIVATE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
"""RFC 1918. Python's ``is_private`` takes in more, documentation's addresses for one."""

_AUTHORITY_ENDS = timedelta(days=365)
"""RDS asks for half a year at least to rotate an authority; a certificate of it lasts a year at the most ("Rotating
your SSL/TLS certificate", RDS User Guide)."""


def closed(one: PostgresExamination) -> Judgement:
    """Check that nobody reaches the instance from outside. No connection is tried: it would show nothing."""
    instance, rules = one.facts.instance, one.facts.rules
    if failed := [fact for fact in (instance, rules) if isinstance(fact, Unread)]:
        return unread(*failed)
    if instance is None or isinstance(instance, Unread) or isinstance(rules, Unread):
        return _absent(one)
    open_to = sorted({rule.cidr for rule in rules if not _is_private(rule.cidr)})
    lines = [f"its security group lets {cidr} in" for cidr in open_to]
    if instance.settings.is_publicly_accessible:
        lines.append(f"{instance.identifier} is publicly accessible")
    addresses = one.addresses.get(instance.endpoint or "", ())
    known = () if isinstance(addresses, Unclear) else addresses
    lines += [f"its name leads to {address}, which is public" for address in known if not _is_private_address(address)]
    if lines:
        return broken(*lines, then=one.where.provision_command)
    return done(
        "not publicly accessible, and no range of the internet is let in",
        *([f"what its name leads to: {addresses.why}"] if isinstance(addresses, Unclear) else []),
    )


def told(one: PostgresExamination) -> Judgement:
    """Check that applications are told the instance that the stack file means, and not another one."""
    instance, host, store = one.facts.instance, one.facts.told, one.store
    if failed := [fact for fact in (instance, host) if isinstance(fact, Unread)]:
        return unread(*failed)
    if instance is None or isinstance(instance, Unread) or isinstance(host, Unread):
        return _absent(one)
    if host is None:
        return to_do(f"{store.secret} names no host", then=one.where.provision_command)
    if host == instance.endpoint:
        return done(f"{store.secret} names {instance.identifier}")
    other = host.partition(".")[0]
    return broken(
        f"{store.secret} names {other}; the stack file means {instance.identifier}, and so do alarms and `pulumi up`",
        then=command("restore", "switch", other, "--dry-run", "--stack", one.where.stack),
    )


def in_sync(one: PostgresExamination) -> Judgement:
    """Check that the instance runs with its parameters, and that no change waits."""
    instance = one.facts.instance
    if isinstance(instance, Unread):
        return unread(instance)
    return _absent(one) if instance is None else _in_sync(one, instance)


def _in_sync(one: PostgresExamination, instance: Instance) -> Judgement:
    group, status = instance.settings.parameter_group, instance.parameters_status
    about = f"--db-instance-identifier {instance.identifier} --region {one.where.description.region}"
    look = f"aws rds describe-db-instances {about}"
    if not group.startswith(one.store.parameter_group):
        said = f"its parameter group is {group}, which is none of {one.store.parameter_group}…"
        return broken(said, then=one.where.provision_command)
    if status == "pending-reboot":
        said = f"a parameter of {group} waits for a restart, which takes a minute or two"
        return to_do(said, then=f"aws rds reboot-db-instance {about}")
    if status not in ("in-sync", "applying"):
        return broken(f"{group} is {status}", then=look)
    if instance.pending:
        said = f"{', '.join(instance.pending)} changes in the maintenance window"
        return to_do(f"{said}, {instance.settings.maintenance_window} UTC", then=look)
    return done(f"{group} is {status}")


def backup(one: PostgresExamination) -> Judgement:
    """Check that the instance can be restored to a moment ago."""
    instance, where = one.facts.instance, one.where
    if isinstance(instance, Unread):
        return unread(instance)
    if instance is None:
        return _absent(one)
    region = where.description.region
    then = f"aws rds describe-db-instances --db-instance-identifier {instance.identifier} --region {region}"
    if instance.settings.backup_retention_days == 0:
        return broken("backups are off", then=where.provision_command)
    if instance.restorable_until is None:
        return to_do("cannot be restored yet: the first backup follows the instance's start", then=then)
    said = (
        f"can be restored until {utc(instance.restorable_until)}, {instance.settings.backup_retention_days} days back"
    )
    return done(said) if where.at - instance.restorable_until <= _NEWEST_RESTORE else broken(said, then=then)


def authority(one: PostgresExamination) -> Judgement:
    """Check that the authority of the certificate lasts: clients that trust only it stop connecting at its end."""
    found, where = one.facts.authority, one.where
    if isinstance(found, Unread):
        return unread(found)
    if found is None:
        return _absent(one)
    said = f"{found.identifier} is valid until {utc(found.valid_till)}"
    if found.valid_till - where.at < _AUTHORITY_ENDS:
        return broken(said, then=f"aws rds describe-certificates --region {where.description.region}")
    return done(said)


def _absent(one: PostgresExamination) -> Judgement:
    return to_do(f"there is no {one.store.label} instance {one.store.identifier}", then=one.where.provision_command)


def _is_private(cidr: str) -> bool:
    network = ip_network(cidr)
    return isinstance(network, IPv4Network) and any(network.subnet_of(private) for private in _PRIVATE)


def _is_private_address(address: str) -> bool:
    return any(IPv4Address(address) in private for private in _PRIVATE)


def storage_left(instance: Instance, free_bytes: float | None) -> float | None:
    """Return the share of the storage that is free, in percent; None: nothing was measured."""
    if free_bytes is None or not instance.settings.storage_gib:
        return None
    return 100 * free_bytes / (instance.settings.storage_gib * 1024**3)
