"""What is worth waking somebody for, as data: one function per kind of target, each returning its alarms.

An alarm rings at or above its threshold, everywhere. Each says how long a breach lasts before it rings and what
silence means, with the reason beside it: CloudWatch sends many metrics only while there is something to count.
"""

from collections import Counter
from collections.abc import Sequence

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
from zelly_components.alarms.alarm import Alarm, Dimensions, Metric, MetricMath
from zelly_components.alarms.hosts import host_alarms


def all_alarms(
    *,
    services: Sequence[EcsServiceTarget],
    application_load_balancers: Sequence[ApplicationLoadBalancerTarget],
    shared_load_balancers: Sequence[SharedLoadBalancerTarget],
    network_load_balancers: Sequence[NetworkLoadBalancerTarget],
    aurora: AuroraTarget,
    redis: RedisTarget,
    hosts: Sequence[HostTarget],
    thresholds: AlarmThresholds,
) -> list[Alarm]:
    """Return every alarm of an environment.

    Raises:
        ValueError: when two targets' labels give two alarms one name.
    """
    alarms = [
        *(alarm for balancer in application_load_balancers for alarm in balancer_alarms(balancer, thresholds)),
        *(alarm for balancer in shared_load_balancers for alarm in shared_balancer_alarms(balancer, thresholds)),
        *(alarm for balancer in network_load_balancers for alarm in network_balancer_alarms(balancer)),
        *(alarm for service in services for alarm in service_alarms(service, thresholds)),
        aurora_alarm(aurora, thresholds),
        *redis_alarms(redis, thresholds),
        *(alarm for host in hosts for alarm in host_alarms(host, thresholds)),
    ]
    repeated = [name for name, count in Counter(alarm.name for alarm in alarms).items() if count > 1]
    if repeated:
        raise ValueError(f"label: two targets give the alarm {', '.join(repeated)}; allowed: labels that differ")
    return alarms


def balancer_alarms(target: ApplicationLoadBalancerTarget, thresholds: AlarmThresholds) -> list[Alarm]:
    """Return a balancer's alarms: the rate of server errors, and targets that fail their health check."""
    balancer = {"LoadBalancer": target.load_balancer_arn_suffix}
    return [
        _balancer_errors(target.label, balancer, thresholds),
        _unhealthy_targets(
            f"{target.label}-unhealthy-targets",
            f"{target.label} has",
            _unhealthy_hosts({**balancer, "TargetGroup": target.target_group_arn_suffix}),
        ),
    ]


def shared_balancer_alarms(target: SharedLoadBalancerTarget, thresholds: AlarmThresholds) -> list[Alarm]:
    """Return a shared balancer's alarms: its rate of server errors, and for each service its own and unhealthy targets.

    Both rates, as an error of the balancer itself is not counted for a service, and errors of a quiet service are lost
    among the requests of a busy one.
    """
    balancer = {"LoadBalancer": target.load_balancer_arn_suffix}
    alarms = [_balancer_errors(target.label, balancer, thresholds)]
    for service, suffix in sorted(target.target_group_arn_suffixes.items()):
        targets = {**balancer, "TargetGroup": suffix}
        alarms += [
            _service_errors(f"{target.label}-{service}", service, targets, thresholds),
            _unhealthy_targets(
                f"{target.label}-{service}-unhealthy-targets",
                f"{target.label} has, for {service},",
                _unhealthy_hosts(targets),
            ),
        ]
    return alarms


def network_balancer_alarms(target: NetworkLoadBalancerTarget) -> list[Alarm]:
    """Return an alarm per port: targets that fail their health check."""
    return [
        _unhealthy_targets(
            f"{target.label}-{port}-unhealthy-targets",
            f"{target.label} has, on port {port},",
            Metric(
                namespace="AWS/NetworkELB",
                name="UnHealthyHostCount",
                statistic="Maximum",
                dimensions={"LoadBalancer": target.load_balancer_arn_suffix, "TargetGroup": suffix},
            ),
        )
        for port, suffix in sorted(target.target_group_arn_suffixes.items())
    ]


def service_alarms(target: EcsServiceTarget, thresholds: AlarmThresholds) -> list[Alarm]:
    """Return a service's alarms: fewer tasks than desired (none at all without Container Insights), CPU, memory."""
    dimensions = {"ClusterName": target.cluster_name, "ServiceName": target.service_name}
    return [
        _running_tasks(target.label, dimensions, container_insights=target.container_insights),
        _service_cpu(target.label, dimensions, thresholds.cpu_percent),
        _service_memory(target.label, dimensions, thresholds.memory_percent),
    ]


