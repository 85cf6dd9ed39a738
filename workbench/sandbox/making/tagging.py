"""How the tags of a made resource are changed: every service has operations of its own for what all types share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from workbench.sandbox.errors import SandboxError
from workbench.sandbox.making import mapping
from workbench.sandbox.making.making import Existing


@dataclass(frozen=True, kw_only=True)
class TagOperations:
    """The two operations that put tags on a resource and take them off."""

    put: str
    take_off: str
    member: str
    """The parameter that names the resource; a list of names where the operation takes one."""
    source: str = "id"
    """Where the name comes from: ``id``, or a property of the state."""
    constants: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Parameters that are always sent."""


TagChange: TypeAlias = TagOperations | Callable[[Existing], None]
"""A function is for a service that has the tags replaced as a whole."""


def create_tags(source: str) -> TagOperations:
    """Return EC2's operations; ``source`` as in :class:`TagOperations`."""
    return TagOperations(put="create_tags", take_off="delete_tags", member="Resources", source=source)


def tag_resource(member: str, source: str = "id") -> TagOperations:
    """Return TagResource and UntagResource, which most services have."""
    return TagOperations(put="tag_resource", take_off="untag_resource", member=member, source=source)


def add_tags_to_resource(member: str, source: str, constants: Mapping[str, Any] | None = None) -> TagOperations:
    """Return AddTagsToResource and RemoveTagsFromResource, which older services have."""
    return TagOperations(
        put="add_tags_to_resource",
        take_off="remove_tags_from_resource",
        member=member,
        source=source,
        constants=constants or {},
    )


def update_tags(type_token: str, existing: Existing, change: TagChange | None) -> None:
    """Bring the tags of the made resource from those of the state to ``existing.tags``.

    Raises:
        SandboxError: for a type whose tags nothing here can change, or whatever the API refused.
    """
    old: Mapping[str, str] = existing.outputs.get("tagsAll", {})
    if dict(existing.tags) == dict(old):
        return
    if change is None:
        raise SandboxError(f"the embedded AWS cannot change the tags of a {type_token}")
    if not isinstance(change, TagOperations):
        change(existing)
        return
    gone = [key for key in old if key not in existing.tags]
    if gone:
        _call(existing, change, change.take_off, gone=gone)
    put = {key: value for key, value in existing.tags.items() if old.get(key) != value}
    if put:
        _call(existing, change, change.put, put=put)


def _call(
    existing: Existing,
    operations: TagOperations,
    operation: str,
    *,
    put: Mapping[str, str] | None = None,
    gone: list[str] | None = None,
) -> None:
    shape = existing.input_shape(existing.service or "", operation)
    by_name = {member.casefold(): member for member in shape.members}
    identity = existing.id if operations.source == "id" else existing.outputs[operations.source]
    is_list = shape.members[operations.member].type_name == "list"
    parameters: dict[str, Any] = {**operations.constants, operations.member: [identity] if is_list else identity}
    if put is not None:
        parameters |= mapping.tag_parameters(shape, by_name["tags"], None, put)
    elif "tagkeys" in by_name:
        parameters[by_name["tagkeys"]] = gone
    else:
        parameters[by_name["tags"]] = [{"Key": key} for key in gone or ()]
    existing.call(operation, **parameters)
