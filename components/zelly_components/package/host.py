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
from pulumi.errors import InputPropertiesError
from pulumi.provider import ConstructResult, Provider
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.provider.server import ProviderServicer
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from zelly_components import __version__
from zelly_components.base import Component, as_property
from zelly_components.package.conversion import Mistake, converted
from zelly_components.package.schema import package_schema
from zelly_components.package.shapes import arguments_of, camel, components, fields_of, outputs_of

_LOOPBACK = "127.0.0.1"


class ComponentProvider(Provider):
    """A provider of the package's components."""

    def __init__(self) -> None:
        super().__init__(__version__, json.dumps(package_schema()))

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
            raise InputPropertiesError(f"{resource_type} {name}: no component of this package")
        arguments, mistakes = converted(arguments_of(component), inputs)
        if mistakes:
            raise InputPropertiesError("\n".join(f"{resource_type} {name}: {_line(each)}" for each in mistakes))
        try:
            made = component(name, arguments, options)
        except ValueError as error:
            # What a component says of its arguments, in the words of Python.
            raise InputPropertiesError(f"{resource_type} {name}: {_in_camel_case(component, str(error))}") from error
        return ConstructResult(urn=made.urn, state=_state(made))


def _line(mistake: Mistake) -> str:
    return f"{mistake.path}: {mistake.reason}"


def _state(component: Component) -> Mapping[str, Any]:
    return {field.key: as_property(getattr(component, field.name)) for field in outputs_of(type(component))}


def _in_camel_case(component: type[Component], text: str) -> str:
    """Return a message with the names of arguments as the schema spells them."""
    names = {field.name for field in fields_of(arguments_of(component)) if "_" in field.name}
    return re.sub(r"[a-z0-9_.]+", lambda word: _camel_path(word[0], names), text)


def _camel_path(word: str, names: set[str]) -> str:
    parts = word.split(".")
    return (
        ".".join(map(camel, parts))
        if parts[0] in names or (len(parts) > 1 and any("_" in each for each in parts))
        else word
    )


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
        values = PropertyValue.unmarshal_map(inputs)
        return {
            key: value.with_dependencies({*value.dependencies, *input_dependencies[key].urns})
            if key in input_dependencies
            else value
            for key, value in values.items()
        }


def main(arguments: Sequence[str]) -> None:
    """Serve until the process is ended. The first line of standard output is the port."""
    parser = argparse.ArgumentParser(prog="zelly_components", description="The provider of the components.")
    parser.add_argument("engine", nargs="?", default="", help="the engine's address; without it, the engine attaches")
    # The engine passes flags for its own logging, which mean nothing here.
    engine = parser.parse_known_args(arguments)[0].engine
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
