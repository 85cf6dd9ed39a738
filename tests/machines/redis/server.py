"""A Redis server with the settings that a stack gives to its node on ElastiCache."""

import json
import os
import secrets
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trustme

from tests.support.programs import require_program
from tests.support.servers import LOOPBACK, free_port, running
from tests.zelly_infra.evaluations import evaluation_of

REPLICATION_GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"
PARAMETER_GROUP = "aws:elasticache/parameterGroup:ParameterGroup"
TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"


def _only(stack: str, type_token: str) -> Mapping[str, Any]:
    (resource,) = evaluation_of(stack).of_type(type_token)
    return resource.inputs


@dataclass(frozen=True, kw_only=True)
class Redis:
    """A server, running or not, with a stack's settings."""

    stack: str
    folder: Path
    maxmemory: str = "0"
    """On ElastiCache the node type decides; 0: no limit."""
    port: int = field(default_factory=free_port)
    # As long as the stack's, of letters and digits as it is.
    token: str = field(default_factory=lambda: secrets.token_hex(32), repr=False)

    @contextmanager
    def run(self) -> Generator["subprocess.Popen[bytes]"]:
        """Run it until the block ends, with the data that the last run left."""
        self._write_configuration()
        command = [require_program("redis-server", package="redis-server"), self.folder / "redis.conf"]
        with running(command, port=self.port, log=self.folder / "redis.log", environment=os.environ) as process:
            yield process

    def stop(self, how: str = "save") -> None:
        """Shut it down: ``save`` writes a snapshot first, ``nosave`` does not."""
        self.ask("shutdown", how)

    def ask(self, *words: str) -> str:
        """Return what the server answers to a command of somebody with the token."""
        return self.ask_as(self.token, *words, tls=True)

    def ask_as(self, token: str | None, *words: str, tls: bool) -> str:
        """Return what comes back, an error too, of a command with this token, or none."""
        options = ["--tls", "--cacert", self.authority] if tls else []
        command = [require_program("redis-cli", package="redis-tools"), "-p", str(self.port), *options, *words]
        environment = os.environ if token is None else {**os.environ, "REDISCLI_AUTH": token}
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=10, check=False)
        return (ran.stdout + ran.stderr).strip()

    def client_environment(self) -> dict[str, str]:
        """Return what a stack's queue worker gets in its environment to reach Redis, with this server's values."""
        (container,) = (
            container
            for resource in evaluation_of(self.stack).of_type(TASK_DEFINITION)
            for container in json.loads(resource.inputs["containerDefinitions"])
            if container["name"] == "events-consumer"
        )
        plain = {variable["name"]: variable["value"] for variable in container["environment"]}
        values = {"host": LOOPBACK, "port": str(self.port), "password": self.token}
        return {
            **{name: value for name, value in plain.items() if name.startswith("REDIS_")},
            **{
                secret["name"]: values[secret["name"].removeprefix("REDIS_").lower()]
                for secret in container["secrets"]
                if secret["name"].startswith("REDIS_")
            },
        }

    @property
    def authority(self) -> str:
        """Return the path of the certificate that a client has to trust."""
        return str(self.folder / "authority.pem")

    def settings(self) -> dict[str, str]:
        """Return what of the configuration is the stack's."""
        node = _only(self.stack, REPLICATION_GROUP)
        encrypted = (node["transitEncryptionEnabled"], node["transitEncryptionMode"]) == (True, "required")
        return {
            "port": "0" if encrypted else str(self.port),
            "tls-port": str(self.port) if encrypted else "0",
            **({"requirepass": self.token} if node.get("authToken") else {}),
            **{parameter["name"]: parameter["value"] for parameter in _only(self.stack, PARAMETER_GROUP)["parameters"]},
        }

    def _write_configuration(self) -> None:
        self._write_certificates()
        lines = {
            "bind": LOOPBACK,
            "dir": str(self.folder),
            "tls-cert-file": str(self.folder / "redis.pem"),
            "tls-key-file": str(self.folder / "redis.pem"),
            # ElastiCache wants no certificate of its clients.
            "tls-auth-clients": "no",
            # A single node keeps no log of its writes, and snapshots come daily.
            "appendonly": "no",
            "save": '""',
            "maxmemory": self.maxmemory,
            **self.settings(),
        }
        text = "".join(f"{name} {value}\n" for name, value in lines.items())
        (self.folder / "redis.conf").write_text(text, encoding="utf-8")

    def _write_certificates(self) -> None:
        if Path(self.authority).exists():
            return
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.authority)
        authority.issue_cert(LOOPBACK).private_key_and_cert_chain_pem.write_to_path(self.folder / "redis.pem")
