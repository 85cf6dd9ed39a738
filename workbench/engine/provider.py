"""The resource table over Pulumi's provider protocol, so that the real engine makes everything in an embedded AWS.

``python -m workbench.engine.provider --endpoint URL`` serves a provider for every package on a port of its own of the
loopback address, prints ``aws:PORT,cloudflare:PORT,random:PORT`` (the value of ``PULUMI_DEBUG_PROVIDERS``) and ends
when its standard input closes.
"""

import argparse
import functools
import json
import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent import futures
from dataclasses import replace
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from workbench.engine import states
from workbench.engine.states import Difference, Properties
from workbench.evaluate import Invocation, Registration, secret_values
from workbench.evaluate.sdk_on_demand import load_sdk_on_demand
from workbench.providers.changes import Change, Kind, with_ignored
from workbench.sandbox.backend import EmbeddedBackend
from workbench.sandbox.clients import Clients
from workbench.sandbox.errors import SandboxError, UnknownTypeError
from workbench.sandbox.ledger import Ledger
from workbench.sandbox.making.table import ResourceRow
from workbench.sandbox.server import process as server
from workbench.sandbox.services import RESOURCES
from workbench.sandbox.stored import Stored

PACKAGES = ("aws", "cloudflare", "random")

_WORKERS = 16
_STOP_GRACE_SECONDS = 1
_UNLIMITED = -1

_KINDS = {
    Kind.ADDED: (provider_pb2.PropertyDiff.ADD, provider_pb2.PropertyDiff.ADD_REPLACE),
    Kind.REMOVED: (provider_pb2.PropertyDiff.DELETE, provider_pb2.PropertyDiff.DELETE_REPLACE),
    Kind.CHANGED: (provider_pb2.PropertyDiff.UPDATE, provider_pb2.PropertyDiff.UPDATE_REPLACE),
}
"""The protocol's names for a change in place, and for one that replaces."""


def _one_line_errors(method: Callable[..., Any]) -> Callable[..., Any]:
    """Answer what the embedded AWS refuses as the engine shows it: its line alone, without a traceback."""

    @functools.wraps(method)
    def answer(self: "EmbeddedProvider", request: Any, context: Any) -> Any:
        try:
            return method(self, request, context)
        except SandboxError as error:
            # What refuses a value often repeats it, and the engine prints the line.
            secrets = frozenset[str]().union(
                *(
                    secret_values.texts(json_format.MessageToDict(value))
                    for _, value in request.ListFields()
                    if isinstance(value, struct_pb2.Struct)
                )
            )
            return context.abort(grpc.StatusCode.UNKNOWN, secret_values.without(f"{error}", secrets))

    return answer


