"""The live estate of the tests: as large as Zelly's, of the types that Terraform has, and standing in AWS."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.adoption import estate
from tests.adoption.estate import Options
from tests.adoption.estate.making import Estate
from tests.adoption.estate.state_file import StateFile
from tests.adoption.estates import VARIANTS, Standing, state_of
from tests.support.engine.inventory import inventory
from tests.zelly_infra.facts import REGISTRY_REGION

MODULES = {
    "": 3,
    "module.aurora": 12,
    "module.bastion": 6,
    "module.caddy_efs": 6,
    "module.clickhouse": 6,
    "module.dns": 13,
    "module.ecs": 61,
    "module.observability": 9,
    "module.redis": 7,
    "module.vpc": 20,
}
"""The number of managed instances."""
BALANCERS = {"alb-nova", "alb-customer", "alb-orion", "nlb-storefront"}


def instances(state: Mapping[str, Any], mode: str = "managed") -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield module, type and attributes of each instance."""
    for resource in state["resources"]:
        for instance in resource["instances"]:
            if resource["mode"] == mode:
                yield resource.get("module", ""), resource["type"], instance["attributes"]


def counts(state: Mapping[str, Any]) -> Counter[str]:
    return Counter(module for module, _, _ in instances(state))


def test_staging_has_its_modules_and_looks_up_what_is_productions(staging: Standing) -> None:
    assert counts(staging.state) == MODULES
    assert Counter(type_ for _, type_, _ in instances(staging.state, "data")) == {
        "aws_caller_identity": 1,
        "aws_ecr_repository": 6,
        "aws_iam_openid_connect_provider": 1,
        "aws_iam_role": 1,
    }


def test_production_has_repositories_and_the_trust_of_github_beside_them(production: Standing) -> None:
    # Its Aurora lets nobody in from the internet.
    own = {"module.aurora": 11, "module.ecr": 12, "module.github_oidc": 3}
    assert counts(production.state) == {**MODULES, **own}
    assert [type_ for _, type_, _ in instances(production.state, "data")] == ["aws_caller_identity"]


LISTED: Mapping[str, tuple[str, str]] = {
    "aws_appautoscaling_policy": ("scaling policies", "name"),
    "aws_appautoscaling_target": ("scalable targets", "id"),
    "aws_acm_certificate": ("certificates", "arn"),
    "aws_cloudwatch_dashboard": ("dashboards", "id"),
    "aws_cloudwatch_log_group": ("log groups", "id"),
    "aws_cloudwatch_metric_alarm": ("alarms", "id"),
    "aws_db_subnet_group": ("Aurora subnet groups", "id"),
    "aws_ebs_volume": ("volumes", "id"),
    "aws_ecs_cluster": ("clusters", "arn"),
    "aws_ecs_task_definition": ("task definitions", "arn"),
    "aws_efs_access_point": ("access points", "id"),
    "aws_efs_file_system": ("file systems", "id"),
    "aws_eip": ("addresses", "id"),
    "aws_elasticache_parameter_group": ("Redis parameter groups", "id"),
    "aws_elasticache_replication_group": ("Redis groups", "id"),
    "aws_elasticache_subnet_group": ("Redis subnet groups", "id"),
    "aws_iam_instance_profile": ("instance profiles", "id"),
    "aws_iam_role": ("roles", "id"),
    "aws_instance": ("instances", "id"),
    "aws_internet_gateway": ("internet gateways", "id"),
    "aws_key_pair": ("key pairs", "id"),
    "aws_lb": ("load balancers", "arn"),
    "aws_lb_target_group": ("target groups", "arn"),
    "aws_nat_gateway": ("NAT gateways", "id"),
    "aws_rds_cluster": ("Aurora clusters", "id"),
    "aws_rds_cluster_instance": ("Aurora instances", "id"),
    "aws_rds_cluster_parameter_group": ("Aurora parameter groups", "id"),
    "aws_route_table": ("route tables", "id"),
    "aws_secretsmanager_secret": ("secrets", "name"),
    "aws_security_group": ("security groups", "id"),
    "aws_sns_topic": ("topics", "id"),
    "aws_sns_topic_subscription": ("subscriptions", "id"),
    "aws_subnet": ("subnets", "id"),
    "aws_vpc": ("VPCs", "id"),
}
"""By type: where the inventory of the embedded AWS has it, and the attribute that stands there."""

