"""Alarms to e-mail or to alert channels, events of databases, and a dashboard."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from zelly_components.alarms.alarm import Alarm
from zelly_components.alarms.dashboard import Widget, dashboard_body
from zelly_components.alarms.measures import measure_inputs
from zelly_components.alarms.outages import (
    EXTENSION_SECONDS,
    WAIT_SECONDS,
    Outage,
    alarm_rule,
    check_outages,
)
from zelly_components.alert_channels import AlertTopics
from zelly_components.base import Component
from zelly_components.identity.iam import Statement, policy

_DATABASE_EVENTS_SERVICE = "events.rds.amazonaws.com"

_KEY_DELETION_DAYS = 7
"""KMS's shortest. Nothing is kept under the key for longer than the delivery of a message."""


@dataclass(frozen=True, kw_only=True)
class ObservabilityArgs:
    """Arguments of the alarms, the dashboard and their topic."""

    region: str
    """The region of the metrics; a dashboard names it in every widget."""
    dashboard_name: str
    """The dashboard's name in CloudWatch, unique in the account: letters, digits, hyphens and underscores."""
    alarm_emails: Sequence[str]
    """Each address gets a mail from AWS and has to confirm it; until then it hears nothing. Empty: nobody hears of an
    alarm unless something else subscribes to ``topic_arn``."""
    alarms: Sequence[Alarm]
    """Made by the functions of :mod:`zelly_components.alarms`, or by hand. Their names must differ."""
    widgets: Sequence[Widget]
    """The graphs of the dashboard, in their order, three in a row."""
    database_events: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """The categories of RDS's events that are told, of every database in the region, by the type of their source, such
    as ``db-instance``. Left out, none is, and RDS may not publish to the topic."""
    notify_recovery: bool = True
    """Whether the end of an alarm is told as well. The price: a new alarm's first ``OK`` is a mail too. Where there are
    ``topics``, they decide: the end of what pages is told to the page topic, and nothing else is. Left out, it is
    told."""
    topics: AlertTopics | None = None
    """The topics of alert channels; then the component makes none, subscribes nobody, and leaves databases' events to
    the channels. None: one topic of its own, for every severity."""
    outages: Sequence[Outage] = ()
    """The groups of alarms of which each pages once, the causes before what they bring along. Without ``topics`` none
    is made: nothing pages."""


