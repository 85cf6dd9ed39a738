"""The composition root: config in, components made, outputs out."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from sample_infra import services as shop
from sample_infra.config import EnvironmentConfig
from sample_infra.pipelines import build_pipelines
from sample_infra.scope import RETENTION_DAYS, Scope, make_scope
from sample_infra.stores import Stores, build_stores
from workbench.names import deployed_tag_prefix
from workbench.program import Container, Service
from zelly_components import ecs_service as ecs
from zelly_components.access_log_bucket import AccessLogBucket, AccessLogBucketArgs
from zelly_components.alarms.aurora import AURORA_EVENTS, AuroraTarget, aurora_alarms
from zelly_components.alarms.balancers import (
    ApplicationLoadBalancerTarget,
    application_load_balancer_alarms,
    application_load_balancer_widgets,
)
from zelly_components.alarms.hosts import HostTarget, host_alarms
from zelly_components.alarms.redis import RedisTarget, redis_alarms, redis_widgets
from zelly_components.alarms.services import EcsServiceTarget, service_alarms, service_widgets
from zelly_components.application_load_balancer import (
    ApplicationLoadBalancer,
    ApplicationLoadBalancerArgs,
    BalancedServiceArgs,
    TestListenerArgs,
)
from zelly_components.certificate import Certificate, CertificateArgs
from zelly_components.container_registry import ContainerRegistry, ContainerRegistryArgs
from zelly_components.deployment_alarms import DeploymentAlarms, DeploymentAlarmsArgs
from zelly_components.dns_zone import DnsZone, DnsZoneArgs
from zelly_components.ecs_cluster import EcsCluster, EcsClusterArgs
from zelly_components.observability import Observability, ObservabilityArgs
from zelly_components.vpc import Vpc, VpcArgs


@dataclass(frozen=True, kw_only=True)
class _Parts:
    network: Vpc
    cluster: EcsCluster
    registry: ContainerRegistry
    stores: Stores
    balancer: ApplicationLoadBalancer
    deployment_alarms: DeploymentAlarms | None


def build(config: EnvironmentConfig) -> Mapping[str, pulumi.Input[object]]:
    """Make the whole environment and return its outputs."""
    scope = make_scope(config)
    network = _network(scope)
    cluster = EcsCluster(
        scope.names.name("cluster"),
        EcsClusterArgs(cluster_name=scope.names.prefix, container_insights=config.container_insights),
        scope.options,
    )
    registry = _registry(scope)
    stores = build_stores(scope, network)
    balancer = _balancer(scope, network)
    parts = _Parts(
        network=network,
        cluster=cluster,
        registry=registry,
        stores=stores,
        balancer=balancer,
        deployment_alarms=_deployment_alarms(scope, balancer) if config.web_deployment.shifts else None,
    )
    services = {entry.name: _service(scope, parts, entry) for entry in shop.SERVICES}
    _let_in(stores, balancer, services)
    role = build_pipelines(scope, registry, cluster, services)
    watch = _watch(scope, cluster, stores, balancer, services)
    return {
        "environment": config.environment,
        "vpc_id": network.vpc_id,
        "cluster_name": cluster.cluster_name,
        "services": {name: service.service_name for name, service in services.items()},
        "url": f"https://{config.dns.hostname}",
        "balancer_dns_name": balancer.dns_name,
        "aurora_endpoint": stores.aurora.endpoint,
        "redis_password": stores.redis.auth_token,
        "clickhouse_instance_id": stores.clickhouse.instance_id,
        "repository_urls": registry.repository_urls,
        "role_arn": role.role_arn,
        "alarm_topic_arn": watch.topic_arn,
    }


def _network(scope: Scope) -> Vpc:
    network = scope.config.network
    return Vpc(
        scope.names.name("network"),
        VpcArgs(
            region=scope.config.region,
            account_id=scope.config.aws_account_id,
            cidr_block=str(network.cidr),
            availability_zones=network.availability_zones,
            nat_gateway_zones=network.availability_zones[:1],
            flow_log_retention_days=RETENTION_DAYS,
            s3_bucket_names=[],
        ),
        scope.options,
    )


def _registry(scope: Scope) -> ContainerRegistry:
    prefixes = ("live", "trial")
    return ContainerRegistry(
        scope.names.name("registry"),
        ContainerRegistryArgs(
            region=scope.config.registry.region,
            repository_names=shop.REPOSITORIES,
            create=scope.config.registry.create,
            images_kept={**{deployed_tag_prefix(prefix): 100 for prefix in prefixes}, **dict.fromkeys(prefixes, 30)},
            untagged_retention_days=7,
        ),
        scope.options,
    )


def _deployment_alarms(scope: Scope, balancer: ApplicationLoadBalancer) -> DeploymentAlarms:
    return DeploymentAlarms(
        scope.names.name("web-deployment"),
        DeploymentAlarmsArgs(
            service="web",
            load_balancer_arn_suffix=balancer.load_balancer_arn_suffix,
            target_group_arn_suffixes=[
                balancer.target_group_arn_suffixes["web"],
                balancer.alternate_target_group_arn_suffixes["web"],
            ],
            http_5xx_percent=5,
            minimum_requests=5,
        ),
        scope.options,
    )


def _balancer(scope: Scope, network: Vpc) -> ApplicationLoadBalancer:
    config = scope.config
    bucket = AccessLogBucket(
        scope.names.name("access-logs"),
        AccessLogBucketArgs(
            retention_days=RETENTION_DAYS,
            account_id=config.aws_account_id,
            region=config.region,
            force_destroy=not config.deletion_protection,
        ),
        scope.options,
    )
    certificate = Certificate(
        scope.names.name("certificate"),
        CertificateArgs(
            domain_name=config.dns.hostname,
            subject_alternative_names=[],
            zone_id=config.dns.cloudflare_zone_id,
            ttl_seconds=300,
        ),
        scope.options,
    )
    balancer = ApplicationLoadBalancer(
        scope.names.name(shop.LOAD_BALANCER),
        ApplicationLoadBalancerArgs(
            load_balancer_name=shop.LOAD_BALANCER,
            vpc_id=network.vpc_id,
            subnet_ids=network.public_subnet_ids,
            services=[_web(config, certificate)],
            test_listener=TestListenerArgs(allowed_cidrs={"office": "203.0.113.0/24"})
            if config.web_deployment.shifts
            else None,
            access_log_bucket=bucket.bucket_name,
            access_log_prefix=shop.LOAD_BALANCER,
            tls_policy="ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
            deletion_protection=config.deletion_protection,
        ),
        scope.options,
    )
    zone = DnsZone(
        scope.names.name("dns"), DnsZoneArgs(zone_id=config.dns.cloudflare_zone_id, ttl_seconds=300), scope.options
    )
    zone.point_name_at(config.dns.hostname, balancer.dns_name, proxied=False)
    return balancer


def _web(config: EnvironmentConfig, certificate: Certificate) -> BalancedServiceArgs:
    shifts = config.web_deployment.shifts
    return BalancedServiceArgs(
        name="web",
        certificate_arn=certificate.certificate_arn,
        target_port=shop.PORTS["proxy"],
        health_check_path="/health",
        # Only a rule, which needs a host name, can forward to two groups.
        hostname=config.dns.hostname if shifts else None,
        alternate_targets=shifts,
    )


def _service(scope: Scope, parts: _Parts, entry: Service) -> ecs.EcsService:
    config, size = scope.config, scope.config.services[entry.name]
    is_web = entry.name == "web"
    return ecs.EcsService(
        scope.names.name(entry.name),
        ecs.EcsServiceArgs(
            region=config.region,
            account_id=config.aws_account_id,
            cluster_arn=parts.cluster.cluster_arn,
            cluster_name=parts.cluster.cluster_name,
            service_name=scope.names.name(entry.name),
            vpc_id=parts.network.vpc_id,
            subnet_ids=parts.network.private_subnet_ids,
            cpu_units=size.cpu_units,
            memory_mib=size.memory_mib,
            architecture=size.architecture,
            containers=[_container(scope, parts, entry, container) for container in entry.containers],
            volumes=[],
            capacity_providers=[ecs.CapacityProviderArgs(name="FARGATE", weight=1)],
            minimum_tasks=size.minimum_tasks,
            scaling=ecs.ScalingArgs(maximum_tasks=size.maximum_tasks, cpu_target_percent=70)
            if size.maximum_tasks > size.minimum_tasks
            else None,
            targets=[
                ecs.TargetArgs(
                    target_group_arn=parts.balancer.target_group_arns["web"],
                    container_name="proxy",
                    container_port=shop.PORTS["proxy"],
                    alternate=_alternate(parts.balancer) if config.web_deployment.shifts else None,
                )
            ]
            if is_web
            else [],
            health_check_grace_period_seconds=60 if is_web else None,
            enable_execute_command=True,
            log_group_name=entry.log_group,
            log_retention_days=RETENTION_DAYS,
            repository_arns=[parts.registry.repository_arns[name] for name in entry.repositories.values()],
            image_parameter_name=scope.names.image_parameter(entry.name) if entry.repositories else None,
            execution_role_name=scope.names.name(f"{entry.name}-execution"),
            task_role_name=scope.names.name(f"{entry.name}-task"),
            deployment=_deployment(scope, parts.deployment_alarms) if is_web else None,
        ),
        scope.options,
    )


def _alternate(balancer: ApplicationLoadBalancer) -> ecs.AlternateTargetArgs:
    return ecs.AlternateTargetArgs(
        target_group_arn=balancer.alternate_target_group_arns["web"],
        production_rule_arn=balancer.production_rule_arns["web"],
        test_rule_arn=balancer.test_rule_arns["web"],
    )


def _deployment(scope: Scope, alarms: DeploymentAlarms | None) -> ecs.DeploymentArgs | None:
    if alarms is None:
        return None
    deployment = scope.config.web_deployment
    canary, pause = deployment.canary, deployment.pause
    return ecs.DeploymentArgs(
        strategy="BLUE_GREEN" if canary is None else "CANARY",
        alarm_names=alarms.alarm_names,
        bake_minutes=deployment.bake_minutes,
        canary=None if canary is None else ecs.CanaryArgs(percent=canary.percent, bake_minutes=canary.bake_minutes),
        pauses=[]
        if pause is None
        else [ecs.PauseArgs(stage="POST_TEST_TRAFFIC_SHIFT", timeout_minutes=pause.timeout_minutes)],
        infrastructure_role_name=scope.names.name("web-infrastructure"),
    )


def _container(scope: Scope, parts: _Parts, entry: Service, container: Container) -> ecs.ContainerArgs:
    size = scope.config.services[entry.name]
    return ecs.ContainerArgs(
        name=container.name,
        image=size.images[container.name]
        if container.repository is None
        else pulumi.Output.format(
            "{0}:{1}", parts.registry.repository_urls[container.repository], size.initial_image_tag
        ),
        deployable=container.repository is not None,
        ports=shop.ports_of(container),
        health_check=_HEALTH_CHECK if container.name in shop.HEALTH_CHECKED else None,
        secrets=[
            ecs.SecretVariableArgs(name=one.name, secret_arn=parts.stores.secret_arns[one.secret], key=one.key)
            for one in container.secrets
        ],
    )


def _let_in(stores: Stores, balancer: ApplicationLoadBalancer, services: Mapping[str, ecs.EcsService]) -> None:
    web, worker, tools = services["web"], services["worker"], services["tools"]
    web.allow_from(shop.LOAD_BALANCER, balancer.security_group_id, port=shop.PORTS["proxy"])
    stores.aurora.allow_from("web", web.security_group_id)
    stores.redis.allow_from("worker", worker.security_group_id)
    stores.redis.allow_from("tools", tools.security_group_id)
    stores.clickhouse.allow_from("worker", worker.security_group_id)


def _watch(
    scope: Scope,
    cluster: EcsCluster,
    stores: Stores,
    balancer: ApplicationLoadBalancer,
    services: Mapping[str, ecs.EcsService],
) -> Observability:
    # One service is enough for a sample.
    web = EcsServiceTarget(
        label="web",
        cluster_name=cluster.cluster_name,
        service_name=services["web"].service_name,
        container_insights=scope.config.container_insights != "disabled",
    )
    entrance = ApplicationLoadBalancerTarget(
        label=shop.LOAD_BALANCER,
        load_balancer_arn_suffix=balancer.load_balancer_arn_suffix,
        target_group_arn_suffixes=balancer.target_group_arn_suffixes,
    )
    aurora = AuroraTarget(
        label="aurora",
        cluster_identifier=stores.aurora.cluster_identifier,
        maximum_capacity_acu=scope.config.aurora.maximum_capacity_acu,
    )
    redis = RedisTarget(label="redis", cache_cluster_id=stores.redis.cache_cluster_id)
    host = HostTarget(
        label="clickhouse",
        instance_id=stores.clickhouse.instance_id,
        failed_units_metric=stores.clickhouse.failed_units_metric,
        mount_points=stores.clickhouse.mount_points,
    )
    return Observability(
        scope.names.name("monitoring"),
        ObservabilityArgs(
            region=scope.config.region,
            dashboard_name=scope.names.prefix,
            alarm_emails=scope.config.alarm_emails,
            alarms=[
                *application_load_balancer_alarms(entrance, http_5xx_percent=5, minimum_requests=20),
                *service_alarms(web, cpu_percent=85, memory_percent=85),
                *aurora_alarms(aurora, capacity_percent=90),
                *redis_alarms(redis, memory_percent=80),
                *host_alarms(host, memory_percent=90, disk_percent=80),
            ],
            widgets=[*application_load_balancer_widgets(entrance), *service_widgets(web), *redis_widgets(redis)],
            database_events=AURORA_EVENTS,
        ),
        scope.options,
    )


_HEALTH_CHECK = ecs.HealthCheckArgs(
    command=("CMD", "check"), interval_seconds=15, timeout_seconds=5, retries=3, start_period_seconds=60
)
