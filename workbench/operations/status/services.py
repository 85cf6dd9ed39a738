"""The row of a service on the status screen. Every function here is pure."""

from collections.abc import Mapping

from workbench.operations.deploys.service import Deployable
from workbench.operations.deploys.shifting.stages import how, where
from workbench.operations.images.references import parsed
from workbench.operations.status.screen import Row, State
from workbench.operations.status.service import RunningImage, ServiceStatus

_IN_PROGRESS = "IN_PROGRESS"
_FAILED = "FAILED"


def service_row(status: ServiceStatus, deployable: Deployable) -> Row:
    """Return the row of a service: its tasks, problems, images and revision."""
    primary = next(deployment for deployment in status.deployments if deployment.status == "PRIMARY")
    images = {image.container: _tag(image, deployable) for image in status.images}
    revision = status.task_definition.rpartition(":")[2]
    behind = ", behind its template" if status.behind_template else ""
    said = [
        f"{status.running} of {status.desired} tasks run",
        *_rollout(status),
        f"revision {revision}{behind}",
        _images(images, deployable),
    ]
    return Row(
        section="Services",
        name=status.service,
        state=_state(status),
        what="; ".join(said),
        details={
            "running": status.running,
            "desired": status.desired,
            "pending": status.pending,
            "task_definition": status.task_definition,
            "template": status.template,
            "behind_template": list(status.behind_template),
            "is_recorded": status.is_recorded,
            "rollout_state": primary.rollout_state,
            "images": images,
            "missing_images": _missing(status),
        },
    )


def _state(status: ServiceStatus) -> State:
    primary = next(deployment for deployment in status.deployments if deployment.status == "PRIMARY")
    runs = status.running >= status.desired > 0
    if primary.rollout_state == _FAILED or not status.is_recorded or _missing(status):
        return State.BROKEN
    if status.shift is not None and status.shift.is_under_way:
        return State.BROKEN if primary.failed_tasks else State.CHANGING
    if primary.rollout_state == _IN_PROGRESS:
        # Tasks that fail one after the other are a crash loop: ECS gives up only after several.
        return State.BROKEN if primary.failed_tasks else State.CHANGING
    if runs:
        return State.WELL
    return State.CHANGING if status.pending else State.BROKEN


def _rollout(status: ServiceStatus) -> list[str]:
    primary = next(deployment for deployment in status.deployments if deployment.status == "PRIMARY")
    said: list[str] = []
    if primary.rollout_state == _FAILED:
        said.append("rollout failed")
    elif status.shift is not None and status.shift.is_under_way:
        waits = ", waits to be continued" if status.shift.pauses else ""
        said.append(f"{how(status.shift.strategy)}: {where(status.shift)}{waits}")
    elif primary.rollout_state == _IN_PROGRESS:
        said.append(f"rolling out{f', {primary.failed_tasks} failed' if primary.failed_tasks else ''}")
    elif status.pending:
        said.append(f"{status.pending} start")
    if not status.is_recorded:
        said.append("not recorded as deployed")
    if missing := _missing(status):
        said.append(f"image of {', '.join(missing)} not in ECR: no task could start")
    return said


def _missing(status: ServiceStatus) -> list[str]:
    return [image.container for image in status.images if image.is_missing]


def _images(images: Mapping[str, str], deployable: Deployable) -> str:
    if len(tags := set(images.values())) == 1:
        return tags.pop()
    # A third party's image says by its own name what it is.
    return ", ".join(
        f"{container} {tag}" if container in deployable.repositories else tag for container, tag in images.items()
    )


def _tag(image: RunningImage, deployable: Deployable) -> str:
    """Return the most telling tag: one of this stack, else any, else a part of the digest."""
    name = parsed(image.image)
    if image.container not in deployable.repositories:
        # Somebody else's: the repository's name tells what it is.
        return image.image.rpartition("/")[2]
    own = [tag for tag in image.tags if tag.startswith(f"{deployable.tag_prefix}-")]
    known = [*own, *image.tags, *([name.tag] if name.tag else [])]
    return known[0] if known else (image.digest or "no image")[: len("sha256:") + 12]
