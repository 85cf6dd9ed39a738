"""The rows of the status screen, each judged. Every function here is pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from workbench.aws.acm import Certificate
from workbench.aws.cloudwatch import Alarm
from workbench.aws.ec2.instances import Instance
from workbench.aws.elastic_load_balancing import LoadBalancer, Target
from workbench.operations.backups.rows import backup_rows
from workbench.operations.deploys.service import Deployable
from workbench.operations.readings import Unread
from workbench.operations.releases.rows import release_rows
from workbench.operations.status.facts import Absent, StatusFacts
from workbench.operations.status.screen import MAKES_IT, Row, Screen, State, unread, worst
from workbench.operations.status.service import ServiceStatus
from workbench.operations.status.services import service_row
from workbench.operations.stopped import as_stopped, stopped_until
from workbench.operations.stores.kinds import shown
from workbench.operations.times import utc
from workbench.operations.upkeep.rows import upkeep_rows
from workbench.program import Description

RENEWAL_DAYS = 21
"""ACM renews a certificate from 60 days before its end ("Managed certificate renewal"): by now it has failed."""

_ALARMS_SHOWN = 8


def screen(
    description: Description,
    services: Sequence[Deployable],
    facts: StatusFacts,
    *,
    at: datetime,
    units: Sequence[str] = (),
) -> Screen:
    """Return the screen of what was read at ``at``. ``units`` are the services under systemd."""
    by_name = {deployable.service: deployable for deployable in services}
    rows = [
        *(_service(by_name[name], found) for name, found in facts.services.items()),
        *(() if facts.released is None else release_rows(units, facts.released, description.stack)),
        *balancer_rows(description.balancers, facts.balancers, facts.targets),
        *(kind.row(store, facts.stores[store.label]) for store, kind in shown(description)),
        *(() if facts.backups is None else backup_rows(facts.backups, now=at)),
        *upkeep_rows(description, facts.stores, facts.hosts),
        *host_rows(description.hosts, facts.hosts),
        *certificate_rows(description.certified_hostnames, facts.certificates, at=at),
        *alarm_rows(description.alarm_prefix, facts.alarms),
    ]
    until = stopped_until(description.running_hours, at)
    return Screen(
        stack=description.stack, region=description.region, at=at, rows=tuple(as_stopped(row, until) for row in rows)
    )


def _service(deployable: Deployable, found: ServiceStatus | Absent | Unread) -> Row:
    if isinstance(found, Unread):
        return unread("Services", [deployable.service], found)[0]
    if isinstance(found, Absent):
        return Row(section="Services", name=deployable.service, state=State.BROKEN, what=found.why)
    return service_row(found, deployable)


def balancer_rows(
    names: Sequence[str],
    balancers: Mapping[str, LoadBalancer] | Unread,
    targets: Mapping[str, Mapping[int, list[Target]] | Unread],
) -> list[Row]:
    """Return a row for each load balancer: its state, and how many targets of each port are healthy."""
    section = "Load balancers"
    if isinstance(balancers, Unread):
        return unread(section, names, balancers)
    rows: list[Row] = []
    for name in names:
        balancer = balancers.get(name)
        ports = targets.get(name, {})
        if balancer is None:
            rows.append(Row(section=section, name=name, state=State.BROKEN, what=MAKES_IT))
        elif isinstance(ports, Unread):
            rows += unread(section, [name], ports)
        else:
            rows.append(_balancer(section, balancer, ports))
    return rows


def _balancer(section: str, balancer: LoadBalancer, ports: Mapping[int, list[Target]]) -> Row:
    states = [_balancer_state(balancer.state), *(_targets_state(targets) for targets in ports.values())]
    healthy = {port: sum(target.state == "healthy" for target in targets) for port, targets in ports.items()}
    said = [
        f"port {port}: {healthy[port]} of {len(targets)} healthy{_ill(targets)}"
        if targets
        else f"port {port}: no targets"
        for port, targets in ports.items()
    ]
    return Row(
        section=section,
        name=balancer.name,
        state=worst(states if ports else [*states, State.BROKEN]),
        what="; ".join([balancer.state, *(said or ["sends nowhere"])]),
        details={
            "status": balancer.state,
            "targets": [
                {"port": port, "healthy": healthy[port], "registered": len(targets)} for port, targets in ports.items()
            ],
        },
    )


def _balancer_state(state: str) -> State:
    return {"active": State.WELL, "provisioning": State.CHANGING}.get(state, State.BROKEN)


def _targets_state(targets: Sequence[Target]) -> State:
    counts = Counter(target.state for target in targets)
    if counts["unhealthy"] or counts["unavailable"]:
        return State.BROKEN
    if counts["healthy"]:
        return State.WELL
    return State.CHANGING if counts["initial"] else State.BROKEN


def _ill(targets: Sequence[Target]) -> str:
    counts = Counter(target.state for target in targets if target.state != "healthy")
    return "".join(f", {count} {state}" for state, count in sorted(counts.items()))


def host_rows(hosts: Mapping[str, str], found: Mapping[str, Instance] | Unread) -> list[Row]:
    """Return a row for each host: its state and EC2's own checks of it."""
    section = "Hosts"
    if isinstance(found, Unread):
        return unread(section, list(hosts), found)
    rows: list[Row] = []
    for name, tag in hosts.items():
        instance = found.get(tag)
        if instance is None:
            rows.append(Row(section=section, name=name, state=State.BROKEN, what=MAKES_IT))
        else:
            rows.append(_host(section, name, instance))
    return rows


