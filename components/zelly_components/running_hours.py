"""Schedules that stop what costs by the hour outside running hours, and mute its alarms meanwhile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from zelly_components.base import Component, counted, handed_on
from zelly_components.identity.iam import Statement, policy, service_trust
from zelly_components.limits.running_hours import MARGIN_MINUTES, check_hours, cron, mute_cron, mute_windows, shifted

_ALARMS_LIMIT = 100
"""Of one mute rule ("PutAlarmMuteRule", CloudWatch API reference)."""


@dataclass(frozen=True, kw_only=True)
class RunningServiceArgs:
    """An ECS service that is stopped."""

    label: str
    """Its short name; part of the logical names of its schedules."""
    cluster_name: pulumi.Input[str]
    """The cluster that the service runs in."""
    service_name: pulumi.Input[str]
    """The service's name in ECS."""
    service_arn: pulumi.Input[str]
    """The service's ARN: the schedules may change it and no other."""
    tasks: int
    """The number of tasks that it is started with. What an operator or scaling had made of it before is forgotten
    overnight."""


@dataclass(frozen=True, kw_only=True)
class RunningDatabaseArgs:
    """An Aurora cluster that is stopped."""

    cluster_identifier: pulumi.Input[str]
    """The cluster's name in RDS."""
    cluster_arn: pulumi.Input[str]
    """The cluster's ARN: the schedules may start and stop it and no other."""


@dataclass(frozen=True, kw_only=True)
class RunningHoursArgs:
    """Arguments of running hours."""

    region: str
    """The region of what is stopped, e.g. ``eu-west-1``."""
    account_id: str
    """The account of what is stopped, twelve digits: the schedules of this account alone act."""
    weekdays: Sequence[str]
    """``MON`` to ``SUN``: the days on which it runs."""
    start: str
    """``HH:MM`` of those days: the services are started. What they need is started a quarter of an hour before, for
    which reason it is 00:15 at the earliest."""
    stop: str
    """``HH:MM`` of the same days: the services are stopped; what they need a quarter of an hour later, so that they
    finish what they do. 23:44 at the latest."""
    time_zone: str
    """The time zone of the hours, as in the IANA database, e.g. ``Asia/Kolkata``. Where clocks are put back, alarms
    come an hour early that day."""
    services: Sequence[RunningServiceArgs]
    """The ECS services that are stopped and started, whose labels differ. Empty: none."""
    instance_ids: Mapping[str, pulumi.Input[str]]
    """EC2 instances, by their short names. They keep their volumes, private addresses and Elastic IPs."""
    database: RunningDatabaseArgs | None
    """The Aurora cluster that is stopped and started. None: no database is, e.g. because it pauses by itself."""
    alarm_names: Sequence[pulumi.Input[str]]
    """The alarms that are muted from ``stop`` to a quarter of an hour after ``start``; at most 100. Empty: none is."""


