"""The rollback to the last healthy deploy, to a tag or to a revision."""

from collections.abc import Mapping
from dataclasses import replace

from workbench.aws.ecs.task_definitions import TaskDefinition
from workbench.errors import OperatorError
from workbench.operations.deploys.checks import RolloutOptions, checked_plan
from workbench.operations.deploys.deploy import check_tag
from workbench.operations.deploys.ledger import Entry, way_back
from workbench.operations.deploys.rollout_plan import RolloutPlan, short
from workbench.operations.deploys.service import Deployable, Images, RolloutAws, Situation, read_situation


def plan_rollback(deployable: Deployable, *, to: str | None, aws: RolloutAws, options: RolloutOptions) -> RolloutPlan:
    """Plan a rollback.

    Without ``to``, it goes to the images that were last healthy, if others are wanted now or a rollout is under way,
    else to those deployed before them. ``to`` is a tag, or the number of a revision, which is used unchanged. Images go
    into a copy of the newest revision, so that changes of the infrastructure stay.

    Raises:
        OperatorError: with every reason why it cannot be done.
    """
    situation = read_situation(deployable, aws)
    images = Images(deployable, aws.ecr)
    is_reused = to is not None and to.isdigit()
    if to is not None and is_reused:
        source = _revision(deployable, situation, int(to), aws)
        wanted: Mapping[str, str] = {container: source.images[container] for container in deployable.repositories}
    else:
        source = situation.template
        wanted = earlier_images(deployable, situation) if to is None else _tagged(deployable, situation, images, to)
    # Going back is how a rollout that is under way is aborted.
    aborting = replace(options, supersede=True)
    return checked_plan(deployable, situation, images, aws, aborting, wanted=wanted, source=source, is_reused=is_reused)


def earlier_images(deployable: Deployable, situation: Situation) -> Mapping[str, str]:
    """Return the images that a rollback without ``--to`` goes to, by container.

    Raises:
        OperatorError: when no earlier deploy is known to have been healthy.
    """
    deploys = list(situation.deploys)
    if situation.unrecorded is not None:
        deploys.append(Entry(images=situation.unrecorded, at=situation.primary.created_at, by=""))
    steps = way_back(deploys)
    if steps and (situation.primary.rollout_state != "COMPLETED" or steps[-1].images != situation.running_images):
        target = steps[-1].images
    elif len(steps) > 1:
        target = steps[-2].images
    else:
        raise OperatorError(
            f"{deployable.name}: no earlier deploy is known to have been healthy; "
            "allowed: --to with a tag or a revision"
        )
    known = {**situation.template.images, **target}
    return {container: known[container] for container in deployable.repositories}


def _tagged(deployable: Deployable, situation: Situation, images: Images, tag: str) -> Mapping[str, str]:
    """Return the healthy images with the tag's in the containers whose repository has it."""
    check_tag("--to", tag, deployable)
    found = {container: images.find(container, tag=tag) for container in deployable.repositories}
    having = {container: image for container, image in found.items() if image is not None}
    if not having:
        newest = ", ".join(tag for container in found for tag in images.newest_tags(container)) or "none"
        raise OperatorError(
            f"--to: came {tag}; allowed: a revision's number or a tag; the newest tags of {deployable.stack}: {newest}"
        )
    pinned = {container: deployable.reference(container, digest=image.digest) for container, image in having.items()}
    known = {**situation.template.images, **situation.healthy_images, **pinned}
    return {container: known[container] for container in deployable.repositories}


def _revision(deployable: Deployable, situation: Situation, number: int, aws: RolloutAws) -> TaskDefinition:
    name = f"{deployable.name}:{number}"
    if situation.running.revision == number:
        raise OperatorError(f"--to: came {number}; that revision is wanted already")
    found = aws.task_definitions.described(name)
    if found.status != "ACTIVE":
        raise OperatorError(f"--to: came {number}; {short(found.arn)} was deregistered, another one is allowed")
    absent = [container for container in deployable.repositories if container not in found.images]
    if absent:
        raise OperatorError(f"--to: came {number}; {short(found.arn)} has no container {', '.join(absent)}")
    return found
