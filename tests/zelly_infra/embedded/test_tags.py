"""The provider's tags are on everything that can carry tags.

moto forgets those of scalable targets; that the provider itself is given them is asserted with the composed stacks.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.zelly_infra.embedded.environment import ACCOUNT_ID, REGISTRY_REGION, Environment, tags_of
from tests.zelly_infra.expected_rules import EGRESS, INGRESS
from zelly_infra.catalog import REPOSITORIES, SERVICES, PassthroughIngress

RECORDED = {
    "acm:certificate": "aws:acm/certificate:Certificate",
    "cloudwatch:alarm": "aws:cloudwatch/metricAlarm:MetricAlarm",
    "ec2:flow-logs": "aws:ec2/flowLog:FlowLog",
    "ec2:instance": "aws:ec2/instance:Instance",
    "ec2:internet-gateway": "aws:ec2/internetGateway:InternetGateway",
    "ec2:natgateway": "aws:ec2/natGateway:NatGateway",
    "ec2:route-table": "aws:ec2/routeTable:RouteTable",
    "ec2:security-group": "aws:ec2/securityGroup:SecurityGroup",
    "ec2:subnet": "aws:ec2/subnet:Subnet",
    "ec2:volume": "aws:ebs/volume:Volume",
    "ec2:vpc": "aws:ec2/vpc:Vpc",
    "ecs:cluster": "aws:ecs/cluster:Cluster",
    "ecs:service": "aws:ecs/service:Service",
    "ecs:task-definition": "aws:ecs/taskDefinition:TaskDefinition",
    "elasticache:replicationgroup": "aws:elasticache/replicationGroup:ReplicationGroup",
    "elasticache:subnetgroup": "aws:elasticache/subnetGroup:SubnetGroup",
    "elasticfilesystem:access-point": "aws:efs/accessPoint:AccessPoint",
    "elasticfilesystem:file-system": "aws:efs/fileSystem:FileSystem",
    "elasticloadbalancing:loadbalancer": "aws:lb/loadBalancer:LoadBalancer",
    "elasticloadbalancing:targetgroup": "aws:lb/targetGroup:TargetGroup",
    "kms:key": "aws:kms/key:Key",
    "logs:log-group": "aws:cloudwatch/logGroup:LogGroup",
    "rds:cluster": "aws:rds/cluster:Cluster",
    "rds:db": "aws:rds/clusterInstance:ClusterInstance",
    "s3:bucket": "aws:s3/bucket:Bucket",
    "secretsmanager:secret": "aws:secretsmanager/secret:Secret",
    "sns:topic": "aws:sns/topic:Topic",
    "ssm:parameter": "aws:ssm/parameter:Parameter",
}
"""What the tagging API lists: only what has tags, so that one without them would be missing."""

BESIDE = Counter(
    {
        # The VPC's default one.
        "ec2:security-group": 1,
        # The root volumes of both hosts.
        "ec2:volume": 2,
    }
)
"""What comes with another resource."""

NOT_THE_PROGRAMS = ("ecs:task", "rds:cluster-snapshot")
"""What AWS makes by itself, with the tags of what it is made from."""


def kind(arn: str) -> str:
    """Return what an ARN names, as ``service:type``."""
    service, rest = arn.split(":", 5)[2::3]
    if service in ("s3", "sns"):
        # Their ARNs name no type: there is but one.
        return {"s3": "s3:bucket", "sns": "sns:topic"}[service]
    return f"{service}:{rest.replace(':', '/').split('/')[0]}"


def listed_by_tagging_api(environment: Environment) -> dict[str, dict[str, str]]:
    """Return the tags of what the region's tagging API lists, by ARN."""
    found = environment.listed("resourcegroupstaggingapi", "get_resources", "ResourceTagMappingList")
    return {
        each["ResourceARN"]: tags_of(each)
        for each in found
        if kind(each["ResourceARN"]) not in NOT_THE_PROGRAMS
        # S3's buckets are listed in every region.
        and not (kind(each["ResourceARN"]) == "s3:bucket" and f"-{environment.stack}-" not in each["ResourceARN"])
    }


def without_default_tags(environment: Environment, tagged: dict[str, dict[str, str]]) -> list[str]:
    return [name for name, tags in tagged.items() if not tags.items() >= environment.default_tags.items()]


def test_default_tags_name_project_manager_and_environment(environment: Environment) -> None:
    vpc = environment.client("ec2").describe_vpcs(VpcIds=[environment.outputs.vpc_id])["Vpcs"][0]
    assert tags_of(vpc) == {
        "project": "zelly",
        "managed-by": "pulumi",
        "environment": environment.stack,
        "Name": f"zelly-{environment.stack}-network",
    }


def test_everything_the_tagging_api_lists_has_the_default_tags(environment: Environment) -> None:
    found = listed_by_tagging_api(environment)
    assert without_default_tags(environment, found) == []
    recorded = Counter({name: len(environment.evaluation.of_type(token)) for name, token in RECORDED.items()})
    assert Counter(kind(arn) for arn in found) == recorded + BESIDE


