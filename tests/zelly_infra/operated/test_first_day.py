"""The first day in an account that has nothing yet: what ``zelly doctor`` names is done, one after another."""

import json
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest

from tests.zelly_infra.operated.conftest import STACKS, Operator, Up
from tests.zelly_infra.stack_files import ROOT
from workbench.aws.iam.service_linked_roles import ServiceLinkedRoles
from workbench.aws.shared.connection import Connection
from workbench.cloudflare import CloudflareDns, CloudflareError
from workbench.operations.account.service_linked_roles import SERVICES
from workbench.sandbox.embedded import EmbeddedAws

REGIONS = ("ap-south-1", "ap-southeast-1")
ZONE = "0123456789abcdef0123456789abcdef"
TOKEN = "a-token-that-nobody-prints"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """A project, and an account in which nothing was made."""
    folder = tmp_path_factory.mktemp("project")
    for name in ("Pulumi.yaml", *(f"Pulumi.{stack}.yaml" for stack in STACKS), "__main__.py"):
        shutil.copy(ROOT / name, folder)
    with EmbeddedAws.start() as aws:
        yield Up(folder=folder, aws=aws)


class _Zone(BaseHTTPRequestHandler):
    """A zone of Cloudflare's in two pages, for whoever has the token."""

    pages: ClassVar[list[list[dict[str, str]]]] = [
        [{"id": "11", "type": "CNAME", "name": "api.staging.zelly.in", "content": "old.example.com"}],
        [{"id": "12", "type": "A", "name": "account.staging.zelly.in", "content": "192.0.2.9"}],
    ]

    def do_GET(self) -> None:
        page = int(self.path.rpartition("page=")[2])
        allowed = self.headers["Authorization"] == f"Bearer {TOKEN}" and self.path.startswith(f"/zones/{ZONE}/")
        answer: dict[str, Any] = (
            {"success": True, "result": self.pages[page - 1], "result_info": {"total_pages": len(self.pages)}}
            if allowed
            else {"success": False, "errors": [{"code": 10000, "message": "Authentication error"}]}
        )
        self.send_response(200 if allowed else 403)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class's name)
        pass


@contextmanager
def cloudflare() -> Generator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Zone)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def findings(operator: Operator, *options: str) -> dict[str, dict[str, Any]]:
    document = json.loads(operator.run("doctor", "--stack", "staging", "--json", *options).stdout)
    return {finding["name"]: finding for finding in document["steps"]}


def settings(sandbox: Up, region: str) -> dict[str, Any]:
    ec2, ecr = sandbox.client("ec2", region), sandbox.client("ecr", region)
    return {
        "volumes": ec2.get_ebs_encryption_by_default()["EbsEncryptionByDefault"],
        "snapshots": ec2.get_snapshot_block_public_access_state()["State"],
        "images": ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"],
        "metadata": ec2.get_instance_metadata_defaults()["AccountLevel"].get("HttpTokens"),
        "scanning": [
            rule["scanFrequency"]
            for rule in ecr.get_registry_scanning_configuration()["scanningConfiguration"]["rules"]
        ],
    }


