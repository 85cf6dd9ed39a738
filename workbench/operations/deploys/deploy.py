"""The deploy of images into containers of a service."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.aws.ecr.repositories import Image
from workbench.errors import OperatorError
from workbench.operations.deploys.checks import RolloutOptions, checked_plan
from workbench.operations.deploys.rollout_plan import RolloutPlan
from workbench.operations.deploys.service import Deployable, Images, RolloutAws, Situation, read_situation
from workbench.words import command


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The choice of an image, by its tag or its digest: exactly one of the two."""

    tag: str | None = None
    digest: str | None = None


def choices(
    deployable: Deployable,
    *,
    containers: Sequence[str],
    tag: str | None,
    digest: str | None,
    images: Sequence[str] = (),
) -> Mapping[str, Choice]:
    """Return the choice for each named container, by default for the application's.

    ``images`` holds choices as ``CONTAINER=TAG`` or ``CONTAINER=DIGEST``, instead of all other parameters.

    Raises:
        OperatorError: when containers, tag, digest and images do not go together.
    """
    if images:
        if containers or tag is not None or digest is not None:
            raise OperatorError("--image: came with --container, --tag or --digest; allowed: alone, once a container")
        return _choices_of(deployable, images)
    chosen = known_containers(deployable, containers)
    if tag is None and digest is None:
        raise OperatorError("--tag, --digest, --image: one of them is required")
    if tag is not None and digest is not None:
        raise OperatorError("--tag, --digest: came both; allowed: one of them")
    if digest is not None and len(chosen) > 1:
        raise OperatorError("--digest: one image has one digest; allowed: with one --container, or --tag for several")
    if tag is not None:
        check_tag("--tag", tag, deployable)
    return dict.fromkeys(chosen, Choice(tag=tag, digest=digest))


def _choices_of(deployable: Deployable, images: Sequence[str]) -> Mapping[str, Choice]:
    chosen: dict[str, Choice] = {}
    for given in images:
        container, separator, image = given.partition("=")
        if not separator or not image:
            raise OperatorError(f"--image: came {given}; allowed: CONTAINER=TAG or CONTAINER=sha256:…")
        _check_container("--image", container, deployable)
        if container in chosen:
            raise OperatorError(f"--image: came {container} twice; allowed: once a container")
        if image.startswith("sha256:"):
            chosen[container] = Choice(digest=image)
        else:
            check_tag("--image", image, deployable)
            chosen[container] = Choice(tag=image)
    return chosen


def check_tag(option: str, tag: str, deployable: Deployable) -> None:
    """Refuse a tag that may not be deployed: one of another stack, or one that can be moved to another image.

    Raises:
        OperatorError: in one line.
    """
    allowed = deployable.built_tags
    if allowed.match(tag):
        return
    otherwise = (
        "other tags are never deployed"
        if allowed.are_commits
        else f"`{command('service promote')}` brings an image from another stack"
    )
    raise OperatorError(f"{option}: came {tag}; allowed in {deployable.stack}: {allowed.allowed}; {otherwise}")


def _check_container(option: str, container: str, deployable: Deployable) -> None:
    if container not in deployable.repositories:
        known = ", ".join(deployable.repositories)
        raise OperatorError(f"{option}: came {container}; allowed for {deployable.service}: {known}")


def known_containers(deployable: Deployable, containers: Sequence[str]) -> Sequence[str]:
    """Return the named containers, by default the application's.

    Raises:
        OperatorError: for one whose image is not deployed.
    """
    for container in containers:
        _check_container("--container", container, deployable)
    return containers or list(deployable.repositories)[:1]


def plan_deploy(
    deployable: Deployable, chosen: Mapping[str, Choice], aws: RolloutAws, options: RolloutOptions
) -> RolloutPlan:
    """Plan to deploy images to some containers.

    The template is the newest revision of the family, so that changes of the infrastructure go along.

    Raises:
        OperatorError: with every reason why it cannot be done.
    """
    situation = read_situation(deployable, aws)
    images = Images(deployable, aws.ecr)
    named = {container: chosen_reference(deployable, images, container, choice) for container, choice in chosen.items()}
    wanted, notes = wanted_images(deployable, situation, images, named)
    return checked_plan(
        deployable,
        situation,
        images,
        aws,
        options,
        wanted=wanted,
        source=situation.template,
        is_reused=False,
        notes=notes,
    )


def wanted_images(
    deployable: Deployable, situation: Situation, images: Images, named: Mapping[str, str]
) -> tuple[Mapping[str, str], Sequence[str]]:
    """Return the images of all deployed containers, and notes about those that were not named.

    Those keep the images that were last healthy, whatever a failed deploy left in the template. A container that never
    had an image gets the newest of this stack: a task starts with all of its containers or not at all.
    """
    healthy = {**situation.template.images, **situation.healthy_images}
    wanted: dict[str, str] = {}
    notes: list[str] = []
    for container in deployable.repositories:
        first = None
        if container not in named and images.find_reference(container, healthy[container]) is None:
            newest = images.newest(container) if situation.never_had_an_image(container) else None
            first = None if newest is None else deployable.reference(container, digest=newest.digest)
        if first is not None:
            notes.append(f"{container} never had an image: the newest goes along, {images.label(container, first)}.")
        wanted[container] = named.get(container) or first or healthy[container]
    return wanted, notes


def chosen_reference(deployable: Deployable, images: Images, container: str, choice: Choice) -> str:
    """Return the name of the chosen image, by its digest if the registry has it.

    Raises:
        OperatorError: when the digest is of an image that no tag allows to deploy.
    """
    image = images.find(container, tag=choice.tag, digest=choice.digest)
    if image is not None:
        _check_origin(deployable, container, image)
        return deployable.reference(container, digest=image.digest)
    # What is not there keeps the name that was asked for, and the checks say so.
    return deployable.reference(container, tag=choice.tag, digest=choice.digest)


def _check_origin(deployable: Deployable, container: str, image: Image) -> None:
    """Refuse an image without a commit's tag, where only such images may be deployed."""
    allowed = deployable.built_tags
    if allowed.are_commits and not any(allowed.match(tag) for tag in image.tags):
        raise OperatorError(
            f"{container}: {image.digest} has no tag of a commit ({', '.join(image.tags) or 'none at all'}); allowed "
            f"in {deployable.stack}: {allowed.allowed}"
        )