Of = Callable[..., Any]


def _route_table(of: Of, table_id: str) -> Any:
    return of("ec2").describe_route_tables(RouteTableIds=[table_id])["RouteTables"][0]


def _route(of: Of, route: Mapping[str, Any]) -> bool:
    routes = _route_table(of, route["route_table_id"])["Routes"]
    targets = {(each["DestinationCidrBlock"], each.get("GatewayId"), each.get("NatGatewayId")) for each in routes}
    return (route["destination_cidr_block"], route["gateway_id"] or None, route["nat_gateway_id"] or None) in targets


def _association(of: Of, association: Mapping[str, Any]) -> bool:
    found = _route_table(of, association["route_table_id"])["Associations"]
    return (association["id"], association["subnet_id"]) in {
        (each["RouteTableAssociationId"], each.get("SubnetId")) for each in found
    }


def _single_rule(of: Of, rule: Mapping[str, Any]) -> bool:
    found = of("ec2").describe_security_group_rules(
        Filters=[{"Name": "group-id", "Values": [rule["security_group_id"]]}]
    )["SecurityGroupRules"]
    here = [
        each.get("CidrIpv4") or each["ReferencedGroupInfo"]["GroupId"]
        for each in found
        if (each["FromPort"], each["IsEgress"]) == (rule["from_port"], rule["type"] == "egress")
    ]
    return {*(rule["cidr_blocks"] or [rule["source_security_group_id"]])} <= {*here}


def _service(of: Of, service: Mapping[str, Any]) -> bool:
    found = of("ecs").describe_services(cluster=service["cluster"], services=[service["name"]])["services"][0]
    return (found["serviceArn"], found["taskDefinition"]) == (service["id"], service["task_definition"])


def _secret_version(of: Of, version: Mapping[str, Any]) -> bool:
    found = of("secretsmanager").get_secret_value(SecretId=version["secret_id"])
    return (found["VersionId"], found["SecretString"]) == (version["version_id"], version["secret_string"])


def _volume_attachment(of: Of, attachment: Mapping[str, Any]) -> bool:
    (volume,) = of("ec2").describe_volumes(VolumeIds=[attachment["volume_id"]])["Volumes"]
    return (attachment["instance_id"], attachment["device_name"]) in {
        (each["InstanceId"], each["Device"]) for each in volume["Attachments"]
    }


def _address_association(of: Of, association: Mapping[str, Any]) -> bool:
    (address,) = of("ec2").describe_addresses(AllocationIds=[association["allocation_id"]])["Addresses"]
    return (address["AssociationId"], address["InstanceId"]) == (association["id"], association["instance_id"])


def _attached_policy(of: Of, attachment: Mapping[str, Any]) -> bool:
    found = of("iam").list_attached_role_policies(RoleName=attachment["role"])["AttachedPolicies"]
    return attachment["policy_arn"] in {each["PolicyArn"] for each in found}


def _mount_target(of: Of, target: Mapping[str, Any]) -> bool:
    found = of("efs").describe_mount_targets(MountTargetId=target["id"])["MountTargets"][0]
    groups = of("efs").describe_mount_target_security_groups(MountTargetId=target["id"])["SecurityGroups"]
    return (found["SubnetId"], groups) == (target["subnet_id"], target["security_groups"])


