"""A plan as a document: what ``plan --json`` prints, what a saved plan holds, and what two plans compare.

The format is stable: a field is only added together with a new :data:`VERSION`, and another version is refused.
"""

import functools
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from workbench.evaluate import Evaluation, RecordedResource
from workbench.evaluate.secret_values import MASK
from workbench.placeholders import renamed
from workbench.providers.changes import Segment, parsed, written
from workbench.words import command

VERSION = 1

Inputs: TypeAlias = Mapping[str, Any]

_TRIGGER = "replacementTrigger"
"""The place of the digests of a replacement trigger's secrets; no input of any type has this name."""


@dataclass(frozen=True, eq=False)
class Secret:
    """Stands where a secret does: equal to another one of the same value, which it doesn't know."""

    digests: frozenset[str]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and not self.digests.isdisjoint(other.digests)

    # What is equal to two others that are not equal to each other has no hash.
    __hash__ = None  # pyright: ignore[reportAssignmentType]

    def __str__(self) -> str:
        return MASK


class _Document(BaseModel, frozen=True):
    model_config = ConfigDict(extra="forbid", strict=True)


class PlannedResource(_Document, frozen=True):
    """One resource as the program registered it; see :class:`workbench.evaluate.RecordedResource`."""

    urn: str
    type: str
    name: str
    parent: str | None
    custom: bool
    inputs: dict[str, Any]
    """In the provider's own property names, every secret as ``"[secret]"``."""
    secret_digests: dict[str, list[str]]
    """By property path, a digest of each secret, which tells whether two plans have the same one. What is digested is
    what the evaluation had for it: placeholders and stand-ins, since no real secret is known without the engine. Where
    a placeholder names a resource that was renamed, a digest with each of its former names follows."""
    depends_on: list[str]
    property_dependencies: dict[str, list[str]]
    aliases: list[str]
    provider: str | None
    protect: bool
    ignore_changes: list[str]
    replace_on_changes: list[str]
    replacement_trigger: Any
    retain_on_delete: bool
    delete_before_replace: bool

    @functools.cached_property
    def comparable(self) -> Inputs:
        """The inputs with a :class:`Secret` in the place of each secret."""
        return cast(
            "Inputs",
            _with_secrets(self.inputs, self._digests, ()),
        )

    @functools.cached_property
    def comparable_trigger(self) -> Any:
        """The replacement trigger with a :class:`Secret` in the place of each secret."""
        return _with_secrets(self.replacement_trigger, self._digests, (_TRIGGER,))

    @property
    def _digests(self) -> Mapping[tuple[Segment, ...], frozenset[str]]:
        return {parsed(path): frozenset(digests) for path, digests in self.secret_digests.items()}


class PlanDocument(_Document, frozen=True):
    """A whole plan."""

    format: str
    """The command that wrote it, ``PROGRAM plan``."""
    version: Literal[1]
    stack: str
    region: str
    resources: list[PlannedResource]
    """In order of URN."""
    outputs: dict[str, Any]
    """The stack's exports, secret ones as ``"[secret]"``."""

    @functools.cached_property
    def by_urn(self) -> Mapping[str, PlannedResource]:
        """The resources by URN."""
        return {resource.urn: resource for resource in self.resources}

    def as_json(self) -> dict[str, Any]:
        """Return the document as a JSON object."""
        return self.model_dump(mode="json")


def plan_format() -> str:
    """Return what a plan gives as its format: ``PROGRAM plan``."""
    return command("plan")


def _is_plan(form: object) -> bool:
    """Tell whether a format is a plan's, by whichever command it was written."""
    return isinstance(form, str) and form.partition(" ")[2] == command("plan").partition(" ")[2]


def document(evaluation: Evaluation, region: str) -> PlanDocument:
    """Return an evaluation as a document."""
    former = {resource.urn: _former_names(resource) for resource in evaluation.resources}
    return PlanDocument(
        format=plan_format(),
        version=VERSION,
        stack=evaluation.stack,
        region=region,
        resources=[_planned(resource, former) for resource in evaluation.resources],
        outputs=evaluation.outputs,
    )


