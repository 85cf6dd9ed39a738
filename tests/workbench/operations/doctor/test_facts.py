"""What is read of an environment for `zelly status` and `zelly doctor`, and what becomes of it where a call fails."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from tests.workbench.operations import environments
from tests.workbench.operations.answering import answering
from tests.workbench.operations.environments import (
    DESCRIPTION,
    NEEDS,
    NODE,
    NOW,
    WHERE,
    balancer,
    certificate,
    cluster,
    group,
    instance,
)
from tests.workbench.operations.failing import failure
from tests.workbench.operations.seen import D, service
from tests.workbench.operations.shop import DEPLOYABLE, STEADY, Shop, images, revision
from workbench.aws.account.settings import AccountSetting
from workbench.aws.cloudwatch import Metric
from workbench.aws.ec2.instances import HostEvent, Image, Instance
from workbench.aws.elastic_load_balancing import LoadBalancer, Target, TargetGroup
from workbench.aws.shared.errors import Reason
from workbench.aws.shared.wrappers import Wrappers
from workbench.aws.sns import Subscription
from workbench.cloudflare import CloudflareError
from workbench.operations.account.facts import QuotaFacts, QuotaReading
from workbench.operations.account.reading import AccountAws, AccountOutside
from workbench.operations.account.settings import WANTED
from workbench.operations.doctor.facts import Facts, HostReading, Refused, ServiceImages, Unclear
from workbench.operations.doctor.reading import DoctorAws, Outside, read_facts
from workbench.operations.readings import Unread
from workbench.operations.secrets.check import SecretCheck
from workbench.operations.status import facts as status_facts
from workbench.operations.status.facts import Absent, StatusFacts
from workbench.operations.status.service import ServiceStatus
from workbench.operations.upkeep.announced import host_announcements
from workbench.providers.quotas import ELASTIC_IPS

ERROR = failure("aws:Call", Reason.DENIED)
DENIED = Unread(ERROR.lines[0], ERROR.kind)
SERVICES = (DEPLOYABLE, replace(DEPLOYABLE, service="tools", name="shop-tools"))
TOPIC = "arn:aws:sns:eu-west-1:1:alarms"
RINGING = environments.alarm("cpu", actions=(TOPIC, "arn:aws:lambda:eu-west-1:1:function:x"))
SUBSCRIBED = environments.subscription()
EVENT = HostEvent(instance_id="i-shop-bastion", code="instance-retirement", not_before=NOW)
INSTANCES = {
    name: replace(instance(), id=f"i-{name}", name=name, image_id=image_id, events=events)
    for name, image_id, events in (("shop-clickhouse", "ami-1", ()), ("shop-bastion", "ami-2", (EVENT,)))
}
MACHINE_IMAGES = {"ami-1": environments.image("ami-1"), "ami-2": environments.image("ami-2")}
TARGET = Target(address="10.0.0.1", port=80, state="healthy", reason="")


def latest(metrics: Mapping[str, Metric]) -> Mapping[str, float]:
    """Return a value for every metric: how much of Aurora, and how full each node."""
    said = {
        ("AWS/RDS", "ServerlessDatabaseCapacity", "DBClusterIdentifier", "shop-aurora"): 1.5,
        ("AWS/ElastiCache", "DatabaseMemoryUsagePercentage", "CacheClusterId", "shop-redis-1-001"): 30.0,
    }
    found: dict[str, float] = {}
    for name, metric in metrics.items():
        ((dimension, value),) = metric.dimensions.items()
        assert metric.statistic == "Maximum"
        found[name] = said[metric.namespace, metric.name, dimension, value]
    return found


def target_groups(_: Any) -> list[TargetGroup]:
    return [TargetGroup(arn="one", port=80), TargetGroup(arn="two", port=81), TargetGroup(arn="three", port=80)]


def balancers(names: Sequence[str]) -> Mapping[str, LoadBalancer]:
    return {name: balancer(name) for name in names}


def instances(names: Sequence[str]) -> Mapping[str, Instance]:
    return {name: INSTANCES[name] for name in names}


def machine_images(ids: Collection[str]) -> Mapping[str, Image]:
    return {image_id: MACHINE_IMAGES[image_id] for image_id in ids}


def newest_snapshot(tag: str, value: str) -> datetime | None:
    return NOW if (tag, value) == ("SnapshotPolicy", "shop-clickhouse") else None


def subscriptions(topic: str) -> list[Subscription]:
    return [SUBSCRIBED] if topic in (TOPIC, NODE.event_topic) else []


def setting_of(region: str) -> Callable[[AccountSetting], Mapping[str, Any]]:
    return lambda setting: {**WANTED[setting], "in": region}


class Answers(Wrappers):
    """The wrappers that kinds of stores ask for, some of which answer otherwise."""

    def __init__(self, **others: Any) -> None:
        self._answers: dict[str, Any] = {
            "Rds": answering(cluster=cluster()),
            "RdsMaintenance": answering(pending_actions=["action"], certificate_authorities=["authority"]),
            "ElastiCache": answering(replication_group=group(), newest_snapshot=NOW),
            "ElastiCacheMaintenance": answering(node=NODE, updates=["update"]),
            "CloudWatch": answering(latest=latest),
            "Ec2": answering(ingress_cidrs=["rule"], newest_snapshot=newest_snapshot),
            "Sns": answering(subscriptions=subscriptions),
            "SecretsManager": answering(values_of=ERROR),
            **others,
        }

    def of(self, wrapper: Any) -> Any:
        return self._answers[wrapper.__name__]


def wrappers(shop: Shop) -> dict[str, Any]:
    return {
        "rollouts": shop.aws,
        "balancers": answering(
            balancers=balancers,
            target_groups=target_groups,
            targets=[TARGET],
        ),
        "ec2": answering(instances=instances, images=machine_images),
        "acm": answering(of_domains={"api.shop.example": certificate()}),
        "cloudwatch": answering(alarms=[RINGING]),
        "stores": Answers(),
        "secrets": answering(secret=None),
        "state_bucket": answering(region="eu-west-1"),
        "state_keys": answering(key_of=environments.key()),
        "sns": answering(subscriptions=subscriptions),
        "log_groups": answering(named=["group"]),
        "account": AccountAws(
            roles=answering(services=frozenset({"x"})),
            settings=answering(setting=setting_of("region")),
            registry_settings=answering(setting=setting_of("registry")),
            quotas=answering(value=7.0, requested=None),
        ),
    }


def resolve(name: str) -> Sequence[str]:
    if name == "web.shop.example":
        raise OSError(110, "timed out")
    return () if name == "api.shop.example" else ("10.0.0.1",)


OUTSIDE = Outside(
    resolve=resolve,
    reaches_hosts=False,
    account=AccountOutside(needs=lambda: NEEDS, cloudflare=answering(records=["record"]), zone_id="z"),
)


def doctor(shop: Shop | None = None, outside: Outside = OUTSIDE, **others: Any) -> Facts:
    aws = DoctorAws(**{**wrappers(shop or Shop(deploys=("b2", "a1"))), **others})
    return read_facts(replace(WHERE, services=SERVICES), aws, outside)


def test_doctor_reads_the_account_and_the_state() -> None:
    facts = doctor()
    assert facts.account.roles == frozenset({"x"})
    assert {
        setting.name: found for setting, found in facts.account.settings.items() if not isinstance(found, Unread)
    } == {
        setting.name: {**wanted, "in": "registry" if setting.name == "SCANNING" else "region"}
        for setting, wanted in WANTED.items()
    }
    assert facts.account.quotas == QuotaFacts(
        needs=NEEDS, readings={ELASTIC_IPS.code: QuotaReading(value=7, requested=None)}
    )
    state = (facts.state_region, facts.state_key)
    assert (facts.account.dns_records, state) == (["record"], ("eu-west-1", environments.key()))


def test_doctor_reads_the_services_and_what_surrounds_them() -> None:
    facts = doctor()
    assert facts.services == {"shop-api": Shop().is_there}
    assert facts.images == {
        "api": ServiceImages(
            running=images("a1"),
            template=images("a1"),
            rollback=images("b2"),
            absent=frozenset(),
            newest={"api": "staging-c", "proxy": "staging-2"},
            expiring={},
            unmarked=frozenset({images("a2")["proxy"]}),
            is_recorded=True,
        )
    }
    assert facts.secrets == SecretCheck(checked=0, lacks=(), absent_services=("tools",))
    assert set(facts.balancers) == {"alb-api", "nlb-web"}  # pyright: ignore[reportArgumentType]
    assert facts.addresses == {
        "alb-api.elb.example": ("10.0.0.1",),
        "api.shop.example": (),
        "nlb-web.elb.example": ("10.0.0.1",),
        "shop-aurora.rds.example": ("10.0.0.1",),
        "web.shop.example": Unclear("web.shop.example: the resolver says: timed out"),
    }
    assert facts.hosts == HostReading(image_ids={"clickhouse": "ami-1", "bastion": "ami-2"}, images=MACHINE_IMAGES)
    assert facts.log_groups == ["group"]
    assert not isinstance(facts.alarms, Unread)
    assert (facts.alarms.alarms, facts.alarms.subscriptions) == ([RINGING], [SUBSCRIBED])
    assert facts.announced == host_announcements(INSTANCES, "eu-west-1")


@pytest.mark.parametrize(
    ("wrapper", "denied", "fields"),
    [
        ("balancers", {"balancers": ERROR}, {"balancers"}),
        ("acm", {"of_domains": ERROR}, {"certificates"}),
        ("cloudwatch", {"alarms": ERROR}, {"alarms"}),
        ("state_bucket", {"region": ERROR}, {"state_region"}),
        ("state_keys", {"key_of": ERROR}, {"state_key"}),
        ("log_groups", {"named": ERROR}, {"log_groups"}),
    ],
)
def test_what_cannot_be_read_is_told_and_the_rest_is_read(
    wrapper: str, denied: Mapping[str, Any], fields: set[str]
) -> None:
    facts = doctor(**{wrapper: answering(**denied)})
    assert {name for name, value in vars(facts).items() if value == DENIED} == fields
    if wrapper == "balancers":
        assert {*facts.addresses} == {"api.shop.example", "web.shop.example", "shop-aurora.rds.example"}


def test_hosts_that_cannot_be_read_or_are_not_there() -> None:
    denied = doctor(ec2=answering(instances=ERROR))
    assert (denied.hosts, denied.announced) == (DENIED, DENIED)
    # Their images are not asked for.
    none = doctor(ec2=answering(instances={}))
    assert none.hosts == HostReading(image_ids={}, images={})


def test_nothing_is_resolved_in_the_embedded_aws_and_what_lies_outside_may_be_unclear() -> None:
    silent = AccountOutside(needs=lambda: Unclear("no plan"), cloudflare=Unclear("no token"), zone_id="z")
    facts = doctor(outside=Outside(resolve=None, reaches_hosts=False, account=silent))
    assert (facts.addresses, facts.account.quotas, facts.account.dns_records) == (
        {},
        Unclear("no plan"),
        Unclear("no token"),
    )
    broken = replace(silent, cloudflare=answering(records=CloudflareError("Cloudflare says no")))
    facts = doctor(outside=Outside(resolve=None, reaches_hosts=False, account=broken))
    assert facts.account.dns_records == Unclear("Cloudflare says no")


def test_services_that_are_being_deleted_are_not_there_and_their_images_are_not_read() -> None:
    facts = doctor(Shop(is_there=service(STEADY, status="DRAINING")))
    assert (facts.services, facts.images) == ({}, {})


def service_images(shop: Shop) -> ServiceImages | Refused | Unread:
    return doctor(shop).images["api"]


def test_images_of_a_service_that_never_ran() -> None:
    found = service_images(Shop(is_there=service(D()), revisions={8: revision(8, "9e")}, deploys=()))
    assert isinstance(found, ServiceImages)
    assert (found.running, found.rollback, found.absent) == ({}, None, frozenset(images("9e").values()))
    assert (found.unmarked, found.is_recorded) == (frozenset(), True)


POLICY = (
    '{"rules": [{"rulePriority": 1, "action": {"type": "expire"}, "selection": {"tagStatus": "any", '
    '"countType": "sinceImagePushed", "countNumber": 1}}]}'
)
SOON = (
    '{"rules": [{"rulePriority": 1, "action": {"type": "expire"}, "selection": {"tagStatus": "any", '
    '"countType": "imageCountMoreThan", "countNumber": 3}}]}'
)


def test_images_that_expire_soon_are_told_with_when() -> None:
    found = service_images(Shop(policy=SOON, deploys=("b2", "a1")))
    assert isinstance(found, ServiceImages)
    assert found.expiring == {
        images("a1")["api"]: "expires within 1 push of any image",
        images("b1")["api"]: "expires within 2 pushes of any image",
        images("a1")["proxy"]: "expires within 2 pushes of any image",
        images("a2")["proxy"]: "expires within 3 pushes of any image",
    }
    in_time = service_images(Shop(policy=POLICY))
    assert isinstance(in_time, ServiceImages)
    assert in_time.expiring == {
        images("a1")["api"]: "expires on 2026-05-05T11:58:00Z (any image)",
        images("a1")["proxy"]: "expires on 2026-05-05T11:59:00Z (any image)",
    }
    denied = service_images(Shop(is_policy_denied=True))
    assert isinstance(denied, ServiceImages)
    assert isinstance(denied.expiring, Unread)


def test_records_that_make_no_sense_and_a_refusal_are_told_apart() -> None:
    strange = replace(Shop().history(DEPLOYABLE.image_parameter)[-1], value="[]")
    assert service_images(Shop(parameters=[strange])) == Refused(
        "parameter /shop/api/images: came '[]'; allowed: a JSON object of images by container"
    )
    shop = Shop()
    aws = replace(shop.aws, ecr=answering(images=ERROR))
    assert doctor(shop, rollouts=aws).images["api"] == DENIED
    assert doctor(shop, rollouts=replace(shop.aws, ssm=answering(history=ERROR))).images["api"] == DENIED


def status(shop: Shop | None = None, **others: Any) -> StatusFacts:
    aws = {**wrappers(shop or Shop()), **others}
    names = ("rollouts", "balancers", "ec2", "acm", "cloudwatch", "stores")
    return status_facts.read_facts(DESCRIPTION, SERVICES, status_facts.StatusAws(**{name: aws[name] for name in names}))


def test_status_reads_everything() -> None:
    facts = status()
    read = facts.services["api"]
    assert isinstance(read, ServiceStatus)
    assert read.running == 1
    assert facts.services["tools"] == Absent("service: shop-tools is not in ECS; `pulumi up` makes it")
    assert facts.targets == {name: {80: [TARGET, TARGET], 81: [TARGET]} for name in ("alb-api", "nlb-web")}
    assert facts.hosts == INSTANCES
    assert (facts.certificates, facts.alarms) == ({"api.shop.example": certificate()}, [RINGING])


def test_status_tells_what_cannot_be_read() -> None:
    shop = Shop()
    facts = status(
        shop,
        rollouts=replace(shop.aws, ecs=answering(services=ERROR)),
        balancers=answering(balancers=ERROR),
    )
    assert facts.services == {"api": DENIED, "tools": DENIED}
    assert (facts.balancers, facts.targets) == (DENIED, {})
