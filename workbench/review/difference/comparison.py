"""The difference between two plans of one stack: resources that are added, changed, replaced and removed.

This is the typed difference that every view of it is made from. Resources are matched by URN, and by the aliases that
the program gives. What replaces a resource is known from :mod:`workbench.providers.replacement`; what follows from a
replacement (an id that is another one afterwards) is followed from input to input.
"""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from workbench.placeholders import renamed
from workbench.providers.changes import Change, Kind, changes, parsed, value_at, with_ignored
from workbench.providers.replacement import Verdict, judge, rules
from workbench.review.difference.following import Following, with_unknown_values
from workbench.review.difference.ignored import Ignored
from workbench.review.difference.new_components import NewComponent, new_components
from workbench.review.plan_document import Inputs, PlanDocument, PlannedResource

_PROVIDER_PREFIX = "pulumi:providers:"
_REGION = "region"


class Action(StrEnum):
    """The fate of a resource."""

    REPLACED = "replaced"
    REMOVED = "removed"
    CHANGED = "changed"
    ADDED = "added"


class Order(StrEnum):
    """In which order the old and the new resource of a replacement exist."""

    CREATE_FIRST = "create first"
    DELETE_FIRST = "delete first"


@dataclass(frozen=True, kw_only=True)
class PropertyChange:
    """One property, however deep, that is not what it was."""

    path: str
    """As Pulumi writes it: ``rules[0].id``."""
    top: str
    """The input that it stands in."""
    kind: Kind
    old: Any
    """None where there was none; a :class:`~workbench.review.plan_document.Secret` for a secret."""
    new: Any
    replaces: bool
    """Whether it replaces the resource."""
    follows: tuple[str, ...] = ()
    """The URNs, of this plan, of the new or replaced resources that the value comes from: it is written as before and
    another one afterwards. Empty for what the program itself changes."""


@dataclass(frozen=True, kw_only=True)
class OptionChange:
    """One of Pulumi's resource options that is not what it was."""

    name: str
    """As in Pulumi's protocol, such as ``protect``."""
    old: Any
    new: Any
    replaces: bool


@dataclass(frozen=True, kw_only=True)
class ResourceChange:
    """One resource that is not as it was."""

    action: Action
    urn: str
    """In the new plan; of a removed resource in the old one."""
    former_urn: str | None
    """The URN in the old plan where an alias says that it was another one."""
    old: PlannedResource | None
    """None for an added resource."""
    new: PlannedResource | None
    """None for a removed resource."""
    components: tuple[str, ...]
    """The names of the components that it stands in, the outermost first."""
    properties: tuple[PropertyChange, ...] = ()
    """Of a changed or replaced resource, in order of the path."""
    options: tuple[OptionChange, ...] = ()
    """``protect``, ``retainOnDelete`` and ``replacementTrigger``, where they change."""
    order: Order | None = None
    """Of a replacement."""
    known: bool = True
    """Whether it is known what replaces this type. Where it is not, CHANGED means changed in place or replaced."""
    refused_by_engine: bool = False
    """Whether Pulumi refuses the update, because the resource is protected and would be deleted."""

    @property
    def resource(self) -> PlannedResource:
        """The resource as it will be; of a removed one, as it was."""
        found = self.new or self.old
        assert found is not None  # noqa: S101 (one of the two there always is)
        return found

    @property
    def type(self) -> str:
        """The type token, such as ``aws:ec2/vpc:Vpc``."""
        return self.resource.type

    @property
    def name(self) -> str:
        """The logical name."""
        return self.resource.name

    @property
    def asked_to_be_replaced(self) -> bool:
        """Whether an option of the program replaces it."""
        return any(option.replaces for option in self.options)

    @property
    def replacing(self) -> tuple[PropertyChange, ...]:
        """The properties whose change replaces the resource."""
        return tuple(change for change in self.properties if change.replaces)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The difference between two plans of one stack."""

    stack: str
    region: str
    base: str
    """The other side of the comparison in words: ``main (80dd690)`` or a file's name."""
    changes: tuple[ResourceChange, ...]
    """In order of component and URN."""
    unchanged: int
    """The number of resources that stay as they are. Providers are counted when they change alone."""
    outputs: tuple[str, ...]
    """The names of the stack's outputs that are added, removed or made in another way."""
    new_components: tuple[NewComponent, ...]
    """The outermost components that are new as a whole."""
    ignored: tuple[Ignored, ...]
    """Inputs that the program gives anew and Pulumi ignores, in order of URN; none of them is a change."""
    plan: PlanDocument
    """The new plan."""

    def of(self, action: Action) -> tuple[ResourceChange, ...]:
        """Return the changes of one kind."""
        return tuple(change for change in self.changes if change.action is action)


