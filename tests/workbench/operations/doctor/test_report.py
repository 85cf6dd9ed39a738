"""What `zelly doctor` says of an environment as a whole."""

import re
from dataclasses import replace

import pytest

from tests.workbench.operations.account.test_checks import CASES as ACCOUNT_CASES
from tests.workbench.operations.doctor.test_ageing import CASES as AGEING_CASES
from tests.workbench.operations.doctor.test_invariants import CASES as INVARIANT_CASES
from tests.workbench.operations.doctor.test_steps import CASES as STEP_CASES
from tests.workbench.operations.environments import DENIED, WELL, WHERE, images, with_store
from tests.workbench.operations.upkeep.test_checks import CASES as UPKEEP_CASES
from workbench.operations.account.service_linked_roles import SERVICES
from workbench.operations.doctor.checks import examine, invariants, steps
from workbench.operations.doctor.facts import Facts, Unclear
from workbench.operations.doctor.report import Finding, Verdict, cannot_tell, done, unread
from workbench.operations.readings import Unread


def test_nothing_is_to_do_where_all_is_well() -> None:
    report = examine(WHERE, WELL)
    found = {finding.name: finding.judgement for finding in (*report.steps, *report.invariants)}
    assert found == {
        "service-linked roles": done(f"all {len(SERVICES)} services have theirs"),
        "state backend": done("bucket state in eu-west-1, key alias/state"),
        "account settings": done("7 settings are as wanted"),
        "quotas": done("all suffice, if nothing else in the region uses them"),
        "Cloudflare names": done("no record in Cloudflare stands where the program makes one"),
        "stack provisioned": done("Aurora, Redis, 2 services and 2 load balancers are there"),
        "secrets filled": done("all 3 keys that task definitions refer to have values"),
        "tables made": cannot_tell("nobody sees them", then="zelly service run api --stack production -- COMMAND"),
        "ClickHouse prepared": done("4 statements applied; whether the files have more, the command tells"),
        "images pushed": done("every image of the newest task definitions is in ECR"),
        "services run": done("every service runs"),
        "DNS": done("every host name leads to its load balancer"),
        "certificates issued": done("every certificate is issued"),
        "certificates last": done("the first one to expire has 200 days left"),
        "images kept": done("what runs is in ECR, and so is what rollbacks would go to"),
        "images recorded": done("every image parameter holds what runs"),
        "log retention": done("every log group lets lines go in time"),
        "log groups known": done("all below /shop/ are the program's"),
        "Aurora closed": done("not publicly accessible, and no range of the internet is let in"),
        "no locks": cannot_tell(
            "nobody sees those",
            then="zelly service run web --container proxy --stack production -- find /locks",
        ),
        "alarm mails": done("2 alarms write to ops@shop.example"),
        "host images": done("every host runs the stack file's image; the oldest is 40 days old"),
        "releases supported": done(
            "Aurora MySQL 3.10: supported until 2028-04-30",
            "ElastiCache for Redis OSS 7: no end of support is announced",
            "ClickHouse 24.3: support ended on 2025-03-27; accepted until 2027-11-30: nobody else reaches it",
            "Amazon Linux 2023: supported until 2029-06-30",
        ),
        "Aurora backup": done("can be restored until 2026-05-04T11:55:00Z"),
        "Redis backup": done("the newest snapshot is of 2026-05-03T16:00:00Z"),
        "ClickHouse backup": done("the newest snapshot is of 2026-05-03T06:00:00Z"),
        "engine versions": done("Aurora 8.0.mysql_aurora.3.10.2 and redis 7.1.0, as the stack file pins them"),
        "maintenance": done("AWS announces nothing for Aurora, Redis and the hosts"),
        "Aurora's authority": done("rds-ca-rsa2048-g1 is valid until 2061-05-25T00:00:00Z"),
    }
    assert report.is_well


def test_every_check_that_can_fail_is_seen_failing() -> None:
    failing = {
        name
        for name, _, _, expected in [*STEP_CASES, *ACCOUNT_CASES, *AGEING_CASES, *INVARIANT_CASES, *UPKEEP_CASES]
        if expected.verdict in (Verdict.TO_DO, Verdict.BROKEN)
    }
    assert {*steps(WHERE), *invariants(WHERE)} - failing == {"tables made", "no locks"}