class Observability(Component):
    """An SNS topic with its subscribers, alarms and events that are published to it, and one dashboard.

    The topic is encrypted with a key of its own (1 USD a month). The free key that AWS manages, ``alias/aws/sns``,
    would silence every alarm: its policy does not let CloudWatch use it and can't be changed. ElastiCache tells its
    events to a topic of its own (:mod:`zelly_components.cache_event_topic`).

    Alarms and widgets of what this package makes are made by functions of :mod:`zelly_components.alarms`;
    :class:`~zelly_components.monitoring.Monitoring` takes what is watched as data, and calls them.

    Example::

        from zelly_components.alarms.alarm import Alarm, Metric
        from zelly_components.alarms.dashboard import Line, Widget
        from zelly_components.observability import Observability, ObservabilityArgs

        watch = Observability(
            "shop",
            ObservabilityArgs(
                region="eu-west-1",
                dashboard_name="shop",
                alarm_emails=["operations@shop.example"],
                alarms=[
                    Alarm(
                        name="orders-waiting",
                        description="Orders wait for a worker. First: read the worker's log.",
                        metric=Metric(
                            namespace="Shop", name="Waiting", statistic="Maximum", dimensions={"Queue": "orders"}
                        ),
                        threshold=1000,
                        period_seconds=60,
                        periods=5,
                        breaching_periods=5,
                        missing_data="breaching",
                    )
                ],
                widgets=[
                    Widget(
                        title="Orders",
                        lines=[
                            Line(
                                namespace="Shop",
                                metric="Waiting",
                                dimensions={"Queue": "orders"},
                                statistic="Maximum",
                                label="waiting",
                            )
                        ],
                    )
                ],
                database_events={"db-instance": ["failure", "low storage"]},
            ),
        )
    """

    topic_arn: pulumi.Output[str]
    """The topic of every alarm; anything else that is to hear of them subscribes here."""
    dashboard_name: pulumi.Output[str]
    """The dashboard's name in CloudWatch."""
    alarm_names: list[pulumi.Output[str]]
    """The names of the alarms, and after them those of the outages."""

    def __init__(self, name: str, args: ObservabilityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check_names(args.alarms)
        check_outages(args.outages, args.alarms)
        super().__init__(name, opts)
        self._name = name
        if args.topics is None:
            self._tell_own_topic(args)
        else:
            self.topic_arn = pulumi.Output.from_input(args.topics.inform)
        alarms = {alarm.name: self._alarm(alarm, _actions(alarm, args, self.topic_arn)) for alarm in args.alarms}
        outages = [] if args.topics is None else self._outages(args.outages, alarms, args.topics)
        self.alarm_names = [*alarms.values(), *outages]
        self.dashboard_name = self._dashboard(args)
        self.register_annotated_outputs()

    def _tell_own_topic(self, args: ObservabilityArgs) -> None:
        account_id = aws.get_caller_identity_output(opts=pulumi.InvokeOptions(parent=self)).account_id
        topic, topic_policy = self._topic(args, account_id)
        self.topic_arn = topic.arn
        for address in args.alarm_emails:
            self._subscribe(address)
        self._hear_of_databases(args, topic, topic_policy)

    def _topic(
        self, args: ObservabilityArgs, account_id: pulumi.Output[str]
    ) -> tuple[aws.sns.Topic, aws.sns.TopicPolicy]:
        of_databases = bool(args.database_events)
        key = aws.kms.Key(
            f"{self._name}-alarms-key",
            description=f"Messages of the SNS topic {self._name}-alarms",
            enable_key_rotation=True,
            deletion_window_in_days=_KEY_DELETION_DAYS,
            policy=policy(key_statements(account_id, database_events=of_databases)),
            opts=self.child(),
        )
        topic = aws.sns.Topic(f"{self._name}-alarms", kms_master_key_id=key.arn, opts=self.child())
        topic_policy = aws.sns.TopicPolicy(
            f"{self._name}-alarms-policy",
            arn=topic.arn,
            policy=policy(publish_statements(topic.arn, args.region, account_id, database_events=of_databases)),
            opts=self.child(),
        )
        return topic, topic_policy

    def _subscribe(self, address: str) -> None:
        aws.sns.TopicSubscription(
            f"{self._name}-alarms-{address}",
            topic=self.topic_arn,
            protocol="email",
            endpoint=address,
            opts=self.child(),
        )

    def _hear_of_databases(
        self, args: ObservabilityArgs, topic: aws.sns.Topic, topic_policy: aws.sns.TopicPolicy
    ) -> None:
        for source_type, categories in args.database_events.items():
            aws.rds.EventSubscription(
                f"{self._name}-{source_type}-events",
                sns_topic=topic.arn,
                # Without source_ids: all of the region's, also the one that a restore made.
                source_type=source_type,
                event_categories=list(categories),
                # RDS refuses a topic that it may not publish to (SNSNoAuthorization).
                opts=self.child_with(pulumi.ResourceOptions(depends_on=[topic_policy])),
            )

    def _outages(
        self, outages: Sequence[Outage], alarms: Mapping[str, pulumi.Output[str]], topics: AlertTopics
    ) -> list[pulumi.Output[str]]:
        """Make the composite alarms; one whose cause lasts acts only if it is still there a while after."""
        made: dict[str, aws.cloudwatch.CompositeAlarm] = {}
        for each in outages:
            name = f"{self._name}-{each.name}"
            made[each.name] = aws.cloudwatch.CompositeAlarm(
                name,
                alarm_name=name,
                alarm_description=each.description,
                alarm_rule=alarm_rule([alarms[alarm] for alarm in each.alarms]),
                # The alarms themselves inform.
                alarm_actions=[topics.page],
                ok_actions=[topics.page],
                actions_suppressor=None
                if each.cause is None
                else aws.cloudwatch.CompositeAlarmActionsSuppressorArgs(
                    alarm=made[each.cause].alarm_name,
                    wait_period=WAIT_SECONDS,
                    extension_period=EXTENSION_SECONDS,
                ),
                opts=self.child(),
            )
        return [alarm.alarm_name for alarm in made.values()]

    def _alarm(self, alarm: Alarm, actions: "_Actions") -> pulumi.Output[str]:
        alarm_name = f"{self._name}-{alarm.name}"
        return aws.cloudwatch.MetricAlarm(
            alarm_name,
            # Operators read the name in mails and type it: no random suffix.
            name=alarm_name,
            alarm_description=alarm.description,
            comparison_operator="GreaterThanOrEqualToThreshold",
            threshold=alarm.threshold,
            evaluation_periods=alarm.periods,
            datapoints_to_alarm=alarm.breaching_periods,
            treat_missing_data=alarm.missing_data,
            alarm_actions=actions.alarm,
            ok_actions=actions.ok,
            **measure_inputs(alarm),
            opts=self.child(),
        ).name

    def _dashboard(self, args: ObservabilityArgs) -> pulumi.Output[str]:
        return aws.cloudwatch.Dashboard(
            f"{self._name}-dashboard",
            dashboard_name=args.dashboard_name,
            dashboard_body=pulumi.Output.json_dumps(dashboard_body(args.region, args.widgets), sort_keys=True),
            opts=self.child(),
        ).dashboard_name


@dataclass(frozen=True, kw_only=True)
class _Actions:
    """The topics that an alarm tells when it rings, and when it is over."""

    alarm: Sequence[pulumi.Input[str]]
    ok: Sequence[pulumi.Input[str]]


def _actions(alarm: Alarm, args: ObservabilityArgs, own: pulumi.Output[str]) -> _Actions:
    if args.topics is None:
        return _Actions(alarm=[own], ok=[own] if args.notify_recovery else [])
    grouped = any(alarm.name in each.alarms for each in args.outages)
    if alarm.severity == "inform" or grouped:
        return _Actions(alarm=[args.topics.inform], ok=[])
    return _Actions(alarm=[args.topics.page, args.topics.inform], ok=[args.topics.page])


def key_statements(account_id: pulumi.Output[str], *, database_events: bool) -> list[Statement]:
    """Return the statements of the topic's key: the account governs it, and publishers encrypt with it."""
    publishers = {
        "Alarms": "cloudwatch.amazonaws.com",
        **({"DatabaseEvents": _DATABASE_EVENTS_SERVICE} if database_events else {}),
    }
    return [
        Statement(
            sid="Account",
            actions=["kms:*"],
            resources=["*"],
            principals={"AWS": pulumi.Output.format("arn:aws:iam::{0}:root", account_id)},
        ),
        *(
            Statement(
                sid=sid,
                # What a service needs to publish to an encrypted topic (SNS Developer Guide, "Managing encryption
                # keys").
                actions=["kms:Decrypt", "kms:GenerateDataKey*"],
                resources=["*"],
                principals={"Service": service},
                conditions={"StringEquals": {"aws:SourceAccount": account_id}},
            )
            for sid, service in publishers.items()
        ),
    ]


def publish_statements(
    topic_arn: pulumi.Input[str], region: str, account_id: pulumi.Output[str], *, database_events: bool
) -> list[Statement]:
    """Return the statements that let CloudWatch publish alarms, and RDS events, of this account alone."""
    alarms = Statement(
        sid="Alarms",
        actions=["sns:Publish"],
        resources=[topic_arn],
        principals={"Service": "cloudwatch.amazonaws.com"},
        conditions={"StringEquals": {"aws:SourceAccount": account_id}},
    )
    # Aurora User Guide, "Granting permissions to publish notifications to an Amazon SNS topic".
    events = Statement(
        sid="DatabaseEvents",
        actions=["sns:Publish"],
        resources=[topic_arn],
        principals={"Service": _DATABASE_EVENTS_SERVICE},
        conditions={
            "StringEquals": {"aws:SourceAccount": account_id},
            "ArnLike": {"aws:SourceArn": pulumi.Output.format("arn:aws:rds:{0}:{1}:*", region, account_id)},
        },
    )
    return [alarms, events] if database_events else [alarms]


def _check_names(alarms: Sequence[Alarm]) -> None:
    repeated = [name for name, count in Counter(alarm.name for alarm in alarms).items() if count > 1]
    if repeated:
        raise ValueError(f"alarms: came {', '.join(repeated)} more than once; allowed: names that differ")
