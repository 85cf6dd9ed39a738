"""What `zelly doctor` says of the account, of its quotas and of names that exist already."""

from dataclasses import replace
from typing import Any

from tests.workbench.operations.doctor.judged import Case, each, judgement
from tests.workbench.operations.environments import DENIED, EIPS, NEEDS, VCPUS, WELL, WHERE
from workbench.aws.account.settings import AccountSetting
from workbench.cloudflare import DnsRecord
from workbench.operations.account.facts import QuotaFacts, QuotaReading
from workbench.operations.account.service_linked_roles import SERVICES
from workbench.operations.account.settings import WANTED
from workbench.operations.doctor.facts import Facts
from workbench.operations.doctor.report import cannot_tell, done, to_do, unread
from workbench.operations.readings import Unclear, Unread

ASK = "aws service-quotas request-service-quota-increase --service-code"
REFUSED = (
    "`up` is refused there when half of the stack is made (81053: an A, AAAA, or CNAME record with that host already "
    "exists)"
)
TAKE_OVER = "zelly doctor --import-file FILE --stack production"
VCPU_LINE = "Fargate On-Demand vCPU resource count: 2 steadily, 4 while all services are updated at once;"


def account(**changes: Any) -> Facts:
    return replace(WELL, account=replace(WELL.account, **changes))


def quotas(vcpus: QuotaReading | Unread, eips: QuotaReading | Unread) -> Facts:
    return account(
        quotas=QuotaFacts(needs=NEEDS, readings={VCPUS.quota.code: vcpus, EIPS.quota.code: eips}),
    )


def reading(value: float, requested: float | None = None) -> QuotaReading:
    return QuotaReading(value=value, requested=requested)


def record(kind: str, content: str, *, name: str = "api.shop.example", number: str = "7") -> DnsRecord:
    return DnsRecord(id=number, type=kind, name=name, content=content)


def zone(*records: DnsRecord, is_made: bool = False) -> Facts:
    """Return an environment with these records in its zone, before its first ``up`` unless ``is_made``."""
    facts = account(dns_records=records)
    return facts if is_made else replace(facts, balancers={}, certificates={})


CASES: list[Case] = [
    ("service-linked roles", WHERE, account(roles=DENIED), unread(DENIED)),
    (
        "service-linked roles",
        WHERE,
        account(roles=frozenset(SERVICES) - {"ecs.amazonaws.com", "rds.amazonaws.com"}),
        to_do(
            "none yet of ecs.amazonaws.com, rds.amazonaws.com",
            "a service refuses its first resource in an account while its role is only being made",
            then="zelly state bootstrap",
        ),
    ),
    ("account settings", WHERE, account(settings={**WANTED, AccountSetting.IMAGES: DENIED}), unread(DENIED)),
    (
        "account settings",
        WHERE,
        account(settings={**WANTED, AccountSetting.VOLUMES: {"EbsEncryptionByDefault": False}}),
        to_do("not as wanted: EBS encryption by default", then="zelly state bootstrap --account"),
    ),
    ("quotas", WHERE, account(quotas=DENIED), unread(DENIED)),
    (
        "quotas",
        WHERE,
        account(quotas=Unclear("there is no plan of production: x")),
        cannot_tell("there is no plan of production: x", then="zelly plan production --quotas"),
    ),
    ("quotas", WHERE, quotas(DENIED, reading(5)), unread(DENIED)),
    (
        "quotas",
        WHERE,
        quotas(reading(4), reading(7)),
        done(
            "all suffice, if nothing else in the region uses them",
            f"{VCPU_LINE} all of the quota of 4",
        ),
    ),
    (
        "quotas",
        WHERE,
        quotas(reading(3), reading(4)),
        to_do(
            f"{VCPU_LINE} above the quota of 3",
            "EC2-VPC Elastic IPs: 5 allocated; above the quota of 4",
            then=f"{ASK} fargate --quota-code L-3032A538 --desired-value 4 --region eu-west-1",
        ),
    ),
    (
        "quotas",
        WHERE,
        quotas(reading(3, requested=4), reading(4)),
        to_do(
            f"{VCPU_LINE} above the quota of 3; 4 asked for, not decided yet",
            "EC2-VPC Elastic IPs: 5 allocated; above the quota of 4",
            then=f"{ASK} ec2 --quota-code L-0263D0A3 --desired-value 5 --region eu-west-1",
        ),
    ),
    (
        "quotas",
        WHERE,
        quotas(reading(3, requested=10), reading(10)),
        to_do(
            f"{VCPU_LINE} above the quota of 3; 10 asked for, not decided yet",
            then="aws service-quotas list-requested-service-quota-change-history-by-quota --service-code fargate "
            "--quota-code L-3032A538 --region eu-west-1",
        ),
    ),
    ("Cloudflare names", WHERE, account(dns_records=DENIED), unread(DENIED)),
    ("Cloudflare names", WHERE, account(dns_records=Unclear("no token")), cannot_tell("no token")),
    (
        "Cloudflare names",
        WHERE,
        zone(record("CNAME", "old.example.com"), record("TXT", "v=spf1")),
        to_do("api.shop.example: CNAME old.example.com is there (record 7)", REFUSED, then=TAKE_OVER),
    ),
    (
        "Cloudflare names",
        WHERE,
        zone(record("A", "192.0.2.9")),
        to_do(
            "api.shop.example: A 192.0.2.9 is there; the program makes CNAME: delete it right before `up` (record 7)",
            REFUSED,
            then=TAKE_OVER,
        ),
    ),
    (
        "Cloudflare names",
        WHERE,
        zone(record("A", "192.0.2.9", name="web.shop.example")),
        to_do(
            "web.shop.example: A 192.0.2.9 is there, and would be answered beside the program's (record 7)",
            REFUSED,
            then=TAKE_OVER,
        ),
    ),
    (
        "Cloudflare names",
        WHERE,
        zone(record("CNAME", "_y.acm-validations.aws", name="_x.api.shop.example")),
        to_do("_x.api.shop.example: CNAME _y.acm-validations.aws is there (record 7)", REFUSED, then=TAKE_OVER),
    ),
    (
        "Cloudflare names",
        WHERE,
        zone(
            record("CNAME", "alb-api.elb.example"),
            record("CNAME", "_y.acm-validations.aws", name="_x.api.shop.example"),
            record("A", "198.51.100.7", name="web.shop.example"),
            is_made=True,
        ),
        done("no record in Cloudflare stands where the program makes one"),
    ),
    ("Cloudflare names", WHERE, replace(zone(record("A", "192.0.2.9")), balancers=DENIED), unread(DENIED)),
]


@each(CASES)
def test_what_each_check_finds(case: Case) -> None:
    assert judgement(case) == case[-1]
