"""A small environment in which everything is as it should be, to be spoilt one thing at a time."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from tests.workbench.operations.seen import D, service
from workbench.aws.acm import Certificate
from workbench.aws.cloudwatch import Alarm
from workbench.aws.ec2.instances import CidrRule, Image, Instance
from workbench.aws.elastic_load_balancing import LoadBalancer
from workbench.aws.elasticache.maintenance import CacheNode
from workbench.aws.elasticache.replication_groups import ReplicationGroup
from workbench.aws.kms import Key
from workbench.aws.logs.groups import LogGroup
from workbench.aws.rds.clusters import DatabaseCluster, DatabaseInstance
from workbench.aws.rds.maintenance import CertificateAuthority
from workbench.aws.sns import Subscription
from workbench.cloudflare import DnsRecord
from workbench.operations.account.facts import AccountFacts, QuotaFacts, QuotaReading
from workbench.operations.account.service_linked_roles import SERVICES
from workbench.operations.account.settings import WANTED
from workbench.operations.deploys.service import Deployable
from workbench.operations.doctor.facts import AlarmReading, Facts, HostReading, ServiceImages, Where
from workbench.operations.readings import Unread
from workbench.operations.secrets.check import SecretCheck
from workbench.operations.state.backend import StateBackend
from workbench.operations.status.facts import StatusFacts
from workbench.operations.stores.aurora.facts import AuroraFacts
from workbench.operations.stores.clickhouse.facts import ClickHouseFacts, Ledger
from workbench.operations.stores.redis.facts import RedisFacts
from workbench.program import AcceptedRelease, Description, Release, SharedResources, UnseenCheck
from workbench.providers.quotas import ELASTIC_IPS, FARGATE
from workbench.review.quotas.needs import Need, Needs
from workbench.stores import AuroraCluster, ClickHouseHost, RedisNode

FactsOfStores = TypeVar("FactsOfStores", Facts, StatusFacts)

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
DENIED = Unread("ecs:DescribeServices, cluster shop: AccessDeniedException: no (ask)")

REGISTRY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
IMAGE = f"{REGISTRY}/shop/api:prod-2"
EARLIER_IMAGE = f"{REGISTRY}/shop/api:prod-1"


def deployable(name: str, **repositories: str) -> Deployable:
    return Deployable(
        stack="production",
        service=name,
        name=f"shop-{name}",
        image_parameter=f"/shop/images/{name}",
        log_group=f"/shop/{name}",
        repositories=repositories,
        registry=REGISTRY,
        tag_prefix="prod",
        deployed_tag_prefix="deployed-prod",
    )


AURORA = AuroraCluster(
    label="Aurora",
    identifier="shop-aurora",
    version="8.0.mysql_aurora.3.10.2",
    version_setting="aurora.engine_version",
    allowed_cidrs=None,
)
REDIS = RedisNode(
    label="Redis",
    prefix="shop-redis-",
    copy_prefix="shop-restored-",
    engine="redis",
    engine_setting="redis.engine",
    version="7.1",
    version_setting="redis.engine_version",
    secret="shop/redis",
)
CLICKHOUSE = ClickHouseHost(
    label="ClickHouse",
    host="shop-clickhouse",
    volume="shop-clickhouse-data",
    zone="eu-west-1a",
    volume_gib=50,
    image="clickhouse/clickhouse-server:24.3",
    image_setting="clickhouse.image",
    secret="shop/clickhouse",
)
LINUX = Release(product="Amazon Linux", release="2023", setting="the ami_id of each host")

DESCRIPTION = Description(
    stack="production",
    region="eu-west-1",
    account_id="123456789012",
    registry_region="eu-west-1",
    tag_prefix="prod",
    deployed={},
    hostnames={"api.shop.example": "alb-api", "web.shop.example": "nlb-web"},
    dns_zone="shop-dns",
    dns_zone_id="0123456789abcdef0123456789abcdef",
    certificate_names={"api.shop.example": "shop-alb-api-certificate"},
    stores=(AURORA, REDIS, CLICKHOUSE),
    hosts={"clickhouse": "shop-clickhouse", "bastion": "shop-bastion"},
    host_images={"clickhouse": "ami-1", "bastion": "ami-2"},
    host_release=LINUX,
    accepted_releases={
        ("ClickHouse", "24.3"): AcceptedRelease(until=date(2027, 11, 30), reason="nobody else reaches it"),
    },
    alarm_prefix="shop-",
    is_proxied=False,
    alarm_emails=("ops@shop.example",),
    log_group_prefix="/shop/",
    running_hours=None,
    log_groups=frozenset({"/shop/ecs/api", "/shop/bastion"}),
    shared=SharedResources(
        repositories=("shop/api",),
        registry_region="eu-west-1",
        provider_url="https://issuer.example",
        role_name="shop-deploys",
        is_owner=True,
    ),
    unseen_steps=(UnseenCheck(name="tables made", why="nobody sees them", service="api", command="COMMAND"),),
    unseen_invariants=(
        UnseenCheck(name="no locks", why="nobody sees those", service="web", container="proxy", command="find /locks"),
    ),
)

WHERE = Where(
    description=DESCRIPTION,
    services=(deployable("api", api="shop/api"), deployable("tools")),
    backend=StateBackend(
        program="shop", bucket="state", alias="alias/state", region="eu-west-1", account_id="123456789012"
    ),
    is_embedded=False,
    at=NOW,
)


def balancer(name: str, *addresses: str, state: str = "active") -> LoadBalancer:
    return LoadBalancer(name=name, arn=f"arn:{name}", dns_name=f"{name}.elb.example", state=state, addresses=addresses)


def certificate(status: str = "ISSUED", *, days: int | None = 200) -> Certificate:
    return Certificate(
        arn="arn:certificate",
        domain_name="api.shop.example",
        status=status,
        expires_at=None if days is None else NOW + timedelta(days=days, hours=1),
        is_in_use=True,
    )


def cluster(
    status: str = "available", *, instance: str | None = "available", public: bool = False, minutes: int | None = 5
) -> DatabaseCluster:
    instances = (
        DatabaseInstance(identifier="shop-aurora-1", status=instance, is_publicly_accessible=public, is_writer=True)
        if instance is not None
        else None
    )
    return DatabaseCluster(
        identifier="shop-aurora",
        status=status,
        engine_version="8.0.mysql_aurora.3.10.2",
        endpoint="shop-aurora.rds.example",
        minimum_capacity_acu=0.5,
        maximum_capacity_acu=8,
        security_group_ids=("sg-1",),
        restorable_until=None if minutes is None else NOW - timedelta(minutes=minutes),
        instances=() if instances is None else (instances,),
    )


def group(status: str = "available") -> ReplicationGroup:
    return ReplicationGroup(
        id="shop-redis-1", status=status, node_type="cache.t4g.small", node_ids=("shop-redis-1-001",)
    )


def instance(state: str = "running", checks: str = "ok", *, public_ip: str = "") -> Instance:
    return Instance(
        id="i-1",
        name="shop-bastion",
        type="t3.micro",
        state=state,
        private_ip="10.0.0.4",
        public_ip=public_ip,
        image_id="ami-1",
        checks=checks,
    )


def rule(cidr: str) -> CidrRule:
    return CidrRule(group_id="sg-1", cidr=cidr, from_port=3306, to_port=3306)


def image(image_id: str, *, days: int = 30, name: str = "shop") -> Image:
    return Image(id=image_id, name=name, created_at=NOW - timedelta(days=days))


def alarm(
    name: str, state: str = "OK", *, minutes: int | None = 10, actions: tuple[str, ...] = ("arn:topic",)
) -> Alarm:
    return Alarm(
        name=f"shop-{name}",
        state=state,
        reason="Threshold\n crossed",
        since=None if minutes is None else NOW - timedelta(minutes=minutes),
        actions=actions,
    )


def key(state: str = "Enabled") -> Key:
    return Key(id="1", arn="arn:key", state=state, encrypts=True)


def subscription(*, is_confirmed: bool = True, endpoint: str = "ops@shop.example") -> Subscription:
    return Subscription(protocol="email", endpoint=endpoint, is_confirmed=is_confirmed)


def images(
    *absent: str,
    running: str | None = IMAGE,
    rollback: str | None = EARLIER_IMAGE,
    is_recorded: bool = True,
    newest: str | None = None,
    expiring: Mapping[str, str] | Unread | None = None,
    unmarked: tuple[str, ...] = (),
) -> ServiceImages:
    return ServiceImages(
        running={} if running is None else {"api": running},
        template={"api": IMAGE},
        rollback=None if rollback is None else {"api": rollback},
        absent=frozenset(absent),
        newest={"api": newest},
        expiring=expiring or {},
        unmarked=frozenset(unmarked),
        is_recorded=is_recorded,
    )


EIPS = Need(quota=ELASTIC_IPS, situations={"allocated": 5})
VCPUS = Need(quota=FARGATE, situations={"steadily": 2, "while all services are updated at once": 4})
NEEDS = Needs(needs=(VCPUS, EIPS), uncounted=(), instance_types=("t3.micro",))

NODE = CacheNode(version="redis 7.1.0", event_topic="arn:aws:sns:eu-west-1:1:cache")

WELL = Facts(
    account=AccountFacts(
        roles=frozenset(SERVICES),
        settings=WANTED,
        quotas=QuotaFacts(needs=NEEDS, readings={EIPS.quota.code: QuotaReading(value=10, requested=None)}),
        dns_records=(DnsRecord(id="1", type="MX", name="api.shop.example", content="mail.shop.example"),),
    ),
    state_region="eu-west-1",
    state_key=key(),
    services={
        "shop-api": service(D(state="COMPLETED", running=1)),
        "shop-tools": service(D(state="COMPLETED", running=1)),
    },
    images={"api": images()},
    secrets=SecretCheck(checked=3, lacks=(), absent_services=()),
    balancers={"alb-api": balancer("alb-api"), "nlb-web": balancer("nlb-web", "198.51.100.7", "198.51.100.8")},
    addresses={
        "api.shop.example": ("192.0.2.1",),
        "web.shop.example": ("198.51.100.8",),
        "alb-api.elb.example": ("192.0.2.1", "192.0.2.2"),
        "shop-aurora.rds.example": ("10.0.130.4",),
    },
    certificates={"api.shop.example": certificate()},
    stores={
        "Aurora": AuroraFacts(
            cluster=cluster(),
            actions=(),
            rules=(),
            authorities=(
                CertificateAuthority(identifier="rds-ca-rsa2048-g1", valid_till=datetime(2061, 5, 25, tzinfo=UTC)),
            ),
        ),
        "Redis": RedisFacts(
            group=group(), node=NODE, updates=(), snapshot_at=NOW - timedelta(hours=20), events=[subscription()]
        ),
        "ClickHouse": ClickHouseFacts(snapshot_at=NOW - timedelta(hours=30), ledger=Ledger(applied=4, open=0)),
    },
    hosts=HostReading(
        image_ids={"clickhouse": "ami-1", "bastion": "ami-2"},
        images={"ami-1": image("ami-1"), "ami-2": image("ami-2", days=40)},
    ),
    log_groups=[LogGroup(name="/shop/bastion", retention_days=30), LogGroup(name="/shop/ecs/api", retention_days=30)],
    alarms=AlarmReading(alarms=[alarm("cpu"), alarm("memory")], subscriptions=[subscription()]),
    announced=(),
)


def with_store(facts: FactsOfStores, label: str, **changes: Any) -> FactsOfStores:
    """Return the facts with another reading of one store."""
    return replace(facts, stores={**facts.stores, label: replace(facts.stores[label], **changes)})
