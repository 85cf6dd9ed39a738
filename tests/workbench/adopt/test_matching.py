"""Pairs and their proofs, tier by tier, and what is no proof."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workbench.adopt.plans import addresses, matched, planned, proofs, urn
from tests.workbench.adopt.shop import (
    ASSOCIATION,
    EGRESS,
    GROUP,
    INGRESS,
    ROLE,
    ROUTE,
    SUBNET,
    TABLE,
    VPC,
    live,
    services,
)
from tests.workbench.adopt.states import resource
from workbench.adopt.matching import Confirmed
from workbench.adopt.model import Matching
from workbench.errors import OperatorError
from workbench.placeholders import placeholder

_NAMES = ("api", "web", "worker")


def _parts(matching: Matching) -> tuple[list[str], list[tuple[str, str]]]:
    """Return each resource and each instance as often as it stands in a list."""
    resources = [pair.resource.urn for pair in matching.matched]
    resources += [each.urn for each in matching.program_only] + [each.resource.urn for each in matching.ambiguous]
    items = [pair.found for pair in matching.matched] + list(matching.state_only)
    candidates = {
        (each.instance.address, each.instance.part): each
        for ambiguity in matching.ambiguous
        for each in ambiguity.candidates
    }
    items += candidates.values()
    return resources, [(each.instance.address, each.instance.part) for each in items]


def test_names_pair_and_references_lead_on() -> None:
    found = matched(services(*_NAMES), live(*_NAMES))
    assert len(found.matched) == 2 + 4 * len(_NAMES)
    assert not found.program_only
    assert not found.state_only
    assert not found.ambiguous
    by_name = proofs(found)
    assert by_name["shop-live-cluster"] == "name shop"
    assert by_name["shop-live-api-service"] == "cluster arn:c/shop, name api"
    assert by_name["shop-live-api-sg"] == "networkConfiguration.securityGroups of shop-live-api-service"
    assert by_name["shop-live-network"] == "vpcId of shop-live-api-sg"
    assert {pair.id for pair in found.matched if pair.resource.name.startswith("shop-live-api")} == {
        "shop/api",
        "arn:d/api:3",
        "role-of-api",
        "sg-api",
    }


def test_what_all_have_in_common_is_nobody_s_and_said_so() -> None:
    found = matched(services(*_NAMES), live(*_NAMES, role="one"))
    assert {each.name for each in found.program_only} == {f"shop-live-{name}-role" for name in _NAMES}
    assert [each.instance.address for each in found.state_only] == ["module.a.aws_iam_role.execution"]
    assert found.shared == {"module.a.aws_iam_role.execution": [f"shop-live-{name}-role" for name in _NAMES]}


@pytest.mark.parametrize(
    ("common", "unproved"),
    [({"role": "one"}, "shop-live-api-role"), ({"group": "sg-all"}, "shop-live-api-sg")],
)
def test_what_may_be_in_common_is_not_taken_for_the_last_one_s(common: Mapping[str, str], unproved: str) -> None:
    # Of the three that have it in common, two are not in the state.
    found = matched(services(*_NAMES), live("api", **common))
    assert addresses(found)["shop-live-api-service"] == 'module.a.aws_ecs_service.service["api"]'
    assert unproved not in addresses(found)
    assert [each.resource.name for each in found.ambiguous] == [unproved]


@given(st.sets(st.integers(0, 30)), st.booleans(), st.booleans())
def test_with_any_part_of_the_state_gone_no_pair_is_wrong(gone: set[int], one_role: bool, one_group: bool) -> None:
    whole = live(*_NAMES, role="one" if one_role else None, group="sg-all" if one_group else None)
    position = 0
    for each in whole:
        kept: list[Any] = []
        for instance in each["instances"]:
            kept += [] if position in gone else [instance]
            position += 1
        each["instances"] = kept
    if not any(each["instances"] for each in whole):
        return
    found = matched(services(*_NAMES), whole)
    for name, address in addresses(found).items():
        word = name.removeprefix("shop-live-").partition("-")[0]
        assert word in ("cluster", "network") or f'["{word}"]' in address, (name, address)
    resources, items = _parts(found)
    assert len(resources) == len(set(resources)) == len(services(*_NAMES))
    assert len(items) == len(set(items)) == sum(len(each["instances"]) for each in whole)


def test_the_only_one_of_its_type_needs_something_that_speaks_for_it() -> None:
    files = planned("aws:efs/fileSystem:FileSystem", "shop-live-uploads-files", {"encrypted": True})
    other = planned("aws:sqs/queue:Queue", "shop-live-other", {})
    uploads = resource("module.uploads.aws_efs_file_system.this", {"id": "fs-1"})
    assert proofs(matched([files, other], [uploads])) == {
        "shop-live-uploads-files": "the only one of its type, and both are called uploads"
    }
    elsewhere = matched([files, other], [resource("module.backups.aws_efs_file_system.this", {"id": "fs-1"})])
    assert not elsewhere.matched
    assert len(elsewhere.program_only) == 2


def test_a_reference_that_differs_brings_the_supposed_pair_down() -> None:
    cache = planned(
        "aws:elasticache/replicationGroup:ReplicationGroup",
        "shop-live-cache-redis",
        {"securityGroupIds": ["${shop-live-cache.id}"]},
    )
    vpc = planned(VPC, "shop-live-network", {"cidrBlock": "10.9.0.0/16"})
    groups = [
        planned(GROUP, f"shop-live-{name}", {"name": name, "vpcId": "${shop-live-network.id}"})
        for name in ("cache", "web")
    ]

    def with_group(group: str) -> Matching:
        return matched(
            [vpc, *groups, cache],
            [
                resource("aws_vpc.this", {"id": "vpc-1", "cidr_block": "10.9.0.0/16"}),
                resource("aws_security_group.a", {"id": "sg-1", "vpc_id": "vpc-1", "name": "cache"}),
                resource("aws_security_group.b", {"id": "sg-2", "vpc_id": "vpc-1", "name": "web"}),
                resource("aws_elasticache_replication_group.cache", {"id": "r", "security_group_ids": [group]}),
            ],
        )

    assert "shop-live-cache-redis" in addresses(with_group("sg-1"))
    contradicted = with_group("sg-2")
    assert "shop-live-cache-redis" not in addresses(contradicted)
    assert [each.resource.name for each in contradicted.ambiguous] == ["shop-live-cache-redis"]


def _subnets(*zones: str) -> list[Any]:
    made = [
        planned(VPC, "net", {"cidrBlock": "10.9.0.0/16"}),
        planned("aws:ec2/internetGateway:InternetGateway", "igw", {"vpcId": "${net.id}"}),
        planned("aws:ec2/natGateway:NatGateway", "nat", {}),
        planned(TABLE, "out", {"vpcId": "${net.id}"}),
        planned(TABLE, "in", {"vpcId": "${net.id}"}),
        planned(ROUTE, "out-route", {"routeTableId": "${out.id}", "gatewayId": "${igw.id}"}),
        planned(ROUTE, "in-route", {"routeTableId": "${in.id}", "natGatewayId": "${nat.id}"}),
    ]
    for zone in zones:
        for kind in ("out", "in"):
            name = f"{kind}-{zone}"
            at = {"vpcId": "${net.id}", "availabilityZone": zone, "cidrBlock": f"10.9.{len(made)}.0/24"}
            made.append(planned(SUBNET, name, at))
            refers = {"subnetId": placeholder(name, "id"), "routeTableId": placeholder(kind, "id")}
            made.append(planned(ASSOCIATION, f"{name}-association", refers))
    return made


def test_subnets_of_another_plan_are_told_by_zone_and_by_where_their_routes_lead() -> None:
    found = matched(
        _subnets("z1", "z2"),
        [
            resource("aws_vpc.this", {"id": "vpc-1", "cidr_block": "10.9.0.0/16"}),
            resource("aws_route_table.p", {"id": "rtb-1", "vpc_id": "vpc-1", "route": [{"gateway_id": "igw-1"}]}),
            resource("aws_route_table.q", {"id": "rtb-2", "vpc_id": "vpc-1"}),
            resource("aws_route.q", {"id": "r", "route_table_id": "rtb-2", "nat_gateway_id": "nat-1"}),
            resource("aws_subnet.p", {"id": "s-1", "vpc_id": "vpc-1", "availability_zone": "z1", "cidr_block": "x"}),
            resource("aws_subnet.q", {"id": "s-2", "vpc_id": "vpc-1", "availability_zone": "z1", "cidr_block": "y"}),
            resource("aws_route_table_association.p", {"id": "a", "subnet_id": "s-1", "route_table_id": "rtb-1"}),
            resource("aws_route_table_association.q", {"id": "b", "subnet_id": "s-2", "route_table_id": "rtb-2"}),
        ],
    )
    assert {name: at for name, at in addresses(found).items() if "z1" in name} == {
        "out-z1": "aws_subnet.p",
        "in-z1": "aws_subnet.q",
        "out-z1-association": "aws_route_table_association.p",
        "in-z1-association": "aws_route_table_association.q",
    }
    assert proofs(found)["out-z1"] == "vpcId vpc-1, availabilityZone z1, kind public"


def test_structures_in_lists_are_paired_by_what_they_agree_in() -> None:
    subnets = [planned(SUBNET, f"s{n}", {"vpcId": "vpc-9", "cidrBlock": f"10.9.{n}.0/24"}) for n in (1, 2)]
    addresses_of = [planned("aws:ec2/eip:Eip", f"eip{n}", {}) for n in (1, 2)]
    mappings = [{"subnetId": f"${{s{n}.id}}", "allocationId": f"${{eip{n}.id}}"} for n in (1, 2)]
    balancer = planned("aws:lb/loadBalancer:LoadBalancer", "nlb", {"name": "nlb", "subnetMappings": mappings})
    found = matched(
        [*subnets, *addresses_of, balancer],
        [
            *(
                resource(f"aws_subnet.s{n}", {"id": f"sn-{n}", "vpc_id": "vpc-9", "cidr_block": f"10.9.{n}.0/24"})
                for n in (1, 2)
            ),
            *(resource(f"aws_eip.x{n}", {"id": f"eipalloc-{n}"}) for n in (1, 2)),
            resource(
                "aws_alb.nlb",
                {
                    "id": "arn:lb",
                    "name": "nlb",
                    "subnet_mapping": [
                        {"subnet_id": "sn-2", "allocation_id": "eipalloc-1"},
                        {"subnet_id": "sn-1", "allocation_id": "eipalloc-2"},
                    ],
                },
            ),
        ],
    )
    assert addresses(found)["eip1"] == "aws_eip.x2"
    assert addresses(found)["eip2"] == "aws_eip.x1"


def test_a_password_is_known_by_what_has_it() -> None:
    password = "random:index/randomPassword:RandomPassword"
    made = [
        planned(password, "one", {"length": 20}),
        planned(password, "two", {"length": 20}),
        planned(
            "aws:rds/cluster:Cluster",
            "db",
            {"clusterIdentifier": "db", "masterPassword": "[secret]"},
            made_of={"masterPassword": [urn(password, "two")]},
        ),
    ]
    found = matched(
        made,
        [
            resource("random_password.a", {"id": "none", "result": "hush"}),
            resource("random_password.b", {"id": "none", "result": "hush hush"}),
            resource("aws_rds_cluster.db", {"id": "db", "cluster_identifier": "db", "master_password": "hush hush"}),
        ],
    )
    assert addresses(found) == {"db": "aws_rds_cluster.db", "two": "random_password.b"}
    assert {pair.id for pair in found.matched} == {"db", "none"}
    assert "hush" not in "".join(proofs(found).values())


def test_single_rules_are_those_of_blocks_with_several_cidrs() -> None:
    group = planned(GROUP, "web", {"name": "web", "vpcId": "vpc-9"})
    web: Mapping[str, Any] = {"securityGroupId": "${web.id}"}
    made = [
        group,
        planned(INGRESS, "in", {**web, "ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "cidrIpv4": "10.0.0.0/8"}),
        planned(INGRESS, "own", {**web, "ipProtocol": "-1", "referencedSecurityGroupId": "${web.id}"}),
        planned(EGRESS, "out", {**web, "ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"}),
    ]
    block = {"from_port": 443, "to_port": 443, "protocol": "tcp", "cidr_blocks": ["10.0.0.0/8", "11.0.0.0/8"]}
    everything = {"from_port": 0, "to_port": 0, "protocol": "-1"}
    state = [
        resource("aws_security_group.web", {"id": "sg-1", "name": "web", "vpc_id": "vpc-9", "ingress": [block]}),
        resource(
            "aws_security_group_rule.own",
            {"id": "sgrule-1", "security_group_id": "sg-1", "type": "ingress", "self": True, **everything},
        ),
    ]
    listed: Mapping[str, Any] = {
        "GroupId": "sg-1",
        "IsEgress": False,
        "IpProtocol": "tcp",
        "FromPort": 443,
        "ToPort": 443,
    }
    rest: Mapping[str, Any] = {"GroupId": "sg-1", "IpProtocol": "-1", "FromPort": -1, "ToPort": -1}
    rules = [
        {**listed, "SecurityGroupRuleId": "sgr-1", "CidrIpv4": "11.0.0.0/8"},
        {**listed, "SecurityGroupRuleId": "sgr-2", "CidrIpv4": "10.0.0.0/8"},
        {**rest, "SecurityGroupRuleId": "sgr-3", "IsEgress": False, "ReferencedGroupInfo": {"GroupId": "sg-1"}},
        {**rest, "SecurityGroupRuleId": "sgr-4", "IsEgress": True, "CidrIpv4": "0.0.0.0/0"},
        {**rest, "SecurityGroupRuleId": "sgr-9", "IsEgress": True, "GroupId": "sg-other", "CidrIpv4": "0.0.0.0/0"},
    ]
    found = matched(made, state, rules=rules)
    assert {pair.resource.name: (pair.id, pair.found.instance.address) for pair in found.matched} == {
        "web": ("sg-1", "aws_security_group.web"),
        "in": ("sgr-2", "aws_security_group.web"),
        "own": ("sgr-3", "aws_security_group_rule.own"),
        "out": ("sgr-4", "aws_security_group.web"),
    }
    assert [(each.instance.address, each.instance.part) for each in found.state_only] == [
        ("aws_security_group.web", "sgr-1")
    ]


def test_words_only_suggest_and_a_person_decides() -> None:
    roles = [planned(ROLE, f"shop-live-{name}-role", {"name": f"shop-live-{name}"}) for name in ("api", "web")]
    state = [resource(f"aws_iam_role.{name}", {"id": f"{name}-tf", "name": f"{name}-tf"}) for name in ("api", "web")]
    suggested = matched(roles, state)
    assert not suggested.matched
    assert {each.resource.name: [one.instance.address for one in each.candidates] for each in suggested.ambiguous} == {
        "shop-live-api-role": ["aws_iam_role.api"],
        "shop-live-web-role": ["aws_iam_role.web"],
    }
    confirmed = Confirmed(name="shop-live-api-role", address="aws_iam_role.api", where="matches.live.yaml:3")
    decided = matched(roles, state, confirmed=[confirmed])
    assert proofs(decided) == {"shop-live-api-role": "confirmed in matches.live.yaml:3"}


def test_a_pair_without_an_id_to_import_it_by_is_not_imported() -> None:
    definition = planned("aws:ecs/taskDefinition:TaskDefinition", "definition", {"family": "f"})
    state = [resource("aws_ecs_task_definition.f", {"id": "f", "family": "f", "arn": None})]
    found = matched([definition], state)
    assert not found.matched
    assert not found.state_only
    assert [each.why for each in found.ambiguous] == [
        "the same by family f, but the state lacks a part of what it is imported by"
    ]


@pytest.mark.parametrize(
    ("name", "address", "words"),
    [
        ("shop-live-none", "aws_iam_role.api", "shop-live-none: the program makes no such resource"),
        ("shop-live-api-role", "aws_iam_role.none", "aws_iam_role.none: the state has no such instance"),
        ("shop-live-api-role", "aws_vpc.this", "aws_vpc.this: came aws_vpc; shop-live-api-role is aws:iam/role:Role"),
    ],
)
def test_a_confirmed_pair_that_is_wrong_or_stale_is_refused_with_its_line(name: str, address: str, words: str) -> None:
    state = [resource("aws_iam_role.api", {"id": "api"}), resource("aws_vpc.this", {"id": "vpc-1"})]
    with pytest.raises(OperatorError) as raised:
        matched(
            [planned(ROLE, "shop-live-api-role", {})],
            state,
            confirmed=[Confirmed(name=name, address=address, where="matches.live.yaml:3")],
        )
    assert str(raised.value) == f"matches.live.yaml:3: {words}"