def compare(old: PlanDocument, new: PlanDocument, *, base: str) -> Comparison:
    """Return what ``new`` changes in what ``old`` made.

    Components are left out: what they consist of is compared. Of a provider only what it is told is compared.
    """
    matched = _matched(old, new)
    new_names = {before.urn: new.by_urn[urn].name for urn, before in matched.items() if before is not None}
    pairs = [
        _Pair(old, before, new, new.by_urn[urn], new_names) for urn, before in matched.items() if before is not None
    ]
    added = [new.by_urn[urn] for urn, before in matched.items() if before is None]
    kept = {pair.old.urn for pair in pairs}
    removed = [resource for resource in old.resources if resource.custom and resource.urn not in kept]
    _follow(pairs, {resource.urn for resource in added})
    changed = [change for pair in pairs if (change := pair.change()) is not None]
    changed_urns = {change.urn for change in changed}
    unchanged = [pair.new for pair in pairs if pair.new.urn not in changed_urns]
    found = [
        *changed,
        *(_one_sided(Action.ADDED, new, resource) for resource in added),
        *(_one_sided(Action.REMOVED, old, resource) for resource in removed),
    ]
    return Comparison(
        stack=new.stack,
        region=new.region,
        base=base,
        changes=tuple(sorted(found, key=lambda change: (change.components, change.urn))),
        unchanged=sum(not resource.type.startswith(_PROVIDER_PREFIX) for resource in unchanged),
        outputs=tuple(
            name for name in sorted(old.outputs.keys() | new.outputs.keys()) if _differs(old.outputs, new.outputs, name)
        ),
        new_components=new_components(new, {resource.urn for resource in added}),
        ignored=tuple(ignored for pair in sorted(pairs, key=lambda pair: pair.new.urn) for ignored in pair.ignored()),
        plan=new,
    )


class _Pair:
    """A resource on both sides, and what is known of its change so far: more of it as replacements are followed."""

    def __init__(
        self,
        old_plan: PlanDocument,
        old: PlannedResource,
        plan: PlanDocument,
        new: PlannedResource,
        new_names: Mapping[str, str],
    ) -> None:
        self.old = old
        self.new = new
        self._plan = plan
        self._before = _with_new_names(_in_region(old_plan, old), old, new_names)
        self._wanted = _in_region(plan, new)
        self._following: tuple[Following, ...] = ()
        self._ignored: tuple[Change, ...] = ()
        self._judge(self._wanted)

    @property
    def is_replaced(self) -> bool:
        return bool(self._verdict.replacing) or any(option.replaces for option in self._options)

    def follow(self, renewed: Set[str]) -> bool:
        """Take into account that these resources are new ones; tell whether this one is replaced because of it."""
        if renewed.isdisjoint(self.new.depends_on):
            return False
        was_replaced = self.is_replaced
        after, self._following = with_unknown_values(self.new, self._wanted, renewed, self._plan)
        self._judge(after)
        return self.is_replaced and not was_replaced

    def ignored(self) -> Iterator[Ignored]:
        """Yield each ignored path at which the program gives another value."""
        for path in self.new.ignore_changes:
            found = [change for change in self._ignored if _stands_in(change.property_path, [path])]
            if found:
                at = parsed(path)
                yield Ignored(
                    resource=self.new,
                    path=path,
                    old=value_at(self._before, at),
                    new=value_at(self._unheard, at),
                    follows=next((following.urns for following in self._following if following.path == at), ()),
                )

    def change(self) -> ResourceChange | None:
        """Return the change, or None when there is none."""
        replaced = self.is_replaced
        if not self._verdict.changes and not self._options:
            return None
        return ResourceChange(
            action=Action.REPLACED if replaced else Action.CHANGED,
            urn=self.new.urn,
            former_urn=self.old.urn if self.old.urn != self.new.urn else None,
            old=self.old,
            new=self.new,
            components=_components(self._plan, self.new),
            properties=tuple(self._property(change) for change in self._verdict.changes),
            options=self._options,
            order=self._order() if replaced else None,
            known=self.new.type in rules() or self.new.type.startswith(_PROVIDER_PREFIX),
            # Unprotecting and replacing in one update is allowed, deleting what was protected is not
            # (pkg/resource/deploy/step_generator.go of pulumi/pulumi).
            refused_by_engine=replaced and self.old.protect and self.new.protect,
        )

    @property
    def _options(self) -> tuple[OptionChange, ...]:
        old, new = self.old, self.new
        options = (
            ("protect", old.protect, new.protect, False),
            ("retainOnDelete", old.retain_on_delete, new.retain_on_delete, False),
            ("replacementTrigger", old.comparable_trigger, new.comparable_trigger, True),
        )
        return tuple(
            OptionChange(name=name, old=before, new=after, replaces=replaces)
            for name, before, after, replaces in options
            # An option that is gone asks for nothing: the engine then keeps the trigger that it knows.
            if before != after and after is not None
        )

    def _order(self) -> Order:
        first = self.new.delete_before_replace or self._verdict.delete_before_replace
        return Order.DELETE_FIRST if first else Order.CREATE_FIRST

    def _judge(self, wanted: Inputs) -> None:
        # What is ignored stays as it is, whatever it comes from.
        self._after: Inputs = with_ignored(self._before, wanted, self.new.ignore_changes)
        self._unheard = wanted
        self._ignored = tuple(changes(self._after, wanted))
        found = judge(self.new.type, old=self._before, new=self._after) or _of_unknown_type(
            self.new.type, self._before, self._after
        )
        asked = [change for change in found.changes if _stands_in(change.property_path, self.new.replace_on_changes)]
        self._verdict = replace(found, replacing=tuple(dict.fromkeys([*found.replacing, *asked])))

    def _property(self, change: Change) -> PropertyChange:
        return PropertyChange(
            path=change.property_path,
            top=change.top,
            kind=change.kind,
            old=value_at(self._before, change.path),
            new=value_at(self._after, change.path),
            replaces=change in self._verdict.replacing,
            follows=next((following.urns for following in self._following if following.path == change.path), ()),
        )