def of_ec2(environment: Environment) -> Iterator[tuple[str, dict[str, str]]]:
    """Iterate over what of EC2 the embedded tagging API leaves out."""
    ec2 = environment.client("ec2")
    for address in ec2.describe_addresses()["Addresses"]:
        yield address["AllocationId"], tags_of(address)
    for pair in ec2.describe_key_pairs()["KeyPairs"]:
        yield pair["KeyName"], tags_of(pair)
    for endpoint in environment.in_vpc("describe_vpc_endpoints", "VpcEndpoints"):
        yield endpoint["VpcEndpointId"], tags_of(endpoint)
    for rule in environment.listed("ec2", "describe_security_group_rules", "SecurityGroupRules"):
        if rule["GroupId"] in environment.group_names:
            yield rule["SecurityGroupRuleId"], tags_of(rule)


def of_stores(environment: Environment) -> Iterator[tuple[str, dict[str, str]]]:
    """Iterate over the stores' parts that the embedded tagging API leaves out."""
    cache, rds = environment.client("elasticache"), environment.client("rds")
    for group in cache.describe_cache_parameter_groups()["CacheParameterGroups"]:
        yield group["ARN"], listed_tags(cache.list_tags_for_resource(ResourceName=group["ARN"]))
    for group in rds.describe_db_cluster_parameter_groups()["DBClusterParameterGroups"]:
        arn = group["DBClusterParameterGroupArn"]
        yield arn, listed_tags(rds.list_tags_for_resource(ResourceName=arn))
    for group in rds.describe_db_subnet_groups()["DBSubnetGroups"]:
        arn = group["DBSubnetGroupArn"]
        yield arn, listed_tags(rds.list_tags_for_resource(ResourceName=arn))
    dlm = environment.client("dlm")
    for policy in dlm.get_lifecycle_policies()["Policies"]:
        yield policy["PolicyId"], dlm.get_lifecycle_policy(PolicyId=policy["PolicyId"])["Policy"]["Tags"]


def listed_tags(answer: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in answer["TagList"]}


def of_listeners(environment: Environment) -> Iterator[tuple[str, dict[str, str]]]:
    elbv2 = environment.client("elbv2")
    for balancer in elbv2.describe_load_balancers()["LoadBalancers"]:
        listeners = elbv2.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
        for listener in listeners:
            answer = elbv2.describe_tags(ResourceArns=[listener["ListenerArn"]])
            yield listener["ListenerArn"], tags_of(answer["TagDescriptions"][0])


def of_iam(environment: Environment) -> Iterator[tuple[str, dict[str, str]]]:
    """Iterate over an environment's roles and instance profiles; IAM lists those of the whole account."""
    iam = environment.client("iam")
    for role in environment.listed("iam", "list_roles", "Roles"):
        if role["RoleName"].startswith(f"zelly-{environment.stack}-"):
            yield role["Arn"], tags_of(iam.list_role_tags(RoleName=role["RoleName"]))
    for profile in environment.listed("iam", "list_instance_profiles", "InstanceProfiles"):
        if profile["InstanceProfileName"].startswith(f"zelly-{environment.stack}-"):
            yield profile["Arn"], tags_of(profile)


def test_what_the_tagging_api_leaves_out_has_the_default_tags(environment: Environment) -> None:
    counts: dict[str, int] = {}
    for walk in (of_ec2, of_stores, of_listeners, of_iam):
        found = dict(walk(environment))
        assert without_default_tags(environment, found) == []
        counts[walk.__name__] = len(found)
    rules = len(INGRESS[environment.stack]) + len(EGRESS[environment.stack])
    ingresses = [service.ingress for service in SERVICES if service.ingress]
    assert counts == {
        # Five addresses, a key pair, an endpoint.
        "of_ec2": 7 + rules,
        "of_stores": 4,
        # One that redirects and one that ends TLS, or one for each port.
        "of_listeners": sum(len(each.ports) if isinstance(each, PassthroughIngress) else 2 for each in ingresses),
        # Two of each service; roles of four others, two instance profiles.
        "of_iam": 2 * len(SERVICES) + 6,
    }


def test_what_the_account_has_once_carries_productions_tags(production: Environment) -> None:
    iam, ecr = production.client("iam"), production.client("ecr", REGISTRY_REGION)
    arn = f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/token.actions.githubusercontent.com"
    tagged = {
        "provider": tags_of(iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)),
        "role": tags_of(iam.list_role_tags(RoleName="zelly-github-actions")),
    }
    for repository in ecr.describe_repositories()["repositories"]:
        answer = ecr.list_tags_for_resource(resourceArn=repository["repositoryArn"])
        tagged[repository["repositoryName"]] = {tag["Key"]: tag["Value"] for tag in answer["tags"]}
    assert without_default_tags(production, tagged) == []
    assert len(tagged) == 2 + len(REPOSITORIES)
