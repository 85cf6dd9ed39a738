"""Alarms and a dashboard over what a program names, by kind: ``Observability`` with its alarms as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pulumi

from zelly_components.alarms.alarm import Alarm
from zelly_components.alarms.dashboard import Widget
from zelly_components.alarms.outages import Outage
from zelly_components.alarms.targets import Targets, Thresholds, target_alarms, target_widgets
from zelly_components.alert_channels import AlertTopics
from zelly_components.base import Component
from zelly_components.observability import Observability, ObservabilityArgs


@dataclass(frozen=True, kw_only=True)
class MonitoringArgs:
    """Arguments of the alarms, the dashboard and their topic."""

    region: str
    """The region of the metrics, e.g. ``eu-west-1``; a dashboard names it in every widget."""
    dashboard_name: str
    """The dashboard's name in CloudWatch, unique in the account: letters, digits, hyphens and underscores."""
    alarm_emails: Sequence[str]
    """Each address gets a mail from AWS and has to confirm it; until then it hears nothing. Empty: nobody hears of an
    alarm unless something else subscribes to ``topic_arn``."""
    targets: Targets
    """What is watched. Each has a ``label``, with which the names of its alarms begin."""
    thresholds: Thresholds
    """The levels at which the targets' alarms ring."""
    inform_only: Sequence[str] = ()
    """The names of targets' alarms that inform where they would page, since something else pages for them. Left out,
    each has its own severity."""
    alarms: Sequence[Alarm] = ()
    """Further alarms, beside the targets' own. Left out, there are none."""
    widgets: Sequence[Widget] = ()
    """Further graphs, below the targets' own. Left out, there are none."""
    database_events: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """By the type of their source, such as ``db-instance``, the categories of RDS's events that are told, of every
    database in the region. Left out, none is, and RDS may not publish to the topic."""
    notify_recovery: bool = True
    """Whether the end of an alarm is told as well. Where there are ``topics``, they decide. Left out, it is."""
    topics: AlertTopics | None = None
    """The topics of alert channels; then the component makes none, subscribes nobody, and leaves databases' events to
    the channels. Left out, there is one topic of its own, for every severity."""
    outages: Sequence[Outage] = ()
    """The groups of alarms of which each pages once, the causes before what they bring along. Left out, or without
    ``topics``, none is made."""


class Monitoring(Component):
    """The alarms, graphs and topic of what a program names by kind: balancers, services, stores, hosts, backups.

    In Python a program calls the functions of ``zelly_components.alarms`` and gives ``Observability`` what they return;
    here the same functions are called for it. A kind that they do not know is an alarm of ``alarms``.

    Example::

        from zelly_components.alarms.hosts import HostTarget
        from zelly_components.alarms.services import EcsServiceTarget
        from zelly_components.alarms.targets import Targets, Thresholds
        from zelly_components.monitoring import Monitoring, MonitoringArgs

        watch = Monitoring(
            "shop",
            MonitoringArgs(
                region="eu-west-1",
                dashboard_name="shop",
                alarm_emails=["operations@shop.example"],
                targets=Targets(
                    services=[EcsServiceTarget(label="api", cluster_name="shop", service_name="shop-api")],
                    hosts=[
                        HostTarget(
                            label="bastion",
                            instance_id="i-0123456789abcdef0",
                            failed_units_metric="shop-bastion-failed-units",
                            mount_points={"root": "/"},
                        )
                    ],
                ),
                thresholds=Thresholds(cpu_percent=90, memory_percent=90, host_memory_percent=90, disk_percent=80),
            ),
        )
    """

    topic_arn: pulumi.Output[str]
    """The topic of every alarm; anything else that is to hear of them subscribes here."""
    dashboard_name: pulumi.Output[str]
    """The dashboard's name in CloudWatch."""
    alarm_names: list[pulumi.Output[str]]
    """The names of the alarms: those of the targets, of ``alarms``, of the outages."""

    def __init__(self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        alarms = _alarms(args)
        super().__init__(name, opts)
        watch = Observability(
            name,
            ObservabilityArgs(
                region=args.region,
                dashboard_name=args.dashboard_name,
                alarm_emails=args.alarm_emails,
                alarms=alarms,
                widgets=[*target_widgets(args.targets), *args.widgets],
                database_events=args.database_events,
                notify_recovery=args.notify_recovery,
                topics=args.topics,
                outages=args.outages,
            ),
            opts=self.child(),
        )
        self.topic_arn = watch.topic_arn
        self.dashboard_name = watch.dashboard_name
        self.alarm_names = watch.alarm_names
        self.register_annotated_outputs()


def _alarms(args: MonitoringArgs) -> list[Alarm]:
    alarms = target_alarms(args.targets, args.thresholds)
    if unknown := sorted(set(args.inform_only) - {alarm.name for alarm in alarms}):
        allowed = ", ".join(alarm.name for alarm in alarms) or "none"
        raise ValueError(f"inform_only: came {unknown[0]}; allowed {allowed}")
    own = [replace(alarm, severity="inform") if alarm.name in args.inform_only else alarm for alarm in alarms]
    return [*own, *args.alarms]
