"""What of the estate is what of the program: written down by hand, from the platform's documents.

By the address without its key. ``{service}``, ``{balancer}``, ``{zone}`` and the like are the key's; whatever is not
here belongs to nobody in the program.
"""

import re
from collections.abc import Mapping, Sequence

from workbench.adopt.model import Instance

SERVICES = ("fastify-nova", "customer-panel", "orion-backend", "events-consumer", "storefront", "internal-tools")
"""In the documents' order."""
BEHIND = {"fastify-nova": "alb-nova", "customer-panel": "alb-customer", "orion-backend": "alb-orion"}
HOSTS = {"customer-panel": "account", "fastify-nova": "api", "orion-backend": "orion-api"}
BALANCERS = tuple(BEHIND.values())
_ZONES = ("a", "b", "c")
_PORTS = ("80", "443")

_NAMES: Mapping[str, str] = {
    "aws_secretsmanager_secret.customer_panel": "customer-panel-env-secret",
    "aws_secretsmanager_secret.fastify_nova": "fastify-nova-env-secret",
    "aws_secretsmanager_secret.orion_backend": "orion-backend-env-secret",
    "module.aurora.aws_db_subnet_group.this": "aurora-subnets",
    "module.aurora.aws_rds_cluster.this": "aurora-cluster",
    "module.aurora.aws_rds_cluster_instance.this": "aurora-instance-1",
    "module.aurora.aws_rds_cluster_parameter_group.this": "aurora-parameters",
    "module.aurora.aws_secretsmanager_secret.this": "aurora-master-secret",
    "module.aurora.aws_secretsmanager_secret_version.this": "aurora-master-version",
    "module.aurora.aws_security_group.this": "aurora-sg",
    "module.aurora.random_password.this": "aurora-master-password",
    "module.bastion.aws_eip.this": "bastion-eip",
    "module.bastion.aws_eip_association.this": "bastion-eip-association",
    "module.bastion.aws_iam_instance_profile.this": "bastion-profile",
    "module.bastion.aws_instance.this": "bastion-instance",
    "module.bastion.aws_key_pair.this": "bastion-ssh",
    "module.bastion.aws_security_group.this": "bastion-sg",
    "module.caddy_efs.aws_efs_access_point.this": "caddy-access-point",
    "module.caddy_efs.aws_efs_file_system.this": "caddy-file-system",
    "module.caddy_efs.aws_efs_mount_target.this": "caddy-mount-target-{number}",
    "module.caddy_efs.aws_security_group.this": "caddy-sg",
    "module.clickhouse.aws_ebs_volume.data": "clickhouse-data",
    "module.clickhouse.aws_iam_instance_profile.this": "clickhouse-profile",
    "module.clickhouse.aws_instance.this": "clickhouse-instance",
    "module.clickhouse.aws_security_group.this": "clickhouse-sg",
    "module.clickhouse.aws_volume_attachment.data": "clickhouse-data-attachment",
    "module.dns.aws_acm_certificate.this": "{balancer}-certificate",
    "module.dns.aws_acm_certificate_validation.this": "{balancer}-certificate-validation",
    "module.dns.cloudflare_record.service": "dns-{host}",
    "module.dns.cloudflare_record.validation": "{balancer}-certificate-validation-{host}",
    "module.ecr.aws_ecr_lifecycle_policy.this": "registry-{repository}-lifecycle",
    "module.ecr.aws_ecr_repository.this": "registry-{repository}",
    "module.ecs.aws_appautoscaling_policy.cpu": "{service}-cpu-scaling",
    "module.ecs.aws_appautoscaling_target.service": "{service}-scaling-target",
    "module.ecs.aws_cloudwatch_log_group.service": "{service}-logs",
    "module.ecs.aws_ecs_cluster.this": "cluster",
    "module.ecs.aws_ecs_cluster_capacity_providers.this": "cluster-capacity-providers",
    "module.ecs.aws_ecs_service.this": "{service}-service",
    "module.ecs.aws_ecs_task_definition.service": "{service}-task-definition",
    "module.ecs.aws_eip.nlb": "nlb-storefront-eip-{number}",
    "module.ecs.aws_lb.alb": "{balancer}",
    "module.ecs.aws_lb.nlb": "nlb-storefront",
    "module.ecs.aws_lb_listener.http": "{balancer}-http",
    "module.ecs.aws_lb_listener.https": "{balancer}-https",
    "module.ecs.aws_lb_listener.nlb": "nlb-storefront-tcp-{port}",
    "module.ecs.aws_lb_target_group.alb": "{balancer}-targets",
    "module.ecs.aws_lb_target_group.nlb": "nlb-storefront-targets-{port}",
    "module.ecs.aws_security_group.alb": "{balancer}-sg",
    "module.ecs.aws_security_group.nlb": "nlb-storefront-sg",
    "module.ecs.aws_security_group.service": "{service}-sg",
    "module.github_oidc.aws_iam_openid_connect_provider.github": "github-github",
    "module.github_oidc.aws_iam_role.github_actions": "github-github-role",
    "module.observability.aws_cloudwatch_dashboard.this": "monitoring-dashboard",
    "module.redis.aws_elasticache_parameter_group.this": "redis-parameters",
    "module.redis.aws_elasticache_replication_group.this": "redis",
    "module.redis.aws_elasticache_subnet_group.this": "redis-subnets",
    "module.redis.aws_secretsmanager_secret.this": "redis-auth-secret",
    "module.redis.aws_secretsmanager_secret_version.this": "redis-auth-version",
    "module.redis.aws_security_group.this": "redis-sg",
    "module.redis.random_password.this": "redis-auth-token",
    "module.vpc.aws_eip.nat": "network-nat-a-eip",
    "module.vpc.aws_internet_gateway.this": "network-igw",
    "module.vpc.aws_nat_gateway.this": "network-nat-a",
    "module.vpc.aws_route.public_internet": "network-public-internet",
    "module.vpc.aws_route_table.public": "network-public-routes",
    "module.vpc.aws_route_table_association.private": "network-private-{zone}-association",
    "module.vpc.aws_route_table_association.public": "network-public-{zone}-association",
    "module.vpc.aws_subnet.private": "network-private-{zone}",
    "module.vpc.aws_subnet.public": "network-public-{zone}",
    "module.vpc.aws_vpc.this": "network-vpc",
}

