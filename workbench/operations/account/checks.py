"""Checks of what has to be there before the first stack. Each is a pure function of what was read."""

from collections.abc import Sequence

from workbench.operations.account.cloudflare_names import found_conflicts
from workbench.operations.account.facts import QuotaReading
from workbench.operations.account.settings import completed
from workbench.operations.doctor.facts import Facts, Unclear, Where
from workbench.operations.doctor.report import Judgement, cannot_tell, done, to_do, unread
from workbench.operations.readings import Unread
from workbench.providers.quotas import Standing
from workbench.review.quotas.needs import Need
from workbench.words import command


def service_linked_roles(where: Where, facts: Facts) -> Judgement:
    """Check that the services that the program uses have their roles in the account."""
    roles = facts.account.roles
    if isinstance(roles, Unread):
        return unread(roles)
    if missing := [service for service in where.linked_services if service not in roles]:
        return to_do(
            f"none yet of {', '.join(missing)}",
            "a service refuses its first resource in an account while its role is only being made",
            then=command("state bootstrap"),
        )
    return done(f"all {len(where.linked_services)} services have theirs")


def settings(_where: Where, facts: Facts) -> Judgement:
    """Check what is set for the whole account."""
    found = facts.account.settings
    if failed := [value for value in found.values() if isinstance(value, Unread)]:
        return unread(*failed)
    lacking = [
        setting.value
        for setting, value in found.items()
        if not isinstance(value, Unread) and completed(setting, value) != value
    ]
    if lacking:
        return to_do(f"not as wanted: {', '.join(lacking)}", then=command("state bootstrap --account"))
    return done(f"{len(found)} settings are as wanted")


def quotas(where: Where, facts: Facts) -> Judgement:
    """Check that the region's quotas suffice for the plan, even while all of it is updated at once."""
    found = facts.account.quotas
    if isinstance(found, Unread):
        return unread(found)
    if isinstance(found, Unclear):
        return cannot_tell(found.why, then=command("plan", where.stack, "--quotas"))
    if failed := [reading for reading in found.readings.values() if isinstance(reading, Unread)]:
        return unread(*failed)
    read = {code: reading for code, reading in found.readings.items() if isinstance(reading, QuotaReading)}
    held = [(need, read[need.quota.code]) for need in found.needs.needs if need.quota.code in read]
    above = [(need, reading) for need, reading in held if need.standing(reading.value) is Standing.ABOVE]
    lines = [
        _quota_line(need, reading) for need, reading in held if need.standing(reading.value) is not Standing.WITHIN
    ]
    if not above:
        return done("all suffice, if nothing else in the region uses them", *lines)
    return to_do(*lines, then=_next_request(where, above))


def _quota_line(need: Need, reading: QuotaReading) -> str:
    asked = "" if reading.requested is None else f"; {reading.requested:g} asked for, not decided yet"
    return f"{need.quota.name}: {need.words}; {need.relation(reading.value)} the quota of {reading.value:g}{asked}"


def _next_request(where: Where, above: Sequence[tuple[Need, QuotaReading]]) -> str:
    region = where.description.region
    for need, reading in above:
        if reading.requested is None or reading.requested < need.peak:
            return need.quota.increase_command(need.peak, region)
    quota = above[0][0].quota
    return (
        "aws service-quotas list-requested-service-quota-change-history-by-quota "
        f"--service-code {quota.service} --quota-code {quota.code} --region {region}"
    )


def cloudflare_names(where: Where, facts: Facts) -> Judgement:
    """Check that no record in Cloudflare stands where the program makes one; its own are known by what they hold."""
    records, balancers, certificates = facts.account.dns_records, facts.balancers, facts.certificates
    if isinstance(records, Unclear):
        return cannot_tell(records.why)
    if failed := [fact for fact in (records, balancers, certificates) if isinstance(fact, Unread)]:
        return unread(*failed)
    found = found_conflicts(where.description, facts)
    if not found:
        return done("no record in Cloudflare stands where the program makes one")
    return to_do(
        *(conflict.line for conflict in found),
        "`up` is refused there when half of the stack is made (81053: an A, AAAA, or CNAME record with that host "
        "already exists)",
        then=command("doctor --import-file FILE --stack", where.stack),
    )
