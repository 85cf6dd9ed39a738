import json

import pytest

from tests.workbench.sandbox.conftest import Sandbox
from workbench.sandbox.ecr.images import (
    INDEX_MEDIA_TYPE,
    WORKING,
    Behaviour,
    annotations,
    behaviour_of,
    digest_of,
    platforms_of,
    sandbox_image,
)
from workbench.sandbox.ecr.pushing import put_image
from workbench.sandbox.errors import SandboxError

EVERYTHING = Behaviour(
    ready_after=30.0, unhealthy=True, crash=3, crash_after=0.5, log=("a", "b"), run_exit_code=4, run_log=("c",)
)


def test_annotations_tell_of_what_is_not_as_usual() -> None:
    assert annotations(WORKING) == {}
    assert annotations(EVERYTHING) == {
        "workbench.sandbox.ready-after": "30.0",
        "workbench.sandbox.unhealthy": "true",
        "workbench.sandbox.crash": "3",
        "workbench.sandbox.crash-after": "0.5",
        "workbench.sandbox.log": '["a", "b"]',
        "workbench.sandbox.run-exit-code": "4",
        "workbench.sandbox.run-log": '["c"]',
    }


@pytest.mark.parametrize("behaviour", [WORKING, EVERYTHING, Behaviour(crash=0)])
def test_behaviour_is_read_as_it_was_written(behaviour: Behaviour) -> None:
    assert behaviour_of(json.loads(sandbox_image("one", behaviour, "X86_64").index)) == behaviour


@pytest.mark.parametrize("manifest", [{}, {"annotations": {"org.opencontainers.image.title": "api"}}])
def test_image_of_somebody_else_works(manifest: dict[str, dict[str, str]]) -> None:
    assert behaviour_of(manifest) == WORKING


def test_index_names_its_platform_and_its_manifest() -> None:
    image = sandbox_image("one", WORKING, "ARM64")
    index = json.loads(image.index)
    assert platforms_of(index) == ["arm64"]
    assert [entry["digest"] for entry in index["manifests"]] == [digest_of(image.manifest)]
    assert platforms_of(json.loads(image.manifest)) == []


def test_only_the_same_image_has_the_same_digest() -> None:
    images = [
        sandbox_image("one", WORKING, "X86_64"),
        sandbox_image("two", WORKING, "X86_64"),
        sandbox_image("one", WORKING, "ARM64"),
        sandbox_image("one", Behaviour(crash=1), "X86_64"),
    ]
    assert len({image.digest for image in images}) == 4
    assert sandbox_image("one", WORKING, "X86_64").digest == images[0].digest
    assert digest_of("") == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_image_lies_in_the_registry_as_an_index_and_its_manifest(sandbox: Sandbox) -> None:
    ecr = sandbox.client("ecr")
    ecr.create_repository(repositoryName="images/put", imageTagMutability="IMMUTABLE")
    image = sandbox_image("one", WORKING, "X86_64")
    assert put_image(ecr, "images/put", "one", image)
    assert not put_image(ecr, "images/put", "one", image)
    found = ecr.describe_images(repositoryName="images/put")["imageDetails"]
    assert {each["imageDigest"]: each.get("imageTags") for each in found} == {
        image.digest: ["one"],
        digest_of(image.manifest): None,
    }
    (stored,) = ecr.batch_get_image(repositoryName="images/put", imageIds=[{"imageTag": "one"}])["images"]
    assert (stored["imageManifest"], stored["imageManifestMediaType"]) == (image.index, INDEX_MEDIA_TYPE)


def test_image_gets_another_tag_by_its_manifest_and_keeps_its_digest(sandbox: Sandbox) -> None:
    ecr = sandbox.client("ecr")
    ecr.create_repository(repositoryName="images/promoted", imageTagMutability="IMMUTABLE")
    image = sandbox_image("staging-1", WORKING, "X86_64")
    put_image(ecr, "images/promoted", "staging-1", image)
    ecr.put_image(
        repositoryName="images/promoted",
        imageManifest=image.index,
        imageManifestMediaType=INDEX_MEDIA_TYPE,
        imageTag="prod-1",
    )
    tagged = ecr.describe_images(repositoryName="images/promoted", imageIds=[{"imageTag": "prod-1"}])["imageDetails"]
    assert [(each["imageDigest"], sorted(each["imageTags"])) for each in tagged] == [
        (image.digest, ["prod-1", "staging-1"])
    ]