def test_account_is_made_ready_by_what_doctor_names(
    operator: Operator, sandbox: Up, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The others' job, which takes long where nothing is there to be waited for.
    steps = ("service-linked roles", "account settings", "quotas", "Cloudflare names", "stack provisioned")
    before = findings(operator)
    assert [(before[name]["verdict"], before[name]["next"]) for name in steps[:2]] == [
        ("to do", "zelly state bootstrap"),
        ("to do", "zelly state bootstrap --account"),
    ]
    assert before["stack provisioned"]["verdict"] == "to do"
    asked = before["quotas"]["next"].split()
    assert asked[:3] == ["aws", "service-quotas", "request-service-quota-increase"]
    operator.run("state", "bootstrap", "--account", "--dry-run")
    assert settings(sandbox, REGIONS[0])["volumes"] is False
    made = operator.run("state", "bootstrap", "--account", "--yes", "--json")
    conditions = [step["condition"] for step in json.loads(made.stdout)["steps"]]
    assert (made.exit_code, len(conditions), {*conditions[:7]}) == (0, 29, {"missing"})
    regional = {
        "volumes": True,
        "snapshots": "block-all-sharing",
        "images": "block-new-sharing",
        "metadata": "required",
    }
    assert settings(sandbox, REGIONS[0]) == {**regional, "scanning": ["SCAN_ON_PUSH"]}
    assert settings(sandbox, REGIONS[1]) == {**regional, "scanning": []}
    policy = sandbox.client("iam", REGIONS[0]).get_account_password_policy()["PasswordPolicy"]
    assert (policy["MinimumPasswordLength"], policy["PasswordReusePrevention"]) == (14, 24)
    again = json.loads(operator.run("state", "bootstrap", "--account", "--dry-run", "--json").stdout)
    assert {step["condition"] for step in again["plan"]["steps"]} == {"so"}
    quotas = sandbox.client("service-quotas", REGIONS[1])
    for code, service, value in (("L-3032A538", "fargate", 13), ("L-1216C47A", "ec2", 8)):
        quotas.request_service_quota_increase(ServiceCode=service, QuotaCode=code, DesiredValue=value)
    monkeypatch.delenv("CLOUDFLARE_API_TOKEN", raising=False)
    after = findings(operator)
    assert [after[name]["verdict"] for name in steps] == ["done", "done", "done", "can't tell", "to do"]


def test_names_that_exist_in_cloudflare_are_named_and_written_for_an_import(
    operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "import.json"
    monkeypatch.setenv("CLOUDFLARE_API_TOKEN", TOKEN)
    with cloudflare() as url:
        monkeypatch.setenv("CLOUDFLARE_BASE_URL", url)
        told = operator.run("doctor", "--stack", "staging", "--json", "--import-file", str(file))
        with pytest.raises(CloudflareError) as refused:
            CloudflareDns("another").records(ZONE)
    (names,) = [step for step in json.loads(told.stdout)["steps"] if step["name"] == "Cloudflare names"]
    assert (names["verdict"], names["seen"][:2], "81053" in names["seen"][2]) == (
        "to do",
        [
            "api.staging.zelly.in: CNAME old.example.com is there (record 11)",
            "account.staging.zelly.in: A 192.0.2.9 is there; the program makes CNAME: delete it right before `up` "
            "(record 12)",
        ],
        True,
    )
    assert names["next"] == "zelly doctor --import-file FILE --stack staging"
    assert json.loads(file.read_text()) == {
        "resources": [
            {"type": "zelly-components:index:DnsZone", "name": "zelly-staging-dns", "component": True},
            {
                "type": "cloudflare:index/dnsRecord:DnsRecord",
                "name": "zelly-staging-dns-api.staging.zelly.in",
                "id": f"{ZONE}/11",
                "parent": "zelly-staging-dns",
            },
        ]
    }
    assert f"pulumi import --file {file} --protect=false --generate-code=false --stack staging" in told.stderr
    assert refused.value.lines == (f"Cloudflare, /zones/{ZONE}/dns_records: HTTP 403: 10000 Authentication error",)
    assert TOKEN not in told.stdout + told.stderr


def test_cloudflare_that_does_not_answer_is_one_line() -> None:
    with cloudflare() as url:
        pass
    with pytest.raises(CloudflareError) as failed:
        CloudflareDns(TOKEN, url=url).records(ZONE)
    assert failed.value.lines == (f"Cloudflare, /zones/{ZONE}/dns_records: no answer: NewConnectionError",)


def test_role_that_somebody_made_in_the_meantime_is_as_good(operator: Operator) -> None:
    del operator  # its environment is what is wanted
    roles = ServiceLinkedRoles(Connection(REGIONS[0]))
    for _ in range(2):
        roles.create(SERVICES[0])
    assert SERVICES[0] in roles.services()