def aurora_alarm(target: AuroraTarget, thresholds: AlarmThresholds) -> Alarm:
    """Return the alarm on a cluster that has scaled close to its maximum and can't take more load."""
    threshold_acu = target.maximum_capacity_acu * thresholds.aurora_capacity_percent / 100
    return Alarm(
        name=f"{target.label}-capacity",
        description=(
            f"{target.label} has stood at {threshold_acu:g} of its {target.maximum_capacity_acu:g} ACU or more for "
            "fifteen minutes. First: look for a new query in the slow query log; if the load is genuine, raise "
            "the maximum, which changes in place."
        ),
        measure=Metric(
            namespace="AWS/RDS",
            name="ServerlessDatabaseCapacity",
            # The fullest instance: across a cluster the average hides a writer at its limit beside an idle reader.
            statistic="Maximum",
            dimensions={"DBClusterIdentifier": target.cluster_identifier},
        ),
        threshold=threshold_acu,
        period_seconds=300,
        periods=3,
        breaching_periods=3,
        # A stopped cluster sends nothing and uses no capacity.
        missing_data="notBreaching",
    )


def redis_alarms(target: RedisTarget, thresholds: AlarmThresholds) -> list[Alarm]:
    """Return a node's alarms: memory running out, and any key evicted.

    Where jobs are queued in Redis a full node must refuse writes rather than drop keys, and an evicted key is a job
    lost without a trace: the first eviction rings.
    """
    dimensions = {"CacheClusterId": target.cache_cluster_id}
    return [
        _redis_memory(target.label, dimensions, thresholds.redis_memory_percent),
        _redis_evictions(target.label, dimensions),
    ]


def _balancer_errors(label: str, dimensions: Dimensions, thresholds: AlarmThresholds) -> Alarm:
    return _error_alarm(
        f"{label}-5xx",
        (
            f"{label} answers {thresholds.http_5xx_percent:g} percent or more of its requests with a 5xx. "
            "First: see on the dashboard whether the targets or the balancer itself answer so, then read the log "
            "of the service behind it. If it began with a deployment, roll that back."
        ),
        _error_rate(dimensions, thresholds.minimum_requests),
        thresholds,
    )


def _service_errors(name: str, service: str, dimensions: Dimensions, thresholds: AlarmThresholds) -> Alarm:
    return _error_alarm(
        f"{name}-5xx",
        (
            f"{service} answers {thresholds.http_5xx_percent:g} percent or more of its requests with a 5xx. "
            "First: read its log. If it began with a deployment, roll that back."
        ),
        _service_error_rate(dimensions, thresholds.minimum_requests),
        thresholds,
    )


