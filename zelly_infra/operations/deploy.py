"""Deploying an image: which one, into which containers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zelly_infra.errors import OperatorError
from zelly_infra.operations.deployable import Deployable, Images, RolloutAws, read_situation
from zelly_infra.operations.rollout_checks import RolloutOptions, checked_plan
from zelly_infra.operations.rollout_plan import RolloutPlan


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Which image of a repository: exactly one of the two."""

    tag: str | None = None
    digest: str | None = None


def choices(
    deployable: Deployable, *, containers: Sequence[str], tag: str | None, digest: str | None
) -> Mapping[str, Choice]:
    """Return the choice for each container that was named, or for the application's when none was.

    Raises:
        OperatorError: when containers, tag and digest do not go together.
    """
    chosen = known_containers(deployable, containers)
    if (tag is None) == (digest is None):
        raise OperatorError("--tag, --digest: exactly one of them is required")
    if digest is not None and len(chosen) > 1:
        raise OperatorError("--digest: one image has one digest; allowed: with one --container, or --tag for several")
    if tag is not None and not tag.startswith(f"{deployable.tag_prefix}-"):
        raise OperatorError(
            f"--tag: came {tag}; allowed in {deployable.stack}: {deployable.tag_prefix}-…; "
            "`zelly service promote` brings an image from another stack"
        )
    return dict.fromkeys(chosen, Choice(tag=tag, digest=digest))


def known_containers(deployable: Deployable, containers: Sequence[str]) -> Sequence[str]:
    """Return the containers, or the application's when none is named.

    Raises:
        OperatorError: for one whose image is not deployed.
    """
    known = list(deployable.repositories)
    for container in containers:
        if container not in known:
            raise OperatorError(f"--container: came {container}; allowed for {deployable.service}: {', '.join(known)}")
    return containers or known[:1]


def plan_deploy(
    deployable: Deployable, chosen: Mapping[str, Choice], aws: RolloutAws, options: RolloutOptions
) -> RolloutPlan:
    """Plan to deploy images to some containers.

    The template is the newest revision of the family, so that changes of the infrastructure go along. The other
    deployed containers get the images that were last healthy, whatever a failed deploy left in the template.

    Raises:
        OperatorError: with every reason why it cannot be done.
    """
    situation = read_situation(deployable, aws)
    images = Images(deployable, aws.ecr)
    healthy = {**situation.template.images, **situation.healthy_images}
    wanted = {
        container: chosen_reference(deployable, images, container, chosen[container])
        if container in chosen
        else healthy[container]
        for container in deployable.repositories
    }
    return checked_plan(
        deployable, situation, images, aws, options, wanted=wanted, source=situation.template, is_reused=False
    )


def chosen_reference(deployable: Deployable, images: Images, container: str, choice: Choice) -> str:
    """Return the name of the chosen image, by its digest where the registry has it."""
    image = images.find(container, tag=choice.tag, digest=choice.digest)
    if image is not None:
        return deployable.reference(container, digest=image.digest)
    # What is not there keeps the name that was asked for, and the checks say so.
    return deployable.reference(container, tag=choice.tag, digest=choice.digest)
