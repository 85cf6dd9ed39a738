"""The alarms of all programs: each says what to do first, one outage pages once, and every topic is heard."""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from pakashop_infra.program import PROGRAM as PAKASHOP
from relay_infra.program import PROGRAM as RELAY
from tests.programs.pakashop import evaluations as pakashop
from tests.programs.relay import evaluations as relay
from tests.support.composite_alarms import Composite, Timeline
from tests.zelly_infra import evaluations as zelly
from tests.zelly_infra.switches import NAT_INSTANCE
from workbench.evaluate import Evaluation, RecordedResource
from zelly_infra.program import PROGRAM as ZELLY

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"

ON = {"channels": {"slack": {"workspace_id": "T0123ABCD", "channel_id": "C0123ABCD"}}}


@functools.cache
def evaluation_of(program: str, stack: str) -> Evaluation:
    """Return a stack's evaluation with channels; Zelly's production with a NAT host, which is one more to be down."""
    if program == "zelly":
        return zelly.evaluation_with(stack, {**ON, **(NAT_INSTANCE if stack == "production" else {})})
    if program == "pakashop":
        return pakashop.evaluation_with(stack, ON)
    return relay.evaluation_of(stack)


STACKS = [
    *(("zelly", stack) for stack in zelly.STACKS),
    *(("pakashop", stack) for stack in pakashop.STACKS),
    *(("relay", stack) for stack in relay.STACKS),
]
each_stack = pytest.mark.parametrize(("program", "stack"), STACKS, ids=["-".join(each) for each in STACKS])


def alarms(evaluation: Evaluation) -> list[RecordedResource]:
    """Return the metric alarms and the composite ones; not those that only ECS asks during a deployment."""
    asked_by_ecs = {
        name
        for service in evaluation.of_type("aws:ecs/service:Service")
        for name in service.inputs.get("alarms", {}).get("alarmNames", ())
    }
    metric = [alarm for alarm in evaluation.of_type(ALARM) if alarm.inputs["name"] not in asked_by_ecs]
    return [*metric, *evaluation.of_type(COMPOSITE)]


def topics(evaluation: Evaluation, severity: str) -> set[str]:
    """Return the topics of a severity, in whatever region."""
    return {f"${{{topic.name}.arn}}" for topic in evaluation.of_type("aws:sns/topic:Topic")
            if topic.name.endswith(f"-{severity}")}  # fmt: skip


def pages(evaluation: Evaluation, alarm: RecordedResource) -> bool:
    return bool(topics(evaluation, "page") & {*alarm.inputs["alarmActions"]})


@each_stack
def test_every_alarm_names_its_first_step(program: str, stack: str) -> None:
    silent = [
        alarm.name
        for alarm in alarms(evaluation_of(program, stack))
        if " First: " not in alarm.inputs["alarmDescription"]
    ]
    assert silent == []


@each_stack
def test_what_pages_tells_the_pager_when_it_is_over_and_everything_else_tells_the_beginning_alone(
    program: str, stack: str
) -> None:
    evaluation = evaluation_of(program, stack)
    paging, informing = topics(evaluation, "page"), topics(evaluation, "inform")
    assert len(paging) == len(informing) == (2 if program == "pakashop" else 1)
    found = [alarm for alarm in alarms(evaluation) if pages(evaluation, alarm)]
    assert found
    for alarm in alarms(evaluation):
        told, over = {*alarm.inputs["alarmActions"]}, {*alarm.inputs["okActions"]}
        if not pages(evaluation, alarm):
            assert (len(told), told <= informing, over) == (1, True, set())
            continue
        assert over == told & paging
        # A composite alarm's own alarms have informed.
        assert len(told & informing) == (0 if alarm.type == COMPOSITE else 1)


@each_stack
def test_every_topic_is_heard_and_the_pager_alone_hears_of_pages(program: str, stack: str) -> None:
    evaluation = evaluation_of(program, stack)
    heard: dict[str, list[str]] = {}
    for each in evaluation.of_type(SUBSCRIPTION):
        heard.setdefault(each.inputs["topic"], []).append(each.inputs["protocol"])
    (chat,) = evaluation.of_type("aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration")
    assert {*chat.inputs["snsTopicArns"]} == topics(evaluation, "inform")
    assert {topic: {*protocols} for topic, protocols in heard.items() if "alerts" in topic} == {
        **{topic: {"https"} for topic in topics(evaluation, "page")},
        **{topic: {"email"} for topic in topics(evaluation, "inform")},
    }
    every = {f"${{{topic.name}.arn}}" for topic in evaluation.of_type("aws:sns/topic:Topic")}
    assert sorted(every - heard.keys()) == []


