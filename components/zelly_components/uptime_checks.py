"""Checks from outside: Route 53 asks URLs from several continents, and alarms tell when they do not answer."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from zelly_components.alarms.outages import alarm_rule
from zelly_components.alert_channels import AlertTopics
from zelly_components.base import Component
from zelly_components.dns_record import check_hostname
from zelly_components.identity.iam import policy
from zelly_components.observability import key_statements, publish_statements

METRICS_REGION = "us-east-1"
"""Route 53 publishes the metrics of health checks there, and nowhere else ("Monitoring health checks using CloudWatch",
Route 53 Developer Guide). An alarm has to stand beside its metric, and tell a topic of its own region."""

_INTERVAL_SECONDS = 30
"""Each of Route 53's locations asks this often; 10 seconds is the other choice, and costs more."""
_FAILED_REQUESTS = 3
"""A location counts an endpoint as failed after so many requests in a row; an endpoint is unhealthy when 82 percent of
the locations count it so ("How Amazon Route 53 determines whether a health check is healthy")."""

_PERIOD_SECONDS = 60
_PERIODS = 5
_BREACHING_PERIODS = 3
_LONGEST_PATH = 255
"""In characters ("HealthCheckConfig", Route 53 API reference)."""
_KEY_DELETION_DAYS = 7


@dataclass(frozen=True, kw_only=True)
class UptimeCheckArgs:
    """One URL that is asked."""

    hostname: str
    """The full name that is asked over HTTPS, e.g. ``api.shop.example``."""
    path: str
    """The path that is asked, with a slash at the beginning; a query may follow."""
    query: pulumi.Input[str] | None = None
    """What is put behind the path, without the question mark; a secret may stand in it. Left out: nothing."""


@dataclass(frozen=True, kw_only=True)
class UptimeChecksArgs:
    """Arguments of checks from outside."""

    checks: Mapping[str, UptimeCheckArgs]
    """The URLs that are asked, each by a short name, which is part of the alarm's."""
    alarm_emails: Sequence[str]
    """Each address gets a mail from AWS and has to confirm it; until then it hears nothing."""
    topics: AlertTopics | None = None
    """The topics of alert channels in :data:`METRICS_REGION`; then the component makes none and subscribes nobody, and
    all checks together page once. None: one topic of its own."""


