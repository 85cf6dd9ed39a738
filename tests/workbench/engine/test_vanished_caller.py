"""What a provider does of a call whose caller is killed before it is answered."""

import json
import time
from collections.abc import Iterator

import psutil
import pytest
from pulumi.runtime.proto import provider_pb2

from tests.workbench.engine.client import ProviderClient, struct
from workbench.engine import provider
from workbench.sandbox.embedded import EmbeddedAws

REGION = "eu-west-1"
SETTLING_SECONDS = 1.0


@pytest.fixture
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws.start() as started:
        yield started


@pytest.fixture
def client(aws: EmbeddedAws) -> Iterator[ProviderClient]:
    servers, listening = provider.serve(aws.endpoint_url, ["aws"])
    connected = ProviderClient(int(listening.removeprefix("aws:")))
    connected.configure(region=REGION, defaultTags=json.dumps({"tags": {}}))
    yield connected
    connected.close()
    for served in servers:
        served.stop(None).wait()


def creation(name: str) -> provider_pb2.CreateRequest:
    type_token = "aws:ssm/parameter:Parameter"
    return provider_pb2.CreateRequest(
        urn=f"urn:pulumi:testing::shop::{type_token}::{name}",
        type=type_token,
        name=name,
        properties=struct({"name": f"/shop/{name}", "type": "String", "value": "1"}),
    )


def names(aws: EmbeddedAws) -> list[str]:
    described = aws.clients.get("ssm", REGION).describe_parameters()
    return sorted(parameter["Name"] for parameter in described["Parameters"])


def test_creation_that_nobody_waits_for_any_more_leaves_nothing_behind(
    aws: EmbeddedAws, client: ProviderClient
) -> None:
    client.stub.Create(creation("answered"))
    process = psutil.Process(aws.state.pid)
    process.suspend()
    # One is under way in AWS, the other waits for its turn.
    calls = [client.stub.Create.future(creation(name)) for name in ("under-way", "waiting")]
    time.sleep(SETTLING_SECONDS)
    for call in calls:
        call.cancel()
    time.sleep(SETTLING_SECONDS)
    process.resume()
    # Behind both of them.
    client.stub.Create(creation("afterwards"))
    assert names(aws) == ["/shop/afterwards", "/shop/answered"]
