"""What was made is deleted again, the last first: the account is then what it was before."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.zelly_infra.stack_files import ROOT, environment_of
from workbench.evaluate import Created, Invocation, Registration, evaluate_stack
from workbench.sandbox.backend import EmbeddedBackend, Stored
from workbench.sandbox.embedded import EmbeddedAws
from workbench.sandbox.prerequisites import prerequisites
from workbench.sandbox.services import RESOURCES
from zelly_infra import catalog
from zelly_infra.stack_file import PROJECT, read_stack_file

STACK = "staging"

LISTINGS = (
    ("acm", "list_certificates", "CertificateSummaryList"),
    ("cloudwatch", "describe_alarms", "MetricAlarms"),
    ("cloudwatch", "list_dashboards", "DashboardEntries"),
    ("logs", "describe_metric_filters", "metricFilters"),
    ("dlm", "get_lifecycle_policies", "Policies"),
    ("ec2", "describe_addresses", "Addresses"),
    ("ec2", "describe_flow_logs", "FlowLogs"),
    ("ec2", "describe_internet_gateways", "InternetGateways"),
    ("ec2", "describe_key_pairs", "KeyPairs"),
    ("ec2", "describe_network_acls", "NetworkAcls"),
    ("ec2", "describe_network_interfaces", "NetworkInterfaces"),
    ("ec2", "describe_route_tables", "RouteTables"),
    ("ec2", "describe_security_groups", "SecurityGroups"),
    ("ec2", "describe_security_group_rules", "SecurityGroupRules"),
    ("ec2", "describe_subnets", "Subnets"),
    ("ec2", "describe_volumes", "Volumes"),
    ("ec2", "describe_vpc_endpoints", "VpcEndpoints"),
    ("ec2", "describe_vpcs", "Vpcs"),
    ("ecr", "describe_repositories", "repositories"),
    ("ecs", "list_clusters", "clusterArns"),
    ("efs", "describe_file_systems", "FileSystems"),
    ("elasticache", "describe_cache_parameter_groups", "CacheParameterGroups"),
    ("elasticache", "describe_cache_subnet_groups", "CacheSubnetGroups"),
    ("elasticache", "describe_replication_groups", "ReplicationGroups"),
    ("elbv2", "describe_load_balancers", "LoadBalancers"),
    ("elbv2", "describe_target_groups", "TargetGroups"),
    ("iam", "list_instance_profiles", "InstanceProfiles"),
    ("iam", "list_open_id_connect_providers", "OpenIDConnectProviderList"),
    ("iam", "list_roles", "Roles"),
    ("logs", "describe_log_groups", "logGroups"),
    ("rds", "describe_db_cluster_parameter_groups", "DBClusterParameterGroups"),
    ("rds", "describe_db_clusters", "DBClusters"),
    ("rds", "describe_db_instances", "DBInstances"),
    ("rds", "describe_db_subnet_groups", "DBSubnetGroups"),
    ("s3", "list_buckets", "Buckets"),
    ("secretsmanager", "list_secrets", "SecretList"),
    ("sns", "list_subscriptions", "Subscriptions"),
    ("sns", "list_topics", "Topics"),
    ("ssm", "describe_parameters", "Parameters"),
)


class Remembering:
    """A backend that keeps what it has made, as a state does."""

    def __init__(self, backend: EmbeddedBackend) -> None:
        self.made: list[Stored] = []
        self._backend = backend

    def create(self, registration: Registration) -> Created:
        created = self._backend.create(registration)
        if registration.type in RESOURCES:
            self.made.append(
                Stored(
                    type=registration.type,
                    name=registration.name,
                    id=created.id,
                    inputs=registration.inputs,
                    outputs={**registration.inputs, **created.outputs},
                    provider_inputs=registration.provider_inputs,
                )
            )
        return created

    def invoke(self, invocation: Invocation) -> Mapping[str, Any]:
        return self._backend.invoke(invocation)


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws.start() as aws:
        environment = environment_of(STACK)
        prerequisites(
            aws.clients,
            repository_names=catalog.REPOSITORIES,
            registry_region=environment["registry"]["region"],
            provider_url="https://token.actions.githubusercontent.com",
            role_name=environment["github"]["role_name"],
        )
        yield aws


def counts(aws: EmbeddedAws, region: str) -> dict[str, int]:
    """Return how many there are of everything that an environment has."""
    return {
        f"{service} {key}": len(getattr(aws.clients.get(service, region), operation)()[key])
        for service, operation, key in LISTINGS
    }


def test_nothing_is_left_of_an_environment_without_protection(aws: EmbeddedAws) -> None:
    region = environment_of(STACK)["region"]
    before = counts(aws, region)
    file = read_stack_file(STACK, ROOT)
    backend = Remembering(aws.backend())
    evaluate_stack(
        ROOT / "__main__.py",
        project=PROJECT,
        stack=STACK,
        config=file.config,
        secret_keys=file.secret_keys,
        backend=backend,
    )
    made = counts(aws, region)
    for stored in reversed(backend.made):
        aws.backend().delete(stored)
    assert {name for name, count in made.items() if count == before[name]} == {
        # Production has them for both.
        "ecr repositories",
        "iam OpenIDConnectProviderList",
    }
    assert counts(aws, region) == before


@pytest.mark.parametrize("token", sorted(RESOURCES))
def test_every_type_is_deleted_by_itself_or_says_what_it_goes_with(token: str) -> None:
    row = RESOURCES[token]
    assert (row.delete is None) == (row.deleted_with is not None)
