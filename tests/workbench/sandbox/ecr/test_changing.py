import json
from typing import Any

import pytest

from tests.workbench.sandbox.conftest import Sandbox, tags_of
from workbench.sandbox.errors import AwsRefusalError

REPOSITORY = "aws:ecr/repository:Repository"
LIFECYCLE_POLICY = "aws:ecr/lifecyclePolicy:LifecyclePolicy"

POLICY = json.dumps(
    {
        "rules": [
            {
                "rulePriority": 1,
                "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 3},
                "action": {"type": "expire"},
            }
        ]
    }
)


def push(sandbox: Sandbox, repository: str) -> None:
    manifest: dict[str, Any] = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 1, "digest": "sha256:1"},
        "layers": [],
    }
    sandbox.client("ecr").put_image(repositoryName=repository, imageManifest=json.dumps(manifest), imageTag="first")


def test_scanning_and_mutability_are_changed(sandbox: Sandbox) -> None:
    name = "changes/api"
    sandbox.create(
        REPOSITORY, "api", name=name, imageTagMutability="MUTABLE", imageScanningConfiguration={"scanOnPush": False}
    )
    sandbox.update(
        REPOSITORY,
        "api",
        name=name,
        imageTagMutability="IMMUTABLE",
        imageScanningConfiguration={"scanOnPush": True},
        tags={"Name": name},
    )
    ecr = sandbox.client("ecr")
    (found,) = ecr.describe_repositories(repositoryNames=[name])["repositories"]
    assert (found["imageTagMutability"], found["imageScanningConfiguration"]) == ("IMMUTABLE", {"scanOnPush": True})
    tags = ecr.list_tags_for_resource(resourceArn=found["repositoryArn"])["tags"]
    assert tags_of(tags) == {"Project": "shop", "Name": name}


def test_lifecycle_policy_goes_before_its_repository(sandbox: Sandbox) -> None:
    sandbox.create(REPOSITORY, "gone", name="changes/gone")
    sandbox.create(LIFECYCLE_POLICY, "gone", repository="changes/gone", policy=POLICY)
    sandbox.delete(LIFECYCLE_POLICY, "gone")
    sandbox.delete(LIFECYCLE_POLICY, "gone")
    ecr = sandbox.client("ecr")
    with pytest.raises(ecr.exceptions.LifecyclePolicyNotFoundException):
        ecr.get_lifecycle_policy(repositoryName="changes/gone")
    sandbox.delete(REPOSITORY, "gone")
    sandbox.delete(REPOSITORY, "gone")
    with pytest.raises(ecr.exceptions.RepositoryNotFoundException):
        ecr.describe_repositories(repositoryNames=["changes/gone"])


def test_repository_with_images_goes_by_force_alone(sandbox: Sandbox) -> None:
    name = "changes/full"
    sandbox.create(REPOSITORY, "full", name=name, forceDelete=False)
    push(sandbox, name)
    with pytest.raises(AwsRefusalError, match="DeleteRepository failed with RepositoryNotEmptyException"):
        sandbox.delete(REPOSITORY, "full")
    sandbox.update(REPOSITORY, "full", name=name, forceDelete=True)
    sandbox.delete(REPOSITORY, "full")
    names = [found["repositoryName"] for found in sandbox.client("ecr").describe_repositories()["repositories"]]
    assert name not in names
