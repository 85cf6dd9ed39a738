"""What `zelly doctor` and `zelly status` say of what AWS changed by itself."""

from dataclasses import replace
from datetime import timedelta

from tests.workbench.operations.doctor.judged import Case, each, judgement
from tests.workbench.operations.environments import (
    CLICKHOUSE,
    DENIED,
    DESCRIPTION,
    NODE,
    NOW,
    REDIS,
    WELL,
    WHERE,
    cluster,
    instance,
    with_store,
)
from workbench.aws.ec2.instances import HostEvent
from workbench.aws.elasticache.maintenance import ServiceUpdate
from workbench.aws.rds.maintenance import CertificateAuthority, PendingAction
from workbench.operations.doctor.checks import examine, invariants, steps
from workbench.operations.doctor.facts import Facts
from workbench.operations.doctor.report import broken, done, to_do, unread
from workbench.operations.readings import Unread
from workbench.operations.status.screen import Row, State
from workbench.operations.status.screen import unread as unread_rows
from workbench.operations.upkeep.announced import host_announcements
from workbench.operations.upkeep.rows import upkeep_rows

UP = "pulumi up --stack production"
AURORA = "8.0.mysql_aurora."
ARN = "arn:aws:rds:eu-west-1:123456789012:cluster:shop-aurora"
AHEAD = "the next `up` that reads what AWS has (--refresh) asks for a downgrade"
UPGRADE = PendingAction(resource=ARN, action="db-upgrade", description="", applied_at=NOW + timedelta(days=3))
OFFER = replace(UPGRADE, action="system-update", description="New OS", applied_at=None)
UPDATE = ServiceUpdate(name="redis-20261101", severity="important", apply_by=NOW + timedelta(days=30))
EVENT = HostEvent(instance_id="i-1", code="instance-retirement", not_before=NOW + timedelta(days=14))
HOSTS = {"shop-bastion": replace(instance(), events=(EVENT,))}
APPLY = (
    f"aws rds apply-pending-maintenance-action --resource-identifier {ARN} --apply-action db-upgrade "
    "--opt-in-type next-maintenance --region eu-west-1"
)


def aurora(version: str) -> Facts:
    return with_store(WELL, "Aurora", cluster=replace(cluster(), engine_version=AURORA + version))


def redis(version: str) -> Facts:
    return with_store(WELL, "Redis", node=replace(NODE, version=version))


def authority(days: int) -> Facts:
    ends = NOW + timedelta(days=days)
    return with_store(WELL, "Aurora", authorities=[CertificateAuthority(identifier="rds-ca-2019", valid_till=ends)])


CASES: list[Case] = [
    ("engine versions", WHERE, with_store(WELL, "Aurora", cluster=DENIED), unread(DENIED)),
    ("engine versions", WHERE, with_store(WELL, "Redis", node=DENIED), unread(DENIED)),
    ("engine versions", WHERE, with_store(WELL, "Redis", node=None), to_do("there is no Aurora or no Redis", then=UP)),
    (
        "engine versions",
        WHERE,
        aurora("3.11.1"),
        broken(
            f"Aurora runs {AURORA}3.11.1, the stack file pins {AURORA}3.10.2: {AHEAD}, which RDS refuses",
            then=f"write aurora.engine_version: {AURORA}3.11.1 into Pulumi.production.yaml",
        ),
    ),
    (
        "engine versions",
        WHERE,
        # As text it would come after 3.10.
        aurora("3.9.4"),
        to_do(
            f"Aurora runs {AURORA}3.9.4, the stack file pins {AURORA}3.10.2: an upgrade waits for `up`, or for the "
            "maintenance window",
            then=UP,
        ),
    ),
    (
        "engine versions",
        WHERE,
        redis("redis 7.2.4"),
        broken(
            f"Redis runs 7.2.4, the stack file pins 7.1: {AHEAD}, for which the provider replaces the node, and its "
            "data go",
            then='write redis.engine_version: "7.2" into Pulumi.production.yaml',
        ),
    ),
    (
        "engine versions",
        WHERE,
        redis("valkey 8.0.1"),
        broken(
            f"Redis runs valkey 8.0.1, the stack file pins redis 7.1: {AHEAD}, and nothing leads back from Valkey",
            then='write redis.engine: valkey and redis.engine_version: "8.0" into Pulumi.production.yaml',
        ),
    ),
    ("maintenance", WHERE, replace(WELL, announced=DENIED), unread(DENIED)),
    (
        "maintenance",
        WHERE,
        with_store(with_store(WELL, "Aurora", actions=[OFFER]), "Redis", updates=[UPDATE]),
        done(
            "nothing happens by itself; offered:",
            "shop-aurora: system-update (New OS)",
            "Redis: redis-20261101, important, to be applied by 2026-06-03T12:00:00Z",
        ),
    ),
    (
        "maintenance",
        WHERE,
        replace(with_store(WELL, "Aurora", actions=[UPGRADE]), announced=host_announcements(HOSTS, "eu-west-1")),
        to_do(
            "shop-aurora: db-upgrade, by itself from 2026-05-07T12:00:00Z",
            "i-1: instance-retirement, by itself from 2026-05-18T12:00:00Z",
            then=APPLY,
        ),
    ),
    ("Aurora's authority", WHERE, with_store(WELL, "Aurora", authorities=DENIED), unread(DENIED)),
    (
        "Aurora's authority",
        WHERE,
        with_store(WELL, "Aurora", authorities=()),
        to_do("there is no instance of Aurora", then=UP),
    ),
    ("Aurora's authority", WHERE, authority(365), done("rds-ca-2019 is valid until 2027-05-04T12:00:00Z")),
    (
        "Aurora's authority",
        WHERE,
        authority(364),
        broken(
            "rds-ca-2019 is valid until 2027-05-03T12:00:00Z", then="aws rds describe-certificates --region eu-west-1"
        ),
    ),
]


