"""ECR: repositories and their lifecycle policies."""

from collections.abc import Mapping

from workbench.sandbox.making.making import Making
from workbench.sandbox.making.mapping import plain
from workbench.sandbox.making.table import AutoName, Delete, Function, Outputs, ResourceRow, Row, Tags, Update


def _get_repository(making: Making) -> Outputs:
    names = {"repositoryNames": [making.inputs["name"]]}
    registry = {"registryId": making.inputs["registryId"]} if "registryId" in making.inputs else {}
    repository = making.call("describe_repositories", **names, **registry)["repositories"][0]
    tags = making.call("list_tags_for_resource", resourceArn=repository["repositoryArn"])["tags"]
    return {
        "id": repository["repositoryName"],
        "name": repository["repositoryName"],
        "arn": repository["repositoryArn"],
        "registryId": repository["registryId"],
        "repositoryUrl": repository["repositoryUri"],
        "imageTagMutability": repository["imageTagMutability"],
        "imageTagMutabilityExclusionFilters": plain(repository.get("imageTagMutabilityExclusionFilters", [])),
        "imageScanningConfigurations": [plain(repository["imageScanningConfiguration"])],
        "encryptionConfigurations": [plain(repository["encryptionConfiguration"])],
        "mostRecentImageTags": _most_recent_image_tags(making),
        "tags": {tag["Key"]: tag["Value"] for tag in tags},
        "region": making.region,
    }


def _most_recent_image_tags(making: Making) -> list[str]:
    images = making.call("describe_images", repositoryName=making.inputs["name"])["imageDetails"]
    # Two of the same second stand in the order in which they came.
    newest = sorted(images, key=lambda image: image["imagePushedAt"])[-1:]
    return newest[0].get("imageTags", []) if newest else []


_TAG_MUTABILITY = Update(
    operation="put_image_tag_mutability",
    parameters={"repositoryName": "id"},
    always=("imageTagMutability", "imageTagMutabilityExclusionFilters"),
)

RESOURCES: Mapping[str, ResourceRow] = {
    "aws:ecr/repository:Repository": Row(
        service="ecr",
        operation="create_repository",
        id="repository.repositoryName",
        result="repository",
        renames={
            "name": "repositoryName",
            "encryptionConfigurations": "encryptionConfiguration",
            "encryptionConfigurations.kmsKey": "kmsKey",
        },
        dropped={"forceDelete": "only says what a deletion may do"},
        name=AutoName(prefix_property=None, limit=256, lower=True),
        tags=Tags(member="tags"),
        outputs={"arn": "repositoryArn", "repositoryUrl": "repositoryUri"},
        delete=Delete(operation="delete_repository", parameters={"repositoryName": "id", "force": "forceDelete"}),
        update={
            **dict.fromkeys(_TAG_MUTABILITY.always, _TAG_MUTABILITY),
            "imageScanningConfiguration": Update(
                operation="put_image_scanning_configuration", parameters={"repositoryName": "id"}
            ),
        },
        not_emulated=(
            "No image can be pushed or pulled with docker; images put there by their manifests are not scanned.",
        ),
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": Row(
        service="ecr",
        operation="put_lifecycle_policy",
        id="repositoryName",
        renames={"repository": "repositoryName", "policy": "lifecyclePolicyText"},
        delete=Delete(operation="delete_lifecycle_policy", parameters={"repositoryName": "id"}),
        not_emulated=(
            "A lifecycle policy is carried out at once, whenever an image is put; AWS takes up to 24 hours. What it "
            "lets go by an image's age goes with the next image that is put.",
        ),
    ),
}

FUNCTIONS: Mapping[str, Function] = {
    "aws:ecr/getRepository:getRepository": Function(
        service="ecr", answer=_get_repository, handles=frozenset({"name", "registryId"})
    ),
}
