"""Speaks the provider protocol to a served provider, the way the engine does."""

from collections.abc import Mapping
from typing import Any

import grpc
from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

Properties = dict[str, Any]


class ProviderClient:
    """One connection, as the engine has for every provider that a program registers."""

    def __init__(self, port: int) -> None:
        self._channel = grpc.insecure_channel(
            f"127.0.0.1:{port}",
            # Else two channels to one address share a connection.
            options=[("grpc.use_local_subchannel_pool", 1)],
        )
        # Pulumi's classes for the protocol are generated, without types for their stubs.
        self.stub: Any = provider_pb2_grpc.ResourceProviderStub(self._channel)

    def configure(self, **inputs: Any) -> None:
        self.stub.Configure(provider_pb2.ConfigureRequest(args=struct(inputs), acceptSecrets=True))

    def check(self, type_token: str, /, **inputs: Any) -> tuple[Properties, list[str]]:
        return self.check_again(type_token, {}, inputs)

    def check_again(
        self, type_token: str, old: Mapping[str, Any], inputs: Mapping[str, Any]
    ) -> tuple[Properties, list[str]]:
        response = self.stub.Check(
            provider_pb2.CheckRequest(
                urn=urn(type_token), type=type_token, name="made", olds=struct(old), news=struct(inputs)
            )
        )
        return plain(response.inputs), [failure.reason for failure in response.failures]

    def create(self, type_token: str, /, **inputs: Any) -> tuple[str, Properties]:
        return self._create(type_token, inputs, preview=False)

    def preview_creation(self, type_token: str, /, **inputs: Any) -> tuple[str, Properties]:
        return self._create(type_token, inputs, preview=True)

    def _create(self, type_token: str, inputs: Properties, *, preview: bool) -> tuple[str, Properties]:
        response = self.stub.Create(
            provider_pb2.CreateRequest(
                urn=urn(type_token), type=type_token, name="made", properties=struct(inputs), preview=preview
            )
        )
        return response.id, plain(response.properties)

    def diff(
        self,
        type_token: str,
        state: Properties,
        old: Mapping[str, Any],
        new: Mapping[str, Any],
        *,
        ignore_changes: tuple[str, ...] = (),
    ) -> Any:
        return self.stub.Diff(
            provider_pb2.DiffRequest(
                id="any",
                urn=urn(type_token),
                type=type_token,
                name="made",
                olds=struct(state),
                old_inputs=struct(old),
                news=struct(new),
                ignoreChanges=ignore_changes,
            )
        )

    def update(
        self,
        type_token: str,
        identifier: str,
        state: Properties,
        old: Mapping[str, Any],
        new: Mapping[str, Any],
        *,
        preview: bool = False,
        ignore_changes: tuple[str, ...] = (),
    ) -> Properties:
        response = self.stub.Update(
            provider_pb2.UpdateRequest(
                id=identifier,
                urn=urn(type_token),
                type=type_token,
                name="made",
                olds=struct(state),
                old_inputs=struct(old),
                news=struct(new),
                preview=preview,
                ignoreChanges=ignore_changes,
            )
        )
        return plain(response.properties)

    def read(self, type_token: str, identifier: str, state: Properties, inputs: Properties) -> Any:
        return self.stub.Read(
            provider_pb2.ReadRequest(
                id=identifier,
                urn=urn(type_token),
                type=type_token,
                name="made",
                properties=struct(state),
                inputs=struct(inputs),
            )
        )

    def delete(self, type_token: str, identifier: str, state: Properties) -> None:
        self.stub.Delete(
            provider_pb2.DeleteRequest(
                id=identifier, urn=urn(type_token), type=type_token, name="made", properties=struct(state)
            )
        )

    def invoke(self, token: str, /, **arguments: Any) -> Properties:
        response = self.stub.Invoke(provider_pb2.InvokeRequest(tok=token, args=struct(arguments)))
        return plain(getattr(response, "return"))

    def close(self) -> None:
        self._channel.close()


def urn(type_token: str) -> str:
    return f"urn:pulumi:test::test::{type_token}::made"


def struct(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    made = struct_pb2.Struct()
    json_format.ParseDict(dict(properties), made)
    return made


def plain(made: Any) -> Properties:
    return json_format.MessageToDict(made)
