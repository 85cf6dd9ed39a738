"""The tags of deployed images, for images that were deployed before there were such tags."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from workbench.aws.ecr.repositories import Ecr
from workbench.errors import OperatorError
from workbench.operations.deploys.rollback import earlier_images
from workbench.operations.deploys.service import Deployable, Images, RolloutAws, read_situation
from workbench.operations.images.deployed_tags import Mark, missing_marks, put_mark


@dataclass(frozen=True, kw_only=True)
class KeepPlan:
    """The images of a service to tag as deployed."""

    service: str
    marks: tuple[Mark, ...]
    absent: tuple[str, ...]
    """What is wanted and not in the registry, so that nothing keeps it."""

    def lines(self) -> list[str]:
        """Return the plan as lines."""
        if not self.marks and not self.absent:
            return [f"{self.service}: what runs, and what a rollback would go to, is tagged as deployed already."]
        return [
            *(
                f"{mark.container}: {mark.image.repository}@{mark.image.digest} is tagged {mark.tag}"
                for mark in self.marks
            ),
            *(f"{image} is not in the registry: nothing can keep it" for image in self.absent),
        ]

    def document(self) -> Mapping[str, Any]:
        """Return the plan as a JSON object."""
        tagged = [{"container": mark.container, "digest": mark.image.digest, "tag": mark.tag} for mark in self.marks]
        return {"service": self.service, "tagged": tagged, "absent": list(self.absent)}


def plan_keep(deployable: Deployable, aws: RolloutAws) -> KeepPlan:
    """Plan to tag the images that run, those that were last healthy, and those that a rollback would go to.

    Raises:
        OperatorError: when the service is not in ECS.
    """
    situation, images = read_situation(deployable, aws), Images(deployable, aws.ecr)
    wanted = [situation.running_images, situation.healthy_images]
    # There may be nothing to roll back to yet.
    with suppress(OperatorError):
        wanted.append(earlier_images(deployable, situation))
    absent = {
        reference: None
        for some in wanted
        for container, reference in some.items()
        if container in deployable.repositories and images.find_reference(container, reference) is None
    }
    return KeepPlan(service=deployable.service, marks=missing_marks(deployable, images, wanted), absent=tuple(absent))


def keep(plan: KeepPlan, ecr: Ecr) -> None:
    """Tag the images, one after the other. A repetition goes on where this one ended."""
    for mark in plan.marks:
        put_mark(mark, ecr)
