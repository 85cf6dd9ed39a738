"""Alarms to e-mail and a dashboard for an environment's services, balancers, databases and hosts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from zelly_components.alarm_targets import (
    AlarmThresholds,
    ApplicationLoadBalancerTarget,
    AuroraTarget,
    EcsServiceTarget,
    HostTarget,
    NetworkLoadBalancerTarget,
    RedisTarget,
    SharedLoadBalancerTarget,
)
from zelly_components.alarms.alarm import Alarm, Metric
from zelly_components.alarms.alarms import all_alarms
from zelly_components.alarms.dashboard import dashboard_body
from zelly_components.base import Component
from zelly_components.identity.iam import Statement, policy

__all__ = [
    "AlarmThresholds",
    "ApplicationLoadBalancerTarget",
    "AuroraTarget",
    "EcsServiceTarget",
    "HostTarget",
    "NetworkLoadBalancerTarget",
    "Observability",
    "ObservabilityArgs",
    "RedisTarget",
    "SharedLoadBalancerTarget",
]

_DATABASE_EVENTS_SERVICE = "events.rds.amazonaws.com"
DATABASE_EVENTS: Mapping[str, Sequence[str]] = {
    "db-cluster": ("failover", "failure", "maintenance"),
    "db-instance": ("failure", "low storage", "maintenance"),
}
"""Which of RDS's own events are told, by what they are about (Aurora User Guide, "Amazon RDS event categories and event
messages for Aurora"). Not ``availability`` and ``notification``: a database that pauses, or is stopped for the night,
would write every day."""

_KEY_DELETION_DAYS = 7
"""KMS's shortest. Nothing is kept under the key for longer than the delivery of a message."""


@dataclass(frozen=True, kw_only=True)
class ObservabilityArgs:
    """What is watched, and who is told."""

    region: str
    """Where the metrics lie; a dashboard names it in every widget."""
    dashboard_name: str
    alarm_emails: Sequence[str]
    """Each address gets a mail from AWS and has to confirm it; until then it hears nothing. Empty: nobody hears of an
    alarm unless something else subscribes to ``topic_arn``."""
    services: Sequence[EcsServiceTarget]
    application_load_balancers: Sequence[ApplicationLoadBalancerTarget]
    network_load_balancers: Sequence[NetworkLoadBalancerTarget]
    aurora: AuroraTarget
    redis: RedisTarget
    hosts: Sequence[HostTarget]
    thresholds: AlarmThresholds
    shared_load_balancers: Sequence[SharedLoadBalancerTarget] = ()
    """Beside the application load balancers of one service each."""
    notify_recovery: bool = True
    """Whether the end of an alarm is told as well. The price: a new alarm's first ``OK`` is a mail too."""


