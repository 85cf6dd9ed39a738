"""The resource monitor of an evaluation: what the Pulumi engine is to a deployment.

It has the methods of the engine's service ``pulumirpc.ResourceMonitor`` that the SDK calls, and keeps the engine's
promises: unique URNs, and no resource made after one that it depends on has failed. What it cannot keep it refuses.
"""

import functools
import threading
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import Any, cast

import pulumi
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import resource_pb2

from workbench.evaluate import secret_values
from workbench.evaluate.backend import Backend, Created, Invocation, Registration
from workbench.evaluate.recorded import RecordedResource, ResourceFailure
from workbench.evaluate.special_values import described, holds_asset, without_references
from workbench.evaluate.urns import alias_urns, urn_of
from workbench.placeholders import holds_look_up

_PROVIDER_PREFIX = "pulumi:providers:"
_DYNAMIC_PREFIX = "pulumi-python:"

_FEATURES = (
    resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER,
    resource_pb2.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_INVOKE_TRANSFORMS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_PARAMETERIZATION,
    resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS,
)
"""The features that the SDK may use (``proto/pulumi/resource.proto`` of pulumi/pulumi). Output values are left out:
inputs then arrive resolved. Transforms are among them so that they reach the monitor, which refuses them in words."""


class DuplicateUrnError(Exception):
    """Two resources of one type have one parent and one name: the engine would refuse the program."""

    def __init__(self, urn: str) -> None:
        super().__init__(f"duplicate resource URN '{urn}'; give one of the two another name")


class UnsupportedError(Exception):
    """The program asks for something that only the engine does."""


