"""The topics of an environment, and the message that tries them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.workbench.operations.answering import answering
from tests.workbench.operations.environments import DESCRIPTION, alarm
from workbench.alerts import CHAT_ENDPOINT, AlertTopics, chat_notification
from workbench.aws.sns import Subscription
from workbench.errors import OperationFailedError, OperatorError
from workbench.operations.alerts.topics import Topic, read_topics
from workbench.operations.alerts.trial import plan_trial, send_trial
from zelly_components.alarms.notifications import custom_notification

KEY = "https://pager.example/integration/s3cret/enqueue"
ARN = "arn:aws:sns:eu-west-1:123456789012"
WITH_CHANNELS = replace(
    DESCRIPTION,
    region="eu-west-1",
    account_id="123456789012",
    alert_topics=AlertTopics(page="shop-alerts-page", inform="shop-alerts-inform", has_chat=True),
)
PAGER = Subscription(protocol="https", endpoint=KEY, is_confirmed=True)
CHAT = Subscription(protocol="https", endpoint=CHAT_ENDPOINT, is_confirmed=True)
MAIL = Subscription(protocol="email", endpoint="ops@shop.example", is_confirmed=False)
HEARD: Mapping[str, Sequence[Subscription]] = {
    f"{ARN}:shop-alerts-page": [PAGER],
    f"{ARN}:shop-alerts-inform": [CHAT, MAIL],
    f"{ARN}:alarms": [MAIL],
}
ALARMS = [
    alarm("outage", actions=(f"{ARN}:shop-alerts-page",)),
    alarm("errors", actions=(f"{ARN}:shop-alerts-inform",)),
    alarm("cpu", actions=(f"{ARN}:shop-alerts-inform",)),
]


class Published:
    """An SNS that keeps what is published."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, str, str, Mapping[str, str] | None]] = []

    def publish(
        self, topic_arn: str, message: str, *, subject: str, by_protocol: Mapping[str, str] | None = None
    ) -> str:
        self.messages.append((topic_arn.rpartition(":")[2], subject, message, by_protocol))
        return f"message-{len(self.messages)}"


def topics(description: Any = WITH_CHANNELS, heard: Mapping[str, Sequence[Subscription]] = HEARD) -> list[Topic]:
    told = ALARMS if description.alert_topics else [alarm("cpu", actions=(f"{ARN}:alarms",))]

    def subscriptions(arn: str) -> Sequence[Subscription]:
        return heard[arn]

    return read_topics(description, answering(alarms=told), answering(subscriptions=subscriptions))


def sent(severity: str, *, is_over: bool = False) -> list[tuple[str, str, str, Mapping[str, str] | None]]:
    sns: Any = Published()
    send_trial(plan_trial(WITH_CHANNELS, topics(), severity, is_over=is_over), WITH_CHANNELS, sns)
    return sns.messages


def test_topics_are_those_of_the_channels_with_the_alarms_that_tell_each() -> None:
    assert [(topic.name, topic.severities, topic.alarms) for topic in topics()] == [
        ("shop-alerts-page", ("page",), 1),
        ("shop-alerts-inform", ("inform",), 2),
    ]


def test_without_channels_the_topic_that_alarms_tell_is_for_every_severity() -> None:
    (topic,) = topics(replace(WITH_CHANNELS, alert_topics=None))
    assert (topic.name, topic.severities) == ("alarms", ("page", "inform"))


def test_without_alarms_nothing_is_known() -> None:
    with pytest.raises(OperatorError, match=r"^shop-\*: no alarm tells a topic; `pulumi up` makes them$"):
        read_topics(WITH_CHANNELS, answering(alarms=[]), answering())


def test_trend_is_told_to_the_chat_in_its_schema_and_to_mailboxes_in_words() -> None:
    ((topic, subject, message, by_protocol),) = sent("inform")
    assert (topic, subject) == ("shop-alerts-inform", "Test of production's inform alerts")
    notification = json.loads(message)
    assert (notification["version"], notification["source"]) == ("1.0", "custom")
    assert notification["content"]["nextSteps"] == ["First: nothing. It is a test."]
    assert by_protocol is not None
    assert by_protocol["email"].endswith("First: nothing. It is a test.\n")


def test_outage_is_told_to_the_pager_as_an_alarm_and_to_the_chat_as_a_notification() -> None:
    (pager, chat) = sent("page")
    assert pager[:2] == ("shop-alerts-page", 'ALARM: "shop-alerts-test" in eu-west-1')
    told = json.loads(pager[2])
    # PagerDuty drops a message whose state is not the subject's.
    assert (told["AlarmName"], told["NewStateValue"], pager[3]) == ("shop-alerts-test", "ALARM", None)
    assert (chat[0], json.loads(chat[2])["source"]) == ("shop-alerts-inform", "custom")


def test_end_of_a_test_is_told_to_the_pager_alone_under_the_same_name() -> None:
    ((topic, subject, message, _),) = sent("page", is_over=True)
    assert (topic, subject) == ("shop-alerts-page", 'OK: "shop-alerts-test" in eu-west-1')
    assert [json.loads(message)[key] for key in ("AlarmName", "NewStateValue")] == ["shop-alerts-test", "OK"]


def test_plan_says_who_gets_it_and_shows_no_key() -> None:
    plan = plan_trial(WITH_CHANNELS, topics(), "page", is_over=False)
    assert plan.lines() == [
        "production: a test of page to",
        "  shop-alerts-page, with 1 subscriber:",
        "    https://pager.example/…: gets it",
        "  shop-alerts-inform, with 2 subscribers:",
        "    https://global.sns-api.chatbot.amazonaws.com/…: gets it",
        "    ops@shop.example: has not confirmed, and gets nothing",
    ]
    assert "s3cret" not in repr(plan) + json.dumps(plan.document())


def test_message_that_nobody_gets_is_said_and_so_is_what_went_through() -> None:
    nobody: dict[str, Sequence[Subscription]] = {**HEARD, f"{ARN}:shop-alerts-page": []}
    plan = plan_trial(WITH_CHANNELS, topics(heard=nobody), "page", is_over=False)
    assert "    nobody hears of it" in plan.lines()
    sns: Any = Published()
    with pytest.raises(OperationFailedError) as failed:
        send_trial(plan, WITH_CHANNELS, sns)
    assert failed.value.lines == (
        "shop-alerts-page: published, and nobody gets it",
        "Told: shop-alerts-inform",
        "`zelly doctor production` says what is missing.",
    )


@pytest.mark.parametrize(
    ("description", "severity"), [(WITH_CHANNELS, "inform"), (replace(WITH_CHANNELS, alert_topics=None), "page")]
)
def test_nothing_is_over_where_no_pager_keeps_it_open(description: Any, severity: str) -> None:
    with pytest.raises(
        OperatorError, match=r"^--over: production has no topic that pages alone; allowed with channels"
    ):
        plan_trial(description, topics(description), severity, is_over=True)


def test_commands_and_components_write_to_a_chat_in_the_same_form() -> None:
    texts: dict[str, Any] = {"title": "a", "description": "b", "next_steps": ["c"]}
    assert chat_notification(**texts) == custom_notification(**texts)
