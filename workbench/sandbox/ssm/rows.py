"""Systems Manager: parameters."""

from collections.abc import Mapping

from workbench.sandbox.making.making import Made, Making
from workbench.sandbox.making.table import AutoName, Delete, Function, Outputs, ResourceRow, Row, Tags, Update


def _name(made: Made) -> str:
    return made.inputs["name"]


def _parameter_arn(made: Made) -> str:
    # A name in a hierarchy brings its own slash.
    return made.arn("ssm", f"parameter/{_name(made).removeprefix('/')}")


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
