"""URNs as the engine makes them, and those under which a resource may have been known before."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_STACK_TYPE = "pulumi:pulumi:Stack"


def urn_of(*, stack: str, project: str, parent: str, type_token: str, name: str) -> str:
    """Return the URN of a resource below ``parent``: the whole chain of parent types, the stack's left out."""
    chain = "" if not parent else parent.split("::")[2]
    qualified = type_token if chain in {"", _STACK_TYPE} else f"{chain}${type_token}"
    return f"urn:pulumi:{stack}::{project}::{qualified}::{name}"


def alias_urns(request: Any, *, urn: str, aliases_of: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return every other URN that the resource may have had, the likeliest first.

    ``aliases_of`` holds what was returned for the resources before it, its parent among them. A child of a renamed
    parent has an alias without saying so. As the engine's ``generateAliases`` does it, except that that one knows from
    the state which alias of the parent it was; here all of them count
    (``pkg/resource/deploy/step_generator.go`` of pulumi/pulumi).
    """
    own = [
        alias_urn for alias in getattr(request, "aliases", ()) for alias_urn in _own(alias, request, urn, aliases_of)
    ]
    inherited = [
        _inherited(type_token, name, request.parent, parent)
        for parent in aliases_of.get(request.parent, ())
        for type_token, name in [(request.type, request.name), *((_type_of(alias), _name_of(alias)) for alias in own)]
    ]
    return tuple(alias for alias in dict.fromkeys([*own, *inherited]) if alias != urn)


def _own(alias: Any, request: Any, urn: str, aliases_of: Mapping[str, Sequence[str]]) -> Iterator[str]:
    if alias.urn:
        yield alias.urn
        return
    spec = alias.spec
    stack, project = urn.removeprefix("urn:pulumi:").split("::")[:2]
    named = [spec.parentUrn, *aliases_of.get(spec.parentUrn, ())] if spec.parentUrn else [request.parent]
    for parent in [""] if spec.noParent else named:
        yield urn_of(
            stack=spec.stack or stack,
            project=spec.project or project,
            parent=parent,
            type_token=spec.type or request.type,
            name=spec.name or request.name,
        )


def _inherited(type_token: str, name: str, parent: str, former_parent: str) -> str:
    # A name that begins with the parent's was made from it.
    if name.startswith(_name_of(parent)):
        name = _name_of(former_parent) + name.removeprefix(_name_of(parent))
    stack, project = former_parent.removeprefix("urn:pulumi:").split("::")[:2]
    return urn_of(stack=stack, project=project, parent=former_parent, type_token=type_token, name=name)


def _type_of(urn: str) -> str:
    return urn.split("::")[2].rpartition("$")[2]


def _name_of(urn: str) -> str:
    return urn.rpartition("::")[2]
