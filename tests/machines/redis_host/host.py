"""A Redis host on a machine, and the questions that tests ask of it."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tests.machines.hosts import PASSWORD, VOLUME_LINK, Boot
from tests.machines.machine import Machine
from tests.support.examples import example_program
from workbench.evaluate import Created, Invocation, Registration, SymbolicBackend, evaluate
from zelly_components.redis_host import RedisHost

APPLY = "redis-apply.service"
AUTHORITY = "/etc/authority.pem"
"""Where a client in the machine has the authority that it is told."""

_VOLUME_ID = "vol-0123456789abcdef0"


class _RealValues:
    """Answers with a volume id, a password and an address of the real shapes."""

    def __init__(self) -> None:
        self._symbolic = SymbolicBackend()

    def create(self, registration: Registration) -> Created:
        created = self._symbolic.create(registration)
        if registration.type == "aws:ebs/volume:Volume":
            return replace(created, id=_VOLUME_ID)
        if registration.type == "random:index/randomPassword:RandomPassword":
            return replace(created, outputs={**created.outputs, "result": PASSWORD})
        if registration.type == "aws:ec2/instance:Instance":
            return replace(created, outputs={**created.outputs, "privateIp": "10.0.128.20"})
        return created

    def invoke(self, invocation: Invocation) -> Any:
        return self._symbolic.invoke(invocation)


@dataclass(frozen=True)
class RedisInputs(Boot):
    """What the host of the component's own example boots and fetches."""

    configuration: str
    server: Mapping[str, str]
    """What the host is told."""
    auth: Mapping[str, str]
    """What its clients are told."""

    parameter_request = "ssm get-parameter /shop/redis/config"
    secret_request = "secretsmanager get-secret-value shop/redis/server"

    @property
    def answers(self) -> Mapping[str, str]:
        """The parameter and the host's secret."""
        return {self.parameter_request: self.configuration, self.secret_request: json.dumps(self.server)}


def inputs() -> RedisInputs:
    """Return what the component registers."""
    evaluation = evaluate(example_program(RedisHost), backend=_RealValues())

    def secret(name: str) -> Mapping[str, str]:
        version = evaluation.one("aws:secretsmanager/secretVersion:SecretVersion", f"shop-redis-{name}-version")
        return json.loads(version.plain_inputs["secretString"])

    user_data: str = evaluation.one("aws:ec2/instance:Instance").inputs["userData"]
    assert VOLUME_LINK in user_data
    return RedisInputs(
        stack="shop",
        user_data=user_data,
        configuration=evaluation.one("aws:ssm/parameter:Parameter").inputs["insecureValue"],
        server=secret("server"),
        auth=secret("auth"),
    )


class RedisMachine:
    """A machine with a Redis host's user data."""

    def __init__(self, machine: Machine, host: RedisInputs) -> None:
        self.machine = machine
        self.host = host

    def boot(self) -> str:
        """Switch on, wait until the host's timer has done its work once, and return how that ended."""
        self.machine.boot()
        ended = self.machine.first_run(APPLY)
        (self.machine.root / AUTHORITY[1:]).write_bytes(base64.b64decode(self.host.auth["REDIS_CA_BASE64"]))
        return ended

    def run_again(self) -> str:
        """Do what the timer does every five minutes, and return how it ended."""
        return self.machine.start(APPLY)

    def messages(self) -> list[str]:
        """Return what the host has logged in this boot, without the attempts to reach a server that is starting."""
        starting = ("Could not connect to Redis", "failed: bash -c answers")
        return [line for line in self.machine.journal(APPLY) if not any(words in line for words in starting)]

    def ask(self, *words: str, password: str | None = PASSWORD, tls: bool = True) -> str:
        """Return what a client in the machine is answered, an error too."""
        encrypted = ["--tls", "--cacert", AUTHORITY] if tls else []
        token = [] if password is None else ["env", f"REDISCLI_AUTH={password}"]
        ran = self.machine.run(*token, "redis-cli", "-h", "127.0.0.1", *encrypted, *words, check=False)
        return (ran.stdout + ran.stderr).strip()

    def rotate(self, password: str) -> None:
        """Let Secrets Manager hold another password's hash."""
        hashed = hashlib.sha256(password.encode()).hexdigest()
        self.machine.answer(self.host.secret_request, json.dumps({**self.host.server, "REDIS_PASSWORD_SHA256": hashed}))

    def process_id(self) -> str:
        """Return the server's."""
        return self.machine.show("redis.service", "MainPID")

    def published(self) -> dict[str, float]:
        """Publish how the server is, as the timer does every minute, and return it by metric."""
        self.machine.calls()
        assert self.machine.start("redis-observe.service") == "success", self.machine.journal("redis-observe.service")
        (call,) = self.machine.commands("aws")
        head, _, data = call.partition(" --metric-data ")
        assert head == "aws cloudwatch put-metric-data --namespace RedisHost"
        metrics: list[dict[str, Any]] = json.loads(data)
        assert all(metric["Dimensions"] == [{"Name": "Host", "Value": "shop-redis"}] for metric in metrics)
        return {metric["MetricName"]: metric["Value"] for metric in metrics}

    def listening(self) -> list[str]:
        """Return the addresses on which the host accepts TCP connections."""
        lines = self.machine.run("ss", "--tcp", "--listening", "--numeric", "--no-header").stdout.splitlines()
        return sorted(line.split()[3] for line in lines)
