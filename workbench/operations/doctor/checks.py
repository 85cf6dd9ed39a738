"""All checks of an environment, in the order in which they are shown."""

from collections.abc import Callable, Iterator, Mapping

from workbench.operations.account import checks as account_checks
from workbench.operations.doctor import ageing as doctor_ageing
from workbench.operations.doctor import edge as doctor_edge
from workbench.operations.doctor import invariants as doctor_invariants
from workbench.operations.doctor import services as doctor_services
from workbench.operations.doctor import steps as doctor_steps
from workbench.operations.doctor.facts import Facts, Where
from workbench.operations.doctor.report import Finding, Judgement, Report, cannot_tell
from workbench.operations.upkeep import checks as upkeep_checks
from workbench.program import UnseenCheck

Check = Callable[[Where, Facts], Judgement]

STEPS: Mapping[str, Check] = {
    "service-linked roles": account_checks.service_linked_roles,
    "state backend": doctor_steps.state_backend,
    "account settings": account_checks.settings,
    "quotas": account_checks.quotas,
    "Cloudflare names": account_checks.cloudflare_names,
    "stack provisioned": doctor_steps.provisioned,
    "secrets filled": doctor_steps.secrets,
    "ClickHouse prepared": doctor_steps.clickhouse_init,
    "images pushed": doctor_services.images_pushed,
    "services run": doctor_services.services_run,
    "DNS": doctor_edge.dns,
    "certificates issued": doctor_edge.certificates_issued,
}
"""What the account needs first, then the order of a fresh environment."""

_BEFORE_UNSEEN = "secrets filled"
"""The step that the program's own, unseen ones follow: a task that does them needs its secrets."""

INVARIANTS: Mapping[str, Check] = {
    "certificates last": doctor_edge.certificates_last,
    "images kept": doctor_services.images_kept,
    "images recorded": doctor_services.images_recorded,
    "log retention": doctor_invariants.log_retention,
    "log groups known": doctor_invariants.log_groups_known,
    "Aurora closed": doctor_invariants.aurora_closed,
    "alarm mails": doctor_invariants.alarm_mails,
    "host images": doctor_ageing.host_images,
    "releases supported": doctor_ageing.releases_supported,
    "Aurora backup": doctor_invariants.aurora_backup,
    "Redis backup": doctor_invariants.redis_backup,
    "ClickHouse backup": doctor_invariants.clickhouse_backup,
    "engine versions": upkeep_checks.engine_versions,
    "maintenance": upkeep_checks.maintenance,
    "Aurora's authority": upkeep_checks.certificate_authority,
}
"""Beside the steps, of which secrets, DNS and certificates have to stay true as well."""


def examine(where: Where, facts: Facts) -> Report:
    """Return what all checks find."""
    return Report(
        stack=where.stack,
        region=where.landscape.region,
        at=where.at,
        steps=tuple(_steps(where, facts)),
        invariants=(
            *_findings(INVARIANTS, where, facts),
            *(_unseen(check, where) for check in where.landscape.unseen_invariants),
        ),
    )


def _steps(where: Where, facts: Facts) -> Iterator[Finding]:
    for finding in _findings(STEPS, where, facts):
        yield finding
        if finding.name == _BEFORE_UNSEEN:
            yield from (_unseen(check, where) for check in where.landscape.unseen_steps)


def _findings(checks: Mapping[str, Check], where: Where, facts: Facts) -> tuple[Finding, ...]:
    return tuple(Finding(name=name, judgement=check(where, facts)) for name, check in checks.items())


def _unseen(check: UnseenCheck, where: Where) -> Finding:
    container = [] if check.container is None else ["--container", check.container]
    command = f"{where.service_command('run', check.service, *container)} -- {check.command}"
    return Finding(name=check.name, judgement=cannot_tell(check.why, then=command))
