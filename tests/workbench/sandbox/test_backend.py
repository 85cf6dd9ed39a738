import re

import pytest
from botocore.exceptions import ParamValidationError

from tests.workbench.sandbox.conftest import REGION, Sandbox
from workbench.evaluate import Invocation, Registration
from workbench.sandbox.backend import EmbeddedBackend
from workbench.sandbox.clients import Clients
from workbench.sandbox.errors import (
    AwsRefusalError,
    FunctionError,
    NameTooLongError,
    SandboxError,
    UnknownTypeError,
    likely_cause,
)
from workbench.sandbox.making.naming import fill_in_name
from workbench.sandbox.making.table import AutoName, Row
from workbench.sandbox.services import FUNCTIONS, RESOURCES
from workbench.sandbox.stored import default_tags

UNREACHABLE = "http://127.0.0.1:9"


def backend() -> EmbeddedBackend:
    return EmbeddedBackend(Clients(UNREACHABLE), account_id="123456789012")


def registration(type_token: str, *, read_id: str | None = None, **inputs: object) -> Registration:
    return Registration(
        urn=f"urn:pulumi:test::test::{type_token}::x",
        type=type_token,
        name="x",
        inputs=inputs,
        provider_inputs={},
        read_id=read_id,
    )


def test_unknown_type_is_refused() -> None:
    with pytest.raises(UnknownTypeError, match="no row for the type aws:sqs/queue:Queue"):
        backend().create(registration("aws:sqs/queue:Queue"))


def test_unknown_function_is_refused() -> None:
    with pytest.raises(FunctionError, match="aws:sqs/getQueue:getQueue: the embedded AWS has no row"):
        backend().invoke(Invocation(token="aws:sqs/getQueue:getQueue", args={}, provider_inputs={}))


def test_unknown_argument_of_a_function_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(FunctionError, match=r"getRole: input path is not mapped; .* takes name"):
        sandbox.invoke("aws:iam/getRole:getRole", name="x", path="/")


def test_what_is_not_there_cannot_be_got(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match="vpc-1 is not there"):
        sandbox.aws.backend(region=REGION).create(registration("aws:ec2/vpc:Vpc", read_id="vpc-1"))


def test_resource_without_a_region_is_refused() -> None:
    with pytest.raises(SandboxError, match="neither the resource nor its provider names a region"):
        backend().create(registration("aws:ec2/vpc:Vpc", cidrBlock="10.0.0.0/16"))


def test_ended_embedded_aws_is_the_likely_cause_when_nothing_answers() -> None:
    with pytest.raises(SandboxError, match=r"likely cause: the AWS at this address has ended"):
        backend().create(registration("aws:ec2/vpc:Vpc", cidrBlock="10.0.0.0/16", region="eu-west-1"))


def test_provider_itself_needs_no_row() -> None:
    assert backend().create(registration("pulumi:providers:aws", region="eu-west-1")).id == "x"


@pytest.mark.parametrize("endpoint_url", ["https://ec2.amazonaws.com", "http://10.0.0.1:5000", "http://0.0.0.0:5000"])
def test_clients_reach_nothing_but_this_machine(endpoint_url: str) -> None:
    with pytest.raises(ValueError, match=r"endpoint_url: .*; only a loopback address is allowed"):
        Clients(endpoint_url)


def test_default_tags_are_read_from_json_text_as_the_sdk_writes_nested_provider_inputs() -> None:
    assert default_tags({"defaultTags": '{"tags": {"Project": "shop"}}'}) == {"Project": "shop"}
    assert default_tags({}) == {}


@pytest.mark.parametrize(
    ("rule", "inputs", "expected"),
    [
        (AutoName(), {"name": "given"}, r"given"),
        (AutoName(), {}, r"Shop-[0-9a-f]{7}"),
        (AutoName(lower=True), {}, r"shop-[0-9a-f]{7}"),
        (AutoName(limit=32), {"namePrefix": "tg-"}, r"tg-[0-9a-f]{26}"),
        (AutoName(limit=16), {"namePrefix": "tg-"}, r"tg-[0-9a-f]{13}"),
        (AutoName(limit=12), {}, r"Shop-[0-9a-f]{7}"),
    ],
)
def test_unnamed_resource_gets_the_name_that_the_provider_would_make(
    rule: AutoName, inputs: dict[str, str], expected: str
) -> None:
    filled = dict(inputs)
    fill_in_name(filled, rule, logical_name="Shop")
    assert filled.keys() == {"name"}
    assert re.fullmatch(expected, filled["name"])


def test_logical_name_that_leaves_no_room_for_the_suffix_is_refused() -> None:
    with pytest.raises(NameTooLongError, match=r"name 'Shop' plus 8 characters .* maximum length 11"):
        fill_in_name({}, AutoName(limit=11), logical_name="Shop")


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("InvalidPermission.Duplicate", "something of that name is already there, perhaps from an earlier run"),
        ("ResourceNotFoundException", "it refers to something that was never made, or lies in another region"),
        ("VpcLimitExceeded", "a quota of the account is used up"),
        ("InvalidParameterValue", "an input has a value that the API does not take"),
        ("InternalFailure", "this operation is not emulated, or the emulation tripped over its input"),
        ("Teapot", None),
    ],
)
def test_likely_cause_of_an_error_code(code: str, cause: str | None) -> None:
    assert likely_cause(code) == cause


def test_refusal_never_tells_a_value_of_the_wrong_type() -> None:
    client = Clients(UNREACHABLE).get("rds", "eu-west-1")
    with pytest.raises(ParamValidationError) as invalid:
        client.create_db_cluster(
            DBClusterIdentifier="a", Engine="aurora-mysql", MasterUserPassword=["hunter2, hunter3"]
        )
    refusal = AwsRefusalError.before_the_service(invalid.value, operation="create_db_cluster")
    assert "hunter" in f"{invalid.value}"
    assert f"{refusal}" == (
        "create_db_cluster failed with ParamValidation: Invalid type for parameter MasterUserPassword, "
        "value: [hidden], type: <class 'list'>, valid types: <class 'str'> "
        "(likely cause: an input has a value or a shape that the API does not take)"
    )


def test_every_row_names_an_operation_that_its_service_has(sandbox: Sandbox) -> None:
    wrong = [
        token
        for token, row in RESOURCES.items()
        if isinstance(row, Row) and not hasattr(sandbox.client(row.service), row.operation)
    ]
    assert wrong == []


def test_every_reason_for_dropping_an_input_says_something() -> None:
    assert [token for token, row in RESOURCES.items() if not all(row.dropped.values())] == []


def test_lookups_of_the_program_are_all_in_the_table() -> None:
    assert {
        "aws:ecr/getRepository:getRepository",
        "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider",
        "aws:iam/getRole:getRole",
        "aws:index/getCallerIdentity:getCallerIdentity",
        "aws:ssm/getParameter:getParameter",
    } <= FUNCTIONS.keys()
