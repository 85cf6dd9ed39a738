"""The readings of rules and their targets."""

from collections.abc import Mapping
from typing import Any

from workbench.sandbox.making.answers import asked, name_prefix
from workbench.sandbox.making.making import Existing
from workbench.sandbox.making.table import Read


def _target(existing: Existing) -> Any:
    wanted = existing.outputs["targetId"]
    return next((one for one in existing.result["Targets"] if one["Id"] == wanted), None)


def _transformer(existing: Existing) -> dict[str, Any] | None:
    found: Mapping[str, Any] | None = existing.result.get("InputTransformer")
    if found is None:
        return None
    return {"inputPaths": found["InputPathsMap"], "inputTemplate": found["InputTemplate"]}


READS: Mapping[str, Read] = {
    "aws:cloudwatch/eventRule:EventRule": Read(
        operation="describe_rule",
        parameters={"Name": "name", "EventBusName": "eventBusName"},
        result="@",
        id="Name",
        named={"namePrefix": name_prefix("Name")},
        defaults={"eventBusName": "default", "state": "ENABLED"},
        tags=asked("list_tags_for_resource", "Tags", ResourceARN="Arn"),
    ),
    "aws:cloudwatch/eventTarget:EventTarget": Read(
        operation="list_targets_by_rule",
        parameters={"Rule": "rule", "EventBusName": "eventBusName"},
        result=_target,
        id=lambda existing: f"{existing.outputs['rule']}-{existing.outputs['targetId']}",
        named={
            "inputTransformer": _transformer,
            "rule": lambda existing: existing.outputs["rule"],
            "targetId": lambda existing: existing.outputs["targetId"],
        },
        defaults={"eventBusName": "default"},
    ),
}
