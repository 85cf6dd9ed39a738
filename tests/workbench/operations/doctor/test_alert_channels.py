"""What the doctor says of alert channels, topic by topic."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from tests.workbench.operations.doctor.judged import Case, each, judgement
from tests.workbench.operations.environments import DENIED, DESCRIPTION, WELL, WHERE, alarm
from workbench.alerts import CHAT_ENDPOINT, AlertTopics
from workbench.aws.sns import Subscription
from workbench.operations.doctor.checks import invariants
from workbench.operations.doctor.facts import AlarmReading, Facts
from workbench.operations.doctor.report import broken, done, to_do, unread

TOPICS = AlertTopics(page="shop-alerts-page", inform="shop-alerts-inform", has_chat=True)
HERE = replace(WHERE, description=replace(DESCRIPTION, alert_topics=TOPICS))
WITHOUT_CHAT = replace(WHERE, description=replace(DESCRIPTION, alert_topics=replace(TOPICS, has_chat=False)))
BEGINNING = f"arn:aws:sns:{DESCRIPTION.region}:{DESCRIPTION.account_id}"
PAGE, INFORM = f"{BEGINNING}:shop-alerts-page", f"{BEGINNING}:shop-alerts-inform"
PAGER = Subscription(protocol="https", endpoint="https://pager.example/integration/s3cret/enqueue", is_confirmed=True)
CHAT = Subscription(protocol="https", endpoint=CHAT_ENDPOINT, is_confirmed=True)
MAIL = Subscription(protocol="email", endpoint="ops@shop.example", is_confirmed=True)
UP = "pulumi up --stack production"


def heard(topics: Mapping[str, Sequence[Subscription]], *tells: str) -> Facts:
    """Return everything well, with these subscriptions, and alarms that tell these topics."""
    alarms = [alarm(f"a{number}", actions=(arn,)) for number, arn in enumerate(tells or (PAGE, INFORM))]
    return replace(WELL, alarms=AlarmReading(alarms=alarms, subscriptions=[MAIL], channels=topics))


WHOLE = {PAGE: [PAGER], INFORM: [MAIL, CHAT]}
NOBODY_PAGED = "nobody is paged: no pager is subscribed to the page topic"
CHAT_LINE = "the chat does not hear of anything: it is not subscribed to the inform topic"

CASES: list[Case] = [
    (
        "alert channels",
        HERE,
        heard(WHOLE),
        done(
            "https://pager.example/…, https://global.sns-api.chatbot.amazonaws.com/… hear of it; "
            "`zelly alerts test --stack production` sends a test"
        ),
    ),
    ("alert channels", HERE, replace(WELL, alarms=DENIED), unread(DENIED)),
    (
        "alert channels",
        HERE,
        replace(WELL, alarms=AlarmReading(alarms=[], subscriptions=[], channels=DENIED)),
        unread(DENIED),
    ),
    ("alert channels", HERE, heard({}), to_do("there are no topics", then=UP)),
    (
        "alert channels",
        HERE,
        heard({**WHOLE, PAGE: [replace(PAGER, is_confirmed=False)]}),
        to_do(
            "https://pager.example/…: has not confirmed its subscription",
            then="zelly alerts list --stack production",
        ),
    ),
    (
        "alert channels",
        HERE,
        heard({PAGE: [], INFORM: [MAIL]}),
        broken("shop-alerts-page: nobody hears of it", NOBODY_PAGED, CHAT_LINE, then=UP),
    ),
    (
        "alert channels",
        WITHOUT_CHAT,
        heard({PAGE: [PAGER], INFORM: [MAIL]}),
        done("https://pager.example/… hear of it; `zelly alerts test --stack production` sends a test"),
    ),
    (
        "alert channels",
        HERE,
        heard({INFORM: [MAIL, CHAT]}),
        broken("shop-alerts-page is not there", NOBODY_PAGED, then=UP),
    ),
    (
        "alert channels",
        HERE,
        heard({PAGE: [PAGER, CHAT], INFORM: [MAIL, CHAT, PAGER]}),
        broken(
            "the chat is subscribed to the page topic: it shows each outage twice",
            "https://pager.example/… is subscribed to the inform topic: every trend pages",
            then=UP,
        ),
    ),
    (
        "alert channels",
        HERE,
        heard(WHOLE, PAGE, f"{BEGINNING}:alarms"),
        broken("shop-a1 tells alarms, which is none of the channels' topics", then=UP),
    ),
]


@each(CASES)
def test_channels_are_judged_by_who_is_subscribed_to_what(case: Case) -> None:
    assert judgement(case) == case[3]


@pytest.mark.parametrize(("where", "expected"), [(HERE, True), (WHERE, False)])
def test_only_an_environment_with_channels_is_asked_for_them(where: object, expected: bool) -> None:
    assert ("alert channels" in invariants(HERE if where is HERE else WHERE)) is expected


def test_mails_are_told_of_without_the_address_of_a_pager() -> None:
    facts = replace(
        WELL, alarms=AlarmReading(alarms=[alarm("a", actions=(INFORM,))], subscriptions=[MAIL, PAGER, CHAT])
    )
    assert invariants(HERE)["alarm mails"](HERE, facts) == done("1 alarms write to ops@shop.example")