class EmbeddedProvider(provider_pb2_grpc.ResourceProviderServicer):
    """One package's provider. The names of its methods are the protocol's.

    The engine opens a connection for each provider that a program registers, and configures it: the configurations are
    told apart by their connections. Resources are made one at a time.
    """

    def __init__(self, package: str, backend: EmbeddedBackend, lock: threading.Lock) -> None:
        self._package = package
        self._backend = backend
        self._lock = lock
        self._configurations: dict[str, dict[str, Any]] = {}

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Say what this provider understands: secrets as such, and nothing beyond."""
        del request, context
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, accept_resources=True)

    def Attach(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Take note of the engine, which is never called back."""
        del request, context
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Return the version of the SDK that the program uses."""
        del request, context
        return plugin_pb2.PluginInfo(version=self._version)

    def GetSchema(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Return the package's name and version: programs in Python carry the rest in their SDK."""
        del request, context
        return provider_pb2.GetSchemaResponse(schema=json.dumps({"name": self._package, "version": self._version}))

    def GetMapping(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Return no mapping: nothing is converted from another tool."""
        del request, context
        return provider_pb2.GetMappingResponse()

    def CheckConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Take any configuration of a provider."""
        del context
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Tell whether a provider's configuration changed; none of its inputs replaces it."""
        del context
        changed = _plain(request.old_inputs) != _plain(request.news)
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE
        )

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Remember the configuration of the provider on this connection."""
        self._configurations[context.peer()] = _plain(request.args)
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True, acceptResources=True)

    def Check(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Take the inputs, and add the provider's tags; a type without a row is refused before anything is made."""
        row = RESOURCES.get(request.type)
        if row is None:
            failure = provider_pb2.CheckFailure(reason=f"{UnknownTypeError(request.type)}")
            return provider_pb2.CheckResponse(inputs=request.news, failures=[failure])
        try:
            inputs = states.checked(
                _properties(request.news),
                row,
                self._configuration(context),
                old_inputs=_properties(request.olds),
                logical_name=request.name,
                seed=request.randomSeed,
            )
        except SandboxError as error:
            failure = provider_pb2.CheckFailure(reason=f"{error}")
            return provider_pb2.CheckResponse(inputs=request.news, failures=[failure])
        return provider_pb2.CheckResponse(inputs=_struct(inputs))

    @_one_line_errors
    def Diff(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Say what changed and whether it replaces."""
        del context
        old_inputs, new_inputs = _plain(request.old_inputs), _plain(request.news)
        wanted = with_ignored(old_inputs, new_inputs, request.ignoreChanges)
        found = states.difference(
            request.type,
            _row(request.type),
            old_inputs=old_inputs,
            new_inputs=wanted,
            state=_plain(request.olds),
        )
        return _diff_response(found)

    @_one_line_errors
    def Create(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Make a resource; in a preview, answer its inputs alone, and the engine takes the rest for unknown."""
        inputs = _properties(request.properties)
        row = _row(request.type)
        if request.preview:
            return provider_pb2.CreateResponse(properties=_struct(states.without_defaults(inputs)))
        registration = Registration(
            urn=request.urn,
            type=request.type,
            name=request.name,
            inputs=secret_values.unwrap(states.programs(inputs)),
            provider_inputs=self._configuration(context),
            secret_inputs=frozenset(name for name, value in inputs.items() if secret_values.holds_secret(value)),
        )
        with self._lock:
            # What an engine that was killed had asked for is not begun, and what was under way is undone: nobody would
            # ever learn of it.
            if not context.is_active():
                raise SandboxError(f"{request.name}: the engine is gone")
            created = self._backend.create(registration)
            if not context.is_active():
                self._backend.delete(Stored.just_made(registration, created))
        state = states.created_state(inputs, created.outputs, created.secret_outputs | row.secret_outputs)
        return provider_pb2.CreateResponse(id=created.id, properties=_struct(state))

    @_one_line_errors
    def Read(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Read a resource as AWS has it now: by the id of an import, or what a state remembers. No id: it is gone."""
        row = _row(request.type)
        old_inputs, state = _properties(request.inputs), _properties(request.properties)
        stored = self._stored(request, old_inputs, state, context) if old_inputs else None
        with self._lock:
            found = self._backend.read(request.type, request.id, self._configuration(context), stored=stored)
        if found is None:
            return provider_pb2.ReadResponse()
        if stored is None:
            inputs, outputs = states.imported_inputs(found, row), states.marked(found.outputs, found.secrets)
        else:
            tags = {states.ALL_TAGS: found.outputs[states.ALL_TAGS]} if states.ALL_TAGS in old_inputs else {}
            inputs = states.refreshed(old_inputs, {**found.inputs, **tags})
            outputs = states.refreshed(state, found.outputs)
        return provider_pb2.ReadResponse(id=found.id, properties=_struct(outputs), inputs=_struct(inputs))

    @_one_line_errors
    def Update(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Change a resource; a preview refuses what the embedded AWS cannot change."""
        row = _row(request.type)
        old_inputs, state = _properties(request.old_inputs), _properties(request.olds)
        new_inputs = with_ignored(old_inputs, _properties(request.news), request.ignoreChanges)
        stored = self._stored(request, old_inputs, state, context)
        wanted = secret_values.unwrap(new_inputs)
        found = states.difference(
            request.type, row, old_inputs=secret_values.unwrap(old_inputs), new_inputs=wanted, state=stored.outputs
        )
        before = states.known_inputs(request.type, secret_values.unwrap(old_inputs), wanted, stored.outputs)
        stored = replace(stored, inputs=states.programs(before))
        plain_inputs = states.programs(states.to_carry_out(before, wanted, found))
        outputs: Mapping[str, Any] = {}
        if request.preview:
            self._backend.check_update(stored, plain_inputs)
        else:
            with self._lock:
                outputs = self._backend.update(stored, plain_inputs)
        updated = states.updated_state(
            state,
            old_inputs=old_inputs,
            new_inputs=new_inputs,
            carried_out=plain_inputs,
            outputs=outputs,
            row=row,
        )
        return provider_pb2.UpdateResponse(properties=_struct(updated))

    @_one_line_errors
    def Delete(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Delete a resource."""
        state = _properties(request.properties)
        stored = self._stored(request, _properties(request.old_inputs) or state, state, context)
        with self._lock:
            self._backend.delete(stored)
        return empty_pb2.Empty()

    @_one_line_errors
    def Invoke(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Answer a provider function."""
        if rpc.struct_contains_unknowns(request.args):
            raise SandboxError(f"{request.tok}: called with a value that is not known yet")
        invocation = Invocation(
            token=request.tok, args=_plain(request.args), provider_inputs=self._configuration(context)
        )
        with self._lock:
            result = self._backend.invoke(invocation)
        response = provider_pb2.InvokeResponse()
        # The field is named with a keyword of Python.
        getattr(response, "return").CopyFrom(_struct(result))
        return response

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Let what is under way end by itself: every call takes milliseconds."""
        del request, context
        return empty_pb2.Empty()

    @property
    def _version(self) -> str:
        return version(f"pulumi-{self._package}")

    def _configuration(self, context: Any) -> dict[str, Any]:
        return self._configurations.get(context.peer(), {})

    def _stored(self, request: Any, inputs: Properties, state: Properties, context: Any) -> Stored:
        return Stored(
            type=request.type,
            name=request.name,
            id=request.id,
            inputs=secret_values.unwrap(states.programs(inputs)),
            outputs=secret_values.unwrap(state),
            provider_inputs=self._configuration(context),
        )


def _row(type_token: str) -> ResourceRow:
    row = RESOURCES.get(type_token)
    if row is None:
        raise UnknownTypeError(type_token)
    return row


def _diff_response(found: Difference) -> Any:
    def detail(change: Change) -> Any:
        in_place, replacing = _KINDS[change.kind]
        return provider_pb2.PropertyDiff(kind=replacing if change in found.replacing else in_place, inputDiff=True)

    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if found.changes else provider_pb2.DiffResponse.DIFF_NONE,
        diffs=sorted({change.top for change in found.changes}),
        replaces=sorted({change.top for change in found.replacing}),
        deleteBeforeReplace=bool(found.replacing) and found.delete_before_replace,
        detailedDiff={change.property_path: detail(change) for change in found.changes},
        hasDetailedDiff=True,
    )


def _properties(struct: Any) -> Properties:
    return json_format.MessageToDict(struct)


def _plain(struct: Any) -> dict[str, Any]:
    return secret_values.unwrap(_properties(struct))


def _struct(properties: Any) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    json_format.ParseDict(dict(properties), struct)
    return struct


def serve(
    endpoint_url: str, packages: Sequence[str] = PACKAGES, *, token: str | None = None
) -> tuple[list[grpc.Server], str]:
    """Start a server for each package; return them and where they listen, as ``aws:PORT,...``.

    With the ``token`` of the embedded AWS they keep its ledger, and read what others noted in it.

    Raises:
        ValueError: for an endpoint that is not a loopback address.
    """
    port = urlsplit(endpoint_url).port
    ledger = None if token is None or port is None else Ledger(port, token)
    backend = EmbeddedBackend(Clients(endpoint_url), account_id=server.ACCOUNT_ID, ledger=ledger)
    lock = threading.Lock()
    servers: list[grpc.Server] = []
    ports: list[str] = []
    for package in packages:
        served = grpc.server(
            futures.ThreadPoolExecutor(_WORKERS),
            # A large stack's dashboard or user data is no reason to fail.
            options=[("grpc.max_receive_message_length", _UNLIMITED), ("grpc.max_send_message_length", _UNLIMITED)],
        )
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(EmbeddedProvider(package, backend, lock), served)
        ports.append(f"{package}:{served.add_insecure_port(f'{server.LOOPBACK}:0')}")
        served.start()
        servers.append(served)
    return servers, ",".join(ports)


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until standard input closes, so that nothing outlives the process that started this one."""
    parser = argparse.ArgumentParser(prog="python -m workbench.engine.provider", description=__doc__)
    parser.add_argument("--endpoint", required=True, help="the embedded AWS's URL, on the loopback address")
    endpoint = parser.parse_args(arguments).endpoint
    load_sdk_on_demand()
    servers, ports = serve(endpoint, token=os.environ.pop(server.TOKEN_VARIABLE, None))
    sys.stdout.write(f"{ports}\n")
    sys.stdout.flush()
    sys.stdin.buffer.read()
    for stopping in [served.stop(_STOP_GRACE_SECONDS) for served in servers]:
        stopping.wait()


if __name__ == "__main__":
    main()
