"""CloudWatch: composite alarms, mute rules, and the tags of deleted alarms, which moto keeps for the next of the name.

moto has composite alarms in its model, and no operation that makes one.
"""

import re
from collections.abc import Mapping
from typing import Any

from moto.backends import get_backend

from workbench.sandbox.server.limits import at_most, limited
from workbench.sandbox.server.state import change
from workbench.sandbox.server.table import (
    Call,
    Consequence,
    Forgotten,
    Missing,
    RefusalError,
    Supplement,
    members,
)
from zelly_components.limits import sizes as limits
from zelly_components.limits.allowed_values import LOG_RETENTION_DAYS


def _forget_tags(call: Call) -> None:
    backend: Any = get_backend("cloudwatch")[call.account_id][call.region]
    for name in call.parameters["AlarmNames"]:
        backend.tagger.delete_all_tags_for_resource(call.arn("cloudwatch", f"alarm:{name}"))


_COMPOSITE = Forgotten(
    service="cloudwatch",
    creates={},
    reads={"DescribeAlarms": "CompositeAlarms[]"},
    key="AlarmName",
    remember=members(
        "AlarmRule", "ActionsSuppressor", "ActionsSuppressorExtensionPeriod", "ActionsSuppressorWaitPeriod"
    ),
)
"""What moto's alarms have no fields for."""
_NAMED = re.compile(r'(?:ALARM|OK|INSUFFICIENT_DATA)\(\s*"?([^")]+)"?\s*\)')


def _put_composite_alarm(call: Call) -> Mapping[str, Any]:
    """Make a composite alarm anew, or in the place of one, whose state it keeps."""
    asked = call.parameters
    backend: Any = get_backend("cloudwatch")[call.account_id][call.region]
    named = {name.rpartition(":alarm:")[2] for name in _NAMED.findall(asked["AlarmRule"])}
    if unknown := sorted(named - {*backend.alarms}):
        raise RefusalError("ValidationError", f"AlarmRule contains invalid alarm names: {', '.join(unknown)}")
    before = backend.alarms.get(asked["AlarmName"])
    alarm = backend.put_metric_alarm(
        name=asked["AlarmName"],
        description=asked.get("AlarmDescription", ""),
        alarm_actions=asked.get("AlarmActions", []),
        ok_actions=asked.get("OKActions", []),
        insufficient_data_actions=asked.get("InsufficientDataActions", []),
        actions_enabled=asked.get("ActionsEnabled", True),
        rule=asked["AlarmRule"],
        tags=asked.get("Tags"),
        **_OF_METRICS,
    )
    call.kept(_COMPOSITE.kind)[asked["AlarmName"]] = _COMPOSITE.remember(call)
    if before is not None:
        change(alarm, state_value=before.state_value, state_updated_timestamp=before.state_updated_timestamp)
    return {}


_OF_METRICS: Mapping[str, Any] = {
    "namespace": None,
    "metric_name": None,
    "comparison_operator": None,
    "evaluation_periods": None,
    "period": None,
    "threshold": None,
    "statistic": None,
    "dimensions": [],
}
"""What a composite alarm has not."""

_MUTE_RULES = "mute rules"
_MUTE_RULE_ALARMS_LIMIT = 100
_MUTE_RULE_MEMBERS = ("Name", "Description", "Rule", "MuteTargets", "StartDate", "ExpireDate")


def _put_mute_rule(call: Call) -> Mapping[str, Any]:
    asked = call.parameters
    names = asked.get("MuteTargets", {}).get("AlarmNames", [])
    if len(names) > _MUTE_RULE_ALARMS_LIMIT:
        raise RefusalError("InvalidParameterValue", f"A mute rule has at most {_MUTE_RULE_ALARMS_LIMIT} alarms")
    rules = call.kept(_MUTE_RULES)
    arn = call.arn("cloudwatch", f"alarm-mute-rule:{asked['Name']}")
    rules[asked["Name"]] = {
        **{member: asked[member] for member in _MUTE_RULE_MEMBERS if member in asked},
        "AlarmMuteRuleArn": arn,
        "Status": "SCHEDULED",
    }
    return {}


def _get_mute_rule(call: Call) -> Mapping[str, Any]:
    name = call.parameters["AlarmMuteRuleName"]
    rule = call.kept(_MUTE_RULES).get(name)
    if rule is None:
        raise RefusalError("ResourceNotFoundException", f"Alarm mute rule {name} does not exist")
    return rule


def _list_mute_rules(call: Call) -> Mapping[str, Any]:
    summaries = [
        {"AlarmMuteRuleArn": rule["AlarmMuteRuleArn"], "Status": rule["Status"]}
        for rule in call.kept(_MUTE_RULES).values()
    ]
    return {"AlarmMuteRuleSummaries": summaries}


def _delete_mute_rule(call: Call) -> Mapping[str, Any]:
    """Delete a rule; one that is not there counts as deleted ("DeleteAlarmMuteRule")."""
    call.kept(_MUTE_RULES).pop(call.parameters["AlarmMuteRuleName"], None)
    return {}


def _check_retention(call: Call) -> None:
    days = call.parameters["retentionInDays"]
    if (allowed := LOG_RETENTION_DAYS.instead_of(days)) is not None:
        raise RefusalError("InvalidParameterException", f"retentionInDays: came {days}; allowed {allowed}")


_LIMITS = (
    *limited(
        "cloudwatch", {"PutMetricAlarm": at_most(limits.ALARM_DESCRIPTION, "AlarmDescription", "ValidationError")}
    ),
    *limited("logs", {"PutRetentionPolicy": _check_retention}),
)

_MISSING = (
    Missing(service="cloudwatch", operation="PutCompositeAlarm", answer=_put_composite_alarm),
    Missing(service="cloudwatch", operation="PutAlarmMuteRule", answer=_put_mute_rule),
    Missing(service="cloudwatch", operation="GetAlarmMuteRule", answer=_get_mute_rule),
    Missing(service="cloudwatch", operation="ListAlarmMuteRules", answer=_list_mute_rules),
    Missing(service="cloudwatch", operation="DeleteAlarmMuteRule", answer=_delete_mute_rule),
)
_CONSEQUENCES = (Consequence(service="cloudwatch", operation="DeleteAlarms", finish=_forget_tags),)

SUPPLEMENT = Supplement(limits=_LIMITS, missing=_MISSING, forgotten=(_COMPOSITE,), consequences=_CONSEQUENCES)
