"""The invariants of `zelly doctor`, in every state that they can be found in."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from tests.workbench.operations.doctor.judged import Case, each, judgement
from tests.workbench.operations.environments import (
    AURORA,
    CLICKHOUSE,
    DENIED,
    DESCRIPTION,
    EARLIER_IMAGE,
    IMAGE,
    NOW,
    REDIS,
    WELL,
    WHERE,
    alarm,
    certificate,
    cluster,
    images,
    rule,
    subscription,
    with_store,
)
from workbench.aws.cloudwatch import Alarm
from workbench.aws.logs.groups import LogGroup
from workbench.aws.sns import Subscription
from workbench.operations.doctor.facts import AlarmReading, Facts, Refused, Unclear
from workbench.operations.doctor.report import broken, done, to_do, unread

CPU_ALARM = alarm("cpu")
UP = "pulumi up --stack production"
STATUS = "zelly service status --stack production"
OPEN = replace(AURORA, allowed_cidrs=("203.0.113.0/24",))
PUBLIC = replace(WHERE, description=replace(DESCRIPTION, stores=(OPEN, REDIS, CLICKHOUSE)))
NOTHING = replace(WELL, services={}, images={})
REDIS_COMMAND = "aws elasticache describe-snapshots --replication-group-id shop-redis-1 --region eu-west-1"
NO_SNAPSHOT = "no snapshot yet: the first comes within a day; if none does, something is wrong"
RESTORE = "aws rds describe-db-clusters --db-cluster-identifier shop-aurora --region eu-west-1"
PUT_RETENTION = "aws logs put-retention-policy --log-group-name /shop/bastion --retention-in-days 30"


def resolving(*addresses: str) -> Facts:
    """Return everything well, but Aurora's name leads elsewhere."""
    return replace(WELL, addresses={**WELL.addresses, "shop-aurora.rds.example": addresses})


def telling(*subscriptions: Subscription, alarms: Sequence[Alarm] = (CPU_ALARM,)) -> Facts:
    return replace(WELL, alarms=AlarmReading(alarms=list(alarms), subscriptions=list(subscriptions)))


