from components.vpc import Vpc, VpcArgs
from zelly_infra.evaluate import Evaluation, evaluate

ZONES = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]


def record(nat_gateway_zones: list[str]) -> Evaluation:
    def program() -> None:
        Vpc(
            "shop",
            VpcArgs(
                region="eu-west-1",
                cidr_block="10.8.0.0/16",
                availability_zones=ZONES,
                nat_gateway_zones=nat_gateway_zones,
                flow_log_retention_days=30,
            ),
        )

    return evaluate(program)


def test_zone_without_a_nat_gateway_leaves_through_the_first() -> None:
    routes = record(["eu-west-1a"]).of_type("aws:ec2/route:Route")
    assert {route.name: route.inputs.get("natGatewayId") or route.inputs.get("gatewayId") for route in routes} == {
        "shop-public-internet": "${shop-igw.id}",
        "shop-private-a-internet": "${shop-nat-a.id}",
        "shop-private-b-internet": "${shop-nat-a.id}",
        "shop-private-c-internet": "${shop-nat-a.id}",
    }


def test_every_zone_may_have_a_nat_gateway_of_its_own() -> None:
    routes = record(ZONES).of_type("aws:ec2/route:Route")
    assert {route.name: route.inputs["natGatewayId"] for route in routes if "natGatewayId" in route.inputs} == {
        f"shop-private-{zone}-internet": f"${{shop-nat-{zone}.id}}" for zone in "abc"
    }


def test_default_security_group_is_closed() -> None:
    group = record(["eu-west-1a"]).one("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
    assert (group.inputs["ingress"], group.inputs["egress"]) == ([], [])


def test_flow_log_role_cannot_create_log_groups() -> None:
    assert "CreateLogGroup" not in record(["eu-west-1a"]).one("aws:iam/rolePolicy:RolePolicy").inputs["policy"]
