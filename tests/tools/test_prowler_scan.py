"""What is made of Prowler's report; the scan itself takes minutes and is not run here (make prowler)."""

from datetime import date
from typing import Any

from tests.zelly_infra.stack_files import ROOT
from tools.prowler.scan import EXCEPTIONS, lines, read
from workbench.review.rules.exceptions import read_exceptions
from workbench.review.rules.report import weigh

KEY = "arn:aws:kms:ap-south-1:123456789012:key/1"
CACHE = "arn:aws:sns:ap-south-1:123456789012:zelly-production-cache-events-1234567"
OPEN = "arn:aws:ec2:ap-south-1:123456789012:vpc/vpc-1"


def entry(check: str, uid: str, status: str) -> dict[str, Any]:
    return {
        "metadata": {"event_code": check},
        "severity": "High",
        "status_code": status,
        "status_detail": f"{check} says so.",
        "resources": [{"uid": uid, "group": {"name": "any"}}],
    }


REPORT = [
    entry("sns_topics_kms_encryption_at_rest_enabled", CACHE, "FAIL"),
    entry("vpc_is_open", OPEN, "FAIL"),
    entry("kms_key_not_publicly_accessible", KEY, "PASS"),
]


def test_report_is_read_as_what_failed_and_what_was_looked_at() -> None:
    found = read(REPORT)
    assert [(each.rule, each.name, each.severity.value) for each in found.failed] == [
        ("sns_topics_kms_encryption_at_rest_enabled", CACHE, "high"),
        ("vpc_is_open", OPEN, "high"),
    ]
    assert found.resources == {CACHE, OPEN, KEY}
    assert len(found.checks) == 3


def test_only_what_no_exception_covers_is_new_and_what_covers_nothing_is_told() -> None:
    found = read(REPORT)
    exceptions = [
        each
        for each in read_exceptions(EXCEPTIONS)
        if each.rule in ("sns_topics_kms_encryption_at_rest_enabled", "rds_cluster_multi_az")
    ]
    report = weigh(
        found.failed,
        exceptions,
        stack="production",
        names=found.resources,
        rules=found.checks,
        today=date(2027, 1, 1),
    )
    told = lines(report)
    assert told[0] == f"production: new: vpc_is_open {OPEN}: vpc_is_open says so."
    assert [line.split(":")[1].strip() for line in told[1:]] == ["excepts nothing"]


def test_each_check_is_excepted_once_and_none_for_everything() -> None:
    exceptions = read_exceptions(ROOT / "policy" / "prowler.toml")
    assert len({each.rule for each in exceptions}) == len(exceptions) > 80
    assert [each.rule for each in exceptions if each.resources == "*"] == []
