"""EventBridge: rules and their targets."""

from collections.abc import Mapping
from typing import Any

from workbench.sandbox.making.making import Existing, Making
from workbench.sandbox.making.mapping import ParameterMapper
from workbench.sandbox.making.table import AutoName, Delete, Irregular, Outputs, ResourceRow, Row, Tags, Update

_DEFAULT_BUS = "default"
_RENAMES: Mapping[str, str] = {
    "targets.targetId": "Id",
    "targets.inputTransformer.inputPaths": "InputPathsMap",
}
_RULE_INPUTS = ("description", "eventPattern", "roleArn", "scheduleExpression", "state")
_TARGET_INPUTS = ("arn", "deadLetterConfig", "input", "inputPath", "inputTransformer", "retryPolicy", "roleArn")


def _bus(inputs: Mapping[str, Any]) -> str:
    return inputs.get("eventBusName", _DEFAULT_BUS)


def _put_target(making: Making, target_id: str) -> None:
    written = {name: making.inputs[name] for name in _TARGET_INPUTS if name in making.inputs}
    mapper = ParameterMapper(operation="put_targets", renames=_RENAMES, dropped=())
    targets = [{**written, "targetId": target_id}]
    parameters = mapper.structure(making.input_shape("events", "put_targets"), {"targets": targets})
    making.call("put_targets", Rule=making.inputs["rule"], EventBusName=_bus(making.inputs), **parameters)


def _target(making: Making) -> tuple[str, Outputs]:
    target_id = making.inputs.get("targetId", making.name)
    _put_target(making, target_id)
    return f"{making.inputs['rule']}-{target_id}", {"targetId": target_id, "eventBusName": _bus(making.inputs)}


def _change_target(existing: Existing, _: Any) -> None:
    _put_target(existing, existing.outputs["targetId"])


RESOURCES: Mapping[str, ResourceRow] = {
    "aws:cloudwatch/eventRule:EventRule": Row(
        service="events",
        operation="put_rule",
        # The provider's, on the account's own bus.
        id=lambda made: made.inputs["name"],
        dropped={"forceDestroy": "only says what a deletion does"},
        name=AutoName(limit=64),
        tags=Tags(),
        outputs={"arn": "RuleArn", "eventBusName": lambda made: _bus(made.inputs)},
        delete=Delete(operation="delete_rule", parameters={"Name": "name", "EventBusName": "eventBusName"}),
        update=dict.fromkeys(
            _RULE_INPUTS,
            # The operation replaces the rule as a whole.
            Update(
                operation="put_rule", parameters={"Name": "name", "EventBusName": "eventBusName"}, always=_RULE_INPUTS
            ),
        ),
        not_emulated=("AWS's services send no events: a rule of EventBridge matches only what is put by hand.",),
    ),
    "aws:cloudwatch/eventTarget:EventTarget": Irregular(
        make=_target,
        service="events",
        handles=frozenset({*_TARGET_INPUTS, "eventBusName", "rule", "targetId"}),
        # The provider takes the bus before them, which may be left out.
        import_id="{rule}/{targetId}",
        delete=Delete(
            operation="remove_targets", parameters={"Rule": "rule", "EventBusName": "eventBusName", "Ids": "targetId"}
        ),
        update=dict.fromkeys(_TARGET_INPUTS, _change_target),
    ),
}
