"""An image for a command before its deploy, e.g. for a migration that has to come first."""

from workbench.operations.deploys.checks import Findings, check_images
from workbench.operations.deploys.deploy import choices, chosen_reference, wanted_images
from workbench.operations.deploys.service import Deployable, Images, RolloutAws, read_situation
from workbench.operations.tasks.run_command import Registration


def plan_registration(
    deployable: Deployable, container: str, aws: RolloutAws, *, tag: str | None, digest: str | None
) -> Registration:
    """Plan a revision with another image for one container, and everything else as a deploy would take it.

    Raises:
        OperatorError: when there is no such image, or it is built for another architecture.
    """
    (choice,) = choices(deployable, containers=[container], tag=tag, digest=digest).values()
    situation, images = read_situation(deployable, aws), Images(deployable, aws.ecr)
    named = {container: chosen_reference(deployable, images, container, choice)}
    # The task's other containers start beside it.
    wanted, notes = wanted_images(deployable, situation, images, named)
    document = situation.template.with_images(wanted)
    findings = Findings(notes=[*notes])
    check_images(findings, deployable, images, aws.ecr, wanted=wanted, registered=document)
    findings.raise_problems(deployable)
    return Registration(
        source=situation.template,
        document=document,
        image=images.label(container, wanted[container]),
        notes=tuple(findings.notes),
    )