class UptimeChecks(Component):
    """Health checks of URLs over HTTPS, with an alarm for each that rings after three bad minutes out of five.

    An answer of 200 to 399 counts as healthy. Checkers speak TLS 1.2 at most ("HealthCheckConfig", Route 53 API
    reference). Each check stands alone: one that rings hides no other. The topic and its alarms are in us-east-1,
    whatever the region of the caller. Alert channels are told of each, and paged by a composite alarm over all of them:
    it is one site that does not answer.

    Example::

        from zelly_components.uptime_checks import UptimeCheckArgs, UptimeChecks, UptimeChecksArgs

        uptime = UptimeChecks(
            "shop-uptime",
            UptimeChecksArgs(
                checks={"health": UptimeCheckArgs(hostname="shop.example", path="/api/health")},
                alarm_emails=["operations@shop.example"],
            ),
        )
    """

    topic_arn: pulumi.Output[str]
    """The topic of the alarms, in us-east-1."""
    health_check_ids: dict[str, pulumi.Output[str]]
    """The ids of Route 53's health checks, by the checks' short names."""
    alarm_names: list[pulumi.Output[str]]
    """The names of the alarms, one for each check."""

    def __init__(self, name: str, args: UptimeChecksArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(args)
        super().__init__(name, opts)
        self._name = name
        if args.topics is None:
            self.topic_arn = self._topic(args.alarm_emails)
        else:
            self.topic_arn = pulumi.Output.from_input(args.topics.inform)
        self.health_check_ids = {label: self._health_check(label, check) for label, check in args.checks.items()}
        ok_actions = [self.topic_arn] if args.topics is None else []
        self.alarm_names = [self._alarm(label, check, ok_actions) for label, check in args.checks.items()]
        if args.topics is not None:
            self._outage(args, args.topics.page)
        self.register_annotated_outputs()

    def _topic(self, emails: Sequence[str]) -> pulumi.Output[str]:
        account_id = aws.get_caller_identity_output(opts=pulumi.InvokeOptions(parent=self)).account_id
        key = aws.kms.Key(
            f"{self._name}-key",
            region=METRICS_REGION,
            description=f"Messages of the SNS topic {self._name}",
            enable_key_rotation=True,
            deletion_window_in_days=_KEY_DELETION_DAYS,
            policy=policy(key_statements(account_id, database_events=False)),
            opts=self.child(),
        )
        topic = aws.sns.Topic(self._name, region=METRICS_REGION, kms_master_key_id=key.arn, opts=self.child())
        aws.sns.TopicPolicy(
            f"{self._name}-policy",
            region=METRICS_REGION,
            arn=topic.arn,
            policy=policy(publish_statements(topic.arn, METRICS_REGION, account_id, database_events=False)),
            opts=self.child(),
        )
        for address in emails:
            aws.sns.TopicSubscription(
                f"{self._name}-{address}",
                region=METRICS_REGION,
                topic=topic.arn,
                protocol="email",
                endpoint=address,
                opts=self.child(),
            )
        return topic.arn

    def _outage(self, args: UptimeChecksArgs, page: pulumi.Input[str]) -> None:
        name = f"{self._name}-outage"
        asked = ", ".join(f"https://{check.hostname}{check.path}" for check in args.checks.values())
        aws.cloudwatch.CompositeAlarm(
            name,
            alarm_name=name,
            region=METRICS_REGION,
            alarm_description=(
                f"Clients are not answered: one or more of {asked} did not answer from outside. First: open it "
                "yourself; which of the checks rings says whether the gateway is gone or what it needs."
            ),
            alarm_rule=alarm_rule(self.alarm_names),
            alarm_actions=[page],
            ok_actions=[page],
            opts=self.child(),
        )

    def _health_check(self, label: str, check: UptimeCheckArgs) -> pulumi.Output[str]:
        path: pulumi.Input[str] = check.path
        if check.query is not None:
            path = pulumi.Output.format("{0}?{1}", check.path, check.query)
        return aws.route53.HealthCheck(
            f"{self._name}-{label}",
            type="HTTPS",
            fqdn=check.hostname,
            port=443,
            resource_path=path,
            request_interval=_INTERVAL_SECONDS,
            failure_threshold=_FAILED_REQUESTS,
            enable_sni=True,
            measure_latency=False,
            tags={"Name": f"{self._name}-{label}"},
            opts=self.child(),
        ).id

    def _alarm(self, label: str, check: UptimeCheckArgs, ok_actions: Sequence[pulumi.Input[str]]) -> pulumi.Output[str]:
        name = f"{self._name}-{label}"
        return aws.cloudwatch.MetricAlarm(
            f"{name}-alarm",
            name=name,
            region=METRICS_REGION,
            alarm_description=(
                f"https://{check.hostname}{check.path} did not answer from outside for three minutes out of five. "
                "First: open it yourself. If it answers, look at Cloudflare's status and at the security events of the "
                "zone; if not, ask 'status' for the environment, then the logs of the gateway."
            ),
            namespace="AWS/Route53",
            metric_name="HealthCheckStatus",
            statistic="Minimum",
            dimensions={"HealthCheckId": self.health_check_ids[label]},
            comparison_operator="LessThanThreshold",
            threshold=1,
            period=_PERIOD_SECONDS,
            evaluation_periods=_PERIODS,
            datapoints_to_alarm=_BREACHING_PERIODS,
            # A check that says nothing is one that nobody makes.
            treat_missing_data="breaching",
            alarm_actions=[self.topic_arn],
            ok_actions=ok_actions,
            opts=self.child(),
        ).name


def _check(args: UptimeChecksArgs) -> None:
    if not args.checks:
        raise ValueError("checks: came none; allowed one or more")
    for label, check in args.checks.items():
        if not re.fullmatch(r"[a-z][a-z0-9-]*", label):
            raise ValueError(f"checks: came the name {label!r}; allowed lower-case letters, digits and hyphens")
        check_hostname(f"checks.{label}.hostname", check.hostname)
        if not re.fullmatch(r"/[A-Za-z0-9._/-]*", check.path) or len(check.path) > _LONGEST_PATH:
            raise ValueError(f"checks.{label}.path: came {check.path!r}; allowed a path such as /api/health")
