"""The tags that tell the registry's lifecycle policy which images were deployed: it keeps those longest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.aws.ecr.repositories import Ecr, Image
from workbench.aws.shared.errors import AwsError
from workbench.operations.deploys.service import Deployable, Images


@dataclass(frozen=True, kw_only=True)
class Mark:
    """The tag of an image that was deployed."""

    container: str
    image: Image
    tag: str


def missing_marks(deployable: Deployable, images: Images, wanted: Sequence[Mapping[str, str]]) -> tuple[Mark, ...]:
    """Return the missing tags of the images in the registry. ``wanted`` holds images by container."""
    found = {
        (container, image.digest): Mark(container=container, image=image, tag=deployable.deployed_tag(image.digest))
        for some in wanted
        for container, reference in some.items()
        if container in deployable.repositories
        and (image := images.find_reference(container, reference)) is not None
        and not images.is_marked(image)
    }
    return tuple(found.values())


def put_mark(mark: Mark, ecr: Ecr) -> None:
    """Give an image its tag. It is no error if the image has it."""
    try:
        ecr.add_tag(mark.image, ecr.manifest(mark.image), mark.tag)
    except AwsError as error:
        # Somebody else's deploy of the same image was faster.
        if error.code != "ImageAlreadyExistsException":
            raise
