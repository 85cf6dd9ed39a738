"""What both stacks tell about themselves: every output's value."""

import pytest

from tests.zelly_infra.evaluations import STACKS, evaluation_of

REGIONS = {"production": "ap-south-1", "staging": "ap-southeast-1"}
HOSTNAME_ENDS = {"production": "zelly.in", "staging": "staging.zelly.in"}
SERVICES = ("fastify-nova", "customer-panel", "orion-backend", "events-consumer", "storefront", "internal-tools")
REPOSITORIES = (
    "zelly/fastify-nova",
    "zelly/customer-panel",
    "zelly/orion-backend",
    "zelly/events-consumer",
    "zelly/astro-storefront",
    "zelly/caddy",
)
REPOSITORY_OUTPUTS = {
    "production": "${{zelly-production-registry-{}.repositoryUrl}}",
    "staging": "${{repository {}.repositoryUrl}}",
}
SECRETS = {
    "zelly/aurora/master": "aurora-master-secret",
    "zelly/redis/auth": "redis-auth-secret",
    "zelly/clickhouse/credentials": "clickhouse-credentials",
    "zelly/fastify-nova/env": "fastify-nova-env-secret",
    "zelly/customer-panel/env": "customer-panel-env-secret",
    "zelly/orion-backend/env": "orion-backend-env-secret",
    "zelly/wireguard/server": "bastion-server-key-secret",
}
GITHUB_ROLE = {
    "production": "${zelly-production-github-github-role.arn}",
    "staging": "${role zelly-github-actions.arn}",
}


@pytest.mark.parametrize("stack", STACKS)
def test_outputs_are_exactly_these(stack: str) -> None:
    name, end = f"zelly-{stack}", HOSTNAME_ENDS[stack]

    def of(part: str, attribute: str) -> str:
        return f"${{{name}-{part}.{attribute}}}"

    outputs = dict(evaluation_of(stack).outputs)
    assert outputs == {
        "wireguard_server_public_key": of("bastion-server-key", "publicKey"),
        "environment": stack,
        "region": REGIONS[stack],
        "vpc_id": of("network-vpc", "id"),
        "nat_public_ips": [of("network-nat-a", "publicIp")],
        "cluster_name": name,
        "service_names": {service: f"{name}-{service}" for service in SERVICES},
        "task_families": {service: f"{name}-{service}" for service in SERVICES},
        "log_groups": {service: f"/zelly/ecs/{service}" for service in SERVICES},
        "image_parameters": {service: f"/zelly/{stack}/images/{service}" for service in SERVICES[:-1]},
        "load_balancer_dns_names": {
            balancer: of(balancer, "dnsName")
            for balancer in ("alb-nova", "alb-customer", "alb-orion", "nlb-storefront")
        },
        "service_urls": {
            "fastify-nova": f"https://api.{end}",
            "customer-panel": f"https://account.{end}",
            "orion-backend": f"https://orion-api.{end}",
            "storefront": f"https://stores.{end}",
        },
        "storefront_ips": [of(f"nlb-storefront-eip-{position}", "publicIp") for position in (1, 2, 3)],
        "certificate_file_system_id": of("caddy-file-system", "id"),
        "aurora_endpoint": of("aurora-cluster", "endpoint"),
        "aurora_reader_endpoint": of("aurora-cluster", "readerEndpoint"),
        "redis_endpoint": of("redis", "primaryEndpointAddress"),
        "redis_port": 6379,
        "clickhouse_instance_id": of("clickhouse-instance", "id"),
        "clickhouse_private_ip": of("clickhouse-instance", "privateIp"),
        "registry_region": "ap-south-1",
        "repository_urls": {name: REPOSITORY_OUTPUTS[stack].format(name) for name in REPOSITORIES},
        "secret_arns": {secret: f"${{{name}-{part}.arn}}" for secret, part in SECRETS.items()},
        "github_actions_role_arn": GITHUB_ROLE[stack],
        "bastion_instance_id": of("bastion-instance", "id"),
        "bastion_public_ip": of("bastion-eip", "publicIp"),
        "vpn_client_configs": "[secret]",
        "dashboard_name": name,
        "alarm_topic_arn": of("monitoring-alarms", "arn"),
        "cache_event_topic_arn": of("cache-events", "arn"),
    }
