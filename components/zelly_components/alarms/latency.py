"""The alarm on a balancer's latency."""

from zelly_components.alarms.alarm import Alarm, Metric, MetricMath
from zelly_components.alarms.balancers import ApplicationLoadBalancerTarget

_PERIODS = 10


def latency_alarms(target: ApplicationLoadBalancerTarget, *, seconds: float, minimum_requests: int) -> list[Alarm]:
    """Return the alarm on a balancer of whose requests five percent take so many seconds or longer, for ten minutes.

    Minutes with fewer than ``minimum_requests`` do not count: one slow request at night is not five percent.
    """
    dimensions = {"LoadBalancer": target.load_balancer_arn_suffix}
    return [
        Alarm(
            name=f"{target.label}-latency",
            description=(
                f"Five percent of the requests to {target.label} have taken {seconds:g} seconds or longer for ten "
                "minutes. First: see on the dashboard which service is slow and since when. If it began with a "
                "deployment, roll that back; if CPU is high, raise the number of tasks; else look at its stores."
            ),
            math=MetricMath(
                metrics={
                    "slow": Metric(
                        namespace="AWS/ApplicationELB",
                        name="TargetResponseTime",
                        statistic="p95",
                        dimensions=dimensions,
                    ),
                    "requests": Metric(
                        namespace="AWS/ApplicationELB", name="RequestCount", statistic="Sum", dimensions=dimensions
                    ),
                },
                expressions={"latency": f"IF(FILL(requests, 0) >= {minimum_requests}, slow, 0)"},
            ),
            threshold=seconds,
            period_seconds=60,
            periods=_PERIODS,
            breaching_periods=_PERIODS,
            # Nobody asked, so nobody waited.
            missing_data="notBreaching",
        )
    ]
