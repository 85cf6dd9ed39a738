"""The readings of log groups, alarms and dashboards."""

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.sandbox.making.answers import asked, name_prefix, or_empty
from workbench.sandbox.making.making import Existing
from workbench.sandbox.making.table import Read


def _log_group(existing: Existing) -> Any:
    return next((one for one in existing.result["logGroups"] if one["logGroupName"] == existing.id), None)


def _log_group_tags(existing: Existing) -> Mapping[str, str]:
    arn = existing.arn("logs", f"log-group:{existing.id}")
    return existing.call("list_tags_for_resource", resourceArn=arn)["tags"]


def _metric_filter(existing: Existing) -> Any:
    name = existing.outputs["name"]
    return next((one for one in existing.result["metricFilters"] if one["filterName"] == name), None)


def _metric_transformation(existing: Existing) -> dict[str, Any]:
    found: Mapping[str, Any] = existing.result["metricTransformations"][0]
    renamed = {"metricName": "name", "metricNamespace": "namespace", "metricValue": "value"}
    read = {renamed.get(member, member): value for member, value in found.items()}
    # Without a unit the provider sends this one.
    return {name: value for name, value in read.items() if (name, value) != ("unit", "None")}


def _dimensions(listed: Sequence[Mapping[str, str]]) -> dict[str, str]:
    return {one["Name"]: one["Value"] for one in listed}


def _metric_queries(existing: Existing) -> list[dict[str, Any]] | None:
    queries = [_query(query) for query in existing.result.get("Metrics", ())]
    return queries or None


def _query(query: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: query[member] for name, member in _QUERY.items() if member in query}
    stat: Mapping[str, Any] | None = query.get("MetricStat")
    if stat is None:
        return found
    metric: Mapping[str, Any] = stat["Metric"]
    read = {
        "metricName": metric.get("MetricName"),
        "namespace": metric.get("Namespace"),
        "period": stat.get("Period"),
        "stat": stat.get("Stat"),
        "unit": stat.get("Unit"),
        "dimensions": _dimensions(metric.get("Dimensions", ())) or None,
    }
    return {**found, "metric": {name: value for name, value in read.items() if value is not None}}


def _suppressor(existing: Existing) -> dict[str, Any] | None:
    found = existing.result
    if not found.get("ActionsSuppressor"):
        return None
    return {
        "alarm": found["ActionsSuppressor"],
        "extensionPeriod": found["ActionsSuppressorExtensionPeriod"],
        "waitPeriod": found["ActionsSuppressorWaitPeriod"],
    }


_QUERY = {
    "accountId": "AccountId",
    "expression": "Expression",
    "id": "Id",
    "label": "Label",
    "period": "Period",
    "returnData": "ReturnData",
}

READS: Mapping[str, Read] = {
    "aws:cloudwatch/logGroup:LogGroup": Read(
        operation="describe_log_groups",
        parameters={"logGroupNamePrefix": "id"},
        result=_log_group,
        named={
            # 0 is the provider's word for keeping them for ever.
            "retentionInDays": lambda existing: existing.result.get("retentionInDays", 0),
            "kmsKeyId": or_empty("kmsKeyId"),
            "namePrefix": name_prefix("logGroupName"),
        },
        tags=_log_group_tags,
    ),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": Read(
        operation="describe_metric_filters",
        parameters={"logGroupName": "logGroupName", "filterNamePrefix": "name"},
        result=_metric_filter,
        id="filterName",
        named={"metricTransformation": _metric_transformation},
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Read(
        operation="describe_alarms",
        parameters={"AlarmNames": "id"},
        result="MetricAlarms[0]",
        named={
            "alarmDescription": or_empty("AlarmDescription"),
            "dimensions": lambda existing: _dimensions(existing.result.get("Dimensions", ())),
            "metricQueries": _metric_queries,
        },
        tags=asked("list_tags_for_resource", "Tags", ResourceARN="AlarmArn"),
        defaults={"actionsEnabled": True, "treatMissingData": "missing"},
    ),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": Read(
        operation="describe_alarms",
        parameters={"AlarmNames": "id"},
        constants={"AlarmTypes": ["CompositeAlarm"]},
        result="CompositeAlarms[0]",
        named={"actionsSuppressor": _suppressor, "alarmDescription": or_empty("AlarmDescription")},
        tags=asked("list_tags_for_resource", "Tags", ResourceARN="AlarmArn"),
        defaults={"actionsEnabled": True},
    ),
    "aws:cloudwatch/dashboard:Dashboard": Read(
        operation="get_dashboard", parameters={"DashboardName": "id"}, result="@"
    ),
}
