from typing import Any

import pulumi_aws as aws
import pytest

from workbench.evaluate import Evaluation, evaluate
from zelly_components.network_load_balancer import NetworkLoadBalancer, NetworkLoadBalancerArgs

LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
LISTENER = "aws:lb/listener:Listener"
TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"
ADDRESS = "aws:ec2/eip:Eip"


def args(**changes: Any) -> NetworkLoadBalancerArgs:
    values: dict[str, Any] = {
        "load_balancer_name": "shop-production-nlb",
        "vpc_id": "vpc-1",
        "subnet_ids": ["subnet-a", "subnet-b", "subnet-c"],
        "ports": [80, 443],
        "health_check_port": 8080,
        "health_check_path": "/health",
        "deletion_protection": True,
    }
    return NetworkLoadBalancerArgs(**(values | changes))


def record(**changes: Any) -> Evaluation:
    def program() -> None:
        balancer = NetworkLoadBalancer("shop-nlb", args(**changes))
        for port, target_group_arn in balancer.target_group_arns.items():
            aws.lb.TargetGroupAttachment(f"service-{port}", target_group_arn=target_group_arn, target_id="10.8.0.1")

    return evaluate(program)


def test_load_balancer_has_its_group_from_the_start_and_an_address_per_subnet() -> None:
    assert record().one(LOAD_BALANCER).inputs == {
        "name": "shop-production-nlb",
        "loadBalancerType": "network",
        "internal": False,
        "securityGroups": ["${shop-nlb-sg.id}"],
        "subnetMappings": [
            {"subnetId": "subnet-a", "allocationId": "${shop-nlb-eip-1.allocationId}"},
            {"subnetId": "subnet-b", "allocationId": "${shop-nlb-eip-2.allocationId}"},
            {"subnetId": "subnet-c", "allocationId": "${shop-nlb-eip-3.allocationId}"},
        ],
        "enableCrossZoneLoadBalancing": True,
        "enableDeletionProtection": True,
        "tags": {"Name": "shop-production-nlb"},
    }


def test_a_successor_is_made_once_the_addresses_are_free() -> None:
    assert record().one(LOAD_BALANCER).delete_before_replace


def test_a_subnet_added_at_the_end_moves_no_address() -> None:
    def mappings(*subnet_ids: str) -> list[dict[str, str]]:
        return record(subnet_ids=subnet_ids).one(LOAD_BALANCER).inputs["subnetMappings"]

    assert mappings("subnet-a", "subnet-b", "subnet-c")[:2] == mappings("subnet-a", "subnet-b")


@pytest.mark.parametrize("deletion_protection", [True, False])
def test_balancer_and_addresses_are_protected_together(deletion_protection: bool) -> None:
    evaluation = record(deletion_protection=deletion_protection)
    assert evaluation.one(LOAD_BALANCER).inputs["enableDeletionProtection"] is deletion_protection
    assert {
        resource.name: resource.protect
        for resource in [*evaluation.of_type(LOAD_BALANCER), *evaluation.of_type(ADDRESS)]
    } == dict.fromkeys(["shop-nlb", "shop-nlb-eip-1", "shop-nlb-eip-2", "shop-nlb-eip-3"], deletion_protection)


def test_addresses_are_elastic_ips_of_the_vpc() -> None:
    assert {address.name: address.inputs for address in record().of_type(ADDRESS)} == {
        f"shop-nlb-eip-{position}": {"domain": "vpc", "tags": {"Name": f"shop-production-nlb-{position}"}}
        for position in (1, 2, 3)
    }


def test_tcp_passes_through_to_the_same_port() -> None:
    assert {listener.name: listener.inputs for listener in record().of_type(LISTENER)} == {
        f"shop-nlb-tcp-{port}": {
            "loadBalancerArn": "${shop-nlb.arn}",
            "port": port,
            "protocol": "TCP",
            "defaultActions": [{"type": "forward", "targetGroupArn": f"${{shop-nlb-targets-{port}.arn}}"}],
        }
        for port in (80, 443)
    }


