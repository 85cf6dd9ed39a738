"""The network of the config, and that nothing is made or read outside the environment's own account and region."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.zelly_infra.evaluations import STACKS, config_of, evaluated, evaluation_of, evaluation_with
from tests.zelly_infra.stack_files import ROOT
from workbench.evaluate import Created, Invocation, Registration, SymbolicBackend
from zelly_infra.catalog import REPOSITORIES, SERVICES
from zelly_infra.stack_file import read_stack_file


def looked_up(stack: str) -> set[tuple[str, str, str | None]]:
    """Return what a stack looks up because another one makes it: function, name and region."""
    config = config_of(stack)
    found: set[tuple[str, str, str | None]] = set()
    if not config.github.create:
        found |= {
            ("getRole", config.github.role_name, None),
            ("getOpenIdConnectProvider", "https://token.actions.githubusercontent.com", None),
        }
    if not config.registry.create:
        # In the registry's own region, which is not staging's.
        found |= {("getRepository", repository, config.registry.region) for repository in REPOSITORIES}
    return found


@pytest.mark.parametrize("stack", STACKS)
def test_three_public_and_three_private_subnets_lie_in_zones_a_b_c(stack: str) -> None:
    evaluation = evaluation_of(stack)
    network = config_of(stack).network
    blocks = [str(block) for block in network.cidr.subnets(new_prefix=20)]
    vpc = evaluation.one("aws:ec2/vpc:Vpc")
    assert vpc.inputs["cidrBlock"] == str(network.cidr)
    assert (vpc.inputs["enableDnsSupport"], vpc.inputs["enableDnsHostnames"]) == (True, True)
    assert {
        subnet.name.removeprefix(f"zelly-{stack}-network-"): (
            subnet.inputs["availabilityZone"],
            subnet.inputs["cidrBlock"],
            subnet.inputs["mapPublicIpOnLaunch"],
        )
        for subnet in evaluation.of_type("aws:ec2/subnet:Subnet")
    } == {
        # The private ones begin in the middle, so that either kind may grow.
        f"{kind}-{zone[-1]}": (zone, blocks[first + position], False)
        for kind, first in (("public", 0), ("private", 8))
        for position, zone in enumerate(network.availability_zones)
    }


@pytest.mark.parametrize("stack", STACKS)
def test_private_subnets_leave_through_one_nat_gateway_in_public_subnet_a(stack: str) -> None:
    evaluation = evaluation_of(stack)
    name = f"zelly-{stack}-network"
    gateway = evaluation.one("aws:ec2/natGateway:NatGateway")
    assert gateway.inputs["subnetId"] == f"${{{name}-public-a.id}}"
    assert gateway.inputs["allocationId"] == f"${{{name}-nat-a-eip.id}}"
    # A NAT gateway without a way out of the VPC fails its creation.
    assert evaluation.one("aws:ec2/internetGateway:InternetGateway").urn in gateway.depends_on
    tables = {
        association.inputs["subnetId"]: association.inputs["routeTableId"]
        for association in evaluation.of_type("aws:ec2/routeTableAssociation:RouteTableAssociation")
    }
    ways_out = {
        route.inputs["routeTableId"]: (
            route.inputs["destinationCidrBlock"],
            route.inputs.get("natGatewayId") or route.inputs["gatewayId"],
        )
        for route in evaluation.of_type("aws:ec2/route:Route")
    }
    assert {subnet: ways_out[table] for subnet, table in tables.items()} == {
        **{f"${{{name}-public-{zone}.id}}": ("0.0.0.0/0", f"${{{name}-igw.id}}") for zone in "abc"},
        **{f"${{{name}-private-{zone}.id}}": ("0.0.0.0/0", f"${{{name}-nat-a.id}}") for zone in "abc"},
    }


def test_subnets_that_stand_already_keep_their_ranges_in_the_zones_order() -> None:
    ranges = {
        "public": ["10.1.0.0/24", "10.1.1.0/24", "10.1.2.0/24"],
        "private": ["10.1.10.0/24", "10.1.11.0/24", "10.1.12.0/24"],
    }
    subnets = evaluation_with("staging", {"network/subnet_cidrs": ranges}).of_type("aws:ec2/subnet:Subnet")
    assert {subnet.name.removeprefix("zelly-staging-network-"): subnet.inputs["cidrBlock"] for subnet in subnets} == {
        f"{kind}-{zone}": ranges[kind][position] for kind in ranges for position, zone in enumerate("abc")
    }


@pytest.mark.parametrize("stack", STACKS)
def test_all_flows_are_logged(stack: str) -> None:
    flow_log = evaluation_of(stack).one("aws:ec2/flowLog:FlowLog").inputs
    assert (flow_log["vpcId"], flow_log["trafficType"], flow_log["logDestination"]) == (
        f"${{zelly-{stack}-network-vpc.id}}",
        "ALL",
        f"${{zelly-{stack}-network-flow-logs.arn}}",
    )
    group = evaluation_of(stack).one("aws:cloudwatch/logGroup:LogGroup", f"zelly-{stack}-network-flow-logs")
    assert group.inputs["retentionInDays"] == config_of(stack).network.flow_log_retention_days


class ProviderLog(SymbolicBackend):
    """Notes whose provider makes each thing of AWS's and answers each question to it."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[tuple[str, Mapping[str, Any]]] = []
        self.asked: list[tuple[str, str, str | None, Mapping[str, Any]]] = []

    def create(self, registration: Registration) -> Created:
        if registration.type.startswith("aws:"):
            self.made.append((registration.urn, registration.provider_inputs))
        return super().create(registration)

    def invoke(self, invocation: Invocation) -> Mapping[str, Any]:
        subject = invocation.args.get("name") or invocation.args.get("url") or ""
        self.asked.append(
            (invocation.token.rsplit(":", 1)[1], subject, invocation.args.get("region"), invocation.provider_inputs)
        )
        return super().invoke(invocation)


@pytest.mark.parametrize("stack", STACKS)
def test_everything_of_aws_is_made_and_read_with_the_environments_own_provider(stack: str) -> None:
    # What falls back to the default provider lands in the region of whoever runs it, untagged and unguarded.
    file, backend = read_stack_file(stack, ROOT), ProviderLog()
    evaluated(file, backend)
    own = evaluation_of(stack).one("pulumi:providers:aws").plain_inputs
    assert len(backend.made) > 200
    assert [urn for urn, provider in backend.made if provider != own] == []
    assert [question for *question, provider in backend.asked if provider != own] == []
    assert {tuple(question) for *question, _ in backend.asked} == {
        ("getCallerIdentity", "", None),
        *(
            ("getParameter", f"/zelly/{stack}/images/{service.name}", None)
            for service in SERVICES
            if service.repositories
        ),
        *looked_up(stack),
    }
