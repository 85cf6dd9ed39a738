"""Alarms and widgets of load balancers: errors, and targets that fail their health check."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from zelly_components.alarms.alarm import Alarm, Dimensions, Metric, MetricMath, Severity, as_math, as_metric
from zelly_components.alarms.dashboard import Line, Widget
from zelly_components.base import counted


@dataclass(frozen=True, kw_only=True)
class ApplicationLoadBalancerTarget:
    """An application load balancer to watch, with the target group of each service behind it."""

    label: str
    """Its short name, with which the names of its alarms begin, and which stands on the dashboard."""
    load_balancer_arn_suffix: pulumi.Input[str]
    """CloudWatch's dimension ``LoadBalancer``: the balancer's output ``load_balancer_arn_suffix``, e.g.
    ``app/shop/0123456789abcdef``."""
    target_group_arn_suffixes: Mapping[str, pulumi.Input[str]]
    """CloudWatch's dimension ``TargetGroup`` of each service behind it, by the service's short name: values of the
    balancer's output of the same name."""
    alternate_target_group_arn_suffixes: Mapping[str, pulumi.Input[str]] = field(
        default_factory=dict[str, pulumi.Input[str]]
    )
    """The second groups of services that are deployed blue/green, which serve in turn. Empty: there are none."""


@dataclass(frozen=True, kw_only=True)
class NetworkLoadBalancerTarget:
    """A network load balancer to watch, with the target group behind each of its ports."""

    label: str
    """Its short name, with which the names of its alarms begin, and which stands in their descriptions."""
    load_balancer_arn_suffix: pulumi.Input[str]
    """CloudWatch's dimension ``LoadBalancer``: the balancer's output ``load_balancer_arn_suffix``, e.g.
    ``net/shop/0123456789abcdef``."""
    target_group_arn_suffixes: Mapping[int, pulumi.Input[str]]
    """CloudWatch's dimension ``TargetGroup`` of the group behind each port, by port: values of the balancer's output of
    the same name."""


def application_load_balancer_alarms(
    target: ApplicationLoadBalancerTarget, *, http_5xx_percent: float, minimum_requests: int
) -> list[Alarm]:
    """Return a balancer's alarms: its rate of server errors, and targets that fail their health check.

    ``http_5xx_percent`` is the share of a minute's requests that are answered with an error of the server's. Below
    ``minimum_requests`` in a minute no share is computed: one error at night is not 100 percent.

    Where several services share the balancer, each has both alarms, beside the rate of the whole: an error of the
    balancer itself is not counted for a service, and errors of a quiet service are lost among the requests of a busy
    one.
    """
    _check(target)
    balancer = {"LoadBalancer": target.load_balancer_arn_suffix}
    alarms = [_balancer_errors(target.label, balancer, http_5xx_percent, minimum_requests)]
    shared = len(target.target_group_arn_suffixes) > 1
    for service in sorted(target.target_group_arn_suffixes):
        targets = _groups(target, service)
        name = f"{target.label}-{service}" if shared else target.label
        if shared:
            alarms.append(_service_errors(name, service, targets, http_5xx_percent, minimum_requests))
        alarms.append(
            _unhealthy_targets(
                f"{name}-unhealthy-targets",
                f"{target.label} has, for {service}," if shared else f"{target.label} has",
                unhealthy_hosts("AWS/ApplicationELB", targets),
                # The rate of errors pages where clients notice.
                severity="inform",
            )
        )
    return alarms


def _check(target: ApplicationLoadBalancerTarget) -> None:
    counted("target_group_arn_suffixes", target.target_group_arn_suffixes)
    counted("alternate_target_group_arn_suffixes", target.alternate_target_group_arn_suffixes)


def network_load_balancer_alarms(target: NetworkLoadBalancerTarget) -> list[Alarm]:
    """Return an alarm for each port: targets that fail their health check."""
    return [
        _unhealthy_targets(
            f"{target.label}-{port}-unhealthy-targets",
            f"{target.label} has, on port {port},",
            unhealthy_hosts(
                "AWS/NetworkELB", [{"LoadBalancer": target.load_balancer_arn_suffix, "TargetGroup": suffix}]
            ),
            # No answer passes through it that could be counted as an error.
            severity="page",
        )
        for port, suffix in sorted(counted("target_group_arn_suffixes", target.target_group_arn_suffixes).items())
    ]