def _follow(pairs: Iterable[_Pair], added: Set[str]) -> None:
    """Follow every replacement to what comes from it, until nothing more is replaced."""
    waiting = list(pairs)
    renewed = {*added, *(pair.new.urn for pair in waiting if pair.is_replaced)}
    while found := {pair.new.urn for pair in waiting if pair.follow(renewed)}:
        renewed |= found


def _matched(old: PlanDocument, new: PlanDocument) -> dict[str, PlannedResource | None]:
    """Return, by URN in the new plan, what each of its resources was; None for a new one."""
    own = {resource.urn for resource in new.resources}
    pairs: dict[str, PlannedResource | None] = {}
    for resource in new.resources:
        if not resource.custom:
            continue
        candidates = [resource.urn, *(alias for alias in resource.aliases if alias not in own)]
        pairs[resource.urn] = next((old.by_urn[urn] for urn in candidates if urn in old.by_urn), None)
    return pairs


def _one_sided(action: Action, plan: PlanDocument, resource: PlannedResource) -> ResourceChange:
    is_added = action is Action.ADDED
    return ResourceChange(
        action=action,
        urn=resource.urn,
        former_urn=None,
        old=None if is_added else resource,
        new=resource if is_added else None,
        components=_components(plan, resource),
        refused_by_engine=resource.protect and not is_added,
    )


def _components(plan: PlanDocument, resource: PlannedResource) -> tuple[str, ...]:
    names: list[str] = []
    parent = plan.by_urn.get(resource.parent or "")
    while parent is not None and parent.parent is not None:
        if not parent.custom:
            names.insert(0, parent.name)
        parent = plan.by_urn.get(parent.parent)
    return tuple(names)


def _in_region(plan: PlanDocument, resource: PlannedResource) -> Inputs:
    """Return the inputs with the region that the provider has: each resource keeps it as its own, from version 7 on."""
    inputs = resource.comparable
    provider = plan.by_urn.get(resource.provider or "")
    if provider is None or not resource.type.startswith("aws:") or _REGION in inputs:
        return inputs
    return {**inputs, _REGION: provider.inputs[_REGION]} if _REGION in provider.inputs else inputs


def _with_new_names(inputs: Inputs, resource: PlannedResource, new_names: Mapping[str, str]) -> Inputs:
    """Return the old inputs with the placeholders of renamed resources as the new program writes them."""
    own = {urn: urn.rpartition("::")[2] for urn in resource.depends_on}
    names = {name: new_names[urn] for urn, name in own.items() if new_names.get(urn, name) != name}
    return renamed(inputs, names) if names else inputs


def _of_unknown_type(type_token: str, old: Inputs, new: Inputs) -> Verdict:
    found = tuple(changes(old, new))
    moved = tuple(change for change in found if type_token.startswith("aws:") and change.top == _REGION)
    return Verdict(changes=found, replacing=moved, delete_before_replace=False)


def _stands_in(path: str, asked: Iterable[str]) -> bool:
    return any(one in {"*", path} or path.startswith((f"{one}.", f"{one}[")) for one in asked)


def _differs(old: Mapping[str, Any], new: Mapping[str, Any], name: str) -> bool:
    return (name in old) != (name in new) or old.get(name) != new.get(name)
