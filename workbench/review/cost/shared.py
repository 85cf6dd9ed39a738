"""Charges for several resources together: traffic, logs, metrics, less what an account has free once."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from workbench.counting import counted
from workbench.review.cost.compute import agent_metrics
from workbench.review.cost.plan import Charge, Finding, Plan, Resource, Unknown
from workbench.review.cost.quantity import HOURS, Quantity

_LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
_NAT_GATEWAY = "aws:ec2/natGateway:NatGateway"
_SERVICE = "aws:ecs/service:Service"
_CLUSTER = "aws:ecs/cluster:Cluster"
_INSTANCE = "aws:ec2/instance:Instance"
_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
_COMPOSITE_ALARM = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
_SCALING_POLICY = "aws:appautoscaling/policy:Policy"
_DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"
_METRIC_FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
_LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
_FLOW_LOG = "aws:ec2/flowLog:FlowLog"
_REPOSITORY = "aws:ecr/repository:Repository"
_BUCKET = "aws:s3/bucket:Bucket"
_SECRET = "aws:secretsmanager/secret:Secret"  # noqa: S105 (a type)
_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"

_ALARMS_OF_TARGET_TRACKING = 2
"""Application Auto Scaling makes one to scale out and one to scale in for each policy, at the usual price."""
_FREE_DASHBOARD_METRICS = 50
"""A dashboard with more metrics is not among the free ones ("Amazon CloudWatch pricing")."""
_PRICED_OTHERWISE = frozenset({"CWAgent", "ECS/ContainerInsights", "FailedUnits"})
"""Namespaces of metrics that are counted by what publishes them: an agent, Container Insights, a metric filter."""
_METRICS_OF_CLUSTER, _METRICS_OF_SERVICE = 3, 5
"""Container Insights' counts of what a cluster and a service hold ("Amazon ECS Container Insights metrics", CloudWatch
User Guide)."""
_METRICS_OF_TASKS = Quantity(low=Decimal(6), expected=Decimal(8), high=Decimal(10))
"""What it measures of tasks, for the cluster, each service and each task definition family alike: CPU, memory and
network; storage too (same page); and ephemeral storage, which later editions of the page have."""
_HIGH_RESOLUTION_SECONDS = 60

Pricing: TypeAlias = Callable[[Sequence[Resource], Plan], Iterator[Finding]]


@dataclass(frozen=True, kw_only=True)
class SharedCharge:
    """A charge that no single resource causes. It is made when there is one of the types at least."""

    group: str
    """Under which heading it stands."""
    types: tuple[str, ...]
    price: Pricing
    """Takes all resources of the types."""


def _balancers(kind: str) -> Pricing:
    label, item = {"application": ("ALB", "alb.lcu_hour"), "network": ("NLB", "nlb.nlcu_hour")}[kind]

    def price(resources: Sequence[Resource], plan: Plan) -> Iterator[Finding]:
        of_kind = [one for one in resources if one.inputs.get("loadBalancerType", "application") == kind]
        # What a stack has not, its usage file may leave out: it is asked for only where there is one.
        if of_kind:
            traffic = plan.usage.traffic
            average = (traffic.alb_lcu_average if kind == "application" else traffic.nlb_nlcu_average).quantity
            yield Charge(what=f"{label} capacity units", item=item, quantity=average.times(HOURS))

    return price


def _nat_traffic(_: Sequence[Resource], plan: Plan) -> Iterator[Finding]:
    yield Charge(what="traffic through NAT", item="nat.gb", quantity=plan.usage.traffic.nat_gb_per_month.quantity)


def _internet_out(_: Sequence[Resource], plan: Plan) -> Iterator[Finding]:
    allowance = plan.usage.free_per_month.internet_out_gb
    out = plan.usage.traffic.internet_out_gb_per_month.quantity.beyond(allowance)
    yield Charge(
        what=f"traffic to the internet{_after(allowance, 'GB')}", item="transfer.out.first10tb.gb", quantity=out
    )


def _between_zones(_: Sequence[Resource], plan: Plan) -> Iterator[Finding]:
    both_ways = plan.usage.traffic.between_zones_gb_per_month.quantity.times(2)
    yield Charge(what="traffic between zones, both ways", item="transfer.inter_az.gb_each_way", quantity=both_ways)


def _images_from_other_region(_: Sequence[Resource], plan: Plan) -> Iterator[Finding]:
    origin = plan.usage.traffic.images_from_region
    if origin not in {None, plan.region}:
        pulled = plan.usage.traffic.images_from_other_region_gb_per_month.quantity
        item = f"transfer.to_{plan.region}.gb"
        yield Charge(what=f"images pulled from {origin}", item=item, quantity=pulled, region=origin)


def _interface_endpoint_traffic(endpoints: Sequence[Resource], plan: Plan) -> Iterator[Finding]:
    del plan
    if any(endpoint.inputs.get("vpcEndpointType") == "Interface" for endpoint in endpoints):
        yield Unknown("traffic through interface endpoints: the usage file has no assumption for it")


def _logs(_: Sequence[Resource], plan: Plan) -> Iterator[Finding]:
    logs = plan.usage.logs
    yield Charge(what="logs taken in", item="cloudwatch.logs.ingest.gb", quantity=logs.ingested_gb_per_month.quantity)
    yield Charge(what="logs kept", item="cloudwatch.logs.storage.gb_month", quantity=logs.stored_gb.quantity)


def _flow_logs(flow_logs: Sequence[Resource], plan: Plan) -> Iterator[Finding]:
    if any(one.inputs.get("logDestinationType", "cloud-watch-logs") != "cloud-watch-logs" for one in flow_logs):
        yield Unknown("flow logs to somewhere else than CloudWatch Logs")
    else:
        taken_in = plan.usage.logs.flow_logs_gb_per_month.quantity
        yield Charge(what="VPC flow logs taken in", item="vpc_flow_logs.cloudwatch.gb", quantity=taken_in)


def _alarms(resources: Sequence[Resource], plan: Plan) -> Iterator[Finding]:
    """Price alarms by the metrics that they look at, which is what AWS counts."""
    alarms = [one for one in resources if one.type == _ALARM]
    periods = [int(one.inputs.get("period") or _HIGH_RESOLUTION_SECONDS) for one in alarms]
    if any(period < _HIGH_RESOLUTION_SECONDS for period in periods):
        yield Unknown("alarms with a period below a minute")
    tracking = sum(one.inputs.get("policyType") == "TargetTrackingScaling" for one in resources)
    count = sum(map(_metrics_of_alarm, alarms)) + tracking * _ALARMS_OF_TARGET_TRACKING
    allowance = plan.usage.free_per_month.alarm_metrics
    what = f"{counted(count, 'metric')} in alarms, with those of scaling policies{_after(allowance, '')}"
    yield Charge(what=what, item="cloudwatch.alarm_month", quantity=Quantity.fixed(count).beyond(allowance))


def _metrics_of_alarm(alarm: Resource) -> int:
    queries: list[Mapping[str, Any]] = alarm.inputs.get("metricQueries", [])
    return sum("metric" in query for query in queries) or 1


def _composite_alarms(alarms: Sequence[Resource], plan: Plan) -> Iterator[Finding]:
    """Price composite alarms, none of which is free."""
    del plan
    quantity = Quantity.fixed(len(alarms))
    yield Charge(
        what=counted(len(alarms), "composite alarm"), item="cloudwatch.composite_alarm_month", quantity=quantity
    )


def _dashboards(dashboards: Sequence[Resource], plan: Plan) -> Iterator[Finding]:
    large = sum(_metrics_of_dashboard(one) > _FREE_DASHBOARD_METRICS for one in dashboards)
    small = Quantity.fixed(len(dashboards) - large).beyond(plan.usage.free_per_month.dashboards)
    what = "dashboards" + (f", {large} with more than {_FREE_DASHBOARD_METRICS} metrics" if large else "")
    yield Charge(what=what, item="cloudwatch.dashboard_month", quantity=small.plus(large))


def _metrics_of_dashboard(dashboard: Resource) -> int:
    widgets: list[Mapping[str, Any]] = json.loads(dashboard.inputs["dashboardBody"])["widgets"]
    metrics = [metric for widget in widgets for metric in widget.get("properties", {}).get("metrics", [])]
    # An expression is a structure alone; a metric begins with its namespace.
    return sum(isinstance(metric[0], str) for metric in metrics)


def _custom_metrics(resources: Sequence[Resource], plan: Plan) -> Iterator[Finding]:
    """Price all custom metrics together, because the account's free ones are for all of them.

    A metric made from logs counts for the whole month, though AWS charges only for hours in which it has a value.
    """
    levels = Counter(_container_insights(one) for one in resources if one.type == _CLUSTER)
    hosts = sum(agent_metrics(one) for one in resources if one.type == _INSTANCE)
    from_logs = sum(one.type == _METRIC_FILTER for one in resources)
    clusters = levels["enabled"]
    services = len(plan.of_type(_SERVICE)) if clusters else 0
    counts = clusters * _METRICS_OF_CLUSTER + services * _METRICS_OF_SERVICE
    insights = _METRICS_OF_TASKS.times(clusters + 2 * services).plus(counts)
    if levels["enhanced"]:
        yield Unknown("Container Insights with enhanced observability: the number of its metrics is not known")
    allowance = plan.usage.free_per_month.custom_metrics
    own = _own_metrics(plan.of_type(_ALARM))
    count = insights.plus(hosts + from_logs + own)
    if not count.is_nothing:
        sources = f"{insights.expected} metrics of Container Insights, {hosts} of hosts, {from_logs} from logs"
        sources += f", {own} of the programs' own that alarms read" if own else ""
        what = f"{sources}{_after(allowance, '')}"
        paid = count.beyond(allowance)
        yield Charge(what=what, item="cloudwatch.custom_metric_month", quantity=paid)


def _own_metrics(alarms: Sequence[Resource]) -> int:
    """Count the metrics that alarms read and neither AWS nor an agent nor a filter publishes: a program on a host does.

    What nobody watches is not seen here.
    """
    found = {
        (namespace, metric["metricName"], json.dumps(metric.get("dimensions", {}), sort_keys=True))
        for alarm in alarms
        for metric in _metrics_read(alarm)
        if (namespace := metric.get("namespace")) is not None
        and not namespace.startswith("AWS/")
        and namespace not in _PRICED_OTHERWISE
    }
    return len(found)


def _metrics_read(alarm: Resource) -> Iterator[Mapping[str, Any]]:
    """Yield the metrics of an alarm: its own, or those that its expressions are made of."""
    queries: list[Mapping[str, Any]] = alarm.inputs.get("metricQueries", [])
    yield from (query["metric"] for query in queries if "metric" in query)
    if not queries:
        yield alarm.inputs


def _container_insights(cluster: Resource) -> str:
    settings: list[Mapping[str, str]] = cluster.inputs.get("settings", [])
    return next((setting["value"] for setting in settings if setting["name"] == "containerInsights"), "disabled")


def _stored(what: str, item: str, quantity: Callable[[Plan], Quantity]) -> Pricing:
    def price(_: Sequence[Resource], plan: Plan) -> Iterator[Finding]:
        yield Charge(what=what, item=item, quantity=quantity(plan))

    return price


def _secret_calls(_: Sequence[Resource], plan: Plan) -> Iterator[Finding]:
    calls = plan.usage.requests.secret_calls_per_month.quantity.times(Decimal("0.0001"))
    yield Charge(what="calls of Secrets Manager", item="secrets.10k_calls", quantity=calls)


def _after(allowance: Decimal, unit: str) -> str:
    return f" after {allowance:f}{f' {unit}' if unit else ''} free" if allowance else ""


SHARED = (
    SharedCharge(group="traffic", types=(_LOAD_BALANCER,), price=_balancers("application")),
    SharedCharge(group="traffic", types=(_LOAD_BALANCER,), price=_balancers("network")),
    SharedCharge(group="traffic", types=(_NAT_GATEWAY,), price=_nat_traffic),
    SharedCharge(group="traffic", types=(_LOAD_BALANCER,), price=_internet_out),
    SharedCharge(group="traffic", types=(_LOAD_BALANCER, _SERVICE), price=_between_zones),
    SharedCharge(group="traffic", types=(_SERVICE,), price=_images_from_other_region),
    SharedCharge(group="traffic", types=(_ENDPOINT,), price=_interface_endpoint_traffic),
    SharedCharge(group="logs", types=(_LOG_GROUP,), price=_logs),
    SharedCharge(group="logs", types=(_FLOW_LOG,), price=_flow_logs),
    SharedCharge(group="metrics", types=(_ALARM, _SCALING_POLICY), price=_alarms),
    SharedCharge(group="metrics", types=(_COMPOSITE_ALARM,), price=_composite_alarms),
    SharedCharge(group="metrics", types=(_DASHBOARD,), price=_dashboards),
    SharedCharge(group="metrics", types=(_CLUSTER, _INSTANCE, _METRIC_FILTER), price=_custom_metrics),
    SharedCharge(
        group="storage",
        types=(_REPOSITORY,),
        price=_stored("images", "ecr.gb_month", lambda plan: plan.usage.storage.ecr_stored_gb.quantity),
    ),
    SharedCharge(
        group="storage",
        types=(_BUCKET,),
        price=_stored("access logs", "s3.standard.gb_month", lambda plan: plan.usage.storage.s3_stored_gb.quantity),
    ),
    SharedCharge(group="storage", types=(_SECRET,), price=_secret_calls),
)
"""In the order in which they are shown."""
