import pytest

from tests.workbench.sandbox.conftest import Sandbox, tags_of

PARAMETER = "aws:ssm/parameter:Parameter"


def test_value_and_description_are_overwritten_in_place(sandbox: Sandbox) -> None:
    name = "/changes/images"
    sandbox.create(PARAMETER, "images", name=name, type="String", value="one", description="First", tags={"Name": "a"})
    sandbox.update(PARAMETER, "images", name=name, type="String", value="two", description="Second", tags={"Name": "a"})
    ssm = sandbox.client("ssm")
    found = ssm.get_parameter(Name=name)["Parameter"]
    assert (found["Type"], found["Value"], found["Version"]) == ("String", "two", 2)
    (described,) = ssm.describe_parameters(Filters=[{"Key": "Name", "Values": [name]}])["Parameters"]
    assert described["Description"] == "Second"
    tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]
    assert tags_of(tags) == {"Project": "shop", "Name": "a"}


def test_description_alone_leaves_the_encrypted_value(sandbox: Sandbox) -> None:
    shared = {"name": "/changes/key", "type": "SecureString", "value": "x7Kq"}
    sandbox.create(PARAMETER, "key", **shared, description="First")
    sandbox.update(PARAMETER, "key", **shared, description="Second")
    found = sandbox.client("ssm").get_parameter(Name="/changes/key", WithDecryption=True)["Parameter"]
    assert (found["Type"], found["Value"]) == ("SecureString", "x7Kq")


def test_deleted_parameter_is_gone(sandbox: Sandbox) -> None:
    sandbox.create(PARAMETER, "gone", name="/changes/gone", type="String", value="one")
    sandbox.delete(PARAMETER, "gone")
    sandbox.delete(PARAMETER, "gone")
    ssm = sandbox.client("ssm")
    with pytest.raises(ssm.exceptions.ParameterNotFound):
        ssm.get_parameter(Name="/changes/gone")
