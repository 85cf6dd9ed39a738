"""The composition root: config in, components made, outputs out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from sample_infra import services as shop
from sample_infra.config import EnvironmentConfig
from workbench.names import Names, deployed_tag_prefix
from workbench.program import Container, Service
from zelly_components import ecs_service as ecs
from zelly_components.access_log_bucket import AccessLogBucket, AccessLogBucketArgs
from zelly_components.alarms.alarms import (
    AlarmThresholds,
    ApplicationLoadBalancerTarget,
    AuroraTarget,
    EcsServiceTarget,
    HostTarget,
    RedisTarget,
)
from zelly_components.application_load_balancer import ApplicationLoadBalancer, ApplicationLoadBalancerArgs
from zelly_components.aurora_cluster import AuroraCluster, AuroraClusterArgs
from zelly_components.cache_event_topic import CacheEventTopic, CacheEventTopicArgs
from zelly_components.certificate import Certificate, CertificateArgs
from zelly_components.clickhouse_host import ClickHouseHost, ClickHouseHostArgs
from zelly_components.container_registry import ContainerRegistry, ContainerRegistryArgs, push_statements
from zelly_components.dns_zone import DnsZone, DnsZoneArgs
from zelly_components.ecs_cluster import EcsCluster, EcsClusterArgs
from zelly_components.github_oidc import DeployGrantArgs, GithubOidc, GithubOidcArgs, deploy_statements
from zelly_components.identity.iam import policy_text
from zelly_components.limits.sizes import INLINE_POLICIES
from zelly_components.observability import Observability, ObservabilityArgs
from zelly_components.redis_node import RedisNode, RedisNodeArgs
from zelly_components.secrets import ApplicationSecret, ApplicationSecretArgs, ManagedSecret, ManagedSecretArgs
from zelly_components.vpc import Vpc, VpcArgs

_RETENTION_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class _Scope:
    config: EnvironmentConfig
    names: Names
    options: pulumi.ResourceOptions


@dataclass(frozen=True, kw_only=True)
class _Stores:
    aurora: AuroraCluster
    redis: RedisNode
    clickhouse: ClickHouseHost
    secret_arns: Mapping[str, pulumi.Output[str]]


@dataclass(frozen=True, kw_only=True)
class _Parts:
    network: Vpc
    cluster: EcsCluster
    registry: ContainerRegistry
    stores: _Stores
    balancer: ApplicationLoadBalancer


def build(config: EnvironmentConfig) -> Mapping[str, pulumi.Input[object]]:
    """Make the whole environment and return its outputs."""
    scope = _scope(config)
    network = _network(scope)
    cluster = EcsCluster(
        scope.names.name("cluster"),
        EcsClusterArgs(cluster_name=scope.names.prefix, container_insights=config.container_insights),
        scope.options,
    )
    registry = _registry(scope)
    stores = _stores(scope, network)
    balancer = _balancer(scope, network)
    parts = _Parts(network=network, cluster=cluster, registry=registry, stores=stores, balancer=balancer)
    services = {entry.name: _service(scope, parts, entry) for entry in shop.SERVICES}
    _let_in(stores, balancer, services)
    role = _pipelines(scope, registry, cluster, services)
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


def _scope(config: EnvironmentConfig) -> _Scope:
    names = shop.names_of(config.environment)
    provider = aws.Provider(
        names.prefix,
        region=config.region,
        allowed_account_ids=[config.aws_account_id],
        default_tags={
            "tags": {"project": shop.PROJECT, "environment": config.environment, "managed-by": "pulumi"},
        },
    )
    return _Scope(config=config, names=names, options=pulumi.ResourceOptions(provider=provider))


def _network(scope: _Scope) -> Vpc:
    network = scope.config.network
    return Vpc(
        scope.names.name("network"),
        VpcArgs(
            region=scope.config.region,
            account_id=scope.config.aws_account_id,
            cidr_block=str(network.cidr),
            availability_zones=network.availability_zones,
            nat_gateway_zones=network.availability_zones[:1],
            flow_log_retention_days=_RETENTION_DAYS,
            s3_bucket_names=[],
        ),
        scope.options,
    )


def _registry(scope: _Scope) -> ContainerRegistry:
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


def _stores(scope: _Scope, network: Vpc) -> _Stores:
    aurora, redis, clickhouse = _aurora(scope, network), _redis(scope, network), _clickhouse(scope, network)
    values: Mapping[str, Sequence[pulumi.Input[str]]] = {
        shop.AURORA_SECRET: (aurora.endpoint, aurora.master_username, aurora.master_password),
        shop.REDIS_SECRET: (redis.endpoint, str(redis.port), redis.auth_token),
    }
    own = {
        path: ManagedSecret(
            scope.names.name(path.removeprefix(f"{shop.PROJECT}/").replace("/", "-")),
            ManagedSecretArgs(
                secret_name=path,
                description="Written by the program",
                recovery_window_days=scope.config.secret_recovery_days,
                values=dict(zip(shop.OWN_SECRETS[path], given, strict=True)),
            ),
            scope.options,
        ).secret_arn
        for path, given in values.items()
    }
    application = {
        path: ApplicationSecret(
            scope.names.name(path.removeprefix(f"{shop.PROJECT}/").replace("/", "-")),
            ApplicationSecretArgs(
                secret_name=path,
                description="Filled by operators",
                recovery_window_days=scope.config.secret_recovery_days,
                keys=keys,
            ),
            scope.options,
        ).secret_arn
        for path, keys in shop.APPLICATION_SECRETS.items()
    }
    return _Stores(
        aurora=aurora,
        redis=redis,
        clickhouse=clickhouse,
        secret_arns={**own, **application, shop.CLICKHOUSE_SECRET: clickhouse.credentials_secret_arn},
    )


def _aurora(scope: _Scope, network: Vpc) -> AuroraCluster:
    aurora = scope.config.aurora
    return AuroraCluster(
        scope.names.name("aurora"),
        AuroraClusterArgs(
            cluster_identifier=scope.names.name("aurora"),
            vpc_id=network.vpc_id,
            subnet_ids=network.private_subnet_ids,
            publicly_accessible=False,
            allowed_cidr_blocks={},
            engine_version=aurora.engine_version,
            minimum_capacity_acu=aurora.minimum_capacity_acu,
            maximum_capacity_acu=aurora.maximum_capacity_acu,
            seconds_until_auto_pause=aurora.seconds_until_auto_pause,
            instance_count=1,
            master_username="root",
            backup_retention_days=7,
            backup_window="19:00-20:00",
            maintenance_window="sun:20:30-sun:21:30",
            deletion_protection=scope.config.deletion_protection,
            log_retention_days=_RETENTION_DAYS,
            performance_insights=False,
            apply_immediately=False,
        ),
        scope.options,
    )


def _redis(scope: _Scope, network: Vpc) -> RedisNode:
    redis = scope.config.redis
    return RedisNode(
        scope.names.name("redis"),
        RedisNodeArgs(
            vpc_id=network.vpc_id,
            subnet_ids=network.private_subnet_ids,
            node_type=redis.node_type,
            engine=redis.engine,
            engine_version=redis.engine_version,
            snapshot_retention_days=1,
            snapshot_window="19:00-20:00",
            maintenance_window="sun:20:30-sun:21:30",
            protect=scope.config.deletion_protection,
            apply_immediately=False,
            event_topic_arn=CacheEventTopic(
                scope.names.name("cache-events"),
                CacheEventTopicArgs(account_id=scope.config.aws_account_id, emails=scope.config.alarm_emails),
                scope.options,
            ).topic_arn,
        ),
        scope.options,
    )


def _clickhouse(scope: _Scope, network: Vpc) -> ClickHouseHost:
    clickhouse = scope.config.clickhouse
    zone = scope.config.network.availability_zones.index(clickhouse.availability_zone)
    return ClickHouseHost(
        scope.names.name("clickhouse"),
        ClickHouseHostArgs(
            region=scope.config.region,
            account_id=scope.config.aws_account_id,
            vpc_id=network.vpc_id,
            subnet_id=network.private_subnet_ids[zone],
            availability_zone=clickhouse.availability_zone,
            instance_type=clickhouse.instance_type,
            cpu_credits="standard",
            instance_memory_mib=2048,
            ami_id=clickhouse.ami_id,
            volume_gib=clickhouse.volume_gib,
            image=clickhouse.image,
            username="shop",
            credentials_secret_name=shop.CLICKHOUSE_SECRET,
            recovery_window_days=scope.config.secret_recovery_days,
            config_parameter_name=scope.names.parameter("clickhouse/config"),
            log_group_name=shop.CLICKHOUSE_LOG_GROUP,
            log_retention_days=_RETENTION_DAYS,
            snapshot_retention_count=7,
            protect=scope.config.deletion_protection,
        ),
        scope.options,
    )


def _balancer(scope: _Scope, network: Vpc) -> ApplicationLoadBalancer:
    config = scope.config
    bucket = AccessLogBucket(
        scope.names.name("access-logs"),
        AccessLogBucketArgs(
            retention_days=_RETENTION_DAYS,
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
            certificate_arn=certificate.certificate_arn,
            target_port=shop.PORTS["proxy"],
            health_check_path="/health",
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


def _service(scope: _Scope, parts: _Parts, entry: Service) -> ecs.EcsService:
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
                    target_group_arn=parts.balancer.target_group_arn,
                    container_name="proxy",
                    container_port=shop.PORTS["proxy"],
                )
            ]
            if is_web
            else [],
            health_check_grace_period_seconds=60 if is_web else None,
            enable_execute_command=True,
            log_group_name=entry.log_group,
            log_retention_days=_RETENTION_DAYS,
            repository_arns=[parts.registry.repository_arns[name] for name in entry.repositories.values()],
            image_parameter_name=scope.names.image_parameter(entry.name),
            execution_role_name=scope.names.name(f"{entry.name}-execution"),
            task_role_name=scope.names.name(f"{entry.name}-task"),
        ),
        scope.options,
    )


def _container(scope: _Scope, parts: _Parts, entry: Service, container: Container) -> ecs.ContainerArgs:
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
        secrets=[
            ecs.SecretVariableArgs(name=one.name, secret_arn=parts.stores.secret_arns[one.secret], key=one.key)
            for one in container.secrets
        ],
    )


def _let_in(stores: _Stores, balancer: ApplicationLoadBalancer, services: Mapping[str, ecs.EcsService]) -> None:
    web, worker = services["web"], services["worker"]
    web.allow_from(shop.LOAD_BALANCER, balancer.security_group_id, port=shop.PORTS["proxy"])
    stores.aurora.allow_from("web", web.security_group_id)
    stores.redis.allow_from("worker", worker.security_group_id)
    stores.clickhouse.allow_from("worker", worker.security_group_id)


def _pipelines(
    scope: _Scope, registry: ContainerRegistry, cluster: EcsCluster, services: Mapping[str, ecs.EcsService]
) -> GithubOidc:
    create = scope.config.registry.create
    oidc = GithubOidc(
        scope.names.name("pipelines"),
        GithubOidcArgs(
            create=create,
            role_name=shop.ROLE,
            subjects=["repo:shop/shop:ref:refs/heads/main"] if create else [],
        ),
        scope.options,
    )
    if create:
        registry.grant_push(scope.names.name("push-images"), oidc.role_name)
    roles = [arn for service in services.values() for arn in (service.execution_role_arn, service.task_role_arn)]
    oidc.grant_deploy(
        scope.names.name("deploy"), _grant(scope.config, cluster_arn=cluster.cluster_arn, pass_role_arns=roles)
    )
    return oidc


def _grant(
    config: EnvironmentConfig, *, cluster_arn: pulumi.Input[str], pass_role_arns: Sequence[pulumi.Input[str]]
) -> DeployGrantArgs:
    names = shop.names_of(config.environment)
    services = [names.name(entry.name) for entry in shop.SERVICES]
    parameters = f"arn:aws:ssm:{config.region}:{config.aws_account_id}:parameter"
    return DeployGrantArgs(
        region=config.region,
        account_id=config.aws_account_id,
        cluster_arn=cluster_arn,
        cluster_name=names.prefix,
        service_names=services,
        task_families=services,
        pass_role_arns=pass_role_arns,
        image_parameter_arns=[f"{parameters}{names.image_parameter('*')}"],
        log_group_names=[f"{shop.LOG_GROUPS}ecs/*"],
    )


def granted_size(config: EnvironmentConfig) -> int:
    """Return how many characters of inline policies an environment adds to the pipelines' role."""
    account, names = config.aws_account_id, shop.names_of(config.environment)
    roles = [
        f"arn:aws:iam::{account}:role/{names.name(f'{entry.name}-{kind}')}"
        for entry in shop.SERVICES
        for kind in ("execution", "task")
    ]
    cluster = f"arn:aws:ecs:{config.region}:{account}:cluster/{names.prefix}"
    granted = [policy_text(deploy_statements(_grant(config, cluster_arn=cluster, pass_role_arns=roles)))]
    if config.registry.create:
        region = config.registry.region
        repositories = [f"arn:aws:ecr:{region}:{account}:repository/{name}" for name in shop.REPOSITORIES]
        granted.append(policy_text(push_statements(region, repositories)))
    return INLINE_POLICIES.size(*granted)


