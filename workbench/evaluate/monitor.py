"""The resource monitor of an evaluation: what the Pulumi engine is to a deployment.

It subclasses the SDK's own mock monitor, which ``pulumi.runtime.set_mocks`` takes, to see what the mock interface
hides: parents, dependencies and resource options. It keeps the engine's promises that mocks forget: unique URNs, and
no resource made after one that it depends on has failed.
"""

import functools
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pulumi
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks
from pulumi.runtime.proto import resource_pb2

from workbench.evaluate import secret_values
from workbench.evaluate.backend import Backend, Created, Invocation, Registration
from workbench.evaluate.urns import alias_urns, urn_of

_PROVIDER_PREFIX = "pulumi:providers:"


@dataclass(frozen=True, kw_only=True)
class RecordedResource:
    """One resource as the program registered it.

    ``inputs`` stand in the provider's own property names, every secret as ``"[secret]"``.
    """

    urn: str
    type: str
    name: str
    parent: str | None
    inputs: dict[str, Any]
    plain_inputs: dict[str, Any] = field(repr=False)
    """The inputs with their secrets in plain text, for a backend and for tests of what is secret; never printed."""
    depends_on: tuple[str, ...]
    protect: bool
    ignore_changes: tuple[str, ...]
    retain_on_delete: bool
    delete_before_replace: bool
    replacement_trigger: Any
    """What replaces the resource when it changes (the option of that name); None without it."""
    plain_replacement_trigger: Any = field(repr=False)
    """The same with its secrets in plain text; never printed."""
    custom: bool
    property_dependencies: dict[str, tuple[str, ...]]
    """By input, the URNs of the resources whose outputs its value was made from; inputs without any are left out."""
    aliases: tuple[str, ...]
    """The URNs that it may have had before: by an ``Alias`` of its own or of a component that it is in."""
    provider: str | None
    """The URN of the explicit provider that it belongs to."""
    replace_on_changes: tuple[str, ...]
    """Property paths whose change replaces it whatever its provider says (the option of that name)."""


@dataclass(frozen=True, kw_only=True)
class ResourceFailure:
    """A resource that could not be made, and why; ``skipped`` when only one that it depends on failed."""

    urn: str
    type: str
    name: str
    error: str
    skipped: bool = False


class DuplicateUrnError(Exception):
    """Two resources of one type have one parent and one name: the engine would refuse the program."""

    def __init__(self, urn: str) -> None:
        super().__init__(f"duplicate resource URN '{urn}'; give one of the two another name")


class _Unused(Mocks):
    """Satisfies the mock monitor's constructor. Every call goes through :class:`RecordingMonitor` instead."""

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        raise AssertionError(f"{args.typ} {args.name} bypassed the recording monitor")

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        raise AssertionError(f"{args.token} bypassed the recording monitor")


