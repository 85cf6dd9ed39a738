import json
from dataclasses import asdict, replace
from typing import Any

import pulumi
import pytest

from tests.support.examples import example_program
from workbench.evaluate import Evaluation, RecordedResource, evaluate
from zelly_components.bastion_wireguard import BastionWireGuard, BastionWireGuardArgs, PeerArgs
from zelly_components.hosts import bastion_boot

INSTANCE = "aws:ec2/instance:Instance"
PARAMETER = "aws:ssm/parameter:Parameter"
RANDOM = "random:index/randomBytes:RandomBytes"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"

OWN_KEY = "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo="
SERVER_KEY, SERVER_PUBLIC_KEY = "${shop-bastion-server-key.privateKey}", "${shop-bastion-server-key.publicKey}"
ASHA_KEY, ASHA_PUBLIC_KEY = "${shop-bastion-peer-asha-key.privateKey}", "${shop-bastion-peer-asha-key.publicKey}"

ASHA = PeerArgs(name="asha", address="10.10.0.2")
BEN = PeerArgs(name="ben", address="10.10.0.3", public_key=OWN_KEY)

ARGS = BastionWireGuardArgs(
    region="eu-west-1",
    vpc_id="vpc-1",
    vpc_cidr_block="10.8.0.0/16",
    subnet_id="subnet-public-a",
    instance_type="t3.micro",
    cpu_credits="standard",
    ami_id="ami-0123456789abcdef0",
    ssh_public_key="ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGNvbXBvbmVudHMgZXhhbXBsZSBrZXkgMDEyMzQ1Njc4 ops",
    ssh_allowed_cidr_blocks={"office": "198.51.100.0/24"},
    wireguard_port=51820,
    vpn_cidr_block="10.10.0.0/24",
    peers=[ASHA, BEN],
    server_key_secret_name="shop/wireguard/server",
    peers_parameter_name="/shop/wireguard/peers",
    recovery_window_days=30,
    log_group_name="/shop/bastion",
    log_retention_days=30,
)


def record(args: BastionWireGuardArgs = ARGS) -> Evaluation:
    def program() -> None:
        bastion = BastionWireGuard("shop-bastion", args)
        pulumi.export("configs", bastion.client_configs)
        pulumi.export("server_public_key", bastion.server_public_key)
        pulumi.export("public_ip", bastion.public_ip)

    return evaluate(program)


def fingerprint(resource: RecordedResource) -> Any:
    return resource.plain_inputs, resource.depends_on, resource.replacement_trigger


def changes(before: Evaluation, after: Evaluation) -> set[str]:
    old = {resource.urn: resource for resource in before.resources}
    new = {resource.urn: resource for resource in after.resources}
    changed = {urn for urn in old.keys() & new.keys() if fingerprint(old[urn]) != fingerprint(new[urn])}
    return {(old | new)[urn].name for urn in changed | (old.keys() ^ new.keys())}


@pytest.mark.parametrize(
    ("peers", "changed"),
    [
        ([ASHA, BEN, PeerArgs(name="chen", address="10.10.0.4")], {"shop-bastion-peers", "shop-bastion-peer-chen-key"}),
        ([ASHA], {"shop-bastion-peers"}),
        ([BEN], {"shop-bastion-peers", "shop-bastion-peer-asha-key"}),
        ([BEN, ASHA], set[str]()),
    ],
    ids=["one more", "one with a key of its own less", "one with a key made here less", "another order"],
)
def test_peers_come_and_go_without_touching_the_bastion(peers: list[PeerArgs], changed: set[str]) -> None:
    assert changes(record(), record(replace(ARGS, peers=peers))) == changed


@pytest.mark.parametrize(
    "other",
    [
        replace(ARGS, wireguard_port=51821),
        replace(ARGS, vpn_cidr_block="10.10.0.0/23"),
        replace(ARGS, vpc_cidr_block="10.9.0.0/16"),
    ],
)
def test_network_that_the_bastion_was_born_with_replaces_it(other: BastionWireGuardArgs) -> None:
    assert record(other).one(INSTANCE).replacement_trigger != record().one(INSTANCE).replacement_trigger


def test_bastion_is_deaf_to_new_images_and_boot_documents() -> None:
    instance = record().one(INSTANCE)
    assert instance.ignore_changes == ("ami", "userData")
    assert instance.inputs["metadataOptions"]["httpTokens"] == "required"
    # An explicit False beside an Elastic IP would plan a replacement on every run.
    assert "associatePublicIpAddress" not in instance.inputs
    assert instance.inputs["keyName"] == "${shop-bastion-ssh.keyName}"