ASKED: Mapping[str, Callable[[Of, Mapping[str, Any]], bool]] = {
    "aws_ecr_lifecycle_policy": lambda of, policy: (
        of("ecr", REGISTRY_REGION).get_lifecycle_policy(repositoryName=policy["repository"])["lifecyclePolicyText"]
        == policy["policy"]
    ),
    "aws_ecr_repository": lambda of, repository: (
        of("ecr", REGISTRY_REGION).describe_repositories(repositoryNames=[repository["name"]])["repositories"][0][
            "repositoryArn"
        ]
        == repository["arn"]
    ),
    "aws_ecs_cluster_capacity_providers": lambda of, cluster: (
        of("ecs").describe_clusters(clusters=[cluster["cluster_name"]])["clusters"][0]["capacityProviders"]
        == cluster["capacity_providers"]
    ),
    "aws_ecs_service": _service,
    "aws_efs_mount_target": _mount_target,
    "aws_eip_association": _address_association,
    "aws_iam_openid_connect_provider": lambda of, provider: (
        of("iam").get_open_id_connect_provider(OpenIDConnectProviderArn=provider["arn"])["Url"] == provider["url"]
    ),
    "aws_iam_role_policy": lambda of, policy: (
        policy["name"] in of("iam").list_role_policies(RoleName=policy["role"])["PolicyNames"]
    ),
    "aws_iam_role_policy_attachment": _attached_policy,
    "aws_lb_listener": lambda of, listener: (
        of("elbv2").describe_listeners(ListenerArns=[listener["arn"]])["Listeners"][0]["LoadBalancerArn"]
        == listener["load_balancer_arn"]
    ),
    "aws_route": _route,
    "aws_route_table_association": _association,
    "aws_secretsmanager_secret_version": _secret_version,
    "aws_security_group_rule": _single_rule,
    "aws_volume_attachment": _volume_attachment,
}
"""The types that the inventory does not have, and how AWS is asked whether it has what the state says."""

NOWHERE = frozenset({"cloudflare_record", "random_password", "aws_acm_certificate_validation"})
"""The types of which AWS knows nothing."""


@pytest.mark.parametrize("stack", ["staging", "production"])
def test_what_the_state_says_stands_in_aws(stack: str, request: pytest.FixtureRequest) -> None:
    standing: Standing = request.getfixturevalue(stack)
    there = inventory(standing.client)
    missing = [
        (module, type_, attributes["id"])
        for module, type_, attributes in instances(standing.state)
        if type_ not in NOWHERE
        and not (
            attributes[LISTED[type_][1]] in there[LISTED[type_][0]]
            if type_ in LISTED
            else ASKED[type_](standing.client, attributes)
        )
    ]
    assert missing == []


def test_records_can_be_read_by_the_ids_that_they_are_imported_by(staging: Standing) -> None:
    backend = staging.aws.backend(region="ap-southeast-1")
    for record in of_type(staging.state, "cloudflare_record"):
        key = f"{record['zone_id']}/{record['id']}"
        found = backend.read("cloudflare:index/dnsRecord:DnsRecord", key, {})
        assert found is not None
        assert (found.inputs["name"], found.inputs["content"]) == (record["hostname"], record["content"])


def of_type(state: Mapping[str, Any], type_: str) -> list[dict[str, Any]]:
    return [attributes for _, each, attributes in instances(state) if each == type_]


def _plain(name: str) -> str:
    """Return a name without what Terraform puts behind its ``name_prefix``, and without ``-tf``."""
    return re.sub(r"-(tf|\d{14}[0-9a-f]{12})$", "", name)


def _peers(state: Mapping[str, Any]) -> Counter[tuple[str, str, int]]:
    """Return how many peers each group's ports have."""
    return Counter(
        (_plain(group["name"]), direction, rule["from_port"])
        for group in of_type(state, "aws_security_group")
        for direction in ("ingress", "egress")
        for rule in group[direction]
        for _ in (*rule["cidr_blocks"], *rule["security_groups"])
    )