class RecordingMonitor(MockMonitor):
    """Records every registration and asks a backend for the answers.

    A backend's error is collected, never raised into the program: the failed resource gets symbolic outputs, whatever
    depends on it is skipped, and the rest is still made, so that one run shows every failure.
    """

    def __init__(
        self, backend: Backend, *, fallback: Backend, progress: Callable[[RecordedResource], None] | None = None
    ):
        super().__init__(_Unused())
        self.recorded: dict[str, RecordedResource] = {}
        self.component_outputs: dict[str, dict[str, Any]] = {}
        self.failures: list[ResourceFailure] = []
        self._backend = backend
        self._fallback = fallback
        self._progress = progress
        self._lock = threading.Lock()
        self._failed: set[str] = set()
        self._provider_inputs: dict[str, dict[str, Any]] = {}
        self._aliases: dict[str, tuple[str, ...]] = {}
        self._stand_ins: dict[str, str] = {}

    def written(self, value: Any) -> Any:
        """Return a value with placeholders where the program computed with texts that only stand for a value."""
        return _replaced(value, self._stand_ins) if self._stand_ins else value

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """Return the URN that the engine would give: the whole chain of parent types, the stack left out."""
        return urn_of(
            stack=pulumi.get_stack(), project=pulumi.get_project(), parent=parent, type_token=type_, name=name
        )

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 (the protocol's name)
        """Record a registration, have the backend make it, and answer with its id and outputs."""
        with self._lock:
            recorded, raw = self._record(request, request.object)
            if not request.custom:
                return resource_pb2.RegisterResourceResponse(urn=recorded.urn)
            created = self._create(
                recorded,
                self._registration(recorded, request.provider, request.importId or None),
                secrets=secret_values.texts(raw),
            )
            state = self._state(recorded.urn, raw, created, secrets=tuple(request.additionalSecretOutputs))
        return resource_pb2.RegisterResourceResponse(urn=recorded.urn, id=created.id, object=state)

    def ReadResource(self, request: Any) -> Any:  # noqa: N802
        """Record a read (``Resource.get``) and answer with what the backend finds."""
        with self._lock:
            recorded, raw = self._record(request, request.properties)
            created = self._create(
                recorded,
                self._registration(recorded, request.provider, request.id),
                secrets=secret_values.texts(raw),
            )
            state = self._state(recorded.urn, raw, created, secrets=tuple(request.additionalSecretOutputs))
        return resource_pb2.ReadResourceResponse(urn=recorded.urn, properties=state)

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        """Record what a component declares as its outputs."""
        self.component_outputs[request.urn] = self.written(
            secret_values.mask(json_format.MessageToDict(request.outputs))
        )
        return empty_pb2.Empty()

    def Invoke(self, request: Any) -> Any:  # noqa: N802
        """Answer a provider function from the backend; its error ends the program, which cannot go on without."""
        invocation = Invocation(
            token=request.tok,
            args=secret_values.unwrap(json_format.MessageToDict(request.args)),
            provider_inputs=self._provider_inputs.get(_provider_urn(request.provider), {}),
        )
        with self._lock:
            result = self._backend.invoke(invocation)
        response = resource_pb2.ResourceInvokeResponse()
        # The field is named with a keyword of Python.
        getattr(response, "return").CopyFrom(_struct(result))
        return response

    def _record(self, request: Any, properties: Any) -> tuple[RecordedResource, dict[str, Any]]:
        raw: dict[str, Any] = json_format.MessageToDict(properties)
        urn = self.make_urn(request.parent, request.type, request.name)
        trigger = _replacement_trigger(request)
        recorded = RecordedResource(
            urn=urn,
            type=request.type,
            name=request.name,
            parent=request.parent or None,
            inputs=self.written(secret_values.mask(raw)),
            plain_inputs=self.written(secret_values.unwrap(raw)),
            depends_on=tuple(sorted(request.dependencies)),
            protect=getattr(request, "protect", False),
            ignore_changes=tuple(getattr(request, "ignoreChanges", ())),
            retain_on_delete=getattr(request, "retainOnDelete", False),
            delete_before_replace=getattr(request, "deleteBeforeReplace", False),
            replacement_trigger=self.written(secret_values.mask(trigger)),
            plain_replacement_trigger=self.written(secret_values.unwrap(trigger)),
            custom=getattr(request, "custom", True),
            property_dependencies=_property_dependencies(request),
            aliases=alias_urns(request, urn=urn, aliases_of=self._aliases),
            provider=_provider_urn(request.provider) or None,
            replace_on_changes=tuple(getattr(request, "replaceOnChanges", ())),
        )
        self._aliases[urn] = recorded.aliases
        if urn in self.recorded:
            raise DuplicateUrnError(urn)
        self.recorded[urn] = recorded
        if request.type.startswith(_PROVIDER_PREFIX):
            self._provider_inputs[urn] = recorded.plain_inputs
        return recorded, raw

    def _registration(self, recorded: RecordedResource, provider: str, read_id: str | None) -> Registration:
        return Registration(
            urn=recorded.urn,
            type=recorded.type,
            name=recorded.name,
            inputs=recorded.plain_inputs,
            provider_inputs=self._provider_inputs.get(_provider_urn(provider), {}),
            read_id=read_id,
        )

    def _create(self, recorded: RecordedResource, registration: Registration, *, secrets: Collection[str]) -> Created:
        cause = next((urn for urn in recorded.depends_on if urn in self._failed), None)
        if cause is None:
            try:
                created = self._backend.create(registration)
            except Exception as error:
                # What refuses a value often repeats it.
                self._fail(recorded, secret_values.without(f"{error}", secrets) or type(error).__name__)
            else:
                if self._progress is not None:
                    self._progress(recorded)
                return created
        else:
            self._fail(recorded, f"not tried: {cause.rsplit('::', 1)[1]} failed", skipped=True)
        return self._fallback.create(registration)

    def _fail(self, recorded: RecordedResource, error: str, *, skipped: bool = False) -> None:
        self._failed.add(recorded.urn)
        self.failures.append(
            ResourceFailure(urn=recorded.urn, type=recorded.type, name=recorded.name, error=error, skipped=skipped)
        )

    def _state(self, urn: str, raw: dict[str, Any], created: Created, *, secrets: tuple[str, ...]) -> Any:
        self._stand_ins |= created.stand_ins
        state = {**raw, **created.outputs}
        # A secret that went in stays one, also where the backend echoes it in its outputs.
        hidden = created.secret_outputs | set(secrets) | secret_values.hidden_outputs(raw, created.outputs)
        state = {key: secret_values.wrap(value) if key in hidden else value for key, value in state.items()}
        self.resources[urn] = MockMonitor.ResourceRegistration(urn, created.id, state)
        return _struct(state)


def _replaced(value: Any, texts: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return functools.reduce(lambda text, old: text.replace(old, texts[old]), texts, value)
    if isinstance(value, dict):
        return {key: _replaced(item, texts) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_replaced(item, texts) for item in cast("list[Any]", value)]
    return value


def _replacement_trigger(request: Any) -> Any:
    value = getattr(request, "replacement_trigger", None)
    return None if value is None else json_format.MessageToDict(value)


def _property_dependencies(request: Any) -> dict[str, tuple[str, ...]]:
    by_property = getattr(request, "propertyDependencies", {})
    return {name: tuple(sorted(by_property[name].urns)) for name in sorted(by_property) if by_property[name].urns}


def _provider_urn(reference: str) -> str:
    """Return the URN in a provider reference, which is ``<urn>::<id>``; empty for the default provider."""
    return reference.rsplit("::", 1)[0]


def _struct(value: Any) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    json_format.ParseDict(dict(value), struct)
    return struct
