"""CloudWatch: log groups, alarms and dashboards."""

from collections.abc import Mapping
from typing import Any

from workbench.sandbox.making.making import Existing, Made, Making
from workbench.sandbox.making.table import AutoName, Delete, Parameters, ResourceRow, Row, Tags, Update


def _name(made: Made) -> str:
    return made.inputs["name"]


def _retention(made: Made, days: Any) -> None:
    # 0 is the provider's word for keeping them for ever, as is leaving it out.
    if days:
        made.call("put_retention_policy", logGroupName=made.id, retentionInDays=days)
    else:
        made.call("delete_retention_policy", logGroupName=made.id)


def _delete_log_group(existing: Existing) -> None:
    if not existing.inputs.get("skipDestroy", False):
        existing.call("delete_log_group", logGroupName=existing.id)


def _dimension_list(dimensions: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in dimensions.items()]


def _dimensions(_: Making, dimensions: Any) -> Parameters:
    return {"Dimensions": _dimension_list(dimensions)}


def _metric_stat(metric: Mapping[str, Any]) -> dict[str, Any]:
    """Return one metric with its statistic in the API's form, which puts the metric's identity into a structure."""
    renamed = {"period": "Period", "stat": "Stat", "unit": "Unit"}
    identity = {"namespace": "Namespace", "metricName": "MetricName"}
    return {
        "Metric": {
            **{member: metric[key] for key, member in identity.items() if key in metric},
            "Dimensions": _dimension_list(metric.get("dimensions", {})),
        },
        **{member: metric[key] for key, member in renamed.items() if key in metric},
    }


def _metric_queries(_: Making, queries: Any) -> Parameters:
    renamed = {
        "accountId": "AccountId",
        "expression": "Expression",
        "id": "Id",
        "label": "Label",
        "period": "Period",
        "returnData": "ReturnData",
    }
    return {
        "Metrics": [
            {
                **{member: query[key] for key, member in renamed.items() if key in query},
                **({"MetricStat": _metric_stat(query["metric"])} if "metric" in query else {}),
            }
            for query in queries
        ]
    }


def _metric_transformations(_: Making, transformation: Any) -> Parameters:
    renamed = {"name": "metricName", "namespace": "metricNamespace", "value": "metricValue"}
    # The provider's default; the API's own is none at all.
    return {"metricTransformations": [{"unit": "None"} | {renamed.get(k, k): v for k, v in transformation.items()}]}


def _put_metric_filter_again(existing: Existing, _: Any) -> None:
    """Replace the filter as a whole, as the operation does on AWS; moto would keep the old one beside the new."""
    names = {"logGroupName": existing.inputs["logGroupName"], "filterName": existing.id}
    existing.call("delete_metric_filter", **names)
    existing.call(
        "put_metric_filter",
        **names,
        filterPattern=existing.inputs["pattern"],
        **_metric_transformations(existing, existing.inputs["metricTransformation"]),
    )


def _dashboard_arn(made: Made) -> str:
    # Dashboards belong to no region.
    return f"arn:aws:cloudwatch::{made.account_id}:dashboard/{made.id}"


_ALARM_AGAIN = Update(
    operation="put_metric_alarm",
    parameters={"AlarmName": "id"},
    # The operation replaces the alarm as a whole.
    always=(
        "actionsEnabled",
        "alarmActions",
        "alarmDescription",
        "comparisonOperator",
        "datapointsToAlarm",
        "dimensions",
        "evaluateLowSampleCountPercentiles",
        "evaluationPeriods",
        "extendedStatistic",
        "insufficientDataActions",
        "metricName",
        "metricQueries",
        "namespace",
        "okActions",
        "period",
        "statistic",
        "threshold",
        "thresholdMetricId",
        "treatMissingData",
        "unit",
    ),
)

_COMPOSITE_INPUTS = (
    "actionsEnabled",
    "actionsSuppressor",
    "alarmActions",
    "alarmDescription",
    "alarmRule",
    "insufficientDataActions",
    "okActions",
)
_SUPPRESSOR = {
    "actionsSuppressor": ".",
    "actionsSuppressor.alarm": "ActionsSuppressor",
    "actionsSuppressor.extensionPeriod": "ActionsSuppressorExtensionPeriod",
    "actionsSuppressor.waitPeriod": "ActionsSuppressorWaitPeriod",
}