@pytest.mark.parametrize("stack", relay.STACKS)
def test_tools_are_told_of_the_topics_and_of_no_others(stack: str) -> None:
    described = RELAY.describe(relay.config_of(stack)).alert_topics
    made = {topic.inputs["name"] for topic in relay.evaluation_of(stack).of_type("aws:sns/topic:Topic")}
    assert described is not None
    assert ({described.page, described.inform}, described.has_chat) == (made, True)
    assert ZELLY.describe(zelly.config_of("production")).alert_topics is None
    assert PAKASHOP.describe(pakashop.config_of("live")).alert_topics is None


@each_stack
def test_everything_that_publishes_to_a_chat_is_understood_by_it(program: str, stack: str) -> None:
    evaluation = evaluation_of(program, stack)
    for target in evaluation.of_type(TARGET):
        transformer: dict[str, Any] = target.inputs["inputTransformer"]
        filled: str = transformer["inputTemplate"]
        for name in transformer["inputPaths"]:
            filled = filled.replace(f"<{name}>", name)
        message = json.loads(filled)
        assert (message["version"], message["source"], "<" in filled) == ("1.0", "custom", False)
    # RDS's own subscriptions send what no chat shows.
    assert evaluation.of_type("aws:rds/eventSubscription:EventSubscription") == []


@each_stack
def test_url_of_the_pager_stands_in_no_record(program: str, stack: str) -> None:
    evaluation = evaluation_of(program, stack)
    assert "pager.invalid" not in json.dumps([resource.inputs for resource in evaluation.resources])


@pytest.mark.parametrize(("program", "stack"), [each for each in STACKS if each[0] != "relay"])
def test_without_channels_alarms_go_by_mail_alone(program: str, stack: str) -> None:
    evaluation = (zelly if program == "zelly" else pakashop).evaluation_of(stack)
    for token in (COMPOSITE, TARGET, "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration"):
        assert evaluation.of_type(token) == []
    for alarm in evaluation.of_type(ALARM):
        assert alarm.inputs["alarmActions"] == alarm.inputs["okActions"]
    assert {each.inputs["protocol"] for each in evaluation.of_type(SUBSCRIPTION)} == {"email"}


MINUTE = 60


@dataclass(frozen=True, kw_only=True)
class Case:
    """Something that happens, what rings for it, and how often somebody is paged."""

    program: str
    stack: str
    what: str
    rings: dict[str, int]
    """The minute, by the end of the alarm's name."""
    over: dict[str, int] = field(default_factory=dict[str, int])
    """The minute in which it is quiet again; of those that are not named 40."""
    pages: int


