"""EventBridge Scheduler: calls of other services' operations at certain times."""

from collections.abc import Mapping

from workbench.sandbox.making.making import Made
from workbench.sandbox.making.table import AutoName, Delete, ResourceRow, Row, Update

_DEFAULT_GROUP = "default"

_ENABLED = {"State": "ENABLED"}

_INPUTS = (
    "actionAfterCompletion",
    "description",
    "endDate",
    "flexibleTimeWindow",
    "kmsKeyArn",
    "scheduleExpression",
    "scheduleExpressionTimezone",
    "startDate",
    "state",
    "target",
)


def _identifier(made: Made) -> str:
    return f"{made.inputs.get('groupName', _DEFAULT_GROUP)}/{made.inputs['name']}"


RESOURCES: Mapping[str, ResourceRow] = {
    "aws:scheduler/schedule:Schedule": Row(
        service="scheduler",
        operation="create_schedule",
        id=_identifier,
        import_id="{groupName}/{name}",
        # What the provider sends when the program says nothing.
        parameters=_ENABLED,
        name=AutoName(limit=64),
        outputs={"arn": "ScheduleArn"},
        delete=Delete(operation="delete_schedule", parameters={"Name": "name", "GroupName": "groupName"}),
        update=dict.fromkeys(
            _INPUTS,
            Update(
                operation="update_schedule",
                parameters={"Name": "name", "GroupName": "groupName"},
                # The operation sets what it is not given to its default.
                always=_INPUTS,
                constants=_ENABLED,
            ),
        ),
        not_emulated=("A schedule is kept and never calls anything.",),
    ),
}
