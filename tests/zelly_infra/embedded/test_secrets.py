"""Secrets: which there are, what they hold, and that their values stand nowhere else."""

import base64
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.zelly_infra.embedded.environment import Environment
from zelly_infra.catalog import APPLICATION_SECRETS
from zelly_infra.outputs import SECRET_OUTPUTS

GENERATED = {
    "zelly/aurora/master": "DB_PASSWORD",
    "zelly/redis/auth": "REDIS_PASSWORD",
    "zelly/clickhouse/credentials": "CLICKHOUSE_PASSWORD",
    "zelly/wireguard/server": "WIREGUARD_PRIVATE_KEY",
}
"""What the program makes up: the key whose value is secret."""


def test_secrets_are_those_of_the_catalog(environment: Environment) -> None:
    assert sorted(environment.secret_names.values()) == sorted({*APPLICATION_SECRETS, *GENERATED})


@pytest.mark.parametrize("name", APPLICATION_SECRETS)
def test_application_secret_waits_for_its_operator_with_every_key_empty(environment: Environment, name: str) -> None:
    assert environment.secret_values(name) == dict.fromkeys(APPLICATION_SECRETS[name], "")


def test_managed_secrets_say_how_to_reach_their_store(environment: Environment) -> None:
    outputs = environment.outputs
    found = {name: environment.secret_values(name) for name in GENERATED}
    passwords = {name: found[name].pop(key) for name, key in GENERATED.items()}
    assert found == {
        "zelly/aurora/master": {
            "DB_HOST": outputs.aurora_endpoint,
            "DB_USER": environment.config.aurora.master_username,
        },
        "zelly/redis/auth": {"REDIS_HOST": outputs.redis_endpoint, "REDIS_PORT": "6379"},
        "zelly/clickhouse/credentials": {
            "CLICKHOUSE_HOST": outputs.clickhouse_private_ip,
            "CLICKHOUSE_PORT": "8123",
            "CLICKHOUSE_USER": environment.config.clickhouse.username,
        },
        "zelly/wireguard/server": {},
    }
    lengths = {name: len(password) for name, password in passwords.items()}
    assert lengths == {
        "zelly/aurora/master": 40,
        "zelly/redis/auth": 64,
        "zelly/clickhouse/credentials": 32,
        "zelly/wireguard/server": 44,
    }


def test_environments_share_no_secret(production: Environment, staging: Environment) -> None:
    assert set(secret_values(production)).isdisjoint(secret_values(staging))


def secret_values(environment: Environment) -> list[str]:
    """Return every value that must stand in its secret alone, and the VPN peers' private keys."""
    configs = environment.outputs.vpn_client_configs
    private_keys = [re.findall(r"^PrivateKey = (\S+)$", config, re.MULTILINE) for config in configs.values()]
    return [
        *(environment.secret_values(name)[key] for name, key in GENERATED.items()),
        *(key for keys in private_keys for key in keys),
    ]


def user_data(environment: Environment) -> str:
    ec2 = environment.client("ec2")
    instance_ids = [environment.outputs.bastion_instance_id, environment.outputs.clickhouse_instance_id]
    answers = [ec2.describe_instance_attribute(InstanceId=each, Attribute="userData") for each in instance_ids]
    return "".join(base64.b64decode(answer["UserData"]["Value"]).decode() for answer in answers)


def task_definitions(environment: Environment) -> list[Any]:
    ecs = environment.client("ecs")
    arns = environment.listed("ecs", "list_task_definitions", "taskDefinitionArns")
    return [ecs.describe_task_definition(taskDefinition=arn) for arn in arns]


def services(environment: Environment) -> Any:
    names = list(environment.outputs.service_names.values())
    return environment.client("ecs").describe_services(cluster=environment.outputs.cluster_name, services=names)


def parameters(environment: Environment) -> Any:
    return environment.client("ssm").get_parameters_by_path(
        Path=f"/zelly/{environment.stack}", Recursive=True, WithDecryption=True
    )


def policies(environment: Environment) -> list[Any]:
    iam = environment.client("iam")
    roles = [role["RoleName"] for role in environment.listed("iam", "list_roles", "Roles")]
    return [
        iam.get_role_policy(RoleName=role, PolicyName=policy)
        for role in roles
        for policy in environment.listed("iam", "list_role_policies", "PolicyNames", RoleName=role)
    ]


def stores(environment: Environment) -> list[Any]:
    return [
        environment.listed("rds", "describe_db_clusters", "DBClusters"),
        environment.listed("rds", "describe_db_instances", "DBInstances"),
        environment.listed("elasticache", "describe_replication_groups", "ReplicationGroups"),
        environment.listed("elasticache", "describe_cache_clusters", "CacheClusters"),
        environment.listed("ec2", "describe_instances", "Reservations"),
    ]


def monitoring(environment: Environment) -> list[Any]:
    cloudwatch = environment.client("cloudwatch")
    return [
        environment.listed("cloudwatch", "describe_alarms", "MetricAlarms"),
        cloudwatch.get_dashboard(DashboardName=environment.outputs.dashboard_name),
    ]


def tags(environment: Environment) -> list[Any]:
    return environment.listed("resourcegroupstaggingapi", "get_resources", "ResourceTagMappingList")


def secret_descriptions(environment: Environment) -> list[Any]:
    return environment.listed("secretsmanager", "list_secrets", "SecretList")


def outputs(environment: Environment) -> Any:
    return {name: value for name, value in environment.evaluation.plain_outputs.items() if name not in SECRET_OUTPUTS}


def record(environment: Environment) -> list[Any]:
    return [resource.inputs for resource in environment.evaluation.resources]


PLACES: dict[str, tuple[Callable[[Environment], Any], str]] = {
    "user data": (user_data, "#cloud-config"),
    "task definitions": (task_definitions, "ON_DEMAND_TLS_ASK_URL"),
    "services": (services, "deploymentCircuitBreaker"),
    "parameters": (parameters, "listen_host"),
    "policies": (policies, "secretsmanager:GetSecretValue"),
    "stores": (stores, "MasterUsername"),
    "monitoring": (monitoring, "CacheHits"),
    "tags": (tags, "managed-by"),
    "descriptions of the secrets": (secret_descriptions, "Filled by operators"),
    "outputs that are not secret": (outputs, "wireguard_server_public_key"),
    "masked record": (record, "masterPassword"),
}
"""Where operators, logs and reviews look; with a word that must be found there, so that none is searched in vain."""


@pytest.mark.parametrize("place", PLACES)
def test_secret_values_stand_nowhere_else(environment: Environment, place: str) -> None:
    read, marker = PLACES[place]
    text = json.dumps(read(environment), default=str)
    assert marker in text
    values = secret_values(environment)
    assert len(set(values)) == 6
    # Neither the text itself nor what user data or a URL would make of it; the values stay out of the message.
    hidden = [*values, *(base64.b64encode(value.encode()).decode() for value in values)]
    assert [position for position, value in enumerate(hidden) if value in text] == []