def test_target_groups_keep_the_client_address_without_proxy_protocol_and_check_a_port_of_its_own() -> None:
    assert {group.name: group.inputs for group in record().of_type(TARGET_GROUP)} == {
        f"shop-nlb-targets-{port}": {
            "namePrefix": "shop-",
            "targetType": "ip",
            "protocol": "TCP",
            "port": port,
            "vpcId": "vpc-1",
            "preserveClientIp": "true",
            "proxyProtocolV2": False,
            "deregistrationDelay": 60,
            "connectionTermination": True,
            "healthCheck": {
                "enabled": True,
                "protocol": "HTTP",
                "port": "8080",
                "path": "/health",
                "matcher": "200",
                "interval": 10,
                "timeout": 5,
                "healthyThreshold": 2,
                "unhealthyThreshold": 3,
            },
            "tags": {"Name": f"shop-nlb-targets-{port}"},
        }
        for port in (80, 443)
    }


def test_target_groups_are_replaced_by_making_the_successor_first() -> None:
    groups = record().of_type(TARGET_GROUP)
    assert {group.name: group.delete_before_replace for group in groups} == {
        "shop-nlb-targets-80": False,
        "shop-nlb-targets-443": False,
    }


@pytest.mark.parametrize("port", [80, 443])
def test_a_service_waits_for_the_listener_of_its_port(port: int) -> None:
    evaluation = record()
    service = evaluation.one("aws:lb/targetGroupAttachment:TargetGroupAttachment", f"service-{port}")
    assert service.inputs["targetGroupArn"] == f"${{shop-nlb-targets-{port}.arn}}"
    assert evaluation.one(LISTENER, f"shop-nlb-tcp-{port}").urn in service.depends_on


def test_everyone_may_come_in_by_the_given_ports_and_nothing_leaves_by_itself() -> None:
    evaluation = record(ports=[80, 443, 853])
    rules = evaluation.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    assert {rule.name: rule.inputs for rule in rules} == {
        f"shop-nlb-sg-from-internet-tcp-{port}": {
            "securityGroupId": "${shop-nlb-sg.id}",
            "cidrIpv4": "0.0.0.0/0",
            "ipProtocol": "tcp",
            "fromPort": port,
            "toPort": port,
            "description": "internet to shop-nlb-sg",
        }
        for port in (80, 443, 853)
    }
    assert evaluation.of_type("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule") == []


def test_outputs_are_declared() -> None:
    evaluation = record()
    component = evaluation.one("zelly-components:index:NetworkLoadBalancer")
    assert evaluation.component_outputs[component.urn] == {
        "load_balancer_arn": "${shop-nlb.arn}",
        "load_balancer_arn_suffix": "${shop-nlb.arnSuffix}",
        "dns_name": "${shop-nlb.dnsName}",
        "security_group_id": "${shop-nlb-sg.id}",
        "public_ips": [
            "${shop-nlb-eip-1.publicIp}",
            "${shop-nlb-eip-2.publicIp}",
            "${shop-nlb-eip-3.publicIp}",
        ],
        "target_group_arns": {"80": "${shop-nlb-targets-80.arn}", "443": "${shop-nlb-targets-443.arn}"},
        "target_group_arn_suffixes": {
            "80": "${shop-nlb-targets-80.arnSuffix}",
            "443": "${shop-nlb-targets-443.arnSuffix}",
        },
    }


NAME_RULE = "allowed 1 to 32 letters, digits and inner hyphens, not 'internal-…'"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"load_balancer_name": "shop.nlb"}, f"load_balancer_name: came 'shop.nlb'; {NAME_RULE}"),
        ({"subnet_ids": []}, "subnet_ids: came none; allowed one or more, one per zone"),
        ({"ports": []}, "ports: came []; allowed one or more, each once"),
        ({"ports": [80, 80]}, "ports: came [80, 80]; allowed one or more, each once"),
        ({"ports": [70000]}, "ports: came 70000; allowed 1 to 65535"),
        ({"health_check_port": 0}, "health_check_port: came 0; allowed 1 to 65535"),
        ({"health_check_port": 443}, "health_check_port: came 443; allowed none of ports [80, 443]"),
        ({"health_check_path": "ok"}, "health_check_path: came 'ok'; allowed a path that begins with /"),
        ({"deregistration_delay_seconds": 3601}, "deregistration_delay_seconds: came 3601; allowed 0 to 3600"),
    ],
)
def test_bad_input_is_refused_in_one_line(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r".") as error:
        record(**changes)
    assert str(error.value) == message