def application_load_balancer_widgets(target: ApplicationLoadBalancerTarget) -> list[Widget]:
    """Return graphs of requests, latency and errors: of the balancer, or of each service where several share it."""
    balancer = {"LoadBalancer": target.load_balancer_arn_suffix}
    if len(target.target_group_arn_suffixes) == 1:
        return _widgets(target.label, [balancer], balancer)
    return [
        widget
        for service in target.target_group_arn_suffixes
        for widget in _widgets(f"{target.label}, {service}", _groups(target, service), balancer)
    ]


def _groups(target: ApplicationLoadBalancerTarget, service: str) -> list[Dimensions]:
    """Return the dimensions of each of a service's target groups."""
    suffixes = [target.target_group_arn_suffixes[service]]
    if service in target.alternate_target_group_arn_suffixes:
        suffixes.append(target.alternate_target_group_arn_suffixes[service])
    return [{"LoadBalancer": target.load_balancer_arn_suffix, "TargetGroup": suffix} for suffix in suffixes]


def _widgets(label: str, groups: Sequence[Dimensions], balancer: Dimensions) -> list[Widget]:
    def lines(metric: str, statistic: str, label: str) -> list[Line]:
        return [line(metric, statistic, f"{label}{_of_group(number)}", group) for number, group in enumerate(groups, 1)]

    def line(metric: str, statistic: str, label: str, of: Dimensions) -> Line:
        return Line(namespace="AWS/ApplicationELB", metric=metric, dimensions=of, statistic=statistic, label=label)

    return [
        Widget(title=f"{label}: requests", lines=lines("RequestCount", "Sum", "requests a minute")),
        Widget(
            title=f"{label}: latency in seconds",
            lines=[
                each
                for percentile in ("p50", "p95", "p99")
                for each in lines("TargetResponseTime", percentile, percentile)
            ],
        ),
        Widget(
            title=f"{label}: 5xx",
            lines=[
                *lines("HTTPCode_Target_5XX_Count", "Sum", "from the targets"),
                line("HTTPCode_ELB_5XX_Count", "Sum", "from the balancer", balancer),
            ],
        ),
    ]


def _of_group(number: int) -> str:
    return "" if number == 1 else ", second group"


def _balancer_errors(label: str, dimensions: Dimensions, percent: float, minimum_requests: int) -> Alarm:
    return _error_alarm(
        f"{label}-5xx",
        (
            f"{label} answers {percent:g} percent or more of its requests with a 5xx. "
            "First: see on the dashboard whether the targets or the balancer itself answer so, then read the log "
            "of the service behind it. If it began with a deployment, roll that back."
        ),
        _error_rate(dimensions, minimum_requests),
        percent,
    )


def _service_errors(
    name: str, service: str, groups: Sequence[Dimensions], percent: float, minimum_requests: int
) -> Alarm:
    return _error_alarm(
        f"{name}-5xx",
        (
            f"{service} answers {percent:g} percent or more of its requests with a 5xx. "
            "First: read its log. If it began with a deployment, roll that back."
        ),
        _service_error_rate(groups, minimum_requests),
        percent,
    )


def _error_alarm(name: str, description: str, rate: MetricMath, percent: float) -> Alarm:
    return Alarm(
        name=name,
        description=description,
        math=rate,
        threshold=percent,
        period_seconds=60,
        # Three of five and not the newest alone: FILL counts a minute that is not delivered yet as zero.
        periods=5,
        breaching_periods=3,
        # Nobody asked, so nobody was refused.
        missing_data="notBreaching",
        severity="page",
    )


def _balancer_count(name: str, dimensions: Dimensions) -> Metric:
    return Metric(namespace="AWS/ApplicationELB", name=name, statistic="Sum", dimensions=dimensions)