def test_boot_document_holds_no_key_and_no_peer() -> None:
    values = bastion_boot.BastionBootValues(
        region="eu-west-1",
        vpc_cidr_block="10.8.0.0/16",
        vpn_cidr_block="10.10.0.0/24",
        wireguard_port=51820,
        server_key_secret_name="shop/wireguard/server",
        peers_parameter_name="/shop/wireguard/peers",
        log_group_name="/shop/bastion",
    )
    instance = record().one(INSTANCE)
    assert instance.inputs["userData"] == bastion_boot.user_data(values)
    assert instance.replacement_trigger == {**asdict(values), "architecture": "x86_64"}
    for unwanted in (SERVER_KEY, SERVER_PUBLIC_KEY, ASHA_KEY, ASHA_PUBLIC_KEY, OWN_KEY, "asha", "10.10.0.2"):
        assert unwanted not in instance.inputs["userData"]


def test_private_keys_are_in_the_secret_and_nowhere_else() -> None:
    evaluation = record()
    holders = [resource.name for resource in evaluation.resources if ".privateKey" in json.dumps(resource.plain_inputs)]
    assert holders == ["shop-bastion-server-key-version"]
    version = evaluation.one("aws:secretsmanager/secretVersion:SecretVersion")
    assert version.inputs["secretString"] == "[secret]"
    assert json.loads(version.plain_inputs["secretString"]) == {"WIREGUARD_PRIVATE_KEY": SERVER_KEY}
    assert evaluation.one("aws:secretsmanager/secret:Secret").inputs["name"] == "shop/wireguard/server"


def test_server_and_each_peer_without_a_key_get_random_bytes_of_their_own() -> None:
    assert {resource.name: resource.inputs for resource in record().of_type(RANDOM)} == {
        "shop-bastion-server-key": {"length": 32},
        "shop-bastion-peer-asha-key": {"length": 32},
    }


def test_peers_parameter_lists_public_keys_and_addresses_by_name() -> None:
    inputs = record(replace(ARGS, peers=[BEN, ASHA])).one(PARAMETER).inputs
    assert json.loads(inputs.pop("insecureValue")) == [
        {"name": "asha", "public_key": ASHA_PUBLIC_KEY, "address": "10.10.0.2"},
        {"name": "ben", "public_key": OWN_KEY, "address": "10.10.0.3"},
    ]
    assert inputs == {
        "name": "/shop/wireguard/peers",
        "type": "String",
        "tier": "Intelligent-Tiering",
        "description": "WireGuard peers of shop-bastion",
    }


def test_bastion_without_peers_is_complete() -> None:
    evaluation = record(replace(ARGS, peers=[]))
    assert evaluation.one(PARAMETER).inputs["insecureValue"] == "[]"
    assert evaluation.plain_outputs["configs"] == {}


def test_client_configs_are_finished_and_secret_as_a_whole() -> None:
    evaluation = record()
    assert evaluation.outputs == {
        "configs": "[secret]",
        "server_public_key": SERVER_PUBLIC_KEY,
        "public_ip": "${shop-bastion-eip.publicIp}",
    }

    def config(key: str, address: str) -> str:
        return (
            f"[Interface]\nPrivateKey = {key}\nAddress = {address}/32\nDNS = 10.8.0.2\n\n"
            f"[Peer]\nPublicKey = {SERVER_PUBLIC_KEY}\nEndpoint = ${{shop-bastion-eip.publicIp}}:51820\n"
            "AllowedIPs = 10.8.0.0/16, 10.10.0.0/24\nPersistentKeepalive = 25\n"
        )

    assert evaluation.plain_outputs["configs"] == {
        "asha": config(ASHA_KEY, "10.10.0.2"),
        "ben": config("<private key of ben>", "10.10.0.3"),
    }


def test_client_configs_are_secret_even_when_every_peer_kept_its_key() -> None:
    assert record(replace(ARGS, peers=[BEN])).outputs["configs"] == "[secret]"


def test_client_configs_are_secret_among_the_component_outputs() -> None:
    evaluation = record()
    declared = evaluation.component_outputs[evaluation.one(BastionWireGuard.component_type).urn]
    assert declared["client_configs"] == "[secret]"


def test_address_outlives_the_instance_and_moves_in_one_step() -> None:
    evaluation = record()
    assert evaluation.one("aws:ec2/eip:Eip").inputs == {"domain": "vpc", "tags": {"Name": "shop-bastion"}}
    assert evaluation.one("aws:ec2/eipAssociation:EipAssociation").inputs == {
        "allocationId": "${shop-bastion-eip.id}",
        "instanceId": "${shop-bastion-instance.id}",
        "allowReassociation": True,
    }


