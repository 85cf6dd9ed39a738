"""What both stacks tell about themselves: every output's value."""

import pytest

from tests.zelly_infra.evaluations import STACKS, config_of, evaluation_of
from zelly_infra import catalog

SERVICES = tuple(service.name for service in catalog.SERVICES)
BALANCERS = {service.name: service.ingress.load_balancer for service in catalog.SERVICES if service.ingress}
REPOSITORY_OUTPUTS = {
    "production": "${{zelly-production-registry-{}.repositoryUrl}}",
    "staging": "${{repository {}.repositoryUrl}}",
}
SECRETS = {
    "zelly/aurora/master": "aurora-master-secret",
    "zelly/redis/auth": "redis-auth-secret",
    "zelly/clickhouse/credentials": "clickhouse-credentials",
    **{name: f"{name.split('/')[1]}-env-secret" for name in catalog.APPLICATION_SECRETS},
    "zelly/wireguard/server": "bastion-server-key-secret",
}
GITHUB_ROLE = {
    "production": "${zelly-production-github-github-role.arn}",
    "staging": "${role zelly-github-actions.arn}",
}


@pytest.mark.parametrize("stack", STACKS)
def test_outputs_are_exactly_these(stack: str) -> None:
    name, config = f"zelly-{stack}", config_of(stack)

    def of(part: str, attribute: str) -> str:
        return f"${{{name}-{part}.{attribute}}}"

    outputs = dict(evaluation_of(stack).outputs)
    assert outputs == {
        "wireguard_server_public_key": of("bastion-server-key", "publicKey"),
        "environment": stack,
        "region": config.region,
        "vpc_id": of("network-vpc", "id"),
        "nat_public_ips": [of("network-nat-a", "publicIp")],
        "cluster_name": name,
        "service_names": {service: f"{name}-{service}" for service in SERVICES},
        "task_families": {service: f"{name}-{service}" for service in SERVICES},
        "log_groups": {service: f"/zelly/ecs/{service}" for service in SERVICES},
        "image_parameters": {
            each.name: f"/zelly/{stack}/images/{each.name}" for each in catalog.SERVICES if each.repositories
        },
        "load_balancer_dns_names": {balancer: of(balancer, "dnsName") for balancer in BALANCERS.values()},
        "service_urls": {service: f"https://{config.services[service].hostname}" for service in BALANCERS},
        "storefront_ips": [
            of(f"nlb-storefront-eip-{position}", "publicIp")
            for position in range(1, 1 + config.storefront.load_balancer_zones)
        ],
        "certificate_file_system_id": of("caddy-file-system", "id"),
        "aurora_endpoint": of("aurora-cluster", "endpoint"),
        "aurora_reader_endpoint": of("aurora-cluster", "readerEndpoint"),
        "redis_endpoint": of("redis", "primaryEndpointAddress"),
        "redis_port": 6379,
        "clickhouse_instance_id": of("clickhouse-instance", "id"),
        "clickhouse_private_ip": of("clickhouse-instance", "privateIp"),
        "registry_region": config.registry.region,
        "repository_urls": {name: REPOSITORY_OUTPUTS[stack].format(name) for name in catalog.REPOSITORIES},
        "secret_arns": {secret: f"${{{name}-{part}.arn}}" for secret, part in SECRETS.items()},
        "github_actions_role_arn": GITHUB_ROLE[stack],
        "bastion_instance_id": of("bastion-instance", "id"),
        "bastion_public_ip": of("bastion-eip", "publicIp"),
        "vpn_client_configs": "[secret]",
        "dashboard_name": name,
        "alarm_topic_arn": of("monitoring-alarms", "arn"),
        "cache_event_topic_arn": of("cache-events", "arn"),
    }
