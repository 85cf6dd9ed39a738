"""What is known of a resource that was read: from the ledger, a state, and what AWS describes."""

from collections.abc import Collection, Mapping
from typing import Any

from workbench.evaluate import secret_values
from workbench.sandbox.errors import SandboxError
from workbench.sandbox.ledger import Entry
from workbench.sandbox.making import reading
from workbench.sandbox.making.reading import Described
from workbench.sandbox.making.table import Read, ResourceRow
from workbench.sandbox.stored import Found, Stored, default_tags, is_taggable


def as_noted(sought: Stored, entry: Entry | None, *, is_import: bool) -> Found:
    """Return what the ledger holds of a resource that nothing here reads; a state's own is as it is there."""
    if is_import:
        if entry is None:
            # Not with its id, which may be a secret: a random value's is.
            raise SandboxError(f"a {sought.type} of this import id was not made here, and no other can be read")
        return Found(id=entry.id, inputs=entry.inputs, outputs=entry.outputs, secrets=frozenset(entry.secrets))
    if entry is None:
        return Found(id=sought.id, inputs=sought.inputs, outputs=sought.outputs)
    inputs = reading.overlaid(sought.type, sought.inputs, entry.inputs)
    return Found(id=sought.id, inputs=inputs, outputs={**sought.outputs, **inputs})


def as_described(type_token: str, described: Described, made: Stored, *, secrets: Collection[str]) -> Found:
    """Return what was made, with what AWS has now in the place of each input that differs."""
    # Outputs that are no inputs are as they were answered at first.
    now = {name: value for name, value in described.properties.items() if described.comparable and name in made.inputs}
    inputs = reading.overlaid(type_token, made.inputs, now)
    outputs = reading.overlaid(type_token, made.outputs, now)
    if described.tags is not None and dict(described.tags) != made.outputs.get("tagsAll", {}):
        tags = _own_tags(described.tags, made.provider_inputs)
        changed: dict[str, Any] = {"tags": tags} if tags or "tags" in inputs else {}
        inputs, outputs = {**inputs, **changed}, {**outputs, **changed, "tagsAll": dict(described.tags)}
    return Found(id=described.id, inputs=inputs, outputs=outputs, secrets=frozenset(secrets))


def somebody_elses(
    type_token: str, described: Described, row: ResourceRow, read: Read, provider_inputs: Mapping[str, Any]
) -> Found:
    """Return what neither a state nor the ledger knows: all of it comes from AWS."""
    # Where moto loses the tags they are as the program would have them.
    tags = default_tags(provider_inputs) if is_taggable(row) else {}
    if described.tags is not None:
        tags = dict(described.tags)
    outputs = {"region": described.existing.region, "tagsAll": tags, **reading.outputs_of(described, row, read)}
    if own := _own_tags(tags, provider_inputs):
        outputs["tags"] = own
    return Found(
        id=described.id,
        inputs=reading.inputs_of(type_token, outputs, row, read),
        outputs=outputs,
        secrets=row.secret_outputs | read.secrets,
    )


def _own_tags(tags: Mapping[str, str], provider_inputs: Mapping[str, Any]) -> dict[str, str]:
    common = default_tags(provider_inputs)
    return {key: value for key, value in tags.items() if common.get(key) != value}


def hidden(inputs: Mapping[str, Any], outputs: Mapping[str, Any], secrets: Collection[str]) -> set[str]:
    """Return which outputs repeat one of the secret inputs."""
    marked = {name: secret_values.wrap(value) if name in secrets else value for name, value in inputs.items()}
    return secret_values.hidden_outputs(marked, outputs)