_NOBODYS = {
    ("module.dns.cloudflare_record.service", "storefront"),
    ("module.ecs.aws_security_group.alb", None),
}

_KEYED: Mapping[str, Sequence[str]] = {
    "alb": BALANCERS,
    "nlb": _PORTS,
    "http": BALANCERS,
    "https": BALANCERS,
}
"""What a position stands for, by the resource's name, where that is no service."""


def name_of(instance: Instance, stack: str, domain: str) -> str | None:
    """Return the logical name of what an instance is; None for what nobody in the program is."""
    match = re.fullmatch(r'(.*?)(?:\[(?:"(.*)"|(\d+))\])?', instance.address)
    assert match is not None
    base, key, position = match.groups()
    pattern = _NAMES.get(base)
    if position is not None:
        key = _by_position(base, int(position))
    # The shop's own name has three addresses in the program, and one name of the balancer's here. A group that all
    # balancers have in common has no key.
    if pattern is None or (base, key) in _NOBODYS:
        return None
    return f"zelly-{stack}-{pattern.format(**_of_key(key or '', domain))}"


def _by_position(base: str, position: int) -> str:
    if "aws_eip" in base or "mount_target" in base or "module.vpc" in base or "cluster_instance" in base:
        return _ZONES[position]
    name = base.rpartition(".")[2]
    if "module.dns" in base:
        return (*BEHIND, "storefront")[position]
    return (tuple(BEHIND) if "target_group.alb" in base else _KEYED.get(name, SERVICES))[position]


def _of_key(key: str, domain: str) -> Mapping[str, str]:
    zone = key[-1:]
    return {
        "service": key,
        "balancer": BEHIND.get(key, key),
        "host": f"{HOSTS.get(key, 'stores')}.{domain}",
        "zone": zone,
        "number": str(_ZONES.index(zone) + 1) if zone in _ZONES else "",
        "port": key,
        "repository": key,
    }
