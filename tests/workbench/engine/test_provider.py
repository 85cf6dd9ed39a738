"""The served providers, asked over the protocol as the engine asks them."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import plugin_pb2, provider_pb2

from tests.workbench.engine.client import ProviderClient, plain, struct
from workbench.engine import provider
from workbench.sandbox.embedded import EmbeddedAws

REGION = "eu-west-1"
PARAMETER = "aws:ssm/parameter:Parameter"
VPC = "aws:ec2/vpc:Vpc"
PASSWORD = "random:index/randomPassword:RandomPassword"

NO_CHANGE = provider_pb2.DiffResponse.DIFF_NONE
CHANGE = provider_pb2.DiffResponse.DIFF_SOME
KIND = provider_pb2.PropertyDiff


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws.start() as started:
        yield started


@pytest.fixture(scope="module")
def ports(aws: EmbeddedAws) -> Iterator[dict[str, int]]:
    servers, listening = provider.serve(aws.endpoint_url, token=aws.state.token)
    yield {name: int(port) for name, port in (one.split(":") for one in listening.split(","))}
    for served in servers:
        served.stop(None)


@pytest.fixture
def client(ports: dict[str, int]) -> Iterator[ProviderClient]:
    connected = ProviderClient(ports["aws"])
    connected.configure(region=REGION, defaultTags=json.dumps({"tags": {"Project": "shop"}}))
    yield connected
    connected.close()


@pytest.fixture
def random_client(ports: dict[str, int]) -> Iterator[ProviderClient]:
    connected = ProviderClient(ports["random"])
    yield connected
    connected.close()


def secret(value: Any) -> dict[str, Any]:
    return rpc.wrap_rpc_secret(value)


def kinds(diff: Any) -> dict[str, int]:
    return {path: detail.kind for path, detail in diff.detailedDiff.items()}


def test_each_package_introduces_itself(ports: dict[str, int]) -> None:
    assert list(ports) == ["aws", "cloudflare", "random"]
    client = ProviderClient(ports["random"])

    handshake = client.stub.Handshake(provider_pb2.ProviderHandshakeRequest(engine_address="127.0.0.1:1"))
    client.stub.Attach(plugin_pb2.PluginAttach(address="127.0.0.1:1"))

    assert handshake == provider_pb2.ProviderHandshakeResponse(accept_secrets=True, accept_resources=True)
    version = client.stub.GetPluginInfo(empty_pb2.Empty()).version
    assert version == "4.21.4"
    schema = client.stub.GetSchema(provider_pb2.GetSchemaRequest()).schema
    assert json.loads(schema) == {"name": "random", "version": version}
    assert client.stub.GetMapping(provider_pb2.GetMappingRequest()).data == b""
    assert client.stub.Cancel(empty_pb2.Empty()) == empty_pb2.Empty()
    client.close()


def test_a_provider_s_own_inputs_are_taken_and_compared(client: ProviderClient) -> None:
    checked = client.stub.CheckConfig(provider_pb2.CheckRequest(news=struct({"region": REGION})))
    assert plain(checked.inputs) == {"region": REGION}
    for new, expected in ((REGION, NO_CHANGE), ("us-east-1", CHANGE)):
        request = provider_pb2.DiffRequest(old_inputs=struct({"region": secret(REGION)}), news=struct({"region": new}))
        assert client.stub.DiffConfig(request).changes == expected


def test_two_connections_have_two_configurations(client: ProviderClient, ports: dict[str, int]) -> None:
    other = ProviderClient(ports["aws"])
    other.configure(region="us-east-1")

    _, here = client.create(VPC, cidrBlock="10.1.0.0/16")
    _, there = other.create(VPC, cidrBlock="10.1.0.0/16")

    assert (here["region"], here["tagsAll"]) == (REGION, {"Project": "shop"})
    assert (there["region"], there["tagsAll"]) == ("us-east-1", {})
    other.close()


def test_a_check_refuses_a_type_without_a_row_and_leaves_inputs_alone(client: ProviderClient) -> None:
    inputs = {"value": secret("s"), "name": rpc.UNKNOWN}
    password = {"length": 20}
    assert client.check("aws:s3/bucketPolicy:BucketPolicy", **inputs) == ({**inputs, "__defaults": []}, [])
    assert client.check(PASSWORD, **password) == ({**password, "__defaults": []}, [])
    assert client.check("aws:x/y:Z")[1] == ["the embedded AWS has no row for the type aws:x/y:Z"]


def test_a_preview_answers_the_inputs_and_makes_nothing(client: ProviderClient, aws: EmbeddedAws) -> None:
    inputs = {"name": "previewed", "type": "String", "value": rpc.UNKNOWN}

    assert client.preview_creation(PARAMETER, **inputs) == ("", inputs)

    assert aws.clients.get("ssm", REGION).get_parameters(Names=["previewed"])["Parameters"] == []


def test_the_state_of_what_is_made_keeps_its_secrets(client: ProviderClient) -> None:
    identifier, state = client.create(PARAMETER, name="secret", type="SecureString", value=secret("s3cret"))

    assert (identifier, state["value"]) == ("secret", secret("s3cret"))
    assert state["arn"] == "arn:aws:ssm:eu-west-1:123456789012:parameter/secret"
    assert json.dumps(state).count("s3cret") == 1


def test_a_random_value_is_secret_from_the_start(random_client: ProviderClient) -> None:
    identifier, state = random_client.create(PASSWORD, length=20, special=False)

    assert identifier == "none"
    result = state.pop("result")
    assert rpc.is_rpc_secret(result)
    assert len(result["value"]) == 20
    assert state == {"length": 20, "special": False}


def test_nothing_changes_when_only_marks_of_secrets_differ(client: ProviderClient) -> None:
    old = {"type": "String", "value": secret("same"), "name": "x"}
    diff = client.diff(PARAMETER, {}, old, {**old, "value": "same"})
    assert (diff.changes, list(diff.diffs), kinds(diff)) == (NO_CHANGE, [], {})


def test_a_name_that_the_program_leaves_out_stays(client: ProviderClient) -> None:
    inputs = {"type": "String", "value": "one"}
    identifier, state = client.create(PARAMETER, **inputs)
    assert state["name"].startswith("made-")

    assert client.diff(PARAMETER, state, inputs, inputs).changes == NO_CHANGE
    changed = client.update(PARAMETER, identifier, state, inputs, {**inputs, "value": "two"})

    assert (changed["name"], changed["value"]) == (state["name"], "two")


def test_a_change_in_place_is_shown_where_it_is(client: ProviderClient) -> None:
    old = {"rootBlockDevice": {"volumeSize": 8, "volumeType": "gp3"}, "ami": "ami-1"}
    new = {"rootBlockDevice": {"volumeSize": 16}, "ami": "ami-1", "monitoring": True}

    diff = client.diff("aws:ec2/instance:Instance", {}, old, new)

    assert kinds(diff) == {
        "monitoring": KIND.ADD,
        "rootBlockDevice.volumeSize": KIND.UPDATE,
        "rootBlockDevice.volumeType": KIND.DELETE,
    }
    assert (list(diff.diffs), list(diff.replaces)) == (["monitoring", "rootBlockDevice"], [])
    assert diff.hasDetailedDiff
    assert not diff.deleteBeforeReplace


@pytest.mark.parametrize("new_range", ["10.3.0.0/16", rpc.UNKNOWN])
def test_a_forcing_change_replaces_also_while_it_is_unknown(client: ProviderClient, new_range: str) -> None:
    diff = client.diff(VPC, {}, {"cidrBlock": "10.2.0.0/16"}, {"cidrBlock": new_range})
    assert (diff.changes, list(diff.replaces)) == (CHANGE, ["cidrBlock"])
    assert kinds(diff) == {"cidrBlock": KIND.UPDATE_REPLACE}
    assert not diff.deleteBeforeReplace


def test_a_name_that_the_program_gives_is_freed_before_the_replacement(client: ProviderClient) -> None:
    group = "aws:ec2/securityGroup:SecurityGroup"
    old, new = {"name": "web", "description": "a"}, {"name": "web", "description": "b"}
    assert client.diff(group, {}, old, new).deleteBeforeReplace
    assert not client.diff(group, {}, {"description": "a"}, {"description": "b"}).deleteBeforeReplace
    # Nothing is deleted where nothing is replaced.
    assert not client.diff(group, {}, old, {**old, "revokeRulesOnDelete": True}).deleteBeforeReplace


def test_a_type_that_the_table_does_not_know_is_replaced_by_what_its_row_cannot_change(client: ProviderClient) -> None:
    old = {"name": "x", "type": "String", "value": "one"}
    renamed = client.diff(PARAMETER, {}, old, {**old, "name": "y"})
    assert kinds(renamed) == {"name": KIND.UPDATE_REPLACE}
    assert renamed.deleteBeforeReplace
    changed = client.diff(PARAMETER, {}, old, {**old, "value": "two"})
    assert kinds(changed) == {"value": KIND.UPDATE}


def test_ignored_changes_are_neither_shown_nor_made(client: ProviderClient, aws: EmbeddedAws) -> None:
    old = {"name": "ignored", "type": "String", "value": "one", "description": "a"}
    identifier, state = client.create(PARAMETER, **old)
    new = {**old, "value": "two", "description": "b"}

    assert client.diff(PARAMETER, state, old, new, ignore_changes=("value", "description")).changes == NO_CHANGE
    assert kinds(client.diff(PARAMETER, state, old, new, ignore_changes=("value",))) == {"description": KIND.UPDATE}
    changed = client.update(PARAMETER, identifier, state, old, new, ignore_changes=("value",))

    assert (changed["value"], changed["description"]) == ("one", "b")
    assert aws.clients.get("ssm", REGION).get_parameter(Name="ignored")["Parameter"]["Value"] == "one"


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (None, {"Project": "shop"}),
        ({"Name": "x", "Project": "own"}, {"Name": "x", "Project": "own"}),
        ({"Name": rpc.UNKNOWN}, {"Project": "shop", "Name": rpc.UNKNOWN}),
        (rpc.UNKNOWN, rpc.UNKNOWN),
        (rpc.wrap_rpc_secret({"Name": "x"}), rpc.wrap_rpc_secret({"Name": "x"})),
    ],
)
def test_a_check_adds_the_provider_s_tags(client: ProviderClient, tags: Any, expected: Any) -> None:
    inputs = {"cidrBlock": "10.4.0.0/16"} | ({} if tags is None else {"tags": tags})
    assert client.check(VPC, **inputs) == ({**inputs, "tagsAll": expected, "__defaults": []}, [])


def test_other_default_tags_of_the_provider_are_a_change(client: ProviderClient, ports: dict[str, int]) -> None:
    inputs = {"cidrBlock": "10.4.0.0/16", "tags": {"Name": "x"}}
    before, _ = client.check(VPC, **inputs)
    identifier, state = client.create(VPC, **before)
    later = ProviderClient(ports["aws"])
    later.configure(region=REGION, defaultTags={"tags": {"Owner": "ops"}})
    now, _ = later.check(VPC, **inputs)

    assert kinds(later.diff(VPC, state, before, now)) == {"tagsAll.Owner": KIND.ADD, "tagsAll.Project": KIND.DELETE}
    assert later.update(VPC, identifier, state, before, now, preview=True)["tagsAll"] == {"Name": "x", "Owner": "ops"}
    assert later.update(VPC, identifier, state, before, now)["tagsAll"] == {"Name": "x", "Owner": "ops"}
    later.close()


def test_a_previewed_update_keeps_what_is_known_and_changes_nothing(client: ProviderClient, aws: EmbeddedAws) -> None:
    old = {"name": "kept", "type": "String", "value": "one", "description": "a"}
    identifier, state = client.create(PARAMETER, **old)
    new = {"name": "kept", "type": "String", "value": rpc.UNKNOWN, "description": "b"}

    changed = client.update(PARAMETER, identifier, state, old, new, preview=True)

    assert changed == {**state, **new}
    assert aws.clients.get("ssm", REGION).get_parameter(Name="kept")["Parameter"]["Value"] == "one"


def test_what_is_deleted_is_gone_and_may_be_deleted_again(client: ProviderClient, aws: EmbeddedAws) -> None:
    identifier, state = client.create(VPC, cidrBlock="10.5.0.0/16")
    for _ in range(2):
        client.delete(VPC, identifier, state)
    found = aws.clients.get("ec2", REGION).describe_vpcs(Filters=[{"Name": "vpc-id", "Values": [identifier]}])
    assert found["Vpcs"] == []


def test_what_was_made_is_imported_by_its_id_with_its_secrets_marked(client: ProviderClient) -> None:
    given = {"name": "/imported", "type": "SecureString", "value": secret("swordfish")}
    identifier, state = client.create(PARAMETER, **client.check(PARAMETER, **given)[0])

    read = client.read(PARAMETER, identifier, {}, {})

    assert read.id == identifier
    assert plain(read.properties) == state
    assert plain(read.inputs) == {**given, "tagsAll": {"Project": "shop"}, "__defaults": []}


def test_import_of_what_nobody_made_finds_nothing(client: ProviderClient, random_client: ProviderClient) -> None:
    assert client.read(VPC, "vpc-0123", {}, {}).id == ""
    with pytest.raises(grpc.RpcError) as refused:
        random_client.read(PASSWORD, "swordfish", {}, {})
    assert _told(refused.value) == f"a {PASSWORD} of this import id was not made here, and no other can be read"


def test_random_values_are_told_apart_by_themselves(random_client: ProviderClient) -> None:
    made = [random_client.create(PASSWORD, length=20)[1] for _ in range(2)]
    read = [random_client.read(PASSWORD, state["result"]["value"], {}, {}) for state in made]
    assert [one.id for one in read] == ["none", "none"]
    assert [plain(one.properties) for one in read] == made


def test_type_without_an_importer_is_refused_by_its_name(client: ProviderClient) -> None:
    validation = "aws:acm/certificateValidation:CertificateValidation"
    with pytest.raises(grpc.RpcError) as refused:
        client.read(validation, "any", {}, {})
    assert _told(refused.value) == f"a {validation} cannot be imported: the provider has no importer for it"


def test_name_that_the_provider_made_stays_and_any_other_is_made_anew(client: ProviderClient) -> None:
    given = {"type": "String", "value": "one"}
    first, _ = client.check(PARAMETER, **given)
    assert first["__defaults"] == ["name"]
    assert client.check_again(PARAMETER, first, given)[0] == first
    # A state of an import says that the provider made none of its inputs.
    imported: dict[str, Any] = {**first, "__defaults": []}
    anew, _ = client.check_again(PARAMETER, imported, given)
    assert anew["name"] != first["name"]
    diff = client.diff(PARAMETER, first, imported, anew)
    assert (kinds(diff), diff.deleteBeforeReplace) == ({"name": KIND.UPDATE_REPLACE}, False)


def test_functions_are_answered(client: ProviderClient) -> None:
    client.create(PARAMETER, name="/asked", type="String", value="there")
    assert client.invoke("aws:ssm/getParameter:getParameter", name="/asked")["value"] == "there"


REFUSED: list[tuple[Callable[[ProviderClient], object], str]] = [
    (
        lambda client: client.create("aws:ec2/subnet:Subnet", vpcId="vpc-0123", cidrBlock="10.0.0.0/24"),
        "CreateSubnet failed with InvalidVpcID.NotFound: VpcID vpc-0123 does not exist.",
    ),
    (lambda client: client.create(VPC, cidrBlock="10.0.0.0/16", colour="red"), "input colour is not mapped; "),
    (
        lambda client: client.update(VPC, "vpc-1", {}, {"colour": "red"}, {"colour": "blue"}, preview=True),
        "input colour of a aws:ec2/vpc:Vpc cannot be changed in the embedded AWS",
    ),
    (
        lambda client: client.invoke("aws:x/y:z"),
        "aws:x/y:z: the embedded AWS has no row for this function",
    ),
    (
        lambda client: client.invoke("aws:ssm/getParameter:getParameter", name=rpc.UNKNOWN),
        "aws:ssm/getParameter:getParameter: called with a value that is not known yet",
    ),
    (
        lambda client: client.diff("aws:x/y:Z", {}, {}, {}),
        "the embedded AWS has no row for the type aws:x/y:Z",
    ),
]


@pytest.mark.parametrize(("call", "told"), REFUSED)
def test_what_is_refused_is_told_in_one_line(
    client: ProviderClient, call: Callable[[ProviderClient], object], told: str
) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        call(client)
    text = _told(refused.value)
    assert text.startswith(told)
    assert "\n" not in text


def test_a_refusal_does_not_repeat_a_secret(client: ProviderClient) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        client.create("aws:ec2/subnet:Subnet", vpcId=secret("vpc-swordfish"), cidrBlock="10.0.0.0/24")
    assert "VpcID [secret] does not exist" in _told(refused.value)


def test_a_refusal_names_its_likely_cause(client: ProviderClient) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        client.create("aws:ec2/subnet:Subnet", vpcId="vpc-0123", cidrBlock="10.0.0.0/24")
    expected = "(likely cause: it refers to something that was never made, or lies in another region)"
    assert _told(refused.value).endswith(expected)


def test_the_process_says_where_it_listens_and_ends_with_its_standard_input() -> None:
    command = [sys.executable, "-m", provider.__name__, "--endpoint", "http://127.0.0.1:9"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        listening = dict(one.split(":") for one in process.stdout.readline().strip().split(","))
        connected = ProviderClient(int(listening["cloudflare"]))
        assert connected.stub.GetPluginInfo(empty_pb2.Empty()).version == "6.23.1"
        connected.close()
        process.stdin.close()
        assert process.wait(timeout=10) == 0


def test_only_a_loopback_endpoint_is_served() -> None:
    with pytest.raises(ValueError, match="only a loopback address is allowed"):
        provider.serve("https://ec2.eu-west-1.amazonaws.com")


def _told(error: grpc.RpcError) -> str:
    # gRPC raises an error that is also the call that it ended; only the call has the details.
    return getattr(error, "details")()  # noqa: B009