def test_a_group_has_the_same_rules_however_terraform_writes_them() -> None:
    """The provider reads them all into the group, also those that are resources of their own."""
    inline, single, vpc = (state_of(VARIANTS[name]) for name in ("staging", "single-rules", "vpc-rules"))
    assert _peers(single) == _peers(vpc) == _peers(inline)
    # One rule of a single resource's may have several ranges, one of the VPC's has one.
    assert len(of_type(single, "aws_security_group_rule")) < _peers(inline).total()
    assert (
        len(of_type(vpc, "aws_vpc_security_group_ingress_rule"))
        + len(of_type(vpc, "aws_vpc_security_group_egress_rule"))
        == _peers(inline).total()
    )


@pytest.mark.parametrize(("variant", "ending"), [("single-rules", r"-tf"), ("vpc-rules", r"-\d{14}[0-9a-f]{12}")])
def test_names_end_as_the_options_say_but_for_those_that_are_documented(variant: str, ending: str) -> None:
    state = state_of(VARIANTS[variant])
    documented = {*BALANCERS, "zelly-staging"}
    assert {balancer["name"] for balancer in of_type(state, "aws_lb")} == BALANCERS
    for type_ in ("aws_security_group", "aws_iam_role", "aws_db_subnet_group", "aws_lb_target_group", "aws_sns_topic"):
        for attributes in of_type(state, type_):
            assert attributes["name"] not in documented
            assert re.fullmatch(f".*{ending}", attributes["name"])
            assert attributes["name"].startswith(attributes["name_prefix"])
            assert bool(attributes["name_prefix"]) == (variant == "vpc-rules")


def test_what_is_coarse_has_one_group_for_all_balancers_and_lets_everything_out() -> None:
    state = state_of(VARIANTS["coarse"])
    balancers = of_type(state, "aws_lb")
    groups = [tuple(one["security_groups"]) for one in balancers if one["load_balancer_type"] == "application"]
    assert (len(groups), len(set(groups))) == (3, 1)
    assert [one["security_groups"] for one in balancers if one["load_balancer_type"] == "network"] == [[]]
    for group in of_type(state, "aws_security_group"):
        assert [(rule["protocol"], rule["cidr_blocks"]) for rule in group["egress"]] == [("-1", ["0.0.0.0/0"])]
    for service in of_type(state, "aws_ecs_service"):
        assert (service["launch_type"], service["capacity_provider_strategy"]) == ("FARGATE", [])


@pytest.mark.parametrize("variant", VARIANTS)
def test_no_two_instances_share_type_and_id_but_passwords(variant: str) -> None:
    seen = Counter((type_, attributes["id"]) for _, type_, attributes in instances(state_of(VARIANTS[variant])))
    assert {type_ for (type_, _), number in seen.items() if number > 1} == {"random_password"}


def nobody(service: str, region: str) -> Any:
    raise NotImplementedError(service, region)


def test_same_estate_has_the_same_passwords_and_made_up_ids_again() -> None:
    once, again = (Estate(nobody, Options()) for _ in range(2))
    assert (once.password(32), once.hexadecimal(32)) == (again.password(32), again.hexadecimal(32))


def test_estate_is_made_without_the_program() -> None:
    """What the program made would prove nothing of an adoption."""
    sources = "\n".join(path.read_text(encoding="utf-8") for path in Path(estate.__file__).parent.glob("*.py"))
    imported = {line.split()[1] for line in sources.splitlines() if line.startswith(("import ", "from "))}
    ours = {name for name in imported if name.startswith(("tests", "workbench", "zelly"))}
    assert {name for name in ours if not name.startswith("tests.adoption.estate")} == {
        "tests.zelly_infra.facts",
        "workbench.sandbox.ledger",
    }


def test_attribute_that_a_type_does_not_have_is_refused() -> None:
    with pytest.raises(KeyError, match=r"module\.vpc\.aws_vpc\.this: no attribute cidr"):
        StateFile().add("module.vpc", "aws_vpc.this", {"id": "vpc-1", "cidr": "10.0.0.0/16"})
    with pytest.raises(TypeError, match=r"module\.vpc\.aws_vpc\.this\.enable_dns_support: 'true' is no bool"):
        StateFile().add("module.vpc", "aws_vpc.this", {"id": "vpc-1", "enable_dns_support": "true"})
