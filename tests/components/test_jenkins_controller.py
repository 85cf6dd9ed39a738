import json
import os
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.examples import example_program
from tests.support.programs import require_program
from workbench.evaluate import Evaluation, evaluate
from zelly_components.jenkins import task
from zelly_components.jenkins_controller import (
    AgentPoolArgs,
    JenkinsController,
    JenkinsControllerArgs,
    WebhookArgs,
)

BOOT = Path(task.__file__).with_name("controller-boot.sh")
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
GROUP_ARN = "arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:0:autoScalingGroupName/shop-builders"

ARGS = JenkinsControllerArgs(
    region="eu-west-1",
    account_id="123456789012",
    cluster_arn="arn:aws:ecs:eu-west-1:123456789012:cluster/shop-jenkins",
    cluster_name="shop-jenkins",
    service_name="shop-jenkins",
    vpc_id="vpc-1",
    public_subnet_ids=["subnet-1", "subnet-2"],
    private_subnet_ids=["subnet-3", "subnet-4"],
    image="shop/jenkins@sha256:0123",
    repository_arns=["arn:aws:ecr:eu-west-1:123456789012:repository/shop/jenkins"],
    cpu_units=1024,
    memory_mib=4096,
    architecture="X86_64",
    hostname="jenkins.shop.example",
    certificate_arn="arn:aws:acm:eu-west-1:123456789012:certificate/1",
    webhook=WebhookArgs(
        certificate_arn="arn:aws:acm:eu-west-1:123456789012:certificate/2",
        source_cidr_blocks={"github-1": "192.30.252.0/22", "github-2": "140.82.112.0/20"},
    ),
    tls_policy="ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
    access_log_bucket="shop-access-logs",
    agents={"build": AgentPoolArgs(group_name="shop-builders", group_arn=GROUP_ARN, maximum_agents=4)},
    environment={"QA": "qa"},
    secrets=[],
    home_directory="/home",
    home_may_be_empty_until="2026-12-31",
    restore_test_schedule="cron(0 12 ? * SUN *)",
    log_group_name="/shop/jenkins",
    log_retention_days=90,
    execution_role_name="shop-jenkins-execution",
    task_role_name="shop-jenkins-task",
    deletion_protection=True,
)


def record(**changes: Any) -> Evaluation:
    def program() -> None:
        jenkins = JenkinsController("shop-jenkins", replace(ARGS, **changes))
        jenkins.allow_from("vpn", "sg-bastion")

    return evaluate(program)


def container(evaluation: Evaluation) -> dict[str, Any]:
    (found,) = json.loads(evaluation.one("aws:ecs/taskDefinition:TaskDefinition").inputs["containerDefinitions"])
    return found


def test_two_controllers_never_share_a_home() -> None:
    inputs = record().one("aws:ecs/service:Service").inputs
    assert inputs["desiredCount"] == 1
    assert (inputs["deploymentMinimumHealthyPercent"], inputs["deploymentMaximumPercent"]) == (0, 100)
    assert inputs["capacityProviderStrategies"] == [{"capacityProvider": "FARGATE", "weight": 1, "base": 0}]
    assert inputs["enableExecuteCommand"] is False
    assert record().of_type("aws:appautoscaling/target:Target") == []


def test_pools_and_address_reach_the_controller_through_its_environment() -> None:
    environment = {each["name"]: each["value"] for each in container(record())["environment"]}
    assert environment == {
        "AGENTS_BUILD_GROUP": "shop-builders",
        "AGENTS_BUILD_MAXIMUM": "4",
        "AWS_REGION": "eu-west-1",
        "HOME_MAY_BE_EMPTY_UNTIL": "2026-12-31",
        "JENKINS_HOME": "/var/jenkins_home",
        "JENKINS_URL": "https://jenkins.shop.example/",
        "QA": "qa",
    }


def test_one_path_is_public_from_the_senders_ranges_alone_and_people_come_from_where_they_are_let_in() -> None:
    evaluation = record()
    rules = {rule.name: rule.inputs["conditions"] for rule in evaluation.of_type("aws:lb/listenerRule:ListenerRule")}
    assert rules == {
        "shop-jenkins-people-jenkins-rule": [{"hostHeader": {"values": ["jenkins.shop.example"]}}],
        "shop-jenkins-webhook-jenkins-rule": [
            {"pathPattern": {"values": ["/github-webhook/"]}},
            {"sourceIp": {"values": ["192.30.252.0/22", "140.82.112.0/20"]}},
        ],
    }
    internal = {each.name: each.inputs["internal"] for each in evaluation.of_type("aws:lb/loadBalancer:LoadBalancer")}
    assert internal == {"shop-jenkins-people": True, "shop-jenkins-webhook": False}
    let_in = {
        (rule.inputs["securityGroupId"], rule.inputs.get("cidrIpv4") or rule.inputs["referencedSecurityGroupId"])
        for rule in evaluation.of_type(INGRESS)
    }
    assert let_in == {
        ("${shop-jenkins-webhook-sg.id}", "192.30.252.0/22"),
        ("${shop-jenkins-webhook-sg.id}", "140.82.112.0/20"),
        ("${shop-jenkins-people-sg.id}", "sg-bastion"),
        ("${shop-jenkins-sg.id}", "${shop-jenkins-people-sg.id}"),
        ("${shop-jenkins-sg.id}", "${shop-jenkins-webhook-sg.id}"),
        ("${shop-jenkins-home-sg.id}", "${shop-jenkins-sg.id}"),
    }


