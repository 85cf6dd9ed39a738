"""States of resources, and the meaning of a difference between two versions of inputs. Pure functions."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi.runtime import rpc

from workbench.evaluate import secret_values
from workbench.providers.changes import Change, changes
from workbench.providers.replacement import judge
from workbench.sandbox.backend import default_tags, is_taggable
from workbench.sandbox.making.changing import can_change, changed_inputs
from workbench.sandbox.making.table import ResourceRow

Properties = dict[str, Any]
"""Properties as they travel: in the provider's own names, secrets and unknown values marked."""

ALL_TAGS = "tagsAll"
"""A resource's own tags together with its provider's default ones, which change while its inputs do not."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """The differences between a made resource and what the program wants now."""

    changes: tuple[Change, ...]
    replacing: frozenset[Change]
    """The differences that cannot be carried out on the made resource."""
    delete_before_replace: bool


def difference(
    type_token: str,
    row: ResourceRow,
    *,
    old_inputs: Mapping[str, Any],
    new_inputs: Mapping[str, Any],
) -> Difference:
    """Return the difference between two versions of a resource's checked inputs, all values plain.

    A type that the table of replacements does not know is replaced by every change that its row does not carry out.
    """
    verdict = judge(type_token, old=old_inputs, new=new_inputs)
    if verdict is not None:
        found, replacing = verdict.changes, frozenset(verdict.replacing)
        delete_before_replace = verdict.delete_before_replace
    else:
        found = tuple(changes(old_inputs, new_inputs))
        reaching = set(changed_inputs(old_inputs, new_inputs, row))
        replacing = frozenset(
            change
            for change in found
            if change.top in reaching and change.top not in ("tags", ALL_TAGS) and not can_change(row, change.top)
        )
        delete_before_replace = row.name is not None and row.name.property in new_inputs
    return Difference(changes=found, replacing=replacing, delete_before_replace=delete_before_replace)


def to_carry_out(old_inputs: Mapping[str, Any], new_inputs: Mapping[str, Any], found: Difference) -> Properties:
    """Return the new inputs, with the old value of each whose difference the provider takes for none."""
    differing = {change.top for change in found.changes}
    kept = {name: value for name, value in old_inputs.items() if name not in differing}
    return {**{name: value for name, value in new_inputs.items() if name in differing}, **kept}


def checked(inputs: Properties, row: ResourceRow, configuration: Mapping[str, Any]) -> Properties:
    """Return a program's inputs as the engine stores and compares them: with all tags of what is made of them."""
    if not is_taggable(row):
        return inputs
    own: Any = inputs.get("tags", {})
    # Where its own are not known yet, or secret as a whole, so are all.
    mergeable = isinstance(own, dict) and not rpc.is_rpc_secret(own)
    return {**inputs, ALL_TAGS: default_tags(configuration) | own if mergeable else own}


def programs(inputs: Properties) -> Properties:
    """Return what the program gave of checked inputs."""
    return {name: value for name, value in inputs.items() if name != ALL_TAGS}


def created_state(inputs: Properties, outputs: Mapping[str, Any], secret_outputs: Collection[str]) -> Properties:
    """Return the state of a new resource: its inputs and its outputs, with what is secret marked."""
    return _with_outputs(inputs, outputs, secret_outputs)


def updated_state(
    state: Properties,
    *,
    old_inputs: Properties,
    new_inputs: Properties,
    carried_out: Collection[str],
    outputs: Mapping[str, Any],
    row: ResourceRow,
) -> Properties:
    """Return the state of a changed resource: what it was, with the new inputs and the outputs that are new by them.

    ``carried_out`` are the names of the inputs that it has now, the program's or not.
    """
    own_name = row.name.property if row.name is not None else None
    # A name that the program does not give any more is still the resource's name.
    gone = old_inputs.keys() - set(carried_out) - {own_name}
    kept = {name: value for name, value in state.items() if name not in gone}
    return _with_outputs({**kept, **new_inputs}, outputs, row.secret_outputs)


def _with_outputs(properties: Properties, outputs: Mapping[str, Any], secret_outputs: Collection[str]) -> Properties:
    # A secret that went in stays one, also where it is answered again.
    hidden = secret_values.hidden_outputs(properties, outputs) | set(secret_outputs)
    return properties | {
        name: secret_values.wrap(value) if name in hidden else value for name, value in outputs.items()
    }