def _error_alarm(name: str, description: str, rate: MetricMath, thresholds: AlarmThresholds) -> Alarm:
    return Alarm(
        name=name,
        description=description,
        measure=rate,
        threshold=thresholds.http_5xx_percent,
        period_seconds=60,
        # Three of five and not the newest alone: FILL counts a minute that is not delivered yet as zero.
        periods=5,
        breaching_periods=3,
        # Nobody asked, so nobody was refused.
        missing_data="notBreaching",
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


def _service_error_rate(dimensions: Dimensions, minimum_requests: int) -> MetricMath:
    """Return the percentage of a target group's requests that its targets answer with a 5xx."""
    return MetricMath(
        metrics={
            "requests": _balancer_count("RequestCount", dimensions),
            "target_errors": _balancer_count("HTTPCode_Target_5XX_Count", dimensions),
        },
        expressions={
            "total": "FILL(requests, 0)",
            "rate": f"IF(total >= {minimum_requests}, 100 * FILL(target_errors, 0) / total, 0)",
        },
    )


def _unhealthy_hosts(dimensions: Dimensions) -> Metric:
    return Metric(namespace="AWS/ApplicationELB", name="UnHealthyHostCount", statistic="Maximum", dimensions=dimensions)


def _unhealthy_targets(name: str, subject: str, metric: Metric) -> Alarm:
    return Alarm(
        name=name,
        description=(
            f"{subject} a target that has failed its health check for five minutes. First: read the log of the task at "
            "the address that the target group shows as unhealthy, and request its health check path."
        ),
        measure=metric,
        threshold=1,
        period_seconds=60,
        periods=5,
        breaching_periods=5,
        # Sent only while targets are registered; that there are none is said by the alarm on running tasks.
        missing_data="notBreaching",
    )


def _running_tasks(label: str, dimensions: Dimensions, *, container_insights: bool) -> Alarm:
    measure, what = (_absent_tasks if container_insights else _no_task)(dimensions)
    return Alarm(
        name=f"{label}-running-tasks",
        description=(
            f"{label} has run {what}. First: read the service's events and the stopped reason of its newest task (a "
            "missing image or secret stands there)."
        ),
        measure=measure,
        threshold=1,
        period_seconds=60,
        # Longer than a scale-out takes: from the new desired count to a running task, two to four minutes.
        periods=10,
        breaching_periods=10,
        # Nothing is sent for a service without a running task ("Amazon ECS CloudWatch metrics" and "Container Insights
        # considerations", ECS Developer Guide): silence is the worst case itself.
        missing_data="breaching",
    )


def _absent_tasks(dimensions: Dimensions) -> tuple[MetricMath, str]:
    def count(name: str) -> Metric:
        return Metric(namespace="ECS/ContainerInsights", name=name, statistic="Average", dimensions=dimensions)

    measure = MetricMath(
        metrics={"desired": count("DesiredTaskCount"), "running": count("RunningTaskCount")},
        expressions={"absent": "desired - running"},
    )
    return measure, "fewer tasks than desired for ten minutes, or none at all"


def _no_task(dimensions: Dimensions) -> tuple[MetricMath, str]:
    # How many samples one task sends in a minute is nowhere promised: their number does not count tasks.
    samples = Metric(namespace="AWS/ECS", name="CPUUtilization", statistic="SampleCount", dimensions=dimensions)
    measure = MetricMath(metrics={"samples": samples}, expressions={"absent": "IF(FILL(samples, 0) > 0, 0, 1)"})
    return measure, "no task at all for ten minutes"


def _service_cpu(label: str, dimensions: Dimensions, percent: int) -> Alarm:
    return Alarm(
        name=f"{label}-cpu",
        description=(
            f"{label} has used {percent} percent or more of its CPU for fifteen minutes; scaling has not helped. "
            "First: see whether it runs its maximum of tasks, then raise that or the tasks' size."
        ),
        measure=Metric(namespace="AWS/ECS", name="CPUUtilization", statistic="Average", dimensions=dimensions),
        threshold=percent,
        period_seconds=300,
        periods=3,
        breaching_periods=3,
        # Sent only for running tasks; that there are none is said by the alarm on running tasks.
        missing_data="notBreaching",
    )


def _service_memory(label: str, dimensions: Dimensions, percent: int) -> Alarm:
    return Alarm(
        name=f"{label}-memory",
        description=(
            f"A task of {label} has used {percent} percent or more of its memory for five minutes; at 100 it is "
            "killed. First: see on the dashboard whether it grows since a deployment (a leak: roll back) or with the "
            "load (raise the task's memory)."
        ),
        # The fullest task, not the average: one that leaks among four is killed all the same.
        measure=Metric(namespace="AWS/ECS", name="MemoryUtilization", statistic="Maximum", dimensions=dimensions),
        threshold=percent,
        period_seconds=60,
        periods=5,
        breaching_periods=5,
        # As for CPU.
        missing_data="notBreaching",
    )


def _redis_memory(label: str, dimensions: Dimensions, percent: int) -> Alarm:
    return Alarm(
        name=f"{label}-memory",
        description=(
            f"{label} has used {percent} percent or more of its memory for five minutes, or does not answer. When "
            "full it refuses writes. First: look for a queue that grows because its worker is down, then for keys "
            "without an expiry; a larger node type is the last resort."
        ),
        measure=Metric(
            namespace="AWS/ElastiCache",
            name="DatabaseMemoryUsagePercentage",
            statistic="Maximum",
            dimensions=dimensions,
        ),
        threshold=percent,
        period_seconds=60,
        periods=5,
        breaching_periods=5,
        # A node sends this every minute of its life: silence is a node that is down, and no other alarm says so.
        missing_data="breaching",
    )


def _redis_evictions(label: str, dimensions: Dimensions) -> Alarm:
    return Alarm(
        name=f"{label}-evictions",
        description=(
            f"{label} has dropped keys to make room, so queued jobs may be lost. First: see that the parameter "
            "group's maxmemory-policy is noeviction, then free memory."
        ),
        measure=Metric(namespace="AWS/ElastiCache", name="Evictions", statistic="Sum", dimensions=dimensions),
        threshold=1,
        period_seconds=60,
        periods=1,
        breaching_periods=1,
        # A silent node is said by the alarm on its memory.
        missing_data="notBreaching",
    )
