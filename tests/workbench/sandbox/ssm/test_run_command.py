"""Run Command: parameters are checked as the document says, and hosts with a release agent carry it out."""

import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.workbench.sandbox.conftest import REGION
from workbench.aws.s3_objects import S3Objects
from workbench.aws.shared.connection import Connection
from workbench.operations.releases.answer import Answer, parsed
from workbench.operations.releases.push import plan_push, push
from workbench.sandbox.embedded import EmbeddedAws
from workbench.sandbox.ssm.host.document import problem, script
from workbench.sandbox.ssm.host.practice import Practice, build
from zelly_components.hosts.release_agent import agent_program
from zelly_components.release_document import document_content

SERVICES = ("base", "web")
COMMIT = "0" * 40
GOOD = {"action": ["deploy"], "release": ["none"], "service": ["all"], "environment": ["trial"]}


def test_script_has_the_parameters_in_their_places() -> None:
    assert script(document_content(), GOOD) == (
        "exec /usr/local/sbin/release-agent 'deploy' --release 'none' --service 'all' --environment 'trial'"
    )


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({**GOOD, "action": ["reboot"]}, "action: came 'reboot'; allowed: ['deploy', 'confirm',"),
        ({**GOOD, "service": ["a'; reboot; '"]}, "service: came \"a'; reboot; '\"; allowed: ^[a-z]"),
        ({**GOOD, "shell": ["sh"]}, "shell: the document has no such parameter"),
        ({"action": ["deploy"]}, "release: the document requires it"),
    ],
)
def test_parameters_that_the_document_does_not_take_are_refused(given: dict[str, list[str]], why: str) -> None:
    said = problem(document_content(), given)
    assert said is not None
    assert said.startswith(why)
    assert problem(document_content(), GOOD) is None


class Trial:
    """A platform of two services, whose host was made in an embedded AWS."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self.aws = aws
        self.ssm = aws.clients.get("ssm", REGION)
        self.bucket = S3Objects(_Connection(aws), "trial-releases", aws.account_id)
        aws.clients.get("s3", REGION).create_bucket(
            Bucket="trial-releases", CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        self.ssm.create_document(
            Name="shop-trial-release", DocumentType="Command", Content=json.dumps(document_content())
        )
        self._configure()
        self.host = self.instance("shop-trial-host")

    def instance(self, name: str) -> str:
        ec2 = self.aws.clients.get("ec2", REGION)
        image = ec2.describe_images()["Images"][0]["ImageId"]
        tags = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": name}]}]
        made = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, TagSpecifications=tags)
        return made["Instances"][0]["InstanceId"]

    def _configure(self) -> None:
        host = {
            "platform": "shop",
            "environment": "trial",
            "region": REGION,
            "bucket": "trial-releases",
            "waves": [["base"], ["web"]],
            "services": {
                name: {"unit": f"shop-{name}.service", "port": 80, "overlaps": True, "health_path": "/"}
                for name in SERVICES
            },
            "migrations_user": "shop-migrations",
            "database_instance": None,
            "snapshot_before_release": False,
            "ready_seconds": 5,
            "settle_seconds": 0.1,
            "confirm_seconds": 300,
            "releases_kept": 3,
            "minimum_free_mib": 1,
        }
        files = {
            "/etc/shop/host.json": {"content": json.dumps(host), "mode": "0644"},
            "/usr/local/sbin/release-agent": {"content": agent_program("shop"), "mode": "0755"},
        }
        content = json.dumps({"files": files}).encode()
        digest = hashlib.sha256(content).hexdigest()
        key = f"host/{digest}.json"
        self.aws.clients.get("s3", REGION).put_object(Bucket="trial-releases", Key=key, Body=content)
        self.ssm.put_parameter(
            Name="/shop/trial/host/configuration",
            Type="String",
            Value=json.dumps({"key": key, "sha256": digest}),
        )

    def push(self, folder: Path, **behaviours: str) -> str:
        """Push a practice release, and return its id."""
        build(folder, SERVICES, Practice(behaviours=behaviours, migrations=(), failing=None), commit=COMMIT)
        plan = plan_push(
            folder,
            stack="trial",
            platform="shop",
            commit=COMMIT,
            created="2026-11-30T18:00:00Z",
            services=SERVICES,
            bucket=self.bucket,
        )
        push(plan, self.bucket, lambda _: None)
        return plan.manifest.id

    def ask(self, action: str, release: str = "none") -> tuple[int, Answer]:
        """Send the document, wait for its end, and return the exit code and the agent's answer."""
        parameters = {**GOOD, "action": [action], "release": [release]}
        sent = self.ssm.send_command(DocumentName="shop-trial-release", InstanceIds=[self.host], Parameters=parameters)[
            "Command"
        ]["CommandId"]
        while (found := self.ssm.get_command_invocation(CommandId=sent, InstanceId=self.host))[
            "Status"
        ] == "InProgress":
            assert found["StandardOutputContent"] == ""
            time.sleep(0.05)
        answer = parsed(found["StandardOutputContent"])
        assert answer is not None, found["StandardErrorContent"]
        return found["ResponseCode"], answer


