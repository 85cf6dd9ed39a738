"""The provider: it gives the schema out, and constructs components for programs in any language."""

import argparse
import asyncio
import contextlib
import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

import grpc.aio
import pulumi
from google.protobuf import empty_pb2
from pulumi.errors import InputPropertiesError, InputPropertyError
from pulumi.provider import ConstructResult, Provider
from pulumi.provider.server import ProviderServicer
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from zelly_components import __version__
from zelly_components.base import Component, as_property
from zelly_components.package.conversion import Mistake, converted
from zelly_components.package.schema import package_schema
from zelly_components.package.shapes import arguments_of, components, fields_of, outputs_of
from zelly_components.package.values import Value, read_values

_LOOPBACK = "127.0.0.1"
_LARGEST_MESSAGE = 400 * 1024 * 1024
"""Bytes that the engine sends at most (``_MAX_RPC_MESSAGE_SIZE`` of Pulumi's SDK); gRPC's own limit is 4 MiB."""
_SECONDS_BETWEEN_LOOKS = 1.0
"""Between looks whether the engine that started the provider is still there."""


class ComponentProvider(Provider):
    """A provider of the package's components."""

    def __init__(self) -> None:
        self.version = __version__
        self.schema = json.dumps(package_schema())

    def construct(
        self,
        name: str,
        resource_type: str,
        inputs: Mapping[str, Any],
        options: pulumi.ResourceOptions | None = None,
    ) -> ConstructResult:
        """Construct a component and its children.

        Raises:
            InputPropertiesError: with a line for each input that is missing, unknown, or not what is allowed.
        """
        component = components().get(resource_type.rpartition(":")[2])
        if component is None:
            raise InputPropertyError("type", f"came {resource_type}; allowed {', '.join(components())}")
        arguments, mistakes = converted(arguments_of(component), inputs)
        if mistakes:
            raise refusal(inputs, mistakes)
        # Every component's constructor also takes arguments, which the base class knows nothing of.
        constructor: Any = component
        try:
            made: Component = constructor(name, arguments, options)
        except ValueError as error:
            raise refusal_of(component, inputs, str(error)) from error
        return ConstructResult(urn=made.urn, state=_state(made))


def _state(component: Component) -> Mapping[str, Any]:
    return {field.key: as_property(getattr(component, field.name)) for field in outputs_of(type(component))}


def refusal(inputs: Mapping[str, Value], mistakes: Sequence[Mistake]) -> InputPropertiesError:
    """Return the error with a line for each mistake.

    The engine shows what came beside the name of each property, and ends in a panic over a value that is not known yet
    (``propertyprint.Value`` of Pulumi 3.276): a mistake in one stands in the message, in the engine's own words.
    """
    untellable = {key for key, value in inputs.items() if value.is_unknown}
    told = [each for each in mistakes if re.split(r"[.\[]", each.path)[0] not in untellable]
    message = "".join(
        f"\n\t\t- property {each.path} has a problem: {each.reason}" for each in mistakes if each not in told
    )
    return InputPropertiesError(message, [{"property_path": each.path, "reason": each.reason} for each in told])


def refusal_of(component: type[Component], inputs: Mapping[str, Value], text: str) -> InputPropertiesError:
    """Return what a component says of its arguments, with their names as the schema spells them."""
    fields = {field.name: field.key for field in fields_of(arguments_of(component))}
    spelled = re.compile(rf"\b({'|'.join(fields)})\b")
    path, _, reason = text.partition(": ")
    if re.split(r"[.\[]", path)[0] not in fields:
        # It is about several inputs, or about none by its name.
        return InputPropertiesError(spelled.sub(lambda name: fields[name[0]], text), [])
    path = re.sub(r"_([a-z])", lambda letter: letter[1].upper(), path)
    return refusal(inputs, [Mistake(path=path, reason=spelled.sub(lambda name: fields[name[0]], reason))])


class Servicer(ProviderServicer):
    """What the engine asks of the provider.

    Beside the SDK's: the engine may attach to a provider that runs already, and inputs keep what is said of each value
    in them, so that a list of Outputs is a list.
    """

    async def Handshake(self, request: Any, context: Any) -> provider_pb2.ProviderHandshakeResponse:  # noqa: ARG002, N802
        """Remember where the engine is, and say what is understood."""
        self.engine_address = request.engine_address
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, accept_resources=True, accept_outputs=True)

    async def Attach(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: ARG002, N802
        """Remember where the engine is that attaches."""
        self.engine_address = request.address
        return empty_pb2.Empty()

    @staticmethod
    async def _construct_inputs(inputs: Any, input_dependencies: Any) -> dict[str, Any]:
        urns = {key: frozenset(dependencies.urns) for key, dependencies in input_dependencies.items()}
        return dict(read_values(inputs, urns))


def main(arguments: Sequence[str]) -> None:
    """Serve until the process or the engine that started it ends. The first line of standard output is the port."""
    parser = argparse.ArgumentParser(prog="zelly_components", description="The provider of the components.")
    parser.add_argument("engine", nargs="?", default="", help="the engine's address; without it, the engine attaches")
    # The engine passes flags for its own logging, which mean nothing here.
    given = parser.parse_known_args(arguments)[0]
    # The engine takes the first line for the port; whatever a component prints, also while it is imported, is talk.
    with contextlib.redirect_stdout(sys.stderr), contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(given.engine, told=sys.__stdout__ or sys.stderr))


async def _serve(engine: str, told: TextIO) -> None:
    server = grpc.aio.server(options=[("grpc.max_receive_message_length", _LARGEST_MESSAGE)])
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(ComponentProvider(), [], engine), server)
    port = server.add_insecure_port(f"{_LOOPBACK}:0")
    await server.start()
    told.write(f"{port}\n")
    told.flush()
    # An engine that attaches did not start it, and may come and go.
    leaving = asyncio.create_task(_stop_without_parent(server)) if engine else None
    await server.wait_for_termination()
    if leaving is not None:
        leaving.cancel()


async def _stop_without_parent(server: grpc.aio.Server) -> None:
    """Stop when the engine is gone that started the provider: killed, it could not end it."""
    parent = os.getppid()
    while os.getppid() == parent:
        await asyncio.sleep(_SECONDS_BETWEEN_LOOKS)
    await server.stop(grace=None)
