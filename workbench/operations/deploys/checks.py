"""Checks before a rollout. All problems are reported together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.aws.ecr.repositories import DOCKER_ARCHITECTURES, Ecr, Image
from workbench.aws.ecs.service_deployments import ServiceDeployment
from workbench.aws.ecs.task_definitions import TaskDefinition
from workbench.aws.secrets_manager.secrets import SecretsManager
from workbench.aws.shared.errors import AwsError, Reason
from workbench.errors import OperatorError
from workbench.operations.deploys.rollout_plan import RolloutPlan, make_plan, short
from workbench.operations.deploys.service import Deployable, Images, RolloutAws, Situation
from workbench.operations.deploys.shifting.stages import has_healthy_tasks, pause_line, where
from workbench.operations.readings import Unread
from workbench.operations.secrets.references import missing_values, secret_references
from workbench.operations.times import utc
from workbench.words import command


@dataclass(frozen=True, kw_only=True)
class RolloutOptions:
    """The operator's options for a rollout."""

    supersede: bool = False
    """Go on although another deployment is under way, and do not wait for one that goes back to what was healthy."""
    skip_secret_check: bool = False
    timeout_seconds: float | None = None
    until: str | None = None
    """The lifecycle stage up to which a deployment that shifts traffic is watched."""


@dataclass(frozen=True, kw_only=True)
class Findings:
    """The problems and notes of the checks."""

    problems: list[str] = field(default_factory=list[str])
    """What would make the rollout fail."""
    notes: list[str] = field(default_factory=list[str])
    """What was not checked."""

    def raise_problems(self, deployable: Deployable) -> None:
        """Raise an error if there are problems.

        Raises:
            OperatorError: with all of them.
        """
        if self.problems:
            raise OperatorError(f"{deployable.name} is left as it is:", *(f"  {problem}" for problem in self.problems))


def checked_plan(
    deployable: Deployable,
    situation: Situation,
    images: Images,
    aws: RolloutAws,
    options: RolloutOptions,
    *,
    wanted: Mapping[str, str],
    source: TaskDefinition,
    is_reused: bool,
    notes: Sequence[str] = (),
) -> RolloutPlan:
    """Plan to run ``wanted``, the images of all deployed containers, in a copy of ``source`` or in ``source`` itself.

    Raises:
        OperatorError: with every reason why it cannot be done.
    """
    registered = source.document if is_reused else source.with_images(wanted)
    findings = Findings(notes=[*notes])
    findings.problems.extend(_service_problems(deployable, situation, options))
    check_images(findings, deployable, images, aws.ecr, wanted=wanted, registered=registered)
    if options.skip_secret_check:
        findings.notes.append(
            "SECRETS NOT CHECKED (--skip-secret-check): a task whose secret lacks a key does not start."
        )
    else:
        findings.problems.extend(_secret_problems(registered["containerDefinitions"], aws.secrets))
    findings.raise_problems(deployable)
    return make_plan(
        deployable,
        situation,
        images,
        wanted=wanted,
        source=source,
        registered=registered,
        is_reused=is_reused,
        notes=findings.notes,
        timeout_seconds=options.timeout_seconds,
        supersede=options.supersede,
        until=options.until,
    )


def check_images(
    findings: Findings,
    deployable: Deployable,
    images: Images,
    ecr: Ecr,
    *,
    wanted: Mapping[str, str],
    registered: Mapping[str, Any],
) -> None:
    """Add the problems of some containers' images: absent, or built for another architecture."""
    for container, reference in wanted.items():
        image = images.find_reference(container, reference)
        if image is None:
            findings.problems.append(_missing_image(deployable, images, container, reference))
        else:
            _check_architecture(findings, ecr, container, image, _architecture(registered))
            _check_expiry(findings, images, container, image)


