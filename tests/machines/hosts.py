"""What the hosts of a stack boot and fetch, as the program registers it."""

import base64
import functools
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from tests.zelly_infra.evaluations import evaluation_of
from tests.zelly_infra.switches import NAT_INSTANCE, with_switch
from zelly_components.hosts import wireguard

VOLUME_LINK = "nvme-Amazon_Elastic_Block_Store_vol0123456789abcdef0"
"""The data volume's name under /dev/disk/by-id."""

PASSWORD = "Correct8Horse2Battery5Staple1Abc"
"""What a random password of the program looks like."""

SERVER_KEY = wireguard.private_key(base64.b64encode(hashlib.sha256(b"server").digest()).decode())


@dataclass(frozen=True)
class Boot:
    """What every host reads: its user data."""

    stack: str
    user_data: str

    @property
    def answers(self) -> Mapping[str, str]:
        """What AWS answers to the host, by request."""
        return {}


@dataclass(frozen=True)
class HostInputs(Boot):
    """What a host reads that fetches a parameter and a secret, too."""

    parameter_name: str
    parameter: str
    secret_name: str
    secret: str

    @property
    def parameter_request(self) -> str:
        """The request that the parameter is fetched with, as ``Machine.answer`` names it."""
        return f"ssm get-parameter {self.parameter_name}"

    @property
    def secret_request(self) -> str:
        """The request that the secret is fetched with, as ``Machine.answer`` names it."""
        return f"secretsmanager get-secret-value {self.secret_name}"

    @property
    def answers(self) -> Mapping[str, str]:
        """The parameter and the secret."""
        return {self.parameter_request: self.parameter, self.secret_request: self.secret}


@functools.cache
def clickhouse(stack: str) -> HostInputs:
    """Return the ClickHouse host's. The volume's id, which AWS makes, and the password are put in."""
    host = f"zelly-{stack}-clickhouse"
    placeholder = f"nvme-Amazon_Elastic_Block_Store_${{zelly{stack}-clickhouse-data.id}}"
    evaluation = evaluation_of(stack)
    version = evaluation.one("aws:secretsmanager/secretVersion:SecretVersion", f"{host}-credentials-version")
    credentials = json.loads(version.plain_inputs["secretString"])
    inputs = _inputs(
        stack,
        host,
        parameter=f"{host}-config",
        secret=f"{host}-credentials",
        value=json.dumps({**credentials, "CLICKHOUSE_PASSWORD": PASSWORD}),
    )
    assert placeholder in inputs.user_data
    return replace(inputs, user_data=inputs.user_data.replace(placeholder, VOLUME_LINK))


@functools.cache
def bastion(stack: str) -> HostInputs:
    """Return the bastion's. The server's key and the peers' keys, random ones, are put in."""
    host = f"zelly-{stack}-bastion"
    version = evaluation_of(stack).one("aws:secretsmanager/secretVersion:SecretVersion", f"{host}-server-key-version")
    secret = dict.fromkeys(json.loads(version.plain_inputs["secretString"]), SERVER_KEY)
    inputs = _inputs(
        stack, host, parameter=f"{host}-peers", secret=f"{host}-server-key-secret", value=json.dumps(secret)
    )
    peers = [{**peer, "public_key": peer_key(peer["name"])} for peer in json.loads(inputs.parameter)]
    return replace(inputs, parameter=json.dumps(peers))


@functools.cache
def nat(stack: str) -> Boot:
    """Return the NAT instance's, in a stack that has one."""
    instance = with_switch(stack, NAT_INSTANCE).one("aws:ec2/instance:Instance", f"zelly-{stack}-network-nat-instance")
    return Boot(stack=stack, user_data=instance.inputs["userData"])


def peer_key(name: str) -> str:
    """Return the public key of a peer."""
    return wireguard.public_key(base64.b64encode(hashlib.sha256(name.encode()).digest()).decode())


def _inputs(stack: str, host: str, *, parameter: str, secret: str, value: str) -> HostInputs:
    evaluation = evaluation_of(stack)
    recorded = evaluation.one("aws:ssm/parameter:Parameter", parameter).inputs
    user_data: str = evaluation.one("aws:ec2/instance:Instance", f"{host}-instance").inputs["userData"]
    return HostInputs(
        stack=stack,
        user_data=user_data,
        parameter_name=recorded["name"],
        parameter=recorded["insecureValue"],
        secret_name=evaluation.one("aws:secretsmanager/secret:Secret", secret).inputs["name"],
        secret=value,
    )


Host = Callable[[str], Boot]
"""What gives a host's inputs in a stack."""
