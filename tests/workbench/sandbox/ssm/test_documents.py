"""Documents of Run Command, made, changed and deleted."""

import json

import pytest

from tests.workbench.sandbox.conftest import Sandbox, tags_of

DOCUMENT = "aws:ssm/document:Document"


def content(command: str) -> str:
    return json.dumps({"schemaVersion": "2.2", "mainSteps": [{"action": "aws:runShellScript", "name": command}]})


def test_document_is_made_changed_to_a_new_default_version_and_goes(sandbox: Sandbox) -> None:
    inputs = {"name": "shop-release", "documentType": "Command", "documentFormat": "JSON"}
    made = sandbox.create(DOCUMENT, "release", **inputs, content=content("first"))
    assert (made.id, made.outputs["arn"]) == (
        "shop-release",
        "arn:aws:ssm:eu-west-1:123456789012:document/shop-release",
    )
    sandbox.update(DOCUMENT, "release", **inputs, content=content("second"), tags={"Name": "x"})
    ssm = sandbox.client("ssm")
    found = ssm.get_document(Name="shop-release")
    assert (found["DocumentVersion"], found["Content"]) == ("2", content("second"))
    tags = ssm.list_tags_for_resource(ResourceType="Document", ResourceId="shop-release")["TagList"]
    assert tags_of(tags) == {"Project": "shop", "Name": "x"}
    assert sandbox.read(DOCUMENT, "release") == {}
    sandbox.delete(DOCUMENT, "release")
    with pytest.raises(ssm.exceptions.InvalidDocument):
        ssm.get_document(Name="shop-release")
