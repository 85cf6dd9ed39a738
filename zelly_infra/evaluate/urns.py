"""URNs as the engine makes them, and those under which a resource may have been known before."""

from collections.abc import Collection, Mapping
from typing import Any

STACK_TYPE = "pulumi:pulumi:Stack"


def urn_of(*, stack: str, project: str, parent: str, type_token: str, name: str) -> str:
    """Return the URN of a resource below ``parent``: the whole chain of parent types, the stack's left out."""
    chain = "" if not parent else parent.split("::")[2]
    qualified = type_token if chain in {"", STACK_TYPE} else f"{chain}${type_token}"
    return f"urn:pulumi:{stack}::{project}::{qualified}::{name}"


def alias_urns(request: Any, *, urn: str, aliases_of: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """Return every URN that a registration says, or its parents say, the resource had before; in order.

    ``aliases_of`` holds what was returned for the resources before it, its parent among them. A child of a renamed
    parent has an alias without saying so; where its name begins with the parent's, with the parent's old name in it
    (the engine's ``AliasResolver``, and ``inherited_child_alias`` of the SDK).
    """
    stack, project = urn.removeprefix("urn:pulumi:").split("::")[:2]
    found: set[str] = set()
    for parent in (request.parent, *aliases_of.get(request.parent, ())):
        found.add(
            urn_of(
                stack=stack,
                project=project,
                parent=parent,
                type_token=request.type,
                name=_inherited_name(request.name, request.parent, parent),
            )
        )
    for alias in getattr(request, "aliases", ()):
        if alias.urn:
            found.add(alias.urn)
            continue
        spec = alias.spec
        parents = [spec.parentUrn] if spec.parentUrn else [request.parent, *aliases_of.get(request.parent, ())]
        for parent in [""] if spec.noParent else parents:
            found.add(
                urn_of(
                    stack=spec.stack or stack,
                    project=spec.project or project,
                    parent=parent,
                    type_token=spec.type or request.type,
                    name=_inherited_name(spec.name or request.name, request.parent, parent),
                )
            )
    return tuple(sorted(found - {urn}))


def _inherited_name(name: str, parent: str, former_parent: str) -> str:
    parent_name = parent.rpartition("::")[2]
    if not parent_name or parent == former_parent or not former_parent or not name.startswith(parent_name):
        return name
    return former_parent.rpartition("::")[2] + name.removeprefix(parent_name)