@pytest.mark.parametrize(
    ("facts", "is_well"),
    [
        pytest.param(WELL, True, id="what cannot be told from outside does not count"),
        pytest.param(with_store(WELL, "ClickHouse", ledger=Unclear("no way")), True, id="nor what is not reached"),
        pytest.param(replace(WELL, alarms=DENIED), False, id="what AWS refuses to tell does"),
        pytest.param(replace(WELL, state_key=None), False, id="what is to do does"),
        pytest.param(replace(WELL, images={"api": images(is_recorded=False)}), False, id="what is broken does"),
    ],
)
def test_report_is_well_only_when_nothing_is_left(facts: Facts, is_well: bool) -> None:
    assert examine(WHERE, facts).is_well is is_well


def test_lines_align_and_name_the_next_command() -> None:
    report = examine(WHERE, replace(WELL, alarms=DENIED, state_region=None))
    lines = [line for line, _ in report.lines()]
    assert lines[:5] == [
        "production in eu-west-1 at 2026-05-04T12:00:00Z: 25 done, 1 to do, 3 can't tell",
        "To do, in this order",
        "  to do       state backend         no bucket state",
        "                                    next: zelly state bootstrap",
        "Not seen from here",
    ]
    (position,) = (
        number for number, line in enumerate(lines) if line.startswith("  can't tell  alarm mails           ")
    )
    assert lines[position].endswith(" AccessDeniedException: no")
    assert lines[position + 1] == "                                    (ask)"
    assert [verdict for _, verdict in report.lines()][:5] == [None, None, Verdict.TO_DO, None, None]


def test_what_is_broken_comes_first_and_commands_are_not_broken_in_two() -> None:
    report = examine(WHERE, replace(WELL, images={"api": images(is_recorded=False)}, state_region=None))
    lines = [line for line, _ in report.lines(columns=70)]
    assert [line for line in lines if not line.startswith(" ")][1:] == [
        "Broken",
        "To do, in this order",
        "Not seen from here",
        "Done",
    ]
    assert max(len(line) for line in lines if "next: " not in line) <= 70
    (locks,) = (finding for finding in report.invariants if finding.name == "no locks")
    assert any(line.endswith(f"next: {locks.judgement.next}") for line in lines)


def test_calls_that_all_fail_alike_are_one_line() -> None:
    findings = [
        Finding(name=name, judgement=unread(Unread(f"{name}: ExpiredToken: expired", "credentials")))
        for name in ("state backend", "Aurora closed")
    ]
    migrations = Finding(name="migrations run", judgement=cannot_tell("not seen from outside"))
    report = replace(examine(WHERE, WELL), steps=(findings[0], migrations), invariants=(findings[1],))
    assert [line for line, _ in report.lines()][1:] == [
        "Nothing could be read; every call failed alike, as this one: state backend: ExpiredToken: expired"
    ]


def test_document_has_every_finding_in_its_part() -> None:
    document = examine(WHERE, replace(WELL, certificates=DENIED)).document()
    assert {name: document[name] for name in ("stack", "region", "at", "is_well")} == {
        "stack": "production",
        "region": "eu-west-1",
        "at": "2026-05-04T12:00:00Z",
        "is_well": False,
    }
    assert [len(document["steps"]), len(document["invariants"])] == [len(steps(WHERE)), len(invariants(WHERE))]
    assert document["steps"][0] == {
        "name": "service-linked roles",
        "verdict": "done",
        "seen": [f"all {len(SERVICES)} services have theirs"],
        "next": None,
        "is_unread": False,
    }
    assert [one["verdict"] for one in (*document["steps"], *document["invariants"]) if one["is_unread"]]


def test_verdicts_are_counted_and_those_that_none_has_are_left_out() -> None:
    ((title, verdict), *_) = examine(WHERE, WELL).lines(500)
    assert verdict is None
    assert re.fullmatch(r"production in eu-west-1 at 2026-05-04T12:00:00Z: [1-9]\d* done, [1-9]\d* can't tell", title)
