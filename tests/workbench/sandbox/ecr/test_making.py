import json
from typing import Any

import pytest

from tests.workbench.sandbox.conftest import Sandbox, tags_of
from workbench.evaluate import Created
from workbench.sandbox.errors import AwsRefusalError, FunctionError

REPOSITORY = "aws:ecr/repository:Repository"
GET_REPOSITORY = "aws:ecr/getRepository:getRepository"
REGISTRY_REGION = "ap-south-1"
URL = "123456789012.dkr.ecr.ap-south-1.amazonaws.com/shop/api"
ARN = "arn:aws:ecr:ap-south-1:123456789012:repository/shop/api"


@pytest.fixture(scope="module")
def repository(sandbox: Sandbox) -> Created:
    return sandbox.create(
        REPOSITORY,
        "api",
        name="shop/api",
        region=REGISTRY_REGION,
        imageTagMutability="IMMUTABLE",
        imageScanningConfiguration={"scanOnPush": True},
        encryptionConfigurations=[{"encryptionType": "AES256"}],
        forceDelete=False,
        tags={"Name": "api"},
    )


def image_manifest(layer: str) -> str:
    config = {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 1, "digest": f"sha256:{layer}"}
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": config,
            "layers": [],
        }
    )


def test_repository_lies_in_the_registrys_region_with_what_was_asked_for(sandbox: Sandbox, repository: Created) -> None:
    ecr = sandbox.client("ecr", REGISTRY_REGION)
    (found,) = ecr.describe_repositories(repositoryNames=["shop/api"])["repositories"]
    assert {key: value for key, value in found.items() if key != "createdAt"} == {
        "repositoryName": "shop/api",
        "repositoryArn": ARN,
        "repositoryUri": URL,
        "registryId": "123456789012",
        "imageTagMutability": "IMMUTABLE",
        "imageScanningConfiguration": {"scanOnPush": True},
        "encryptionConfiguration": {"encryptionType": "AES256"},
    }
    assert tags_of(ecr.list_tags_for_resource(resourceArn=ARN)["tags"]) == {"Project": "shop", "Name": "api"}
    elsewhere = sandbox.client("ecr").describe_repositories()["repositories"]
    assert "shop/api" not in {item["repositoryName"] for item in elsewhere}
    outputs = ("arn", "repositoryUrl", "registryId", "region")
    assert [repository.outputs[key] for key in outputs] == [ARN, URL, "123456789012", REGISTRY_REGION]
    assert repository.id == "shop/api"


def test_lifecycle_policy_is_kept(sandbox: Sandbox, repository: Created) -> None:
    selection: dict[str, Any] = {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": 7,
    }
    policy = json.dumps({"rules": [{"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}]})
    created = sandbox.create(
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        "api",
        repository=repository.id,
        region=REGISTRY_REGION,
        policy=policy,
    )
    found = sandbox.client("ecr", REGISTRY_REGION).get_lifecycle_policy(repositoryName="shop/api")
    assert json.loads(found["lifecyclePolicyText"]) == json.loads(policy)
    assert (created.id, created.outputs["registryId"]) == ("shop/api", "123456789012")


@pytest.mark.usefixtures("repository")
def test_repository_without_an_image_is_looked_up_from_another_region(sandbox: Sandbox) -> None:
    assert sandbox.invoke(GET_REPOSITORY, name="shop/api", region=REGISTRY_REGION) == {
        "id": "shop/api",
        "name": "shop/api",
        "arn": ARN,
        "registryId": "123456789012",
        "repositoryUrl": URL,
        "imageTagMutability": "IMMUTABLE",
        "imageTagMutabilityExclusionFilters": [],
        "imageScanningConfigurations": [{"scanOnPush": True}],
        "encryptionConfigurations": [{"encryptionType": "AES256"}],
        "mostRecentImageTags": [],
        "tags": {"Project": "shop", "Name": "api"},
        "region": REGISTRY_REGION,
    }


def test_tags_of_the_newest_image_are_looked_up(sandbox: Sandbox) -> None:
    sandbox.create(REPOSITORY, "worker", name="shop/worker")
    ecr = sandbox.client("ecr")
    for layer, tag in (("a" * 64, "prod-1"), ("b" * 64, "prod-2")):
        ecr.put_image(repositoryName="shop/worker", imageManifest=image_manifest(layer), imageTag=tag)
    assert sandbox.invoke(GET_REPOSITORY, name="shop/worker")["mostRecentImageTags"] == ["prod-2"]


@pytest.mark.usefixtures("repository")
def test_repository_of_another_region_is_not_found_here(sandbox: Sandbox) -> None:
    with pytest.raises(FunctionError, match="DescribeRepositories failed with RepositoryNotFoundException"):
        sandbox.invoke(GET_REPOSITORY, name="shop/api")


@pytest.mark.usefixtures("repository")
def test_name_that_is_taken_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(AwsRefusalError, match="CreateRepository failed with RepositoryAlreadyExistsException"):
        sandbox.create(REPOSITORY, "again", name="shop/api", region=REGISTRY_REGION)
