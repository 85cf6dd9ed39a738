"""A search host on a machine, and the questions that tests ask of it."""

import base64
import hashlib
import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.machines.hosts import PASSWORD, VOLUME_LINK, Boot
from tests.machines.machine import Machine
from tests.machines.root import STATE
from tests.support.meilisearch import program
from workbench.evaluate import Created, Invocation, Registration, SymbolicBackend, evaluate
from zelly_components.search_host import SearchHost, SearchHostArgs, document_content

APPLY = "search-apply.service"
AUTHORITY = "/etc/authority.pem"
"""Where a client in the machine has the authority that it is told."""
BUCKET = "shop-releases-123456789012"

OLD, NEW = "1.7.6", "1.13.0"


class _RealValues:
    """Answers with a volume id, a master key and an address of the real shapes."""

    def __init__(self) -> None:
        self._symbolic = SymbolicBackend()

    def create(self, registration: Registration) -> Created:
        created = self._symbolic.create(registration)
        if registration.type == "aws:ebs/volume:Volume":
            return replace(created, id="vol-0123456789abcdef0")
        if registration.type == "random:index/randomPassword:RandomPassword":
            return replace(created, outputs={**created.outputs, "result": PASSWORD})
        if registration.type == "aws:ec2/instance:Instance":
            return replace(created, outputs={**created.outputs, "privateIp": "10.0.128.30"})
        return created

    def invoke(self, invocation: Invocation) -> Any:
        return self._symbolic.invoke(invocation)


@dataclass(frozen=True)
class SearchInputs(Boot):
    """What a search host boots and fetches."""

    parameter: str
    key: str
    configuration: str
    server: Mapping[str, str]
    services: Mapping[str, str]

    @property
    def answers(self) -> Mapping[str, str]:
        """The parameter and the host's secret."""
        return {
            "ssm get-parameter /shop/search/configuration": self.parameter,
            "secretsmanager get-secret-value shop/search/server": json.dumps(self.server),
        }


def binary_of(version: str, faults: Sequence[str] = ()) -> bytes:
    """Return the stand-in of a version, for the machine's own Python."""
    return program(version, faults, interpreter="/usr/bin/python3")


def _make(version: str, binary: bytes) -> None:
    SearchHost(
        "shop-search",
        SearchHostArgs(
            region="eu-west-1",
            account_id="123456789012",
            vpc_id="vpc-1",
            subnet_id="subnet-1",
            availability_zone="eu-west-1a",
            instance_type="t4g.small",
            cpu_credits="standard",
            instance_memory_mib=2048,
            ami_id="ami-0123456789abcdef0",
            volume_gib=10,
            version=version,
            binary_sha256=hashlib.sha256(binary).hexdigest(),
            bucket_name=BUCKET,
            bucket=BUCKET,
            dump_bucket_name="shop-backups-123456789012",
            dump_prefix="daily/search/",
            service_secret_name="shop/search/keys",
            server_secret_name="shop/search/server",
            recovery_window_days=30,
            config_parameter_name="/shop/search/configuration",
            document_name="shop-search",
            log_group_name="/shop/search",
            log_retention_days=30,
            snapshot_retention_count=7,
            protect=True,
        ),
    )


def inputs(version: str, binary: bytes) -> SearchInputs:
    """Return what the component registers for a version."""

    evaluation = evaluate(lambda: _make(version, binary), backend=_RealValues())

    def secret(name: str) -> Mapping[str, str]:
        made = evaluation.one("aws:secretsmanager/secretVersion:SecretVersion", f"shop-search-{name}-version")
        return json.loads(made.plain_inputs["secretString"])

    user_data: str = evaluation.one("aws:ec2/instance:Instance").inputs["userData"]
    assert VOLUME_LINK in user_data
    written = evaluation.one("aws:s3/bucketObjectv2:BucketObjectv2").inputs
    return SearchInputs(
        stack="shop",
        user_data=user_data,
        parameter=evaluation.one("aws:ssm/parameter:Parameter").inputs["insecureValue"],
        key=written["key"],
        configuration=written["content"],
        server=secret("server"),
        services=secret("keys"),
    )


class SearchMachine:
    """A machine with a search host's user data."""

    def __init__(self, machine: Machine, host: SearchInputs) -> None:
        self.machine = machine
        self.host = host

    @property
    def data(self) -> Path:
        """Return the volume's files, as the machine sees them."""
        return Path(f"/proc/{self.machine.process_id}/root/var/lib/meilisearch")

    def want(self, version: str, faults: Sequence[str] = ()) -> None:
        """Let `pulumi up` name a version, whose binary is in the bucket."""
        binary = binary_of(version, faults)
        self.host = inputs(version, binary)
        for request, answer in self.host.answers.items():
            self.machine.answer(request, answer)
        bucket = self.machine.root / STATE / "s3" / BUCKET
        for key, content in (
            (self.host.key, self.host.configuration.encode()),
            (f"binaries/{hashlib.sha256(binary).hexdigest()}", binary),
        ):
            (bucket / key).parent.mkdir(parents=True, exist_ok=True)
            (bucket / key).write_bytes(content)

    def boot(self) -> str:
        """Switch on, wait until both timers have done their work once, and return how that ended."""
        self.machine.boot()
        assert self.machine.first_run("host-apply.service") == "success", self.machine.journal("host-apply.service")
        ended = self.machine.first_run(APPLY)
        (self.machine.root / AUTHORITY[1:]).write_bytes(base64.b64decode(self.host.services["MEILI_CA_BASE64"]))
        return ended

    def fetch(self) -> str:
        """Do what the host's timers do every five minutes, and return how that ended."""
        assert self.machine.start("host-apply.service") == "success", self.machine.journal("host-apply.service")
        return self.machine.start(APPLY)

    def send(self, action: str, version: str = "none", *, late_writes: str = "refuse") -> tuple[int, Any]:
        """Carry the SSM document's script out, and return its exit status and its answer."""
        (script,) = document_content()["mainSteps"][0]["inputs"]["runCommand"]
        for name, value in {"action": action, "version": version, "lateWrites": late_writes}.items():
            script = script.replace(f"{{{{ {name} }}}}", value)
        ran = self.machine.run(*shlex.split(script)[1:], check=False)
        assert ran.stdout, ran.stderr
        return ran.returncode, json.loads(ran.stdout)

    def ask(self, path: str, body: Any = None, *, key: str = "MEILI_API_KEY") -> Any:
        """Return the answer to a service in the machine."""
        data = [] if body is None else ["--json", json.dumps(body)]
        header = ["--header", f"Authorization: Bearer {self.host.services[key]}"]
        url = f"https://127.0.0.1:7700{path}"
        return json.loads(self.machine.run("curl", "--silent", "--cacert", AUTHORITY, *header, *data, url).stdout)

    def fill(self, *ids: int) -> None:
        """Write documents, as a service does."""
        documents = [{"id": each, "name": f"lamp {each}"} for each in ids]
        assert "taskUid" in self.ask("/indexes/products/documents", documents)

    def hits(self, word: str) -> list[int]:
        """Return the ids of the documents that a service finds."""
        found = self.ask("/indexes/products/search", {"q": word}, key="MEILI_SEARCH_KEY")
        return [hit["id"] for hit in found["hits"]]
