"""States of resources, and the meaning of a difference between two versions of inputs. Pure functions."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi.runtime import rpc

from workbench.evaluate import secret_values
from workbench.providers.changes import Change, changes
from workbench.providers.replacement import judge
from workbench.sandbox.making.changing import can_change, changed_inputs
from workbench.sandbox.making.naming import auto_name, is_named_by_the_provider
from workbench.sandbox.making.reading import is_same, overlaid
from workbench.sandbox.making.table import ResourceRow
from workbench.sandbox.stored import Found, default_tags, is_taggable

Properties = dict[str, Any]
"""Properties as they travel: in the provider's own names, secrets and unknown values marked."""

ALL_TAGS = "tagsAll"
"""A resource's own tags together with its provider's default ones, which change while its inputs do not."""

DEFAULTS = "__defaults"
"""The names of the checked inputs that the provider filled in (pulumi-terraform-bridge, ``pkg/tfbridge/schema.go``)."""


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
    state: Mapping[str, Any],
) -> Difference:
    """Return the difference between two versions of a resource's checked inputs, all values plain.

    What the old ones leave out is compared with the state, as the provider does: an import brings back no more inputs
    than it has to. A type that the table of replacements does not know is replaced by every change that its row does
    not carry out.
    """
    new_inputs = with_same_documents(old_inputs, new_inputs)
    given = {name for name in new_inputs if name not in new_inputs.get(DEFAULTS, ())}
    new_inputs = without_defaults(new_inputs)
    old_inputs = known_inputs(type_token, without_defaults(old_inputs), new_inputs, state)
    verdict = judge(type_token, old=old_inputs, new=new_inputs)
    if verdict is not None:
        found, replacing = verdict.changes, frozenset(verdict.replacing)
        own = {name: value for name, value in new_inputs.items() if name in given}
        # A name that the provider makes is another one each time.
        again = judge(type_token, old=old_inputs, new=own)
        delete_before_replace = again is not None and again.delete_before_replace
    else:
        found = tuple(changes(old_inputs, new_inputs))
        reaching = set(changed_inputs(old_inputs, new_inputs, row))
        replacing = frozenset(
            change
            for change in found
            if change.top in reaching and change.top not in ("tags", ALL_TAGS) and not can_change(row, change.top)
        )
        delete_before_replace = row.name is not None and row.name.property in given
    return Difference(changes=found, replacing=replacing, delete_before_replace=delete_before_replace)


_DOCUMENTS = ("assumeRolePolicy", "dashboardBody", "policy")
"""Inputs that hold JSON, of which the provider takes another spelling for no change (``SuppressEquivalentPolicyDiffs``
and ``SuppressEquivalentJSONDiffs``, terraform-provider-aws, ``internal/verify``)."""


def with_same_documents(old_inputs: Mapping[str, Any], new_inputs: Mapping[str, Any]) -> Properties:
    """Return new inputs with the old text of each document that says the same."""
    return {
        name: old_inputs[name]
        if name in _DOCUMENTS and name in old_inputs and is_same(old_inputs[name], value)
        else value
        for name, value in new_inputs.items()
    }


def known_inputs(
    type_token: str, old_inputs: Mapping[str, Any], new_inputs: Mapping[str, Any], state: Mapping[str, Any]
) -> Properties:
    """Return old inputs with what the state has of those that a program gives for the first time."""
    added = {name: state[name] for name in new_inputs if name not in old_inputs and state.get(name) is not None}
    wanted = {name: new_inputs[name] for name in added}
    return {**old_inputs, **(overlaid(type_token, wanted, added) if added else {})}


def to_carry_out(old_inputs: Mapping[str, Any], new_inputs: Mapping[str, Any], found: Difference) -> Properties:
    """Return the new inputs, with the old value of each whose difference the provider takes for none."""
    differing = {change.top for change in found.changes}
    kept = {name: value for name, value in old_inputs.items() if name not in differing}
    return {**{name: value for name, value in new_inputs.items() if name in differing}, **kept}


def checked(
    inputs: Properties,
    row: ResourceRow,
    configuration: Mapping[str, Any],
    *,
    old_inputs: Properties,
    logical_name: str,
    seed: bytes = b"",
) -> Properties:
    """Return a program's inputs as the engine stores and compares them: with its name, and all tags of what is made.

    A name that the program leaves out stays what it was, if the provider made it; any other is made anew.

    Raises:
        SandboxError: when no name can be made of the logical one.
    """
    defaults: Properties = {}
    if row.name is not None and is_named_by_the_provider(inputs, row.name):
        name = row.name.property
        may_stay = name in old_inputs and name in old_inputs.get(DEFAULTS, (name,))
        made = old_inputs[name] if may_stay else auto_name(row.name, logical_name=logical_name, seed=seed)
        defaults = {name: made}
    found = {**inputs, **defaults, DEFAULTS: [*defaults]}
    if not is_taggable(row):
        return found
    own: Any = inputs.get("tags", {})
    # Where its own are not known yet, or secret as a whole, so are all.
    mergeable = isinstance(own, dict) and not rpc.is_rpc_secret(own)
    return {**found, ALL_TAGS: default_tags(configuration) | own if mergeable else own}


def programs(inputs: Properties) -> Properties:
    """Return what the program, or the provider in its place, gave of checked inputs."""
    return {name: value for name, value in inputs.items() if name not in (ALL_TAGS, DEFAULTS)}


def without_defaults(inputs: Mapping[str, Any]) -> Properties:
    """Return properties without the note of what the provider filled in."""
    return {name: value for name, value in inputs.items() if name != DEFAULTS}


def imported_inputs(found: Found, row: ResourceRow) -> Properties:
    """Return the inputs of a resource that was read for the first time, as the engine stores and compares them.

    None of them counts as one that the provider filled in, its name neither: the program has to give it, or gets
    another one.
    """
    own_name = {} if row.name is None else {row.name.property: found.outputs[row.name.property]}
    tags = {ALL_TAGS: found.outputs[ALL_TAGS]} if is_taggable(row) else {}
    return {**marked({**own_name, **found.inputs}, found.secrets), **tags, DEFAULTS: []}


def marked(properties: Mapping[str, Any], secrets: Collection[str]) -> Properties:
    """Return properties with the secret ones marked."""
    return {name: secret_values.wrap(value) if name in secrets else value for name, value in properties.items()}


def refreshed(old: Properties, now: Mapping[str, Any]) -> Properties:
    """Return properties with what AWS has now, plain, in the place of each that differs; a secret one stays secret."""
    changed = {name: value for name, value in now.items() if secret_values.unwrap(old.get(name)) != value}
    hidden = {name for name in changed if secret_values.holds_secret(old.get(name))}
    return {**old, **marked(changed, hidden)}


def created_state(inputs: Properties, outputs: Mapping[str, Any], secret_outputs: Collection[str]) -> Properties:
    """Return the state of a new resource: its inputs and its outputs, with what is secret marked."""
    return _with_outputs(without_defaults(inputs), outputs, secret_outputs)


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
    return _with_outputs({**kept, **without_defaults(new_inputs)}, outputs, row.secret_outputs)


def _with_outputs(properties: Properties, outputs: Mapping[str, Any], secret_outputs: Collection[str]) -> Properties:
    # A secret that went in stays one, also where it is answered again.
    hidden = secret_values.hidden_outputs(properties, outputs) | set(secret_outputs)
    return properties | {
        name: secret_values.wrap(value) if name in hidden else value for name, value in outputs.items()
    }