class _Connection(Connection):
    def __init__(self, aws: EmbeddedAws) -> None:
        super().__init__(REGION)
        self._clients = aws.clients

    def client(self, service: str, *, repeatable: bool = True) -> Any:
        del repeatable
        return self._clients.get(service, REGION)


@pytest.fixture(scope="module")
def trial() -> Iterator[Trial]:
    with EmbeddedAws.start() as aws:
        yield Trial(aws)


def test_the_agent_of_the_hosts_configuration_releases_and_takes_back(trial: Trial, tmp_path: Path) -> None:
    good = trial.push(tmp_path / "good")
    code, answer = trial.ask("deploy", good)
    assert (code, answer.outcome, answer.releases) == (0, "waiting", dict.fromkeys(SERVICES, good)), answer.reason
    assert trial.ask("confirm", good)[1].outcome == "healthy"
    for behaviour, stage in {"never-ready": "switch", "prepare-fails": "prepare"}.items():
        bad = trial.push(tmp_path / behaviour, web=behaviour)
        code, answer = trial.ask("deploy", bad)
        assert (code, answer.stage, answer.releases) == (1, stage, dict.fromkeys(SERVICES, good))
    dying = trial.push(tmp_path / "dies", base="dies")
    assert trial.ask("deploy", dying)[1].outcome == "waiting"
    time.sleep(1)
    code, answer = trial.ask("confirm", dying)
    assert (code, answer.outcome, answer.releases["base"]) == (1, "undone", good)


def test_host_that_nobody_configured_says_so(trial: Trial) -> None:
    other = trial.instance("other")
    sent = trial.ssm.send_command(DocumentName="shop-trial-release", InstanceIds=[other], Parameters=GOOD)
    command = sent["Command"]["CommandId"]
    while (found := trial.ssm.get_command_invocation(CommandId=command, InstanceId=other))["Status"] == "InProgress":
        time.sleep(0.05)
    assert found["StandardErrorContent"] == "other: there is no parameter with a configuration of this host\n"
    told = trial.ssm.describe_instance_information(Filters=[{"Key": "InstanceIds", "Values": [other]}])
    assert [each["PingStatus"] for each in told["InstanceInformationList"]] == ["Online"]


def test_unknown_document_instance_and_command_are_refused_as_aws_does(trial: Trial) -> None:
    ssm = trial.ssm
    with pytest.raises(ssm.exceptions.InvalidDocument):
        ssm.send_command(DocumentName="other", InstanceIds=[trial.host])
    with pytest.raises(ssm.exceptions.InvalidInstanceId):
        ssm.send_command(DocumentName="shop-trial-release", InstanceIds=["i-0"], Parameters=GOOD)
    with pytest.raises(ssm.exceptions.InvocationDoesNotExist):
        ssm.get_command_invocation(CommandId="0" * 36, InstanceId=trial.host)
