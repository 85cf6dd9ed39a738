"""Promoting: what runs in one stack, by digest, is tagged and deployed in another."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from zelly_infra.aws.ecr import Ecr, Image, Manifest
from zelly_infra.aws.elastic_load_balancing import ElasticLoadBalancing
from zelly_infra.errors import OperatorError
from zelly_infra.operations.deploy import plan_deploy
from zelly_infra.operations.deployable import Deployable, Images, RolloutAws, Situation, read_situation
from zelly_infra.operations.rollout_checks import RolloutOptions
from zelly_infra.operations.rollout_plan import RolloutPlan, short


@dataclass(frozen=True, kw_only=True)
class PromotePlan:
    """One image on its way from a stack to another."""

    source: Deployable
    image: Image
    manifest: Manifest
    tags: tuple[str, ...]
    """What it is tagged with first; none when it has its tags already."""
    rollout: RolloutPlan

    def lines(self) -> list[str]:
        """Return what is going to happen, for the operator to read."""
        return [
            f"{self.source.name} runs {', '.join(self.image.tags)}, {self.image.digest}, and is healthy.",
            *(f"{self.image.repository}: the same image is tagged {tag}, nothing is built." for tag in self.tags),
            *self.rollout.lines(),
        ]

    def document(self) -> Mapping[str, Any]:
        """Return the same for ``--json``."""
        return {
            "from": self.source.stack,
            "digest": self.image.digest,
            "adds_tags": list(self.tags),
            **self.rollout.document(),
        }


def plan_promote(
    source: Deployable,
    target: Deployable,
    *,
    container: str | None,
    source_aws: RolloutAws,
    source_balancers: ElasticLoadBalancing,
    target_aws: RolloutAws,
    options: RolloutOptions,
) -> PromotePlan:
    """Plan to deploy in ``target`` what runs in ``source``: in its application's container when none is named.

    Raises:
        OperatorError: when the source is not healthy, or with every reason why the target cannot take it.
    """
    chosen = container or next(iter(source.repositories))
    if chosen not in source.repositories:
        allowed = ", ".join(source.repositories)
        raise OperatorError(f"--container: came {chosen}; allowed for {source.service}: {allowed}")
    situation = read_situation(source, source_aws)
    problems = _unhealthy(situation, source_balancers)
    if problems:
        raise OperatorError(f"{source.name} is not healthy, nothing is promoted:", *(f"  {line}" for line in problems))
    images = Images(source, source_aws.ecr)
    reference = situation.running.images[chosen]
    image = images.find_reference(chosen, reference)
    if image is None:
        raise OperatorError(f"{source.name} runs {reference}, which is not in {source.repositories[chosen]} any more")
    tags = _tags_to_add(source, target, images, chosen, image)
    rollout = plan_deploy(target, containers=[chosen], tag=None, digest=image.digest, aws=target_aws, options=options)
    return PromotePlan(source=source, image=image, manifest=source_aws.ecr.manifest(image), tags=tags, rollout=rollout)


def add_tags(plan: PromotePlan, ecr: Ecr) -> None:
    """Tag the image for the target. What is tagged already stays so, and a repeated promote goes on from there."""
    for tag in plan.tags:
        ecr.add_tag(plan.image, plan.manifest, tag)


def unhealthy_targets(situation: Situation, balancers: ElasticLoadBalancing) -> list[str]:
    """Return a line per target group with none that is healthy, and per target that is not."""
    lines: list[str] = []
    for arn in situation.service.target_group_arns:
        # A target that is drained belongs to a task that is leaving.
        targets = [target for target in balancers.targets(arn) if target.state != "draining"]
        if not targets:
            lines.append(f"target group {arn.split('/')[1]}: no targets")
        lines += [
            f"target {target.address}:{target.port} is {target.state}{f' ({target.reason})' if target.reason else ''}"
            for target in targets
            if target.state != "healthy"
        ]
    return lines


def _unhealthy(situation: Situation, balancers: ElasticLoadBalancing) -> list[str]:
    service, primary = situation.service, situation.primary
    lines: list[str] = []
    if primary.rollout_state != "COMPLETED" or len(service.deployments) > 1:
        lines.append(f"the rollout of {short(primary.task_definition_arn)} is {primary.rollout_state}")
    if service.desired_count == 0 or service.running_count != service.desired_count:
        lines.append(f"{service.running_count} of {service.desired_count} tasks run")
    return [*lines, *unhealthy_targets(situation, balancers)]


def _tags_to_add(
    source: Deployable, target: Deployable, images: Images, container: str, image: Image
) -> tuple[str, ...]:
    prefix = f"{source.tag_prefix}-"
    wanted = [f"{target.tag_prefix}-{tag.removeprefix(prefix)}" for tag in image.tags if tag.startswith(prefix)]
    if not wanted:
        raise OperatorError(
            f"{source.name} runs {image.digest}, which has no tag {prefix}…: what it would be called in "
            f"{target.stack} is not known"
        )
    for tag in wanted:
        other = images.find(container, tag=tag)
        if other is not None and other.digest != image.digest:
            raise OperatorError(
                f"{image.repository}: the tag {tag} is another image's ({other.digest}); tags are immutable, "
                f"`{target.command('deploy', '--digest', image.digest)}` deploys this one without"
            )
    return tuple(tag for tag in wanted if tag not in image.tags)
