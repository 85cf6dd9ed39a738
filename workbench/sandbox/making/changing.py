"""Change and delete a made resource, as its row says."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from workbench.providers.changes import changes
from workbench.sandbox.errors import AwsRefusalError, SandboxError, UnchangeableInputError
from workbench.sandbox.making import regular
from workbench.sandbox.making.making import Existing
from workbench.sandbox.making.mapping import ParameterMapper
from workbench.sandbox.making.table import Delete, Outputs, ResourceRow, Row, Update


def changed_inputs(old: Mapping[str, Any], new: Mapping[str, Any], row: ResourceRow) -> list[str]:
    """Return the inputs whose change has to reach the resource: those that are only recorded are left out."""
    dropped = row.dropped.keys()
    return list(
        dict.fromkeys(
            change.top
            for change in changes(old, new)
            if not any(
                change.pattern.replace("[]", "") == path or change.pattern.replace("[]", "").startswith(f"{path}.")
                for path in dropped
            )
        )
    )


def can_change(row: ResourceRow, name: str) -> bool:
    """Tell whether the row says how a new value of the input reaches a made resource."""
    return name in row.update or (isinstance(row, Row) and name in row.then)


def check(type_token: str, existing: Existing, row: ResourceRow) -> list[str]:
    """Return the changed inputs that have to reach the resource, each of which the row can change.

    Raises:
        UnchangeableInputError: for one whose change the row says nothing about.
    """
    names = changed_inputs(existing.old_inputs, existing.inputs, row)
    for name in names:
        removed = name not in existing.inputs
        if not can_change(row, name) or (removed and not _knows_absence(row, name)):
            raise UnchangeableInputError(type_token, name, removed=removed and can_change(row, name))
    return names


def update(type_token: str, existing: Existing, row: ResourceRow) -> Outputs:
    """Change the resource from ``existing.old_inputs`` to ``existing.inputs``; return the outputs that are new by it.

    Raises:
        UnchangeableInputError: for an input whose change the row says nothing about, before anything is changed.
        SandboxError: for a value that an operation does not take, or whatever the API refused.
    """
    names = check(type_token, existing, row)
    outputs: dict[str, Any] = {}
    done: list[Update] = []
    for name in names:
        change = row.update.get(name)
        if isinstance(change, Update):
            if change not in done:
                done.append(change)
                _carry_out(existing, row, change, [other for other in names if row.update.get(other) == change])
        elif change is not None:
            outputs |= change(existing, existing.inputs.get(name)) or {}
        elif isinstance(row, Row):
            row.then[name](existing, existing.inputs[name])
    return outputs


def delete(type_token: str, existing: Existing, row: ResourceRow) -> None:
    """Delete the resource, unless it goes with another one; one that is not there any more counts as deleted.

    Raises:
        SandboxError: for a type that the table says nothing about, or whatever the API refused.
    """
    if row.delete is None and row.deleted_with is None:
        raise SandboxError(f"the embedded AWS does not know how to delete a {type_token}")
    try:
        if isinstance(row.delete, Delete):
            operation = row.delete
            service = operation.service or existing.service or ""
            parameters = identity(existing, service, operation.operation, operation.parameters)
            existing.call_on(service, operation.operation, **{**operation.constants, **parameters})
        elif row.delete is not None:
            row.delete(existing)
    except AwsRefusalError as error:
        if not error.is_not_found:
            raise


def _knows_absence(row: ResourceRow, name: str) -> bool:
    """Tell whether an input can be taken away: a function of the row's own says how, or the API gets the whole anew."""
    change = row.update.get(name)
    return name in change.always if isinstance(change, Update) else change is not None


def _carry_out(existing: Existing, row: ResourceRow, change: Update, names: Sequence[str]) -> None:
    service = change.service or existing.service or ""
    sent = {name: existing.inputs[name] for name in (*names, *change.always) if name in existing.inputs}
    renames = {**(row.renames if isinstance(row, Row) else {}), **change.renames}
    mapped = regular.mapped(
        existing,
        sent,
        service=service,
        operation=change.operation,
        renames=renames,
        into=row.into if isinstance(row, Row) else {},
        dropped=row.dropped.keys(),
    )
    who = identity(existing, service, change.operation, change.parameters)
    existing.call_on(service, change.operation, **{**change.constants, **mapped, **who})


def identity(existing: Existing, service: str, operation: str, sources: Mapping[str, str]) -> dict[str, Any]:
    """Return the parameters that identify a resource to an operation."""
    shape = existing.input_shape(service, operation)
    mapper = ParameterMapper(operation=operation, renames={}, dropped=())
    parameters: dict[str, Any] = {}
    for member, source in sources.items():
        value = existing.id if source == "id" else _at(existing.outputs, source)
        if value is not None:
            is_list = member in shape.members and shape.members[member].type_name == "list"
            # Its own type is unknown to a reader of the state.
            wrapped = [value] if is_list and not isinstance(value, list) else cast("object", value)
            parameters |= mapper.structure(shape, {member: wrapped})
    return parameters


def _at(properties: Mapping[str, Any], path: str) -> Any:
    value: Any = properties
    for part in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = cast("Mapping[str, Any]", value).get(part)
    return value
