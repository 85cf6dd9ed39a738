"""The provider: it gives the schema out, and constructs components for programs in any language."""

import argparse
import asyncio
import contextlib
import json
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

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
            raise refusal(inputs, [_as_mistake(component, str(error))]) from error
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


def _as_mistake(component: type[Component], text: str) -> Mistake:
    """Return what a component says of its arguments, with their names as the schema spells them."""
    path, _, reason = text.partition(": ")
    names = {field.name: field.key for field in fields_of(arguments_of(component)) if field.key != field.name}
    spelled = re.compile(rf"\b({'|'.join(names)})\b") if names else None
    if spelled is not None:
        reason = spelled.sub(lambda name: names[name[0]], reason)
    return Mistake(path=re.sub(r"_([a-z])", lambda letter: letter[1].upper(), path), reason=reason)


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
    """Serve until the process is ended. The first line of standard output is the port.

    With ``--schema`` print the schema, and serve nothing.
    """
    parser = argparse.ArgumentParser(prog="zelly_components", description="The provider of the components.")
    parser.add_argument("engine", nargs="?", default="", help="the engine's address; without it, the engine attaches")
    parser.add_argument("--schema", action="store_true", help="print the package's schema instead")
    # The engine passes flags for its own logging, which mean nothing here.
    given = parser.parse_known_args(arguments)[0]
    if given.schema:
        sys.stdout.write(f"{json.dumps(package_schema(), indent=2, ensure_ascii=False)}\n")
        return
    engine = given.engine
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(engine))


async def _serve(engine: str) -> None:
    server = grpc.aio.server()
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(ComponentProvider(), [], engine), server)
    port = server.add_insecure_port(f"{_LOOPBACK}:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    # The engine takes the first line for the port; whatever a component prints is talk.
    sys.stdout = sys.stderr
    await server.wait_for_termination()