def _service_problems(deployable: Deployable, situation: Situation, options: RolloutOptions) -> list[str]:
    service, primary = situation.service, situation.primary
    problems: list[str] = []
    if service.desired_count == 0:
        problems.append(
            "0 tasks are wanted: nothing would start, and nothing would show whether the image works; "
            f"first `{deployable.command('scale', '--tasks', '1')}`"
        )
    if options.until is not None and not service.strategy.shifts_traffic:
        problems.append(f"--until: came {options.until}; a rolling deployment has no stages, it is watched to its end")
    if situation.shift_unread:
        problems.append(f"a deployment of it could not be followed: {situation.shift_unread}")
    if situation.shift is not None:
        return [*problems, *_shift_problems(deployable, situation, situation.shift, options)]
    # A service that nothing was ever deployed to tries the program's first image for ever.
    is_anybodys = bool(situation.deploys)
    # One that only goes back to what was healthy is waited for.
    if primary.rollout_state == "IN_PROGRESS" and is_anybodys and not (options.supersede or situation.is_returning):
        problems.append(
            f"another deployment is under way ({primary.id}, {short(primary.task_definition_arn)}, since "
            f"{utc(primary.created_at)}); wait for it, or supersede it with --force"
        )
    return problems


def _shift_problems(
    deployable: Deployable, situation: Situation, shift: ServiceDeployment, options: RolloutOptions
) -> list[str]:
    # A service that nothing was ever deployed to tries the program's first image, and never has healthy tasks.
    is_anybodys = bool(situation.deploys) or has_healthy_tasks(shift)
    if not shift.is_under_way or not is_anybodys or options.supersede or situation.is_returning:
        return []
    return [
        f"another deployment is under way ({shift.id}, {short(situation.primary.task_definition_arn)}, since "
        f"{utc(shift.created_at)}, {where(shift)}); wait for it, take it back with "
        f"`{deployable.command('rollback')}`, or supersede it with --force",
        *(pause_line(deployable, shift, pause) for pause in shift.pauses),
    ]


def _missing_image(deployable: Deployable, images: Images, container: str, reference: str) -> str:
    newest = ", ".join(images.newest_tags(container))
    if not newest:
        options = ("--container", container, "--context DIR --stack", deployable.stack)
        push = command("image push", deployable.service, *options)
        return (
            f"{container}: {deployable.repositories[container]} has no image of {deployable.stack} yet, and a task "
            f"starts with all of its containers or not at all; first `{push}`"
        )
    return (
        f"{container}: no image {images.label(container, reference)} in {deployable.repositories[container]}; "
        f"the newest tags of {deployable.stack} there: {newest}"
    )


def _check_architecture(findings: Findings, ecr: Ecr, container: str, image: Image, wanted: str) -> None:
    built_for = ecr.architectures(image, ecr.manifest(image))
    if built_for is None:
        findings.notes.append(f"{container}: the image does not tell its architecture; {wanted} is needed.")
    elif DOCKER_ARCHITECTURES[wanted] not in built_for:
        findings.problems.append(
            f"{container}: the image is built for {', '.join(sorted(built_for)) or 'no Linux'}; "
            f"allowed: {DOCKER_ARCHITECTURES[wanted]}, as the task definition says {wanted}"
        )


def _check_expiry(findings: Findings, images: Images, container: str, image: Image) -> None:
    found = images.expiry(container, image, is_tagged=True)
    if isinstance(found, Unread):
        findings.notes.append(f"{container}: when the registry lets the image go is not known: {found.why}.")
    elif found is not None and found.is_soon:
        findings.notes.append(f"{container}: the image {found}.")


def _architecture(registered: Mapping[str, Any]) -> str:
    # What Fargate takes for granted (ECS API reference, "RuntimePlatform").
    return registered.get("runtimePlatform", {}).get("cpuArchitecture", "X86_64")


def _secret_problems(containers: Sequence[Mapping[str, Any]], secrets: SecretsManager) -> list[str]:
    try:
        return missing_values(secret_references(containers), secrets.values_of)
    except AwsError as error:
        if error.reason is not Reason.DENIED:
            raise
        raise OperatorError(
            f"{error.operation}, {error.target}: these credentials may not read it, so that no secret can be checked; "
            "--skip-secret-check goes on without"
        ) from None
