"""The promotion of images, by digest, from one stack to another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench.aws.ecr.repositories import Ecr, Image, Manifest
from workbench.aws.elastic_load_balancing import ElasticLoadBalancing
from workbench.errors import OperatorError
from workbench.operations.approvals.use import Approvals, Use, plan_use
from workbench.operations.deploys.checks import RolloutOptions
from workbench.operations.deploys.deploy import Choice, known_containers, plan_deploy
from workbench.operations.deploys.rollout_plan import RolloutPlan, short
from workbench.operations.deploys.service import Deployable, Images, RolloutAws, Situation, read_situation
from workbench.operations.deploys.targets import serving_targets
from workbench.operations.images.references import built_tags, label

_TO_SPARE_SECONDS = 300
"""For the calls of a promotion beside its rollout."""


@dataclass(frozen=True, kw_only=True)
class PromotedImage:
    """An image on its way from one stack to another."""

    container: str
    image: Image
    manifest: Manifest
    tags: tuple[str, ...]
    """What it is called in the target."""

    @property
    def new_tags(self) -> tuple[str, ...]:
        """The tags that the image lacks."""
        return tuple(tag for tag in self.tags if tag not in self.image.tags)


@dataclass(frozen=True, kw_only=True)
class PromotePlan:
    """The tags of a promotion, and the rollout after it."""

    source: Deployable
    images: tuple[PromotedImage, ...]
    rollout: RolloutPlan
    use: Use | None = None
    """The approval that it uses; None: it needs none."""

    def lines(self) -> list[str]:
        """Return the plan as lines."""
        lines: list[str] = [] if self.use is None else self.use.lines()
        for promoted in self.images:
            image = promoted.image
            lines.append(
                f"{self.source.name} runs {', '.join(built_tags(image.tags))} in {promoted.container} and is healthy."
            )
            lines += [
                f"{image.repository}: {image.digest} is tagged {tag} too; nothing is built."
                for tag in promoted.new_tags
            ]
        return [*lines, *self.rollout.lines()]

    def document(self) -> Mapping[str, Any]:
        """Return the plan as a JSON object."""
        promoted = [
            {"container": one.container, "digest": one.image.digest, "tags": list(one.tags), "new": list(one.new_tags)}
            for one in self.images
        ]
        approval = {} if self.use is None else {"approval": self.use.approval.document()}
        return {"from": self.source.stack, "promoted": promoted, **approval, **self.rollout.document()}

    @property
    def seconds(self) -> float:
        """The time that the promotion may take, and some to spare."""
        rollout = self.rollout
        return rollout.timeout_seconds + rollout.settling_seconds + _TO_SPARE_SECONDS

    def began(self, aws: RolloutAws) -> bool:
        """Tell whether the target's service was given anything since the plan was made."""
        name = self.rollout.deployable.name
        if self.rollout.strategy.shifts_traffic:
            # A deployment that was rolled back leaves the earlier one as it was, and stays in the list.
            newest = aws.service_deployments.newest(name)
            return newest is not None and newest.arn != self.rollout.service_deployment_arn
        service = aws.ecs.services([name]).get(name)
        primary = None if service is None else service.primary
        return primary is None or primary.id != self.rollout.running_deployment_id


def plan_promote(
    source: Deployable,
    target: Deployable,
    containers: Sequence[str],
    *,
    source_aws: RolloutAws,
    source_balancers: ElasticLoadBalancing,
    target_aws: RolloutAws,
    options: RolloutOptions,
    approvals: Approvals | None = None,
    commit: str | None = None,
) -> PromotePlan:
    """Plan to deploy images of ``source`` in ``target``, by default the application's.

    Containers that never had an image in the target also get theirs from the source. With ``approvals``, what is
    promoted has to be approved; ``commit`` is what the operator takes it for.

    Raises:
        OperatorError: when the source is not healthy, nothing like it is approved, or with every reason why the target
            cannot take it.
    """
    chosen = known_containers(source, containers)
    situation = _healthy(source, source_aws, source_balancers)
    images = Images(source, source_aws.ecr)
    chosen = [*chosen, *_first_images(target, target_aws, without=chosen)]
    promoted = tuple(
        _promoted(
            source, target, images, source_aws.ecr, container=container, reference=situation.running.images[container]
        )
        for container in chosen
    )
    use = None if approvals is None else plan_use(approvals, _references(target, promoted), commit)
    rollout = plan_deploy(
        target, {one.container: Choice(digest=one.image.digest) for one in promoted}, target_aws, options
    )
    labels = {one.container: label(one.image.digest, one.tags, target.tag_prefix) for one in promoted}
    changes = tuple(replace(change, after=labels.get(change.container, change.after)) for change in rollout.changes)
    return PromotePlan(source=source, images=promoted, rollout=replace(rollout, changes=changes), use=use)