@each(CASES)
def test_what_each_check_finds(case: Case) -> None:
    assert judgement(case) == case[-1]


def test_status_has_rows_only_for_what_is_changed_or_going_to_be() -> None:
    assert upkeep_rows(DESCRIPTION, with_store(WELL, "Aurora", actions=[OFFER]).stores, {}) == []
    changed = with_store(
        redis("redis 7.2.4"),
        "Aurora",
        cluster=replace(cluster(), engine_version=f"{AURORA}3.9.4"),
        actions=[UPGRADE],
    )
    assert upkeep_rows(DESCRIPTION, changed.stores, HOSTS) == [
        Row(
            section="Changed by AWS",
            name="Aurora",
            state=State.CHANGING,
            what="3.9.4 runs, 3.10.2 is pinned: an upgrade waits",
            details={"running": f"{AURORA}3.9.4", "pinned": f"{AURORA}3.10.2"},
        ),
        Row(
            section="Changed by AWS",
            name="Redis",
            state=State.BROKEN,
            what="7.2.4 runs, 7.1 is pinned: the next `up --refresh` asks for a downgrade",
            details={"running": "7.2.4", "pinned": "7.1"},
        ),
        *(
            Row(section="Changed by AWS", name="announced", state=State.CHANGING, what=what)
            for what in (
                "shop-aurora: db-upgrade, by itself from 2026-05-07T12:00:00Z",
                "i-1: instance-retirement, by itself from 2026-05-18T12:00:00Z",
            )
        ),
    ]


def test_status_says_once_why_something_could_not_be_read() -> None:
    why = Unread("rds:DescribePendingMaintenanceActions, region: AccessDenied: no")
    facts = with_store(WELL, "Aurora", cluster=None, actions=why)
    assert upkeep_rows(DESCRIPTION, facts.stores, why) == unread_rows("Changed by AWS", ["announced"], why)


def test_environment_without_a_store_that_aws_runs() -> None:
    where = replace(WHERE, description=replace(DESCRIPTION, stores=(CLICKHOUSE,)))
    checks = invariants(where)
    assert checks["engine versions"](where, WELL) == done("AWS runs no store")
    assert checks["maintenance"](where, WELL) == done("AWS announces nothing for the hosts")
    assert [name for name in checks if name.endswith((" backup", " closed", "'s authority"))] == ["ClickHouse backup"]
    assert steps(where)["stack provisioned"](where, WELL) == done("2 services and 2 load balancers are there")


def test_two_stores_of_a_kind_are_judged_apart() -> None:
    queues = replace(REDIS, label="Queues", prefix="shop-queues-")
    where = replace(WHERE, description=replace(DESCRIPTION, stores=(REDIS, queues)))
    facts = replace(WELL, stores={**WELL.stores, "Queues": replace(WELL.stores["Redis"], group=None, node=None)})
    found = {finding.name: finding.judgement for finding in examine(where, facts).invariants}
    assert found["Redis backup"] == done("the newest snapshot is of 2026-05-03T16:00:00Z")
    assert found["Queues backup"] == to_do("there is no Queues", then=UP)
    assert found["engine versions"] == to_do("there is no Redis or no Queues", then=UP)
    assert steps(where)["stack provisioned"](where, facts) == broken("missing: Queues shop-queues-*", then=UP)
