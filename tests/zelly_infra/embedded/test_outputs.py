"""The stack's outputs: each names something that exists, and the VPN configs work."""

import json
from configparser import ConfigParser

import pytest

from tests.zelly_infra.embedded.environment import ACCOUNT_ID, REGISTRY_REGION, Environment, only
from tests.zelly_infra.evaluations import config_of
from workbench.evaluate.secret_values import MASK
from zelly_components.hosts.wireguard import public_key
from zelly_infra import catalog
from zelly_infra.outputs import SECRET_OUTPUTS, StackOutputs

SERVICES = tuple(service.name for service in catalog.SERVICES)
PEERS = tuple(config_of("production").bastion.peers)
"""Those of both stacks."""


def test_outputs_are_the_contract_and_only_the_vpn_configs_are_secret(environment: Environment) -> None:
    # No stack has a NAT instance.
    assert sorted([*environment.evaluation.plain_outputs, "nat_instance_id"]) == sorted(StackOutputs.model_fields)
    masked = {name for name, value in environment.evaluation.outputs.items() if value == MASK}
    assert masked == SECRET_OUTPUTS == {"vpn_client_configs"}
    assert (environment.outputs.environment, environment.outputs.region) == (environment.stack, environment.region)


def test_named_services_families_groups_and_parameters_exist(environment: Environment) -> None:
    outputs = environment.outputs
    ecs = environment.client("ecs")
    listed = ecs.describe_services(cluster=outputs.cluster_name, services=list(outputs.service_names.values()))
    assert {each["serviceName"] for each in listed["services"]} == set(outputs.service_names.values())
    assert set(outputs.service_names) == set(outputs.task_families) == set(outputs.log_groups) == set(SERVICES)
    families = environment.listed("ecs", "list_task_definition_families", "families")
    assert sorted(families) == sorted(outputs.task_families.values())
    groups = environment.listed("logs", "describe_log_groups", "logGroups", logGroupNamePrefix="/zelly/ecs/")
    assert sorted(each["logGroupName"] for each in groups) == sorted(outputs.log_groups.values())
    names = [each["Name"] for each in environment.listed("ssm", "describe_parameters", "Parameters")]
    assert set(outputs.image_parameters) == {service.name for service in catalog.SERVICES if service.repositories}
    assert set(outputs.image_parameters.values()) == {name for name in names if "/images/" in name}


def test_named_addresses_and_endpoints_exist(environment: Environment) -> None:
    outputs = environment.outputs
    addresses = environment.client("ec2").describe_addresses()["Addresses"]
    assert sorted([*outputs.nat_public_ips, outputs.bastion_public_ip, *outputs.storefront_ips]) == sorted(
        address["PublicIp"] for address in addresses
    )
    balancers = environment.listed("elbv2", "describe_load_balancers", "LoadBalancers")
    assert outputs.load_balancer_dns_names == {each["LoadBalancerName"]: each["DNSName"] for each in balancers}
    cluster = only(environment.listed("rds", "describe_db_clusters", "DBClusters"))
    assert (outputs.aurora_endpoint, outputs.aurora_reader_endpoint) == (cluster["Endpoint"], cluster["ReaderEndpoint"])
    group = only(environment.listed("elasticache", "describe_replication_groups", "ReplicationGroups"))
    endpoint = only(group["NodeGroups"])["PrimaryEndpoint"]
    assert (outputs.redis_endpoint, outputs.redis_port) == (endpoint["Address"], endpoint["Port"])
    assert outputs.service_urls == {
        name: f"https://{size.hostname}" for name, size in environment.config.services.items() if size.hostname
    }


def test_named_instances_network_and_file_system_exist(environment: Environment) -> None:
    outputs = environment.outputs
    instances = {
        instance["InstanceId"]: instance["PrivateIpAddress"]
        for reservation in environment.listed("ec2", "describe_instances", "Reservations")
        for instance in reservation["Instances"]
    }
    assert set(instances) == {outputs.bastion_instance_id, outputs.clickhouse_instance_id}
    assert instances[outputs.clickhouse_instance_id] == outputs.clickhouse_private_ip
    vpc = only(environment.client("ec2").describe_vpcs(VpcIds=[outputs.vpc_id])["Vpcs"])
    assert vpc["CidrBlock"] == str(environment.config.network.cidr)
    file_systems = environment.listed("efs", "describe_file_systems", "FileSystems")
    assert [each["FileSystemId"] for each in file_systems] == [outputs.certificate_file_system_id]


def test_named_arns_and_repositories_exist(environment: Environment) -> None:
    outputs = environment.outputs
    assert outputs.secret_arns == {name: arn for arn, name in environment.secret_names.items()}
    repositories = environment.client("ecr", outputs.registry_region).describe_repositories()["repositories"]
    assert outputs.registry_region == REGISTRY_REGION
    assert outputs.repository_urls == {each["repositoryName"]: each["repositoryUri"] for each in repositories}
    role = environment.client("iam").get_role(RoleName="zelly-github-actions")["Role"]
    assert outputs.github_actions_role_arn == role["Arn"] == (f"arn:aws:iam::{ACCOUNT_ID}:role/zelly-github-actions")
    topics = environment.listed("sns", "list_topics", "Topics")
    assert {topic["TopicArn"] for topic in topics} == {outputs.alarm_topic_arn, outputs.cache_event_topic_arn}
    answer = environment.client("cloudwatch").get_dashboard(DashboardName=outputs.dashboard_name)
    assert answer["DashboardName"] == outputs.dashboard_name


def test_bastion_holds_the_private_half_of_the_announced_key(environment: Environment) -> None:
    private = environment.secret_values("zelly/wireguard/server")["WIREGUARD_PRIVATE_KEY"]
    assert public_key(private) == environment.outputs.wireguard_server_public_key


@pytest.mark.parametrize("peer", PEERS)
def test_vpn_config_is_complete_and_its_key_is_known_to_the_bastion(environment: Environment, peer: str) -> None:
    outputs, bastion, vpc = environment.outputs, environment.config.bastion, environment.config.network.cidr
    assert set(outputs.vpn_client_configs) == set(bastion.peers)
    own_address = str(bastion.peers[peer].address)
    config = ConfigParser()
    # WireGuard tells the names of its settings in their own case.
    config.optionxform = lambda optionstr: optionstr
    config.read_string(outputs.vpn_client_configs[peer])
    sections = {name: dict(config[name]) for name in config.sections()}
    private = sections["Interface"].pop("PrivateKey")
    assert sections == {
        "Interface": {"Address": f"{own_address}/32", "DNS": str(vpc.network_address + 2)},
        "Peer": {
            "PublicKey": outputs.wireguard_server_public_key,
            "Endpoint": f"{outputs.bastion_public_ip}:{bastion.wireguard_port}",
            "AllowedIPs": f"{vpc}, {bastion.vpn_cidr}",
            "PersistentKeepalive": "25",
        },
    }
    name = f"/zelly/{environment.stack}/wireguard/peers"
    known = json.loads(environment.client("ssm").get_parameter(Name=name)["Parameter"]["Value"])
    assert {"name": peer, "address": own_address, "public_key": public_key(private)} in known
    assert len(known) == len(bastion.peers)


def test_bastion_answers_at_its_elastic_ip(environment: Environment) -> None:
    address = only(
        environment.client("ec2").describe_addresses(PublicIps=[environment.outputs.bastion_public_ip])["Addresses"]
    )
    assert address["InstanceId"] == environment.outputs.bastion_instance_id