def test_controller_may_look_and_acts_on_its_pools_alone() -> None:
    (policy,) = (
        json.loads(policy.inputs["policy"])
        for policy in record().of_type("aws:iam/rolePolicy:RolePolicy")
        if policy.name == "shop-jenkins-task-policy"
    )
    found = {statement["Sid"]: statement for statement in policy["Statement"]}
    assert list(found) == ["MountHome", "LookForAgents", "AskForAgents", "MarkAgents"]
    assert all(action.partition(":")[2].startswith("Describe") for action in found["LookForAgents"]["Action"])
    assert found["AskForAgents"]["Resource"] == [GROUP_ARN]
    assert found["MarkAgents"]["Condition"] == {
        "StringEquals": {"aws:ResourceTag/aws:autoscaling:groupName": ["shop-builders"]}
    }


def test_home_is_backed_up_and_a_backup_is_restored_every_week() -> None:
    evaluation = record()
    assert evaluation.one("aws:efs/backupPolicy:BackupPolicy").inputs["backupPolicy"] == {"status": "ENABLED"}
    plan = evaluation.one("aws:backup/restoreTestingPlan:RestoreTestingPlan").inputs
    assert plan["recoveryPointSelection"]["includeVaults"] == [
        "arn:aws:backup:eu-west-1:123456789012:backup-vault:aws/efs/automatic-backup-vault"
    ]
    selection = evaluation.one("aws:backup/restoreTestingSelection:RestoreTestingSelection").inputs
    assert selection["protectedResourceArns"] == ["${shop-jenkins-home-file-system.arn}"]
    assert evaluation.one("aws:efs/fileSystem:FileSystem").protect is True


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"service_name": "a" * 25}, "service_name: came a+; allowed 1 to 24 lower-case"),
        ({"agents": {}}, "agents: came none; allowed one pool or more: the controller itself runs no build"),
        (
            {"webhook": replace(ARGS.webhook, source_cidr_blocks={"all": "0.0.0.0/0"})},
            "webhook.source_cidr_blocks: came the whole internet; allowed ranges of the sender",
        ),
        (
            {"webhook": replace(ARGS.webhook, source_cidr_blocks={str(n): f"192.0.2.{n}/32" for n in range(5)})},
            "webhook.source_cidr_blocks: came 5; allowed 1 to 4",
        ),
        (
            {"home_may_be_empty_until": "2026-13-01"},
            "home_may_be_empty_until: came '2026-13-01'; allowed a date such as 2026-12-31",
        ),
    ],
)
def test_what_would_be_open_or_refused_is_refused_first(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        record(**changes)


# The entry point, run as it stands.

TODAY = datetime.now(UTC).date()


def boot(home: Path, until: date | None) -> subprocess.CompletedProcess[str]:
    (program := home.parent / "jenkins.sh").write_text("#!/bin/bash\necho Jenkins is up\n", encoding="utf-8")
    program.chmod(0o755)
    return subprocess.run(
        ["/bin/bash", "-c", BOOT.read_text(encoding="utf-8")],
        env={
            "PATH": os.environ["PATH"],
            "JENKINS_HOME": str(home),
            "HOME_MAY_BE_EMPTY_UNTIL": "" if until is None else until.isoformat(),
            "CONTROLLER_PROGRAM": str(program),
        },
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (found := tmp_path / "home").mkdir()
    return found


def test_an_empty_home_is_refused_but_on_the_day_on_which_there_is_none_yet(home: Path) -> None:
    for until, why in (
        (None, "no day is set until which it may be"),
        (TODAY - timedelta(days=1), f"it may have been until {TODAY - timedelta(days=1)}"),
    ):
        refused = boot(home, until)
        assert (refused.returncode, refused.stdout) == (78, "")
        assert why in refused.stderr
        assert list(home.iterdir()) == []
    first = boot(home, TODAY)
    assert (first.returncode, first.stdout) == (0, f"home: {home} is new, and marked\nJenkins is up\n")
    # From then on it is a home, whatever the day.
    assert boot(home, None).stdout == "Jenkins is up\n"


def test_another_directory_is_no_home_although_it_has_files(home: Path) -> None:
    (home / "config.xml").touch()
    refused = boot(home, TODAY)
    assert (refused.returncode, refused.stdout) == (78, "")
    assert "has files and no mark" in refused.stderr


def test_entry_point_comes_before_the_image_s_own_and_has_no_shell_mistakes() -> None:
    assert container(record())["entryPoint"] == [
        "/usr/bin/tini",
        "--",
        "/bin/bash",
        "-c",
        BOOT.read_text(encoding="utf-8"),
    ]
    shellcheck = require_program("shellcheck", package="shellcheck")
    assert subprocess.run([shellcheck, BOOT], capture_output=True, text=True, check=False).stdout == ""


def test_example_runs() -> None:
    assert (
        evaluate(example_program(JenkinsController)).one("aws:efs/fileSystem:FileSystem").name
        == "shop-jenkins-home-file-system"
    )
