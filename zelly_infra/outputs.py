"""The stack's outputs and their types: exported for people, scripts and other stacks.

Of the commands, ``vpn config`` reads one; all others find their things by name.
"""

from collections.abc import Mapping

from pydantic import BaseModel

SECRET_OUTPUTS = frozenset({"vpn_client_configs"})
"""Outputs that Pulumi has to keep secret."""


class StackOutputs(BaseModel, frozen=True, extra="forbid"):
    """The outputs of a stack, by exported key."""

    environment: str
    region: str
    vpc_id: str
    nat_public_ips: list[str]
    """The source addresses of calls to the internet: the NAT gateways', then the NAT instance's."""
    nat_instance_id: str | None = None
    """Left out where the environment has none."""
    cluster_name: str
    service_names: Mapping[str, str]
    """ECS service names by service of the catalog, as are the next three."""
    task_families: Mapping[str, str]
    log_groups: Mapping[str, str]
    image_parameters: Mapping[str, str]
    """SSM parameters that hold the deployed images; services that are only third-party images have none."""
    load_balancer_dns_names: Mapping[str, str]
    """By load balancer, e.g. ``alb-nova``; ``alb-shared`` where the HTTPS services share one."""
    service_urls: Mapping[str, str]
    """By service that is reached from the internet."""
    storefront_ips: list[str]
    """The Elastic IPs that merchants' apex domains point at."""
    certificate_file_system_id: str
    aurora_endpoint: str
    aurora_reader_endpoint: str
    redis_endpoint: str
    redis_port: int
    clickhouse_instance_id: str
    clickhouse_private_ip: str
    registry_region: str
    repository_urls: Mapping[str, str]
    """By repository, e.g. ``zelly/fastify-nova``."""
    secret_arns: Mapping[str, str]
    """By secret, e.g. ``zelly/aurora/master``. The values stay in Secrets Manager."""
    github_actions_role_arn: str
    bastion_instance_id: str
    bastion_public_ip: str
    wireguard_server_public_key: str
    vpn_client_configs: Mapping[str, str]
    """WireGuard client configs by peer; secret."""
    dashboard_name: str
    alarm_topic_arn: str
    cache_event_topic_arn: str
    """The topic of ElastiCache's events: it publishes to no encrypted topic, which the alarms' is."""