_MUTE_RULE_INPUTS = ("description", "expireDate", "muteTargets", "rule", "startDate")

RESOURCES: Mapping[str, ResourceRow] = {
    "aws:cloudwatch/alarmMuteRule:AlarmMuteRule": Row(
        service="cloudwatch",
        operation="put_alarm_mute_rule",
        id=_name,
        name=AutoName(prefix_property=None),
        tags=Tags(),
        keeps_tags=False,
        outputs={"arn": lambda made: made.arn("cloudwatch", f"alarm-mute-rule:{made.id}")},
        delete=Delete(operation="delete_alarm_mute_rule", parameters={"AlarmMuteRuleName": "id"}),
        update=dict.fromkeys(
            _MUTE_RULE_INPUTS,
            # The operation replaces the rule as a whole.
            Update(operation="put_alarm_mute_rule", parameters={"Name": "id"}, always=_MUTE_RULE_INPUTS),
        ),
        not_emulated=(
            "A mute rule is kept; no alarm ever rings that it could mute.",
            "The tags of a mute rule are lost.",
        ),
    ),
    "aws:cloudwatch/logGroup:LogGroup": Row(
        service="logs",
        operation="create_log_group",
        id=_name,
        renames={"name": "logGroupName"},
        then={"retentionInDays": _retention},
        dropped={"skipDestroy": "only says what a deletion does"},
        name=AutoName(limit=512),
        tags=Tags(member="tags"),
        outputs={"arn": lambda made: made.arn("logs", f"log-group:{made.id}")},
        delete=_delete_log_group,
        update={"retentionInDays": _retention},
        not_emulated=("Log groups hold what the services' images say that their containers write, and nothing else.",),
    ),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": Row(
        service="logs",
        operation="put_metric_filter",
        id=_name,
        import_id="{logGroupName}:{name}",
        renames={"name": "filterName", "pattern": "filterPattern"},
        into={"metricTransformation": _metric_transformations},
        name=AutoName(prefix_property=None, limit=512),
        delete=Delete(
            operation="delete_metric_filter", parameters={"filterName": "id", "logGroupName": "logGroupName"}
        ),
        update={"pattern": _put_metric_filter_again, "metricTransformation": _put_metric_filter_again},
        not_emulated=("Metric filters count nothing: their metrics stay empty.",),
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Row(
        service="cloudwatch",
        operation="put_metric_alarm",
        id=_name,
        renames={
            "name": "AlarmName",
            "evaluateLowSampleCountPercentiles": "EvaluateLowSampleCountPercentile",
        },
        into={"dimensions": _dimensions, "metricQueries": _metric_queries},
        name=AutoName(prefix_property=None),
        tags=Tags(),
        outputs={"arn": lambda made: made.arn("cloudwatch", f"alarm:{made.id}")},
        delete=Delete(operation="delete_alarms", parameters={"AlarmNames": "id"}),
        update=dict.fromkeys(_ALARM_AGAIN.always, _ALARM_AGAIN),
        not_emulated=("Alarms are never evaluated: they stay OK, and no metric has data.",),
    ),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": Row(
        service="cloudwatch",
        operation="put_composite_alarm",
        id=lambda made: made.inputs["alarmName"],
        renames=_SUPPRESSOR,
        tags=Tags(),
        outputs={"arn": lambda made: made.arn("cloudwatch", f"alarm:{made.id}")},
        delete=Delete(operation="delete_alarms", parameters={"AlarmNames": "id"}),
        update=dict.fromkeys(
            _COMPOSITE_INPUTS,
            # The operation replaces the alarm as a whole.
            Update(operation="put_composite_alarm", parameters={"AlarmName": "id"}, always=_COMPOSITE_INPUTS),
        ),
        not_emulated=(
            "A composite alarm keeps the state that it is set to, whatever those of its rule do.",
            "Alarms of both types are described where only metric alarms are asked for.",
        ),
    ),
    "aws:cloudwatch/dashboard:Dashboard": Row(
        service="cloudwatch",
        operation="put_dashboard",
        id=lambda made: made.inputs["dashboardName"],
        outputs={"dashboardArn": _dashboard_arn},
        delete=Delete(operation="delete_dashboards", parameters={"DashboardNames": "id"}),
        update={"dashboardBody": Update(operation="put_dashboard", parameters={"DashboardName": "id"})},
        not_emulated=("A dashboard's body is kept, not checked.",),
    ),
}
