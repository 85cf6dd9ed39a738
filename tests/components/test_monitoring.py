from dataclasses import fields, replace
from typing import Any

import pytest

from tests.components.forms import assert_form_makes_what_the_verb_makes
from zelly_components.alarms.aurora import AuroraTarget, aurora_alarms
from zelly_components.alarms.backups import BackupTarget, backup_alarms, backup_widgets
from zelly_components.alarms.balancers import (
    ApplicationLoadBalancerTarget,
    NetworkLoadBalancerTarget,
    application_load_balancer_alarms,
    application_load_balancer_widgets,
    network_load_balancer_alarms,
)
from zelly_components.alarms.hosts import HostTarget, host_alarms
from zelly_components.alarms.jenkins import AgentsTarget, HomeTarget, agent_alarms, home_alarms
from zelly_components.alarms.latency import latency_alarms
from zelly_components.alarms.postgresql import (
    PostgresTarget,
    PostgresThresholds,
    postgresql_alarms,
    postgresql_widgets,
)
from zelly_components.alarms.redis import RedisTarget, redis_alarms, redis_widgets
from zelly_components.alarms.redis_host import RedisHostTarget, redis_host_alarms, redis_host_widgets
from zelly_components.alarms.search import SearchHostTarget, search_host_alarms
from zelly_components.alarms.services import EcsServiceTarget, service_alarms, service_widgets
from zelly_components.alarms.targets import Targets, Thresholds, target_alarms
from zelly_components.alarms.throughput import ThroughputTarget, throughput_alarms, throughput_widgets
from zelly_components.monitoring import Monitoring, MonitoringArgs
from zelly_components.observability import Observability, ObservabilityArgs

BALANCER = ApplicationLoadBalancerTarget(
    label="alb", load_balancer_arn_suffix="app/shop/1", target_group_arn_suffixes={"api": "targetgroup/api/1"}
)
NETWORK = NetworkLoadBalancerTarget(
    label="nlb", load_balancer_arn_suffix="net/shop/1", target_group_arn_suffixes={443: "targetgroup/tls/1"}
)
SERVICE = EcsServiceTarget(label="api", cluster_name="shop", service_name="shop-api")
WORK = ThroughputTarget(label="mail", namespace="Shop", metric="Sent", dimensions={"Service": "mail"})
AURORA = AuroraTarget(label="aurora", cluster_identifier="shop", maximum_capacity_acu=8)
POSTGRESQL = PostgresTarget(
    label="pg", instance_identifier="shop", instance_class="db.m7g.large", storage_gib=100, max_connections=200
)
LEVELS = PostgresThresholds(storage_percent=95, connections_percent=80, cpu_percent=90, memory_percent=90)
REDIS = RedisTarget(label="redis", cache_cluster_id="shop-001")
REDIS_HOST = RedisHostTarget(label="queue", host_name="shop-redis")
SEARCH = SearchHostTarget(label="search", host_name="shop-search")
HOST = HostTarget(
    label="bastion", instance_id="i-1", failed_units_metric="shop-failed-units", mount_points={"root": "/"}
)
BACKUP = BackupTarget(label="dumps", database="shop", vault_name="shop")
AGENTS = AgentsTarget(
    label="build", group_name="shop-build", failed_units_metric="build-failed-units", longest_build_minutes=60
)
HOME = HomeTarget(label="jenkins", vault_name="aws/efs/automatic-backup-vault")

TARGETS = Targets(
    application_load_balancers=[BALANCER],
    network_load_balancers=[NETWORK],
    services=[SERVICE],
    throughputs=[WORK],
    aurora_clusters=[AURORA],
    postgresql_instances=[POSTGRESQL],
    redis_nodes=[REDIS],
    redis_hosts=[REDIS_HOST],
    search_hosts=[SEARCH],
    hosts=[HOST],
    backups=[BACKUP],
    agent_pools=[AGENTS],
    homes=[HOME],
)
THRESHOLDS = Thresholds(
    http_5xx_percent=5,
    minimum_requests=20,
    latency_seconds=2,
    cpu_percent=90,
    memory_percent=85,
    minimum_per_minute=3,
    aurora_capacity_percent=80,
    postgresql=LEVELS,
    redis_memory_percent=75,
    search_backup_hours=26,
    host_memory_percent=91,
    disk_percent=81,
)
ALARMS = [
    *application_load_balancer_alarms(BALANCER, http_5xx_percent=5, minimum_requests=20),
    *latency_alarms(BALANCER, seconds=2, minimum_requests=20),
    *network_load_balancer_alarms(NETWORK),
    *service_alarms(SERVICE, cpu_percent=90, memory_percent=85),
    *throughput_alarms(WORK, minimum_per_minute=3),
    *aurora_alarms(AURORA, capacity_percent=80),
    *postgresql_alarms(POSTGRESQL, LEVELS),
    *redis_alarms(REDIS, memory_percent=75),
    *redis_host_alarms(REDIS_HOST, memory_percent=75),
    *search_host_alarms(SEARCH, backup_hours=26),
    *backup_alarms(BACKUP),
    *host_alarms(HOST, memory_percent=91, disk_percent=81),
    *agent_alarms(AGENTS),
    *home_alarms("jenkins", vault_name=HOME.vault_name),
]
WIDGETS = [
    *application_load_balancer_widgets(BALANCER),
    *service_widgets(SERVICE),
    *throughput_widgets(WORK),
    *postgresql_widgets(POSTGRESQL),
    *redis_widgets(REDIS),
    *redis_host_widgets(REDIS_HOST),
    *backup_widgets(BACKUP),
]
SHARED: dict[str, Any] = {"region": "eu-west-1", "dashboard_name": "shop", "alarm_emails": ["ops@shop.example"]}


def test_it_makes_what_observability_makes_of_the_functions_for_every_kind() -> None:
    down = "bastion-down"
    alarms = [replace(alarm, severity="inform") if alarm.name == down else alarm for alarm in ALARMS]
    assert_form_makes_what_the_verb_makes(
        lambda: Observability("shop", ObservabilityArgs(alarms=alarms, widgets=WIDGETS, **SHARED)),
        lambda: Monitoring(
            "shop", MonitoringArgs(targets=TARGETS, thresholds=THRESHOLDS, inform_only=[down], **SHARED)
        ),
        # The topic with its key, policy and subscription, and the dashboard.
        number=len(ALARMS) + 5,
    )


@pytest.mark.parametrize("level", [field.name for field in fields(Thresholds) if field.name != "latency_seconds"])
def test_a_threshold_that_is_taken_and_missing_is_named(level: str) -> None:
    without: dict[str, Any] = {level: None}
    with pytest.raises(ValueError, match=rf"thresholds\.{level}: came none"):
        target_alarms(TARGETS, replace(THRESHOLDS, **without))


def test_every_kind_has_alarms_and_none_takes_a_threshold_of_another() -> None:
    taken: dict[str, Any] = {field.name: None for field in fields(Thresholds)}
    assert target_alarms(Targets(), Thresholds(**taken)) == []
    for kind in fields(Targets):
        one: dict[str, Any] = {kind.name: getattr(TARGETS, kind.name)}
        assert target_alarms(Targets(**one), THRESHOLDS), kind.name


def test_an_alarm_that_no_target_has_cannot_be_told_to_inform() -> None:
    args = MonitoringArgs(targets=Targets(hosts=[HOST]), thresholds=THRESHOLDS, inform_only=["bastion-up"], **SHARED)
    with pytest.raises(ValueError, match="inform_only: came bastion-up; allowed bastion-down, "):
        Monitoring("shop", args)