def healthy_images(source: Deployable, aws: RolloutAws, balancers: ElasticLoadBalancing) -> Mapping[str, Image]:
    """Return the images that a service runs and is healthy on, by container.

    Raises:
        OperatorError: when it is not healthy, or runs what is not in the registry any more.
    """
    situation, images = _healthy(source, aws, balancers), Images(source, aws.ecr)
    return {
        container: _image(source, images, container, situation.running.images[container])
        for container in source.repositories
    }


def tags_of(source: Deployable, image: Image) -> tuple[str, ...]:
    """Return the tags of the source's own that an image has.

    Raises:
        OperatorError: when it has none.
    """
    found = tuple(tag for tag in image.tags if tag.startswith(f"{source.tag_prefix}-"))
    if not found:
        raise OperatorError(
            f"{source.name} runs {image.digest}, which has no tag {source.tag_prefix}-…: what it was built of is not "
            "known"
        )
    return found


def _healthy(source: Deployable, aws: RolloutAws, balancers: ElasticLoadBalancing) -> Situation:
    situation = read_situation(source, aws)
    problems = unhealthy(situation, balancers)
    if problems:
        raise OperatorError(f"{source.name} is not healthy, nothing is promoted:", *(f"  {line}" for line in problems))
    return situation


def _references(target: Deployable, promoted: Sequence[PromotedImage]) -> Mapping[str, str]:
    return {one.container: target.reference(one.container, digest=one.image.digest) for one in promoted}


def _image(source: Deployable, images: Images, container: str, reference: str) -> Image:
    image = images.find_reference(container, reference)
    if image is None:
        raise OperatorError(
            f"{source.name} runs {reference}, which is not in {source.repositories[container]} any more"
        )
    return image


def add_tags(plan: PromotePlan, ecr: Ecr) -> None:
    """Tag the images for the target. Tags that exist stay, so that the promotion can be repeated."""
    for promoted in plan.images:
        for tag in promoted.new_tags:
            ecr.add_tag(promoted.image, promoted.manifest, tag)


def unhealthy_targets(situation: Situation, balancers: ElasticLoadBalancing) -> list[str]:
    """Return a line for each target group without a healthy target, and for each unhealthy target."""
    lines: list[str] = []
    for group, found in serving_targets(situation.service, balancers).items():
        # A target that is drained belongs to a task that is leaving.
        targets = [target for target in found if target.state != "draining"]
        if not targets:
            lines.append(f"target group {group}: no targets")
        lines += [
            f"target {target.address}:{target.port} is {target.state}{f' ({target.reason})' if target.reason else ''}"
            for target in targets
            if target.state != "healthy"
        ]
    return lines


def _first_images(target: Deployable, aws: RolloutAws, *, without: Sequence[str]) -> Sequence[str]:
    """Return the other containers that never had an image in the target, and have none in the registry."""
    situation, images = read_situation(target, aws), Images(target, aws.ecr)
    known = {**situation.template.images, **situation.healthy_images}
    return [
        container
        for container in target.repositories
        if container not in without
        and situation.never_had_an_image(container)
        and images.find_reference(container, known[container]) is None
    ]


def unhealthy(situation: Situation, balancers: ElasticLoadBalancing) -> list[str]:
    """Return the reasons why a service is not healthy, or not yet; nothing of it is promoted then."""
    service, primary = situation.service, situation.primary
    lines: list[str] = []
    others = [short(known.task_definition_arn) for known in service.deployments if known is not primary]
    if primary.rollout_state != "COMPLETED" or others:
        beside = f", beside another one ({', '.join(others)})" if primary.rollout_state == "COMPLETED" else ""
        lines.append(f"the rollout of {short(primary.task_definition_arn)} is {primary.rollout_state}{beside}")
    if service.desired_count == 0 or service.running_count != service.desired_count:
        lines.append(f"{service.running_count} of {service.desired_count} tasks run")
    return [*lines, *unhealthy_targets(situation, balancers)]


def _promoted(
    source: Deployable, target: Deployable, images: Images, ecr: Ecr, *, container: str, reference: str
) -> PromotedImage:
    image = _image(source, images, container, reference)
    return PromotedImage(
        container=container,
        image=image,
        manifest=ecr.manifest(image),
        tags=_tags(source, target, images, container, image),
    )


def _tags(source: Deployable, target: Deployable, images: Images, container: str, image: Image) -> tuple[str, ...]:
    """Return the tags of an image in the target: those of the source, with the target's prefix."""
    prefix = f"{source.tag_prefix}-"
    wanted = [f"{target.tag_prefix}-{tag.removeprefix(prefix)}" for tag in image.tags if tag.startswith(prefix)]
    if not wanted:
        raise OperatorError(
            f"{source.name} runs {image.digest}, which has no tag {prefix}…: what it is called in {target.stack} is "
            "not known"
        )
    for tag in wanted:
        other = images.find(container, tag=tag)
        if other is not None and other.digest != image.digest:
            raise OperatorError(
                f"{image.repository}: the tag {tag} is another image's ({other.digest}); tags are immutable, "
                f"`{target.command('deploy', '--digest', image.digest)}` deploys this one without"
            )
    return tuple(wanted)