def _error_rate(dimensions: Dimensions, minimum_requests: int) -> MetricMath:
    """Return the percentage of requests answered with a 5xx, by the targets or by the balancer itself.

    ``RequestCount`` leaves out what was refused before a target was chosen, such as every request while no target is
    healthy (Elastic Load Balancing, "CloudWatch metrics for your Application Load Balancer"). The balancer's own errors
    are therefore added to it, or an outage of all targets would count as no traffic. A count that is zero is not sent:
    hence FILL.
    """
    return MetricMath(
        metrics={
            "requests": _balancer_count("RequestCount", dimensions),
            "target_errors": _balancer_count("HTTPCode_Target_5XX_Count", dimensions),
            "balancer_errors": _balancer_count("HTTPCode_ELB_5XX_Count", dimensions),
        },
        expressions={
            "total": "FILL(requests, 0) + FILL(balancer_errors, 0)",
            "errors": "FILL(target_errors, 0) + FILL(balancer_errors, 0)",
            "rate": f"IF(total >= {minimum_requests}, 100 * errors / total, 0)",
        },
    )


def _service_error_rate(groups: Sequence[Dimensions], minimum_requests: int) -> MetricMath:
    """Return the percentage of a service's requests that its targets answer with a 5xx."""
    return MetricMath(
        metrics=_counts_of_targets(groups),
        expressions={
            "total": _sum("requests", groups),
            "rate": f"IF(total >= {minimum_requests}, 100 * {_bracketed(_sum('target_errors', groups))} / total, 0)",
        },
    )


def service_error_rates(groups: Sequence[Dimensions], minimum_requests: int) -> MetricMath:
    """Return the higher one of the two percentages of requests that the targets of a group answer with a 5xx."""
    rates = {
        f"rate{_suffix(number)}": f"IF(FILL(requests{_suffix(number)}, 0) >= {minimum_requests}, "
        f"100 * FILL(target_errors{_suffix(number)}, 0) / FILL(requests{_suffix(number)}, 0), 0)"
        for number in range(1, len(groups) + 1)
    }
    return MetricMath(
        metrics=_counts_of_targets(groups),
        expressions=rates if len(rates) == 1 else {**rates, "worst": f"MAX([{', '.join(rates)}])"},
    )


def unhealthy_hosts(namespace: str, groups: Sequence[Dimensions]) -> Metric | MetricMath:
    """Return the number of targets that fail their health check: of the group with more of them."""
    counts = [
        Metric(namespace=namespace, name="UnHealthyHostCount", statistic="Maximum", dimensions=group)
        for group in groups
    ]
    if len(counts) == 1:
        return counts[0]
    metrics = {f"unhealthy{_suffix(number)}": count for number, count in enumerate(counts, 1)}
    # Without FILL: a group without targets has no count and takes no part in MAX (from memory), and a minute that is
    # not delivered yet would count as zero each time that all of the last minutes are compared.
    return MetricMath(metrics=metrics, expressions={"most": f"MAX([{', '.join(metrics)}])"})


def _counts_of_targets(groups: Sequence[Dimensions]) -> dict[str, Metric]:
    return {
        f"{name}{_suffix(number)}": _balancer_count(metric, group)
        for number, group in enumerate(groups, 1)
        for name, metric in (("requests", "RequestCount"), ("target_errors", "HTTPCode_Target_5XX_Count"))
    }


def _sum(name: str, groups: Sequence[Dimensions]) -> str:
    return " + ".join(f"FILL({name}{_suffix(number)}, 0)" for number in range(1, len(groups) + 1))


def _bracketed(expression: str) -> str:
    return f"({expression})" if " + " in expression else expression


def _suffix(number: int) -> str:
    return "" if number == 1 else f"_{number}"


def _unhealthy_targets(name: str, subject: str, measure: Metric | MetricMath, *, severity: Severity) -> Alarm:
    return Alarm(
        name=name,
        description=(
            f"{subject} a target that has failed its health check for five minutes. First: read the log of the task at "
            "the address that the target group shows as unhealthy, and request its health check path."
        ),
        metric=as_metric(measure),
        math=as_math(measure),
        threshold=1,
        period_seconds=60,
        periods=5,
        breaching_periods=5,
        # Sent only while targets are registered; where there are none, the alarm on running tasks rings.
        missing_data="notBreaching",
        severity=severity,
    )