def _watch(
    scope: _Scope,
    cluster: EcsCluster,
    stores: _Stores,
    balancer: ApplicationLoadBalancer,
    services: Mapping[str, ecs.EcsService],
) -> Observability:
    return Observability(
        scope.names.name("monitoring"),
        ObservabilityArgs(
            region=scope.config.region,
            dashboard_name=scope.names.prefix,
            alarm_emails=scope.config.alarm_emails,
            services=[
                EcsServiceTarget(
                    label=name,
                    cluster_name=cluster.cluster_name,
                    service_name=service.service_name,
                    container_insights=scope.config.container_insights != "disabled",
                )
                for name, service in services.items()
            ],
            application_load_balancers=[
                ApplicationLoadBalancerTarget(
                    label=shop.LOAD_BALANCER,
                    load_balancer_arn_suffix=balancer.load_balancer_arn_suffix,
                    target_group_arn_suffix=balancer.target_group_arn_suffix,
                )
            ],
            network_load_balancers=[],
            aurora=AuroraTarget(
                label="aurora",
                cluster_identifier=stores.aurora.cluster_identifier,
                maximum_capacity_acu=scope.config.aurora.maximum_capacity_acu,
            ),
            redis=RedisTarget(label="redis", cache_cluster_id=stores.redis.cache_cluster_id),
            hosts=[
                HostTarget(
                    label="clickhouse",
                    instance_id=stores.clickhouse.instance_id,
                    failed_units_metric=stores.clickhouse.failed_units_metric,
                    mount_points=stores.clickhouse.mount_points,
                )
            ],
            thresholds=_THRESHOLDS,
        ),
        scope.options,
    )


_THRESHOLDS = AlarmThresholds(
    http_5xx_percent=5,
    minimum_requests=20,
    cpu_percent=85,
    memory_percent=85,
    aurora_capacity_percent=90,
    redis_memory_percent=80,
    host_memory_percent=90,
    disk_percent=80,
)
