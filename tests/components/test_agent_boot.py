"""The boot document of a build agent, and its scripts run against fakes."""

import time
from pathlib import Path
from typing import Any, cast

import pytest
from ruamel.yaml import YAML

from tests.support.host_scripts import FakeHost
from zelly_components.hosts.agent_boot import AgentBootValues, AwsProfile, user_data

VALUES = AgentBootValues(
    region="eu-west-1",
    group_name="shop-builders",
    longest_build_seconds=7200,
    profiles={"shop": AwsProfile(role_arn="arn:aws:iam::123456789012:role/shop-deploy", region="eu-west-2")},
    public_key="ssh-ed25519 AAAA controller",
    log_group_name="/shop/agents/build",
)

AGE = {
    "GROUP_NAME": "shop-builders",
    "LONGEST_BUILD_SECONDS": "7200",
    "METRICS_NAMESPACE": "BuildAgents",
    "AGE_METRIC": "AgeSeconds",
}


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    return FakeHost(tmp_path)


def document() -> dict[str, Any]:
    loaded: object = YAML(typ="safe", pure=True).load(user_data(VALUES))  # pyright: ignore[reportUnknownMemberType] (untyped)
    return cast(dict[str, Any], loaded)


def content(path: str) -> str:
    return next(file["content"] for file in document()["write_files"] if file["path"] == path)


def test_boot_document_looks_after_the_age_before_anything_can_go_wrong() -> None:
    assert document()["runcmd"] == [
        ["systemctl", "daemon-reload"],
        ["systemctl", "enable", "--now", "agent-age.timer"],
        ["systemctl", "start", "--no-block", "host-logging.service"],
        ["systemctl", "start", "build-agent.service"],
    ]
    assert content("/etc/host/environment").splitlines() == [
        "AWS_REGION=eu-west-1",
        "GROUP_NAME=shop-builders",
        "LONGEST_BUILD_SECONDS=7200",
        "METRICS_NAMESPACE=BuildAgents",
        "AGE_METRIC=AgeSeconds",
    ]


def test_roles_are_taken_on_by_profile_so_that_long_jobs_are_not_cut_off() -> None:
    assert content("/etc/build-agent/aws-config").splitlines() == [
        "[default]",
        "region = eu-west-1",
        "",
        "[profile shop]",
        "role_arn = arn:aws:iam::123456789012:role/shop-deploy",
        "credential_source = Ec2InstanceMetadata",
        "region = eu-west-2",
    ]


def started(host: FakeHost, seconds_ago: int) -> Path:
    file = host.directory / "started"
    file.write_text(f"{int(time.time()) - seconds_ago}\n", encoding="utf-8")
    return file


def metadata(host: FakeHost) -> None:
    host.fake("curl", 'if [[ "$*" == *api/token ]]; then echo a-token; else echo i-0abc; fi')


TERMINATE = (
    "aws autoscaling terminate-instance-in-auto-scaling-group --instance-id i-0abc --should-decrement-desired-capacity"
)


def test_an_agent_that_is_young_publishes_its_age_and_goes_on(host: FakeHost) -> None:
    host.fake("aws")
    metadata(host)
    ran = host.run("agent/agent-age.sh", host.directory / "state" / "started", environment=AGE)
    assert (ran.returncode, ran.stderr) == (0, "")
    (call,) = host.calls()
    assert call.startswith(
        "aws cloudwatch put-metric-data --namespace BuildAgents --metric-name AgeSeconds --unit Seconds "
        "--dimensions Group=shop-builders --value "
    )
    assert int(call.rpartition(" ")[2]) < 10


def test_an_agent_older_than_the_longest_build_ends_itself_and_the_wish_for_one(host: FakeHost) -> None:
    # A metric that is not taken keeps no agent alive.
    host.fake("aws", '[[ "$1" != cloudwatch ]]')
    metadata(host)
    host.fake("systemctl")
    ran = host.run("agent/agent-age.sh", started(host, 7300), environment=AGE)
    assert ran.returncode == 0
    assert "i-0abc ends itself" in ran.stdout
    calls = host.calls()
    assert TERMINATE in calls
    assert not any(call.startswith("systemctl") for call in calls)


def test_an_agent_that_auto_scaling_does_not_end_shuts_down(host: FakeHost) -> None:
    host.fake("aws", '[[ "$1" == cloudwatch ]]')
    metadata(host)
    host.fake("systemctl")
    assert host.run("agent/agent-age.sh", started(host, 7300), environment=AGE).returncode == 0
    calls = host.calls()
    assert calls.count(TERMINATE) == 3
    assert calls[-1] == "systemctl poweroff"


def test_nobody_is_let_in_before_everything_is_there(host: FakeHost) -> None:
    for program in ("host-packages", "systemctl", "useradd", "install", "id"):
        host.fake(program)
    host.fake("getent", "echo jenkins:x:1001:1001::/home/jenkins:/bin/bash")
    host.fake("docker", "exit 1")
    # The image lacks Compose: the unit fails, which an alarm tells, and nothing was installed for logging in.
    assert host.run("agent/build-agent.sh", "keys", "config").returncode == 1
    assert not any(call.startswith("install") for call in host.calls())
    host.fake("docker")
    ran = host.run("agent/build-agent.sh", "keys", "config")
    assert (ran.returncode, ran.stdout) == (0, "agent is ready\n")
    assert [call for call in host.calls() if call.startswith(("host-packages", "install"))] == [
        "host-packages docker git-core java-21-amazon-corretto-headless",
        "install --directory --owner=jenkins --group=jenkins --mode=0700 /home/jenkins/.aws /home/jenkins/.ssh "
        "/home/jenkins/agent",
        "install --owner=jenkins --group=jenkins --mode=0600 config /home/jenkins/.aws/config",
        "install --owner=jenkins --group=jenkins --mode=0600 keys /home/jenkins/.ssh/authorized_keys",
    ]