CASES = (
    Case(
        program="zelly",
        stack="production",
        what="a service has no tasks",
        rings={"alb-nova-5xx": 3, "fastify-nova-running-tasks": 10},
        pages=1,
    ),
    Case(
        program="zelly",
        stack="production",
        what="Aurora does not answer",
        rings={"alb-nova-5xx": 3, "alb-customer-5xx": 4, "alb-orion-5xx": 5, "aurora-capacity": 12},
        over={"alb-customer-5xx": 31, "alb-orion-5xx": 38},
        pages=1,
    ),
    Case(
        program="zelly",
        stack="production",
        what="Redis does not answer",
        rings={"alb-nova-5xx": 3, "redis-memory": 5, "events-consumer-running-tasks": 12},
        over={"alb-nova-5xx": 30, "redis-memory": 30, "events-consumer-running-tasks": 42},
        pages=1,
    ),
    Case(
        program="zelly",
        stack="production",
        what="the NAT host is down",
        rings={"nat-down": 3, "nat-root-disk": 15, "alb-nova-5xx": 6, "events-consumer-running-tasks": 12},
        over={"nat-down": 20, "events-consumer-running-tasks": 33},
        pages=1,
    ),
    Case(
        program="zelly",
        stack="production",
        what="the shop's ports are closed",
        rings={"nlb-storefront-443-unhealthy-targets": 5},
        pages=1,
    ),
    Case(
        program="zelly",
        stack="production",
        what="ClickHouse's host is down",
        rings={"clickhouse-down": 3, "clickhouse-data-disk": 15},
        pages=1,
    ),
    Case(
        program="zelly",
        stack="production",
        what="the bastion is down",
        rings={"bastion-down": 3, "bastion-root-disk": 15},
        pages=0,
    ),
    Case(program="zelly", stack="production", what="a disk fills", rings={"clickhouse-data-disk": 15}, pages=0),
    Case(
        program="zelly",
        stack="production",
        what="two outages, one after the other",
        rings={"alb-nova-5xx": 3, "events-consumer-running-tasks": 60},
        over={"alb-nova-5xx": 20, "events-consumer-running-tasks": 80},
        pages=2,
    ),
    Case(
        program="pakashop",
        stack="live",
        what="the host is down",
        rings={"uptime-health": 3, "uptime-ready": 3, "monitoring-host-down": 3, "host-root-disk": 15},
        over={"uptime-health": 20, "uptime-ready": 22},
        pages=1,
    ),
    Case(
        program="pakashop",
        stack="live",
        what="the Redis host is down",
        rings={"uptime-ready": 3, "redis-down": 3, "redis-redis-memory": 5},
        pages=1,
    ),
    Case(
        program="pakashop",
        stack="live",
        what="PostgreSQL does not answer",
        rings={"uptime-ready": 3, "postgresql-storage": 15},
        pages=1,
    ),
    Case(program="pakashop", stack="live", what="Redis refuses writes", rings={"redis-redis-persistence": 2}, pages=1),
    Case(
        program="pakashop",
        stack="live",
        what="no backup for a day",
        rings={"no-verified-backup": 10, "vault-jobs": 11},
        pages=0,
    ),
    Case(
        program="relay",
        stack="production",
        what="a service has no tasks",
        rings={"monitoring-alb-5xx": 3, "send-api-running-tasks": 10, "delivery-worker-send-rate": 15},
        over={"monitoring-alb-5xx": 25, "send-api-running-tasks": 25, "delivery-worker-send-rate": 40},
        pages=1,
    ),
    Case(
        program="relay",
        stack="production",
        what="the worker has no tasks",
        rings={"worker-running-tasks": 10, "worker-send-rate": 15},
        pages=1,
    ),
    Case(
        program="relay",
        stack="production",
        what="the worker and then a service have none",
        rings={"worker-running-tasks": 10, "callback-api-running-tasks": 11},
        pages=1,
    ),
    Case(program="relay", stack="production", what="nothing is sent", rings={"delivery-worker-send-rate": 15}, pages=1),
    Case(
        program="relay",
        stack="production",
        what="a target is unhealthy",
        rings={"alb-send-api-unhealthy-targets": 5},
        pages=0,
    ),
)


def pages_of(evaluation: Evaluation, rings: Mapping[str, int], over: Mapping[str, int]) -> list[tuple[int, str]]:
    """Return the pages: (second, alarm)."""
    by_name = {alarm.inputs["name"]: alarm for alarm in evaluation.of_type(ALARM)}

    def named(end: str) -> str:
        (name,) = [name for name in by_name if name.endswith(f"-{end}")]
        return name

    changes = [(minute * MINUTE, named(end), True) for end, minute in rings.items()]
    changes += [(over.get(end, 40) * MINUTE, named(end), False) for end in rings]
    composites = [Composite.of(each.inputs) for each in evaluation.of_type(COMPOSITE)]
    acted = Timeline(composites=composites).run(changes, until=120 * MINUTE)
    alone = [(second, name) for second, name, begins in changes if begins and pages(evaluation, by_name[name])]
    return sorted([*acted, *alone])


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.program}: {case.what}")
def test_an_outage_pages_once_and_a_trend_does_not(case: Case) -> None:
    found = pages_of(evaluation_of(case.program, case.stack), case.rings, case.over)
    assert len(found) == case.pages, found


@each_stack
def test_everything_that_is_urgent_pages_by_itself_too(program: str, stack: str) -> None:
    evaluation = evaluation_of(program, stack)
    grouped = {name for each in evaluation.of_type(COMPOSITE) for name in Composite.of(each.inputs).any_of}
    for name in sorted(grouped):
        assert len(pages_of(evaluation, {name.partition("-")[2]: 3}, {})) == 1, name