CASES: list[Case] = [
    *(
        (name, WHERE, facts, judgement)
        for name in ("images kept", "images recorded")
        for facts, judgement in [
            (NOTHING, to_do("no service is in ECS", then=UP)),
            (replace(WELL, services=DENIED, images={}), unread(DENIED)),
            (replace(WELL, images={"api": DENIED}), unread(DENIED)),
            (replace(WELL, images={"api": Refused("odd")}), broken("odd", then=STATUS)),
        ]
    ),
    ("certificates last", WHERE, replace(WELL, certificates=DENIED), unread(DENIED)),
    ("certificates last", WHERE, replace(WELL, certificates={}), to_do("no certificate is issued", then=UP)),
    (
        "certificates last",
        WHERE,
        replace(WELL, certificates={"api.shop.example": certificate(days=20)}),
        broken(
            "api.shop.example: 20 days left",
            "ACM renews only what its validation record in Cloudflare still stands for",
            then=UP,
        ),
    ),
    (
        "certificates last",
        WHERE,
        replace(WELL, certificates={"api.shop.example": certificate(days=21)}),
        done("the first one to expire has 21 days left"),
    ),
    (
        "images kept",
        WHERE,
        replace(WELL, images={"api": images(IMAGE, EARLIER_IMAGE)}),
        broken(
            "api: shop/api:prod-2 is not in ECR, and runs",
            "api: shop/api:prod-1 is not in ECR, for a rollback",
            then="zelly image list api --stack production",
        ),
    ),
    (
        "images kept",
        WHERE,
        replace(
            WELL,
            images={"api": images(expiring={IMAGE: "expires within 2 pushes of prod…"}, unmarked=(EARLIER_IMAGE,))},
        ),
        to_do(
            "api: shop/api:prod-2 runs, expires within 2 pushes of prod…",
            then="zelly image list api --stack production",
        ),
    ),
    (
        "images kept",
        WHERE,
        replace(
            WELL,
            images={
                "api": images(
                    expiring={IMAGE: "expires within 1 push of prod…", EARLIER_IMAGE: "expires soon"}, unmarked=(IMAGE,)
                )
            },
        ),
        to_do(
            "api: shop/api:prod-2 runs, expires within 1 push of prod…",
            "api: shop/api:prod-1, for a rollback, expires soon",
            then="zelly image keep api --stack production",
        ),
    ),
    ("images kept", WHERE, replace(WELL, images={"api": images(expiring=DENIED)}), unread(DENIED)),
    (
        "images kept",
        WHERE,
        replace(WELL, images={"api": images(rollback=None)}),
        done("what runs is in ECR, and so is what rollbacks would go to", "nothing to roll back to yet: api"),
    ),
    (
        "images kept",
        WHERE,
        replace(WELL, images={"api": images(IMAGE, running=None, rollback=None)}),
        done("nothing runs yet whose image could be gone"),
    ),
    (
        "images recorded",
        WHERE,
        replace(WELL, images={"api": images(is_recorded=False)}),
        broken(
            "api: what runs is not what its image parameter holds",
            "`pulumi up` would put the recorded image into the next template",
            then="zelly service deploy api --image api=prod-2 --stack production",
        ),
    ),
    (
        "images recorded",
        WHERE,
        replace(WELL, images={"api": images(running=None)}),
        done("nothing runs yet that could be lost"),
    ),
    ("log retention", WHERE, replace(WELL, log_groups=DENIED), unread(DENIED)),
    ("log retention", WHERE, replace(WELL, log_groups=[]), to_do("there are no log groups", then=UP)),
    (
        "log retention",
        WHERE,
        replace(WELL, log_groups=[LogGroup(name="/shop/bastion", retention_days=None)]),
        broken(
            "/shop/bastion keeps its lines for ever",
            then=f"{PUT_RETENTION} --region eu-west-1",
        ),
    ),
    ("log groups known", WHERE, replace(WELL, log_groups=DENIED), unread(DENIED)),
    (
        "log groups known",
        WHERE,
        replace(WELL, log_groups=[LogGroup(name="/shop/ecs/old", retention_days=30)]),
        broken(
            "/shop/ecs/old is not the program's",
            then="aws logs describe-log-streams --log-group-name /shop/ecs/old --region eu-west-1",
        ),
    ),
    ("Aurora closed", WHERE, with_store(WELL, "Aurora", cluster=DENIED), unread(DENIED)),
    ("Aurora closed", WHERE, with_store(WELL, "Aurora", cluster=None), to_do("there is no cluster", then=UP)),
    ("Aurora closed", WHERE, with_store(WELL, "Aurora", rules=DENIED), unread(DENIED)),
    (
        "Aurora closed",
        WHERE,
        with_store(
            resolving("203.0.113.9", "10.0.130.4"),
            "Aurora",
            cluster=cluster(public=True),
            rules=[rule("0.0.0.0/0"), rule("::/0"), rule("10.10.0.0/24")],
        ),
        broken(
            "its security group lets 0.0.0.0/0 in, which the config does not",
            "its security group lets ::/0 in, which the config does not",
            "shop-aurora-1 is publicly accessible",
            "its name leads to 203.0.113.9, which is public",
            then=UP,
        ),
    ),
    (
        "Aurora closed",
        WHERE,
        replace(WELL, addresses={"shop-aurora.rds.example": Unclear("try again")}),
        done("not publicly accessible, and no range of the internet is let in", "what its name leads to: try again"),
    ),
    (
        "Aurora closed",
        PUBLIC,
        with_store(WELL, "Aurora", cluster=cluster(public=True), rules=[rule("203.0.113.0/24")]),
        done("open to 203.0.113.0/24, as the config says, and to nobody else on the internet"),
    ),
    (
        "Aurora closed",
        PUBLIC,
        with_store(WELL, "Aurora", cluster=cluster(public=True), rules=[rule("198.51.100.0/24")]),
        broken("its security group lets 198.51.100.0/24 in, which the config does not", then=UP),
    ),
    ("alarm mails", WHERE, replace(WELL, alarms=DENIED), unread(DENIED)),
    ("alarm mails", WHERE, telling(alarms=()), to_do("there are no alarms", then=UP)),
    (
        "alarm mails",
        WHERE,
        replace(WELL, alarms=AlarmReading(alarms=[alarm("cpu")], subscriptions=DENIED)),
        unread(DENIED),
    ),
    (
        "alarm mails",
        WHERE,
        telling(subscription(is_confirmed=False)),
        to_do(
            "ops@shop.example: has not confirmed the subscription to alarms",
            then="follow the link in each mail from AWS Notifications",
        ),
    ),
    ("alarm mails", WHERE, with_store(WELL, "Redis", events=DENIED), unread(DENIED)),
    ("alarm mails", WHERE, with_store(WELL, "Redis", events=None), done("2 alarms write to ops@shop.example")),
    (
        "alarm mails",
        WHERE,
        with_store(WELL, "Redis", events=[subscription(is_confirmed=False)]),
        to_do(
            "ops@shop.example: has not confirmed the subscription to Redis's events",
            then="follow the link in each mail from AWS Notifications",
        ),
    ),
    (
        "alarm mails",
        WHERE,
        with_store(WELL, "Redis", events=[]),
        broken("ops@shop.example: not subscribed to Redis's events", then=UP),
    ),
    (
        "alarm mails",
        WHERE,
        telling(subscription(endpoint="boss@shop.example"), alarms=(alarm("cpu", actions=()),)),
        broken("shop-cpu tells nobody", "ops@shop.example: not subscribed to alarms", then=UP),
    ),
    ("Aurora backup", WHERE, with_store(WELL, "Aurora", cluster=DENIED), unread(DENIED)),
    ("Aurora backup", WHERE, with_store(WELL, "Aurora", cluster=None), to_do("there is no cluster", then=UP)),
    (
        "Aurora backup",
        WHERE,
        with_store(WELL, "Aurora", cluster=cluster(minutes=None)),
        to_do("cannot be restored yet: the first backup follows the cluster's start", then=RESTORE),
    ),
    (
        "Aurora backup",
        WHERE,
        with_store(WELL, "Aurora", cluster=cluster(minutes=61)),
        broken("can be restored until 2026-05-04T10:59:00Z", then=RESTORE),
    ),
    ("Redis backup", WHERE, with_store(WELL, "Redis", group=DENIED), unread(DENIED)),
    ("Redis backup", WHERE, with_store(WELL, "Redis", group=None), to_do("there is no Redis", then=UP)),
    (
        "Redis backup",
        WHERE,
        with_store(WELL, "Redis", snapshot_at=None),
        to_do(NO_SNAPSHOT, then=REDIS_COMMAND),
    ),
    ("Redis backup", WHERE, with_store(WELL, "Redis", snapshot_at=DENIED), unread(DENIED)),
    (
        "Redis backup",
        WHERE,
        with_store(WELL, "Redis", snapshot_at=NOW - timedelta(hours=49)),
        broken("the newest snapshot is of 2026-05-02T11:00:00Z, and they are daily", then=REDIS_COMMAND),
    ),
    ("ClickHouse backup", WHERE, with_store(WELL, "ClickHouse", snapshot_at=DENIED), unread(DENIED)),
    (
        "ClickHouse backup",
        WHERE,
        with_store(WELL, "ClickHouse", snapshot_at=None),
        to_do(NO_SNAPSHOT, then="aws dlm get-lifecycle-policies --region eu-west-1"),
    ),
]


@each(CASES)
def test_what_each_check_finds(case: Case) -> None:
    assert judgement(case) == case[-1]