def test_only_wireguard_and_listed_ssh_come_in_and_only_https_goes_out() -> None:
    evaluation = record(replace(ARGS, ssh_allowed_cidr_blocks={"office": "198.51.100.0/24", "home": "203.0.113.7/32"}))

    def rules(token: str) -> dict[str, tuple[Any, ...]]:
        return {
            rule.name: (rule.inputs["cidrIpv4"], rule.inputs["ipProtocol"], rule.inputs["fromPort"])
            for rule in evaluation.of_type(token)
        }

    assert rules(INGRESS) == {
        "shop-bastion-sg-from-vpn-clients-udp-51820": ("0.0.0.0/0", "udp", 51820),
        "shop-bastion-sg-from-office-tcp-22": ("198.51.100.0/24", "tcp", 22),
        "shop-bastion-sg-from-home-tcp-22": ("203.0.113.7/32", "tcp", 22),
    }
    assert rules(EGRESS) == {"shop-bastion-sg-to-internet-tcp-443": ("0.0.0.0/0", "tcp", 443)}


def test_ssh_may_be_closed_to_everybody() -> None:
    ports = [rule.inputs["fromPort"] for rule in record(replace(ARGS, ssh_allowed_cidr_blocks={})).of_type(INGRESS)]
    assert ports == [51820]


def test_bastion_may_read_its_key_and_its_peers_and_nothing_else() -> None:
    statements = json.loads(record().one("aws:iam/rolePolicy:RolePolicy").inputs["policy"])["Statement"]
    assert {statement["Sid"]: (statement["Action"], statement["Resource"]) for statement in statements} == {
        "OpenSessions": (
            [
                "ssm:UpdateInstanceInformation",
                "ssmmessages:CreateControlChannel",
                "ssmmessages:CreateDataChannel",
                "ssmmessages:OpenControlChannel",
                "ssmmessages:OpenDataChannel",
            ],
            ["*"],
        ),
        "WriteLogs": (
            ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            ["${shop-bastion-logs.arn}", "${shop-bastion-logs.arn}:log-stream:*"],
        ),
        "PublishMetrics": (["cloudwatch:PutMetricData"], ["*"]),
        "ReadServerKey": (["secretsmanager:GetSecretValue"], ["${shop-bastion-server-key-secret.arn}"]),
        "ReadPeers": (["ssm:GetParameter"], ["${shop-bastion-peers.arn}"]),
    }


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            replace(ARGS, ssh_allowed_cidr_blocks={"all": "0.0.0.0/0"}),
            "ssh_allowed_cidr_blocks: came 0.0.0.0/0 for all; allowed anything but the internet",
        ),
        (
            replace(ARGS, ssh_allowed_cidr_blocks={"me": "198.51.100.7/24"}),
            "ssh_allowed_cidr_blocks: me: came 198.51.100.7/24; allowed an IPv4 range such as 10.10.0.0/24",
        ),
        (
            replace(ARGS, vpn_cidr_block="10.8.1.0/24"),
            "vpn_cidr_block: came 10.8.1.0/24, which overlaps the VPC; allowed a range outside 10.8.0.0/16",
        ),
        (
            replace(ARGS, vpn_cidr_block="10.10.0.0/31"),
            "vpn_cidr_block: came 10.10.0.0/31; allowed /30 or larger, for a server and one peer",
        ),
        (
            replace(ARGS, vpc_cidr_block="ten"),
            "vpc_cidr_block: came ten; allowed an IPv4 range such as 10.10.0.0/24",
        ),
        (replace(ARGS, wireguard_port=0), "wireguard_port: came 0; allowed 1 to 65535"),
        (
            replace(ARGS, ssh_public_key="-----BEGIN OPENSSH PRIVATE KEY-----"),
            "ssh_public_key: came something else; allowed one line 'ssh-ed25519 …' or 'ssh-rsa …'",
        ),
        (
            replace(ARGS, peers=[PeerArgs(name="asha", address="10.10.0.1")]),
            "peers.asha.address: came 10.10.0.1, which is the server's; allowed another one of 10.10.0.2 to "
            "10.10.0.254",
        ),
    ],
)
def test_wrong_argument_is_refused_in_one_line(args: BastionWireGuardArgs, message: str) -> None:
    with pytest.raises(ValueError) as raised:  # noqa: PT011 (the whole message is compared)
        record(args)
    assert str(raised.value) == message


def test_example_exports_secret_configs() -> None:
    assert evaluate(example_program(BastionWireGuard)).outputs == {"vpn_client_configs": "[secret]"}