def empty(stack: str) -> PlanDocument:
    """Return the plan of a stack that has nothing yet."""
    return PlanDocument(format=plan_format(), version=VERSION, stack=stack, region="", resources=[], outputs={})


def parse(text: str, *, source: str) -> PlanDocument:
    """Return the plan that ``text`` holds.

    Raises:
        ValueError: with one line that says what is wrong, beginning with ``source``.
    """
    try:
        content: Any = json.loads(text)
    except ValueError as error:
        raise ValueError(f"{source}: not a saved plan: not JSON: {error}") from None
    if not isinstance(content, dict) or not _is_plan(cast("dict[str, Any]", content).get("format")):
        raise ValueError(
            f'{source}: not a saved plan: no "format": "{plan_format()}"; {command("plan STACK --json")} writes one'
        )
    version = cast("dict[str, Any]", content).get("version")
    if version != VERSION:
        raise ValueError(f"{source}: a plan of format version {version}; allowed: {VERSION}")
    try:
        return PlanDocument.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{source}: a damaged plan: {where}: {first['msg']}") from None


def _former_names(resource: RecordedResource) -> list[str]:
    names = dict.fromkeys(alias.rpartition("::")[2] for alias in resource.aliases)
    return [name for name in names if name != resource.name]


def _planned(resource: RecordedResource, former: Mapping[str, list[str]]) -> PlannedResource:
    sources = {urn.rpartition("::")[2]: former.get(urn, []) for urn in resource.depends_on}
    most = max((len(names) for names in sources.values()), default=0)
    renamings = [{name: names[min(n, len(names) - 1)] for name, names in sources.items() if names} for n in range(most)]
    return PlannedResource(
        urn=resource.urn,
        type=resource.type,
        name=resource.name,
        parent=resource.parent,
        custom=resource.custom,
        inputs=resource.inputs,
        secret_digests={
            written(path): [_digest(renamed(plain, names)) for names in ({}, *renamings)]
            for path, plain in (
                *_secrets((), resource.inputs, resource.plain_inputs),
                *_secrets((_TRIGGER,), resource.replacement_trigger, resource.plain_replacement_trigger),
            )
        },
        depends_on=list(resource.depends_on),
        property_dependencies={name: list(urns) for name, urns in resource.property_dependencies.items()},
        aliases=list(resource.aliases),
        provider=resource.provider,
        protect=resource.protect,
        ignore_changes=list(resource.ignore_changes),
        replace_on_changes=list(resource.replace_on_changes),
        replacement_trigger=resource.replacement_trigger,
        retain_on_delete=resource.retain_on_delete,
        delete_before_replace=resource.delete_before_replace,
    )


def _members(value: Any) -> Iterable[tuple[Segment, Any]]:
    if isinstance(value, Mapping):
        return cast("Mapping[str, Any]", value).items()
    return enumerate(cast("list[Any]", value)) if isinstance(value, list) else ()


def _secrets(path: tuple[Segment, ...], masked: Any, plain: Any) -> Iterator[tuple[tuple[Segment, ...], Any]]:
    if masked == MASK:
        yield path, plain
        return
    for segment, member in _members(masked):
        yield from _secrets((*path, segment), member, plain[segment])


def _digest(plain: Any) -> str:
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:32]


def _with_secrets(value: Any, digests: Mapping[tuple[Segment, ...], frozenset[str]], path: tuple[Segment, ...]) -> Any:
    if path in digests:
        return Secret(digests[path])
    if isinstance(value, Mapping):
        return {name: _with_secrets(member, digests, (*path, name)) for name, member in _members(value)}
    if isinstance(value, list):
        return [_with_secrets(member, digests, (*path, position)) for position, member in _members(value)]
    return value
