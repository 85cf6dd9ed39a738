"""The alarms that roll back the deployments of one service."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from zelly_components.alarms.deployments import deployment_alarms
from zelly_components.alarms.measures import measure_inputs
from zelly_components.base import Component, counted


@dataclass(frozen=True, kw_only=True)
class DeploymentAlarmsArgs:
    """Arguments of the alarms of a service's deployments."""

    service: str
    """Its name in the alarms' descriptions."""
    load_balancer_arn_suffix: pulumi.Input[str]
    """CloudWatch's dimension ``LoadBalancer``: the balancer's output ``load_balancer_arn_suffix``."""
    target_group_arn_suffixes: Sequence[pulumi.Input[str]]
    """Both of its target groups: which of them the new tasks register in changes with each deployment."""
    http_5xx_percent: float
    """The share of a minute's requests to one group that are answered with an error of the server's."""
    minimum_requests: int
    """Below so many requests to a group in a minute no share of it is computed."""


class DeploymentAlarms(Component):
    """Alarms that ECS looks at during a deployment, and rolls it back when one of them rings.

    They watch the load balancer, not the service: they are there before the service, whose deployments name them. They
    tell nobody, since ECS acts on them; that a deployment was rolled back is told by its event.

    Example::

        from zelly_components.deployment_alarms import DeploymentAlarms, DeploymentAlarmsArgs

        alarms = DeploymentAlarms(
            "shop-api-deployment",
            DeploymentAlarmsArgs(
                service="api",
                load_balancer_arn_suffix="app/shop/50dc6c495c0c9188",
                target_group_arn_suffixes=["targetgroup/blue/73e2d6bc24d8a067", "targetgroup/green/943f017f100becff"],
                http_5xx_percent=5,
                minimum_requests=5,
            ),
        )
    """

    alarm_names: list[pulumi.Output[str]]
    """The names of the alarms, which a deployment of the service is rolled back by."""

    def __init__(self, name: str, args: DeploymentAlarmsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        if len(counted("target_group_arn_suffixes", args.target_group_arn_suffixes)) != 2:
            raise ValueError(f"target_group_arn_suffixes: came {len(args.target_group_arn_suffixes)}; allowed two")
        self.alarm_names = [
            aws.cloudwatch.MetricAlarm(
                f"{name}-{alarm.name}",
                # The service's deployments name it, and operators read it there.
                name=f"{name}-{alarm.name}",
                alarm_description=alarm.description,
                comparison_operator="GreaterThanOrEqualToThreshold",
                threshold=alarm.threshold,
                evaluation_periods=alarm.periods,
                datapoints_to_alarm=alarm.breaching_periods,
                treat_missing_data=alarm.missing_data,
                **measure_inputs(alarm),
                opts=self.child(),
            ).name
            for alarm in deployment_alarms(
                args.service,
                load_balancer_arn_suffix=args.load_balancer_arn_suffix,
                target_group_arn_suffixes=args.target_group_arn_suffixes,
                http_5xx_percent=args.http_5xx_percent,
                minimum_requests=args.minimum_requests,
            )
        ]
        self.register_annotated_outputs()