class RunningHours(Component):
    """Schedules that start and stop services, instances and a database, and mute rules for their alarms.

    A muted alarm goes on changing its state. One that still rings when the mute ends is told then, so that an
    environment that did not start is heard of, and one that is meant to be down is not. To have it run at another
    hour, start the instances and the cluster by hand; at the next ``stop`` they are stopped again. AWS itself starts a
    cluster that has been stopped for seven days; it stops at the next ``stop``.

    ECS starts tasks by itself only when asked: Application Auto Scaling does not scale out of zero, as without a task
    there is no CPU to measure.

    Example::

        from zelly_components.running_hours import (
            RunningDatabaseArgs,
            RunningHours,
            RunningHoursArgs,
            RunningServiceArgs,
        )

        RunningHours(
            "shop-hours",
            RunningHoursArgs(
                region="eu-west-1",
                account_id="123456789012",
                weekdays=["MON", "TUE", "WED", "THU", "FRI"],
                start="08:00",
                stop="20:00",
                time_zone="Europe/Dublin",
                services=[
                    RunningServiceArgs(
                        label="api",
                        cluster_name="shop",
                        service_name="shop-api",
                        service_arn="arn:aws:ecs:eu-west-1:123456789012:service/shop/shop-api",
                        tasks=1,
                    )
                ],
                instance_ids={"worker": "i-0123456789abcdef0"},
                database=RunningDatabaseArgs(
                    cluster_identifier="shop", cluster_arn="arn:aws:rds:eu-west-1:123456789012:cluster:shop"
                ),
                alarm_names=["shop-api-running-tasks"],
            ),
        )
    """

    role_arn: pulumi.Output[str]
    """The role with which EventBridge Scheduler starts and stops."""

    def __init__(self, name: str, args: RunningHoursArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._name = name
        self._args = args
        _check(args)

        self._role = self._make_role()
        self._permissions = self._allow()
        for service in args.services:
            self._schedule_service(service)
        if args.instance_ids:
            self._schedule_instances()
        if args.database is not None:
            self._schedule_database(args.database)
        self._mute()

        self.role_arn = self._role.arn
        self.register_annotated_outputs()

    def _make_role(self) -> aws.iam.Role:
        return aws.iam.Role(
            f"{self._name}-role",
            assume_role_policy=service_trust(
                "scheduler.amazonaws.com", region=self._args.region, account_id=self._args.account_id
            ),
            opts=self.child(),
        )

    def _allow(self) -> aws.iam.RolePolicy:
        return aws.iam.RolePolicy(
            f"{self._name}-policy", role=self._role.name, policy=policy(_statements(self._args)), opts=self.child()
        )

    def _schedule_service(self, service: RunningServiceArgs) -> None:
        for verb, moment, tasks in (("start", self._args.start, service.tasks), ("stop", self._args.stop, 0)):
            self._schedule(
                f"{service.label}-{verb}",
                moment,
                "ecs:updateService",
                {"Cluster": service.cluster_name, "Service": service.service_name, "DesiredCount": tasks},
            )

    def _schedule_instances(self) -> None:
        for verb, moment in self._around():
            self._schedule(
                f"instances-{verb}",
                moment,
                f"ec2:{verb}Instances",
                {"InstanceIds": list(self._args.instance_ids.values())},
            )

    def _schedule_database(self, database: RunningDatabaseArgs) -> None:
        for verb, moment in self._around():
            self._schedule(
                f"database-{verb}",
                moment,
                f"rds:{verb}DBCluster",
                # Scheduler spells members as AWS's SDK for Java does.
                {"DbClusterIdentifier": database.cluster_identifier},
            )

    def _around(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """Return the times at which instances and the database are started and stopped."""
        return (
            ("start", shifted(self._args.start, -MARGIN_MINUTES)),
            ("stop", shifted(self._args.stop, MARGIN_MINUTES)),
        )

    def _schedule(self, part: str, moment: str, action: str, request: Mapping[str, object]) -> None:
        aws.scheduler.Schedule(
            f"{self._name}-{part}",
            schedule_expression=cron(self._args.weekdays, moment),
            schedule_expression_timezone=self._args.time_zone,
            flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
            target=aws.scheduler.ScheduleTargetArgs(
                arn=f"arn:aws:scheduler:::aws-sdk:{action}",
                role_arn=self._role.arn,
                input=pulumi.Output.json_dumps(request, sort_keys=True),
                # Scheduler's own is a day: a stop that failed would come in the middle of the next one.
                retry_policy=aws.scheduler.ScheduleTargetRetryPolicyArgs(
                    maximum_event_age_in_seconds=3600, maximum_retry_attempts=10
                ),
            ),
            opts=self.child_with(pulumi.ResourceOptions(depends_on=self._permissions)),
        )

    def _mute(self) -> None:
        if not self._args.alarm_names:
            return
        for window in mute_windows(self._args.weekdays, self._args.start, self._args.stop):
            rule_name = f"{self._name}-mute-{'-'.join(window.weekdays).lower()}"
            aws.cloudwatch.AlarmMuteRule(
                rule_name,
                name=rule_name,
                description="Stopped outside running hours",
                rule=aws.cloudwatch.AlarmMuteRuleRuleArgs(
                    schedule=aws.cloudwatch.AlarmMuteRuleRuleScheduleArgs(
                        expression=mute_cron(window.weekdays, self._args.stop),
                        duration=window.duration,
                        timezone=self._args.time_zone,
                    )
                ),
                mute_targets=aws.cloudwatch.AlarmMuteRuleMuteTargetsArgs(alarm_names=handed_on(self._args.alarm_names)),
                opts=self.child(),
            )


def _statements(args: RunningHoursArgs) -> list[Statement]:
    statements: list[Statement] = []
    if args.services:
        statements.append(
            Statement(
                sid="SetTasks",
                actions=["ecs:UpdateService"],
                resources=[service.service_arn for service in args.services],
            )
        )
    if args.instance_ids:
        arn = f"arn:aws:ec2:{args.region}:{args.account_id}:instance/"
        statements.append(
            Statement(
                sid="RunInstances",
                actions=["ec2:StartInstances", "ec2:StopInstances"],
                resources=[
                    pulumi.Output.format("{0}{1}", arn, instance_id) for instance_id in args.instance_ids.values()
                ],
            )
        )
    if args.database is not None:
        statements.append(
            Statement(
                sid="RunDatabase",
                actions=["rds:StartDBCluster", "rds:StopDBCluster"],
                resources=[args.database.cluster_arn],
            )
        )
    return statements


def _check(args: RunningHoursArgs) -> None:
    check_hours(args.weekdays, args.start, args.stop)
    if not (args.services or args.instance_ids or args.database):
        raise ValueError("services, instance_ids, database: came none; allowed one or more things to stop")
    labels = [service.label for service in args.services]
    if len(set(labels)) != len(labels):
        raise ValueError(f"services.label: came {', '.join(labels)}; allowed each once")
    counted("instance_ids", args.instance_ids)
    # One Output of all names, as in other languages, is counted by AWS.
    if not isinstance(args.alarm_names, pulumi.Output) and len(args.alarm_names) > _ALARMS_LIMIT:
        raise ValueError(f"alarm_names: came {len(args.alarm_names)}; allowed at most {_ALARMS_LIMIT}")
