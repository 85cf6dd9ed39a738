"""Data Lifecycle Manager: snapshots on a schedule."""

from collections.abc import Mapping
from typing import Any

from workbench.sandbox.making.making import Making
from workbench.sandbox.making.mapping import ParameterMapper
from workbench.sandbox.making.table import Delete, Parameters, ResourceRow, Row, Tags, Update

_RENAMES: Mapping[str, str] = {"policyDetails.action": "Actions"}


def _policy_details(making: Making, details: Any) -> Parameters:
    """Return the details in the API's form, which has lists of tags and of times where the provider has neither."""
    written = {**details}
    if "targetTags" in details:
        written["targetTags"] = _tag_list(details["targetTags"])
    if "schedules" in details:
        written["schedules"] = [_schedule(schedule) for schedule in details["schedules"]]
    model = making.clients.get("dlm", making.region).meta.service_model
    shape = model.operation_model("CreateLifecyclePolicy").input_shape
    mapper = ParameterMapper(operation="create_lifecycle_policy", renames=_RENAMES, dropped=())
    return mapper.structure(shape, {"policyDetails": written})


def _schedule(schedule: Mapping[str, Any]) -> dict[str, Any]:
    written = {**schedule}
    for key in ("tagsToAdd", "variableTags"):
        if key in schedule:
            written[key] = _tag_list(schedule[key])
    if "times" in schedule["createRule"]:
        written["createRule"] = {**schedule["createRule"], "times": [schedule["createRule"]["times"]]}
    return written


def _tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in tags.items()]


RESOURCES: Mapping[str, ResourceRow] = {
    "aws:dlm/lifecyclePolicy:LifecyclePolicy": Row(
        service="dlm",
        operation="create_lifecycle_policy",
        id="PolicyId",
        # What the provider sends when the program says nothing.
        parameters={"State": "ENABLED"},
        into={"policyDetails": _policy_details},
        tags=Tags(),
        outputs={"arn": lambda made: made.arn("dlm", f"policy/{made.id}")},
        delete=Delete(operation="delete_lifecycle_policy", parameters={"PolicyId": "id"}),
        update=dict.fromkeys(
            ("description", "executionRoleArn", "policyDetails", "state"),
            Update(operation="update_lifecycle_policy", parameters={"PolicyId": "id"}),
        ),
        not_emulated=("A snapshot schedule is kept; no snapshot is ever taken.",),
    ),
}
