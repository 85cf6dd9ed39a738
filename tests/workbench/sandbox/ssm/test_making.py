import pytest

from tests.workbench.sandbox.conftest import Sandbox, tags_of
from workbench.sandbox.errors import AwsRefusalError, FunctionError

PARAMETER = "aws:ssm/parameter:Parameter"
GET_PARAMETER = "aws:ssm/getParameter:getParameter"


def test_parameter_has_its_value_and_description(sandbox: Sandbox) -> None:
    created = sandbox.create(
        PARAMETER, "api", name="/shop/images/api", type="String", value='{"api":"one"}', description="Images of api"
    )
    ssm = sandbox.client("ssm")
    found = ssm.get_parameter(Name="/shop/images/api")["Parameter"]
    assert (found["Type"], found["Value"], found["Version"]) == ("String", '{"api":"one"}', 1)
    (described,) = ssm.describe_parameters(Filters=[{"Key": "Name", "Values": ["/shop/images/api"]}])["Parameters"]
    assert described["Description"] == "Images of api"
    tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId="/shop/images/api")["TagList"]
    assert tags_of(tags) == {"Project": "shop"}
    assert created.id == "/shop/images/api"
    assert created.outputs["arn"] == found["ARN"] == "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/images/api"
    assert (created.outputs["version"], created.outputs["tier"]) == (1, "Standard")


def test_parameter_outside_a_hierarchy_has_its_arn_too(sandbox: Sandbox) -> None:
    created = sandbox.create(PARAMETER, "flat", name="flat", type="String", value="1")
    assert created.outputs["arn"] == sandbox.client("ssm").get_parameter(Name="flat")["Parameter"]["ARN"]


def test_program_reads_what_is_there_now(sandbox: Sandbox) -> None:
    sandbox.create(PARAMETER, "worker", name="/shop/images/worker", type="String", value="one")
    sandbox.client("ssm").put_parameter(Name="/shop/images/worker", Value="two", Overwrite=True)
    assert sandbox.invoke(GET_PARAMETER, name="/shop/images/worker") == {
        "id": "/shop/images/worker",
        "name": "/shop/images/worker",
        "arn": "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/images/worker",
        "type": "String",
        "value": "two",
        "insecureValue": "two",
        "version": 2,
        "withDecryption": True,
        "region": "eu-west-1",
    }


def test_encrypted_value_is_read_decrypted_and_not_called_insecure(sandbox: Sandbox) -> None:
    sandbox.create(PARAMETER, "key", name="/shop/key", type="SecureString", value="x7Kq")
    answer = sandbox.invoke(GET_PARAMETER, name="/shop/key")
    assert (answer["type"], answer["value"], answer["insecureValue"]) == ("SecureString", "x7Kq", "")


def test_other_region_is_another_place(sandbox: Sandbox) -> None:
    sandbox.create(PARAMETER, "far", name="/shop/far", type="String", value="far", region="us-east-1")
    assert sandbox.invoke(GET_PARAMETER, name="/shop/far", region="us-east-1")["value"] == "far"
    with pytest.raises(FunctionError, match=f"^{GET_PARAMETER}: GetParameter failed with ParameterNotFound"):
        sandbox.invoke(GET_PARAMETER, name="/shop/far")


def test_name_that_is_taken_is_refused_without_the_value(sandbox: Sandbox) -> None:
    sandbox.create(PARAMETER, "taken", name="/shop/taken", type="String", value="one")
    with pytest.raises(AwsRefusalError, match="PutParameter failed with ParameterAlreadyExists") as refusal:
        sandbox.create(PARAMETER, "taken", name="/shop/taken", type="SecureString", value="x7Kq")
    assert "x7Kq" not in str(refusal.value)


def test_unknown_argument_is_named(sandbox: Sandbox) -> None:
    with pytest.raises(FunctionError, match="input withHistory is not mapped"):
        sandbox.invoke(GET_PARAMETER, name="/shop/key", withHistory=True)
