"""What was made is deleted again, the last first: the account is then what it was before."""

from collections.abc import Iterator

import pytest

from tests.support import sample
from tests.support.held import Remembering
from workbench.sandbox.embedded import EmbeddedAws
from workbench.sandbox.prerequisites import prerequisites

STACK = sample.OTHER

LISTINGS = (
    ("acm", "list_certificates", "CertificateSummaryList"),
    ("cloudwatch", "describe_alarms", "MetricAlarms"),
    ("cloudwatch", "list_dashboards", "DashboardEntries"),
    ("logs", "describe_metric_filters", "metricFilters"),
    ("dlm", "get_lifecycle_policies", "Policies"),
    ("ec2", "describe_addresses", "Addresses"),
    ("ec2", "describe_flow_logs", "FlowLogs"),
    ("ec2", "describe_internet_gateways", "InternetGateways"),
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


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws.start() as aws:
        shared = sample.read_stack_file(STACK).description.shared
        prerequisites(
            aws.clients,
            repository_names=shared.repositories,
            registry_region=shared.registry_region,
            provider_url=shared.provider_url,
            role_name=shared.role_name,
        )
        yield aws


def counts(aws: EmbeddedAws, region: str) -> dict[str, int]:
    """Return how many there are of everything that an environment has."""
    return {
        f"{service} {key}": len(getattr(aws.clients.get(service, region), operation)()[key])
        for service, operation, key in LISTINGS
    }


def test_nothing_is_left_of_an_environment_without_protection(aws: EmbeddedAws) -> None:
    region = sample.REGIONS[STACK]
    before = counts(aws, region)
    backend = Remembering(aws.backend())
    sample.evaluated(sample.read_stack_file(STACK), backend)
    made = counts(aws, region)
    for stored in reversed(backend.made):
        aws.backend().delete(stored)
    assert {name for name, count in made.items() if count == before[name]} == {
        # The other stack has them for both.
        "ecr repositories",
        "iam OpenIDConnectProviderList",
    }
    assert counts(aws, region) == before
