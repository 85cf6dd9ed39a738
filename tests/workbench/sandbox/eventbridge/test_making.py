"""Rules of EventBridge and their targets: made, read, changed, deleted."""

import json

from tests.workbench.sandbox.conftest import Sandbox, tags_of

RULE, TARGET = "aws:cloudwatch/eventRule:EventRule", "aws:cloudwatch/eventTarget:EventTarget"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:inform"
PATTERN = json.dumps({"source": ["aws.ecs"]})
TRANSFORMER = {"inputPaths": {"reason": "$.detail.reason"}, "inputTemplate": '{"told": "<reason>"}'}


def test_rule_and_target_are_as_they_were_asked_for_and_can_be_changed(sandbox: Sandbox) -> None:
    rule = sandbox.create(RULE, "failed", name="failed", description="A deployment failed", eventPattern=PATTERN)
    target = sandbox.create(TARGET, "failed", rule="failed", targetId="topic", arn=TOPIC, inputTransformer=TRANSFORMER)
    assert (rule.id, target.id) == ("failed", "failed-topic")
    assert rule.outputs["arn"] == "arn:aws:events:eu-west-1:123456789012:rule/failed"
    events = sandbox.client("events")
    assert events.list_targets_by_rule(Rule="failed")["Targets"] == [
        {
            "Id": "topic",
            "Arn": TOPIC,
            "InputTransformer": {
                "InputPathsMap": {"reason": "$.detail.reason"},
                "InputTemplate": '{"told": "<reason>"}',
            },
        }
    ]
    assert tags_of(events.list_tags_for_resource(ResourceARN=rule.outputs["arn"])["Tags"]) == {"Project": "shop"}
    assert (sandbox.read(RULE, "failed"), sandbox.read(TARGET, "failed")) == ({}, {})
    sandbox.update(RULE, "failed", name="failed", description="It failed", eventPattern=PATTERN)
    sandbox.update(TARGET, "failed", rule="failed", targetId="topic", arn=f"{TOPIC}-2", inputTransformer=TRANSFORMER)
    assert events.describe_rule(Name="failed")["Description"] == "It failed"
    assert [each["Arn"] for each in events.list_targets_by_rule(Rule="failed")["Targets"]] == [f"{TOPIC}-2"]


def test_rule_goes_after_its_target(sandbox: Sandbox) -> None:
    sandbox.create(RULE, "gone", name="gone", eventPattern=PATTERN)
    sandbox.create(TARGET, "gone", rule="gone", targetId="topic", arn=TOPIC)
    sandbox.delete(TARGET, "gone")
    assert sandbox.read(TARGET, "gone") is None
    sandbox.delete(RULE, "gone")
    assert sandbox.read(RULE, "gone") is None
