"""The topics that an environment's alarms tell, and who hears of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.aws.cloudwatch import CloudWatch
from workbench.aws.sns import Sns, Subscription
from workbench.errors import OperatorError
from workbench.program import Description

SEVERITIES = ("page", "inform")
"""What an alarm may be, the urgent one first."""


@dataclass(frozen=True, kw_only=True)
class Topic:
    """A topic with its subscriptions."""

    arn: str
    severities: tuple[str, ...]
    """The severities of the alarms that tell it."""
    alarms: int
    """The number of alarms that tell it when they ring."""
    subscriptions: tuple[Subscription, ...]

    @property
    def name(self) -> str:
        """The topic's name."""
        return self.arn.rpartition(":")[2]

    def document(self) -> Mapping[str, Any]:
        """Return it for ``--json``."""
        return {
            "topic": self.arn,
            "severities": list(self.severities),
            "alarms": self.alarms,
            "subscriptions": [
                {"protocol": each.protocol, "endpoint": each.shown, "confirmed": each.is_confirmed}
                for each in self.subscriptions
            ],
        }


def topic_arns(description: Description) -> Mapping[str, str]:
    """Return the ARNs of the topics of alert channels by severity; nothing without channels."""
    topics = description.alert_topics
    if topics is None:
        return {}
    beginning = f"arn:aws:sns:{description.region}:{description.account_id}"
    return {"page": f"{beginning}:{topics.page}", "inform": f"{beginning}:{topics.inform}"}


def read_topics(description: Description, cloudwatch: CloudWatch, sns: Sns) -> list[Topic]:
    """Return the topics of alert channels, or without those every topic that an alarm tells.

    Raises:
        OperatorError: when no alarm tells anybody.
    """
    alarms = cloudwatch.alarms(description.alarm_prefix)
    told = [action for alarm in alarms for action in alarm.actions if action.split(":")[2] == "sns"]
    known = topic_arns(description)
    if not told:
        raise OperatorError(f"{description.alarm_prefix}*: no alarm tells a topic; `pulumi up` makes them")
    if known:
        found: list[tuple[str, tuple[str, ...]]] = [(arn, (severity,)) for severity, arn in known.items()]
    else:
        found = [(arn, SEVERITIES) for arn in sorted({*told})]
    return [
        Topic(
            arn=arn,
            severities=severities,
            alarms=told.count(arn),
            subscriptions=tuple(sns.subscriptions(arn)),
        )
        for arn, severities in found
    ]


def topics_of(topics: Sequence[Topic], severity: str) -> list[Topic]:
    """Return the topics that an alarm of a severity tells: one that pages informs as well."""
    wanted = {severity, "inform"}
    return [topic for topic in topics if wanted & {*topic.severities}]
