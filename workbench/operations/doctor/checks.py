"""All checks of an environment, in the order in which they are shown."""

from collections.abc import Callable, Mapping, Sequence, Sized
from functools import partial
from typing import Any

from workbench.operations.account import checks as account_checks
from workbench.operations.doctor import ageing as doctor_ageing
from workbench.operations.doctor import backups as doctor_backups
from workbench.operations.doctor import edge as doctor_edge
from workbench.operations.doctor import invariants as doctor_invariants
from workbench.operations.doctor import releases as doctor_releases
from workbench.operations.doctor import services as doctor_services
from workbench.operations.doctor import steps as doctor_steps
from workbench.operations.doctor.facts import Facts, Where
from workbench.operations.doctor.report import Finding, Judgement, Report, cannot_tell
from workbench.operations.stores.kind import Examination, StoreCheck, Topic
from workbench.operations.stores.kinds import kind_of
from workbench.operations.upkeep import checks as upkeep_checks
from workbench.program import UnseenCheck
from workbench.stores import Store

Check = Callable[[Where, Facts], Judgement]


def steps(where: Where) -> Mapping[str, Check]:
    """Return the steps: what the account needs first, then the order of a fresh environment."""
    return {
        "service-linked roles": account_checks.service_linked_roles,
        "state backend": doctor_steps.state_backend,
        "account settings": account_checks.settings,
        "quotas": account_checks.quotas,
        **_of(where.description.dns_zone_id, {"Cloudflare names": account_checks.cloudflare_names}),
        "stack provisioned": doctor_steps.provisioned,
        "secrets filled": doctor_steps.secrets,
        **_unseen(where.description.unseen_steps),
        **_of_stores(where, Topic.PREPARED),
        **_of(where.services, {"images pushed": doctor_services.images_pushed}),
        **_of(where.services, {"services run": doctor_services.services_run}),
        **_of(
            where.units,
            {"host answers": doctor_releases.host_answers, "release deployed": doctor_releases.release_deployed},
        ),
        **_of(where.description.hostnames, {"DNS": doctor_edge.dns}),
        **_of(where.description.certificate_names, {"certificates issued": doctor_edge.certificates_issued}),
        **_of(_behind_cloudflare(where), {"names at Cloudflare": doctor_edge.names_lead_to_cloudflare}),
    }


def invariants(where: Where) -> Mapping[str, Check]:
    """Return what has to stay true beside the steps, of which secrets, DNS and certificates have to as well."""
    return {
        **_of(where.description.certificate_names, {"certificates last": doctor_edge.certificates_last}),
        **_of(
            _behind_cloudflare(where),
            {
                "Cloudflare's ranges": doctor_edge.cloudflare_ranges,
                "Cloudflare's certificate": doctor_edge.client_certificate_lasts,
            },
        ),
        **_of(
            where.services,
            {"images kept": doctor_services.images_kept, "images recorded": doctor_services.images_recorded},
        ),
        **_of(where.units, {"release recorded": doctor_releases.record_true}),
        "log retention": doctor_invariants.log_retention,
        "log groups known": doctor_invariants.log_groups_known,
        **_of_stores(where, Topic.ACCESS),
        **_unseen(where.description.unseen_invariants),
        "alarm mails": doctor_invariants.alarm_mails,
        **_of(
            [] if where.description.alert_topics is None else [where.description.alert_topics],
            {"alert channels": doctor_invariants.alert_channels},
        ),
        "host images": doctor_ageing.host_images,
        "releases supported": doctor_ageing.releases_supported,
        **_of_stores(where, Topic.BACKUP),
        **_of(
            [] if where.description.backups is None else [where.description.backups],
            {"dumps verified": doctor_backups.dumps_verified},
        ),
        "engine versions": upkeep_checks.engine_versions,
        "maintenance": upkeep_checks.maintenance,
        **_of_stores(where, Topic.AUTHORITY),
    }


def _of(parts: Sized, checks: Mapping[str, Check]) -> Mapping[str, Check]:
    """Return the checks of parts that there are; none where there are none."""
    return checks if len(parts) else {}


def _behind_cloudflare(where: Where) -> Sequence[str]:
    return () if where.description.edge is None else where.description.edge.hostnames


def examine(where: Where, facts: Facts) -> Report:
    """Return the findings of all checks."""
    return Report(
        stack=where.stack,
        region=where.description.region,
        at=where.at,
        steps=_findings(steps(where), where, facts),
        invariants=_findings(invariants(where), where, facts),
    )


def _findings(checks: Mapping[str, Check], where: Where, facts: Facts) -> tuple[Finding, ...]:
    return tuple(Finding(name=name, judgement=check(where, facts)) for name, check in checks.items())


def _of_stores(where: Where, topic: Topic) -> Mapping[str, Check]:
    return {
        check.name.format(store.label): partial(_examined, store, check)
        for store in where.description.stores
        for check in kind_of(store).checks()
        if check.topic is topic
    }


def _examined(store: Store, check: StoreCheck[Any, Any], where: Where, facts: Facts) -> Judgement:
    known = facts.stores[store.label]
    return check.check(Examination(where=where, store=store, facts=known, addresses=facts.addresses))


def _unseen(checks: Sequence[UnseenCheck]) -> Mapping[str, Check]:
    return {check.name: partial(_said, check) for check in checks}


def _said(check: UnseenCheck, where: Where, facts: Facts) -> Judgement:
    del facts
    container = [] if check.container is None else ["--container", check.container]
    return cannot_tell(check.why, then=f"{where.service_command('run', check.service, *container)} -- {check.command}")