class Observability(Component):
    """An SNS topic with its subscribers, an alarm for each thing that breaks, RDS's own events, and one dashboard.

    Running and desired tasks are metrics of Container Insights: a service's target says whether its cluster has it.

    The topic is encrypted with a key of its own (1 USD a month). The free key that AWS manages, ``alias/aws/sns``,
    would silence every alarm: its policy does not let CloudWatch use it and can't be changed. ElastiCache tells its
    events to a topic of its own (:mod:`zelly_components.cache_event_topic`).

    Example::

        from zelly_components.observability import (
            AlarmThresholds,
            ApplicationLoadBalancerTarget,
            AuroraTarget,
            EcsServiceTarget,
            HostTarget,
            NetworkLoadBalancerTarget,
            Observability,
            ObservabilityArgs,
            RedisTarget,
        )

        watch = Observability(
            "shop",
            ObservabilityArgs(
                region="eu-west-1",
                dashboard_name="shop",
                alarm_emails=["operations@shop.example"],
                services=[EcsServiceTarget(label="api", cluster_name="shop", service_name="shop-api")],
                application_load_balancers=[
                    ApplicationLoadBalancerTarget(
                        label="web",
                        load_balancer_arn_suffix="app/web/0123456789abcdef",
                        target_group_arn_suffix="targetgroup/web/0123456789abcdef",
                    )
                ],
                network_load_balancers=[
                    NetworkLoadBalancerTarget(
                        label="edge",
                        load_balancer_arn_suffix="net/edge/0123456789abcdef",
                        target_group_arn_suffixes={443: "targetgroup/edge/0123456789abcdef"},
                    )
                ],
                aurora=AuroraTarget(label="aurora", cluster_identifier="shop", maximum_capacity_acu=8),
                redis=RedisTarget(label="redis", cache_cluster_id="shop-001"),
                hosts=[
                    HostTarget(
                        label="bastion",
                        instance_id="i-0123456789abcdef0",
                        failed_units_metric="shop-bastion-failed-units",
                        mount_points={"root": "/"},
                    )
                ],
                thresholds=AlarmThresholds(
                    http_5xx_percent=5,
                    minimum_requests=20,
                    cpu_percent=90,
                    memory_percent=90,
                    aurora_capacity_percent=90,
                    redis_memory_percent=80,
                    host_memory_percent=90,
                    disk_percent=80,
                ),
            ),
        )
    """

    topic_arn: pulumi.Output[str]
    """Where alarms are published; anything else that is to hear of them subscribes here."""
    dashboard_name: pulumi.Output[str]
    alarm_names: list[pulumi.Output[str]]

    def __init__(self, name: str, args: ObservabilityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._name = name
        account_id = aws.get_caller_identity_output(opts=pulumi.InvokeOptions(parent=self)).account_id
        topic, topic_policy = self._topic(args.region, account_id)
        self.topic_arn = topic.arn
        for address in args.alarm_emails:
            self._subscribe(address)
        self._hear_of_databases(topic, topic_policy)
        self.alarm_names = [self._alarm(alarm, notify_recovery=args.notify_recovery) for alarm in _alarms(args)]
        self.dashboard_name = self._dashboard(args)
        self.register_annotated_outputs()

    def _topic(self, region: str, account_id: pulumi.Output[str]) -> tuple[aws.sns.Topic, aws.sns.TopicPolicy]:
        key = aws.kms.Key(
            f"{self._name}-alarms-key",
            description=f"Messages of the SNS topic {self._name}-alarms",
            enable_key_rotation=True,
            deletion_window_in_days=_KEY_DELETION_DAYS,
            policy=policy(key_statements(account_id)),
            opts=self.child(),
        )
        topic = aws.sns.Topic(f"{self._name}-alarms", kms_master_key_id=key.arn, opts=self.child())
        topic_policy = aws.sns.TopicPolicy(
            f"{self._name}-alarms-policy",
            arn=topic.arn,
            policy=policy(publish_statements(topic.arn, region, account_id)),
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

    def _hear_of_databases(self, topic: aws.sns.Topic, topic_policy: aws.sns.TopicPolicy) -> None:
        for source_type, categories in DATABASE_EVENTS.items():
            aws.rds.EventSubscription(
                f"{self._name}-{source_type}-events",
                sns_topic=topic.arn,
                # Without source_ids: all of the region's, also the one that a restore made.
                source_type=source_type,
                event_categories=list(categories),
                # RDS refuses a topic that it may not publish to (SNSNoAuthorization).
                opts=self.child_with(pulumi.ResourceOptions(depends_on=[topic_policy])),
            )

    def _alarm(self, alarm: Alarm, *, notify_recovery: bool) -> pulumi.Output[str]:
        alarm_name = f"{self._name}-{alarm.name}"
        return aws.cloudwatch.MetricAlarm(
            alarm_name,
            # Told in mails and typed by operators, so without a random suffix.
            name=alarm_name,
            alarm_description=alarm.description,
            comparison_operator="GreaterThanOrEqualToThreshold",
            threshold=alarm.threshold,
            evaluation_periods=alarm.periods,
            datapoints_to_alarm=alarm.breaching_periods,
            treat_missing_data=alarm.missing_data,
            alarm_actions=[self.topic_arn],
            ok_actions=[self.topic_arn] if notify_recovery else [],
            **_measure_inputs(alarm),
            opts=self.child(),
        ).name

    def _dashboard(self, args: ObservabilityArgs) -> pulumi.Output[str]:
        body = dashboard_body(
            region=args.region,
            services=args.services,
            application_load_balancers=args.application_load_balancers,
            shared_load_balancers=args.shared_load_balancers,
            redis=args.redis,
        )
        return aws.cloudwatch.Dashboard(
            f"{self._name}-dashboard",
            dashboard_name=args.dashboard_name,
            dashboard_body=pulumi.Output.json_dumps(body, sort_keys=True),
            opts=self.child(),
        ).dashboard_name


def key_statements(account_id: pulumi.Input[str]) -> list[Statement]:
    """Return the policy of the topic's key: the account governs it, and what publishes encrypts with it."""
    return [
        Statement(
            sid="Account",
            actions=["kms:*"],
            resources=["*"],
            principals={"AWS": pulumi.Output.concat("arn:aws:iam::", account_id, ":root")},
        ),
        Statement(
            sid="Alarms",
            # What a service needs to publish to an encrypted topic (SNS Developer Guide, "Managing encryption keys").
            actions=["kms:Decrypt", "kms:GenerateDataKey*"],
            resources=["*"],
            principals={"Service": "cloudwatch.amazonaws.com"},
            conditions={"StringEquals": {"aws:SourceAccount": account_id}},
        ),
        Statement(
            sid="DatabaseEvents",
            actions=["kms:Decrypt", "kms:GenerateDataKey*"],
            resources=["*"],
            principals={"Service": _DATABASE_EVENTS_SERVICE},
            conditions={"StringEquals": {"aws:SourceAccount": account_id}},
        ),
    ]


def publish_statements(topic_arn: pulumi.Input[str], region: str, account_id: pulumi.Input[str]) -> list[Statement]:
    """Return who may publish to the topic: CloudWatch for alarms and RDS for events, of this account alone."""
    return [
        Statement(
            sid="Alarms",
            actions=["sns:Publish"],
            resources=[topic_arn],
            principals={"Service": "cloudwatch.amazonaws.com"},
            conditions={"StringEquals": {"aws:SourceAccount": account_id}},
        ),
        # Aurora User Guide, "Granting permissions to publish notifications to an Amazon SNS topic".
        Statement(
            sid="DatabaseEvents",
            actions=["sns:Publish"],
            resources=[topic_arn],
            principals={"Service": _DATABASE_EVENTS_SERVICE},
            conditions={
                "StringEquals": {"aws:SourceAccount": account_id},
                "ArnLike": {"aws:SourceArn": pulumi.Output.concat(f"arn:aws:rds:{region}:", account_id, ":*")},
            },
        ),
    ]


def _alarms(args: ObservabilityArgs) -> list[Alarm]:
    return all_alarms(
        services=args.services,
        application_load_balancers=args.application_load_balancers,
        shared_load_balancers=args.shared_load_balancers,
        network_load_balancers=args.network_load_balancers,
        aurora=args.aurora,
        redis=args.redis,
        hosts=args.hosts,
        thresholds=args.thresholds,
    )


def _measure_inputs(alarm: Alarm) -> dict[str, Any]:
    """Return the inputs that say what an alarm looks at: the metric's own, or queries for an expression."""
    measure = alarm.measure
    if isinstance(measure, Metric):
        return {
            "namespace": measure.namespace,
            "metric_name": measure.name,
            "statistic": measure.statistic,
            "dimensions": measure.dimensions,
            "period": alarm.period_seconds,
        }
    compared = list(measure.expressions)[-1]
    return {
        "metric_queries": [
            *(
                aws.cloudwatch.MetricAlarmMetricQueryArgs(
                    id=query_id, metric=_metric_query(metric, alarm.period_seconds), return_data=False
                )
                for query_id, metric in measure.metrics.items()
            ),
            *(
                aws.cloudwatch.MetricAlarmMetricQueryArgs(
                    id=query_id, expression=expression, label=query_id, return_data=query_id == compared
                )
                for query_id, expression in measure.expressions.items()
            ),
        ]
    }


def _metric_query(metric: Metric, period_seconds: int) -> aws.cloudwatch.MetricAlarmMetricQueryMetricArgs:
    return aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
        namespace=metric.namespace,
        metric_name=metric.name,
        stat=metric.statistic,
        dimensions=metric.dimensions,
        period=period_seconds,
    )