def test_tag_of_another_image_is_refused(sandbox: Sandbox) -> None:
    ecr = sandbox.client("ecr")
    ecr.create_repository(repositoryName="images/taken", imageTagMutability="IMMUTABLE")
    first = sandbox_image("one", WORKING, "X86_64")
    put_image(ecr, "images/taken", "one", first)
    with pytest.raises(SandboxError) as refused:
        put_image(ecr, "images/taken", "one", sandbox_image("one", Behaviour(crash=1), "X86_64"))
    assert str(refused.value) == (
        f"--tag: one is {first.digest} in images/taken already, which behaves otherwise; allowed: a tag of no image yet"
    )


def test_only_a_tag_that_a_filter_names_moves_and_its_image_stays(sandbox: Sandbox) -> None:
    ecr = sandbox.client("ecr")
    ecr.create_repository(
        repositoryName="images/moved",
        imageTagMutability="IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters=[{"filter": "branch-*", "filterType": "WILDCARD"}],
    )
    first, second = (sandbox_image(name, WORKING, "X86_64") for name in ("first", "second"))
    assert put_image(ecr, "images/moved", "sha-1", first)
    assert put_image(ecr, "images/moved", "branch-main", first)
    assert put_image(ecr, "images/moved", "branch-main", second)
    # As a regular expression the filter would match this one, and move it.
    put_image(ecr, "images/moved", "branch", first)
    for taken in ("sha-1", "branch"):
        with pytest.raises(SandboxError, match="behaves otherwise"):
            put_image(ecr, "images/moved", taken, second)
        with pytest.raises(ecr.exceptions.ImageTagAlreadyExistsException, match="because the tag is immutable"):
            ecr.put_image(repositoryName="images/moved", imageManifest=second.index, imageTag=taken)
    found = ecr.describe_images(repositoryName="images/moved")["imageDetails"]
    assert {each["imageDigest"]: sorted(each["imageTags"]) for each in found if "imageTags" in each} == {
        first.digest: ["branch", "sha-1"],
        second.digest: ["branch-main"],
    }
    (repository,) = ecr.describe_repositories(repositoryNames=["images/moved"])["repositories"]
    assert repository["imageTagMutabilityExclusionFilters"] == [{"filter": "branch-*", "filterType": "WILDCARD"}]
    ecr.put_image_tag_mutability(repositoryName="images/moved", imageTagMutability="IMMUTABLE")
    with pytest.raises(SandboxError, match="behaves otherwise"):
        put_image(ecr, "images/moved", "branch-main", first)
    (repository,) = ecr.describe_repositories(repositoryNames=["images/moved"])["repositories"]
    assert "imageTagMutabilityExclusionFilters" not in repository


def test_image_that_loses_its_only_tag_stays_without_one(sandbox: Sandbox) -> None:
    ecr = sandbox.client("ecr")
    ecr.create_repository(repositoryName="images/left", imageTagMutability="MUTABLE")
    first, second = (sandbox_image(name, WORKING, "X86_64") for name in ("first", "second"))
    put_image(ecr, "images/left", "latest", first)
    put_image(ecr, "images/left", "latest", second)
    found = ecr.describe_images(repositoryName="images/left", imageIds=[{"imageDigest": first.digest}])["imageDetails"]
    assert "imageTags" not in found[0]


def test_unknown_repository_is_named(sandbox: Sandbox) -> None:
    with pytest.raises(
        SandboxError, match=r"^repository: images/lost does not exist; bring up the stack that owns it$"
    ):
        put_image(sandbox.client("ecr"), "images/lost", "one", sandbox_image("one", WORKING, "X86_64"))
