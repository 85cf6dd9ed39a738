"""The steps of `zelly doctor`, in every state that they can be found in."""

from dataclasses import replace

from tests.workbench.operations.doctor.judged import Case, each, judgement
from tests.workbench.operations.environments import (
    DENIED,
    DESCRIPTION,
    IMAGE,
    WELL,
    WHERE,
    balancer,
    certificate,
    images,
    key,
    with_store,
)
from tests.workbench.operations.seen import D, service
from workbench.operations.doctor.facts import Facts, Refused, Unclear
from workbench.operations.doctor.report import broken, cannot_tell, to_do, unread
from workbench.operations.secrets.check import Lack, SecretCheck
from workbench.operations.stores.clickhouse.facts import Ledger

UP = "pulumi up --stack production"
STATUS = "zelly service status --stack production"
PROXIED = replace(WHERE, description=replace(DESCRIPTION, is_proxied=True))
EMBEDDED = replace(WHERE, is_embedded=True)

NO_STORES = with_store(with_store(WELL, "Aurora", cluster=None), "Redis", group=None)
NOTHING = replace(NO_STORES, services={}, images={}, balancers={})
RUNNING = service(D(state="COMPLETED", running=1))
FAILED = service(D(state="FAILED"))


def lack(secret: str, key: str, problem: str = "empty") -> Lack:
    return Lack(secret=secret, key=key, problem=problem, needed_by=())


def resolving(**addresses: tuple[str, ...] | Unclear) -> Facts:
    """Return everything well, but names that resolve otherwise: api, web, alb."""
    names = {"api": "api.shop.example", "web": "web.shop.example", "alb": "alb-api.elb.example"}
    return replace(WELL, addresses={**WELL.addresses, **{names[name]: found for name, found in addresses.items()}})


