"""A plan of ``pulumi preview --json`` as the typed difference that two plans of the program give."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from workbench.evaluate.secret_values import MASK
from workbench.providers.changes import Kind, Segment, parsed
from workbench.review.difference.comparison import Action, Comparison, Order, PropertyChange, ResourceChange
from workbench.review.plan_document import VERSION, PlanDocument, PlannedResource, plan_format

_ACTIONS: Mapping[str, Action] = {
    "create": Action.ADDED,
    "update": Action.CHANGED,
    "delete": Action.REMOVED,
    "replace": Action.REPLACED,
    "create-replacement": Action.REPLACED,
    "delete-replaced": Action.REPLACED,
}
"""Pulumi's operations (``pkg/resource/deploy/step.go``); the others change nothing."""

_KINDS: Mapping[str, Kind] = {"add": Kind.ADDED, "delete": Kind.REMOVED, "update": Kind.CHANGED}
"""A kind of a detailed difference, without ``-replace`` at its end (``sdk/go/common/apitype``, ``PropertyDiff``)."""

_SIGNATURE = "4dabf18193072939515e22adb298388d"
"""The key by which Pulumi marks what is no plain value, as a secret (``sdk/go/common/resource/sig``)."""


def difference(document: Mapping[str, Any], *, stack: str, region: str, base: str) -> Comparison:
    """Return what a preview's document plans to change in what is there.

    Components are left out, as in the comparison of two plans.
    """
    steps: dict[str, list[Mapping[str, Any]]] = {}
    for step in document.get("steps", []):
        steps.setdefault(step["urn"], []).append(step)
    parents = {urn: _state(found[0]).get("parent") for urn, found in steps.items()}
    changes = [change for urn, found in steps.items() if (change := _change(urn, found, parents)) is not None]
    changed = {change.urn for change in changes}
    return Comparison(
        stack=stack,
        region=region,
        base=base,
        changes=tuple(sorted(changes, key=lambda change: (change.components, change.urn))),
        unchanged=sum(urn not in changed and _is_resource(found) for urn, found in steps.items()),
        outputs=(),
        new_components=(),
        ignored=(),
        plan=_plan(steps, stack=stack, region=region),
    )


def _plan(steps: Mapping[str, Sequence[Mapping[str, Any]]], *, stack: str, region: str) -> PlanDocument:
    """Return what the program wants, as far as a preview's steps show it."""
    wanted = {urn: state for urn, found in steps.items() if (state := _last(found, "newState")) is not None}
    resources = [_resource(urn, state) for urn, state in sorted(wanted.items()) if state.get("custom")]
    return PlanDocument(
        format=plan_format(), version=VERSION, stack=stack, region=region, resources=resources, outputs={}
    )


def _change(urn: str, steps: Sequence[Mapping[str, Any]], parents: Mapping[str, str | None]) -> ResourceChange | None:
    planned = [step for step in steps if step["op"] in _ACTIONS]
    if not planned or not _is_resource(planned):
        return None
    operations = [step["op"] for step in planned]
    action = Action.REPLACED if len(set(operations)) > 1 else _ACTIONS[operations[0]]
    before = _last(planned, "oldState") if action is not Action.ADDED else None
    after = _last(planned, "newState") if action is not Action.REMOVED else None
    old, new = (None if state is None else _resource(urn, state) for state in (before, after))
    properties = _properties(planned, before or {}, after or {}) if action in (Action.CHANGED, Action.REPLACED) else ()
    protected = bool((before or {}).get("protect"))
    return ResourceChange(
        action=action,
        urn=urn,
        former_urn=None,
        old=old,
        new=new,
        components=tuple(_components(urn, parents)),
        properties=properties,
        order=_order(operations) if action is Action.REPLACED else None,
        refused_by_engine=protected and action in (Action.REMOVED, Action.REPLACED),
    )


def _is_resource(steps: Sequence[Mapping[str, Any]]) -> bool:
    state = _state(steps[0])
    return bool(state.get("custom")) and not str(state.get("type", "")).startswith("pulumi:")


def _state(step: Mapping[str, Any]) -> Mapping[str, Any]:
    return step.get("newState") or step.get("oldState") or {}


def _last(steps: Sequence[Mapping[str, Any]], key: str) -> Mapping[str, Any] | None:
    found = [step[key] for step in steps if step.get(key)]
    return found[-1] if found else None


def _resource(urn: str, state: Mapping[str, Any]) -> PlannedResource:
    return PlannedResource(
        urn=urn,
        type=state["type"],
        name=urn.rpartition("::")[2],
        parent=state.get("parent"),
        custom=True,
        inputs=_shown(state.get("inputs") or {}),
        secret_digests={},
        depends_on=[],
        property_dependencies=state.get("propertyDependencies") or {},
        aliases=[],
        provider=state.get("provider"),
        protect=bool(state.get("protect")),
        ignore_changes=[],
        replace_on_changes=[],
        replacement_trigger=None,
        retain_on_delete=bool(state.get("retainOnDelete")),
        delete_before_replace=False,
    )


def _properties(
    steps: Sequence[Mapping[str, Any]], before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[PropertyChange, ...]:
    detailed: dict[str, str] = {}
    for step in steps:
        told: Mapping[str, Mapping[str, Any]] = step.get("detailedDiff") or {}
        detailed |= {path: one.get("kind", "update") for path, one in told.items()}
        # A provider that gives no details names at least the inputs.
        detailed |= {key: "update" for key in step.get("diffReasons") or () if not _is_told(key, detailed)}
    replacing = {key for step in steps for key in step.get("replaceReasons") or ()}
    found: list[PropertyChange] = []
    for path, kind in sorted(detailed.items()):
        segments = parsed(path)
        top = str(segments[0])
        found.append(
            PropertyChange(
                path=path,
                top=top,
                kind=_KINDS.get(kind.removesuffix("-replace"), Kind.CHANGED),
                old=_value(before, segments),
                new=_value({"inputs": after.get("inputs")}, segments),
                replaces=kind.endswith("-replace") or top in replacing,
            )
        )
    return tuple(found)


def _is_told(key: str, paths: Iterable[str]) -> bool:
    return any(str(parsed(path)[0]) == key for path in paths)


def _value(state: Mapping[str, Any], path: Sequence[Segment]) -> Any:
    """Return what a state has at a path: what the program said, else what AWS told."""
    for part in ("inputs", "outputs"):
        value: Any = state.get(part) or {}
        try:
            for segment in path:
                value = value[segment]
        except (KeyError, IndexError, TypeError):
            continue
        return _shown(value)
    return None


def _shown(value: Any) -> Any:
    if isinstance(value, Mapping):
        fields: Mapping[str, Any] = value  # pyright: ignore[reportUnknownVariableType]
        if _SIGNATURE in fields:
            return MASK
        return {key: _shown(one) for key, one in fields.items() if key != "__defaults"}
    if isinstance(value, list):
        return [_shown(one) for one in value]  # pyright: ignore[reportUnknownVariableType]
    return value


def _order(operations: Sequence[str]) -> Order:
    deleted = operations.index("delete-replaced") if "delete-replaced" in operations else len(operations)
    created = operations.index("create-replacement") if "create-replacement" in operations else len(operations)
    return Order.DELETE_FIRST if deleted < created else Order.CREATE_FIRST


def _components(urn: str, parents: Mapping[str, str | None]) -> list[str]:
    names: list[str] = []
    parent = parents.get(urn)
    while parent is not None and parents.get(parent) is not None:
        names.insert(0, parent.rpartition("::")[2])
        parent = parents.get(parent)
    return names
