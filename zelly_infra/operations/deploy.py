"""Deploying an image: which one, into which containers."""

from collections.abc import Sequence

from zelly_infra.errors import OperatorError
from zelly_infra.operations.deployable import Deployable, Images, RolloutAws, read_situation
from zelly_infra.operations.rollout_checks import RolloutOptions, check
from zelly_infra.operations.rollout_plan import RolloutPlan, make_plan


def plan_deploy(
    deployable: Deployable,
    *,
    containers: Sequence[str],
    tag: str | None,
    digest: str | None,
    aws: RolloutAws,
    options: RolloutOptions,
) -> RolloutPlan:
    """Plan to deploy the image of a tag or a digest to some containers; to the application's when none is named.

    The template is the newest revision of the family, so that changes of the infrastructure go along. The other
    deployed containers get the images that were last healthy, whatever a failed deploy left in the template.

    Raises:
        OperatorError: with every reason why it cannot be done.
    """
    chosen = _chosen(deployable, containers)
    _check_choice(deployable, chosen, tag, digest)
    situation = read_situation(deployable, aws)
    images = Images(deployable, aws.ecr)
    healthy = situation.healthy_images
    wanted = {
        container: healthy.get(container, situation.template.images[container]) for container in deployable.repositories
    }
    for container in chosen:
        image = images.find(container, tag=tag, digest=digest)
        host_and_name = f"{deployable.registry}/{deployable.repositories[container]}"
        # One that is not there keeps the name that was asked for, and the checks say so.
        wanted[container] = (
            deployable.reference(container, image.digest)
            if image is not None
            else f"{host_and_name}:{tag}"
            if digest is None
            else f"{host_and_name}@{digest}"
        )
    findings = check(
        deployable,
        situation,
        images,
        aws,
        options,
        wanted=wanted,
        registered=situation.template.with_images(wanted),
    )
    findings.raise_problems(deployable)
    return make_plan(
        deployable,
        situation,
        images,
        wanted=wanted,
        source=situation.template,
        is_reused=False,
        notes=findings.notes,
        timeout_seconds=options.timeout_seconds,
    )


def _chosen(deployable: Deployable, containers: Sequence[str]) -> Sequence[str]:
    known = list(deployable.repositories)
    for container in containers:
        if container not in known:
            raise OperatorError(f"--container: came {container}; allowed for {deployable.service}: {', '.join(known)}")
    return containers or known[:1]


def _check_choice(deployable: Deployable, chosen: Sequence[str], tag: str | None, digest: str | None) -> None:
    if (tag is None) == (digest is None):
        raise OperatorError("--tag, --digest: exactly one of them is required")
    if digest is not None and len(chosen) > 1:
        raise OperatorError("--digest: one image has one digest; allowed: with one --container, or --tag for several")
    if tag is not None and not tag.startswith(f"{deployable.tag_prefix}-"):
        raise OperatorError(
            f"--tag: came {tag}; allowed in {deployable.stack}: {deployable.tag_prefix}-…; "
            "`zelly service promote` brings an image from another stack"
        )
