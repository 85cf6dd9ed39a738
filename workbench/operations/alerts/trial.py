"""A message that tries the channels: in the forms that a pager and a chat understand, and in words for mailboxes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from workbench.alerts import chat_notification
from workbench.aws.sns import Sns
from workbench.counting import counted
from workbench.errors import OperationFailedError, OperatorError
from workbench.operations.alerts.topics import Topic, topics_of
from workbench.program import Description
from workbench.words import command

_TRIAL = "alerts-test"


@dataclass(frozen=True, kw_only=True)
class TrialPlan:
    """What is published, and who is going to get it."""

    stack: str
    severity: str
    is_over: bool
    """Whether it tells that an earlier one is over, which a pager alone is told."""
    topics: tuple[Topic, ...]
    alarm: str
    """The name under which a pager keeps the incident."""

    def lines(self) -> list[str]:
        """Return the plan in words."""
        what = "the end of a test" if self.is_over else "a test"
        lines = [f"{self.stack}: {what} of {self.severity} to"]
        for topic in self.topics:
            lines.append(f"  {topic.name}, with {counted(len(topic.subscriptions), 'subscriber')}:")
            lines += [f"    {line}" for line in _readers(topic)]
        return lines

    def document(self) -> Mapping[str, Any]:
        """Return it for ``--json``."""
        return {
            "stack": self.stack,
            "severity": self.severity,
            "is_over": self.is_over,
            "topics": [topic.document() for topic in self.topics],
        }


def _readers(topic: Topic) -> list[str]:
    return [
        f"{each.shown}: {'gets it' if each.is_confirmed else 'has not confirmed, and gets nothing'}"
        for each in topic.subscriptions
    ] or ["nobody hears of it"]


def plan_trial(description: Description, topics: Sequence[Topic], severity: str, *, is_over: bool) -> TrialPlan:
    """Return the plan of a message.

    Raises:
        OperatorError: when an end is asked for where no pager keeps an incident open.
    """
    told = topics_of(topics, severity)
    if is_over:
        told = [topic for topic in told if topic.severities == ("page",)]
        if not told:
            raise OperatorError(f"--over: {description.stack} has no topic that pages alone; allowed with channels and "
                                "--severity page")  # fmt: skip
    return TrialPlan(
        stack=description.stack,
        severity=severity,
        is_over=is_over,
        topics=tuple(told),
        alarm=f"{description.alarm_prefix}{_TRIAL}",
    )


def send_trial(plan: TrialPlan, description: Description, sns: Sns) -> Mapping[str, str]:
    """Publish to each topic and return the messages' ids by topic.

    Raises:
        OperationFailedError: when nobody would get it from one of the topics; the others have been told.
    """
    now = datetime.now(UTC)
    sent: dict[str, str] = {}
    for topic in plan.topics:
        if topic.severities == ("page",):
            subject, message = _as_alarm(plan, description, now)
            sent[topic.name] = sns.publish(topic.arn, message, subject=subject)
        else:
            subject, message, words = _as_notification(plan, now)
            sent[topic.name] = sns.publish(topic.arn, message, subject=subject, by_protocol={"email": words})
    silent = [topic.name for topic in plan.topics if not any(each.is_confirmed for each in topic.subscriptions)]
    if silent:
        others = [name for name in sent if name not in silent]
        raise OperationFailedError(
            f"{', '.join(silent)}: published, and nobody gets it",
            *([f"Told: {', '.join(others)}"] if others else []),
            f"`{command('doctor', plan.stack)}` says what is missing.",
        )
    return sent


def _as_alarm(plan: TrialPlan, description: Description, now: datetime) -> tuple[str, str]:
    """Return subject and message as CloudWatch sends them.

    PagerDuty opens an incident, or ends it, by the state in the message and at the beginning of the subject, and takes
    nothing else ("Amazon CloudWatch Integration Guide"; that both have to agree: cetinich.net, 2022).
    """
    state, before = ("OK", "ALARM") if plan.is_over else ("ALARM", "OK")
    arn = f"arn:aws:cloudwatch:{description.region}:{description.account_id}:alarm:{plan.alarm}"
    message = {
        "AlarmName": plan.alarm,
        "AlarmDescription": _words(plan),
        "AWSAccountId": description.account_id,
        "NewStateValue": state,
        "NewStateReason": "somebody asked for it",
        "StateChangeTime": f"{now:%Y-%m-%dT%H:%M:%S.000+0000}",
        "Region": description.region,
        "AlarmArn": arn,
        "OldStateValue": before,
    }
    return f'{state}: "{plan.alarm}" in {description.region}', json.dumps(message)


def _as_notification(plan: TrialPlan, now: datetime) -> tuple[str, str, str]:
    """Return subject, message for a chat, and words for mailboxes."""
    title = f"Test of {plan.stack}'s {plan.severity} alerts"
    notification = chat_notification(
        title=f":bell: {title}",
        description=f"{_words(plan)} Sent at {now:%Y-%m-%d %H:%M:%S} UTC.",
        next_steps=["First: nothing. It is a test."],
    )
    return title, json.dumps(notification), f"{_words(plan)}\n\nFirst: nothing. It is a test.\n"


def _words(plan: TrialPlan) -> str:
    return f"Somebody tries whether alarms of {plan.stack} that {plan.severity} reach people. First: nothing."