def _host(section: str, name: str, instance: Instance) -> Row:
    address = instance.public_ip or instance.private_ip or "no address"
    return Row(
        section=section,
        name=name,
        state=_host_state(instance),
        what=f"{instance.state}, checks {instance.checks}; {instance.id}, {instance.type}, {address}",
        details={
            "id": instance.id,
            "instance_state": instance.state,
            "checks": instance.checks,
            "type": instance.type,
            "private_ip": instance.private_ip,
            "public_ip": instance.public_ip or None,
        },
    )


def _host_state(instance: Instance) -> State:
    if instance.state == "running":
        return {"ok": State.WELL, "initializing": State.CHANGING}.get(instance.checks, State.BROKEN)
    return State.CHANGING if instance.state == "pending" else State.BROKEN


def certificate_rows(hostnames: Sequence[str], found: Mapping[str, Certificate] | Unread, *, at: datetime) -> list[Row]:
    """Return a row for each certificate: whether it is issued, and how long it is valid."""
    section = "Certificates"
    if isinstance(found, Unread):
        return unread(section, hostnames, found)
    rows: list[Row] = []
    for hostname in hostnames:
        certificate = found.get(hostname)
        if certificate is None:
            rows.append(Row(section=section, name=hostname, state=State.BROKEN, what=MAKES_IT))
            continue
        days = None if certificate.expires_at is None else (certificate.expires_at - at).days
        is_well = certificate.status == "ISSUED" and (days is None or days >= RENEWAL_DAYS)
        said = certificate.status.lower().replace("_", " ")
        rows.append(
            Row(
                section=section,
                name=hostname,
                state=State.WELL if is_well else State.BROKEN,
                what=said if days is None else f"{said}, {days} days left",
                details={"status": certificate.status, "days_left": days},
            )
        )
    return rows


def alarm_rows(prefix: str, alarms: Sequence[Alarm] | Unread) -> list[Row]:
    """Return a row for each alarm that rings, at most eight, and one with how many do not."""
    section = "Alarms"
    if isinstance(alarms, Unread):
        return unread(section, ["all"], alarms)
    if not alarms:
        return [Row(section=section, name="all", state=State.BROKEN, what=f"{prefix}*: {MAKES_IT}")]
    # The newest first.
    ringing = sorted((alarm for alarm in alarms if alarm.state == "ALARM"), key=_since, reverse=True)
    rows = [_ringing(section, alarm, prefix) for alarm in ringing]
    if len(rows) > _ALARMS_SHOWN:
        rows[_ALARMS_SHOWN - 1 :] = [_more(section, rows[_ALARMS_SHOWN - 1 :])]
    counts = Counter(alarm.state for alarm in alarms)
    quiet = Row(
        section=section,
        name="others" if ringing else "all",
        state=State.WELL,
        what=f"{counts['OK']} do not ring, {counts['INSUFFICIENT_DATA']} have no data",
        details={"ok": counts["OK"], "insufficient_data": counts["INSUFFICIENT_DATA"]},
    )
    return [*rows, quiet]


def _since(alarm: Alarm) -> float:
    return 0 if alarm.since is None else alarm.since.timestamp()


def _ringing(section: str, alarm: Alarm, prefix: str) -> Row:
    since = None if alarm.since is None else utc(alarm.since)
    reason = " ".join(alarm.reason.split())
    return Row(
        section=section,
        name=alarm.name.removeprefix(prefix),
        state=State.BROKEN,
        what=f"rings{f' since {since}' if since else ''}: {reason}",
        details={"since": since, "reason": reason},
    )


def _more(section: str, rows: Sequence[Row]) -> Row:
    names = [row.name for row in rows]
    return Row(
        section=section,
        name=f"{len(rows)} more",
        state=State.BROKEN,
        what=f"ring: {', '.join(names)}",
        details={"names": names},
    )