class RecordingMonitor:
    """Records every registration and asks a backend for the answers.

    A backend's error is collected, never raised into the program: the failed resource gets symbolic outputs, whatever
    depends on it is skipped, and the rest is still made, so that one run shows every failure.
    """

    def __init__(
        self, backend: Backend, *, fallback: Backend, progress: Callable[[RecordedResource], None] | None = None
    ):
        self.recorded: dict[str, RecordedResource] = {}
        self.component_outputs: dict[str, dict[str, Any]] = {}
        self.failures: list[ResourceFailure] = []
        self.look_ups: Counter[str] = Counter()
        self._backend = backend
        self._fallback = fallback
        self._progress = progress
        self._lock = threading.Lock()
        self._ended: BaseException | None = None
        """What ``progress`` raised: nothing is made after it."""
        self._failed: set[str] = set()
        self._provider_inputs: dict[str, dict[str, Any]] = {}
        self._aliases: dict[str, tuple[str, ...]] = {}
        self._stand_ins: dict[str, str] = {}

    def written(self, value: Any) -> Any:
        """Return a value with placeholders where the program computed with texts that only stand for a value."""
        return _replaced(value, self._stand_ins) if self._stand_ins else value

    def GetDeploymentInfo(self, request: Any) -> Any:  # noqa: ARG002, N802 (the protocol's name and arguments)
        """Answer what the monitor supports."""
        return resource_pb2.DeploymentInfo(supportedFeatures=_FEATURES)

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 (the protocol's name)
        """Record a registration, have the backend make it, and answer with its id and outputs."""
        if request.transforms:
            raise UnsupportedError(f"{request.type} {request.name}: transforms are run by the engine alone")
        with self._lock:
            recorded, raw = self._record(request, request.object)
            if request.remote:
                self._fail(recorded, "a remote component: the plugin that makes its resources does not run here")
            if not request.custom:
                return resource_pb2.RegisterResourceResponse(urn=recorded.urn)
            created = self._create(
                recorded,
                self._registration(recorded, raw, request.provider, request.importId or None),
                secrets=secret_values.texts(raw),
            )
            state = self._state(raw, created, secrets=tuple(request.additionalSecretOutputs))
        return resource_pb2.RegisterResourceResponse(urn=recorded.urn, id=created.id, object=state)

    def ReadResource(self, request: Any) -> Any:  # noqa: N802
        """Record a read (``Resource.get``) and answer with what the backend finds."""
        with self._lock:
            recorded, raw = self._record(request, request.properties)
            created = self._create(
                recorded,
                self._registration(recorded, raw, request.provider, request.id),
                secrets=secret_values.texts(raw),
            )
            state = self._state(raw, created, secrets=tuple(request.additionalSecretOutputs))
        return resource_pb2.ReadResourceResponse(urn=recorded.urn, properties=state)

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        """Record what a component declares as its outputs."""
        self.component_outputs[request.urn] = self.written(
            secret_values.mask(without_references(json_format.MessageToDict(request.outputs)))
        )
        return empty_pb2.Empty()

    def Invoke(self, request: Any) -> Any:  # noqa: N802
        """Answer a provider function from the backend; its error ends the program, which cannot go on without."""
        invocation = Invocation(
            token=request.tok,
            args=secret_values.unwrap(without_references(json_format.MessageToDict(request.args))),
            provider_inputs=self._provider_inputs.get(_provider_urn(request.provider), {}),
        )
        with self._lock:
            result = self._backend.invoke(invocation)
            if holds_look_up(result):
                self.look_ups[invocation.token] += 1
        response = resource_pb2.ResourceInvokeResponse()
        # The field is named with a keyword of Python.
        getattr(response, "return").CopyFrom(_struct(result))
        return response

    def Call(self, request: Any) -> Any:  # noqa: N802
        """Refuse a method of a resource, which its provider's plugin answers."""
        raise UnsupportedError(f"{request.tok}: methods of resources are answered by plugins alone")

    def ExistsResource(self, request: Any) -> Any:  # noqa: N802
        """Refuse to tell whether a resource exists, which only the cloud knows."""
        raise UnsupportedError(f"{request.type} {request.id}: only the cloud knows whether it exists")

    def RegisterStackTransform(self, request: Any) -> Any:  # noqa: ARG002, N802
        """Refuse a transform of every resource: a plan without it would not be the program's."""
        raise UnsupportedError("a stack's resource transforms are run by the engine alone")

    def RegisterStackInvokeTransform(self, request: Any) -> Any:  # noqa: ARG002, N802
        """Refuse a transform of every function's call."""
        raise UnsupportedError("a stack's invoke transforms are run by the engine alone")

    def RegisterResourceHook(self, request: Any) -> Any:  # noqa: ARG002, N802
        """Take a hook, which runs when a resource is made, changed or deleted: here none is."""
        return empty_pb2.Empty()

    def RegisterErrorHook(self, request: Any) -> Any:  # noqa: ARG002, N802
        """Take a hook that runs when a provider fails."""
        return empty_pb2.Empty()

    def RegisterPackage(self, request: Any) -> Any:  # noqa: N802
        """Answer with a reference for a parameterized package, which nothing here looks up."""
        return resource_pb2.RegisterPackageResponse(ref=request.name)

    def SignalAndWaitForShutdown(self, request: Any) -> Any:  # noqa: ARG002, N802
        """Let the program end: nothing is under way."""
        return empty_pb2.Empty()

    def _record(self, request: Any, properties: Any) -> tuple[RecordedResource, dict[str, Any]]:
        raw: dict[str, Any] = without_references(json_format.MessageToDict(properties))
        shown = _shown(request, raw)
        urn = urn_of(
            stack=pulumi.get_stack(),
            project=pulumi.get_project(),
            parent=request.parent,
            type_token=request.type,
            name=request.name,
        )
        trigger = _replacement_trigger(request)
        recorded = RecordedResource(
            urn=urn,
            type=request.type,
            name=request.name,
            parent=request.parent or None,
            inputs=self.written(secret_values.mask(shown)),
            plain_inputs=self.written(secret_values.unwrap(shown)),
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

    def _registration(
        self, recorded: RecordedResource, raw: Mapping[str, Any], provider: str, read_id: str | None
    ) -> Registration:
        return Registration(
            urn=recorded.urn,
            type=recorded.type,
            name=recorded.name,
            inputs=recorded.plain_inputs,
            provider_inputs=self._provider_inputs.get(_provider_urn(provider), {}),
            read_id=read_id,
            secret_inputs=frozenset(name for name, value in raw.items() if secret_values.holds_secret(value)),
        )

    def _create(self, recorded: RecordedResource, registration: Registration, *, secrets: Collection[str]) -> Created:
        if self._ended is not None:
            raise self._ended
        cause = next((urn for urn in recorded.depends_on if urn in self._failed), None)
        if cause is None:
            try:
                created = self._backend.create(registration)
            except Exception as error:
                # What refuses a value often repeats it.
                self._fail(recorded, secret_values.without(f"{error}", secrets) or type(error).__name__)
            else:
                self._tell(recorded)
                return created
        else:
            self._fail(recorded, f"not tried: {cause.rsplit('::', 1)[1]} failed", skipped=True)
        return self._fallback.create(registration)

    def _tell(self, recorded: RecordedResource) -> None:
        if self._progress is None:
            return
        try:
            self._progress(recorded)
        except BaseException as error:
            # Others are registered already and wait for their turn.
            self._ended = error
            raise

    def _fail(self, recorded: RecordedResource, error: str, *, skipped: bool = False) -> None:
        self._failed.add(recorded.urn)
        self.failures.append(
            ResourceFailure(urn=recorded.urn, type=recorded.type, name=recorded.name, error=error, skipped=skipped)
        )

    def _state(self, raw: dict[str, Any], created: Created, *, secrets: tuple[str, ...]) -> Any:
        self._stand_ins |= created.stand_ins
        state = {**raw, **created.outputs}
        # A secret that went in stays one, also where the backend echoes it in its outputs.
        hidden = created.secret_outputs | set(secrets) | secret_values.hidden_outputs(raw, created.outputs)
        state = {key: secret_values.wrap(value) if key in hidden else value for key, value in state.items()}
        return _struct(state)


def _shown(request: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return inputs as a record has them: files by their digests, a dynamic provider without its pickled program.

    Raises:
        UnsupportedError: for a file that cannot be read.
    """
    if request.type.startswith(_DYNAMIC_PREFIX):
        inputs = {key: value for key, value in inputs.items() if key != "__provider"}
    if not holds_asset(inputs):
        return inputs
    try:
        return described(inputs)
    except OSError as error:
        raise UnsupportedError(f"{request.type} {request.name}: {error.filename}: {error.strerror}") from None


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
