"""What a stack hands to its bastion and to its developers, with keys and addresses that work."""

import base64
import functools
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from typing import Any, cast

from ruamel.yaml import YAML

from tests.zelly_infra.evaluations import evaluated
from tests.zelly_infra.stack_files import ROOT
from workbench.evaluate import Created, Evaluation, Registration, SymbolicBackend
from zelly_infra.stack_file import KEY, read_stack_file

_FIRST_PUBLIC_IP = IPv4Address("203.0.113.10")
"""Of a range that is kept for examples (RFC 5737); the real address is only known once AWS has given it."""


class StandingAccount(SymbolicBackend):
    """Answers as a plan does, but for random bytes and Elastic IPs: those are real ones.

    They are remembered, as the state remembers them: a second evaluation is a later ``pulumi up`` of the same stack.
    """

    def __init__(self) -> None:
        super().__init__()
        self._random: dict[str, str] = {}
        self._public_ips: dict[str, str] = {}

    def create(self, registration: Registration) -> Created:
        """Return what the plan would answer, with the values that stand."""
        created = super().create(registration)
        return Created(
            id=created.id,
            outputs={**created.outputs, **self._standing(registration)},
            secret_outputs=created.secret_outputs,
        )

    def _standing(self, registration: Registration) -> Mapping[str, str]:
        if registration.type == "random:index/randomBytes:RandomBytes":
            fresh = base64.b64encode(secrets.token_bytes(int(registration.inputs["length"]))).decode()
            return {"base64": self._random.setdefault(registration.urn, fresh)}
        if registration.type == "aws:ec2/eip:Eip":
            next_one = str(_FIRST_PUBLIC_IP + len(self._public_ips))
            return {"publicIp": self._public_ips.setdefault(registration.urn, next_one)}
        return {}


_ACCOUNT = StandingAccount()
"""The one in which all tests of a process see both stacks."""


@dataclass(frozen=True, kw_only=True)
class HostFile:
    """A file that the boot document writes."""

    content: str
    mode: int


@dataclass(frozen=True, kw_only=True)
class Artefacts:
    """All that the VPN consists of."""

    region: str
    vpc: IPv4Network
    vpn: IPv4Network
    public_subnet: IPv4Network
    """The bastion's."""
    private_subnet: IPv4Network
    """ClickHouse's."""
    public_ip: str
    """The bastion's Elastic IP."""
    ingress_rules: tuple[Mapping[str, Any], ...]
    """Of the bastion's security group."""
    files: Mapping[str, HostFile]
    """By path, off the bastion's user data."""
    peers_parameter_name: str
    peers_document: str
    server_key_secret_name: str
    server_key_secret: str = field(repr=False)
    server_public_key: str
    client_configs: Mapping[str, str] = field(repr=False)


@functools.cache
def standing_artefacts(stack: str) -> Artefacts:
    """Return what one of the repository's stacks hands out, evaluated once for all tests of a process."""
    return artefacts_with_peers(stack, {})


def artefacts_with_peers(stack: str, more_peers: Mapping[str, Any]) -> Artefacts:
    """Return what the stack hands out once its file lists these peers too."""
    file = read_stack_file(stack, ROOT)
    environment = json.loads(file.config[KEY])
    environment["bastion"]["peers"].update(more_peers)
    evaluation = evaluated(file, _ACCOUNT, config={**file.config, KEY: json.dumps(environment)})
    find = functools.partial(_inputs, evaluation, f"zelly-{stack}")
    parameter = find("aws:ssm/parameter:Parameter", "bastion-peers")
    return Artefacts(
        region=environment["region"],
        vpc=IPv4Network(find("aws:ec2/vpc:Vpc", "network-vpc")["cidrBlock"]),
        vpn=IPv4Network(environment["bastion"]["vpn_cidr"]),
        public_subnet=_subnet(evaluation, find("aws:ec2/instance:Instance", "bastion-instance")["subnetId"]),
        private_subnet=_subnet(evaluation, find("aws:ec2/instance:Instance", "clickhouse-instance")["subnetId"]),
        public_ip=evaluation.plain_outputs["bastion_public_ip"],
        ingress_rules=tuple(
            rule.plain_inputs
            for rule in evaluation.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
            if rule.inputs["securityGroupId"] == f"${{zelly-{stack}-bastion-sg.id}}"
        ),
        files=written_files(find("aws:ec2/instance:Instance", "bastion-instance")["userData"]),
        peers_parameter_name=parameter["name"],
        peers_document=parameter["insecureValue"],
        server_key_secret_name=find("aws:secretsmanager/secret:Secret", "bastion-server-key-secret")["name"],
        server_key_secret=find("aws:secretsmanager/secretVersion:SecretVersion", "bastion-server-key-version")[
            "secretString"
        ],
        server_public_key=evaluation.plain_outputs["wireguard_server_public_key"],
        client_configs=evaluation.plain_outputs["vpn_client_configs"],
    )


def _inputs(evaluation: Evaluation, prefix: str, type_token: str, name: str) -> Mapping[str, Any]:
    return evaluation.one(type_token, f"{prefix}-{name}").plain_inputs


def _subnet(evaluation: Evaluation, subnet_id: str) -> IPv4Network:
    name = subnet_id.removeprefix("${").removesuffix(".id}")
    return IPv4Network(evaluation.one("aws:ec2/subnet:Subnet", name).inputs["cidrBlock"])


def written_files(user_data: str) -> Mapping[str, HostFile]:
    """Return the files that a boot document writes, by path."""
    loaded: object = YAML(typ="safe", pure=True).load(user_data)  # pyright: ignore[reportUnknownMemberType] (untyped)
    document = cast(dict[str, Any], loaded)
    return {
        file["path"]: HostFile(content=file["content"], mode=int(file["permissions"], base=8))
        for file in document["write_files"]
    }
