"""Launch templates, and how they are read."""

from collections.abc import Mapping
from typing import Any

from workbench.sandbox.ec2.network import ec2_arn, specification
from workbench.sandbox.making.making import Existing
from workbench.sandbox.making.table import AutoName, Delete, Read, ResourceRow, Row, Update

_DATA = {
    "blockDeviceMappings": "BlockDeviceMappings",
    "ebsOptimized": "EbsOptimized",
    "iamInstanceProfile": "IamInstanceProfile",
    "imageId": "ImageId",
    "instanceInitiatedShutdownBehavior": "InstanceInitiatedShutdownBehavior",
    "instanceType": "InstanceType",
    "keyName": "KeyName",
    "metadataOptions": "MetadataOptions",
    "tagSpecifications": "TagSpecifications",
    "userData": "UserData",
    "vpcSecurityGroupIds": "SecurityGroupIds",
}
"""Input -> member of the data of a version."""

_RENAMES: Mapping[str, str] = {name: f"LaunchTemplateData.{member}" for name, member in _DATA.items()}


def _tag_specifications(specifications: Any) -> list[dict[str, Any]]:
    return [
        {
            "ResourceType": each["resourceType"],
            "Tags": [{"Key": key, "Value": value} for key, value in each.get("tags", {}).items()],
        }
        for each in specifications or ()
    ]


def _tags_of(existing: Existing) -> Any:
    (found,) = existing.call("describe_launch_templates", LaunchTemplateIds=[existing.id])["LaunchTemplates"]
    return found.get("Tags", [])


def _specifications(existing: Existing) -> list[dict[str, Any]] | None:
    found = existing.result["LaunchTemplateData"].get("TagSpecifications", [])
    return [
        {"resourceType": each["ResourceType"], "tags": {tag["Key"]: tag["Value"] for tag in each["Tags"]}}
        for each in found
        # moto holds the template's own tags there, too.
        if each["ResourceType"] != "launch-template"
    ] or None


# Each version holds the whole.
_AGAIN = Update(
    operation="create_launch_template_version",
    parameters={"LaunchTemplateId": "id"},
    renames=_RENAMES,
    always=tuple(_DATA),
)

RESOURCES: Mapping[str, ResourceRow] = {
    "aws:ec2/launchTemplate:LaunchTemplate": Row(
        service="ec2",
        operation="create_launch_template",
        id="LaunchTemplate.LaunchTemplateId",
        result="LaunchTemplate",
        renames={"name": "LaunchTemplateName", **_RENAMES},
        into={
            "tagSpecifications": lambda _, given: {
                "LaunchTemplateData": {"TagSpecifications": _tag_specifications(given)}
            }
        },
        name=AutoName(limit=125),
        tags=specification("launch-template"),
        outputs={
            "arn": ec2_arn("launch-template"),
            "defaultVersion": "DefaultVersionNumber",
            "latestVersion": "LatestVersionNumber",
        },
        delete=Delete(operation="delete_launch_template", parameters={"LaunchTemplateId": "id"}),
        update=dict.fromkeys(_DATA, _AGAIN),
    ),
}

READS: Mapping[str, Read] = {
    "aws:ec2/launchTemplate:LaunchTemplate": Read(
        operation="describe_launch_template_versions",
        parameters={"LaunchTemplateId": "id"},
        constants={"Versions": ["$Latest"]},
        result="LaunchTemplateVersions[0]",
        id="LaunchTemplateId",
        named={"tagSpecifications": _specifications},
        tags=_tags_of,
    ),
}
