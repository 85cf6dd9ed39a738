from dataclasses import replace

import pulumi
import pytest

from workbench.evaluate import Evaluation, evaluate
from zelly_components.hosts.nat_boot import NatBootValues, user_data
from zelly_components.nat_instance import NatInstance, NatInstanceArgs

INSTANCE = "aws:ec2/instance:Instance"

ARGS = NatInstanceArgs(
    vpc_id="vpc-1",
    vpc_cidr_block="10.8.0.0/16",
    subnet_id="subnet-public-a",
    instance_type="t4g.micro",
    cpu_credits="standard",
    ami_id="ami-0123456789abcdef0",
    ports=[5223, 443],
    log_group_name="/shop/nat",
    log_retention_days=30,
)


def record(args: NatInstanceArgs = ARGS) -> Evaluation:
    def program() -> None:
        nat = NatInstance("shop-nat", args)
        pulumi.export("public_ip", nat.public_ip)
        pulumi.export("network_interface_id", nat.network_interface_id)

    return evaluate(program)


def test_instance_has_exactly_these_inputs() -> None:
    instance = record().one(INSTANCE)
    assert instance.inputs == {
        "ami": "ami-0123456789abcdef0",
        "instanceType": "t4g.micro",
        "creditSpecification": {"cpuCredits": "standard"},
        "subnetId": "subnet-public-a",
        "vpcSecurityGroupIds": ["${shop-nat-sg.id}"],
        # Else EC2 drops what is neither from the instance nor to it.
        "sourceDestCheck": False,
        "iamInstanceProfile": "${shop-nat-profile.name}",
        "metadataOptions": {"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 1},
        "rootBlockDevice": {"volumeType": "gp3", "volumeSize": 8, "encrypted": True, "tags": {"Name": "shop-nat-root"}},
        "maintenanceOptions": {"autoRecovery": "default"},
        # It keeps nothing.
        "disableApiTermination": False,
        "userData": user_data(
            NatBootValues(vpc_cidr_block="10.8.0.0/16", ports=(443, 5223), log_group_name="/shop/nat")
        ),
        "userDataReplaceOnChange": False,
        "tags": {"Name": "shop-nat"},
    }
    assert instance.ignore_changes == ("ami", "userData")


def test_only_the_vpc_comes_in_and_only_on_the_ports_that_go_out() -> None:
    evaluation = record()
    shared = {"securityGroupId": "${shop-nat-sg.id}", "ipProtocol": "tcp"}
    ingress = evaluation.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    egress = evaluation.of_type("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
    assert {rule.name: rule.inputs for rule in (*ingress, *egress)} == {
        **{
            f"shop-nat-sg-from-vpc-tcp-{port}": {
                **shared,
                "cidrIpv4": "10.8.0.0/16",
                "fromPort": port,
                "toPort": port,
                "description": "vpc to shop-nat-sg",
            }
            for port in (443, 5223)
        },
        **{
            f"shop-nat-sg-to-internet-tcp-{port}": {
                **shared,
                "cidrIpv4": "0.0.0.0/0",
                "fromPort": port,
                "toPort": port,
                "description": "shop-nat-sg to internet",
            }
            for port in (443, 5223)
        },
    }


def test_host_itself_reaches_its_packages_whatever_it_passes_on() -> None:
    evaluation = record(replace(ARGS, ports=[5223]))
    ingress = evaluation.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    egress = evaluation.of_type("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
    assert [rule.inputs["fromPort"] for rule in ingress] == [5223]
    assert sorted(rule.inputs["fromPort"] for rule in egress) == [443, 5223]


def test_elastic_ip_outlives_the_instance_and_is_there_before_anybody_is_sent_to_it() -> None:
    evaluation = record()
    assert evaluation.one("aws:ec2/eip:Eip").inputs == {"domain": "vpc", "tags": {"Name": "shop-nat"}}
    association = evaluation.one("aws:ec2/eipAssociation:EipAssociation")
    assert association.inputs == {
        "allocationId": "${shop-nat-eip.id}",
        "instanceId": "${shop-nat-instance.id}",
        "allowReassociation": True,
    }
    assert evaluation.plain_outputs == {
        "public_ip": "${shop-nat-eip.publicIp}",
        "network_interface_id": "${shop-nat-instance.primaryNetworkInterfaceId}",
    }


@pytest.mark.parametrize("other", [replace(ARGS, vpc_cidr_block="10.9.0.0/16"), replace(ARGS, ports=[443])])
def test_firewall_that_the_instance_was_born_with_replaces_it(other: NatInstanceArgs) -> None:
    assert record(other).one(INSTANCE).replacement_trigger != record().one(INSTANCE).replacement_trigger


def test_order_of_the_ports_replaces_nothing() -> None:
    assert record().one(INSTANCE).replacement_trigger == {
        "vpc_cidr_block": "10.8.0.0/16",
        "ports": "443,5223",
        "log_group_name": "/shop/nat",
        "architecture": "arm64",
    }
    other = record(replace(ARGS, ports=[443, 5223])).one(INSTANCE)
    assert other.replacement_trigger == record().one(INSTANCE).replacement_trigger


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (
            replace(ARGS, vpc_cidr_block="10.8.0.1/16"),
            "vpc_cidr_block: came 10.8.0.1/16; allowed an IPv4 range such as",
        ),
        (replace(ARGS, ports=[]), "ports: came none; allowed 1 to 65535, each once"),
        (replace(ARGS, ports=[443, 443]), "ports: came 443, 443; allowed 1 to 65535, each once"),
        (replace(ARGS, ports=[0]), "ports: came 0; allowed 1 to 65535, each once"),
    ],
)
def test_mistake_is_one_line(args: NatInstanceArgs, line: str) -> None:
    with pytest.raises(ValueError, match=f"^{line}"):
        record(args)
