"""Systems Manager: parameters, and documents of Run Command."""

from collections.abc import Mapping
from typing import Any

from workbench.sandbox.making.making import Existing, Made, Making
from workbench.sandbox.making.table import AutoName, Delete, Function, Outputs, ResourceRow, Row, Tags, Update
from workbench.sandbox.making.tagging import add_tags_to_resource


def _name(made: Made) -> str:
    return made.inputs["name"]


def _parameter_arn(made: Made) -> str:
    # A name in a hierarchy brings its own slash.
    return made.arn("ssm", f"parameter/{_name(made).removeprefix('/')}")


def _document_arn(made: Made) -> str:
    return made.arn("ssm", f"document/{_name(made)}")


def _change_content(existing: Existing, content: Any) -> Outputs:
    """Add a version of a document and make it the default one, as the provider does."""
    changed = existing.call("update_document", Name=existing.id, Content=content, DocumentVersion="$LATEST")
    version = changed["DocumentDescription"]["DocumentVersion"]
    existing.call("update_document_default_version", Name=existing.id, DocumentVersion=version)
    return {"defaultVersion": version, "documentVersion": version, "latestVersion": version}


def _get_parameter(making: Making) -> Outputs:
    with_decryption = making.inputs.get("withDecryption", True)
    parameter = making.call("get_parameter", Name=making.inputs["name"], WithDecryption=with_decryption)["Parameter"]
    return {
        "id": parameter["Name"],
        "name": parameter["Name"],
        "arn": parameter["ARN"],
        "type": parameter["Type"],
        "value": parameter["Value"],
        "insecureValue": "" if parameter["Type"] == "SecureString" else parameter["Value"],
        "version": parameter["Version"],
        "withDecryption": with_decryption,
        "region": making.region,
    }


_PUT_AGAIN = Update(
    operation="put_parameter",
    parameters={"Name": "id"},
    always=("type", "value", "insecureValue"),
    constants={"Overwrite": True},
)

RESOURCES: Mapping[str, ResourceRow] = {
    "aws:ssm/document:Document": Row(
        service="ssm",
        operation="create_document",
        id="DocumentDescription.Name",
        result="DocumentDescription",
        tags=Tags(),
        tag_change=add_tags_to_resource("ResourceId", "id", {"ResourceType": "Document"}),
        outputs={"arn": _document_arn},
        delete=Delete(operation="delete_document", parameters={"Name": "id"}),
        update={"content": _change_content},
        not_emulated=(
            "A command of Run Command is carried out below a folder of this machine where the instance is a host with "
            "a release agent; anywhere else it succeeds and does nothing.",
            "A host's backups are those of a practice database of a few rows; its PostgreSQL is a stand-in, whose "
            "dumps no other can read.",
        ),
    ),
    "aws:ssm/parameter:Parameter": Row(
        service="ssm",
        operation="put_parameter",
        id=_name,
        renames={"insecureValue": "Value"},
        name=AutoName(prefix_property=None, limit=1011),
        tags=Tags(),
        outputs={"arn": _parameter_arn},
        delete=Delete(operation="delete_parameter", parameters={"Name": "id"}),
        update=dict.fromkeys(
            ("allowedPattern", "description", "insecureValue", "keyId", "tier", "type", "value"), _PUT_AGAIN
        ),
    ),
}

FUNCTIONS: Mapping[str, Function] = {
    "aws:ssm/getParameter:getParameter": Function(
        service="ssm", answer=_get_parameter, handles=frozenset({"name", "withDecryption"})
    ),
}
