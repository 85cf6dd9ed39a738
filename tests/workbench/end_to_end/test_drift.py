"""``sample drift`` where there is no Pulumi: what was made here is read again, or what the program gives a name."""

import json
from pathlib import Path

import pytest

from tests.workbench.conftest import Operator, Up
from workbench.sandbox.services import READS

TRIAL = ("--stack", "trial")
LOGS = "/sample/ecs/worker"
ALARM = "sample-trial-monitoring-redis-memory"


def test_change_by_hand_of_anything_that_was_made_here_is_found(
    operator: Operator, up: Up, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    ec2, sns = (up.aws.clients.get(service, "eu-west-1") for service in ("ec2", "sns"))
    clean = json.loads(operator.run("drift", "--json", *TRIAL).stdout)
    assert (clean["result"], clean["drift"]["way"], clean["changes"]) == ("same", "ledger", [])
    assert clean["counts"]["unchanged"] > 130
    assert not clean["drift"]["not_compared"].keys() & READS.keys()
    rule = next(one for one in ec2.describe_security_group_rules()["SecurityGroupRules"] if one.get("FromPort") == 6379)

    def describe_rule(description: str) -> None:
        peer = {"ReferencedGroupId": rule["ReferencedGroupInfo"]["GroupId"], "Description": description}
        change = {**{name: rule[name] for name in ("IpProtocol", "FromPort", "ToPort")}, **peer}
        changes = [{"SecurityGroupRuleId": rule["SecurityGroupRuleId"], "SecurityGroupRule": change}]
        ec2.modify_security_group_rules(GroupId=rule["GroupId"], SecurityGroupRules=changes)

    (topic,) = (one["TopicArn"] for one in sns.list_topics()["Topics"] if "alarms" in one["TopicArn"])
    describe_rule("by hand")
    sns.tag_resource(ResourceArn=topic, Tags=[{"Key": "by", "Value": "hand"}])
    try:
        drifted = operator.run("drift", *TRIAL)
        assert drifted.exit_code == 3
        assert "trial in eu-west-1 against what AWS has: 2 changed, " in drifted.stdout
        assert '- description: "by hand"' in drifted.stdout
        assert "- tags" in drifted.stdout
        assert "In the embedded AWS: " in drifted.stderr
    finally:
        describe_rule(rule["Description"])
        sns.untag_resource(ResourceArn=topic, TagKeys=["by"])


def test_what_has_a_name_of_the_programs_is_read_in_any_other_aws_and_what_was_not_compared_is_said(
    operator: Operator, up: Up, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    # The same one, by another name: not known for the project's own.
    monkeypatch.setenv("AWS_ENDPOINT_URL", up.aws.endpoint_url.replace("127.0.0.1", "localhost"))
    logs, alarms = (up.aws.clients.get(service, "eu-west-1") for service in ("logs", "cloudwatch"))
    clean = operator.run("drift", "--json", *TRIAL)
    before = json.loads(clean.stdout)
    assert (clean.exit_code, before["result"], before["changes"]) == (0, "same", [])
    assert (before["counts"]["unchanged"] > 30, before["drift"]["way"]) == (True, "read")
    assert before["drift"]["not_compared"]["aws:ec2/vpc:Vpc"] == 1
    (name,) = [
        one["AlarmName"] for one in alarms.describe_alarms()["MetricAlarms"] if "redis-memory" in one["AlarmName"]
    ]
    logs.put_retention_policy(logGroupName=LOGS, retentionInDays=7)
    alarms.disable_alarm_actions(AlarmNames=[name])
    try:
        drifted = operator.run("drift", *TRIAL)
        assert drifted.exit_code == 3
        assert "trial in eu-west-1 against what AWS has: 2 changed, " in drifted.stdout
        assert "- retentionInDays: 7" in drifted.stdout
        assert "+ retentionInDays: 30" in drifted.stdout
        assert "- actionsEnabled: false" in drifted.stdout
        assert "Not compared: " in drifted.stderr
        assert "the embedded AWS has no state of Pulumi's" in drifted.stderr
    finally:
        logs.put_retention_policy(logGroupName=LOGS, retentionInDays=30)
        alarms.enable_alarm_actions(AlarmNames=[name])


def test_with_a_state_pulumis_engine_reads_and_its_errors_are_told(
    operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulumi = tmp_path / "pulumi"
    pulumi.write_text(
        '#!/bin/sh\necho "$@" > "$0.called"\n'
        """echo '{"diagnostics": [{"severity": "error", "message": "error: no credentials"}]}'\nexit 1\n"""
    )
    pulumi.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("PULUMI_BACKEND_URL", "file:///nowhere")
    failed = operator.run("drift", *TRIAL)
    assert (failed.exit_code, failed.stdout, failed.stderr) == (
        1,
        "",
        "trial: pulumi preview ended with 1: whether it drifted is not known\n  error: no credentials\n",
    )
    called = (tmp_path / "pulumi.called").read_text().split()
    assert called == ["preview", "--refresh", "--json", "--non-interactive", "--color", "never", *TRIAL]
