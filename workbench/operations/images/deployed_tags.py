"""The tags by which the registry's lifecycle policy knows what was deployed, and keeps it longest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.aws.ecr.repositories import Ecr, Image
from workbench.aws.shared.errors import AwsError
from workbench.operations.deploys.service import Deployable, Images


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A tag that an image is given because it was deployed."""

    container: str
    image: Image
    tag: str


def missing_marks(deployable: Deployable, images: Images, wanted: Sequence[Mapping[str, str]]) -> tuple[Mark, ...]:
    """Return the tags that some images lack, of those that are in the registry. ``wanted`` are images by container."""
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
    """Give an image its tag; that it has it already is success."""
    try:
        ecr.add_tag(mark.image, ecr.manifest(mark.image), mark.tag)
    except AwsError as error:
        # Somebody else's deploy of the same image was faster.
        if error.code != "ImageAlreadyExistsException":
            raise