CASES: list[Case] = [
    (
        "state backend",
        WHERE,
        replace(WELL, state_region=None, state_key=None),
        to_do("no bucket state, no key alias/state in eu-west-1", then="zelly state bootstrap"),
    ),
    (
        "state backend",
        WHERE,
        replace(WELL, state_key=None),
        to_do("no key alias/state in eu-west-1", then="zelly state bootstrap"),
    ),
    (
        "state backend",
        WHERE,
        replace(WELL, state_key=key("PendingDeletion")),
        broken(
            "key alias/state is PendingDeletion: no stack's state can be read with it",
            then="aws kms describe-key --key-id alias/state --region eu-west-1",
        ),
    ),
    ("state backend", WHERE, replace(WELL, state_region=DENIED, state_key=None), unread(DENIED)),
    ("stack provisioned", WHERE, NOTHING, to_do("nothing of it is there", then=UP)),
    ("stack provisioned", EMBEDDED, NOTHING, to_do("nothing of it is there", then="zelly sandbox up production")),
    (
        "stack provisioned",
        WHERE,
        replace(
            with_store(WELL, "Redis", group=None),
            services={"shop-api": RUNNING},
            balancers={"alb-api": balancer("alb-api")},
        ),
        broken("missing: Redis shop-redis-*, service shop-tools, load balancer nlb-web", then=UP),
    ),
    ("stack provisioned", WHERE, with_store(NOTHING, "Aurora", cluster=DENIED), unread(DENIED)),
    (
        "secrets filled",
        WHERE,
        replace(
            WELL,
            secrets=SecretCheck(
                checked=4,
                lacks=(
                    lack("shop/api", "A"),
                    lack("shop/api", "B"),
                    lack("shop/api", "C", "missing"),
                    lack("shop/web", "", "there is no such secret"),
                ),
                absent_services=("tools",),
            ),
        ),
        to_do(
            "shop/api, empty: A, B",
            "shop/api, missing: C",
            "shop/web, there is no such secret",
            "tools: no task definition tells what it needs",
            then="zelly secrets push FILE --stack production",
        ),
    ),
    ("secrets filled", WHERE, replace(WELL, secrets=DENIED), unread(DENIED)),
    *(
        ("ClickHouse prepared", WHERE, with_store(WELL, "ClickHouse", ledger=ledger), judgement)
        for command in ["zelly clickhouse init DIR --stack production"]
        for ledger, judgement in [
            (None, to_do("no statement was applied", then=command)),
            (Ledger(applied=0, open=0), to_do("no statement was applied", then=command)),
            (
                Ledger(applied=2, open=1),
                broken("2 statements applied, 1 begun or refused and not applied", then=command),
            ),
            (Unclear("no way"), cannot_tell("no way", then=command)),
            (Refused("code 516"), broken("code 516", then=command)),
            (DENIED, unread(DENIED)),
        ]
    ),
    (
        "images pushed",
        WHERE,
        replace(WELL, images={"api": images(IMAGE)}),
        to_do(
            "api: shop/api:prod-2 is not in ECR",
            then="zelly image push api --container api --context DIR --stack production",
        ),
    ),
    *(
        (
            "images pushed",
            where,
            replace(WELL, images={"api": images(IMAGE, newest="prod-3")}),
            to_do(
                "api: shop/api:prod-2 is not in ECR",
                then="zelly service deploy api --image api=prod-3 --stack production",
            ),
        )
        for where in (WHERE, EMBEDDED)
    ),
    (
        "images pushed",
        EMBEDDED,
        replace(WELL, images={"api": images(IMAGE)}),
        to_do(
            "api: shop/api:prod-2 is not in ECR",
            then="zelly sandbox image api --container api --tag prod-00000001",
        ),
    ),
    *(
        ("images pushed", WHERE, facts, judgement)
        for facts, judgement in [
            (NOTHING, to_do("no service is in ECS", then=UP)),
            (replace(WELL, services=DENIED, images={}), unread(DENIED)),
            (replace(WELL, images={"api": DENIED}), unread(DENIED)),
            (replace(WELL, images={"api": Refused("odd")}), broken("odd", then=STATUS)),
        ]
    ),
    ("services run", WHERE, replace(WELL, services=DENIED), unread(DENIED)),
    ("services run", WHERE, NOTHING, to_do("api: not in ECS", "tools: not in ECS", then=UP)),
    (
        "services run",
        WHERE,
        replace(WELL, services={"shop-api": FAILED, "shop-tools": RUNNING}, images={"api": images(IMAGE)}),
        to_do("api: 0 of 1 tasks run, rollout failed", then="zelly service status --stack production"),
    ),
    (
        "services run",
        WHERE,
        replace(WELL, services={"shop-api": FAILED, "shop-tools": FAILED}, images={"api": images(IMAGE)}),
        broken(
            "api: 0 of 1 tasks run, rollout failed",
            "tools: 0 of 1 tasks run, rollout failed",
            then="zelly service status tools --stack production",
        ),
    ),
    (
        "services run",
        WHERE,
        replace(WELL, services={"shop-api": service(D(state="IN_PROGRESS", running=1)), "shop-tools": RUNNING}),
        broken("api: 1 of 1 tasks run, rollout in progress", then="zelly service status api --stack production"),
    ),
    (
        "services run",
        WHERE,
        replace(WELL, services={"shop-api": service(D(state="COMPLETED"), desired=0), "shop-tools": RUNNING}),
        broken("api: 0 of 0 tasks run, rollout completed", then="zelly service status api --stack production"),
    ),
    ("DNS", EMBEDDED, WELL, cannot_tell("no name of the embedded AWS resolves")),
    ("DNS", WHERE, replace(WELL, balancers=DENIED), unread(DENIED)),
    (
        "DNS",
        WHERE,
        resolving(api=(), web=()),
        to_do("api.shop.example does not resolve", "web.shop.example does not resolve", then=UP),
    ),
    (
        "DNS",
        WHERE,
        resolving(api=(), web=("192.0.2.99",)),
        broken(
            "api.shop.example does not resolve",
            "web.shop.example leads to 192.0.2.99; nlb-web is at 198.51.100.7, 198.51.100.8",
            then=UP,
        ),
    ),
    (
        "DNS",
        WHERE,
        resolving(alb=()),
        broken("api.shop.example leads to 192.0.2.1; alb-api is at no address", then=UP),
    ),
    ("DNS", WHERE, resolving(web=Unclear("web: try again")), cannot_tell("web: try again")),
    ("DNS", WHERE, resolving(alb=Unclear("alb: try again")), cannot_tell("alb: try again")),
    (
        "DNS",
        PROXIED,
        WELL,
        cannot_tell("api.shop.example leads to Cloudflare (dns.proxied), which does not show where it goes on to"),
    ),
    ("certificates issued", WHERE, replace(WELL, certificates=DENIED), unread(DENIED)),
    ("certificates issued", WHERE, replace(WELL, certificates={}), to_do("api.shop.example: missing", then=UP)),
    (
        "certificates issued",
        WHERE,
        replace(WELL, certificates={"api.shop.example": certificate("PENDING_VALIDATION", days=None)}),
        to_do("api.shop.example: pending validation", then=UP),
    ),
    (
        "certificates issued",
        WHERE,
        replace(WELL, certificates={"api.shop.example": certificate("FAILED", days=None)}),
        broken("api.shop.example: failed", then=UP),
    ),
]


@each(CASES)
def test_what_each_check_finds(case: Case) -> None:
    assert judgement(case) == case[-1]
